/* host_port_test.c — the port on a PC: what the other tests and the simulated device stand on. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/arch/host/host.h"
#include "seeds.h"
#include <unistd.h>

static bool never_ready(void) { return false; }
static bool always_ready(void) { return true; }

static void fail_an_assertion(void *owner) { (void)owner; MN_ASSERT(2 + 2 == 5); }
static void unlock_twice(void *owner) { (void)owner; uint32_t before = mn_port_lock(); mn_port_unlock(before); mn_port_unlock(before); }
static void sleep_for_ever(void *owner) { (void)owner; mn_port_idle(never_ready); }
static void nothing(void *owner) { (void)owner; }

static void a_panic_is_caught_with_its_reason(void **state)
{
    (void)state;
    assert_string_equal(mn_host_panic_of(fail_an_assertion, NULL), "2 + 2 == 5");
    assert_null(mn_host_panic_of(nothing, NULL));
}

static void unbalanced_locks_are_a_panic(void **state)
{
    (void)state;
    assert_non_null(mn_host_panic_of(unlock_twice, NULL));
}

static void idle_moves_the_virtual_clock_to_the_alarm(void **state)
{
    (void)state;
    mn_port_alarm(700);
    mn_port_idle(always_ready);
    assert_int_equal(mn_port_now_us(), 0);
    mn_host_pended();
    mn_port_idle(never_ready);
    assert_int_equal(mn_port_now_us(), 700);
    assert_true(mn_host_pended());
}

static void idle_with_nothing_to_come_is_a_panic(void **state)
{
    (void)state;
    assert_non_null(mn_host_panic_of(sleep_for_ever, NULL));
}

static void an_alarm_for_the_past_pends_at_once(void **state)
{
    (void)state;
    mn_host_set_time(1000);
    mn_host_pended();
    mn_port_alarm(1001);
    assert_false(mn_host_pended());
    mn_port_alarm(1000);
    assert_true(mn_host_pended());
}

static void stamps_go_with_the_clock_and_wrap(void **state)
{
    (void)state;
    uint32_t before = mn_port_stamp();
    mn_host_set_time(1000);
    assert_int_equal(mn_port_stamp() - before, mn_port_stamps(1000));
    assert_int_equal(mn_port_stamp_us(mn_port_stamp() - before), 1000);
    assert_int_equal(mn_port_stamp_us(mn_port_stamps(7) + 1), 7);
    mn_host_set_time(1ull << 32);
    before = mn_port_stamp();
    mn_host_advance(5);
    assert_int_equal(mn_port_stamp_us(mn_port_stamp() - before), 5);
    assert_true(mn_port_stamp_total_us(1000ull * mn_port_stamps(1000000)) == 1000000000);
}

static uint32_t strikes;

static void count_strike(void *owner)
{
    (void)owner;
    assert_true(mn_port_in_interrupt());
    uint32_t before = mn_port_lock(); /* no further strike in here */
    mn_port_unlock(before);
    strikes++;
}

static void no_interrupt_strikes_inside_a_lock(void **state)
{
    (void)state;
    strikes = 0;
    uint32_t outer = mn_port_lock();
    mn_host_on_point(count_strike, NULL);
    uint32_t inner = mn_port_lock();
    mn_port_unlock(inner);
    assert_int_equal(strikes, 0);
    mn_port_unlock(outer);
    assert_int_equal(strikes, 1);
    assert_false(mn_port_in_interrupt());
}

static void random_numbers_repeat_after_a_reset(void **state)
{
    (void)state;
    uint8_t first[16], second[16];
    mn_port_random(first, sizeof first);
    mn_host_reset();
    mn_port_random(second, sizeof second);
    assert_memory_equal(first, second, sizeof first);
}

/* ---- Real time ---- */

static void read_byte(int fd, void *owner)
{
    char byte;
    assert_true(mn_port_in_interrupt());
    assert_int_equal(read(fd, &byte, 1), 1);
    *(char *)owner = byte;
}

static void a_readable_file_descriptor_interrupts_the_idle_kernel(void **state)
{
    (void)state;
    int  ends[2];
    char got = 0;
    assert_int_equal(pipe(ends), 0);
    mn_host_use_real_clock();
    mn_host_add_fd(ends[0], false, read_byte, &got);
    assert_int_equal(write(ends[1], "x", 1), 1);
    mn_port_idle(never_ready); /* no alarm: only the byte can end this */
    assert_int_equal(got, 'x');
    mn_host_remove_fd(ends[0], false);
    close(ends[0]);
    close(ends[1]);
}

static void the_alarm_ends_a_real_sleep(void **state)
{
    (void)state;
    mn_host_use_real_clock();
    mn_port_alarm(mn_port_now_us() + 2000);
    mn_port_idle(never_ready);
    assert_true(mn_port_now_us() >= 2000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MN_TEST(a_panic_is_caught_with_its_reason),
        MN_TEST(unbalanced_locks_are_a_panic),
        MN_TEST(idle_moves_the_virtual_clock_to_the_alarm),
        MN_TEST(idle_with_nothing_to_come_is_a_panic),
        MN_TEST(an_alarm_for_the_past_pends_at_once),
        MN_TEST(stamps_go_with_the_clock_and_wrap),
        MN_TEST(no_interrupt_strikes_inside_a_lock),
        MN_TEST(random_numbers_repeat_after_a_reset),
        MN_TEST(a_readable_file_descriptor_interrupts_the_idle_kernel),
        MN_TEST(the_alarm_ends_a_real_sleep),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
