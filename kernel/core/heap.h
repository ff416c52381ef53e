/* heap.h — the kernel's heap.
 *
 * Allocation may fail and never waits. Freeing is legal anywhere: in an interrupt
 * it queues, and the memory is back with the next round or the next allocation.
 * Freeing twice, or what is not from here, stops the kernel. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MN_CORE_HEAP_H
#define MN_CORE_HEAP_H
#include "await.h"
#include <stddef.h>
#include <stdint.h>

/* An allocation costs its size rounded up to 8, and this; 8 more where they would be all that is left of a hole. */
#define MN_HEAP_OVERHEAD 8u

/* The most a heap can manage. */
#define MN_HEAP_MAX 0x7fff0u

struct mn_heap_stats {
    size_t   total, free;          /* both with the overhead of each block */
    size_t   largest;              /* the largest allocation that would succeed now */
    size_t   least_free;           /* the low-water mark of free */
    uint32_t allocations, failures; /* alive now; refused since the reset */
};

/* Make `memory` the heap; forgets what was. At least 64 bytes, at most MN_HEAP_MAX. */
void mn_heap_reset(void *memory, size_t len);

/* 8-aligned, zeroed memory, or NULL. Task or system-call context.
 * Owner    the caller, until mn_heap_free(). */
MN_MUST_USE void *mn_heap_try(size_t len);

/* Give memory back. NULL is nothing. */
MN_ISR_OK void mn_heap_free(void *memory);

/* Take back what interrupts freed. The executor calls it each round. */
void mn_heap_drain(void);

/* Measure; walks the heap and stops the kernel if it finds it damaged. Task or system-call context. */
struct mn_heap_stats mn_heap_stats(void);
#endif
