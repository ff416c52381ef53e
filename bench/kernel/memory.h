/* memory.h — memory to measure with: the arena, which is nobody's until programs start. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef BENCH_KERNEL_MEMORY_H
#define BENCH_KERNEL_MEMORY_H
#include "kernel/config.h"
#include <stdint.h>

#define BENCH_ARENA_ADDR MN_CONFIG_RAM_ADDR
#define BENCH_ARENA_LEN  MN_CONFIG_ARENA_LEN

/* Some memory of the arena, by its offset. */
static inline uint8_t *bench_memory(uint32_t offset)
{
    return (uint8_t *)(uintptr_t)(BENCH_ARENA_ADDR + offset);
}

/* The same numbers at each run. */
static inline uint32_t bench_random(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}
#endif
