/* line.h — the simulated device's serial line: a pseudo-terminal, TCP or Unix socket of this
 * machine.
 *
 * Like a cable it may be pulled and plugged in again while the kernel runs. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef TESTS_SIM_LINE_H
#define TESTS_SIM_LINE_H
#include "kernel/services/link.h"

/* Where the host connects: "pty:PATH" (a symbolic link to the terminal), "tcp:PORT" (0: any) or
 * "unix:PATH". Prints the place as one line. Answers NULL after printing why not. */
struct mn_link *line_open(const char *place, uint32_t baud);
#endif
