/* lifecycle_test.c — joining and cancelling tasks, and the kernel as a whole. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/arch/host/host.h"
#include "kernel/core/alloc.h"
#include "kernel/core/backoff.h"
#include "kernel/core/channel.h"
#include "kernel/core/hooks.h"
#include "kernel/core/kernel.h"
#include "kernel/core/mutex.h"
#include "kernel/core/oneshot.h"
#include "kernel/core/rwlock.h"
#include "kernel/core/semaphore.h"
#include "kernel/core/timeout.h"
#include "kernel/core/wait_map.h"
#include "seeds.h"
#include <mnemos/abi/error.h>
#include <stdlib.h>
#include <string.h>

static _Alignas(8) uint8_t memory[8192];
static struct mn_kernel   *kernel;

static struct mn_kernel *fresh_kernel(void)
{
    struct mn_kernel_settings settings = { .registry = { .services = 1, .connections = 1, .requests = 1 } };
    return kernel = mn_kernel_new(&settings, (struct mn_kernel_memory){ memory, sizeof memory },
                                  (struct mn_kernel_clock){ .name = "virtual" });
}

/* ---- A task that goes through every kind of wait, with a cancel that leaves each of them ---- */

MN_CHANNEL(numbers, uint32_t);
MN_ONESHOT(answer, uint32_t);

static struct numbers       inbox, outbox;
static uint32_t             in_slot[1], out_slot[1];
static struct answer        answer;
static struct mn_reply      reply;
static struct mn_semaphore  semaphore;
static struct mn_mutex      mutex;
static struct mn_wait_queue queue;
static struct mn_wait_map   map;
static struct mn_rwlock     lock;
static uint32_t             attempts;

static struct mn_task  other_holder = { .name = "other" };
static struct mn_share other_share;

struct traveller {
    struct mn_task    task;
    struct mn_wait    for_permit, for_mutex, for_place, for_wake;
    struct mn_timer   timer;
    struct mn_timeout timeout;
    struct mn_alloc   alloc;
    void             *block;
    uint32_t          number;
    bool              has_permit;

    struct mn_keyed_wait for_key;
    uintptr_t            value;
    struct mn_share      share;
    struct mn_backoff    backoff;
};

static mn_err traveller_poll(struct mn_task *task, struct mn_cx *cx)
{
    struct traveller *self = MN_CONTAINER_OF(task, struct traveller, task);
    MN_BEGIN(&task->co);
    MN_TRY(mn_timer_sleep_poll(&self->timer, cx, 100));
    MN_TRY(mn_alloc_poll(&self->alloc, cx, 3000, UINT64_MAX, &self->block));
    MN_TRY(mn_semaphore_acquire_poll(&semaphore, &self->for_permit, cx));
    self->has_permit = true;
    MN_TRY(mn_mutex_lock_poll(&mutex, &self->for_mutex, cx));
    MN_TRY(numbers_receive_poll(&inbox, cx, &self->number));
    MN_TRY(numbers_send_poll(&outbox, &self->for_place, cx, &self->number));
    reply = answer_open(&answer);
    MN_TRY(answer_receive_poll(&answer, cx, &self->number));
    MN_TRY(mn_timeout_poll(&self->timeout, cx, 1000000, mn_wait_poll(&queue, &self->for_wake, cx)));
    MN_TRY(mn_wait_map_poll(&map, &self->for_key, cx, 5, &self->value));
    MN_TRY(mn_rwlock_write_poll(&lock, &self->share, cx));
    MN_TRY(MN_RETRY(&self->backoff, cx, attempts++ ? MN_OK : MNEMOS_ERR_FULL));
    mn_rwlock_unlock(&lock, &self->share);
    mn_mutex_unlock(&mutex, task);
    mn_semaphore_release(&semaphore);
    self->has_permit = false;
    mn_heap_free(self->block);
    self->block = NULL;
    MN_END();
}

