/* wait.h — many tasks wait in line, and are let go one by one or together.
 *
 * Each wait is a struct in its owner, so any number may wait and none costs the
 * queue memory. The oldest is let go first. Letting one go while nobody waits is
 * remembered, up to a number of times: semaphore.h and channel.h are queues that
 * remember more often. An abandoned wait gives what it had got to the next. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MN_CORE_WAIT_H
#define MN_CORE_WAIT_H
#include "await.h"
#include <stdbool.h>

struct mn_cx;
struct mn_task;

enum mn_wait_state {
    MN_WAIT_IDLE,
    MN_WAIT_QUEUED,
    MN_WAIT_SERVED,   /* let go, but its task has not looked yet; an abandoned one passes it on */
    MN_WAIT_RELEASED, /* let go together with all others */
    MN_WAIT_CLOSED,
};

/* One wait in one queue. Zeroed: idle. */
struct mn_wait {
    struct mn_wait *next, *prev; /* private to wait.c, under mn_port_lock */
    struct mn_task *task;
    uint8_t         state; /* enum mn_wait_state */
};

struct mn_wait_queue {
    struct mn_wait *head, *tail; /* private, under mn_port_lock */
    uint32_t        stored, most; /* how often it was let go while nobody waited; how many of these count */
    bool            closed;
};

/* Make it empty. Of the times it is let go while nobody waits `most` are remembered, `stored` of them from the beginning. */
void mn_wait_queue_init(struct mn_wait_queue *queue, uint32_t stored, uint32_t most);

/* Wait in line.
 * Owner    the queue keeps `wait` until this answers something else than MN_PENDING, or mn_wait_cancel().
 * Errors   gone  the queue is closed */
MN_MUST_USE mn_err mn_wait_poll(struct mn_wait_queue *queue, struct mn_wait *wait, struct mn_cx *cx);

/* Do not wait. Errors: gone; would_wait. */
MN_ISR_OK MN_MUST_USE mn_err mn_wait_try(struct mn_wait_queue *queue);

/* Abandon a wait: whatever had been given to it goes to the next. An idle one is left alone. */
void mn_wait_cancel(struct mn_wait_queue *queue, struct mn_wait *wait);

/* Let the oldest go. */
MN_ISR_OK void mn_wait_queue_wake(struct mn_wait_queue *queue);

/* Let all go that wait now. Nothing is remembered. */
void mn_wait_queue_wake_all(struct mn_wait_queue *queue);

/* Let all go with `gone`, for ever. */
void mn_wait_queue_close(struct mn_wait_queue *queue);

/* Does anybody wait? */
MN_ISR_OK bool mn_wait_queue_is_empty(const struct mn_wait_queue *queue);
#endif
