/* clock.h — time and the alarm, from the dual timer. Implements mn_port_now_us() and mn_port_alarm(). */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef FIRMWARE_QEMU_MPS2_DRIVERS_CLOCK_H
#define FIRMWARE_QEMU_MPS2_DRIVERS_CLOCK_H

void clock_start(void);

/* For the vector table. */
void clock_interrupt(void);
#endif
