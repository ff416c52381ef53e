/* timer_test.c — timers and sleeping, on the virtual clock. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/core/timer.h"
#include "kernel/arch/host/host.h"
#include "kernel/core/interval.h"
#include "kernel/core/timeout.h"
#include "kernel/core/wait.h"
#include "seeds.h"
#include <mnemos/abi/error.h>
#include <string.h>

struct sleeper { struct mn_task task; struct mn_timer timer; uint64_t until; uint32_t polls; };

static mn_err sleeper_poll(struct mn_task *task, struct mn_cx *cx)
{
    struct sleeper *self = MN_CONTAINER_OF(task, struct sleeper, task);
    self->polls++;
    MN_BEGIN(&task->co);
    MN_TRY(mn_timer_sleep_poll(&self->timer, cx, self->until));
    MN_END();
}

static void sleeper_start(struct sleeper *self, uint64_t until)
{
    *self = (struct sleeper){ .until = until };
    mn_task_start(&self->task, "sleeper", sleeper_poll);
    mn_host_settle();
}

static void a_sleeper_wakes_exactly_at_its_time(void **state)
{
    (void)state;
    struct sleeper self;
    sleeper_start(&self, 1000);
    assert_int_equal(mn_timer_next_us(), 1000);
    mn_host_run_until(999);
    assert_false(self.task.done);
    mn_host_run_until(1000);
    assert_true(self.task.done);
    assert_int_equal(self.polls, 2);
    assert_true(mn_timer_next_us() == MN_TIME_NEVER);
}

static void a_time_that_is_past_does_not_wait(void **state)
{
    (void)state;
    struct sleeper self;
    mn_host_set_time(5000);
    sleeper_start(&self, 5000);
    assert_true(self.task.done);
    sleeper_start(&self, 0);
    assert_true(self.task.done);
    assert_false(self.timer.armed);
}

static void a_sleeper_far_in_the_future_sleeps(void **state)
{
    (void)state;
    struct sleeper self[3];
    sleeper_start(&self[0], UINT64_MAX - 1);
    sleeper_start(&self[1], 1ull << 32);
    sleeper_start(&self[2], UINT64_MAX);
    assert_true(mn_timer_next_us() == 1ull << 32);
    mn_host_run_until((1ull << 32) - 1);
    assert_false(self[1].task.done);
    mn_host_run_until(1ull << 32);
    assert_true(self[1].task.done);
    mn_host_run_until(UINT64_MAX - 2);
    assert_false(self[0].task.done);
    mn_host_run_until(UINT64_MAX - 1);
    assert_true(self[0].task.done);
    assert_false(self[2].task.done);
}

static void early_polls_do_not_shorten_a_sleep(void **state)
{
    (void)state;
    struct sleeper self;
    sleeper_start(&self, 1000);
    for (uint64_t now = 0; now < 1000; now += 100) {
        mn_host_run_until(now);
        mn_task_wake(&self.task);
        mn_host_settle();
        assert_false(self.task.done);
        assert_int_equal(mn_timer_next_us(), 1000);
    }
    mn_host_run_until(1000);
    assert_true(self.task.done);
}

static void a_due_timer_is_work_to_do(void **state)
{
    (void)state;
    struct sleeper self;
    sleeper_start(&self, 1000);
    mn_host_set_time(1500);
    assert_true(mn_executor_tick()); /* the task is ready now */
    assert_false(mn_executor_tick());
    assert_true(self.task.done);
}

/* ---- Callbacks ---- */

struct bell { struct mn_timer timer; uint32_t rings; uint64_t every; struct mn_timer *silences; };

static void bell_ring(struct mn_timer *timer)
{
    struct bell *self = MN_CONTAINER_OF(timer, struct bell, timer);
    self->rings++;
    if (self->silences)
        mn_timer_cancel(self->silences);
    if (self->every != MN_TIME_NEVER)
        mn_timer_arm(timer, NULL, timer->at_us + self->every);
}

static void a_timer_may_be_armed_again_while_it_fires(void **state)
{
    (void)state;
    struct bell bell = { .timer.fire = bell_ring, .every = 10 };
    mn_timer_arm(&bell.timer, NULL, 10);
    mn_host_run_until(100);
    assert_int_equal(bell.rings, 10);
}

static void a_timer_armed_for_the_past_while_it_fires_waits_for_the_next_round(void **state)
{
    (void)state;
    struct bell bell = { .timer.fire = bell_ring, .every = 0 }, other = { .timer.fire = bell_ring, .every = MN_TIME_NEVER };
    mn_timer_arm(&bell.timer, NULL, 5);
    mn_timer_arm(&other.timer, NULL, 6);
    mn_host_set_time(50);
    mn_executor_tick();
    assert_int_equal(bell.rings, 1);
    assert_int_equal(other.rings, 1);
    assert_int_equal(mn_timer_next_us(), 51);
}

