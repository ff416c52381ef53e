/* sched_test.c — who runs, for how long, on a clock that the test moves. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "rig.h"

/* The current program computes until the kernel takes over: at its alarm, or earlier if something wakes a task. */
static void compute(uint64_t most_us)
{
    uint64_t until = mn_port_now_us() + most_us;
    mn_host_set_time(until < mn_host_alarm() ? until : mn_host_alarm());
    (void)rig_switch();
}

static struct mn_task worker;

static mn_err idle_work(struct mn_task *task, struct mn_cx *cx)
{
    (void)task;
    (void)cx;
    return MN_PENDING;
}

static void a_lone_program_runs_without_alarms(void **state)
{
    (void)state;
    struct mn_prog *prog = rig_started("prog");
    assert_ptr_equal(rig_switch(), prog);
    assert_int_equal(mn_host_alarm(), MN_TIME_NEVER);
    mn_host_advance(1000000);
    assert_ptr_equal(rig_switch(), prog);
    assert_int_equal(mn_prog_run_us(prog), 1000000);
}

static void programs_take_turns_of_a_slice(void **state)
{
    (void)state;
    struct mn_prog *progs[3] = { rig_started("a"), rig_started("b"), rig_started("c") };
    (void)rig_switch();
    for (uint32_t turn = 0; turn < 30; turn++) {
        assert_ptr_equal(mn_sched.current, progs[turn % 3]);
        assert_int_equal(mn_host_alarm(), mn_port_now_us() + MN_SLICE_US);
        compute(UINT32_MAX);
    }
    for (uint32_t i = 0; i < 3; i++)
        assert_int_equal(mn_prog_run_us(progs[i]), 10 * MN_SLICE_US);
}

static void a_newcomer_does_not_wait_for_who_had_it_alone(void **state)
{
    (void)state;
    struct mn_prog *old = rig_started("old");
    (void)rig_switch();
    mn_host_advance(3600000000);
    assert_ptr_equal(rig_switch(), old);
    struct mn_prog *newcomer = rig_started("new");
    assert_ptr_equal(rig_switch(), newcomer);
}

static void a_newcomer_sets_an_alarm_though_one_is_set_for_later(void **state)
{
    (void)state;
    struct mn_timer timer = { 0 };
    mn_task_start(&worker, "worker", idle_work);
    (void)rig_started("old");
    mn_timer_arm(&timer, &worker, 1000000);
    (void)rig_switch();
    assert_int_equal(mn_host_alarm(), 1000000);
    (void)rig_started("new");
    (void)rig_switch();
    assert_int_equal(mn_host_alarm(), MN_SLICE_US);
}

static void interruptions_do_not_prolong_a_slice(void **state)
{
    (void)state;
    struct mn_prog *a = rig_started("a"), *b = rig_started("b");
    (void)rig_switch();
    for (uint32_t i = 0; i < 4; i++) {
        compute(1000);
        assert_ptr_equal(mn_sched.current, a);
    }
    compute(1000);
    assert_ptr_equal(mn_sched.current, b);
    assert_int_equal(mn_port_now_us(), 5000);
}

static void yield_gives_the_rest_away(void **state)
{
    (void)state;
    struct mn_prog *a = rig_started("a"), *b = rig_started("b");
    assert_ptr_equal(rig_switch(), a);
    mn_host_advance(10);
    assert_true(rig_call(MNEMOS_SYS_CALL_YIELD, 0, 0, 0, 0).pended);
    assert_ptr_equal(rig_switch(), b);
    assert_int_equal(mn_host_alarm(), MN_SLICE_US); /* still that of the first: early does no harm */
    compute(UINT32_MAX);
    assert_ptr_equal(mn_sched.current, b);
    assert_int_equal(mn_host_alarm(), 10 + MN_SLICE_US);
    mn_prog_end(b, MNEMOS_END_STOPPED, 0);
    assert_ptr_equal(rig_switch(), a);
    (void)rig_call(MNEMOS_SYS_CALL_YIELD, 0, 0, 0, 0);
    assert_ptr_equal(rig_switch(), a);
}

