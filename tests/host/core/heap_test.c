/* heap_test.c — the kernel's heap against a model, against interrupts, and against misuse. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/core/heap.h"
#include "kernel/arch/host/host.h"
#include "kernel/core/hooks.h"
#include "seeds.h"
#include <string.h>

/* What is around it, somebody may take for a part of it. */
static struct {
    _Alignas(8) uint8_t before[64], heap[20480], after[64];
} area;
static uint8_t *const memory = area.heap;

/* ---- A model: who owns which bytes ---- */

#define SLOTS 64u

static struct { uint8_t *at; uint32_t len; uint8_t fill; } slots[SLOTS];
static uint32_t random_state;
static size_t   lowest; /* free, ever */

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
    assert_true(at >= memory && at + len <= memory + sizeof area.heap);
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
    memset(&area, 0xee, sizeof area);
    mn_heap_reset(memory, sizeof area.heap);
    lowest = mn_heap_stats().free;
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
        size_t cost = free_before - stats.free, least = (MN_HEAP_OVERHEAD + len + 7u) / 8u * 8u;
        if (least < MN_HEAP_SMALLEST)
            least = MN_HEAP_SMALLEST;
        assert_true(cost >= least && cost < least + MN_HEAP_SMALLEST);
        slot_fill(i, at, len);
    }
    lowest = stats.free < lowest ? stats.free : lowest;
    assert_int_equal(stats.least_free, lowest);
    assert_int_equal(stats.allocations, slots_used());
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
        if (step % 8 == 0)
            (void)mn_heap_stats();
        mn_host_on_point(NULL, NULL);
        if (at)
            slot_fill(i, at, len);
    }
    assert_true(freed_in_interrupts > 100);
    model_end();
}

/* All that is freed in one go: between two steps of the task's, and of giving back what was freed before. */
static void free_all(void *unused)
{
    (void)unused;
    for (uint32_t i = 0; i < SLOTS; i++) {
        if (slots[i].at && random_below(4)) {
            slot_free(i);
            freed_in_interrupts++;
        }
    }
}

static void a_storm_of_frees_loses_nothing(uint32_t seed)
{
    model_begin(seed);
    freed_in_interrupts = 0;
    for (uint32_t storm = 0; storm < 50; storm++) {
        for (uint32_t i = 0; i < SLOTS; i++) {
            uint32_t len = random_below(300);
            uint8_t *at = slots[i].at ? NULL : mn_heap_try(len);
            if (at)
                slot_fill(i, at, len);
        }
        assert_int_equal(mn_heap_stats().allocations, slots_used());
        mn_host_on_point(free_all, NULL);
        if (storm % 2)
            mn_heap_drain();
        else
            mn_heap_free(mn_heap_try(8));
        mn_host_on_point(NULL, NULL);
    }
    assert_true(freed_in_interrupts > 1000);
    model_end();
}

/* ---- One interrupt, at every point of what a task does ---- */

enum around { NONE, BEFORE = 1, AFTER = 2 }; /* which neighbours are free */

static struct { uint32_t countdown; void *freed; } strike;

static void strike_once(void *unused)
{
    (void)unused;
    if (--strike.countdown)
        return;
    mn_host_on_point(NULL, NULL);
    mn_heap_free(strike.freed);
}

/* From now on at the n-th point. */
static void strike_at(uint32_t n, void *freed)
{
    strike.countdown = n;
    strike.freed = freed;
    mn_host_on_point(strike_once, NULL);
}

/* Are there so many points? */
static bool has_struck(void)
{
    mn_host_on_point(NULL, NULL);
    return strike.countdown == 0;
}

/* Seven blocks in a row; the one in the middle gets such neighbours. */
static void seven(uint8_t *blocks[7], enum around around)
{
    mn_heap_reset(memory, sizeof area.heap);
    for (uint32_t i = 0; i < 7; i++) {
        blocks[6 - i] = mn_heap_try(40);
        assert_non_null(blocks[6 - i]);
    }
    if (around & BEFORE)
        mn_heap_free(blocks[2]);
    if (around & AFTER)
        mn_heap_free(blocks[4]);
}

static void free_it(void *memory_) { mn_heap_free(memory_); }
static void measure(void *unused) { (void)unused; (void)mn_heap_stats(); }

static void an_interrupt_frees_a_neighbour_at_every_point(void **state)
{
    (void)state;
    uint8_t *blocks[7];
    for (uint32_t around = NONE; around <= (BEFORE | AFTER); around++) {
        for (uint32_t freed = 0; freed < 7; freed++) {
            for (uint32_t n = 1, more = true; more; n++) {
                if (freed == 3 || (freed == 2 && around & BEFORE) || (freed == 4 && around & AFTER))
                    break;
                seven(blocks, around);
                uint32_t alive = mn_heap_stats().allocations;
                strike_at(n, blocks[freed]);
                mn_heap_free(blocks[3]);
                void *more_memory = mn_heap_try(100);
                more = has_struck();
                assert_non_null(more_memory);
                assert_int_equal(mn_heap_stats().allocations, alive - more);
            }
        }
    }
}

/* What the task is giving back, an interrupt gives back too: before that can be allocated again, the kernel stops. */
static void an_interrupt_frees_the_same_at_every_point(void **state)
{
    (void)state;
    uint8_t *blocks[7];
    for (uint32_t around = NONE; around <= (BEFORE | AFTER); around++) {
        uint32_t n = 0;
        bool     noticed = true;
        while (noticed) {
            seven(blocks, around);
            strike_at(++n, blocks[3]);
            noticed = mn_host_panic_of(free_it, blocks[3]) != NULL;
            noticed |= mn_host_panic_of(measure, NULL) != NULL;
            assert_int_equal(noticed, has_struck());
        }
        assert_true(n > 2);
    }
}

