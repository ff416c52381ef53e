/* on_board.h — a bare program for QEMU's mps2-an386: begins with start(), ends by semihosting with a status. Included
 * once by each. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef TESTS_HOST_ABI_ARM_ON_BOARD_H
#define TESTS_HOST_ABI_ARM_ON_BOARD_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STACK_TOP 0x20010000

void start(void);

static _Noreturn void finish(bool good)
{
    const uint32_t block[2] = {0x20026,
                               good ? 0 : 1};       /* ADP_Stopped_ApplicationExit and the status */
    register uint32_t operation __asm("r0") = 0x20; /* SYS_EXIT_EXTENDED */
    register const uint32_t *argument __asm("r1") = block;
    __asm volatile("bkpt 0xab" : : "r"(operation), "r"(argument) : "memory");
    for (;;) {}
}

static void fault(void)
{
    finish(false);
}

__attribute__((section(".vectors"), used)) static const uintptr_t vectors[16] = {
    STACK_TOP,        (uintptr_t)start, (uintptr_t)fault, (uintptr_t)fault,
    (uintptr_t)fault, (uintptr_t)fault, (uintptr_t)fault,
};
#endif