static void a_timer_may_cancel_another_that_is_due_too(void **state)
{
    (void)state;
    struct bell second = { .timer.fire = bell_ring, .every = MN_TIME_NEVER };
    struct bell first = { .timer.fire = bell_ring, .every = MN_TIME_NEVER, .silences = &second.timer };
    mn_timer_arm(&second.timer, NULL, 20);
    mn_timer_arm(&first.timer, NULL, 10);
    mn_host_set_time(30);
    mn_executor_tick();
    assert_int_equal(first.rings, 1);
    assert_int_equal(second.rings, 0);
    assert_false(second.timer.armed);
}

/* ---- Many, against a plain list ---- */

#define MANY 200u

static struct { struct mn_timer timer; uint64_t due; uint32_t fired; } many[MANY];

static void many_fire(struct mn_timer *timer)
{
    for (uint32_t i = 0; i < MANY; i++) {
        if (&many[i].timer == timer) {
            assert_true(many[i].due <= mn_port_now_us());
            many[i].due = MN_TIME_NEVER;
            many[i].fired++;
            return;
        }
    }
    fail();
}

static uint64_t many_earliest(void)
{
    uint64_t earliest = MN_TIME_NEVER;
    for (uint32_t i = 0; i < MANY; i++)
        earliest = many[i].due < earliest ? many[i].due : earliest;
    return earliest;
}

static void the_next_deadline_is_always_the_earliest(uint32_t seed)
{
    for (uint32_t i = 0; i < MANY; i++) {
        many[i].timer = (struct mn_timer){ .fire = many_fire };
        many[i].due = MN_TIME_NEVER;
    }
    for (uint32_t step = 0; step < 2000; step++) {
        uint32_t which = mn_host_random_next(&seed) % MANY;
        uint32_t what = mn_host_random_next(&seed) % 16;
        if (what < 10) {
            uint64_t now = mn_port_now_us(), at = mn_host_random_next(&seed) % 1000;
            many[which].due = what == 0 ? at : now + at;
            mn_timer_arm(&many[which].timer, NULL, many[which].due);
        } else if (what < 14) {
            mn_timer_cancel(&many[which].timer);
            many[which].due = MN_TIME_NEVER;
        } else {
            mn_host_advance(mn_host_random_next(&seed) % 50);
            mn_executor_tick();
            assert_true(many_earliest() > mn_port_now_us());
        }
        assert_true(mn_timer_next_us() == many_earliest());
        assert_true(many[which].timer.armed == (many[which].due != MN_TIME_NEVER));
    }
}

/* ---- A thousand: no way to the right is long, wherever they come from ---- */

#define THOUSAND 1000u

static struct mn_timer thousand[THOUSAND];

static uint32_t longest_way_right(void)
{
    uint32_t longest = 0;
    for (uint32_t i = 0; i < THOUSAND; i++) {
        const struct mn_timer *left = thousand[i].left, *right = thousand[i].right;
        uint32_t               way = 0;
        if (thousand[i].armed)
            assert_true((left ? left->rank : 0) >= (right ? right->rank : 0)
                        && thousand[i].rank == 1 + (right ? right->rank : 0));
        for (const struct mn_timer *timer = &thousand[i]; thousand[i].armed && timer; timer = timer->right)
            way++;
        longest = way > longest ? way : longest;
    }
    return longest;
}

static void ring_nothing(struct mn_timer *timer) { (void)timer; }

static void nothing_is_slow_with_a_thousand_timers(void **state)
{
    (void)state;
    for (uint32_t order = 0; order < 3; order++) {
        mn_host_reset();
        uint32_t seed = 1;
        for (uint32_t i = 0; i < THOUSAND; i++) {
            uint64_t at = order == 0 ? i : order == 1 ? THOUSAND - i : mn_host_random_next(&seed) % 5000;
            thousand[i] = (struct mn_timer){ .fire = ring_nothing };
            mn_timer_arm(&thousand[i], NULL, 1000 + at);
        }
        assert_true(longest_way_right() <= 10);
        for (uint32_t i = 0; i < THOUSAND; i += 3) {
            mn_timer_cancel(&thousand[i]);
            if (i % 30 == 0)
                assert_true(longest_way_right() <= 10);
        }
        while (mn_timer_next_us() != MN_TIME_NEVER)
            mn_host_run_until(mn_timer_next_us());
    }
}

/* ---- Time limits ---- */

