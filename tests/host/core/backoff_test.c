/* backoff_test.c — attempts after failures: when they come, and when they stop. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/core/backoff.h"
#include "kernel/arch/host/host.h"
#include "seeds.h"
#include <mnemos/abi/error.h>

#define ATTEMPTS 14u

static struct attempter {
    struct mn_task    task;
    struct mn_backoff backoff;
    uint32_t          count, succeeds_at;
    uint64_t          at_us[ATTEMPTS];
    mn_err            err;
} attempter;

static mn_err attempt(void)
{
    assert_true(attempter.count < ATTEMPTS);
    attempter.at_us[attempter.count] = mn_port_now_us();
    return attempter.count++ == attempter.succeeds_at ? MN_OK : MNEMOS_ERR_FULL;
}

static mn_err attempter_poll(struct mn_task *task, struct mn_cx *cx)
{
    MN_BEGIN(&task->co);
    MN_AWAIT(attempter.err = MN_RETRY(&attempter.backoff, cx, attempt()));
    MN_END();
}

static void begin(uint32_t succeeds_at)
{
    attempter = (struct attempter){ .succeeds_at = succeeds_at };
    mn_task_start(&attempter.task, "attempter", attempter_poll);
    mn_host_settle();
}

/* The n-th pause is 5 ms times 2^n, at most 2 s, and between the half of that and all of it. */
static void pauses_double_from_5_ms_to_2_s(uint32_t seed)
{
    uint64_t most_us = MN_BACKOFF_FIRST_US;
    (void)seed;
    begin(ATTEMPTS - 1);
    assert_int_equal(attempter.count, 1);
    mn_host_run_until(30000000);
    assert_int_equal(attempter.count, ATTEMPTS);
    for (uint32_t i = 1; i < ATTEMPTS; i++) {
        uint64_t pause_us = attempter.at_us[i] - attempter.at_us[i - 1];
        assert_in_range(pause_us, most_us / 2, most_us);
        most_us = most_us < MN_BACKOFF_MOST_US / 2 ? 2 * most_us : MN_BACKOFF_MOST_US;
    }
    assert_int_equal(most_us, 2000000);
}

static void success_forgets_the_failures(void **state)
{
    (void)state;
    begin(5);
    mn_host_run_until(1000000);
    assert_int_equal(attempter.err, MN_OK);
    assert_int_equal(attempter.backoff.err, MNEMOS_ERR_FULL); /* the last one can be looked at */
    assert_int_equal(attempter.backoff.pause_us, 0);
    assert_false(attempter.backoff.timer.armed);
}

static void what_succeeds_at_once_does_not_pause(void **state)
{
    (void)state;
    begin(0);
    assert_int_equal(attempter.err, MN_OK);
    assert_int_equal(attempter.count, 1);
}

static void wakes_during_a_pause_do_not_shorten_it(void **state)
{
    (void)state;
    begin(3);
    for (uint32_t i = 0; i < 100; i++) {
        mn_task_wake(&attempter.task);
        mn_host_settle();
    }
    assert_int_equal(attempter.count, 1);
}

static mn_err waiting_poll(struct mn_cx *cx, struct mn_backoff *backoff, mn_err err)
{
    return MN_RETRY(backoff, cx, err);
}

static void what_waits_is_no_failure(void **state)
{
    (void)state;
    struct mn_backoff backoff = { 0 };
    struct mn_task    task = { .state = MN_TASK_IDLE };
    struct mn_cx      cx = { &task };
    assert_int_equal(waiting_poll(&cx, &backoff, MN_PENDING), MN_PENDING);
    assert_false(backoff.timer.armed);
    assert_int_equal(waiting_poll(&cx, &backoff, MNEMOS_ERR_NO_MEMORY), MN_PENDING);
    assert_true(backoff.timer.armed);
    mn_backoff_cancel(&backoff);
    assert_false(backoff.timer.armed);
    assert_int_equal(waiting_poll(&cx, &backoff, MN_OK), MN_OK);
}

/* Two that failed in the same microsecond. */
static void those_who_failed_together_do_not_come_back_together(void **state)
{
    (void)state;
    struct mn_backoff backoff[2] = { { .pause_us = 1000000 }, { .pause_us = 1000000 } };
    struct mn_task    task = { .state = MN_TASK_IDLE };
    struct mn_cx      cx = { &task };
    for (uint32_t i = 0; i < 2; i++)
        assert_int_equal(waiting_poll(&cx, &backoff[i], MNEMOS_ERR_FULL), MN_PENDING);
    assert_int_not_equal(backoff[0].until_us, backoff[1].until_us);
    for (uint32_t i = 0; i < 2; i++)
        mn_backoff_cancel(&backoff[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MN_SEEDED(pauses_double_from_5_ms_to_2_s),
        MN_TEST(success_forgets_the_failures),
        MN_TEST(what_succeeds_at_once_does_not_pause),
        MN_TEST(wakes_during_a_pause_do_not_shorten_it),
        MN_TEST(what_waits_is_no_failure),
        MN_TEST(those_who_failed_together_do_not_come_back_together),
    };
    return cmocka_run_group_tests_name("backoff", tests, NULL, NULL);
}