static void traveller_cancel(struct mn_task *task)
{
    struct traveller *self = MN_CONTAINER_OF(task, struct traveller, task);
    mn_timer_cancel(&self->timer);
    mn_timeout_cancel(&self->timeout);
    mn_alloc_cancel(&self->alloc);
    mn_heap_free(self->block);
    mn_semaphore_cancel(&semaphore, &self->for_permit);
    mn_channel_send_cancel(&outbox.channel, &self->for_place);
    mn_wait_cancel(&queue, &self->for_wake);
    (void)mn_wait_map_cancel(&map, &self->for_key, &self->value);
    mn_rwlock_cancel(&lock, &self->share);
    mn_backoff_cancel(&self->backoff);
    mn_channel_receive_cancel(&inbox.channel);
    mn_oneshot_cancel(&answer.oneshot);
    mn_mutex_cancel(&mutex, &self->for_mutex, task);
    if (self->has_permit)
        mn_semaphore_release(&semaphore);
}

/* Let the traveller get over its n-th wait, or past the wake but not yet polled. */
static void pass(uint32_t wait, void **hog)
{
    switch (wait) {
    case 0: mn_host_run_until(100); break;
    case 1: mn_heap_free(*hog); *hog = NULL; mn_heap_drain(); break;
    case 2: mn_semaphore_release(&semaphore); break;
    case 3: mn_mutex_unlock(&mutex, &other_holder); break;
    case 4: assert_int_equal(numbers_try_send(&inbox, &(uint32_t){ 7 }), MN_OK); break;
    case 5: assert_int_equal(numbers_try_receive(&outbox, &(uint32_t){ 0 }), MN_OK); break;
    case 6: (void)answer_send(&reply, &(uint32_t){ 9 }); break;
    case 7: mn_wait_queue_wake(&queue); break;
    case 8: assert_int_equal(mn_wait_map_wake(&map, 5, 1), MN_OK); break;
    case 9: mn_rwlock_unlock(&lock, &other_share); break;
    case 10: mn_host_run_until(mn_port_now_us() + MN_BACKOFF_FIRST_US); break;
    default: fail();
    }
}

#define WAITS 11u

static void *begin_journey(struct traveller *traveller)
{
    fresh_kernel();
    numbers_init(&inbox, in_slot, 1);
    numbers_init(&outbox, out_slot, 1);
    assert_int_equal(numbers_try_send(&outbox, &(uint32_t){ 1 }), MN_OK);
    memset(&answer, 0, sizeof answer);
    memset(&reply, 0, sizeof reply);
    mn_semaphore_init(&semaphore, 0);
    mn_mutex_init(&mutex);
    struct mn_cx cx = { .task = &other_holder };
    assert_int_equal(mn_mutex_lock_poll(&mutex, &(struct mn_wait){ 0 }, &cx), MN_OK);
    mn_wait_queue_init(&queue, 0, 1);
    memset(&map, 0, sizeof map);
    memset(&lock, 0, sizeof lock);
    memset(&other_share, 0, sizeof other_share);
    assert_int_equal(mn_rwlock_try_write(&lock, &other_share), MN_OK);
    attempts = 0;
    memset(traveller, 0, sizeof *traveller);
    mn_task_start(&traveller->task, "traveller", traveller_poll);
    mn_task_on_cancel(&traveller->task, traveller_cancel);
    return mn_heap_try(mn_heap_stats().largest - 1000);
}

static void assert_no_trace(const void *hog)
{
    mn_reply_drop(&reply);
    assert_int_equal(answer.oneshot.handles, 0);
    assert_null(answer.oneshot.waiter);
    assert_true(mn_timer_next_us() == MN_TIME_NEVER);
    assert_int_equal(mn_alloc_stats().waiting, 0);
    assert_true(mn_wait_queue_is_empty(&semaphore.queue) && mn_wait_queue_is_empty(&mutex.queue));
    assert_true(mn_wait_queue_is_empty(&outbox.channel.places) && mn_wait_queue_is_empty(&queue));
    assert_null(inbox.channel.receiver);
    assert_true(!map.waits && !lock.head && lock.written == (other_share.state == MN_SHARE_HELD));
    assert_null(mn_task_after(NULL));
    mn_heap_free((void *)(uintptr_t)hog);
    size_t largest = mn_heap_stats().largest;
    void  *all = mn_heap_try(largest);
    assert_non_null(all); /* in one piece: the traveller has left nothing */
    assert_true(largest > 7000);
}

