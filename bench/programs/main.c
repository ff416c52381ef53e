/* main.c — system calls between markers; see bench/kernel/programs.c for who runs this with which argument. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "bench/bench.h"
#include "call.h"
#include "ports.h"
#include "rings.h"
#include <string.h>

#define REPEATS 100
#define SPINS   8000 /* longer than the device takes */

static void nop(void)
{
    BENCH_START();
    call_kernel(MNEMOS_SYS_CALL_NOP, NULL, 0, NULL, 0);
    BENCH_STOP();
}

/* Both buffers checked, and the kernel's side of the codec; the argument is encoded already. */
static bool two_buffers(void)
{
    uint8_t in[1] = {100}, out[MNEMOS_SYS_ECHO_REPLY_MAX];
    BENCH_START();
    struct call_result result = call_kernel(MNEMOS_SYS_CALL_ECHO, in, sizeof in, out, sizeof out);
    BENCH_STOP();
    return !result.err && result.used == 1 && out[0] == 100;
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

static uint32_t write_port(uint32_t handle, const void *data, uint32_t len)
{
    uint8_t in[MNEMOS_SYS_SERIAL_WRITE_ARGS_MAX], out[MNEMOS_SYS_SERIAL_WRITE_REPLY_MAX];
    struct mnemos_writer writer = {in, in + sizeof in};
    struct mnemos_sys_serial_write_args args = {.handle = handle, .data = span_of(data, len)};
    mnemos_sys_serial_write_args_put(&writer, &args);
    struct call_result result =
        call_kernel(MNEMOS_SYS_CALL_SERIAL_WRITE, in, (uint32_t)(writer.at - in), out, sizeof out);
    struct mnemos_reader reader = {out, out + result.used};
    struct mnemos_sys_serial_write_reply reply;
    if (result.err || !mnemos_sys_serial_write_reply_get(&reader, &reply)) return 0;
    return reply.used;
}

/* The ring takes three, and then is emptied by nobody: so three. */
static bool send_64(void)
{
    static const uint8_t data[64];
    for (int i = 0; i < 3; i++) {
        BENCH_START();
        uint32_t used = write_port(BENCH_PORT_RING, data, sizeof data);
        BENCH_STOP();
        if (used != sizeof data) return false;
    }
    return true;
}

static int calls(void)
{
    for (int i = 0; i < REPEATS; i++) nop();
    bench_row("call.nop");
    for (int i = 0; i < REPEATS; i++)
        if (!two_buffers()) return 1;
    bench_row("call.two_buffers");
    for (int i = 0; i < REPEATS; i++) {
        BENCH_START();
        uint32_t back = echo(100u);
        BENCH_STOP();
        if (back != 100u) return 2;
    }
    bench_row("call.echo");
    for (uint64_t before = 0, now, i = 0; i < REPEATS; i++, before = now) {
        BENCH_START();
        now = time_call();
        BENCH_STOP();
        if (now < before) return 3;
    }
    bench_row("call.time");
    if (!send_64()) return 4;
    bench_row("call.send_64");
    return 0;
}

/* Two of these: from the return of one's call to the return of the other's. */
static int yield(void)
{
    for (int i = 0; i < REPEATS; i++) {
        call_kernel(MNEMOS_SYS_CALL_YIELD, NULL, 0, NULL, 0);
        BENCH_LAP();
    }
    return 0;
}

/* Asleep until the device's interrupt. */
static int sleep_for_device(void)
{
    uint8_t in[MNEMOS_SYS_SERIAL_READ_ARGS_MAX], out[MNEMOS_SYS_SERIAL_READ_REPLY_MAX], byte;
    struct mnemos_writer writer = {in, in + sizeof in};
    struct mnemos_sys_serial_read_args args = {.handle = BENCH_PORT_DEVICE,
                                               .out = span_of(&byte, 1)};
    mnemos_sys_serial_read_args_put(&writer, &args);
    for (int i = 0; i < REPEATS; i++) {
        struct call_result result = call_kernel(MNEMOS_SYS_CALL_SERIAL_READ, in,
                                                (uint32_t)(writer.at - in), out, sizeof out);
        BENCH_STOP();
        if (result.err) return 5;
    }
    return 0;
}

/* Busy when the device's interrupt comes. */
static int spin(void)
{
    static const uint8_t byte;
    for (int i = 0; i < REPEATS; i++) {
        if (write_port(BENCH_PORT_DEVICE, &byte, 1) != 1) return 6;
        for (int j = 0; j < SPINS; j++) __asm__ volatile("" ::: "memory");
    }
    return 0;
}

int main(int argc, char **argv)
{
    if (argc != 2) return 7;
    if (!strcmp(argv[1], "calls")) return calls();
    if (!strcmp(argv[1], "yield")) return yield();
    if (!strcmp(argv[1], "sleep")) return sleep_for_device();
    if (!strcmp(argv[1], "spin")) return spin();
    if (!strcmp(argv[1], "rings")) return rings();
    return 8;
}
