/* stack.c — paints the free part of the kernel's stack, and later looks how far down it was used. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "bench/kernel/stack.h"
#include "kernel/arch/cortex-m4/arch.h"

#define PAINT 0xa5a55a5au
#define OWN   128u /* bytes below the caller's frame that painting itself may use */

extern uint8_t mn_stack_top[];

static uint32_t *lowest(void)
{
    return (uint32_t *)(void *)(mn_stack_guard + MN_STACK_GUARD);
}

void stack_forget(void)
{
    uintptr_t end = (uintptr_t)__builtin_frame_address(0) - OWN;
    for (uint32_t *at = lowest(); (uintptr_t)at < end; at++) *(volatile uint32_t *)at = PAINT;
}

uint32_t stack_deepest(void)
{
    const uint32_t *at = lowest();
    while (*at == PAINT) at++;
    return (uint32_t)((uintptr_t)mn_stack_top - (uintptr_t)at);
}
