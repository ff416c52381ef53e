/* task.c — the executor. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "task.h"
#include "heap.h"
#include "hooks.h"
#include "port.h"
#include "timer.h"
#include <mnemos/abi/error.h>
#include <stdatomic.h>

/* Both under mn_port_lock. */
struct mn_task_list mn_executor_ready_list = { .tail = &mn_executor_ready_list.head };
struct mn_task_list mn_executor_later_list = { .tail = &mn_executor_later_list.head };

static struct {
    struct mn_task *batch; /* what this round still has to poll; interrupts leave it alone */
    struct mn_cx    cx;    /* of the task being polled; interrupts look at it */
    struct mn_task *all;
} executor;

static void list_clear(struct mn_task_list *list)
{
    list->head = NULL;
    list->tail = &list->head;
}

/* A task in no list has no next one. */
static inline void list_push(struct mn_task_list *list, struct mn_task *task)
{
    *list->tail = task;
    list->tail = &task->next;
}

static void list_move(struct mn_task_list *to, struct mn_task_list *from)
{
    if (!from->head)
        return;
    *to->tail = from->head;
    to->tail = from->tail;
    list_clear(from);
}

/* Take a task out of a list, if it is there. Answers the place where it hung, or NULL. */
static struct mn_task **chain_remove(struct mn_task **link, const struct mn_task *task)
{
    while (*link && *link != task)
        link = &(*link)->next;
    if (!*link)
        return NULL;
    *link = task->next;
    return link;
}

