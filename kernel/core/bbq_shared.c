/* bbq_shared.c — writers of a byte ring take turns. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "bbq_shared.h"
#include <mnemos/abi/error.h>

void mn_bbq_shared_init(struct mn_bbq_shared *shared, struct mn_bbq *ring)
{
    shared->ring = ring;
    mn_mutex_init(&shared->turn);
}

static void end_turn(struct mn_bbq_shared *shared, const struct mn_task *task)
{
    mn_bbq_writable_cancel(shared->ring);
    mn_mutex_unlock(&shared->turn, task);
}

mn_err mn_bbq_shared_grant_poll(struct mn_bbq_shared *shared, struct mn_wait *wait, struct mn_cx *cx, uint32_t want,
                                struct mn_grant *out)
{
    if (want > (shared->ring->len + 1) / 2)
        return MNEMOS_ERR_TOO_BIG;
    if (shared->turn.holder != cx->task) {
        mn_err err = mn_mutex_lock_poll(&shared->turn, wait, cx);
        if (err)
            return err;
    }
    mn_err err = mn_bbq_writable_poll(shared->ring, cx, want);
    if (err < 0) {
        end_turn(shared, cx->task);
        return err;
    }
    *out = mn_bbq_write_grant(shared->ring, want);
    return out->len == want ? MN_OK : MN_PENDING;
}

void mn_bbq_shared_commit(struct mn_bbq_shared *shared, struct mn_cx *cx, struct mn_grant *grant, uint32_t used)
{
    mn_bbq_commit(grant, used);
    end_turn(shared, cx->task);
}

void mn_bbq_shared_cancel(struct mn_bbq_shared *shared, struct mn_wait *wait, const struct mn_task *task)
{
    if (shared->turn.holder == task)
        end_turn(shared, task);
    else
        mn_wait_cancel(&shared->turn.queue, wait);
}
