/* heap.c — the kernel's heap: fresh, and under a mixed load; its pools. What a task frees is free at once. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/core/heap.h"
#include "bench/bench.h"
#include "bench/kernel/memory.h"
#include "bench/kernel/rows.h"
#include "kernel/core/pool.h"
#include "kernel/core/port.h"
#include <string.h>

#define HEAP_LEN   65536u
#define SLOTS      64u
#define OPERATIONS 4000u

static void *slots[SLOTS];

static void give_back(void *memory)
{
    size_t before = mn_heap_stats().free;
    BENCH_SAMPLE(mn_heap_free(memory));
    MN_ASSERT(mn_heap_stats().free > before);
}

static void fresh(void)
{
    mn_heap_reset(bench_memory(0), HEAP_LEN);
    for (uint32_t i = 0; i < SLOTS; i++) BENCH_SAMPLE(slots[i] = mn_heap_try(64));
    bench_row("heap.malloc_64");
    for (uint32_t i = 0; i < SLOTS; i++) give_back(slots[i]);
    bench_row("heap.free_64");
    mn_heap_reset(bench_memory(0), HEAP_LEN);
    for (uint32_t i = 0; i < SLOTS; i++) BENCH_SAMPLE(slots[i] = mn_heap_try_uncleared(64));
    bench_row("heap.malloc_64_uncleared");
}

enum what { ALLOCATE, UNCLEARED, FREE, CLEAR };

/* One random operation after the other; only those of one kind are measured. CLEAR: what clearing costs the first. */
static void mixed(enum what measured)
{
    uint32_t state = 1;
    mn_heap_reset(bench_memory(0), HEAP_LEN);
    memset(slots, 0, sizeof slots);
    for (uint32_t i = 0; i < OPERATIONS; i++) {
        void **slot = &slots[bench_random(&state) % SLOTS];
        uint32_t len = 8u + bench_random(&state) % 505u;
        if (*slot) {
            if (measured == FREE)
                give_back(*slot);
            else
                mn_heap_free(*slot);
            *slot = NULL;
        } else {
            if (measured == ALLOCATE)
                BENCH_SAMPLE(*slot = mn_heap_try(len));
            else if (measured == UNCLEARED)
                BENCH_SAMPLE(*slot = mn_heap_try_uncleared(len));
            else
                *slot = mn_heap_try(len);
            MN_ASSERT(*slot);
            if (measured == CLEAR) BENCH_SAMPLE(memset(*slot, 0, len));
        }
    }
}

static void from_a_pool(void)
{
    static struct mn_pool pool;
    mn_pool_init(&pool, bench_memory(0), 64, SLOTS);
    for (uint32_t i = 0; i < SLOTS; i++) slots[i] = mn_pool_try(&pool);
    for (uint32_t i = 0; i < SLOTS; i++) BENCH_SAMPLE(mn_pool_free(&pool, slots[i]));
    bench_row("pool.free");
    for (uint32_t i = 0; i < SLOTS; i++) BENCH_SAMPLE(slots[i] = mn_pool_try(&pool));
    bench_row("pool.alloc");
}

void rows_of_heap(void)
{
    fresh();
    from_a_pool();
    mixed(ALLOCATE);
    bench_row("heap.malloc_mixed");
    mixed(UNCLEARED);
    bench_row("heap.malloc_mixed_uncleared");
    mixed(FREE);
    bench_row("heap.free_mixed");
    mixed(CLEAR);
    bench_row("heap.clear_mixed");
}
