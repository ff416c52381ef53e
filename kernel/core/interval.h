/* interval.h — the same again every so often, without drift.
 *
 * Each time is reckoned from the one before and not from when somebody looked.
 * Who comes too late by whole periods is told how many were missed, and goes on
 * in step. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MN_CORE_INTERVAL_H
#define MN_CORE_INTERVAL_H
#include "timer.h"

struct mn_interval {
    struct mn_timer timer; /* private to interval.c */
    uint64_t        next_us;
    uint32_t        period_us;
};

/* First at first_us, then every period_us, which is not 0. */
void mn_interval_start(struct mn_interval *interval, uint64_t first_us, uint32_t period_us);

/* Wait until the next time. `missed` gets the number of times that went by unseen before it; may be NULL.
 * Owner    the executor keeps `interval` until this answers MN_OK, or mn_interval_cancel(). */
MN_MUST_USE mn_err mn_interval_poll(struct mn_interval *interval, struct mn_cx *cx, uint32_t *missed);

void mn_interval_cancel(struct mn_interval *interval);
#endif
