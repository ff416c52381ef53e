/* bbq_shared.h — several tasks write into one byte ring, each its grants whole.
 *
 * A writer has the ring to itself from the grant to the commit; the next in line
 * waits that long. Bytes of two grants never mix. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MN_CORE_BBQ_SHARED_H
#define MN_CORE_BBQ_SHARED_H
#include "bbq.h"
#include "mutex.h"

struct mn_bbq_shared { struct mn_bbq *ring; struct mn_mutex turn; };

/* Share a ring, whose writer is from now on the tasks below and nobody else. */
void mn_bbq_shared_init(struct mn_bbq_shared *shared, struct mn_bbq *ring);

/* Borrow exactly `want` contiguous bytes of room.
 * Owner    the task has the bytes, and its turn, until mn_bbq_shared_commit() or _cancel().
 * Waits    for its turn, then for room
 * Errors   too_big  more than half of the ring, which might never come free in one piece
 *          gone     the reader is gone */
MN_MUST_USE mn_err mn_bbq_shared_grant_poll(struct mn_bbq_shared *shared, struct mn_wait *wait, struct mn_cx *cx,
                                            uint32_t want, struct mn_grant *out);

/* Hand the first `used` bytes to the reader and let the next writer. By the task that has the grant. */
void mn_bbq_shared_commit(struct mn_bbq_shared *shared, struct mn_cx *cx, struct mn_grant *grant, uint32_t used);

/* `task` gives up: its wait, or its grant. */
void mn_bbq_shared_cancel(struct mn_bbq_shared *shared, struct mn_wait *wait, const struct mn_task *task);
#endif