/* Cancelled in its n-th wait: sleeping in it, or let go but not polled yet. Its memory is gone afterwards. */
static void cancel_in(uint32_t wait, bool let_go)
{
    mn_host_reset();
    struct traveller *traveller = malloc(sizeof *traveller);
    void             *hog = begin_journey(traveller);
    for (uint32_t i = 0; i < wait; i++) {
        mn_host_settle();
        pass(i, &hog);
    }
    if (wait > 0 && !let_go)
        mn_host_settle();
    assert_false(traveller->task.done);
    uint32_t permits = wait >= 3 ? 1 : 0;
    mn_task_cancel(&traveller->task);
    mn_task_cancel(&traveller->task);
    assert_true(traveller->task.done);
    assert_int_equal(traveller->task.result, MNEMOS_ERR_CANCELLED);
    free(traveller);
    mn_host_settle();
    if (permits)
        assert_int_equal(semaphore.queue.stored, 1);
    assert_no_trace(hog);
}

static void a_cancelled_task_leaves_no_trace_in_any_wait(void **state)
{
    (void)state;
    for (uint32_t wait = 0; wait < WAITS; wait++)
        for (uint32_t let_go = 0; let_go < 2; let_go++)
            cancel_in(wait, let_go);
}

/* ---- Joining ---- */

struct worker { struct mn_task task; mn_err answer; };

static mn_err worker_poll(struct mn_task *task, struct mn_cx *cx)
{
    struct worker *self = MN_CONTAINER_OF(task, struct worker, task);
    (void)cx;
    return self->answer;
}

struct joiner { struct mn_task task; struct mn_wait wait; struct mn_task *of; mn_err result, err; };

static mn_err joiner_poll(struct mn_task *task, struct mn_cx *cx)
{
    struct joiner *self = MN_CONTAINER_OF(task, struct joiner, task);
    MN_BEGIN(&task->co);
    MN_AWAIT(self->err = mn_task_join_poll(self->of, &self->wait, cx, &self->result));
    MN_END();
}

static void joiner_start(struct joiner *joiner, struct mn_task *of)
{
    *joiner = (struct joiner){ .of = of, .result = 99, .err = MN_PENDING };
    mn_task_start(&joiner->task, "joiner", joiner_poll);
    mn_host_settle();
}

static void joiners_get_the_result(uint32_t seed)
{
    struct worker worker = { .answer = MN_PENDING };
    struct joiner joiners[3], late;
    (void)seed;
    mn_task_start(&worker.task, "worker", worker_poll);
    for (uint32_t i = 0; i < 3; i++)
        joiner_start(&joiners[i], &worker.task);
    mn_task_join_cancel(&worker.task, &joiners[1].wait);
    mn_task_cancel(&joiners[1].task);
    worker.answer = MNEMOS_ERR_BUSY;
    mn_task_wake(&worker.task);
    mn_host_settle();
    joiner_start(&late, &worker.task);
    assert_int_equal(joiners[0].result, MNEMOS_ERR_BUSY);
    assert_int_equal(joiners[2].result, MNEMOS_ERR_BUSY);
    assert_int_equal(late.result, MNEMOS_ERR_BUSY);
    assert_int_equal(joiners[1].result, 99);
}

static void who_is_cancelled_is_joined_too(void **state)
{
    (void)state;
    struct worker worker = { .answer = MN_PENDING };
    struct joiner joiner;
    mn_task_start(&worker.task, "worker", worker_poll);
    joiner_start(&joiner, &worker.task);
    mn_task_cancel(&worker.task);
    mn_host_settle();
    assert_int_equal(joiner.err, MN_OK);
    assert_int_equal(joiner.result, MNEMOS_ERR_CANCELLED);
}

/* ---- Cancelling from a task of the same round, whoever comes first ---- */

struct killer { struct mn_task task; struct mn_task *victim; };

static mn_err killer_poll(struct mn_task *task, struct mn_cx *cx)
{
    struct killer *self = MN_CONTAINER_OF(task, struct killer, task);
    (void)cx;
    mn_task_cancel(self->victim);
    memset(self->victim, 0xee, sizeof *self->victim); /* its owner's again */
    return MN_OK;
}

static void a_task_may_be_cancelled_by_another_of_its_round(uint32_t seed)
{
    struct worker victim = { .answer = MN_PENDING }, others[3];
    struct killer killer = { .victim = &victim.task };
    for (uint32_t i = 0; i < 3; i++) {
        others[i] = (struct worker){ .answer = MN_PENDING };
        mn_task_start(&others[i].task, "other", worker_poll);
        if (i == seed % 3)
            mn_task_start(&victim.task, "victim", worker_poll);
    }
    mn_task_start(&killer.task, "killer", killer_poll);
    mn_host_settle();
    for (uint32_t i = 0; i < 3; i++)
        assert_true(others[i].task.polls > 0);
    assert_true(killer.task.done);
}

