/* heap.h — the kernel's heap. Allocation may fail; freeing is legal anywhere, also in an interrupt: it queues. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MN_CORE_HEAP_H
#define MN_CORE_HEAP_H
#include "await.h"
#include <stddef.h>
#include <stdint.h>

struct mn_heap_stats { size_t total, free, largest, least_free; uint32_t allocations, failures; };

void mn_heap_reset(void *memory, size_t len);

/* 8-aligned, zeroed memory, or NULL. Task or system-call context. */
MN_MUST_USE void *mn_heap_try(size_t len);
MN_ISR_OK void    mn_heap_free(void *memory);

/* Return what interrupts freed. The executor calls it each round. */
void mn_heap_drain(void);
struct mn_heap_stats mn_heap_stats(void);
#endif
