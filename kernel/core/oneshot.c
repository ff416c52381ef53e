/* oneshot.c — the part of one-shot replies that is the same for all types. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "oneshot.h"
#include <mnemos/abi/error.h>

static void wake_waiter(struct mn_oneshot *oneshot)
{
    struct mn_task *waiter = oneshot->waiter;
    oneshot->waiter = NULL;
    if (waiter)
        mn_task_wake(waiter);
}

struct mn_reply mn_oneshot_open(struct mn_oneshot *oneshot)
{
    uint32_t before = mn_port_lock();
    MN_ASSERT(oneshot->state == MN_ONESHOT_IDLE);
    oneshot->state = MN_ONESHOT_ASKED;
    oneshot->round++;
    oneshot->handles++;
    MN_ASSERT(oneshot->handles != 0);
    mn_port_unlock(before);
    return (struct mn_reply){ oneshot, oneshot->round };
}

static bool is_current(const struct mn_reply *reply)
{
    return reply->to && reply->to->state != MN_ONESHOT_IDLE && reply->round == reply->to->round;
}

bool mn_reply_is_orphan(const struct mn_reply *reply)
{
    uint32_t before = mn_port_lock();
    bool     orphan = !is_current(reply);
    mn_port_unlock(before);
    return orphan;
}

mn_err mn_reply_use(struct mn_reply *reply, struct mn_oneshot **oneshot)
{
    struct mn_oneshot *to = reply->to;
    MN_ASSERT(to && to->handles); /* else: used before */
    bool current = is_current(reply);
    MN_ASSERT(!current || to->state == MN_ONESHOT_ASKED); /* else: used before, through a copy */
    reply->to = NULL;
    to->handles--;
    *oneshot = to;
    if (current)
        return MN_OK;
    if (to->state == MN_ONESHOT_IDLE && to->handles == 0)
        wake_waiter(to);
    return MNEMOS_ERR_GONE;
}

void mn_oneshot_wake(struct mn_oneshot *oneshot, enum mn_oneshot_state state)
{
    oneshot->state = (uint8_t)state;
    wake_waiter(oneshot);
}

void mn_reply_drop(struct mn_reply *reply)
{
    struct mn_oneshot *oneshot;
    uint32_t           before = mn_port_lock();
    if (reply->to && mn_reply_use(reply, &oneshot) == MN_OK)
        mn_oneshot_wake(oneshot, MN_ONESHOT_DROPPED);
    mn_port_unlock(before);
}

mn_err mn_oneshot_look(struct mn_oneshot *oneshot, struct mn_cx *cx)
{
    mn_err   err = MN_OK;
    uint32_t before = mn_port_lock();
    MN_ASSERT(oneshot->state != MN_ONESHOT_IDLE);
    if (oneshot->state == MN_ONESHOT_ASKED) {
        oneshot->waiter = cx->task;
        err = MN_PENDING;
    } else {
        err = oneshot->state == MN_ONESHOT_DROPPED ? MNEMOS_ERR_GONE : MN_OK;
        oneshot->state = MN_ONESHOT_IDLE;
    }
    mn_port_unlock(before);
    return err;
}

void mn_oneshot_cancel(struct mn_oneshot *oneshot)
{
    uint32_t before = mn_port_lock();
    oneshot->state = MN_ONESHOT_IDLE;
    oneshot->waiter = NULL;
    mn_port_unlock(before);
}

mn_err mn_oneshot_unused_poll(struct mn_oneshot *oneshot, struct mn_cx *cx)
{
    uint32_t before = mn_port_lock();
    MN_ASSERT(oneshot->state == MN_ONESHOT_IDLE);
    mn_err err = oneshot->handles ? MN_PENDING : MN_OK;
    oneshot->waiter = err ? cx->task : NULL;
    mn_port_unlock(before);
    return err;
}
