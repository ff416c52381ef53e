/* syscall_priv.h — how a handler of a system call looks at its slices and answers, for syscall.c,
 * service_calls.c and rings.c. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MN_USER_SYSCALL_PRIV_H
#define MN_USER_SYSCALL_PRIV_H
#include "call_priv.h"
#include "fault.h"
#include "memory.h"
#include "span.h"
#include "kernel/core/port.h"
#include <mnemos/abi/error.h>
#include <mnemos/abi/svc.h>

static inline mn_call_result answer(mn_err err, uint32_t used)
{
    return (uint32_t)err | (uint64_t)used << 32;
}

/* The frame stays as it is: what a waiting or condemned program gets for now. */
static inline mn_call_result unchanged(const struct mn_frame *frame)
{
    return frame->r0 | (uint64_t)frame->r1 << 32;
}

static inline mn_call_result condemn(const struct mn_frame *frame, struct mn_prog *prog,
                                     uint8_t kind)
{
    mn_fault_call(prog, kind);
    return unchanged(frame);
}

/* May this call go on: both slices inside the program's memory, room for the longest reply? If not,
 * *refusal is the answer. */
static inline bool admit(const struct mn_frame *frame, struct mn_prog *prog, uint32_t reply_max,
                         mn_call_result *refusal)
{
    if (!mn_span_ok(prog, frame->r0, frame->r1, false) ||
        !mn_span_ok(prog, frame->r2, frame->r3, true)) {
        *refusal = condemn(frame, prog, MNEMOS_LOADER_FAULT_KIND_BAD_SLICE);
        return false;
    }
    if (frame->r3 < reply_max) {
        *refusal = answer(MNEMOS_ERR_TOO_SMALL, reply_max);
        return false;
    }
    return true;
}

/* The same for a call without arguments. */
static inline bool admit_empty(const struct mn_frame *frame, struct mn_prog *prog,
                               uint32_t reply_max, mn_call_result *refusal)
{
    if (!admit(frame, prog, reply_max, refusal)) return false;
    if (frame->r1) {
        *refusal = answer(MNEMOS_ERR_MALFORMED, 0);
        return false;
    }
    return true;
}

static inline struct mnemos_reader input(const struct mn_frame *frame)
{
    const uint8_t *at = frame->r1 ? mn_memory(frame->r0) : NULL;
    return (struct mnemos_reader){at, at + frame->r1};
}

/* Where a reply goes. It may lie over the frame, so what that says is read once. */
struct output {
    struct mnemos_writer writer;
    const uint8_t *start;
};

static inline struct output output(const struct mn_frame *frame)
{
    uint8_t *at = mn_memory(frame->r2);
    return (struct output){{at, at + frame->r3}, at};
}

/* Everything decoded and nothing left over? */
static inline bool is_whole(bool decoded, const struct mnemos_reader *in)
{
    return decoded && in->at == in->end;
}

static inline mn_call_result written(const struct output *out)
{
    return answer(MN_OK, (uint32_t)(out->writer.at - out->start));
}

static inline struct mn_call *begin_call(const struct mn_frame *frame, struct mn_prog *prog)
{
    struct mn_call *call = &prog->call;
    call->number = frame->r12 & MNEMOS_CALL_NUMBER;
    call->out = (struct mnemos_span){frame->r2, frame->r3};
    call->no_wait = (frame->r12 & MNEMOS_CALL_NO_WAIT) != 0;
    return call;
}

/* Would a call that cannot finish now be refused? 0: it may wait. */
static inline mn_err may_not_wait(const struct mn_call *call, uint64_t deadline_us)
{
    if (call->no_wait) return MNEMOS_ERR_WOULD_WAIT;
    return deadline_us != MN_TIME_NEVER && deadline_us <= mn_port_now_us() ? MNEMOS_ERR_TIMED_OUT
                                                                           : MN_OK;
}

/* call_flagged() has put it there. */
static inline uint64_t deadline_of(const struct mn_frame *frame, const struct mn_prog *prog)
{
    return frame->r12 & MNEMOS_CALL_DEADLINE ? prog->deadline_us : MN_TIME_NEVER;
}

/* Connections to services: kernel/user/service_calls.c. */
mn_call_result mn_call_service_find(struct mn_frame *frame, struct mn_prog *prog);
mn_call_result mn_call_service_connect(struct mn_frame *frame, struct mn_prog *prog);
mn_call_result mn_call_service_call(struct mn_frame *frame, struct mn_prog *prog);
mn_call_result mn_call_service_close(struct mn_frame *frame, struct mn_prog *prog);

/* Calls without waiting for them: kernel/user/rings.c. */
mn_call_result mn_call_ring_open(struct mn_frame *frame, struct mn_prog *prog);
mn_call_result mn_call_ring_close(struct mn_frame *frame, struct mn_prog *prog);
mn_call_result mn_call_ring_notify(struct mn_frame *frame, struct mn_prog *prog);
mn_call_result mn_call_ring_wait(struct mn_frame *frame, struct mn_prog *prog);
#endif
