/* interval.c — the same again every so often. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "interval.h"
#include "port.h"

void mn_interval_start(struct mn_interval *interval, uint64_t first_us, uint32_t period_us)
{
    MN_ASSERT(period_us > 0);
    mn_timer_cancel(&interval->timer);
    interval->next_us = first_us;
    interval->period_us = period_us;
}

mn_err mn_interval_poll(struct mn_interval *interval, struct mn_cx *cx, uint32_t *missed)
{
    mn_err err = mn_timer_sleep_poll(&interval->timer, cx, interval->next_us);
    if (err)
        return err;
    uint64_t late_us = mn_port_now_us() - interval->next_us;
    uint64_t skipped = late_us < interval->period_us ? 0 : late_us / interval->period_us;
    uint64_t latest_us = interval->next_us + skipped * interval->period_us;
    interval->next_us = mn_time_add(latest_us, interval->period_us);
    if (missed)
        *missed = skipped < UINT32_MAX ? (uint32_t)skipped : UINT32_MAX;
    return MN_OK;
}

void mn_interval_cancel(struct mn_interval *interval)
{
    mn_timer_cancel(&interval->timer);
}
