/* port.c — core/port.h on a Cortex-M4: sleep, random numbers. The rest is in port_inline.h; time is the board's. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/core/port.h"
#include "arch.h"
#include "registers.h"

/* WFI with interrupts kept out wakes all the same and leaves the interrupt pending: no wake is lost between the look
 * and the sleep. */
void mn_port_idle(bool (*ready)(void))
{
    uint32_t before = mn_port_lock();
    if (!ready())
        __asm volatile("dsb\n wfi" ::: "memory");
    mn_port_unlock(before);
}

static uint32_t random_state = 0x6d6e4f53u;

void mn_arch_seed_random(uint32_t seed)
{
    random_state ^= seed;
    if (!random_state)
        random_state = 1;
}

static uint32_t random_next(void)
{
    uint32_t x = random_state;
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    return random_state = x;
}

void mn_port_random(uint8_t *out, uint32_t len)
{
    mn_arch_seed_random((uint32_t)mn_port_now_us());
    while (len--)
        *out++ = (uint8_t)(random_next() >> 11);
}
