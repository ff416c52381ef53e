/* timeout.h — a time limit around any wait.
 *
 *     err = mn_timeout_poll(&self->timeout, cx, deadline_us, letters_receive_poll(&mail, cx, &self->letter));
 *     if (err == MNEMOS_ERR_TIMED_OUT) letters_receive_cancel(...)
 *
 * The inner wait is polled first, so what came in time is never lost to the
 * clock. A zeroed struct is idle. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MN_CORE_TIMEOUT_H
#define MN_CORE_TIMEOUT_H
#include "timer.h"

struct mn_timeout { struct mn_timer timer; bool begun; };

/* Answer what the inner poll answered, or `timed_out` when it answered MN_PENDING and the deadline, as it was at the first
 * poll, has come: then the caller cancels the inner wait.
 * Owner    the executor keeps `timeout` until this answers something else than MN_PENDING, or mn_timeout_cancel(). */
MN_MUST_USE mn_err mn_timeout_poll(struct mn_timeout *timeout, struct mn_cx *cx, uint64_t deadline_us, mn_err inner);

/* Abandon both. The inner wait has a cancel of its own. */
void mn_timeout_cancel(struct mn_timeout *timeout);
#endif
