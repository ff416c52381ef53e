/* timer_test.c — timers and sleeping, on the virtual clock. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/core/timer.h"
#include "kernel/arch/host/host.h"
#include "seeds.h"

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
        MN_SEEDED(the_next_deadline_is_always_the_earliest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
