/* syscall.c — the system calls, by number.
 *
 * Each handler takes the frame that the call left on the program's stack. It
 * checks both slices, decodes the arguments once into kernel memory, and either
 * answers or parks the call. Nothing is done before everything is checked. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "syscall_priv.h"
#include "sched.h"
#include "text.h"
#include "kernel/core/port.h"

#define DEADLINE_BYTES 8u

/* ---- Calls that finish at once ---- */

static mn_call_result call_nop(struct mn_frame *frame, struct mn_prog *prog)
{
    mn_call_result refusal;
    if ((frame->r1 | frame->r3) && !admit_empty(frame, prog, 0, &refusal))
        return refusal;
    return answer(MN_OK, 0);
}

static mn_call_result call_echo(struct mn_frame *frame, struct mn_prog *prog)
{
    mn_call_result refusal;
    if (!admit(frame, prog, MNEMOS_SYS_ECHO_REPLY_MAX, &refusal))
        return refusal;
    struct mnemos_reader        in = input(frame);
    struct mnemos_sys_echo_args args;
    if (!is_whole(mnemos_sys_echo_args_get(&in, &args), &in))
        return answer(MNEMOS_ERR_MALFORMED, 0);
    struct output out = output(frame);
    (void)mnemos_sys_echo_reply_put(&out.writer, &(struct mnemos_sys_echo_reply){ .value = args.value });
    return written(&out);
}

static void copy_text(uint8_t out[16], const char *text)
{
    __builtin_memcpy(out, text, mn_text_length(text, 16));
}

static mn_call_result call_info(struct mn_frame *frame, struct mn_prog *prog)
{
    mn_call_result refusal;
    if (!admit_empty(frame, prog, MNEMOS_SYS_INFO_REPLY_MAX, &refusal))
        return refusal;
    struct mnemos_sys_info_reply reply = {
        .abi_major = MNEMOS_ABI_MAJOR, .abi_minor = MNEMOS_ABI_MINOR, .handle = mn_prog_handle(prog),
    };
    copy_text(reply.kernel, mn_board.version);
    copy_text(reply.board, mn_board.name);
    struct output out = output(frame);
    (void)mnemos_sys_info_reply_put(&out.writer, &reply);
    return written(&out);
}

static mn_call_result call_time(struct mn_frame *frame, struct mn_prog *prog)
{
    mn_call_result refusal;
    if (!admit_empty(frame, prog, MNEMOS_SYS_TIME_REPLY_MAX, &refusal))
        return refusal;
    struct output out = output(frame);
    (void)mnemos_sys_time_reply_put(&out.writer, &(struct mnemos_sys_time_reply){ .us = mn_port_now_us() });
    return written(&out);
}

static mn_call_result call_yield(struct mn_frame *frame, struct mn_prog *prog)
{
    mn_call_result refusal;
    if (!admit_empty(frame, prog, 0, &refusal))
        return refusal;
    mn_prog_yield();
    return answer(MN_OK, 0);
}

static mn_call_result call_exit(struct mn_frame *frame, struct mn_prog *prog)
{
    mn_call_result refusal;
    if (!admit(frame, prog, 0, &refusal))
        return refusal;
    struct mnemos_reader        in = input(frame);
    struct mnemos_sys_exit_args args;
    if (!is_whole(mnemos_sys_exit_args_get(&in, &args), &in))
        return answer(MNEMOS_ERR_MALFORMED, 0);
    mn_prog_end(prog, MNEMOS_END_EXIT, args.status);
    return answer(MN_OK, 0);
}

/* Keep a readable text: what is not UTF-8 becomes question marks, what is too long is cut between two characters. */
static void keep_message(struct mn_prog *prog, const uint8_t *text, uint32_t len)
{
    size_t kept = 0;
    prog->has_fault = false;
    if (len > sizeof prog->message) {
        len = sizeof prog->message;
        for (uint32_t back = 0; back < 3 && (text[len] & 0xc0) == 0x80; back++)
            len--;
    }
    if (len)
        __builtin_memcpy(prog->message, text, len);
    while (kept < len) {
        kept += mnemos_utf8_clip(prog->message + kept, len - kept, len - kept);
        if (kept < len)
            prog->message[kept++] = '?';
    }
    prog->message_len = (uint8_t)kept;
}