static mn_err suicidal_poll(struct mn_task *task, struct mn_cx *cx)
{
    (void)cx;
    mn_task_cancel(task);
    return MN_OK;
}

static void tick(void *unused) { (void)unused; mn_executor_tick(); }
static void cancel_it(void *task) { mn_task_cancel(task); }

static void cancelling_wrongly_stops_the_kernel(void **state)
{
    (void)state;
    struct mn_task task, never = { 0 };
    mn_task_start(&task, "suicidal", suicidal_poll);
    assert_non_null(mn_host_panic_of(tick, NULL));
    assert_non_null(mn_host_panic_of(cancel_it, &never));
}

/* ---- The kernel ---- */

static void a_tick_says_what_is_left(void **state)
{
    (void)state;
    struct worker   worker = { .answer = MN_PENDING };
    struct mn_timer timer = { 0 };
    assert_non_null(fresh_kernel());
    assert_int_equal(mn_kernel_tick(kernel), MN_LEFT_BLOCKED);
    mn_task_start(&worker.task, "worker", worker_poll);
    assert_int_equal(mn_kernel_tick(kernel), MN_LEFT_BLOCKED);
    mn_timer_arm(&timer, &worker.task, 500);
    assert_int_equal(mn_kernel_tick(kernel), MN_LEFT_DEADLINE);
    mn_host_set_time(500);
    assert_int_equal(mn_kernel_tick(kernel), MN_LEFT_READY);
    assert_int_equal(mn_kernel_tick(kernel), MN_LEFT_BLOCKED);
    assert_int_equal(worker.task.polls, 2);
}

static mn_err self_waking_poll(struct mn_task *task, struct mn_cx *cx)
{
    MN_BEGIN(&task->co);
    MN_YIELD(cx);
    MN_YIELD(cx);
    MN_END();
}

static void a_tick_tells_work_for_later_from_work_for_now(void **state)
{
    (void)state;
    struct mn_task task;
    fresh_kernel();
    mn_kernel_initialize(kernel, &task, "self waking", self_waking_poll);
    assert_int_equal(mn_kernel_tick(kernel), MN_LEFT_LATER);
    assert_int_equal(mn_kernel_tick(kernel), MN_LEFT_LATER);
    assert_int_equal(task.polls, 1);
    mn_kernel_run(kernel); /* until nobody is left */
    assert_true(task.done);
}

/* Freed memory first, then tasks: who waits for it is polled in the same tick. */
static struct { struct mn_task task; struct mn_alloc wait; void *block; } late;

static mn_err late_poll(struct mn_task *task, struct mn_cx *cx)
{
    MN_BEGIN(&task->co);
    MN_TRY(mn_alloc_poll(&late.wait, cx, 2000, UINT64_MAX, &late.block));
    MN_END();
}

static void a_tick_keeps_its_order(void **state)
{
    (void)state;
    struct mn_kernel_settings settings = { .registry = { 1, 1, 1 } };
    kernel = mn_kernel_new(&settings, (struct mn_kernel_memory){ memory, sizeof memory }, (struct mn_kernel_clock){ 0 });
    void *hog = mn_heap_try(mn_heap_stats().largest - 100);
    memset(&late, 0, sizeof late);
    mn_kernel_initialize(kernel, &late.task, "late", late_poll);
    assert_int_equal(mn_kernel_tick(kernel), MN_LEFT_BLOCKED);
    mn_heap_free(hog);
    assert_int_equal(mn_kernel_tick(kernel), MN_LEFT_BLOCKED);
    assert_non_null(late.block);
}

static void *freed_at_once;

static mn_err freeing_poll(struct mn_task *task, struct mn_cx *cx)
{
    (void)task;
    (void)cx;
    mn_heap_free(freed_at_once);
    return MN_OK;
}

/* Memory that a task frees belongs to who waits for it, also when nothing else happens any more. */
static void a_tick_that_freed_for_a_waiter_has_work_left(void **state)
{
    (void)state;
    struct mn_task freeing;
    fresh_kernel();
    freed_at_once = mn_heap_try(mn_heap_stats().largest - 100);
    memset(&late, 0, sizeof late);
    mn_task_start(&late.task, "late", late_poll);
    (void)mn_kernel_tick(kernel);
    mn_task_start(&freeing, "freeing", freeing_poll);
    assert_int_equal(mn_kernel_tick(kernel), MN_LEFT_READY);
    mn_kernel_run(kernel);
    assert_non_null(late.block);
    assert_int_equal(kernel->stats.wakeups, 0);
}

