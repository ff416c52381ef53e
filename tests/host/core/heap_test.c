/* heap_test.c — the kernel's heap against a model, against interrupts, and against misuse. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/core/heap.h"
#include "kernel/arch/host/host.h"
#include "kernel/core/hooks.h"
#include "seeds.h"
#include <string.h>

static _Alignas(8) uint8_t memory[20480];

/* ---- A model: who owns which bytes ---- */

#define SLOTS 64u

static struct { uint8_t *at; uint32_t len; uint8_t fill; } slots[SLOTS];
static uint32_t random_state;

static uint32_t random_below(uint32_t bound)
{
    return mn_host_random_next(&random_state) % bound;
}

static uint32_t random_len(void)
{
    uint32_t most = 1u << random_below(12);
    return random_below(most) + 1;
}

static void check_slot(uint32_t i)
{
    for (uint32_t at = 0; at < slots[i].len; at++)
        assert_int_equal(slots[i].at[at], slots[i].fill);
}

static void slot_fill(uint32_t i, uint8_t *at, uint32_t len)
{
    assert_int_equal((uintptr_t)at % 8, 0);
    assert_true(at >= memory && at + len <= memory + sizeof memory);
    for (uint32_t k = 0; k < len; k++)
        assert_int_equal(at[k], 0);
    slots[i].at = at;
    slots[i].len = len;
    slots[i].fill = (uint8_t)(random_below(255) + 1);
    memset(at, slots[i].fill, len);
}

static void slot_free(uint32_t i)
{
    check_slot(i);
    uint8_t *at = slots[i].at;
    memset(at, 0xdd, slots[i].len);
    slots[i].at = NULL;
    mn_heap_free(at);
}

static uint32_t slots_used(void)
{
    uint32_t used = 0;
    for (uint32_t i = 0; i < SLOTS; i++)
        used += slots[i].at != NULL;
    return used;
}

static void model_begin(uint32_t seed)
{
    memset(slots, 0, sizeof slots);
    random_state = seed;
    memset(memory, 0xee, sizeof memory);
    mn_heap_reset(memory, sizeof memory);
}

static void model_end(void)
{
    for (uint32_t i = 0; i < SLOTS; i++)
        if (slots[i].at)
            slot_free(i);
    struct mn_heap_stats stats = mn_heap_stats();
    assert_int_equal(stats.allocations, 0);
    assert_int_equal(stats.free, stats.total);
    assert_int_equal(stats.largest, stats.total - MN_HEAP_OVERHEAD);
}

static void model_step(void)
{
    uint32_t i = random_below(SLOTS);
    if (slots[i].at) {
        slot_free(i);
        return;
    }
    uint32_t             len = random_len();
    struct mn_heap_stats stats = mn_heap_stats();
    uint8_t             *at = mn_heap_try(len);
    assert_true((at != NULL) == (len <= stats.largest));
    size_t free_before = stats.free;
    stats = mn_heap_stats();
    if (at) {
        size_t cost = free_before - stats.free, least = MN_HEAP_OVERHEAD + (len + 7u) / 8u * 8u;
        assert_true(cost == least || cost == least + 8);
        slot_fill(i, at, len);
    }
    assert_int_equal(stats.allocations, slots_used());
    assert_true(stats.least_free <= stats.free);
}

static void no_two_owners_share_a_byte_and_what_is_free_can_be_had(uint32_t seed)
{
    model_begin(seed);
    for (uint32_t step = 0; step < 1000; step++)
        model_step();
    for (uint32_t i = 0; i < SLOTS; i++)
        if (slots[i].at)
            check_slot(i);
    model_end();
}

/* ---- Interrupts free ---- */

static uint32_t freed_in_interrupts;

static void free_something(void *owner)
{
    (void)owner;
    uint32_t i = random_below(SLOTS);
    if (random_below(2) == 0 && slots[i].at) {
        slot_free(i);
        freed_in_interrupts++;
    }
}

static void interrupts_may_free_at_any_point(uint32_t seed)
{
    model_begin(seed);
    freed_in_interrupts = 0;
    for (uint32_t step = 0; step < 1000; step++) {
        uint32_t i = random_below(SLOTS), len = random_len();
        mn_host_on_point(free_something, NULL);
        uint8_t *at = slots[i].at ? NULL : mn_heap_try(len);
        mn_host_on_point(NULL, NULL);
        if (at)
            slot_fill(i, at, len);
    }
    assert_true(freed_in_interrupts > 100);
    model_end();
}

/* ---- Plain cases ---- */

static void fresh_heap(void)
{
    mn_heap_reset(memory, sizeof memory);
}

static void more_than_there_is_gets_nothing_and_is_counted(void **state)
{
    (void)state;
    fresh_heap();
    size_t largest = mn_heap_stats().largest;
    assert_null(mn_heap_try(largest + 1));
    assert_null(mn_heap_try(SIZE_MAX));
    assert_null(mn_heap_try(SIZE_MAX - 8));
    assert_null(mn_heap_try((size_t)UINT32_MAX + 1 - 8));
    assert_int_equal(mn_heap_stats().failures, 4);
    void *all = mn_heap_try(largest);
    assert_non_null(all);
    assert_int_equal(mn_heap_stats().free, 0);
    assert_int_equal(mn_heap_stats().largest, 0);
    assert_null(mn_heap_try(0));
    mn_heap_free(all);
    assert_int_equal(mn_heap_stats().least_free, 0);
    assert_int_equal(mn_heap_stats().largest, largest);
}

