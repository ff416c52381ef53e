/* limits_test.c — the ends of the clock, and sizes at their smallest and largest. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/arch/host/host.h"
#include "kernel/core/alloc.h"
#include "kernel/core/backoff.h"
#include "kernel/core/bbq.h"
#include "kernel/core/heap.h"
#include "kernel/core/interval.h"
#include "kernel/core/semaphore.h"
#include "kernel/core/timeout.h"
#include "seeds.h"
#include <mnemos/abi/error.h>

static struct mn_task task = { .name = "limits" };
static struct mn_cx   cx = { &task };

static int begin(void **state)
{
    (void)state;
    mn_host_reset();
    task = (struct mn_task){ .name = "limits" };
    return 0;
}

#define LIMITS_TEST(test) cmocka_unit_test_setup(test, begin)

/* ---- Time ---- */

static void a_sum_of_times_ends_with_the_clock(void **state)
{
    (void)state;
    assert_true(mn_time_add(5, 7) == 12);
    assert_true(mn_time_add(UINT64_MAX - 7, 7) == MN_TIME_NEVER);
    assert_true(mn_time_add(UINT64_MAX - 7, 8) == MN_TIME_NEVER);
    assert_true(mn_time_add(1, UINT64_MAX) == MN_TIME_NEVER);
}

/* Polled at `now`, and 1 us before and at the limit. */
static void check_limit(uint64_t now, uint64_t limit)
{
    struct mn_timeout timeout = { 0 };
    (void)begin(NULL);
    mn_host_set_time(now);
    if (limit > now) {
        assert_int_equal(mn_timeout_poll(&timeout, &cx, limit, MN_PENDING), MN_PENDING);
        assert_true(mn_timer_next_us() == limit);
        mn_host_set_time(limit - 1);
        assert_int_equal(mn_timeout_poll(&timeout, &cx, limit, MN_PENDING), MN_PENDING);
        mn_host_set_time(limit);
    }
    assert_int_equal(mn_timeout_poll(&timeout, &cx, limit, MN_PENDING), MNEMOS_ERR_TIMED_OUT);
    assert_true(mn_timer_next_us() == MN_TIME_NEVER);
    assert_false(timeout.begun);
}

static void limits_hold_at_both_ends_of_the_clock_and_across_32_bits(void **state)
{
    static const uint64_t now[] = { 0, 1000, UINT32_MAX, 1ull << 32, UINT64_MAX - 2 };
    static const uint64_t limit[] = { 0, 1, 999, 1000, UINT32_MAX, 1ull << 32, (1ull << 32) + 1000, 1ull << 33,
                                      UINT64_MAX - 2, UINT64_MAX - 1 };
    (void)state;
    for (size_t n = 0; n < sizeof now / sizeof now[0]; n++)
        for (size_t l = 0; l < sizeof limit / sizeof limit[0]; l++)
            check_limit(now[n], limit[l]);
}

static void no_limit_never_comes(void **state)
{
    struct mn_timeout timeout = { 0 };
    (void)state;
    assert_int_equal(mn_timeout_poll(&timeout, &cx, MN_TIME_NEVER, MN_PENDING), MN_PENDING);
    mn_host_set_time(UINT64_MAX - 1);
    assert_int_equal(mn_timeout_poll(&timeout, &cx, MN_TIME_NEVER, MN_PENDING), MN_PENDING);
    mn_timeout_cancel(&timeout);
}

static void an_interval_ends_with_the_clock(void **state)
{
    struct mn_interval interval = { 0 };
    uint32_t           missed;
    (void)state;
    mn_host_set_time(UINT64_MAX - 1500);
    mn_interval_start(&interval, UINT64_MAX - 1500, 1000);
    assert_int_equal(mn_interval_poll(&interval, &cx, &missed), MN_OK);
    assert_int_equal(mn_interval_poll(&interval, &cx, &missed), MN_PENDING);
    mn_host_set_time(UINT64_MAX - 500);
    assert_int_equal(mn_interval_poll(&interval, &cx, &missed), MN_OK);
    assert_int_equal(missed, 0);
    assert_int_equal(mn_interval_poll(&interval, &cx, &missed), MN_PENDING); /* and not in the past */
    assert_true(mn_timer_next_us() == MN_TIME_NEVER);
    mn_interval_cancel(&interval);
}

static void an_interval_that_began_long_ago_counts_what_it_can(void **state)
{
    struct mn_interval interval = { 0 };
    uint32_t           missed;
    (void)state;
    mn_host_set_time(1ull << 40);
    mn_interval_start(&interval, 0, 1);
    assert_int_equal(mn_interval_poll(&interval, &cx, &missed), MN_OK);
    assert_true(missed == UINT32_MAX);
    assert_true(interval.next_us == (1ull << 40) + 1);
    mn_interval_start(&interval, 1ull << 40, UINT32_MAX);
    assert_int_equal(mn_interval_poll(&interval, &cx, NULL), MN_OK);
    assert_true(interval.next_us == (1ull << 40) + UINT32_MAX);
}

