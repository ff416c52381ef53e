/* heap.h — the kernel's heap.
 *
 * Allocation may fail and never waits; to wait for memory: alloc.h. Freeing is
 * legal anywhere: in an interrupt it queues, and the memory is back with the next
 * round or the next allocation. Freeing twice, freeing what is not from here, or
 * having written past its end, stops the kernel. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MN_CORE_HEAP_H
#define MN_CORE_HEAP_H
#include "await.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An allocation costs its size and this, rounded up to 8, but no less than the smallest; and all of a hole whose rest
 * would be less than that. */
#define MN_HEAP_OVERHEAD 8u
#define MN_HEAP_SMALLEST (MN_HEAP_OVERHEAD + 2u * sizeof(void *))

/* The least and the most a heap can manage. */
#define MN_HEAP_MIN 256u
#define MN_HEAP_MAX 0x3fc00u

struct mn_heap_stats {
    size_t   total, free;          /* both with the overhead of each block */
    size_t   largest;              /* the largest allocation that would succeed now */
    size_t   least_free;           /* the low-water mark of free */
    size_t   capacity;             /* the largest allocation that can ever succeed, see mn_heap_seal() */
    uint32_t allocations, failures; /* alive now; refused since the reset */
};

/* Make `memory` the heap; forgets what was. MN_HEAP_MIN to MN_HEAP_MAX bytes. */
void mn_heap_reset(void *memory, size_t len);

/* What is allocated now stays for ever: the largest allocation that is possible now is the largest there will ever be, and
 * waiting for more is refused. Called once, when everything has started. */
void mn_heap_seal(void);

/* 8-aligned memory, or NULL. Also NULL while somebody has waited for so long that nobody may pass. The first gives it
 * zeroed, the second as it is. Task or system-call context.
 * Owner    the caller, until mn_heap_free(). */
MN_MUST_USE void *mn_heap_try(size_t len);
MN_MUST_USE void *mn_heap_try_uncleared(size_t len);

/* Give memory back. NULL is nothing. */
MN_ISR_OK void mn_heap_free(void *memory);

/* Take back what interrupts freed, and serve those who wait for memory. The executor calls it each round. */
void mn_heap_drain(void);

/* Is there memory for somebody who waits, once it is drained? */
MN_ISR_OK bool mn_heap_owes(void);

/* Measure; walks the heap and stops the kernel if it finds it damaged. Task or system-call context. */
struct mn_heap_stats mn_heap_stats(void);
#endif