static void nothing_can_be_asked_for_and_freed(void **state)
{
    (void)state;
    fresh_heap();
    void *nothing = mn_heap_try(0);
    assert_non_null(nothing);
    assert_ptr_not_equal(nothing, mn_heap_try(0));
    mn_heap_free(nothing);
    mn_heap_free(NULL);
    assert_int_equal(mn_heap_stats().allocations, 1);
}

static void memory_comes_back_zeroed(void **state)
{
    (void)state;
    fresh_heap();
    uint8_t *first = mn_heap_try(100);
    memset(first, 0xff, 100);
    mn_heap_free(first);
    uint8_t *second = mn_heap_try(100);
    assert_ptr_equal(first, second);
    for (uint32_t i = 0; i < 100; i++)
        assert_int_equal(second[i], 0);
}

static void any_alignment_and_size_of_memory_will_do(void **state)
{
    (void)state;
    for (uint32_t shift = 0; shift < 8; shift++) {
        for (uint32_t len = MN_HEAP_MIN; len < 600; len += 3) {
            mn_heap_reset(memory + shift, len);
            size_t   largest = mn_heap_stats().largest;
            uint8_t *all = mn_heap_try(largest);
            assert_true(all >= memory + shift && all + largest <= memory + shift + len);
            assert_true(largest + 176 >= len);
        }
    }
}

/* ---- Misuse ---- */

static void free_it(void *memory_) { mn_heap_free(memory_); }
static void tick(void *unused) { (void)unused; mn_executor_tick(); }
static void measure(void *unused) { (void)unused; (void)mn_heap_stats(); }

static void freeing_twice_stops_the_kernel(void **state)
{
    (void)state;
    fresh_heap();
    void *before = mn_heap_try(40), *block = mn_heap_try(40), *after = mn_heap_try(40);
    mn_heap_free(block);
    assert_non_null(mn_host_panic_of(free_it, block)); /* free */

    fresh_heap();
    before = mn_heap_try(40), block = mn_heap_try(40), after = mn_heap_try(40);
    mn_heap_free(before);
    mn_heap_free(after);
    mn_heap_free(block);
    assert_non_null(mn_host_panic_of(free_it, block)); /* part of a larger free block */
    assert_non_null(mn_host_panic_of(free_it, after));
}

static void freeing_what_is_not_from_here_stops_the_kernel(void **state)
{
    (void)state;
    static _Alignas(8) uint8_t elsewhere[64];
    fresh_heap();
    uint8_t *block = mn_heap_try(200);
    assert_non_null(mn_host_panic_of(free_it, elsewhere + 16));
    assert_non_null(mn_host_panic_of(free_it, memory));
    assert_non_null(mn_host_panic_of(free_it, memory + 8));
    assert_non_null(mn_host_panic_of(free_it, memory + sizeof memory - 8));
    assert_non_null(mn_host_panic_of(free_it, memory + sizeof memory));
    for (uint32_t at = 1; at < 200; at++)
        assert_non_null(mn_host_panic_of(free_it, block + at));
    assert_null(mn_host_panic_of(free_it, block));
}

static void free_once(void *memory_)
{
    mn_host_on_point(NULL, NULL);
    mn_heap_free(memory_);
}

/* Bytes that look like a block's header do not deceive the heap for long: an interrupt's free looks at the block alone,
 * and the executor's next round at its neighbours. */
static void freeing_a_forged_block_stops_the_kernel(void **state)
{
    (void)state;
    fresh_heap();
    uint8_t *block = mn_heap_try(200);
    memcpy(block + 56, block - 8, 8);
    assert_non_null(mn_host_panic_of(free_it, block + 64));
    mn_host_on_point(free_once, block + 64);
    mn_hook_point();
    assert_non_null(mn_host_panic_of(tick, NULL));
}

static void an_interrupt_that_frees_twice_stops_the_kernel(void **state)
{
    (void)state;
    fresh_heap();
    void *block = mn_heap_try(40);
    mn_host_on_point(free_once, block);
    mn_hook_point();
    assert_non_null(mn_host_panic_of(free_it, block)); /* still queued */
}

static void writing_past_the_end_stops_the_kernel(void **state)
{
    (void)state;
    fresh_heap();
    uint8_t *block = mn_heap_try(24), *after = mn_heap_try(24);
    if (after < block) {
        uint8_t *swap = block;
        block = after;
        after = swap;
    }
    memset(block, 0x5a, 32);
    assert_non_null(mn_host_panic_of(free_it, after));
    assert_non_null(mn_host_panic_of(measure, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MN_SEEDED(no_two_owners_share_a_byte_and_what_is_free_can_be_had),
        MN_SEEDED(interrupts_may_free_at_any_point),
        MN_TEST(more_than_there_is_gets_nothing_and_is_counted),
        MN_TEST(nothing_can_be_asked_for_and_freed),
        MN_TEST(memory_comes_back_zeroed),
        MN_TEST(any_alignment_and_size_of_memory_will_do),
        MN_TEST(freeing_twice_stops_the_kernel),
        MN_TEST(freeing_what_is_not_from_here_stops_the_kernel),
        MN_TEST(freeing_a_forged_block_stops_the_kernel),
        MN_TEST(an_interrupt_that_frees_twice_stops_the_kernel),
        MN_TEST(writing_past_the_end_stops_the_kernel),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
