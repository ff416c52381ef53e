/* await_test.c — coroutines and the event. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/core/await.h"
#include "kernel/arch/host/host.h"
#include "kernel/core/event.h"
#include "seeds.h"

struct sequence {
    struct mn_task  task;
    struct mn_event go;
    uint32_t        step, left;
    mn_err          inner_answer;
    mn_co           inner;
};

static mn_err inner_poll(struct sequence *self, struct mn_cx *cx)
{
    MN_BEGIN(&self->inner);
    MN_AWAIT(mn_event_wait_poll(&self->go, cx));
    self->step = 10;
    if (self->inner_answer)
        return self->inner.at = 0, self->inner_answer;
    MN_END();
}

static mn_err sequence_poll(struct mn_task *task, struct mn_cx *cx)
{
    struct sequence *self = MN_CONTAINER_OF(task, struct sequence, task);
    MN_BEGIN(&task->co);
    self->step = 1;
    MN_AWAIT(mn_event_wait_poll(&self->go, cx));
    for (self->left = 3; self->left > 0; self->left--) {
        self->step++;
        MN_AWAIT(mn_event_wait_poll(&self->go, cx));
    }
    MN_TRY(inner_poll(self, cx));
    self->step = 20;
    MN_YIELD(cx);
    self->step = 30;
    MN_END();
}

static void raise_and_settle(struct sequence *self)
{
    mn_event_raise(&self->go);
    mn_host_settle();
}

static void a_coroutine_goes_on_where_it_waited(void **state)
{
    (void)state;
    struct sequence self = { 0 };
    mn_task_start(&self.task, "sequence", sequence_poll);
    mn_host_settle();
    assert_int_equal(self.step, 1);
    uint16_t first_line = self.task.co.at;
    for (uint32_t step = 2; step <= 4; step++) {
        raise_and_settle(&self);
        assert_int_equal(self.step, step);
        assert_int_equal(self.task.co.at, first_line + 3);
    }
    raise_and_settle(&self);
    assert_int_equal(self.task.co.at, first_line + 5);
    mn_event_raise(&self.go);
    mn_executor_tick();
    assert_int_equal(self.step, 20);
    assert_true(mn_executor_serve_later());
    mn_executor_tick();
    assert_int_equal(self.step, 30);
    assert_true(self.task.done);
    assert_int_equal(self.task.co.at, 0);
}

static void a_failure_ends_the_coroutine_that_tries(void **state)
{
    (void)state;
    struct sequence self = { .inner_answer = -5 };
    mn_task_start(&self.task, "sequence", sequence_poll);
    mn_host_settle();
    for (uint32_t i = 0; i < 5; i++)
        raise_and_settle(&self);
    assert_int_equal(self.step, 10);
    assert_true(self.task.done);
    assert_int_equal(self.task.co.at, 0);
}

static void an_early_poll_does_no_harm(void **state)
{
    (void)state;
    struct sequence self = { 0 };
    mn_task_start(&self.task, "sequence", sequence_poll);
    for (uint32_t i = 0; i < 10; i++) {
        mn_task_wake(&self.task);
        mn_host_settle();
    }
    assert_int_equal(self.step, 1);
}

/* ---- An event against interrupts ---- */

struct counter { struct mn_task task; struct mn_event event; uint32_t seen; };

static _Atomic uint32_t causes;

static mn_err counter_poll(struct mn_task *task, struct mn_cx *cx)
{
    struct counter *self = MN_CONTAINER_OF(task, struct counter, task);
    MN_BEGIN(&task->co);
    for (;;) {
        MN_AWAIT(mn_event_wait_poll(&self->event, cx));
        self->seen = causes;
    }
    MN_END();
}

static uint32_t strike_at, points;

static void raise_at_one_point(void *owner)
{
    if (points++ == strike_at) {
        causes++;
        mn_event_raise(owner);
    }
}

static void a_raise_wakes_the_waiter_at_whichever_point_it_comes(void **state)
{
    (void)state;
    for (strike_at = 0;; strike_at++) {
        struct counter self = { 0 };
        points = causes = 0;
        mn_task_start(&self.task, "counter", counter_poll);
        mn_host_on_point(raise_at_one_point, &self.event);
        mn_host_settle();
        mn_host_on_point(NULL, NULL);
        mn_host_settle();
        if (points <= strike_at)
            break;
        assert_int_equal(self.seen, causes);
        mn_host_reset();
    }
}

static void raise_sometimes(void *owner)
{
    if (mn_host_random_next(&strike_at) % 4 == 0) {
        causes++;
        mn_event_raise(owner);
    }
}

static void many_raises_end_in_one_look_after_the_last(uint32_t seed)
{
    struct counter self = { 0 };
    strike_at = seed;
    causes = 0;
    mn_task_start(&self.task, "counter", counter_poll);
    mn_host_on_point(raise_sometimes, &self.event);
    for (uint32_t round = 0; round < 50; round++) {
        mn_event_raise(&self.event);
        mn_executor_tick();
    }
    mn_host_on_point(NULL, NULL);
    mn_host_settle();
    assert_int_equal(self.seen, causes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MN_TEST(a_coroutine_goes_on_where_it_waited),
        MN_TEST(a_failure_ends_the_coroutine_that_tries),
        MN_TEST(an_early_poll_does_no_harm),
        MN_TEST(a_raise_wakes_the_waiter_at_whichever_point_it_comes),
        MN_SEEDED(many_raises_end_in_one_look_after_the_last),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
