/* memory.h — from an address of a program to memory of the kernel: the only place where that happens.
 *
 * On the board they are the same thing. On a PC the arena is a buffer. Whoever
 * calls mn_memory() has checked the address before: see mn_user_span_ok(). */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MN_USER_MEMORY_H
#define MN_USER_MEMORY_H
#include <stdint.h>

#if UINTPTR_MAX == UINT32_MAX
static inline uint8_t *mn_memory(uint32_t addr) { return (uint8_t *)addr; }
#else
/* Let `buffer` stand for the `len` bytes from `addr` on.
 * Owner    kept until the next call. */
void mn_memory_map(uint8_t *buffer, uint32_t addr, uint32_t len);

/* An address outside the mapped bytes stops the kernel. */
uint8_t *mn_memory(uint32_t addr);
#endif
#endif
