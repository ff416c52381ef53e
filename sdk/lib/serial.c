/* serial.c: mnemos/serial.h. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "call.h"
#include <mnemos/error.h>
#include <mnemos/serial.h>
#include <string.h>

/* Bytes the kernel takes or gives in one call. */
enum { TRANSFER_MAX = 65536 };

int mnemos_serial_open(uint16_t port, mnemos_serial *out)
{
    uint8_t in[MNEMOS_SYS_SERIAL_OPEN_ARGS_MAX], answer[MNEMOS_SYS_SERIAL_OPEN_REPLY_MAX];
    struct mnemos_writer writer = {in, in + sizeof in};
    mnemos_sys_serial_open_args_put(&writer, &(struct mnemos_sys_serial_open_args){.port = port});
    struct call_result result = call_kernel(MNEMOS_SYS_CALL_SERIAL_OPEN, in,
                                            (uint32_t)(writer.at - in), answer, sizeof answer);
    if (result.err) return result.err;
    struct mnemos_reader reader = {answer, answer + result.used};
    struct mnemos_sys_serial_open_reply reply;
    if (!mnemos_sys_serial_open_reply_get(&reader, &reply)) return MNEMOS_ERR_MALFORMED;
    *out = reply.handle;
    return 0;
}

int mnemos_serial_close(mnemos_serial serial)
{
    uint8_t in[MNEMOS_SYS_SERIAL_CLOSE_ARGS_MAX];
    struct mnemos_writer writer = {in, in + sizeof in};
    mnemos_sys_serial_close_args_put(&writer,
                                     &(struct mnemos_sys_serial_close_args){.handle = serial});
    return call_kernel(MNEMOS_SYS_CALL_SERIAL_CLOSE, in, (uint32_t)(writer.at - in), NULL, 0).err;
}

/* `flags` are those of r12; `moment` counts with MNEMOS_CALL_DEADLINE. */
static int read_bytes(mnemos_serial serial, void *buf, size_t len, uint32_t flags, uint64_t moment)
{
    uint8_t in[sizeof moment + MNEMOS_SYS_SERIAL_READ_ARGS_MAX],
        answer[MNEMOS_SYS_SERIAL_READ_REPLY_MAX];
    struct mnemos_writer writer = {in, in + sizeof in};
    if (flags & MNEMOS_CALL_DEADLINE) {
        memcpy(in, &moment, sizeof moment);
        writer.at += sizeof moment;
    }
    struct mnemos_sys_serial_read_args args = {
        .handle = serial,
        .out = span_of(buf, len < TRANSFER_MAX ? len : TRANSFER_MAX),
    };
    mnemos_sys_serial_read_args_put(&writer, &args);
    struct call_result result = call_kernel(MNEMOS_SYS_CALL_SERIAL_READ | flags, in,
                                            (uint32_t)(writer.at - in), answer, sizeof answer);
    if (result.err) return result.err;
    struct mnemos_reader reader = {answer, answer + result.used};
    struct mnemos_sys_serial_read_reply reply;
    return mnemos_sys_serial_read_reply_get(&reader, &reply) ? (int)reply.used
                                                             : MNEMOS_ERR_MALFORMED;
}

static int write_bytes(mnemos_serial serial, const void *data, size_t len, uint32_t flags,
                       uint64_t moment)
{
    uint8_t in[sizeof moment + MNEMOS_SYS_SERIAL_WRITE_ARGS_MAX],
        answer[MNEMOS_SYS_SERIAL_WRITE_REPLY_MAX];
    struct mnemos_writer writer = {in, in + sizeof in};
    if (flags & MNEMOS_CALL_DEADLINE) {
        memcpy(in, &moment, sizeof moment);
        writer.at += sizeof moment;
    }
    struct mnemos_sys_serial_write_args args = {
        .handle = serial,
        .data = span_of(data, len < TRANSFER_MAX ? len : TRANSFER_MAX),
    };
    mnemos_sys_serial_write_args_put(&writer, &args);
    struct call_result result = call_kernel(MNEMOS_SYS_CALL_SERIAL_WRITE | flags, in,
                                            (uint32_t)(writer.at - in), answer, sizeof answer);
    if (result.err) return result.err;
    struct mnemos_reader reader = {answer, answer + result.used};
    struct mnemos_sys_serial_write_reply reply;
    return mnemos_sys_serial_write_reply_get(&reader, &reply) ? (int)reply.used
                                                              : MNEMOS_ERR_MALFORMED;
}

int mnemos_serial_read(mnemos_serial serial, void *buf, size_t len)
{
    return read_bytes(serial, buf, len, 0, 0);
}

int mnemos_serial_read_until(mnemos_serial serial, void *buf, size_t len, uint64_t moment)
{
    return read_bytes(serial, buf, len, MNEMOS_CALL_DEADLINE, moment);
}

int mnemos_serial_read_now(mnemos_serial serial, void *buf, size_t len)
{
    return read_bytes(serial, buf, len, MNEMOS_CALL_NO_WAIT, 0);
}

int mnemos_serial_write(mnemos_serial serial, const void *data, size_t len)
{
    return write_bytes(serial, data, len, 0, 0);
}

int mnemos_serial_write_until(mnemos_serial serial, const void *data, size_t len, uint64_t moment)
{
    return write_bytes(serial, data, len, MNEMOS_CALL_DEADLINE, moment);
}

int mnemos_serial_write_now(mnemos_serial serial, const void *data, size_t len)
{
    return write_bytes(serial, data, len, MNEMOS_CALL_NO_WAIT, 0);
}

int mnemos_serial_write_all(mnemos_serial serial, const void *data, size_t len)
{
    const uint8_t *at = data;
    while (len > 0) {
        int taken = mnemos_serial_write(serial, at, len);
        if (taken < 0) return taken;
        at += taken;
        len -= (size_t)taken;
    }
    return 0;
}