static struct { struct mn_task task; struct mn_timer timer; uint32_t turns; } sleeper;

static mn_err sleeper_poll(struct mn_task *task, struct mn_cx *cx)
{
    MN_BEGIN(&task->co);
    for (; sleeper.turns < 10; sleeper.turns++)
        MN_TRY(mn_timer_sleep_poll(&sleeper.timer, cx, (sleeper.turns + 1) * 1000u));
    MN_END();
}

static void an_idle_kernel_wakes_only_for_deadlines(void **state)
{
    (void)state;
    fresh_kernel();
    memset(&sleeper, 0, sizeof sleeper);
    mn_kernel_initialize(kernel, &sleeper.task, "sleeper", sleeper_poll);
    mn_kernel_run(kernel);
    assert_int_equal(sleeper.turns, 10);
    assert_int_equal(kernel->stats.wakeups, 10);
    assert_int_equal(kernel->stats.idle_us, 10000);
    assert_int_equal(mn_port_now_us(), 10000);
}

static void a_kernel_with_a_new_deadline_looks_at_the_clock_before_it_sleeps(void **state)
{
    (void)state;
    struct worker   worker = { .answer = MN_PENDING };
    struct mn_timer timer = { 0 };
    fresh_kernel();
    mn_task_start(&worker.task, "worker", worker_poll);
    (void)mn_kernel_tick(kernel);
    mn_timer_arm(&timer, &worker.task, 500);
    mn_kernel_sleep(kernel);
    assert_int_equal(mn_port_now_us(), 0);
    assert_int_equal(mn_kernel_tick(kernel), MN_LEFT_DEADLINE);
    mn_kernel_sleep(kernel);
    assert_int_equal(mn_port_now_us(), 500);
    assert_int_equal(mn_kernel_tick(kernel), MN_LEFT_READY);
}

static uint32_t clock_starts;
static void     start_clock(void) { clock_starts++; }

static void too_little_memory_makes_no_kernel(void **state)
{
    (void)state;
    struct mn_kernel_settings settings = MN_KERNEL_DEFAULTS;
    struct mn_kernel_clock    clock = { "counted", start_clock };
    clock_starts = 0;
    for (size_t len = 0; len < 4000; len += 32) /* the registry alone wants more */
        assert_null(mn_kernel_new(&settings, (struct mn_kernel_memory){ memory, len }, clock));
    for (uint32_t n = 1; n < 5; n++) {
        mn_host_fail_allocation(n, false);
        bool made = mn_kernel_new(&settings, (struct mn_kernel_memory){ memory, sizeof memory }, clock) != NULL;
        assert_true(made != mn_host_allocation_failed());
        mn_host_fail_allocation(0, false);
    }
    assert_true(clock_starts > 0);
}

static void initialize_late(void *task)
{
    mn_kernel_initialize(kernel, task, "late", worker_poll);
}

static void initializing_a_running_kernel_stops_it(void **state)
{
    (void)state;
    struct mn_task task;
    fresh_kernel();
    (void)mn_kernel_tick(kernel);
    assert_non_null(mn_host_panic_of(initialize_late, &task));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MN_TEST(a_cancelled_task_leaves_no_trace_in_any_wait),
        MN_SEEDED(joiners_get_the_result),
        MN_TEST(who_is_cancelled_is_joined_too),
        MN_SEEDED(a_task_may_be_cancelled_by_another_of_its_round),
        MN_TEST(cancelling_wrongly_stops_the_kernel),
        MN_TEST(a_tick_says_what_is_left),
        MN_TEST(a_tick_tells_work_for_later_from_work_for_now),
        MN_TEST(a_tick_keeps_its_order),
        MN_TEST(a_tick_that_freed_for_a_waiter_has_work_left),
        MN_TEST(an_idle_kernel_wakes_only_for_deadlines),
        MN_TEST(a_kernel_with_a_new_deadline_looks_at_the_clock_before_it_sleeps),
        MN_TEST(too_little_memory_makes_no_kernel),
        MN_TEST(initializing_a_running_kernel_stops_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