static mn_err attempt_poll(struct mn_backoff *backoff)
{
    return MN_RETRY(backoff, &cx, MNEMOS_ERR_FULL);
}

static void attempts_end_with_the_clock(void **state)
{
    struct mn_backoff backoff = { 0 };
    (void)state;
    mn_host_set_time(UINT64_MAX - 1000);
    assert_int_equal(attempt_poll(&backoff), MN_PENDING);
    assert_true(backoff.until_us == MN_TIME_NEVER);
    mn_backoff_cancel(&backoff);
}

static void waiting_for_memory_ends_with_the_clock(void **state)
{
    static _Alignas(8) uint8_t memory[1024];
    struct mn_alloc            wait = { 0 };
    void                      *all, *more;
    (void)state;
    mn_heap_reset(memory, sizeof memory);
    all = mn_heap_try(mn_heap_stats().largest);
    assert_non_null(all);
    mn_host_set_time(UINT64_MAX - 1000);
    assert_int_equal(mn_alloc_poll(&wait, &cx, 100, MN_ALLOC_DEFAULT, &more), MN_PENDING);
    assert_int_equal(mn_alloc_poll(&wait, &cx, 100, MN_ALLOC_DEFAULT, &more), MN_PENDING);
    mn_alloc_cancel(&wait);
}

/* ---- Sizes ---- */

static void a_ring_of_one_byte_works(void **state)
{
    struct mn_bbq ring;
    uint8_t       memory, byte;
    (void)state;
    mn_bbq_init(&ring, &memory, 1);
    for (uint32_t i = 0; i < 10; i++) {
        byte = (uint8_t)i;
        assert_int_equal(mn_bbq_room(&ring), 1);
        assert_int_equal(mn_bbq_put(&ring, &byte, 1), 1);
        assert_int_equal(mn_bbq_put(&ring, &byte, 1), 0);
        assert_int_equal(mn_bbq_get(&ring, &byte, 1), 1);
        assert_int_equal(byte, i);
        assert_int_equal(mn_bbq_get(&ring, &byte, 1), 0);
    }
}

static void ring_of(void *len)
{
    struct mn_bbq ring;
    uint8_t       memory;
    mn_bbq_init(&ring, &memory, *(uint32_t *)len);
}

static void a_ring_of_no_size_or_too_large_a_one_stops_the_kernel(void **state)
{
    uint32_t none = 0, too_much = (1u << 30) + 1;
    (void)state;
    assert_non_null(mn_host_panic_of(ring_of, &none));
    assert_non_null(mn_host_panic_of(ring_of, &too_much));
}

static void a_semaphore_has_none_to_all_permits(void **state)
{
    struct mn_semaphore semaphore;
    (void)state;
    mn_semaphore_init(&semaphore, 0);
    assert_int_equal(mn_semaphore_try_acquire(&semaphore), MNEMOS_ERR_WOULD_WAIT);
    mn_semaphore_init(&semaphore, UINT32_MAX);
    mn_semaphore_release(&semaphore); /* one more than there can be: none is lost by it */
    assert_int_equal(mn_semaphore_try_acquire(&semaphore), MN_OK);
    assert_true(semaphore.queue.stored == UINT32_MAX - 1);
}

static void a_queue_that_remembers_nothing_forgets_a_wake(void **state)
{
    struct mn_wait_queue queue;
    (void)state;
    mn_wait_queue_init(&queue, 0, 0);
    mn_wait_queue_wake(&queue);
    assert_int_equal(mn_wait_try(&queue), MNEMOS_ERR_WOULD_WAIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        LIMITS_TEST(a_sum_of_times_ends_with_the_clock),
        LIMITS_TEST(limits_hold_at_both_ends_of_the_clock_and_across_32_bits),
        LIMITS_TEST(no_limit_never_comes),
        LIMITS_TEST(an_interval_ends_with_the_clock),
        LIMITS_TEST(an_interval_that_began_long_ago_counts_what_it_can),
        LIMITS_TEST(attempts_end_with_the_clock),
        LIMITS_TEST(waiting_for_memory_ends_with_the_clock),
        LIMITS_TEST(a_ring_of_one_byte_works),
        LIMITS_TEST(a_ring_of_no_size_or_too_large_a_one_stops_the_kernel),
        LIMITS_TEST(a_semaphore_has_none_to_all_permits),
        LIMITS_TEST(a_queue_that_remembers_nothing_forgets_a_wake),
    };
    return cmocka_run_group_tests_name("limits", tests, NULL, NULL);
}
