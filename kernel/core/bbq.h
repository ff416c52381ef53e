/* bbq.h — a byte ring that lends contiguous memory instead of copying.
 *
 * One writer and one reader, who may be a task, an interrupt or a system call.
 * Each side borrows a run of bytes (a grant), fills or reads it in place, and
 * gives it back. An empty ring has room for all its `len` bytes. Indices are
 * _Atomic and each has one writer, so neither side ever locks the other out. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MN_CORE_BBQ_H
#define MN_CORE_BBQ_H
#include "await.h"
#include "task.h"
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mn_bbq {
    uint8_t         *buf;
    uint32_t         len;
    _Atomic uint32_t head, tail, wrap; /* private to bbq.c */
    struct mn_task *_Atomic reader, *_Atomic writer; /* woken when bytes / room appear; may be NULL */
    _Atomic bool     reader_gone, writer_gone;
};

/* Bytes on loan from a ring: room to fill, or data to look at. */
struct mn_grant { struct mn_bbq *ring; uint8_t *buf; uint32_t len; };

/* Make `buf` an empty ring that nobody waits for. `len` is 1 to 2^30. */
void mn_bbq_init(struct mn_bbq *ring, uint8_t *buf, uint32_t len);

/* Borrow up to `want` contiguous bytes of room: exactly `want` if they exist anywhere, else what is next; len 0 when
 * the ring is full. Getting `want` in one piece may leave the ring's last bytes unused for one turn.
 * Owner    the writer has the bytes until mn_bbq_commit(). Asking again before that lends the same bytes. */
MN_ISR_OK struct mn_grant mn_bbq_write_grant(struct mn_bbq *ring, uint32_t want);

/* Hand the first `used` bytes to the reader and wake it. 0 gives the grant back. More than was granted stops the kernel. */
MN_ISR_OK void mn_bbq_commit(struct mn_grant *grant, uint32_t used);

/* Borrow what is there, contiguous part only; len 0 when the ring is empty.
 * Owner    the reader has the bytes until mn_bbq_release(). */
MN_ISR_OK struct mn_grant mn_bbq_read_grant(struct mn_bbq *ring);

/* Give the first `used` bytes of a read grant back as room and wake the writer. More than was granted stops the kernel. */
MN_ISR_OK void mn_bbq_release(struct mn_grant *grant, uint32_t used);

/* Copying conveniences over the grants, wrapping as needed; answer how many bytes went. */
MN_ISR_OK uint32_t mn_bbq_put(struct mn_bbq *ring, const uint8_t *data, uint32_t len);
MN_ISR_OK uint32_t mn_bbq_get(struct mn_bbq *ring, uint8_t *out, uint32_t cap);

/* How much is there to read; how much mn_bbq_put() would take now. Exact for the side that asks about its own part (the
 * reader about used, the writer about room) until the other side adds to it; for nobody else. */
MN_ISR_OK uint32_t mn_bbq_used(const struct mn_bbq *ring);
MN_ISR_OK uint32_t mn_bbq_room(const struct mn_bbq *ring);

/* Wait until there is at least one byte to read / `room` bytes of room, not necessarily in one piece. The ring wakes
 * cx->task at each commit / release from then on, also when it no longer waits, until the cancel. `room` above the ring's
 * length stops the kernel.
 * Errors   gone  reading: everything was read and the writer is gone. Writing: the reader is gone */
MN_MUST_USE mn_err mn_bbq_readable_poll(struct mn_bbq *ring, struct mn_cx *cx);
MN_MUST_USE mn_err mn_bbq_writable_poll(struct mn_bbq *ring, struct mn_cx *cx, uint32_t room);
void mn_bbq_readable_cancel(struct mn_bbq *ring);
void mn_bbq_writable_cancel(struct mn_bbq *ring);

/* One side goes away for good, and the other is told. What was written can still be read; what is written now will not
 * be. Only mn_bbq_init() brings a side back. */
MN_ISR_OK void mn_bbq_reader_leaves(struct mn_bbq *ring);
MN_ISR_OK void mn_bbq_writer_leaves(struct mn_bbq *ring);
#endif