/* The program is broken and does not look at an answer: whatever its message is, it ends. So the span is read here and
 * not by the generated decoder, which refuses a long one. */
static mn_call_result call_panic(struct mn_frame *frame, struct mn_prog *prog)
{
    mn_call_result     refusal;
    struct mnemos_span text;
    if (!admit(frame, prog, 0, &refusal))
        return refusal;
    if (frame->r1 != sizeof text)
        return answer(MNEMOS_ERR_MALFORMED, 0);
    __builtin_memcpy(&text, mn_memory(frame->r0), sizeof text);
    if (!mn_user_span_ok(prog, text, false))
        return condemn(frame, prog, MNEMOS_LOADER_FAULT_KIND_BAD_SLICE);
    keep_message(prog, text.len ? mn_memory(text.addr) : NULL, text.len);
    mn_prog_end(prog, MNEMOS_END_PANIC, 0);
    return answer(MN_OK, 0);
}

static mn_call_result call_random(struct mn_frame *frame, struct mn_prog *prog)
{
    mn_call_result refusal;
    if (!admit(frame, prog, 0, &refusal))
        return refusal;
    struct mnemos_reader          in = input(frame);
    struct mnemos_sys_random_args args;
    if (!is_whole(mnemos_sys_random_args_get(&in, &args), &in))
        return answer(MNEMOS_ERR_MALFORMED, 0);
    if (!mn_user_span_ok(prog, args.out, true))
        return condemn(frame, prog, MNEMOS_LOADER_FAULT_KIND_BAD_SLICE);
    if (args.out.len)
        mn_port_random(mn_memory(args.out.addr), args.out.len);
    return answer(MN_OK, 0);
}

static mn_call_result call_memory(struct mn_frame *frame, struct mn_prog *prog)
{
    mn_call_result refusal;
    if (!admit_empty(frame, prog, MNEMOS_SYS_MEMORY_REPLY_MAX, &refusal))
        return refusal;
    struct mnemos_sys_memory_reply reply = {
        .rx_addr = prog->rx_addr,
        .rx_len = prog->rx_len,
        .rw_addr = prog->rw_addr,
        .rw_len = prog->rw_len,
        .stack_len = prog->head.stack_len,
        .stack_peak = mn_prog_stack_peak(prog),
        .heap_addr = mn_prog_heap_addr(prog),
        .heap_len = mn_prog_heap_len(prog),
    };
    struct output out = output(frame);
    (void)mnemos_sys_memory_reply_put(&out.writer, &reply);
    return written(&out);
}

static mn_call_result call_heap_peak(struct mn_frame *frame, struct mn_prog *prog)
{
    mn_call_result refusal;
    if (!admit(frame, prog, 0, &refusal))
        return refusal;
    struct mnemos_reader             in = input(frame);
    struct mnemos_sys_heap_peak_args args;
    if (!is_whole(mnemos_sys_heap_peak_args_get(&in, &args), &in))
        return answer(MNEMOS_ERR_MALFORMED, 0);
    if (args.bytes > prog->heap_peak)
        prog->heap_peak = args.bytes;
    return answer(MN_OK, 0);
}

/* ---- Serial ports ---- */

static mn_call_result call_serial_open(struct mn_frame *frame, struct mn_prog *prog)
{
    mn_call_result refusal;
    if (!admit(frame, prog, MNEMOS_SYS_SERIAL_OPEN_REPLY_MAX, &refusal))
        return refusal;
    struct mnemos_reader               in = input(frame);
    struct mnemos_sys_serial_open_args args;
    if (!is_whole(mnemos_sys_serial_open_args_get(&in, &args), &in))
        return answer(MNEMOS_ERR_MALFORMED, 0);
    if (!mn_serial)
        return answer(MNEMOS_ERR_NOT_SUPPORTED, 0);
    struct mnemos_sys_serial_open_reply reply;
    mn_err err = mn_serial->open(prog, args.port, &reply.handle);
    if (err)
        return answer(err, 0);
    struct output out = output(frame);
    (void)mnemos_sys_serial_open_reply_put(&out.writer, &reply);
    return written(&out);
}