static void removing_any_place_of_the_queue_keeps_the_order(void **state)
{
    (void)state;
    for (uint32_t gone = 0; gone < 3; gone++) {
        (void)rig_fresh(state);
        struct mn_prog *progs[4] = { rig_started("a"), rig_started("b"), rig_started("c"), NULL };
        mn_prog_end(progs[gone], MNEMOS_END_KILLED, 0);
        progs[3] = rig_started("d");
        (void)rig_switch();
        for (uint32_t i = 0; i < 8; i++) {
            static const uint8_t order[3][3] = { { 1, 2, 3 }, { 0, 2, 3 }, { 0, 1, 3 } };
            assert_ptr_equal(mn_sched.current, progs[order[gone][i % 3]]);
            compute(UINT32_MAX);
        }
    }
}

/* What kernel/arch/cortex-m4/switch.c does in SVC. */
static void yield_in_svc(void)
{
    struct mn_prog *prog = mn_sched.current;
    uint32_t        now = mn_port_stamp();
    assert_int_equal(mn_sched.detour, 0);
    prog->run += now - mn_sched.since;
    mn_sched.slice_used = 0;
    mn_sched.last = prog;
    mn_sched.current = mn_sched.mpu_owner = mn_sched.ran = prog->next;
    mn_sched.since = now;
}

static void a_yield_in_svc_is_as_good_as_any(void **state)
{
    (void)state;
    struct mn_prog *a = rig_started("a"), *b = rig_started("b");
    (void)rig_switch();
    for (uint32_t i = 0; i < 1000; i++) {
        mn_host_advance(3);
        yield_in_svc();
        assert_ptr_equal(mn_sched.current, i % 2 ? a : b);
    }
    assert_int_equal(mn_prog_run_us(a), 1500);
    assert_int_equal(mn_prog_run_us(b), 1500);
    mn_host_advance(1);
    yield_in_svc();
    assert_true(mn_host_alarm() <= mn_port_now_us() + MN_SLICE_US);
    compute(UINT32_MAX); /* the alarm is that of the first slice */
    assert_ptr_equal(mn_sched.current, b);
    compute(UINT32_MAX);
    assert_ptr_equal(mn_sched.current, a);
    assert_int_equal(mn_port_now_us(), 3001 + MN_SLICE_US);
    assert_int_equal(mn_prog_run_us(b), 1500 + MN_SLICE_US);
}

static mn_err ending_work(struct mn_task *task, struct mn_cx *cx)
{
    (void)task;
    (void)cx;
    mn_host_advance(70);
    mn_prog_end(mn_prog_at(0), MNEMOS_END_KILLED, 0);
    mn_host_advance(7);
    return MN_OK;
}

static void a_program_that_a_task_ends_ran_until_the_task_did(void **state)
{
    (void)state;
    struct mn_task  killer;
    struct mn_prog *a = rig_started("a"), *b = rig_started("b");
    assert_ptr_equal(rig_switch(), a);
    mn_host_advance(500);
    mn_task_start(&killer, "killer", ending_work);
    assert_ptr_equal(rig_switch(), b);
    assert_int_equal(mn_prog_run_us(a), 500);
    mn_host_advance(30);
    assert_int_equal(rig_call(MNEMOS_SYS_CALL_YIELD, 0, 0, 0, 0).err, MN_OK);
    assert_ptr_equal(rig_switch(), b);
    assert_int_equal(mn_prog_run_us(a), 500);
    assert_int_equal(mn_prog_run_us(b), 30);
}

static void a_program_that_exits_ran_until_then(void **state)
{
    (void)state;
    struct mn_prog *a = rig_started("a"), *b = rig_started("b");
    assert_ptr_equal(rig_switch(), a);
    mn_host_advance(40);
    mn_prog_end(a, MNEMOS_END_EXIT, 0);
    assert_null(mn_sched.current);
    mn_host_advance(9); /* until the processor comes to the executor */
    assert_ptr_equal(rig_switch(), b);
    assert_int_equal(mn_prog_run_us(a), 40);
}

/* ---- Tasks beside programs ---- */

static uint64_t       work_us;  /* of a poll */
static bool           own_wake; /* it wants to be polled again by itself */
static struct mn_task helper;   /* or together with another one, which looks like work from outside */

static mn_err work(struct mn_task *task, struct mn_cx *cx)
{
    (void)cx;
    mn_host_advance(work_us);
    mn_task_wake(own_wake ? task : task == &worker ? &helper : &worker);
    return MN_PENDING;
}

static void a_woken_task_comes_before_programs(void **state)
{
    (void)state;
    struct mn_prog *prog = rig_started("prog");
    mn_task_start(&worker, "worker", idle_work);
    assert_ptr_equal(rig_switch(), prog);
    assert_int_equal(worker.polls, 1);
    mn_task_wake(&worker);
    compute(10);
    assert_int_equal(worker.polls, 2);
    assert_ptr_equal(mn_sched.current, prog);
}

