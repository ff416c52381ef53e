/* serial_calls.h — the serial system calls of programs, on ports of the mux.
 *
 * A program holds at most MN_SERIAL_HANDLES ports, open ones and closed ones with bytes still to be
 * sent. Its ports 0..15 are its own (port_base + n on the wire); 16 and up are the wire's ports as
 * they are. They are opened and closed by the functions of mux.h that the serial mux service uses
 * too; programs come here directly and not as its clients, because bytes are copied inside the
 * system call and not in a task. Reads of one port are served in the order in which they came, and
 * so are writes. When a program ends its ports are closed and what they will have sent is written
 * into its `ending`; bytes already taken are still sent. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MN_SERVICES_SERIAL_CALLS_H
#define MN_SERVICES_SERIAL_CALLS_H
#include "kernel/config.h"

#define MN_SERIAL_HANDLES MN_CONFIG_PROGRAM_PORTS /* per program */

/* Serve mn_serial_ops from now on. After mn_mux_start() and mn_prog_reset(). */
void mn_serial_calls_start(void);
#endif
