/* stamp.h — the board's counter for core/port.h: the free-running half of the dual timer, which wraps after 171 s. The
 * clock is made of the same half. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef FIRMWARE_QEMU_MPS2_DRIVERS_STAMP_H
#define FIRMWARE_QEMU_MPS2_DRIVERS_STAMP_H
#include "firmware/qemu-mps2/board.h"
#include "kernel/core/await.h"
#include <stdint.h>

#define BOARD_TICKS_PER_US (BOARD_CLOCK_HZ / 1000000u)
#define BOARD_COUNTER      (*(const volatile uint32_t *)(BOARD_TIMER_ADDR + 0x24u))

MN_ISR_OK static inline uint32_t mn_port_stamp(void)
{
    return ~BOARD_COUNTER; /* it counts down */
}

#define MN_STAMP_ASM                    \
    "ldr    r7, =0x40002024         \n" \
    "ldr    r7, [r7]                \n" \
    "mvns   r7, r7                  \n"
_Static_assert(BOARD_TIMER_ADDR + 0x24u == 0x40002024u, "the same counter");

MN_ISR_OK static inline uint32_t mn_port_stamp_us(uint32_t difference)
{
    return difference / BOARD_TICKS_PER_US;
}

MN_ISR_OK static inline uint32_t mn_port_stamps(uint32_t us)
{
    return us * BOARD_TICKS_PER_US;
}
#endif