static void endless_tasks_leave_programs_a_tenth(void **state)
{
    (void)state;
    struct mn_prog *a = rig_started("a"), *b = rig_started("b");
    own_wake = false;
    work_us = 100;
    mn_task_start(&worker, "worker", work);
    mn_task_start(&helper, "helper", idle_work);
    helper.poll = work;
    (void)rig_switch();
    uint64_t begin = mn_port_now_us(), first = mn_prog_run_us(a) + mn_prog_run_us(b);
    while (mn_port_now_us() < begin + 2000000) {
        uint64_t before = mn_port_now_us();
        compute(UINT32_MAX);
        assert_true(mn_port_now_us() - before < 60000); /* never locked out for long */
    }
    uint64_t spent = mn_port_now_us() - begin, ran = mn_prog_run_us(a) + mn_prog_run_us(b) - first;
    assert_true(ran * 100 >= spent * 10 - 100000 && ran * 100 <= spent * 13);
    assert_true(mn_prog_run_us(a) * 2 > mn_prog_run_us(b) && mn_prog_run_us(b) * 2 > mn_prog_run_us(a));
    assert_true(a->late + b->late > 100);
}

static void a_protected_slice_is_not_cut_short(void **state)
{
    (void)state;
    struct mn_prog *prog = rig_started("prog");
    own_wake = false;
    work_us = 20000;
    mn_task_start(&worker, "worker", work);
    mn_task_start(&helper, "helper", work);
    assert_ptr_equal(rig_switch(), prog); /* the tasks never rest: it is protected */
    uint64_t begin = mn_port_now_us();
    uint32_t polls = worker.polls, late = prog->late;
    assert_int_equal(mn_host_alarm(), begin + MN_FLOOR_SLICE_US);
    for (uint32_t i = 0; i < 9; i++) {
        compute(100);
        assert_int_equal(mn_port_now_us(), begin + 100 * (i + 1));
        assert_int_equal(worker.polls, polls);
    }
    assert_int_equal(prog->late, late);
    compute(100);
    assert_true(worker.polls > polls);
}

static void sleep_for(uint64_t us)
{
    uint8_t bytes[16];
    struct mnemos_writer w = { bytes, bytes + sizeof bytes };
    (void)mnemos_sys_sleep_args_put(&w, &(struct mnemos_sys_sleep_args){ mn_port_now_us() + us });
    if (rig_message(MNEMOS_SYS_CALL_SLEEP, bytes, (uint32_t)(w.at - bytes), NULL, 0).pended)
        (void)rig_switch();
}

static void an_alarm_that_comes_too_early_does_not_end_protection(void **state)
{
    (void)state;
    struct mn_prog *prog = rig_started("prog");
    own_wake = false;
    work_us = 20000;
    mn_task_start(&worker, "worker", work);
    mn_task_start(&helper, "helper", work);
    assert_ptr_equal(rig_switch(), prog);
    uint64_t begin = mn_port_now_us();
    uint32_t polls = worker.polls;
    for (uint32_t i = 0; i < 5; i++) {
        mn_host_advance(50);
        mn_port_alarm(0);
        assert_ptr_equal(rig_switch(), prog);
        assert_int_equal(mn_host_alarm(), begin + MN_FLOOR_SLICE_US);
    }
    assert_int_equal(worker.polls, polls);
    compute(UINT32_MAX);
    assert_true(worker.polls > polls);
}

static void a_yield_makes_a_detour_only_when_it_must(void **state)
{
    (void)state;
    (void)rig_started("a");
    (void)rig_switch();
    assert_true(mn_sched.detour); /* nobody else */
    (void)rig_started("b");
    (void)rig_switch();
    assert_false(mn_sched.detour);
    own_wake = true;
    work_us = 0;
    mn_task_start(&worker, "worker", work);
    (void)rig_switch();
    assert_true(mn_sched.detour); /* a task waits for the end of a turn */
    own_wake = false;
    worker.poll = idle_work;
    (void)rig_call(MNEMOS_SYS_CALL_YIELD, 0, 0, 0, 0);
    (void)rig_switch();
    assert_false(mn_sched.detour);
    mn_task_start(&helper, "helper", idle_work);
    (void)rig_switch();
    assert_false(mn_sched.detour);
}

