/* main.c — system calls between markers, for bench/run.
 *
 * Markers are the hints `dbg #row` and `dbg #15`; bench/count.c counts what lies
 * between them. Each row is repeated, so that the least sample is free of
 * interrupts. Compiled with -O2. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "call.h"

#define REPEATS 200
#define BEGIN(row) __asm__ volatile("dbg #" #row ::: "memory")
#define END() __asm__ volatile("dbg #15" ::: "memory")
#define TEN_NOPS "nop\nnop\nnop\nnop\nnop\nnop\nnop\nnop\nnop\nnop\n"
#define FIFTY_NOPS TEN_NOPS TEN_NOPS TEN_NOPS TEN_NOPS TEN_NOPS

static void null_call(void)
{
    BEGIN(3);
    call_kernel(MNEMOS_SYS_CALL_NOP, NULL, 0, NULL, 0);
    END();
}

static uint32_t echo(uint32_t value)
{
    uint8_t in[MNEMOS_SYS_ECHO_ARGS_MAX], out[MNEMOS_SYS_ECHO_REPLY_MAX];
    struct mnemos_writer writer = {in, in + sizeof in};
    mnemos_sys_echo_args_put(&writer, &(struct mnemos_sys_echo_args){.value = value});
    struct call_result result =
        call_kernel(MNEMOS_SYS_CALL_ECHO, in, (uint32_t)(writer.at - in), out, sizeof out);
    struct mnemos_reader reader = {out, out + result.used};
    struct mnemos_sys_echo_reply reply;
    if (result.err || !mnemos_sys_echo_reply_get(&reader, &reply)) return ~value;
    return reply.value;
}

static uint64_t time_call(void)
{
    uint8_t out[MNEMOS_SYS_TIME_REPLY_MAX];
    struct call_result result = call_kernel(MNEMOS_SYS_CALL_TIME, NULL, 0, out, sizeof out);
    struct mnemos_reader reader = {out, out + result.used};
    struct mnemos_sys_time_reply reply = {0};
    mnemos_sys_time_reply_get(&reader, &reply);
    return reply.us;
}

int main(void)
{
    uint64_t before = 0;
    for (uint32_t i = 0; i < REPEATS; i++) {
        BEGIN(1);
        END();
        BEGIN(2);
        __asm__ volatile(FIFTY_NOPS FIFTY_NOPS);
        END();
        null_call();
        BEGIN(4);
        uint32_t back = echo(100u);
        END();
        if (back != 100u) return 1;
        BEGIN(5);
        uint64_t now = time_call();
        END();
        if (now < before) return 2;
        before = now;
    }
    return 0;
}
