/* task_test.c — the executor. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/arch/host/host.h"
#include "kernel/core/timer.h"
#include "seeds.h"

struct counter { struct mn_task task; uint32_t polls; };

static mn_err counter_poll(struct mn_task *task, struct mn_cx *cx)
{
    struct counter *self = MN_CONTAINER_OF(task, struct counter, task);
    (void)cx;
    self->polls++;
    return MN_PENDING;
}

static void two_wakes_before_a_poll_are_one(void **state)
{
    struct counter counter = { 0 };
    (void)state;
    mn_task_start(&counter.task, "counter", counter_poll);
    mn_host_settle();
    assert_int_equal(counter.polls, 1);
    mn_task_wake(&counter.task);
    mn_task_wake(&counter.task);
    mn_host_settle();
    assert_int_equal(counter.polls, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MN_TEST(two_wakes_before_a_poll_are_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