static void a_protected_slice_ends_when_its_program_waits(void **state)
{
    (void)state;
    struct mn_prog *prog = rig_started("prog");
    own_wake = false;
    work_us = 500;
    mn_task_start(&worker, "worker", work);
    mn_task_start(&helper, "helper", work);
    assert_ptr_equal(rig_switch(), prog);
    uint32_t polls = worker.polls;
    sleep_for(200);
    assert_true(worker.polls > polls);
}

static void a_task_that_wakes_itself_waits_for_a_programs_turn(void **state)
{
    (void)state;
    struct mn_prog *prog = rig_started("prog");
    own_wake = true;
    work_us = 0;
    mn_task_start(&worker, "worker", work);
    assert_ptr_equal(rig_switch(), prog);
    uint32_t polls = worker.polls;
    assert_int_equal(mn_host_alarm(), mn_port_now_us() + MN_FLOOR_SLICE_US);
    compute(300);
    compute(300);
    assert_int_equal(worker.polls, polls);
    compute(400);
    assert_int_equal(worker.polls, polls + 1);
    for (uint32_t i = 0; i < 100; i++)
        compute(UINT32_MAX);
    assert_int_equal(worker.polls, polls + 101);
    assert_int_equal(prog->late, 0);
}

static void a_timer_ends_the_slice_in_time(void **state)
{
    (void)state;
    struct mn_prog *prog = rig_started("prog");
    struct mn_timer timer = { 0 };
    mn_task_start(&worker, "worker", idle_work);
    (void)rig_switch();
    uint32_t polls = worker.polls;
    mn_timer_arm(&timer, &worker, 777);
    (void)rig_switch();
    assert_int_equal(mn_host_alarm(), 777);
    compute(UINT32_MAX);
    assert_ptr_equal(mn_sched.current, prog);
    assert_int_equal(worker.polls, polls + 1);
}

/* Sleepers and computers at random: every runnable program gets on, and no time is lost or counted twice. */
static void mixed_programs_all_get_on(uint32_t seed)
{
    (void)rig_fresh(NULL);
    struct mn_prog *progs[6];
    uint32_t        slept = 0, yielded = 0;
    for (uint32_t i = 0; i < 6; i++)
        progs[i] = rig_started("p");
    (void)rig_switch();
    for (uint32_t step = 0; step < 2000; step++) {
        uint32_t what = mn_host_random_next(&seed) % 6;
        if (what < 2) {
            slept++;
            sleep_for(mn_host_random_next(&seed) % 20000);
        } else if (what == 2 && !mn_sched.detour) {
            yield_in_svc();
            yielded++;
        }
        assert_true(mn_sched.current->next == mn_sched.current || mn_host_alarm() <= mn_port_now_us() + MN_SLICE_US);
        compute(mn_host_random_next(&seed) % 3000);
    }
    uint64_t ran = 0;
    for (uint32_t i = 0; i < 6; i++) {
        assert_true(mn_prog_run_us(progs[i]) > 100000);
        ran += mn_prog_run_us(progs[i]);
    }
    assert_int_equal(ran + rig_kernel->stats.idle_us, mn_port_now_us());
    assert_true(slept > 100 && yielded > 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIG_TEST(a_lone_program_runs_without_alarms),
        RIG_TEST(programs_take_turns_of_a_slice),
        RIG_TEST(a_newcomer_does_not_wait_for_who_had_it_alone),
        RIG_TEST(a_newcomer_sets_an_alarm_though_one_is_set_for_later),
        RIG_TEST(interruptions_do_not_prolong_a_slice),
        RIG_TEST(yield_gives_the_rest_away),
        RIG_TEST(removing_any_place_of_the_queue_keeps_the_order),
        RIG_TEST(a_yield_in_svc_is_as_good_as_any),
        RIG_TEST(a_program_that_a_task_ends_ran_until_the_task_did),
        RIG_TEST(a_program_that_exits_ran_until_then),
        RIG_TEST(a_woken_task_comes_before_programs),
        RIG_TEST(endless_tasks_leave_programs_a_tenth),
        RIG_TEST(a_protected_slice_is_not_cut_short),
        RIG_TEST(an_alarm_that_comes_too_early_does_not_end_protection),
        RIG_TEST(a_yield_makes_a_detour_only_when_it_must),
        RIG_TEST(a_protected_slice_ends_when_its_program_waits),
        RIG_TEST(a_task_that_wakes_itself_waits_for_a_programs_turn),
        RIG_TEST(a_timer_ends_the_slice_in_time),
        MN_SEEDED(mixed_programs_all_get_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
