/* string.h — what the kernel may use of it: no C library stands behind, abi/src/mem.c does. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MN_ARCH_CORTEX_M4_INCLUDE_STRING_H
#define MN_ARCH_CORTEX_M4_INCLUDE_STRING_H
#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t len);
void *memmove(void *to, const void *from, size_t len);
void *memset(void *to, int byte, size_t len);
int   memcmp(const void *one, const void *other, size_t len);
#endif
