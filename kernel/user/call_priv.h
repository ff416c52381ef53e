/* call_priv.h — calls, between syscall.c, submit.c, rings.c, call.c and prog.c. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MN_USER_CALL_PRIV_H
#define MN_USER_CALL_PRIV_H
#include "machine.h"
#include "prog.h"

/* Every serial_read, serial_write and service_call goes through here, be it a system call or an entry of a ring: check
 * what its arguments name, and begin it. call->used gets the bytes used, or those that are needed (too_small).
 * Answers  MN_PENDING          somebody keeps it until mn_call_done()
 *          MN_CALL_BAD_SLICE   a slice lies outside the program, which is to be condemned
 *          anything else       it is finished */
enum { MN_CALL_BAD_SLICE = 2 };
MN_MUST_USE mn_err mn_call_submit(struct mn_prog *prog, struct mn_call *call, uint64_t deadline_us);
MN_MUST_USE mn_err mn_service_call_submit(struct mn_prog *prog, struct mn_call *call, uint64_t deadline_us);

/* NULL: there is no serial service. */
extern const struct mn_serial_ops *mn_serial;

/* The running program waits in `call`, which somebody keeps, until mn_call_reply(). A deadline ends it with timed_out. */
void mn_call_park(struct mn_call *call, uint64_t deadline_us);

/* It waits until call->args.sleep.until_us, which is in the future. */
void mn_call_park_sleep(struct mn_call *call, uint64_t deadline_us);

/* Answer the system call in which a program waits: `reply` are the encoded bytes of the reply (len 0 with an error). The
 * program becomes runnable. A program that is gone makes it a no-op. */
void mn_call_reply(struct mn_call *call, mn_err err, const uint8_t *reply, uint32_t len);

/* The program, or its ring, ends: whoever holds this call forgets it. */
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
