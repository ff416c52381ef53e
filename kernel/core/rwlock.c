/* rwlock.c — many readers or one writer. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "rwlock.h"
#include "port.h"
#include "task.h"
#include <mnemos/abi/error.h>
#include <stddef.h>

static bool is_free_for(const struct mn_rwlock *lock, bool writes)
{
    return !lock->written && !(writes && lock->readers);
}

static void give(struct mn_rwlock *lock, struct mn_share *share, enum mn_share_state state)
{
    share->state = (uint8_t)state;
    if (share->writes)
        lock->written = true;
    else
        lock->readers++;
}

/* Let in whoever can be, from the oldest on. */
static void let_in(struct mn_rwlock *lock)
{
    while (lock->head && is_free_for(lock, lock->head->writes)) {
        struct mn_share *share = lock->head;
        lock->head = share->next;
        give(lock, share, MN_SHARE_GIVEN);
        mn_task_wake(share->task);
    }
}

static void take_back(struct mn_rwlock *lock, struct mn_share *share)
{
    share->state = MN_SHARE_IDLE;
    if (share->writes)
        lock->written = false;
    else
        lock->readers--;
    let_in(lock);
}

static mn_err try_share(struct mn_rwlock *lock, struct mn_share *share, bool writes)
{
    MN_ASSERT(share->state == MN_SHARE_IDLE);
    if (lock->closed)
        return MNEMOS_ERR_GONE;
    if (lock->head || !is_free_for(lock, writes))
        return MNEMOS_ERR_WOULD_WAIT;
    share->writes = writes;
    give(lock, share, MN_SHARE_HELD);
    return MN_OK;
}

static mn_err begin(struct mn_rwlock *lock, struct mn_share *share, bool writes)
{
    mn_err err = try_share(lock, share, writes);
    if (err != MNEMOS_ERR_WOULD_WAIT)
        return err;
    struct mn_share **end = &lock->head;
    while (*end)
        end = &(*end)->next;
    *end = share;
    share->next = NULL;
    share->writes = writes;
    share->state = MN_SHARE_QUEUED;
    return MN_PENDING;
}

static mn_err share_poll(struct mn_rwlock *lock, struct mn_share *share, struct mn_cx *cx, bool writes)
{
    share->task = cx->task;
    switch ((enum mn_share_state)share->state) {
    case MN_SHARE_QUEUED:
        return MN_PENDING;
    case MN_SHARE_GIVEN:
        share->state = MN_SHARE_HELD;
        return MN_OK;
    case MN_SHARE_CLOSED:
        share->state = MN_SHARE_IDLE;
        return MNEMOS_ERR_GONE;
    case MN_SHARE_IDLE:
    case MN_SHARE_HELD:
    default:
        return begin(lock, share, writes);
    }
}

mn_err mn_rwlock_read_poll(struct mn_rwlock *lock, struct mn_share *share, struct mn_cx *cx)
{
    return share_poll(lock, share, cx, false);
}

mn_err mn_rwlock_write_poll(struct mn_rwlock *lock, struct mn_share *share, struct mn_cx *cx)
{
    return share_poll(lock, share, cx, true);
}

mn_err mn_rwlock_try_read(struct mn_rwlock *lock, struct mn_share *share)
{
    return try_share(lock, share, false);
}

mn_err mn_rwlock_try_write(struct mn_rwlock *lock, struct mn_share *share)
{
    return try_share(lock, share, true);
}

void mn_rwlock_unlock(struct mn_rwlock *lock, struct mn_share *share)
{
    MN_ASSERT(share->state == MN_SHARE_HELD);
    take_back(lock, share);
}

void mn_rwlock_cancel(struct mn_rwlock *lock, struct mn_share *share)
{
    if (share->state == MN_SHARE_GIVEN || share->state == MN_SHARE_HELD) {
        take_back(lock, share);
        return;
    }
    if (share->state == MN_SHARE_QUEUED) {
        struct mn_share **link = &lock->head;
        while (*link != share)
            link = &(*link)->next;
        *link = share->next;
        let_in(lock); /* a writer that gave up may have kept readers out */
    }
    share->state = MN_SHARE_IDLE;
}

void mn_rwlock_close(struct mn_rwlock *lock)
{
    lock->closed = true;
    while (lock->head) {
        struct mn_share *share = lock->head;
        lock->head = share->next;
        share->state = MN_SHARE_CLOSED;
        mn_task_wake(share->task);
    }
}
