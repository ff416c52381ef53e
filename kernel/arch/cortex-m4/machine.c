/* machine.c — processor set-up, and what user/machine.h asks of it. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/user/machine.h"
#include "arch.h"
#include "registers.h"
#include "kernel/core/port.h"

#define EXECUTOR_PRIORITY 0xe0u /* of SVC and PendSV alike */
#define GUARD_REGION      7u    /* the highest number wins */
#define NULL_REGION       6u
#define NULL_LOG2         10u   /* the vectors lie here alone; the processor reads them past the MPU */

/* Nobody may touch 2^log2 bytes. */
static void forbid(uint32_t region, uint32_t addr, uint32_t log2)
{
    MPU_RBAR = addr | MPU_RBAR_VALID | region;
    MPU_RASR = MPU_RASR_NO_ACCESS | MPU_RASR_SIZE(log2) | MPU_RASR_ENABLE;
}

void mn_arch_init(void)
{
    (void)mn_port_lock();
    SCB_SHPR1 = 0;
    SCB_SHPR2 = EXECUTOR_PRIORITY << 24;
    SCB_SHPR3 = EXECUTOR_PRIORITY << 16 | MN_IRQ_PRIORITY_LAST << 24;
    SCB_SHCSR = SHCSR_FAULTS_ENABLED;
    SCB_CCR |= CCR_DIV_0_TRP | CCR_STKALIGN;
    SCB_CPACR |= CPACR_FPU;
    FPU_FPCCR = FPCCR_ASPEN;
    forbid(GUARD_REGION, (uint32_t)mn_stack_guard, (uint32_t)__builtin_ctz(MN_STACK_GUARD));
    forbid(NULL_REGION, 0, NULL_LOG2);
    MPU_CTRL = MPU_CTRL_ENABLE;
    __asm volatile("dsb\n isb" ::: "memory");
}

void mn_arch_enable_irq(uint32_t irq, uint32_t priority)
{
    NVIC_IPR(irq) = (uint8_t)priority;
    NVIC_ISER(irq / 32) = 1u << (irq % 32);
}

void mn_arch_pend_irq(uint32_t irq)
{
    NVIC_ISPR(irq / 32) = 1u << (irq % 32);
}

_Noreturn void mn_arch_run(void)
{
    mn_port_pend();
    mn_port_unlock(0);
    for (;;)
        __asm volatile("dsb\n isb" ::: "memory");
}

/* The barriers make the processor see what is (or is no longer) pending before the handler returns, so that it goes on
 * to the executor and not to the frame of a program that has ended. */
void mn_machine_drop_pending(void)
{
    SCB_SHCSR &= ~SHCSR_PENDED;
    mn_port_pend();
    __asm volatile("dsb\n isb" ::: "memory");
}

void mn_machine_wakes_seen(void)
{
    SCB_ICSR = ICSR_PENDSVCLR;
}
