/* wait_test.c — wait queue, semaphore, mutex, and the event: order, wakes that may not be lost, abandoned waits. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/core/wait.h"
#include "kernel/arch/host/host.h"
#include "kernel/core/event.h"
#include "kernel/core/hooks.h"
#include "kernel/core/mutex.h"
#include "kernel/core/semaphore.h"
#include "seeds.h"
#include <mnemos/abi/error.h>

#define WAITERS 5u

static struct mn_wait_queue queue;
static uint32_t             turn; /* numbers the order in which waits end */

struct waiter { struct mn_task task; struct mn_wait wait; mn_err err; uint32_t polls, ended; };
static struct waiter waiters[WAITERS];

static mn_err waiter_poll(struct mn_task *task, struct mn_cx *cx)
{
    struct waiter *self = MN_CONTAINER_OF(task, struct waiter, task);
    self->polls++;
    MN_BEGIN(&task->co);
    MN_AWAIT(self->err = mn_wait_poll(&queue, &self->wait, cx));
    self->ended = ++turn;
    MN_END();
}

/* Start waiters 0, 1, ... and let them come to wait, in this order. */
static void begin(uint32_t count)
{
    turn = 0;
    mn_wait_queue_init(&queue, 0, 1);
    for (uint32_t i = 0; i < WAITERS; i++)
        waiters[i] = (struct waiter){ .err = MN_PENDING };
    for (uint32_t i = 0; i < count; i++) {
        mn_task_start(&waiters[i].task, "waiter", waiter_poll);
        mn_host_settle();
    }
}

static void one_wake_lets_the_oldest_go(void **state)
{
    (void)state;
    begin(3);
    mn_wait_queue_wake(&queue);
    mn_host_settle();
    assert_int_equal(waiters[0].err, MN_OK);
    assert_int_equal(waiters[1].polls, 1);
    assert_int_equal(waiters[2].polls, 1);
    mn_wait_queue_wake(&queue);
    mn_wait_queue_wake(&queue);
    mn_host_settle();
    assert_int_equal(waiters[1].ended, 2);
    assert_int_equal(waiters[2].ended, 3);
    assert_true(mn_wait_queue_is_empty(&queue));
}

static void a_wake_while_nobody_waits_is_kept_once(void **state)
{
    (void)state;
    begin(0);
    mn_wait_queue_wake(&queue);
    mn_wait_queue_wake(&queue);
    assert_int_equal(mn_wait_try(&queue), MN_OK);
    assert_int_equal(mn_wait_try(&queue), MNEMOS_ERR_WOULD_WAIT);
}

static void waking_all_reaches_those_that_wait_and_no_later_one(void **state)
{
    (void)state;
    begin(3);
    mn_wait_queue_wake_all(&queue);
    mn_host_settle();
    for (uint32_t i = 0; i < 3; i++)
        assert_int_equal(waiters[i].err, MN_OK);
    assert_int_equal(mn_wait_try(&queue), MNEMOS_ERR_WOULD_WAIT);
}

static void a_closed_queue_lets_everybody_go_for_ever(void **state)
{
    (void)state;
    begin(2);
    mn_wait_queue_close(&queue);
    mn_host_settle();
    assert_int_equal(waiters[0].err, MNEMOS_ERR_GONE);
    assert_int_equal(waiters[1].err, MNEMOS_ERR_GONE);
    assert_int_equal(mn_wait_try(&queue), MNEMOS_ERR_GONE);
    mn_task_start(&waiters[2].task, "waiter", waiter_poll);
    mn_host_settle();
    assert_int_equal(waiters[2].err, MNEMOS_ERR_GONE);
}

/* Wherever it stands in the line, and whether or not it has been let go: the others are as if it had not been there. */
static void an_abandoned_wait_passes_on_what_it_got(void **state)
{
    (void)state;
    for (uint32_t leaver = 0; leaver < 4; leaver++) {
        for (uint32_t woken = 0; woken <= 4; woken++) {
            mn_host_reset();
            begin(4);
            for (uint32_t i = 0; i < woken; i++)
                mn_wait_queue_wake(&queue);
            mn_wait_cancel(&queue, &waiters[leaver].wait);
            mn_wait_cancel(&queue, &waiters[leaver].wait);
            waiters[leaver].task.poll = NULL; /* stays away */
            for (uint32_t i = 0, rank = 0; i < 4; i++) {
                if (i == leaver)
                    continue;
                assert_int_equal(waiters[i].wait.state == MN_WAIT_SERVED, rank < woken);
                rank++;
            }
            assert_int_equal(queue.stored, woken > 3);
        }
    }
}

