/* ports.h — what the measuring kernel does on which handle of a serial port. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef BENCH_PROGRAMS_PORTS_H
#define BENCH_PROGRAMS_PORTS_H

#define BENCH_PORT_RING   1u /* writing copies into a ring of the kernel */
#define BENCH_PORT_DEVICE 2u /* writing makes an interrupt come soon, reading waits for it */

#endif
