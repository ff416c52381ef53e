/* frames.h — messages of any length through a byte ring, each whole and in one piece.
 *
 * Each lies in the ring behind its length, so both sides work in place: the
 * writer fills what it borrowed, the reader gets exactly that message. Over
 * bbq.h, whose rules hold: one writer, one reader, either may be an interrupt;
 * who goes away says so with mn_bbq_writer_leaves() or mn_bbq_reader_leaves().
 * A wait is abandoned with mn_bbq_readable_cancel() or mn_bbq_writable_cancel().
 * A ring that carries frames carries nothing else. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MN_CORE_FRAMES_H
#define MN_CORE_FRAMES_H
#include "bbq.h"

#define MN_FRAME_HEAD 2u

/* A message on loan from a ring: room for it, or one that came. */
struct mn_frame {
    struct mn_grant whole; /* private */
    uint8_t        *data;
    uint32_t        len;
};

/* The longest message that the ring is sure to take once it is empty: a little less than half of it. A ring of less than 3
 * bytes carries none: that stops the kernel. */
MN_ISR_OK uint32_t mn_frame_max(const struct mn_bbq *ring);

/* Borrow room for a message of up to `len` bytes; 0 is a length.
 * Owner    the writer has the bytes until mn_frame_commit(). Asking again before that lends the same bytes.
 * Errors   too_big     more than mn_frame_max()
 *          would_wait  (try) there is no room in one piece now
 *          gone        (poll) the reader is gone */
MN_ISR_OK MN_MUST_USE mn_err mn_frame_try_write(struct mn_bbq *ring, uint32_t len, struct mn_frame *frame);
MN_MUST_USE mn_err           mn_frame_write_poll(struct mn_bbq *ring, struct mn_cx *cx, uint32_t len, struct mn_frame *frame);

/* Hand the first `used` bytes to the reader as one message. More than was borrowed stops the kernel. Not calling this, or
 * borrowing again, gives the room back. */
MN_ISR_OK void mn_frame_commit(struct mn_frame *frame, uint32_t used);

/* Borrow the oldest message.
 * Owner    the reader has the bytes until mn_frame_release(). Asking again before that lends the same message.
 * Errors   would_wait  (try) there is none now
 *          gone        (poll) everything was read and the writer is gone */
MN_ISR_OK MN_MUST_USE mn_err mn_frame_try_read(struct mn_bbq *ring, struct mn_frame *frame);
MN_MUST_USE mn_err           mn_frame_read_poll(struct mn_bbq *ring, struct mn_cx *cx, struct mn_frame *frame);

/* Done with the message: its place is room again. */
MN_ISR_OK void mn_frame_release(struct mn_frame *frame);
#endif
