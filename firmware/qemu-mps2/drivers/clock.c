/* clock.c — one half of the dual timer runs freely, the other is a one-shot alarm. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "clock.h"
#include "firmware/qemu-mps2/board.h"
#include "kernel/arch/cortex-m4/arch.h"
#include "kernel/core/port.h"
#include "kernel/core/timer.h"

#define SLEEP_MAX_US  60000000u /* the counter wraps in 171 s and must be read in between */
#define REBASE_TICKS  0x40000000u
#define ALARM_PRIORITY 0x80u

struct timer { uint32_t load, value, control, clear, raw, masked, background, unused; };
struct dual_timer { struct timer alarm, clock; };
static volatile struct dual_timer *const timer = (volatile struct dual_timer *)BOARD_TIMER_ADDR;

#define CONTROL_FREE_RUNNING 0x82u /* enabled, 32 bits, down */
#define CONTROL_ONE_SHOT     0xa3u /* the same, once, with interrupt */

/* Ticks are counted from `ticks`, at which it was `us`; both are moved on now and then. Under mn_port_lock. */
static struct { uint64_t us; uint32_t ticks; } base;
static uint64_t wish_us; /* when somebody wants the alarm. Under mn_port_lock */

void clock_start(void)
{
    timer->clock.load = UINT32_MAX;
    timer->clock.control = CONTROL_FREE_RUNNING;
    base.ticks = mn_port_stamp();
    mn_port_alarm(UINT64_MAX);
    mn_arch_enable_irq(BOARD_TIMER_IRQ, ALARM_PRIORITY);
}

uint64_t mn_port_now_us(void)
{
    uint32_t before = mn_port_lock();
    uint32_t ticks = mn_port_stamp() - base.ticks;
    uint32_t passed = mn_port_stamp_us(ticks);
    uint64_t now = base.us + passed;
    if (ticks >= REBASE_TICKS) {
        base.us = now;
        base.ticks += passed * BOARD_TICKS_PER_US;
    }
    mn_port_unlock(before);
    return now;
}

/* By 16 bits at a time: what remains of one step is less than the ticks of a microsecond. */
uint64_t mn_port_stamp_total_us(uint64_t total)
{
    uint32_t high = (uint32_t)(total >> 32), low = (uint32_t)total;
    uint32_t upper = high % BOARD_TICKS_PER_US << 16 | low >> 16;
    uint32_t lower = upper % BOARD_TICKS_PER_US << 16 | (low & 0xffffu);
    return (uint64_t)(high / BOARD_TICKS_PER_US) << 32 | (uint64_t)(upper / BOARD_TICKS_PER_US) << 16
           | lower / BOARD_TICKS_PER_US;
}

/* Have the interrupt come at the wish, or earlier to keep the clock going. */
static void arm(uint64_t now)
{
    uint64_t wait_us = wish_us - now;
    timer->alarm.control = 0;
    timer->alarm.load = (wait_us < SLEEP_MAX_US ? (uint32_t)wait_us : SLEEP_MAX_US) * BOARD_TICKS_PER_US;
    timer->alarm.control = CONTROL_ONE_SHOT;
}

void mn_port_alarm(uint64_t at_us)
{
    uint32_t before = mn_port_lock();
    if (at_us != wish_us) {
        uint64_t now = mn_port_now_us();
        wish_us = at_us;
        if (at_us > now)
            arm(now);
        else
            mn_arch_pend_irq(BOARD_TIMER_IRQ); /* an interrupt and not only a pass of the executor: it ends a sleep too */
    }
    mn_port_unlock(before);
}

void clock_interrupt(void)
{
    uint32_t before = mn_port_lock();
    timer->alarm.clear = 1;
    uint64_t now = mn_port_now_us();
    if (wish_us <= now) {
        wish_us = UINT64_MAX;
        mn_timer_alarm();
    } else {
        mn_port_pend();
    }
    arm(now);
    mn_port_unlock(before);
}
