/* service.c: mnemos/service.h. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "call.h"
#include "runtime.h"
#include <mnemos/error.h>
#include <mnemos/service.h>
#include <string.h>

int mnemos_service_find(const struct mnemos_interface *interface)
{
    uint8_t in[MNEMOS_SYS_SERVICE_FIND_ARGS_MAX], answer[MNEMOS_SYS_SERVICE_FIND_REPLY_MAX];
    struct mnemos_writer writer = {in, in + sizeof in};
    struct mnemos_sys_service_find_args args;
    memcpy(args.uuid, interface->uuid, sizeof args.uuid);
    mnemos_sys_service_find_args_put(&writer, &args);
    struct call_result result = call_kernel(MNEMOS_SYS_CALL_SERVICE_FIND, in,
                                            (uint32_t)(writer.at - in), answer, sizeof answer);
    if (result.err) return result.err;
    struct mnemos_reader reader = {answer, answer + result.used};
    struct mnemos_sys_service_find_reply reply;
    if (!mnemos_sys_service_find_reply_get(&reader, &reply)) return MNEMOS_ERR_MALFORMED;
    if (reply.calls < interface->calls) return MNEMOS_ERR_SERVICE_TOO_OLD;
    /* What a longer list of calls begins with, only the service can say. */
    return reply.calls == interface->calls && reply.shape != interface->shape
               ? MNEMOS_ERR_SHAPE_DIFFERS
               : 0;
}

static int connect_to(const struct mnemos_interface *interface, const void *hello, size_t len,
                      mnemos_service *out, unsigned at_once, uint32_t flags)
{
    uint8_t in[MNEMOS_SYS_SERVICE_CONNECT_ARGS_MAX], answer[MNEMOS_SYS_SERVICE_CONNECT_REPLY_MAX];
    struct mnemos_writer writer = {in, in + sizeof in};
    struct mnemos_sys_service_connect_args args = {
        .calls = interface->calls,
        .shape = interface->shape,
        .hello = span_of(hello, len),
        .at_once = at_once < UINT8_MAX ? (uint8_t)at_once : UINT8_MAX,
    };
    memcpy(args.uuid, interface->uuid, sizeof args.uuid);
    if (!mnemos_sys_service_connect_args_put(&writer, &args)) return MNEMOS_ERR_MALFORMED;
    runtime_before_wait();
    struct call_result result = call_kernel(MNEMOS_SYS_CALL_SERVICE_CONNECT | flags, in,
                                            (uint32_t)(writer.at - in), answer, sizeof answer);
    if (result.err) return result.err;
    struct mnemos_reader reader = {answer, answer + result.used};
    struct mnemos_sys_service_connect_reply reply;
    if (!mnemos_sys_service_connect_reply_get(&reader, &reply)) return MNEMOS_ERR_MALFORMED;
    *out = reply.handle;
    return 0;
}

int mnemos_service_connect(const struct mnemos_interface *interface, const void *hello, size_t len,
                           mnemos_service *out)
{
    return connect_to(interface, hello, len, out, 1, 0);
}

int mnemos_service_connect_for(unsigned at_once, const struct mnemos_interface *interface,
                               const void *hello, size_t len, mnemos_service *out)
{
    return connect_to(interface, hello, len, out, at_once, 0);
}

int mnemos_service_connect_now(const struct mnemos_interface *interface, const void *hello,
                               size_t len, mnemos_service *out)
{
    return connect_to(interface, hello, len, out, 1, MNEMOS_CALL_NO_WAIT);
}

/* `flags` are those of r12; `moment` counts with MNEMOS_CALL_DEADLINE. */
static int call_service(const struct mnemos_sys_service_call_args *args, size_t *used,
                        uint32_t flags, uint64_t moment)
{
    uint8_t in[sizeof moment + MNEMOS_SYS_SERVICE_CALL_ARGS_MAX],
        answer[MNEMOS_SYS_SERVICE_CALL_REPLY_MAX];
    struct mnemos_writer writer = {in, in + sizeof in};
    if (flags & MNEMOS_CALL_DEADLINE) {
        memcpy(in, &moment, sizeof moment);
        writer.at += sizeof moment;
    }
    if (!mnemos_sys_service_call_args_put(&writer, args)) return MNEMOS_ERR_TOO_BIG;
    struct call_result result = call_kernel(MNEMOS_SYS_CALL_SERVICE_CALL | flags, in,
                                            (uint32_t)(writer.at - in), answer, sizeof answer);
    if (result.err) return result.err;
    struct mnemos_reader reader = {answer, answer + result.used};
    struct mnemos_sys_service_call_reply reply;
    if (!mnemos_sys_service_call_reply_get(&reader, &reply)) return MNEMOS_ERR_MALFORMED;
    if (used) *used = reply.used;
    return 0;
}

int mnemos_service_call(mnemos_service service, uint16_t number, const void *in, size_t len,
                        void *out, size_t cap, size_t *used)
{
    struct mnemos_sys_service_call_args args = {
        .handle = service, .number = number, .args = span_of(in, len), .reply = span_of(out, cap)};
    return call_service(&args, used, 0, 0);
}

int mnemos_service_call_until(mnemos_service service, uint16_t number, const void *in, size_t len,
                              void *out, size_t cap, size_t *used, uint64_t moment)
{
    struct mnemos_sys_service_call_args args = {
        .handle = service, .number = number, .args = span_of(in, len), .reply = span_of(out, cap)};
    return call_service(&args, used, MNEMOS_CALL_DEADLINE, moment);
}

int mnemos_service_close(mnemos_service service)
{
    uint8_t in[MNEMOS_SYS_SERVICE_CLOSE_ARGS_MAX];
    struct mnemos_writer writer = {in, in + sizeof in};
    mnemos_sys_service_close_args_put(&writer,
                                      &(struct mnemos_sys_service_close_args){.handle = service});
    return call_kernel(MNEMOS_SYS_CALL_SERVICE_CLOSE, in, (uint32_t)(writer.at - in), NULL, 0).err;
}
