/* timeout.c — a time limit around any wait. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "timeout.h"
#include "port.h"
#include <mnemos/abi/error.h>

mn_err mn_timeout_poll(struct mn_timeout *timeout, struct mn_cx *cx, uint64_t deadline_us, mn_err inner)
{
    if (inner != MN_PENDING) {
        mn_timeout_cancel(timeout);
        return inner;
    }
    if (!timeout->begun || (timeout->timer.armed && timeout->timer.task != cx->task)) {
        uint64_t at_us = timeout->begun ? timeout->timer.at_us : deadline_us;
        timeout->begun = true;
        timeout->timer.fire = NULL;
        mn_timer_arm(&timeout->timer, cx->task, at_us);
    }
    if (mn_port_now_us() < timeout->timer.at_us)
        return MN_PENDING;
    mn_timeout_cancel(timeout);
    return MNEMOS_ERR_TIMED_OUT;
}

void mn_timeout_cancel(struct mn_timeout *timeout)
{
    mn_timer_cancel(&timeout->timer);
    timeout->begun = false;
}
