/* behaviour.h — what a program does in the simulation, where no machine code runs.
 *
 * The program's name says it: `echo...` copies stdin to stdout until end-of-file; `sink...`
 * reads stdin to its end and prints how many bytes it was and their CRC-32; `flood...` writes as
 * many bytes as its argument says (without one: for ever), byte i being i % 251; `spin...` never
 * ends; anything else greets and exits with its argument, or 0. All of it goes through system
 * calls, as on a board. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef TESTS_SIM_BEHAVIOUR_H
#define TESTS_SIM_BEHAVIOUR_H
#include "kernel/user/prog.h"

/* Let the program go on until its next system call. It is the current one. */
void behaviour_step(struct mn_prog *prog);
#endif
