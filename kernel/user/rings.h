/* rings.h — calls that a program makes without waiting for them; the queues are in mnemos/abi/ring.h.
 *
 * A ring is visited when its program says so, and by a task of the kernel when a
 * call that was under way has made room for a submission that found none. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MN_USER_RINGS_H
#define MN_USER_RINGS_H
#include "prog.h"

/* A call that was submitted through a ring has ended: complete it. One that is not pending is left alone. */
void mn_ring_complete(struct mn_call *call, mn_err err, uint32_t used);

/* Give a program's ring back, if it has one; whoever holds its calls forgets them. */
void mn_ring_end(struct mn_prog *prog);

/* Forget every ring: with mn_prog_reset(). */
void mn_rings_reset(void);
#endif