static void waking_all_is_not_passed_on(void **state)
{
    (void)state;
    begin(1);
    mn_wait_queue_wake_all(&queue);
    mn_wait_cancel(&queue, &waiters[0].wait);
    assert_int_equal(mn_wait_try(&queue), MNEMOS_ERR_WOULD_WAIT);
}

static uint32_t queue_points, queue_strike_at;

static void wake_at_one_point(void *unused)
{
    (void)unused;
    if (queue_points++ == queue_strike_at)
        mn_wait_queue_wake(&queue);
}

static void a_wake_at_any_point_of_a_wait_lets_it_go(void **state)
{
    (void)state;
    for (queue_strike_at = 0; queue_strike_at < 30; queue_strike_at++) {
        mn_host_reset();
        begin(0);
        queue_points = 0;
        mn_host_on_point(wake_at_one_point, NULL);
        mn_task_start(&waiters[0].task, "waiter", waiter_poll);
        mn_host_settle();
        while (queue_points <= queue_strike_at)
            mn_hook_point();
        mn_host_on_point(NULL, NULL);
        mn_host_settle();
        assert_int_equal(waiters[0].err, MN_OK);
        assert_int_equal(queue.stored, 0);
    }
}

/* ---- Semaphore: permits are conserved, whatever interrupts give and whoever gives up ---- */

static struct mn_semaphore semaphore;
static uint32_t            random_state, held, most_held, given, taken;

struct user { struct mn_task task; struct mn_wait wait; mn_err err; uint32_t left; };
static struct user users[WAITERS];

static mn_err user_poll(struct mn_task *task, struct mn_cx *cx)
{
    struct user *self = MN_CONTAINER_OF(task, struct user, task);
    MN_BEGIN(&task->co);
    while (self->left) {
        self->left--;
        if (mn_host_random_next(&random_state) % 4 == 0 && !mn_semaphore_try_acquire(&semaphore))
            mn_semaphore_release(&semaphore);
        MN_TRY(mn_semaphore_acquire_poll(&semaphore, &self->wait, cx));
        held++;
        most_held = held > most_held ? held : most_held;
        taken++;
        MN_YIELD(cx);
        held--;
        if (mn_host_random_next(&random_state) % 8)
            mn_semaphore_release(&semaphore);
        else
            given--; /* an interrupt will give it back */
    }
    MN_END();
}

static void give_permit(void *unused)
{
    (void)unused;
    if (given < 3 && mn_host_random_next(&random_state) % 4 == 0) {
        given++;
        mn_semaphore_release(&semaphore);
    }
}

static void give_up_at_random(void)
{
    struct user *user = &users[mn_host_random_next(&random_state) % WAITERS];
    if (user->wait.state != MN_WAIT_IDLE && mn_host_random_next(&random_state) % 2) {
        mn_semaphore_cancel(&semaphore, &user->wait);
        mn_task_wake(&user->task); /* which waits again, at the end of the line */
    }
}

static void permits_are_conserved(uint32_t seed)
{
    random_state = seed;
    held = most_held = taken = 0;
    given = 3;
    mn_semaphore_init(&semaphore, 3);
    for (uint32_t i = 0; i < WAITERS; i++) {
        users[i] = (struct user){ .left = 20 };
        mn_task_start(&users[i].task, "user", user_poll);
    }
    mn_host_on_point(give_permit, NULL);
    for (uint32_t i = 0; mn_task_after(NULL); i++) {
        assert_true(i < 10000);
        mn_executor_tick();
        (void)mn_executor_serve_later();
        give_up_at_random();
        mn_hook_point();
    }
    mn_host_on_point(NULL, NULL);
    assert_int_equal(taken, 20 * WAITERS);
    assert_true(most_held <= 3);
    assert_int_equal(semaphore.queue.stored, given);
}

/* ---- Mutex ---- */

static struct mn_mutex mutex;
static struct mn_task *inside;

static mn_err holder_poll(struct mn_task *task, struct mn_cx *cx)
{
    struct user *self = MN_CONTAINER_OF(task, struct user, task);
    MN_BEGIN(&task->co);
    MN_AWAIT(self->err = mn_mutex_lock_poll(&mutex, &self->wait, cx));
    if (self->err == MN_OK) {
        assert_null(inside);
        inside = task;
        MN_YIELD(cx);
        MN_YIELD(cx);
        inside = NULL;
        mn_mutex_unlock(&mutex, task);
    }
    MN_END();
}

static void begin_mutex(void)
{
    inside = NULL;
    mn_mutex_init(&mutex);
    for (uint32_t i = 0; i < WAITERS; i++) {
        users[i] = (struct user){ .err = MN_PENDING };
        mn_task_start(&users[i].task, "holder", holder_poll);
    }
}

