/* board.h — the emulated board: where its devices are. Arm MPS2 with the AN386 image, as QEMU has it. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef FIRMWARE_QEMU_MPS2_BOARD_H
#define FIRMWARE_QEMU_MPS2_BOARD_H

#define BOARD_NAME     "mps2-an386"
#define BOARD_CLOCK_HZ 25000000u

#define BOARD_UART_ADDR   0x40004000u
#define BOARD_UART_RX_IRQ 0u
#define BOARD_UART_TX_IRQ 1u
#define BOARD_TIMER_ADDR  0x40002000u /* dual timer: the first half is the alarm, the second the clock */
#define BOARD_TIMER_IRQ   10u

#endif
