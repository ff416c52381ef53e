/* device.c — see device.h. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "device.h"
#include "bench/bench.h"
#include "kernel/arch/cortex-m4/arch.h"
#include "kernel/arch/cortex-m4/registers.h"
#include "kernel/core/port.h"

#define TIMER_ADDR     0x40001000u
#define TIMER_IRQ      9u
#define TIMER_PRIORITY 0x40u
#define TIMER_ON       9u   /* enabled, with interrupt */
#define DELAY_TICKS    250u /* 10 us: 10 000 instructions of the emulated clock */

#define VECTORS      48u
#define FIRST_IRQ    16u
#define VECTOR_TABLE (*(volatile uint32_t *)0xe000ed08u)

struct timer {
    uint32_t control, value, reload, interrupt;
};
static volatile struct timer *const timer = (volatile struct timer *)TIMER_ADDR;

extern const uint32_t bench_vectors[]; /* the linker's name for address 0 */

static uint32_t vectors[VECTORS] __attribute__((aligned(256)));
static struct mn_event *armed;

__attribute__((used)) static void interrupt(void)
{
    timer->control = 0;
    timer->interrupt = 1;
    mn_event_raise(armed);
}

/* The sample begins before anything is saved. */
__attribute__((naked)) static void vector(void)
{
    BENCH_START();
    __asm volatile("b interrupt");
}

void device_start(void)
{
    for (uint32_t i = 0; i < VECTORS; i++) vectors[i] = bench_vectors[i];
    vectors[FIRST_IRQ + TIMER_IRQ] = (uint32_t)vector;
    VECTOR_TABLE = (uint32_t)vectors;
}

void device_arm(struct mn_event *event)
{
    armed = event;
    mn_arch_enable_irq(TIMER_IRQ, TIMER_PRIORITY);
    timer->reload = 0;
    timer->value = DELAY_TICKS;
    timer->control = TIMER_ON;
}
