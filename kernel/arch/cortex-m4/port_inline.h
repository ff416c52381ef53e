/* port_inline.h — the parts of core/port.h that are a few instructions here. core/port.h includes it in place of their
 * declarations when the build defines MN_PORT_INLINE as its name. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MN_ARCH_CORTEX_M4_PORT_INLINE_H
#define MN_ARCH_CORTEX_M4_PORT_INLINE_H
#include "kernel/arch/cortex-m4/registers.h"
#include "kernel/core/await.h"
#include <stdbool.h>
#include <stdint.h>

#define MN_FIRST_INTERRUPT 16u

MN_ISR_OK static inline uint32_t mn_port_lock(void)
{
    uint32_t before;
    __asm volatile("mrs %0, primask\n cpsid i" : "=r"(before) :: "memory");
    return before;
}

MN_ISR_OK static inline void mn_port_unlock(uint32_t before)
{
    __asm volatile("msr primask, %0" :: "r"(before) : "memory");
}

MN_ISR_OK static inline void mn_port_pend(void)
{
    SCB_ICSR = ICSR_PENDSVSET;
    __asm volatile("" ::: "memory"); /* nothing is kept in a register across it */
}

MN_ISR_OK static inline bool mn_port_in_interrupt(void)
{
    uint32_t exception;
    __asm volatile("mrs %0, ipsr" : "=r"(exception));
    return exception >= MN_FIRST_INTERRUPT;
}
#endif
