/* call_priv.h — waiting calls, between syscall.c, call.c and prog.c. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MN_USER_CALL_PRIV_H
#define MN_USER_CALL_PRIV_H
#include "machine.h"
#include "prog.h"

/* The running program waits in `call`, which somebody keeps, until mn_call_reply(). A deadline ends it with timed_out. */
void mn_call_park(struct mn_call *call, uint64_t deadline_us);

/* It waits until call->args.sleep.until_us, which is in the future. */
void mn_call_park_sleep(struct mn_call *call, uint64_t deadline_us);

/* The program ends: whoever holds its call forgets it. */
void mn_call_abandon(struct mn_call *call);

/* The program ends: so do its connections to services. Forget every program's. */
void mn_service_calls_end(const struct mn_prog *prog);
void mn_service_calls_reset(void);

/* What a system call answers: error in the low half (r0), bytes used of the output slice in the high half (r1). */
typedef uint64_t mn_call_result;
typedef mn_call_result (*mn_call_handler)(struct mn_frame *frame, struct mn_prog *prog);

/* By number; the last entry takes every other value of r12: unknown numbers, and numbers with flags. */
extern const mn_call_handler mn_calls[MNEMOS_SYS_CALL_COUNT + 1];
#endif
