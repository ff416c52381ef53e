/* ports.h — what the measuring kernel does on which handle of a serial port, and its service. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef BENCH_PROGRAMS_PORTS_H
#define BENCH_PROGRAMS_PORTS_H

#define BENCH_PORT_RING   1u /* writing copies into a ring of the kernel, closing empties that */
#define BENCH_PORT_DEVICE 2u /* writing makes an interrupt come soon, reading waits for it */

#define BENCH_SERVICE_UUID {0xbe, 0xec}
#define BENCH_SERVICE_SHAPE 1u /* gives its argument, a u32, back */

#endif
