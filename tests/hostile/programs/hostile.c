/* hostile.c — the parts that every hostile program has, made of bare system calls. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "hostile.h"
#include <mnemos/abi/svc.h>
#include <stdlib.h>
#include <string.h>

int hostile_run(int argc, char **argv, const struct hostile_variant *variants, size_t count)
{
    uint32_t numbers[HOSTILE_NUMBERS] = {0};
    for (int i = 2; i < argc && i - 2 < HOSTILE_NUMBERS; i++)
        numbers[i - 2] = (uint32_t)strtoul(argv[i], NULL, 16);
    for (size_t i = 0; i < count; i++)
        if (argc > 1 && strcmp(argv[1], variants[i].name) == 0)
            return variants[i].run(numbers);
    return HOSTILE_USAGE;
}

/* One call with both slices; answers the error, and the used length through `used` when that is not NULL. */
static int32_t call(uint32_t number, const void *in, size_t in_len, void *out, size_t out_len, uint32_t *used)
{
    struct hostile_registers registers = {(uint32_t)(uintptr_t)in, in_len, (uint32_t)(uintptr_t)out, out_len, number};
    hostile_svc(&registers);
    if (used)
        *used = registers.r1;
    return (int32_t)registers.r0;
}

bool hostile_echo_works(uint32_t value)
{
    uint8_t in[MNEMOS_SYS_ECHO_ARGS_MAX], out[MNEMOS_SYS_ECHO_REPLY_MAX];
    struct mnemos_writer writer = {in, in + sizeof in};
    struct mnemos_sys_echo_args args = {value};
    struct mnemos_sys_echo_reply reply;
    uint32_t used;
    if (!mnemos_sys_echo_args_put(&writer, &args) ||
        call(MNEMOS_SYS_CALL_ECHO, in, (size_t)(writer.at - in), out, sizeof out, &used) != 0)
        return false;
    struct mnemos_reader reader = {out, out + used};
    return mnemos_sys_echo_reply_get(&reader, &reply) && reply.value == value && reader.at == reader.end;
}

bool hostile_port(uint32_t *handle)
{
    static bool     open;
    static uint32_t kept;
    if (!open) {
        uint8_t in[MNEMOS_SYS_SERIAL_OPEN_ARGS_MAX], out[MNEMOS_SYS_SERIAL_OPEN_REPLY_MAX];
        struct mnemos_writer writer = {in, in + sizeof in};
        struct mnemos_sys_serial_open_args args = {0};
        struct mnemos_sys_serial_open_reply reply;
        uint32_t used;
        if (!mnemos_sys_serial_open_args_put(&writer, &args) ||
            call(MNEMOS_SYS_CALL_SERIAL_OPEN, in, (size_t)(writer.at - in), out, sizeof out, &used) != 0)
            return false;
        struct mnemos_reader reader = {out, out + used};
        if (!mnemos_sys_serial_open_reply_get(&reader, &reply))
            return false;
        kept = reply.handle;
        open = true;
    }
    *handle = kept;
    return true;
}

int32_t hostile_read(void *out, uint32_t len, bool wait)
{
    uint32_t handle;
    if (!hostile_port(&handle))
        return HOSTILE_WRONG;
    uint8_t in[MNEMOS_SYS_SERIAL_READ_ARGS_MAX], reply_bytes[MNEMOS_SYS_SERIAL_READ_REPLY_MAX];
    struct mnemos_writer writer = {in, in + sizeof in};
    struct mnemos_sys_serial_read_args args = {.handle = handle, .out = {(uint32_t)(uintptr_t)out, len}};
    struct mnemos_sys_serial_read_reply reply;
    uint32_t used;
    if (!mnemos_sys_serial_read_args_put(&writer, &args))
        return HOSTILE_WRONG;
    uint32_t number = MNEMOS_SYS_CALL_SERIAL_READ | (wait ? 0 : MNEMOS_CALL_NO_WAIT);
    int32_t err = call(number, in, (size_t)(writer.at - in), reply_bytes, sizeof reply_bytes, &used);
    if (err)
        return err;
    struct mnemos_reader reader = {reply_bytes, reply_bytes + used};
    return mnemos_sys_serial_read_reply_get(&reader, &reply) ? (int32_t)reply.used : HOSTILE_WRONG;
}

bool hostile_say(const char *text)
{
    uint32_t handle, len = strlen(text);
    if (!hostile_port(&handle))
        return false;
    while (len > 0) {
        uint8_t in[MNEMOS_SYS_SERIAL_WRITE_ARGS_MAX], reply_bytes[MNEMOS_SYS_SERIAL_WRITE_REPLY_MAX];
        struct mnemos_writer writer = {in, in + sizeof in};
        struct mnemos_sys_serial_write_args args = {handle, {(uint32_t)(uintptr_t)text, len}};
        struct mnemos_sys_serial_write_reply reply;
        uint32_t used;
        if (!mnemos_sys_serial_write_args_put(&writer, &args) ||
            call(MNEMOS_SYS_CALL_SERIAL_WRITE, in, (size_t)(writer.at - in), reply_bytes, sizeof reply_bytes, &used) != 0)
            return false;
        struct mnemos_reader reader = {reply_bytes, reply_bytes + used};
        if (!mnemos_sys_serial_write_reply_get(&reader, &reply))
            return false;
        text += reply.used;
        len -= reply.used;
    }
    return true;
}

uint64_t hostile_now_us(void)
{
    uint8_t out[MNEMOS_SYS_TIME_REPLY_MAX];
    struct mnemos_sys_time_reply reply = {0};
    uint32_t used;
    if (call(MNEMOS_SYS_CALL_TIME, NULL, 0, out, sizeof out, &used) == 0) {
        struct mnemos_reader reader = {out, out + used};
        (void)mnemos_sys_time_reply_get(&reader, &reply);
    }
    return reply.us;
}

void hostile_sleep_us(uint32_t us)
{
    uint8_t in[MNEMOS_SYS_SLEEP_ARGS_MAX];
    struct mnemos_writer writer = {in, in + sizeof in};
    struct mnemos_sys_sleep_args args = {hostile_now_us() + us};
    if (mnemos_sys_sleep_args_put(&writer, &args))
        (void)call(MNEMOS_SYS_CALL_SLEEP, in, (size_t)(writer.at - in), NULL, 0, NULL);
}

_Noreturn void hostile_exit(int32_t status)
{
    uint8_t in[MNEMOS_SYS_EXIT_ARGS_MAX];
    struct mnemos_writer writer = {in, in + sizeof in};
    struct mnemos_sys_exit_args args = {status};
    (void)mnemos_sys_exit_args_put(&writer, &args);
    for (;;)
        (void)call(MNEMOS_SYS_CALL_EXIT, in, (size_t)(writer.at - in), NULL, 0, NULL);
}
