/* stack.h — how deep the kernel's stack has been. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef BENCH_KERNEL_STACK_H
#define BENCH_KERNEL_STACK_H
#include <stdint.h>

void     stack_forget(void); /* count from here on; not what the caller uses now */
uint32_t stack_deepest(void);
#endif
