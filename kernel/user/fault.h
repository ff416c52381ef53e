/* fault.h — a program did what it may not: name it, keep a record, end the program.
 *
 * In two steps, so that the handler of the fault is short: it condemns the
 * program, and the scheduler carries that out before anything else runs. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MN_USER_FAULT_H
#define MN_USER_FAULT_H
#include "prog.h"

/* What the processor says about a fault. */
struct mn_fault_status { uint32_t cfsr, hfsr, mmfar, bfar; };

/* The kind, an index of fault_kind in loader.toml. */
uint8_t mn_fault_kind(const struct mn_fault_status *status);

/* The current program faulted; its psp, r4 to r11 and exc_return are in its context. It is condemned and no longer
 * current. */
void mn_fault_processor(const struct mn_fault_status *status);

/* The current program made a system call that only a broken one makes. It is condemned; its frame must not change. */
void mn_fault_call(struct mn_prog *prog, uint8_t kind);

/* The same about its ring, where it asked for the system call of that number; also while no program is current. */
void mn_fault_ring(struct mn_prog *prog, uint8_t kind, uint32_t number);

/* Write the record of a condemned program, whose context is saved, and end it. */
void mn_fault_execute(struct mn_prog *prog);
#endif
