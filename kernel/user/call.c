/* call.c — system calls that wait. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "call_priv.h"
#include "machine.h"
#include "memory.h"
#include "rings.h"
#include "sched.h"
#include "span.h"
#include "kernel/core/port.h"
#include <mnemos/abi/error.h>

static struct mn_prog *program_of(const struct mn_call *call)
{
    return mn_prog_at(call->who.index);
}

static void settle(struct mn_call *call)
{
    call->pending = false;
    call->cancel = NULL;
    if (!call->ring)
        mn_timer_cancel(&MN_CONTAINER_OF(call, struct mn_prog, call)->limit);
}

static void deadline_passed(struct mn_timer *limit)
{
    struct mn_call *call = &MN_CONTAINER_OF(limit, struct mn_prog, limit)->call;
    if (call->cancel)
        call->cancel(call);
    mn_call_reply(call, MNEMOS_ERR_TIMED_OUT, NULL, 0);
}

static void sleep_is_over(struct mn_timer *limit)
{
    struct mn_call *call = &MN_CONTAINER_OF(limit, struct mn_prog, limit)->call;
    mn_call_reply(call, call->args.sleep.until_us <= limit->at_us ? MN_OK : MNEMOS_ERR_TIMED_OUT, NULL, 0);
}

static struct mn_timer *park(struct mn_call *call)
{
    call->pending = true;
    struct mn_prog *prog = program_of(call);
    mn_sched_remove(prog);
    prog->state = MN_PROG_WAITING;
    mn_port_pend();
    return &prog->limit;
}

void mn_call_park(struct mn_call *call, uint64_t deadline_us)
{
    struct mn_timer *limit = park(call);
    if (deadline_us == MN_TIME_NEVER)
        return;
    limit->fire = deadline_passed;
    mn_timer_arm(limit, NULL, deadline_us);
}

void mn_call_park_sleep(struct mn_call *call, uint64_t deadline_us)
{
    uint64_t until = call->args.sleep.until_us;
    struct mn_timer *limit = park(call);
    call->cancel = NULL;
    limit->fire = sleep_is_over;
    mn_timer_arm(limit, NULL, until < deadline_us ? until : deadline_us);
}

void mn_call_abandon(struct mn_call *call)
{
    if (!call->pending)
        return;
    void (*cancel)(struct mn_call *) = call->cancel;
    settle(call);
    if (cancel)
        cancel(call);
}

/* The frame that the program's system call left on its stack. The program cannot have changed psp since then. */
static struct mn_frame *frame_of(const struct mn_prog *prog)
{
    MN_ASSERT(mn_span_ok(prog, prog->context.psp, sizeof(struct mn_frame), true));
    return (struct mn_frame *)(void *)mn_memory(prog->context.psp);
}

/* The program that waits in this call; NULL: none any more. */
static struct mn_prog *waiting_in(const struct mn_call *call)
{
    struct mn_prog *prog = program_of(call);
    if (!call->pending || !prog || prog->generation != call->who.generation || prog->state != MN_PROG_WAITING)
        return NULL;
    MN_ASSERT(prog != mn_sched.current); /* its registers are saved */
    return prog;
}

/* Where `len` bytes of its reply go: room for the longest was checked when the call came, and memory never shrinks. */
static uint8_t *reply_of(const struct mn_prog *prog, const struct mn_call *call, uint32_t len)
{
    MN_ASSERT(len <= call->out.len && mn_span_ok(prog, call->out.addr, len, true));
    return mn_memory(call->out.addr);
}

static void go_on(struct mn_prog *prog, struct mn_call *call, mn_err err, uint32_t len)
{
    settle(call);
    struct mn_frame *frame = frame_of(prog);
    frame->r0 = (uint32_t)err;
    frame->r1 = len;
    mn_prog_ready(prog);
}

void mn_call_reply(struct mn_call *call, mn_err err, const uint8_t *reply, uint32_t len)
{
    struct mn_prog *prog = waiting_in(call);
    if (!prog)
        return;
    if (len)
        __builtin_memcpy(reply_of(prog, call, len), reply, len);
    go_on(prog, call, err, len);
}

void mn_call_done(struct mn_call *call, mn_err err, uint32_t used)
{
    if (call->ring) {
        mn_ring_complete(call, err, used);
        return;
    }
    struct mn_prog *prog = waiting_in(call);
    uint32_t        len = 0;
    if (!prog)
        return;
    if (!err) {
        uint8_t             *start = reply_of(prog, call, MNEMOS_SYS_SERIAL_READ_REPLY_MAX);
        struct mnemos_writer out = { start, start + MNEMOS_SYS_SERIAL_READ_REPLY_MAX };
        _Static_assert(MNEMOS_SYS_SERIAL_READ_REPLY_MAX == MNEMOS_SYS_SERVICE_CALL_REPLY_MAX, "one reply for all three");
        (void)mnemos_sys_serial_read_reply_put(&out, &(struct mnemos_sys_serial_read_reply){ .used = used });
        len = (uint32_t)(out.at - start);
    }
    go_on(prog, call, err, len);
}
