/* task.c — the executor. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "task.h"
#include "heap.h"
#include "hooks.h"
#include "port.h"
#include "timer.h"
#include <stdatomic.h>

struct task_list { struct mn_task *head, **tail; };

static struct {
    struct task_list ready, later;   /* under mn_port_lock */
    struct mn_task *_Atomic current; /* interrupts look at it */
    struct mn_task *all;
} executor = {
    .ready = { .tail = &executor.ready.head },
    .later = { .tail = &executor.later.head },
};

static void list_clear(struct task_list *list)
{
    list->head = NULL;
    list->tail = &list->head;
}

static void list_push(struct task_list *list, struct mn_task *task)
{
    task->next = NULL;
    *list->tail = task;
    list->tail = &task->next;
}

static void list_move(struct task_list *to, struct task_list *from)
{
    if (!from->head)
        return;
    *to->tail = from->head;
    to->tail = from->tail;
    list_clear(from);
}

static void list_remove(struct task_list *list, const struct mn_task *task)
{
    struct mn_task **link = &list->head;
    while (*link && *link != task)
        link = &(*link)->next;
    if (!*link)
        return;
    *link = task->next;
    if (!*link)
        list->tail = link;
}

static uint8_t task_state(struct mn_task *task)
{
    return atomic_load_explicit(&task->state, memory_order_relaxed);
}

static void task_set_state(struct mn_task *task, uint8_t state)
{
    atomic_store_explicit(&task->state, state, memory_order_relaxed);
}

void mn_task_start(struct mn_task *task, const char *name, mn_task_poll poll)
{
    *task = (struct mn_task){ .poll = poll, .name = name, .sibling = executor.all };
    executor.all = task;
    mn_task_wake(task);
}

/* The wakes that are not plain: of the task that is being polled, or of one that is in a list already. */
static MN_NOINLINE void wake_specially(struct mn_task *task, uint8_t state)
{
    if (task == mn_task_current() && !mn_port_in_interrupt()) {
        if (state == MN_TASK_IDLE) {
            task_set_state(task, MN_TASK_LATER);
            list_push(&executor.later, task);
        }
    } else if (state == MN_TASK_IDLE) {
        task_set_state(task, MN_TASK_READY);
        list_push(&executor.ready, task);
        mn_port_pend();
    } else if (state == MN_TASK_LATER) {
        /* Somebody else wants it now. Taking its neighbours along keeps this a few instructions. */
        list_move(&executor.ready, &executor.later);
        mn_port_pend();
    }
}

void mn_task_wake(struct mn_task *task)
{
    uint32_t before = mn_port_lock();
    uint8_t  state = task_state(task);
    task->wakes++;
    if (state != MN_TASK_IDLE || task == mn_task_current()) {
        wake_specially(task, state);
    } else {
        task_set_state(task, MN_TASK_READY);
        list_push(&executor.ready, task);
        mn_port_pend();
    }
    mn_port_unlock(before);
}

const struct mn_task *mn_task_current(void)
{
    return atomic_load_explicit(&executor.current, memory_order_relaxed);
}

const struct mn_task *mn_task_after(const struct mn_task *task)
{
    return task ? task->sibling : executor.all;
}

void mn_executor_reset(void)
{
    uint32_t before = mn_port_lock();
    list_clear(&executor.ready);
    list_clear(&executor.later);
    atomic_store_explicit(&executor.current, NULL, memory_order_relaxed);
    executor.all = NULL;
    mn_port_unlock(before);
    mn_timer_reset();
}

/* Let go of a task for good: afterwards its owner may reuse its memory. */
static MN_NOINLINE void task_finish(struct mn_task *task)
{
    uint32_t before = mn_port_lock();
    list_remove(&executor.ready, task);
    list_remove(&executor.later, task);
    task_set_state(task, MN_TASK_DONE);
    mn_port_unlock(before);

    struct mn_task **link = &executor.all;
    while (*link != task)
        link = &(*link)->sibling;
    *link = task->sibling;
    task->done = true;
}

/* Poll one task, which nobody else holds in a list now. Answers the time after it. */
static uint64_t task_run(struct mn_task *task, uint64_t started)
{
    struct mn_cx cx = { .task = task };
    uint16_t     resumed_at = task->co.at;

    atomic_store_explicit(&executor.current, task, memory_order_relaxed);
    task_set_state(task, MN_TASK_IDLE);
    atomic_signal_fence(memory_order_seq_cst); /* a wake from here on means another poll */
    mn_err err = task->poll(task, &cx);
    atomic_signal_fence(memory_order_seq_cst);
    atomic_store_explicit(&executor.current, NULL, memory_order_relaxed);

    task->polls++;
    uint64_t now = mn_port_now_us();
    uint64_t spent = now - started;
    task->busy_us += spent;
    if (spent > MN_POLL_LIMIT_US) {
        task->overruns++;
        task->slow_line = resumed_at;
    }
    if (err != MN_PENDING)
        task_finish(task);
    return now;
}

static struct mn_task *batch_take(struct mn_task **batch)
{
    for (uint32_t skip = mn_hook_skip(*batch); skip; skip--)
        batch = &(*batch)->next;
    struct mn_task *task = *batch;
    *batch = task->next;
    return task;
}

bool mn_executor_round(uint64_t *now_us)
{
    mn_hook_round();
    mn_timer_run(*now_us);

    uint32_t        before = mn_port_lock();
    struct mn_task *batch = executor.ready.head;
    list_clear(&executor.ready);
    mn_port_unlock(before);

    while (batch)
        *now_us = task_run(batch_take(&batch), *now_us);
    mn_heap_drain();
    return mn_executor_ready() || mn_timer_next_us() <= *now_us;
}

bool mn_executor_tick(void)
{
    uint64_t now = mn_port_now_us();
    return mn_executor_round(&now);
}

bool mn_executor_ready(void)
{
    uint32_t before = mn_port_lock();
    bool     ready = executor.ready.head != NULL;
    mn_port_unlock(before);
    return ready;
}

bool mn_executor_serve_later(void)
{
    uint32_t before = mn_port_lock();
    bool     any = executor.later.head != NULL;
    list_move(&executor.ready, &executor.later);
    mn_port_unlock(before);
    return any;
}

bool mn_executor_has_later(void)
{
    uint32_t before = mn_port_lock();
    bool     any = executor.later.head != NULL;
    mn_port_unlock(before);
    return any;
}