/* ---- Plain cases ---- */

static void fresh_heap(void)
{
    mn_heap_reset(memory, sizeof area.heap);
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

/* Of every size there is; the last is one too many. */
static void the_largest_block_is_given_and_none_larger(void **state)
{
    (void)state;
    for (size_t len = 0; len < sizeof area.heap; len = len * 5 / 4 + 1) {
        fresh_heap();
        void  *rest = mn_heap_try(len);
        size_t largest = mn_heap_stats().largest;
        assert_null(mn_heap_try(largest + 1));
        assert_null(mn_heap_try(SIZE_MAX));
        assert_non_null(rest);
        assert_true(largest == 0 || mn_heap_try(largest));
        assert_int_equal(mn_heap_stats().failures, 2);
    }
}

static void nothing_can_be_asked_for_and_freed(void **state)
{
    (void)state;
    fresh_heap();
    uint8_t *one = mn_heap_try(1);
    one[0] = 1;
    mn_heap_free(one);
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
            assert_true(largest + 32 >= len);
        }
    }
}

/* ---- Misuse ---- */

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
    static const uint8_t fills[] = { 0, 1, 0xa5, 0xee, 0xff };
    for (uint32_t fill = 0; fill < sizeof fills; fill++) {
        memset(&area, fills[fill], sizeof area);
        fresh_heap();
        uint8_t *block = mn_heap_try_uncleared(200), *end = memory + sizeof area.heap;
        for (uint32_t at = 4; at < sizeof area.before; at++) {
            assert_non_null(mn_host_panic_of(free_it, area.before + at));
            assert_non_null(mn_host_panic_of(free_it, area.after + at));
        }
        assert_non_null(mn_host_panic_of(free_it, memory));
        assert_non_null(mn_host_panic_of(free_it, memory + 8));
        assert_non_null(mn_host_panic_of(free_it, end - 8));
        assert_non_null(mn_host_panic_of(free_it, end));
        for (uint32_t at = 1; at < 200; at++)
            assert_non_null(mn_host_panic_of(free_it, block + at));
        assert_null(mn_host_panic_of(free_it, block));
    }
}

static void free_once(void *memory_)
{
    mn_host_on_point(NULL, NULL);
    mn_heap_free(memory_);
}

static void free_in_interrupt(void *memory_)
{
    mn_host_on_point(free_once, memory_);
    mn_hook_point();
}

/* The tag depends on the address, so no other place has it. */
static void a_copy_of_a_header_is_no_block(void **state)
{
    (void)state;
    fresh_heap();
    uint8_t *block = mn_heap_try(200);
    for (uint32_t at = 8; at < 200; at += 8) {
        memcpy(block + at - 8, block - 8, 8);
        assert_non_null(mn_host_panic_of(free_it, block + at));
        assert_non_null(mn_host_panic_of(free_in_interrupt, block + at));
    }
    assert_null(mn_host_panic_of(free_it, block));
}

static void an_interrupt_that_frees_twice_stops_the_kernel(void **state)
{
    (void)state;
    fresh_heap();
    void *block = mn_heap_try(40);
    free_in_interrupt(block);
    assert_non_null(mn_host_panic_of(free_it, block)); /* still queued */
    assert_non_null(mn_host_panic_of(free_in_interrupt, block));
    assert_null(mn_host_panic_of(measure, NULL)); /* it is back */
    assert_non_null(mn_host_panic_of(free_in_interrupt, block));
}

static void writing_past_the_end_stops_the_kernel(void **state)
{
    (void)state;
    for (uint32_t past = 1; past <= 8; past++) {
        fresh_heap();
        uint8_t *after = mn_heap_try(24), *block = mn_heap_try(24);
        assert_ptr_equal(block + 32, after);
        memset(block + 24, 0x5a, past);
        assert_non_null(mn_host_panic_of(free_it, block));
        assert_non_null(mn_host_panic_of(measure, NULL));
        if (past == 8)
            assert_non_null(mn_host_panic_of(free_it, after));
    }
}

static void writing_to_what_was_freed_stops_the_kernel(void **state)
{
    (void)state;
    fresh_heap();
    uint8_t *after = mn_heap_try(24), *block = mn_heap_try(24);
    assert_non_null(mn_heap_try(24));
    mn_heap_free(block);
    memset(block - 8, 0x5a, 8);
    assert_non_null(mn_host_panic_of(free_it, after)); /* it would be joined to that */
    assert_non_null(mn_host_panic_of(measure, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MN_SEEDED(no_two_owners_share_a_byte_and_what_is_free_can_be_had),
        MN_SEEDED(interrupts_may_free_at_any_point),
        MN_SEEDED(a_storm_of_frees_loses_nothing),
        MN_TEST(an_interrupt_frees_a_neighbour_at_every_point),
        MN_TEST(an_interrupt_frees_the_same_at_every_point),
        MN_TEST(the_largest_block_is_given_and_none_larger),
        MN_TEST(more_than_there_is_gets_nothing_and_is_counted),
        MN_TEST(nothing_can_be_asked_for_and_freed),
        MN_TEST(memory_comes_back_zeroed),
        MN_TEST(any_alignment_and_size_of_memory_will_do),
        MN_TEST(freeing_twice_stops_the_kernel),
        MN_TEST(freeing_what_is_not_from_here_stops_the_kernel),
        MN_TEST(a_copy_of_a_header_is_no_block),
        MN_TEST(an_interrupt_that_frees_twice_stops_the_kernel),
        MN_TEST(writing_past_the_end_stops_the_kernel),
        MN_TEST(writing_to_what_was_freed_stops_the_kernel),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