static struct {
    struct mn_task       task;
    struct mn_timeout    timeout;
    struct mn_wait_queue queue;
    struct mn_wait       wait;
    uint64_t             limit_us;
    mn_err               err;
} limited;

static mn_err limited_poll(struct mn_task *task, struct mn_cx *cx)
{
    MN_BEGIN(&task->co);
    MN_AWAIT(limited.err = mn_timeout_poll(&limited.timeout, cx, mn_port_now_us() + limited.limit_us,
                                           mn_wait_poll(&limited.queue, &limited.wait, cx)));
    if (limited.err == MNEMOS_ERR_TIMED_OUT)
        mn_wait_cancel(&limited.queue, &limited.wait);
    MN_END();
}

static void limited_start(uint64_t limit_us)
{
    memset(&limited, 0, sizeof limited);
    limited.limit_us = limit_us;
    mn_wait_queue_init(&limited.queue, 0, 1);
    mn_task_start(&limited.task, "limited", limited_poll);
    mn_host_settle();
}

static void a_wait_ends_at_its_limit(void **state)
{
    (void)state;
    limited_start(1000);
    mn_host_run_until(500);
    mn_task_wake(&limited.task); /* which does not move the limit */
    mn_host_run_until(999);
    assert_int_equal(limited.err, MN_PENDING);
    mn_host_run_until(1000);
    assert_int_equal(limited.err, MNEMOS_ERR_TIMED_OUT);
    assert_true(mn_wait_queue_is_empty(&limited.queue));
}

static void what_comes_in_time_is_not_lost_to_the_limit(void **state)
{
    (void)state;
    for (uint64_t at = 999; at <= 1000; at++) {
        mn_host_reset();
        limited_start(1000);
        mn_host_set_time(at);
        mn_wait_queue_wake(&limited.queue); /* at 1000, in the round in which the limit fires too */
        mn_host_settle();
        assert_int_equal(limited.err, MN_OK);
        assert_true(mn_timer_next_us() == MN_TIME_NEVER);
    }
}

static void no_time_at_all_still_looks_once(void **state)
{
    (void)state;
    limited_start(0);
    assert_int_equal(limited.err, MNEMOS_ERR_TIMED_OUT);
}

static void an_abandoned_limit_leaves_no_timer(void **state)
{
    (void)state;
    limited_start(1000);
    mn_timeout_cancel(&limited.timeout);
    assert_true(mn_timer_next_us() == MN_TIME_NEVER);
}

/* ---- Intervals ---- */

static struct { struct mn_task task; struct mn_interval interval; uint64_t at[10]; uint32_t count, missed, all_missed; } beat;

static mn_err beat_poll(struct mn_task *task, struct mn_cx *cx)
{
    MN_BEGIN(&task->co);
    while (beat.count < 10) {
        MN_TRY(mn_interval_poll(&beat.interval, cx, &beat.missed));
        beat.at[beat.count++] = mn_port_now_us();
        beat.all_missed += beat.missed;
        mn_host_advance(beat.count == 5 ? 350 : 30); /* it works for a while, once for too long */
    }
    MN_END();
}

static void an_interval_does_not_drift(void **state)
{
    (void)state;
    memset(&beat, 0, sizeof beat);
    mn_interval_start(&beat.interval, 1000, 100);
    mn_task_start(&beat.task, "beat", beat_poll);
    mn_host_run_until(10000);
    static const uint64_t expected[10] = { 1000, 1100, 1200, 1300, 1400, 1750, 1800, 1900, 2000, 2100 };
    for (uint32_t i = 0; i < 10; i++)
        assert_int_equal(beat.at[i], expected[i]);
    assert_int_equal(beat.all_missed, 2); /* 1500 and 1600; it was there for 1700, though late */
}

static void an_interval_far_behind_counts_and_goes_on(void **state)
{
    (void)state;
    struct mn_task     nobody = { .name = "nobody" };
    struct mn_cx       cx = { .task = &nobody };
    struct mn_interval interval = { 0 };
    uint32_t           missed;
    mn_interval_start(&interval, 0, 1);
    mn_host_set_time(1ull << 40);
    assert_int_equal(mn_interval_poll(&interval, &cx, &missed), MN_OK);
    assert_int_equal(missed, UINT32_MAX);
    assert_int_equal(mn_interval_poll(&interval, &cx, NULL), MN_PENDING);
    assert_true(mn_timer_next_us() == (1ull << 40) + 1);
    mn_interval_cancel(&interval);
    assert_true(mn_timer_next_us() == MN_TIME_NEVER);
}

