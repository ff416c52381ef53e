/* heap_soak_test.c — a million times opened and closed: the largest free block does not shrink. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/arch/host/host.h"
#include "kernel/core/heap.h"
#include "seeds.h"

#define STEPS  1000000u
#define EPOCHS 10u
#define SLOTS  48u

/* What opening a port or a connection takes. */
static const uint16_t sizes[] = { 24, 40, 56, 80, 176, 256, 512, 512, 1024, 2048 };

static _Alignas(8) uint8_t memory[24576];
static struct { void *block; uint32_t len; } slots[SLOTS];
static uint32_t random_state = 1, used;

static uint32_t random_below(uint32_t bound)
{
    return mn_host_random_next(&random_state) % bound;
}

static void close_slot(uint32_t i)
{
    mn_heap_free(slots[i].block);
    used -= slots[i].len;
    slots[i].block = NULL;
}

/* Three quarters of the heap in use at most. */
static void open_slot(uint32_t i)
{
    uint32_t len = sizes[random_below(sizeof sizes / sizeof *sizes)];
    if (used + len > sizeof memory / 4 * 3)
        return;
    slots[i].block = mn_heap_try_uncleared(len);
    if (!slots[i].block)
        return;
    slots[i].len = len;
    used += len;
}

static void open_and_close(uint32_t steps)
{
    while (steps--) {
        uint32_t i = random_below(SLOTS);
        if (slots[i].block)
            close_slot(i);
        else
            open_slot(i);
    }
}

/* The mean of what is largest while all that is open now and then closes and others open: how scattered is what stays? */
static size_t largest_of_an_epoch(void)
{
    size_t sum = 0, looks = 100;
    for (uint32_t look = 0; look < looks; look++) {
        open_and_close(STEPS / EPOCHS / (uint32_t)looks);
        sum += mn_heap_stats().largest;
    }
    return sum / looks;
}

static void the_largest_free_block_does_not_shrink(void **state)
{
    (void)state;
    mn_heap_reset(memory, sizeof memory);
    size_t fresh = mn_heap_stats().largest, first = largest_of_an_epoch();
    for (uint32_t epoch = 1; epoch < EPOCHS; epoch++) {
        size_t largest = largest_of_an_epoch();
        assert_true(largest > first - first / 8);
    }
    for (uint32_t i = 0; i < SLOTS; i++)
        if (slots[i].block)
            close_slot(i);
    assert_int_equal(mn_heap_stats().largest, fresh);
    assert_int_equal(mn_heap_stats().allocations, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = { MN_TEST(the_largest_free_block_does_not_shrink) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
