/* board_config.h — the settings of the emulated board's kernel; the others are as in kernel/config.h. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef FIRMWARE_QEMU_MPS2_BOARD_CONFIG_H
#define FIRMWARE_QEMU_MPS2_BOARD_CONFIG_H

/* RAM as on the nRF52840. */
#define MN_CONFIG_RAM_ADDR  0x20000000
#define MN_CONFIG_RAM_LEN   0x40000
#define MN_CONFIG_ARENA_LEN 0x34000

#define MN_CONFIG_BAUD            115200
#define MN_CONFIG_HELLO_PERIOD_US 1000000
#endif
