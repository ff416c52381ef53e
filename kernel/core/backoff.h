/* backoff.h — try again after a failure, ever less often.
 *
 *     MN_AWAIT(MN_RETRY(&self->backoff, cx, serial_mux_connect_poll(&self->mux, cx)));
 *
 * The pause before the second attempt is about 5 ms; each is twice as long as the
 * one before, up to 2 s. It is shortened by a random part of up to a half, so that
 * those who failed together do not come back together. How long at most: put a
 * timeout.h around it. A zeroed struct has not failed yet. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MN_CORE_BACKOFF_H
#define MN_CORE_BACKOFF_H
#include "timer.h"

#define MN_BACKOFF_FIRST_US 5000u
#define MN_BACKOFF_MOST_US  2000000u

struct mn_backoff {
    struct mn_timer timer; /* private to backoff.c */
    uint64_t        until_us;
    bool            pausing;
    uint32_t        pause_us; /* before it is shortened; 0: no failure yet */
    mn_err          err;      /* of the last failure; to look at */
};

/* Answer MN_OK once poll_ does. It is evaluated only when no pause is under way.
 * Owner    the executor keeps `backoff_` until this answers MN_OK, or mn_backoff_cancel(). */
#define MN_RETRY(backoff_, cx_, poll_) \
    (mn_backoff_pauses((backoff_), (cx_)) ? MN_PENDING : mn_backoff_look((backoff_), (cx_), (poll_)))

/* Abandon the pause and forget the failures. What was tried has a cancel of its own. */
void mn_backoff_cancel(struct mn_backoff *backoff);

/* What follows is for MN_RETRY. */

bool               mn_backoff_pauses(struct mn_backoff *backoff, struct mn_cx *cx);
MN_MUST_USE mn_err mn_backoff_look(struct mn_backoff *backoff, struct mn_cx *cx, mn_err err);
#endif