static void a_wait_taken_over_by_another_task_wakes_that_one(void **state)
{
    (void)state;
    struct mn_task     first = { .name = "first" }, second = { .name = "second" };
    struct mn_cx       cx = { .task = &first }, other = { .task = &second };
    struct mn_timer    timer = { 0 };
    struct mn_timeout  timeout = { 0 };
    struct mn_interval interval = { 0 };

    assert_int_equal(mn_timer_sleep_poll(&timer, &cx, 1000), MN_PENDING);
    assert_int_equal(mn_timer_sleep_poll(&timer, &other, 1000), MN_PENDING);
    assert_ptr_equal(timer.task, &second);
    assert_int_equal(mn_timer_sleep_poll(&timer, &other, 2000), MN_PENDING); /* nor for the time of another wait */
    assert_int_equal(mn_timer_next_us(), 2000);
    mn_timer_cancel(&timer);

    assert_int_equal(mn_timeout_poll(&timeout, &cx, 1000, MN_PENDING), MN_PENDING);
    assert_int_equal(mn_timeout_poll(&timeout, &other, 5000, MN_PENDING), MN_PENDING);
    assert_ptr_equal(timeout.timer.task, &second);
    assert_int_equal(mn_timer_next_us(), 1000); /* the limit is the one it began with */
    mn_timeout_cancel(&timeout);

    mn_interval_start(&interval, 1000, 100);
    assert_int_equal(mn_interval_poll(&interval, &cx, NULL), MN_PENDING);
    mn_host_set_time(1250);
    assert_int_equal(mn_interval_poll(&interval, &other, NULL), MN_OK); /* not asking what was missed */
    assert_int_equal(mn_interval_poll(&interval, &other, NULL), MN_PENDING);
    assert_int_equal(mn_timer_next_us(), 1300);
    mn_interval_cancel(&interval);
}

/* ---- When somebody has to look at the clock ---- */

static uint32_t fires;
static void     count_fire(struct mn_timer *timer) { (void)timer; fires++; }

static void only_an_earlier_deadline_or_the_alarm_calls(void **state)
{
    (void)state;
    struct mn_timer one = { .fire = count_fire }, earlier = one, later = one;
    assert_false(mn_timer_calls());
    mn_timer_arm(&one, NULL, 1000);
    assert_true(mn_timer_calls());
    mn_timer_look();
    assert_false(mn_timer_calls());
    mn_timer_arm(&later, NULL, 2000);
    assert_false(mn_timer_calls());
    mn_timer_arm(&earlier, NULL, 500);
    assert_true(mn_timer_calls());
    mn_timer_look();
    mn_timer_cancel(&earlier);
    assert_false(mn_timer_calls());
    mn_timer_set_alarm(mn_timer_next_us());
    assert_false(mn_timer_has_rung());
    mn_host_set_time(999);
    assert_false(mn_timer_calls());
    mn_host_set_time(1000);
    assert_true(mn_timer_calls() && mn_timer_has_rung());
    fires = 0;
    mn_timer_look();
    assert_int_equal(fires, 1);
    assert_false(mn_timer_calls());
    mn_timer_set_alarm(2000);
    assert_false(mn_timer_has_rung());
}

static void an_alarm_in_the_past_calls_at_once(void **state)
{
    (void)state;
    mn_host_set_time(100);
    mn_timer_set_alarm(100);
    assert_true(mn_timer_calls() && mn_timer_has_rung());
    assert_true(mn_host_pended());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MN_TEST(a_sleeper_wakes_exactly_at_its_time),
        MN_TEST(a_time_that_is_past_does_not_wait),
        MN_TEST(a_sleeper_far_in_the_future_sleeps),
        MN_TEST(early_polls_do_not_shorten_a_sleep),
        MN_TEST(a_due_timer_is_work_to_do),
        MN_TEST(a_timer_may_be_armed_again_while_it_fires),
        MN_TEST(a_timer_armed_for_the_past_while_it_fires_waits_for_the_next_round),
        MN_TEST(a_timer_may_cancel_another_that_is_due_too),
        MN_TEST(nothing_is_slow_with_a_thousand_timers),
        MN_TEST(a_wait_ends_at_its_limit),
        MN_TEST(what_comes_in_time_is_not_lost_to_the_limit),
        MN_TEST(no_time_at_all_still_looks_once),
        MN_TEST(an_abandoned_limit_leaves_no_timer),
        MN_TEST(an_interval_does_not_drift),
        MN_TEST(an_interval_far_behind_counts_and_goes_on),
        MN_TEST(a_wait_taken_over_by_another_task_wakes_that_one),
        MN_TEST(only_an_earlier_deadline_or_the_alarm_calls),
        MN_TEST(an_alarm_in_the_past_calls_at_once),
        MN_SEEDED(the_next_deadline_is_always_the_earliest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