static void list_remove(struct mn_task_list *list, const struct mn_task *task)
{
    struct mn_task **link = chain_remove(&list->head, task);
    if (link && !*link)
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

static inline void make_ready(struct mn_task *task)
{
    mn_port_pend();
    task_set_state(task, MN_TASK_READY);
    list_push(&mn_executor_ready_list, task);
}

/* The wakes that are not plain: of the task that is being polled, or of one that is in a list already. Unlocks. */
static MN_NOINLINE void wake_specially(struct mn_task *task, uint32_t before)
{
    uint8_t state = task_state(task);
    if (state == MN_TASK_RUNNING && mn_port_in_interrupt()) {
        make_ready(task);
    } else if (state == MN_TASK_RUNNING) {
        task_set_state(task, MN_TASK_LATER);
        list_push(&mn_executor_later_list, task);
    } else if (state == MN_TASK_LATER) {
        /* Somebody else wants it now. Taking its neighbours along keeps this a few instructions. */
        list_move(&mn_executor_ready_list, &mn_executor_later_list);
        mn_port_pend();
    }
    mn_port_unlock(before);
}

void mn_task_wake(struct mn_task *task)
{
    uint32_t before = mn_port_lock();
    task->wakes++;
    if (task_state(task) != MN_TASK_IDLE) {
        wake_specially(task, before);
        return;
    }
    make_ready(task);
    mn_port_unlock(before);
}

static inline void set_current(struct mn_task *task)
{
    __atomic_store_n(&executor.cx.task, task, __ATOMIC_RELAXED);
}

const struct mn_task *mn_task_current(void)
{
    return __atomic_load_n(&executor.cx.task, __ATOMIC_RELAXED);
}

const struct mn_task *mn_task_after(const struct mn_task *task)
{
    return task ? task->sibling : executor.all;
}

void mn_executor_reset(void)
{
    uint32_t before = mn_port_lock();
    list_clear(&mn_executor_ready_list);
    list_clear(&mn_executor_later_list);
    executor.batch = NULL;
    set_current(NULL);
    executor.all = NULL;
    mn_port_unlock(before);
    mn_timer_reset();
}

/* Let go of a task for good: afterwards its owner may reuse its memory. */
static MN_NOINLINE void task_finish(struct mn_task *task, mn_err result)
{
    uint32_t before = mn_port_lock();
    list_remove(&mn_executor_ready_list, task);
    list_remove(&mn_executor_later_list, task);
    task_set_state(task, MN_TASK_DONE);
    mn_port_unlock(before);
    (void)chain_remove(&executor.batch, task);

    struct mn_task **link = &executor.all;
    while (*link != task)
        link = &(*link)->sibling;
    *link = task->sibling;
    task->result = result;
    task->done = true;
    mn_wait_queue_close(&task->joiners);
}

void mn_task_on_cancel(struct mn_task *task, void (*cancel)(struct mn_task *task))
{
    task->cancel = cancel;
}

void mn_task_cancel(struct mn_task *task)
{
    MN_ASSERT(task->poll && task != mn_task_current()); /* which answers its poll with an error instead */
    if (task->done)
        return;
    if (task->cancel)
        task->cancel(task);
    task_finish(task, MNEMOS_ERR_CANCELLED);
}

mn_err mn_task_join_poll(struct mn_task *task, struct mn_wait *wait, struct mn_cx *cx, mn_err *result)
{
    mn_err err = mn_wait_poll(&task->joiners, wait, cx);
    if (err == MN_PENDING)
        return err;
    *result = task->result;
    return MN_OK;
}

void mn_task_join_cancel(struct mn_task *task, struct mn_wait *wait)
{
    mn_wait_cancel(&task->joiners, wait);
}

uint64_t mn_task_busy_us(const struct mn_task *task)
{
    return mn_port_stamp_total_us(task->busy);
}

/* What happened in the poll that ends now. Answers when that is. */
static inline uint32_t account(struct mn_task *task, uint32_t started, uint16_t resumed_at)
{
    uint32_t now = mn_port_stamp(), spent = now - started;
    task->polls++;
    task->busy += spent;
    if (spent > mn_port_stamps(MN_POLL_LIMIT_US)) {
        task->overruns++;
        task->slow_line = resumed_at;
    }
    return now;
}

/* Poll one task, which nobody else holds in a list now. Answers the time after it. */
static inline uint32_t task_run(struct mn_task *task, uint32_t started)
{
    uint16_t resumed_at = task->co.at;
    mn_hook_point();
    set_current(task);
    mn_hook_point();
    task_set_state(task, MN_TASK_RUNNING);
    atomic_signal_fence(memory_order_seq_cst); /* a wake from here on means another poll */
    mn_hook_point();
    mn_err err = task->poll(task, &executor.cx);
    atomic_signal_fence(memory_order_seq_cst);
    mn_hook_point();
    set_current(NULL);

    uint32_t before = mn_port_lock();
    if (task_state(task) == MN_TASK_RUNNING)
        task_set_state(task, MN_TASK_IDLE);
    mn_port_unlock(before);
    uint32_t now = account(task, started, resumed_at);
    if (err != MN_PENDING)
        task_finish(task, err);
    return now;
}

static struct mn_task *batch_take(void)
{
    struct mn_task **link = &executor.batch;
    for (uint32_t skip = mn_hook_skip(executor.batch); skip; skip--)
        link = &(*link)->next;
    struct mn_task *task = *link;
    *link = task->next;
    task->next = NULL;
    return task;
}

uint32_t mn_executor_round(uint32_t stamp)
{
    mn_hook_round();
    uint32_t before = mn_port_lock();
    struct mn_task *ready = mn_executor_ready_list.head;
    list_clear(&mn_executor_ready_list);
    mn_port_unlock(before);

    for (executor.batch = ready; executor.batch;)
        stamp = task_run(batch_take(), stamp);
    return stamp;
}

bool mn_executor_tick(void)
{
    mn_heap_drain();
    (void)mn_executor_round(mn_port_stamp());
    if (mn_timer_root)
        mn_timer_run(mn_port_now_us());
    return mn_executor_ready() || mn_heap_owes();
}

bool mn_executor_serve_later(void)
{
    uint32_t before = mn_port_lock();
    bool     any = mn_executor_later_list.head != NULL;
    list_move(&mn_executor_ready_list, &mn_executor_later_list);
    mn_port_unlock(before);
    return any;
}
