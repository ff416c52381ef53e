/* semaphore.h — a number of permits, given out in the order of asking.
 *
 * A permit that is given back goes straight to the oldest waiter, so nobody who
 * comes later can snatch it. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MN_CORE_SEMAPHORE_H
#define MN_CORE_SEMAPHORE_H
#include "wait.h"

struct mn_semaphore { struct mn_wait_queue queue; };

static inline void mn_semaphore_init(struct mn_semaphore *semaphore, uint32_t permits)
{
    mn_wait_queue_init(&semaphore->queue, permits, UINT32_MAX);
}

/* Take a permit. Waits for one. Errors: gone, the semaphore is closed. */
MN_MUST_USE static inline mn_err mn_semaphore_acquire_poll(struct mn_semaphore *semaphore, struct mn_wait *wait,
                                                           struct mn_cx *cx)
{
    return mn_wait_poll(&semaphore->queue, wait, cx);
}

/* Take a permit if there is one. Errors: gone; would_wait. */
MN_ISR_OK MN_MUST_USE static inline mn_err mn_semaphore_try_acquire(struct mn_semaphore *semaphore)
{
    return mn_wait_try(&semaphore->queue);
}

/* Give a permit back, or add one. */
MN_ISR_OK static inline void mn_semaphore_release(struct mn_semaphore *semaphore)
{
    mn_wait_queue_wake(&semaphore->queue);
}

/* Abandon a wait; a permit it got meanwhile goes to the next. Not for a permit that was taken. */
static inline void mn_semaphore_cancel(struct mn_semaphore *semaphore, struct mn_wait *wait)
{
    mn_wait_cancel(&semaphore->queue, wait);
}

/* Nobody gets a permit any more. */
static inline void mn_semaphore_close(struct mn_semaphore *semaphore)
{
    mn_wait_queue_close(&semaphore->queue);
}
#endif
