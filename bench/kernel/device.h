/* device.h — a device whose interrupt comes when it is told to: one of the board's timers. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef BENCH_KERNEL_DEVICE_H
#define BENCH_KERNEL_DEVICE_H
#include "kernel/core/event.h"

/* Put its interrupt into the vector table. Before mn_arch_init(), which forbids the table's first page. */
void device_start(void);

/* One interrupt, a few microseconds from now, which raises the event. A sample begins at its first instruction. */
void device_arm(struct mn_event *event);
#endif