static mn_call_result call_serial_close(struct mn_frame *frame, struct mn_prog *prog)
{
    mn_call_result refusal;
    if (!admit(frame, prog, 0, &refusal))
        return refusal;
    struct mnemos_reader                in = input(frame);
    struct mnemos_sys_serial_close_args args;
    if (!is_whole(mnemos_sys_serial_close_args_get(&in, &args), &in))
        return answer(MNEMOS_ERR_MALFORMED, 0);
    return answer(mn_serial ? mn_serial->close(prog, args.handle) : MNEMOS_ERR_NOT_SUPPORTED, 0);
}

/* ---- Calls that may wait ---- */

static mn_call_result call_sleep(struct mn_frame *frame, struct mn_prog *prog)
{
    mn_call_result refusal;
    if (!admit(frame, prog, 0, &refusal))
        return refusal;
    struct mn_call      *call = begin_call(frame, prog);
    struct mnemos_reader in = input(frame);
    if (!is_whole(mnemos_sys_sleep_args_get(&in, &call->args.sleep), &in))
        return answer(MNEMOS_ERR_MALFORMED, 0);
    uint64_t now = mn_port_now_us(), deadline = deadline_of(frame, prog);
    if (call->args.sleep.until_us <= now)
        return answer(MN_OK, 0);
    if (call->no_wait)
        return answer(MNEMOS_ERR_WOULD_WAIT, 0);
    if (deadline <= now)
        return answer(MNEMOS_ERR_TIMED_OUT, 0);
    mn_call_park_sleep(call, deadline);
    return unchanged(frame);
}

static mn_call_result transfer(struct mn_frame *frame, struct mn_prog *prog)
{
    struct mn_call *call = &prog->call;
    uint64_t        deadline = deadline_of(frame, prog);
    mn_err          err = mn_call_submit(prog, call, deadline);
    if (err == MN_CALL_BAD_SLICE)
        return condemn(frame, prog, MNEMOS_LOADER_FAULT_KIND_BAD_SLICE);
    if (err == MN_PENDING) {
        if (!call->no_wait && deadline > mn_port_now_us()) {
            mn_call_park(call, deadline);
            return unchanged(frame);
        }
        call->cancel(call);
        return answer(call->no_wait ? MNEMOS_ERR_WOULD_WAIT : MNEMOS_ERR_TIMED_OUT, 0);
    }
    if (err)
        return answer(err, 0);
    /* The bytes just read may lie over the frame: only the kernel's copy of the output slice is still the checked one. */
    uint8_t             *start = mn_memory(call->out.addr);
    struct mnemos_writer out = { start, start + call->out.len };
    _Static_assert(MNEMOS_SYS_SERIAL_READ_REPLY_MAX == MNEMOS_SYS_SERIAL_WRITE_REPLY_MAX, "one reply for both");
    (void)mnemos_sys_serial_read_reply_put(&out, &(struct mnemos_sys_serial_read_reply){ .used = call->used });
    return answer(MN_OK, (uint32_t)(out.at - start));
}

static mn_call_result call_serial_read(struct mn_frame *frame, struct mn_prog *prog)
{
    mn_call_result refusal;
    if (!admit(frame, prog, MNEMOS_SYS_SERIAL_READ_REPLY_MAX, &refusal))
        return refusal;
    struct mn_call      *call = begin_call(frame, prog);
    struct mnemos_reader in = input(frame);
    if (!is_whole(mnemos_sys_serial_read_args_get(&in, &call->args.serial_read), &in))
        return answer(MNEMOS_ERR_MALFORMED, 0);
    return transfer(frame, prog);
}

static mn_call_result call_serial_write(struct mn_frame *frame, struct mn_prog *prog)
{
    mn_call_result refusal;
    if (!admit(frame, prog, MNEMOS_SYS_SERIAL_WRITE_REPLY_MAX, &refusal))
        return refusal;
    struct mn_call      *call = begin_call(frame, prog);
    struct mnemos_reader in = input(frame);
    if (!is_whole(mnemos_sys_serial_write_args_get(&in, &call->args.serial_write), &in))
        return answer(MNEMOS_ERR_MALFORMED, 0);
    return transfer(frame, prog);
}

