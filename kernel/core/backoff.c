/* backoff.c — ever longer pauses between attempts. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "backoff.h"
#include "port.h"

static uint32_t longer(uint32_t pause_us)
{
    if (!pause_us)
        return MN_BACKOFF_FIRST_US;
    return pause_us < MN_BACKOFF_MOST_US / 2 ? 2 * pause_us : MN_BACKOFF_MOST_US;
}

/* At least half of it. */
static uint32_t shortened(uint32_t pause_us)
{
    uint32_t random;
    mn_port_random((uint8_t *)&random, sizeof random);
    return pause_us - random % (pause_us / 2 + 1);
}

bool mn_backoff_pauses(struct mn_backoff *backoff, struct mn_cx *cx)
{
    if (backoff->pausing && mn_timer_sleep_poll(&backoff->timer, cx, backoff->until_us) == MN_OK)
        backoff->pausing = false;
    return backoff->pausing;
}

mn_err mn_backoff_look(struct mn_backoff *backoff, struct mn_cx *cx, mn_err err)
{
    if (err == MN_OK)
        mn_backoff_cancel(backoff);
    if (err >= 0)
        return err;
    backoff->err = err;
    backoff->pause_us = longer(backoff->pause_us);
    backoff->until_us = mn_time_add(mn_port_now_us(), shortened(backoff->pause_us));
    backoff->pausing = true;
    backoff->timer.fire = NULL;
    mn_timer_arm(&backoff->timer, cx->task, backoff->until_us);
    return MN_PENDING;
}

void mn_backoff_cancel(struct mn_backoff *backoff)
{
    mn_timer_cancel(&backoff->timer);
    backoff->pausing = false;
    backoff->pause_us = 0;
}
