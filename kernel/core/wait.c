/* wait.c — tasks in line. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "wait.h"
#include "port.h"
#include "task.h"
#include <mnemos/abi/error.h>

void mn_wait_queue_init(struct mn_wait_queue *queue, uint32_t stored, uint32_t most)
{
    *queue = (struct mn_wait_queue){ .stored = stored, .most = most };
}

static void append(struct mn_wait_queue *queue, struct mn_wait *wait)
{
    wait->next = NULL;
    wait->prev = queue->tail;
    if (queue->tail)
        queue->tail->next = wait;
    else
        queue->head = wait;
    queue->tail = wait;
    wait->state = MN_WAIT_QUEUED;
}

static void take_out(struct mn_wait_queue *queue, struct mn_wait *wait)
{
    if (wait->next)
        wait->next->prev = wait->prev;
    else
        queue->tail = wait->prev;
    if (wait->prev)
        wait->prev->next = wait->next;
    else
        queue->head = wait->next;
}

/* Take the oldest out of the queue and wake it. */
static void let_go(struct mn_wait_queue *queue, enum mn_wait_state state)
{
    struct mn_wait *wait = queue->head;
    take_out(queue, wait);
    wait->state = (uint8_t)state;
    mn_task_wake(wait->task);
}

/* Nobody waits where something is stored, so what is stored is anybody's. */
static mn_err take_stored(struct mn_wait_queue *queue)
{
    if (queue->closed)
        return MNEMOS_ERR_GONE;
    if (queue->stored == 0)
        return MNEMOS_ERR_WOULD_WAIT;
    queue->stored--;
    return MN_OK;
}

mn_err mn_wait_try(struct mn_wait_queue *queue)
{
    uint32_t before = mn_port_lock();
    mn_err   err = take_stored(queue);
    mn_port_unlock(before);
    return err;
}

static mn_err poll_locked(struct mn_wait_queue *queue, struct mn_wait *wait, struct mn_cx *cx)
{
    mn_err err = wait->state == MN_WAIT_CLOSED ? MNEMOS_ERR_GONE : MN_OK;
    switch ((enum mn_wait_state)wait->state) {
    case MN_WAIT_IDLE:
        err = take_stored(queue);
        if (err != MNEMOS_ERR_WOULD_WAIT)
            return err;
        append(queue, wait);
        __attribute__((fallthrough));
    case MN_WAIT_QUEUED:
        wait->task = cx->task;
        return MN_PENDING;
    case MN_WAIT_SERVED:
    case MN_WAIT_RELEASED:
    case MN_WAIT_CLOSED:
    default:
        wait->state = MN_WAIT_IDLE;
        return err;
    }
}

mn_err mn_wait_poll(struct mn_wait_queue *queue, struct mn_wait *wait, struct mn_cx *cx)
{
    uint32_t before = mn_port_lock();
    mn_err   err = poll_locked(queue, wait, cx);
    mn_port_unlock(before);
    return err;
}

static void wake_locked(struct mn_wait_queue *queue)
{
    if (queue->head)
        let_go(queue, MN_WAIT_SERVED);
    else if (queue->stored < queue->most)
        queue->stored++;
}

void mn_wait_queue_wake(struct mn_wait_queue *queue)
{
    uint32_t before = mn_port_lock();
    wake_locked(queue);
    mn_port_unlock(before);
}

void mn_wait_cancel(struct mn_wait_queue *queue, struct mn_wait *wait)
{
    uint32_t before = mn_port_lock();
    if (wait->state == MN_WAIT_QUEUED)
        take_out(queue, wait);
    else if (wait->state == MN_WAIT_SERVED)
        wake_locked(queue);
    wait->state = MN_WAIT_IDLE;
    mn_port_unlock(before);
}

/* Interrupts may come between two; they cannot make anybody wait. */
static void let_all_go(struct mn_wait_queue *queue, enum mn_wait_state state)
{
    bool more = true;
    while (more) {
        uint32_t before = mn_port_lock();
        more = queue->head != NULL;
        if (more)
            let_go(queue, state);
        mn_port_unlock(before);
    }
}

void mn_wait_queue_wake_all(struct mn_wait_queue *queue)
{
    let_all_go(queue, MN_WAIT_RELEASED);
}

void mn_wait_queue_close(struct mn_wait_queue *queue)
{
    uint32_t before = mn_port_lock();
    queue->closed = true;
    mn_port_unlock(before);
    let_all_go(queue, MN_WAIT_CLOSED);
}

bool mn_wait_queue_is_empty(const struct mn_wait_queue *queue)
{
    uint32_t before = mn_port_lock();
    bool     empty = queue->head == NULL;
    mn_port_unlock(before);
    return empty;
}