/* ---- The table ---- */

/* r12 holds flags, or no number at all. A deadline is taken from the front of the input slice; then the call is as
 * without it. */
static mn_call_result call_flagged(struct mn_frame *frame, struct mn_prog *prog)
{
    uint32_t number = frame->r12 & MNEMOS_CALL_NUMBER;
    if (number >= MNEMOS_SYS_CALL_COUNT || frame->r12 & ~(MNEMOS_CALL_NUMBER | MNEMOS_CALL_FLAGS))
        return condemn(frame, prog, MNEMOS_LOADER_FAULT_KIND_UNKNOWN_CALL);
    if (frame->r12 & MNEMOS_CALL_DEADLINE) {
        mn_call_result refusal;
        if (!admit(frame, prog, 0, &refusal))
            return refusal;
        if (frame->r1 < DEADLINE_BYTES)
            return answer(MNEMOS_ERR_MALFORMED, 0);
        __builtin_memcpy(&prog->deadline_us, mn_memory(frame->r0), DEADLINE_BYTES);
        frame->r0 += DEADLINE_BYTES;
        frame->r1 -= DEADLINE_BYTES;
    }
    return mn_calls[number](frame, prog);
}

/* A call of the schema that this kernel does not serve. */
static mn_call_result call_unserved(struct mn_frame *frame, struct mn_prog *prog)
{
    mn_call_result refusal;
    return admit(frame, prog, 0, &refusal) ? answer(MNEMOS_ERR_NOT_SUPPORTED, 0) : refusal;
}

#pragma GCC diagnostic ignored "-Woverride-init" /* what is served replaces what is not */
const mn_call_handler mn_calls[MNEMOS_SYS_CALL_COUNT + 1] = {
    [0 ... MNEMOS_SYS_CALL_COUNT - 1] = call_unserved,
    [MNEMOS_SYS_CALL_NOP] = call_nop,
    [MNEMOS_SYS_CALL_ECHO] = call_echo,
    [MNEMOS_SYS_CALL_INFO] = call_info,
    [MNEMOS_SYS_CALL_TIME] = call_time,
    [MNEMOS_SYS_CALL_SLEEP] = call_sleep,
    [MNEMOS_SYS_CALL_YIELD] = call_yield,
    [MNEMOS_SYS_CALL_EXIT] = call_exit,
    [MNEMOS_SYS_CALL_PANIC] = call_panic,
    [MNEMOS_SYS_CALL_RANDOM] = call_random,
    [MNEMOS_SYS_CALL_MEMORY] = call_memory,
    [MNEMOS_SYS_CALL_SERIAL_OPEN] = call_serial_open,
    [MNEMOS_SYS_CALL_SERIAL_READ] = call_serial_read,
    [MNEMOS_SYS_CALL_SERIAL_WRITE] = call_serial_write,
    [MNEMOS_SYS_CALL_SERIAL_CLOSE] = call_serial_close,
    [MNEMOS_SYS_CALL_HEAP_PEAK] = call_heap_peak,
    [MNEMOS_SYS_CALL_SERVICE_FIND] = mn_call_service_find,
    [MNEMOS_SYS_CALL_SERVICE_CONNECT] = mn_call_service_connect,
    [MNEMOS_SYS_CALL_SERVICE_CALL] = mn_call_service_call,
    [MNEMOS_SYS_CALL_SERVICE_CLOSE] = mn_call_service_close,
    [MNEMOS_SYS_CALL_RING_OPEN] = mn_call_ring_open,
    [MNEMOS_SYS_CALL_RING_CLOSE] = mn_call_ring_close,
    [MNEMOS_SYS_CALL_RING_NOTIFY] = mn_call_ring_notify,
    [MNEMOS_SYS_CALL_RING_WAIT] = mn_call_ring_wait,
    [MNEMOS_SYS_CALL_COUNT] = call_flagged,
};
