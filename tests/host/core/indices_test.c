/* indices_test.c — small numbers, each to one taker at a time. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/core/indices.h"
#include "kernel/arch/host/host.h"
#include "seeds.h"
#include <mnemos/abi/error.h>

static struct mn_indices indices;

static void every_count_gives_that_many_lowest_first(void **state)
{
    uint32_t index;
    (void)state;
    for (uint32_t count = 1; count <= MN_INDICES_MAX; count++) {
        mn_indices_init(&indices, count);
        for (uint32_t i = 0; i < count; i++) {
            assert_false(mn_indices_is_taken(&indices, i));
            assert_int_equal(mn_indices_take(&indices, &index), MN_OK);
            assert_int_equal(index, i);
            assert_true(mn_indices_is_taken(&indices, i));
        }
        assert_int_equal(mn_indices_take(&indices, &index), MNEMOS_ERR_FULL);
        assert_false(mn_indices_is_taken(&indices, count));
        for (uint32_t i = count; i-- > 0;) {
            mn_indices_give(&indices, i);
            assert_int_equal(mn_indices_take(&indices, &index), MN_OK);
            assert_int_equal(index, i);
            mn_indices_give(&indices, i);
        }
    }
}

static void give_63(void *unused) { (void)unused; mn_indices_give(&indices, 63); }
static void init_with(void *count) { mn_indices_init(&indices, *(uint32_t *)count); }

static void wrong_use_stops_the_kernel(void **state)
{
    uint32_t none = 0, too_many = MN_INDICES_MAX + 1;
    (void)state;
    mn_indices_init(&indices, 63);
    assert_non_null(mn_host_panic_of(give_63, NULL)); /* there is none such */
    mn_indices_init(&indices, 64);
    assert_non_null(mn_host_panic_of(give_63, NULL)); /* it is not taken */
    assert_non_null(mn_host_panic_of(init_with, &none));
    assert_non_null(mn_host_panic_of(init_with, &too_many));
}

static uint64_t taken_by_interrupt;
static uint32_t random_state;

static void take_or_give(void *unused)
{
    uint32_t index;
    (void)unused;
    if (mn_host_random_next(&random_state) % 4)
        return;
    if (taken_by_interrupt) {
        index = (uint32_t)__builtin_ctzll(taken_by_interrupt);
        taken_by_interrupt &= taken_by_interrupt - 1;
        mn_indices_give(&indices, index);
    } else if (mn_indices_take(&indices, &index) == MN_OK) {
        taken_by_interrupt |= 1ull << index;
    }
}

static void interrupts_and_tasks_never_have_the_same(uint32_t seed)
{
    uint64_t mine = 0;
    random_state = seed;
    taken_by_interrupt = 0;
    mn_indices_init(&indices, 40);
    mn_host_on_point(take_or_give, NULL);
    for (uint32_t step = 0; step < 500; step++) {
        uint32_t index = mn_host_random_next(&random_state) % 40;
        if (mine >> index & 1) {
            mine &= ~(1ull << index);
            mn_indices_give(&indices, index);
        } else if (mn_indices_take(&indices, &index) == MN_OK) {
            assert_false(mine >> index & 1);
            mine |= 1ull << index;
        }
        assert_false(mine & taken_by_interrupt);
    }
    mn_host_on_point(NULL, NULL);
    for (uint32_t i = 0; i < 40; i++)
        assert_int_equal(mn_indices_is_taken(&indices, i), (mine | taken_by_interrupt) >> i & 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MN_TEST(every_count_gives_that_many_lowest_first),
        MN_TEST(wrong_use_stops_the_kernel),
        MN_SEEDED(interrupts_and_tasks_never_have_the_same),
    };
    return cmocka_run_group_tests_name("indices", tests, NULL, NULL);
}