static void one_at_a_time(uint32_t seed)
{
    (void)seed;
    begin_mutex();
    mn_host_settle();
    for (uint32_t i = 0; i < WAITERS; i++)
        assert_int_equal(users[i].err, MN_OK);
    assert_null(mutex.holder);
}

static void a_mutex_of_who_gave_up_goes_to_the_next(void **state)
{
    (void)state;
    begin_mutex();
    mn_executor_tick();
    assert_ptr_equal(inside, &users[0].task);
    users[0].task.poll = NULL; /* both stay away from now on */
    users[1].task.poll = NULL;
    inside = NULL;
    mn_mutex_cancel(&mutex, &users[0].wait, &users[0].task); /* holds it */
    mn_mutex_cancel(&mutex, &users[1].wait, &users[1].task); /* has just got it */
    mn_mutex_cancel(&mutex, &users[3].wait, &users[3].task); /* waits */
    assert_int_equal(users[2].wait.state, MN_WAIT_SERVED);
    assert_int_equal(users[4].wait.state, MN_WAIT_QUEUED);
}

static void unlock_foreign(void *unused)
{
    (void)unused;
    mn_mutex_unlock(&mutex, &users[1].task);
}

static void lock_again(void *task)
{
    struct mn_cx cx = { .task = task };
    assert_int_equal(mn_mutex_lock_poll(&mutex, &users[1].wait, &cx), MN_OK);
}

static void a_mutex_used_wrongly_stops_the_kernel(void **state)
{
    (void)state;
    begin_mutex();
    assert_non_null(mn_host_panic_of(unlock_foreign, NULL));
    mn_executor_tick();
    assert_non_null(mn_host_panic_of(unlock_foreign, NULL));
    assert_non_null(mn_host_panic_of(lock_again, &users[0].task));
}

static void a_closed_mutex_is_still_unlocked(void **state)
{
    (void)state;
    begin_mutex();
    mn_executor_tick();
    mn_mutex_close(&mutex);
    mn_host_settle();
    assert_int_equal(users[0].err, MN_OK);
    assert_int_equal(users[1].err, MNEMOS_ERR_GONE);
    assert_null(inside);
}

/* ---- Event ---- */

static struct mn_event event;
static uint32_t        raised, seen, strike_at, points;
static mn_err          event_err;

static mn_err watcher_poll(struct mn_task *task, struct mn_cx *cx)
{
    MN_BEGIN(&task->co);
    for (;;) {
        MN_AWAIT(event_err = mn_event_wait_poll(&event, cx));
        if (event_err)
            return event_err;
        seen = raised;
    }
    MN_END();
}

static void raise_then_close(void *unused)
{
    (void)unused;
    if (points++ == strike_at) {
        raised = 1;
        mn_event_raise(&event);
        mn_event_close(&event);
    }
}

static void the_last_raise_before_the_close_is_seen(void **state)
{
    (void)state;
    for (strike_at = 0; strike_at < 30; strike_at++) {
        struct mn_task watcher;
        mn_host_reset();
        event = (struct mn_event){ 0 };
        raised = seen = points = 0;
        mn_host_on_point(raise_then_close, NULL);
        mn_task_start(&watcher, "watcher", watcher_poll);
        mn_host_settle();
        while (points <= strike_at)
            mn_hook_point();
        mn_host_on_point(NULL, NULL);
        mn_host_settle();
        assert_int_equal(seen, 1);
        assert_int_equal(event_err, MNEMOS_ERR_GONE);
    }
}

static void an_abandoned_event_wakes_nobody(void **state)
{
    (void)state;
    struct mn_task watcher;
    event = (struct mn_event){ 0 };
    mn_task_start(&watcher, "watcher", watcher_poll);
    mn_host_settle();
    mn_event_cancel(&event);
    mn_event_raise(&event);
    assert_false(mn_executor_ready());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MN_TEST(one_wake_lets_the_oldest_go),
        MN_TEST(a_wake_while_nobody_waits_is_kept_once),
        MN_TEST(waking_all_reaches_those_that_wait_and_no_later_one),
        MN_TEST(a_closed_queue_lets_everybody_go_for_ever),
        MN_TEST(an_abandoned_wait_passes_on_what_it_got),
        MN_TEST(waking_all_is_not_passed_on),
        MN_TEST(a_wake_at_any_point_of_a_wait_lets_it_go),
        MN_SEEDED(permits_are_conserved),
        MN_SEEDED(one_at_a_time),
        MN_TEST(a_mutex_of_who_gave_up_goes_to_the_next),
        MN_TEST(a_mutex_used_wrongly_stops_the_kernel),
        MN_TEST(a_closed_mutex_is_still_unlocked),
        MN_TEST(the_last_raise_before_the_close_is_seen),
        MN_TEST(an_abandoned_event_wakes_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
