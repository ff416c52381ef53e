/* mutex.c — one task at a time. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "mutex.h"
#include "port.h"

void mn_mutex_init(struct mn_mutex *mutex)
{
    mn_wait_queue_init(&mutex->queue, 1, 1);
    mutex->holder = NULL;
}

mn_err mn_mutex_lock_poll(struct mn_mutex *mutex, struct mn_wait *wait, struct mn_cx *cx)
{
    MN_ASSERT(mutex->holder != cx->task);
    mn_err err = mn_wait_poll(&mutex->queue, wait, cx);
    if (err == MN_OK)
        mutex->holder = cx->task;
    return err;
}

void mn_mutex_unlock(struct mn_mutex *mutex, const struct mn_task *holder)
{
    MN_ASSERT(mutex->holder && mutex->holder == holder);
    mutex->holder = NULL;
    mn_wait_queue_wake(&mutex->queue);
}

void mn_mutex_cancel(struct mn_mutex *mutex, struct mn_wait *wait, const struct mn_task *task)
{
    mn_wait_cancel(&mutex->queue, wait);
    if (mutex->holder == task)
        mn_mutex_unlock(mutex, task);
}

void mn_mutex_close(struct mn_mutex *mutex)
{
    mn_wait_queue_close(&mutex->queue);
}
