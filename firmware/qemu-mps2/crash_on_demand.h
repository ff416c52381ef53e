/* crash_on_demand.h — a kernel for tests: a byte on port 0x0ff0 of the link makes it crash in a chosen way. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef FIRMWARE_QEMU_MPS2_CRASH_ON_DEMAND_H
#define FIRMWARE_QEMU_MPS2_CRASH_ON_DEMAND_H

/* The byte: 'n' call a null function, 'r' read from null, 'a' a failed assertion, 's' overflow the stack,
 * 'u' an undefined instruction, 'd' divide by zero, 'b' touch an address where nothing is. */
#define CRASH_ON_DEMAND_PORT 0x0ff0u

/* Start its task, which waits for a serial mux. Once, after mn_registry_start(). */
void crash_on_demand_start(void);
#endif
