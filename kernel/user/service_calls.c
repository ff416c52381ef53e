/* service_calls.c — programs as clients of services: four system calls, one of which may also come
 * through a ring.
 *
 * Arguments are decoded once, at submission, straight into the request's place in
 * the kernel. What comes later from the service finds its way back through the
 * pending call, which knows its program and generation. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "syscall_priv.h"
#include "kernel/core/connection.h"
#include "kernel/core/service.h"
#include <mnemos/abi/ring.h>

#define CONNECTIONS MN_CONFIG_PROGRAM_CONNECTIONS

/* A handle is index | generation << 16. The generation outlives the program. */
struct handle {
    struct mn_connection *connection; /* NULL: closed */
    uint16_t generation;
};

static struct handle handles[MN_MAX_PROGRAMS][CONNECTIONS];

void mn_service_calls_reset(void)
{
    __builtin_memset(handles, 0, sizeof handles);
}

static struct handle *find(const struct mn_prog *prog, uint32_t handle)
{
    uint32_t at = handle & 0xffffu;
    if (at >= CONNECTIONS) return NULL;
    struct handle *found = &handles[prog->index][at];
    return found->connection && found->generation == handle >> 16 ? found : NULL;
}

static struct handle *find_free(const struct mn_prog *prog)
{
    struct handle *row = handles[prog->index];
    for (uint32_t i = 0; i < CONNECTIONS; i++)
        if (!row[i].connection) return &row[i];
    return NULL;
}

static void close_handle(struct handle *handle)
{
    mn_connection_close(handle->connection);
    handle->connection = NULL;
}

void mn_service_calls_end(const struct mn_prog *prog)
{
    for (uint32_t i = 0; i < CONNECTIONS; i++)
        if (handles[prog->index][i].connection) close_handle(&handles[prog->index][i]);
}

static uint32_t number_of(const struct mn_prog *prog, const struct handle *handle)
{
    return (uint32_t)(handle - handles[prog->index]) | (uint32_t)handle->generation << 16;
}

/* ---- What the registry tells ---- */

static struct mn_prog *owner_of(const struct handle *handle)
{
    return mn_prog_at((uint32_t)(handle - handles[0]) / CONNECTIONS);
}

static void connected(struct mn_connection *connection, mn_err err)
{
    struct handle *handle = mn_connection_owner(connection);
    struct mn_prog *prog = owner_of(handle);
    uint8_t coded[MNEMOS_SYS_SERVICE_CONNECT_REPLY_MAX];
    struct mnemos_writer writer = {coded, coded + sizeof coded};
    if (err)
        handle->connection = NULL;
    else
        (void)mnemos_sys_service_connect_reply_put(
            &writer, &(struct mnemos_sys_service_connect_reply){.handle = number_of(prog, handle)});
    mn_call_reply(&prog->call, err, coded, (uint32_t)(writer.at - coded));
}

static void answered(struct mn_request *request, mn_err err, const void *reply)
{
    static uint8_t coded[MN_REPLY_MAX]; /* tasks poll one after another */
    struct mn_call *call = mn_request_owner(request);
    const struct mn_service_type *type = mn_connection_type(mn_request_connection(request));
    if (err) {
        mn_call_done(call, err, 0);
        return;
    }
    struct mnemos_writer writer = {coded, coded + sizeof coded};
    bool fits = type->put(mn_request_call(request), &writer, reply);
    MN_ASSERT(fits); /* the service keeps the bounds of its schema */
    uint32_t used = (uint32_t)(writer.at - coded);
    mn_err written = mn_user_write(call->who, call->args.service.reply, 0, coded, used);
    MN_ASSERT(!written); /* as in mn_call_reply() */
    mn_call_done(call, MN_OK, used);
}

/* The program learns of it with its next call. */
static void gone(struct mn_connection *connection)
{
    (void)connection;
}

static mn_err read_span(const struct mn_request *request, struct mnemos_span span, uint32_t at,
                        void *to, uint32_t len)
{
    const struct mn_call *call = mn_request_owner(request);
    return mn_user_read(call->who, span, at, to, len);
}

static mn_err write_span(const struct mn_request *request, struct mnemos_span span, uint32_t at,
                         const void *from, uint32_t len)
{
    const struct mn_call *call = mn_request_owner(request);
    return mn_user_write(call->who, span, at, from, len);
}

static const struct mn_client_ops ops = {
    .program = true,
    .connected = connected,
    .answered = answered,
    .gone = gone,
    .read = read_span,
    .write = write_span,
};

/* ---- The calls ---- */

mn_call_result mn_call_service_find(struct mn_frame *frame, struct mn_prog *prog)
{
    mn_call_result refusal;
    if (!admit(frame, prog, MNEMOS_SYS_SERVICE_FIND_REPLY_MAX, &refusal)) return refusal;
    struct mnemos_reader in = input(frame);
    struct mnemos_sys_service_find_args args;
    if (!is_whole(mnemos_sys_service_find_args_get(&in, &args), &in))
        return answer(MNEMOS_ERR_MALFORMED, 0);
    struct mn_uuid uuid;
    __builtin_memcpy(uuid.bytes, args.uuid, sizeof uuid.bytes);
    const struct mn_service_type *type = mn_registry_find(&uuid, true);
    if (!type) return answer(MNEMOS_ERR_NO_SERVICE, 0);
    struct output out = output(frame);
    struct mnemos_sys_service_find_reply reply = {.calls = type->calls,
                                                  .shape = type->shapes[type->calls]};
    (void)mnemos_sys_service_find_reply_put(&out.writer, &reply);
    return written(&out);
}

static void give_up_connecting(struct mn_call *call)
{
    close_handle(mn_connection_owner(call->args.connecting));
}

mn_call_result mn_call_service_connect(struct mn_frame *frame, struct mn_prog *prog)
{
    mn_call_result refusal;
    if (!admit(frame, prog, MNEMOS_SYS_SERVICE_CONNECT_REPLY_MAX, &refusal)) return refusal;
    struct mn_call *call = begin_call(frame, prog);
    struct mnemos_reader in = input(frame);
    struct mnemos_sys_service_connect_args args;
    if (!is_whole(mnemos_sys_service_connect_args_get(&in, &args), &in))
        return answer(MNEMOS_ERR_MALFORMED, 0);
    if (!mn_user_span_ok(prog, args.hello, false))
        return condemn(frame, prog, MNEMOS_LOADER_FAULT_KIND_BAD_SLICE);
    if (!args.at_once || args.at_once > MNEMOS_RING_CALLS)
        return answer(MNEMOS_ERR_BAD_ARGUMENT, 0);
    struct handle *handle = find_free(prog);
    if (!handle) return answer(MNEMOS_ERR_FULL, 0);
    struct mn_wish wish = {
        .calls = args.calls,
        .shape = args.shape,
        .wait = !call->no_wait,
        .slots = args.at_once,
        .hello = args.hello.len ? mn_memory(args.hello.addr) : NULL,
        .hello_len = (uint16_t)args.hello.len,
    };
    __builtin_memcpy(wish.uuid.bytes, args.uuid, sizeof wish.uuid.bytes);
    mn_err err = mn_connection_open(&wish, &ops, handle, &handle->connection);
    if (err < 0) {
        handle->connection = NULL;
        return answer(err, 0);
    }
    handle->generation++;
    if (err == MN_PENDING) {
        uint64_t deadline = deadline_of(frame, prog);
        err = may_not_wait(call, deadline);
        if (err) {
            close_handle(handle);
            return answer(err, 0);
        }
        call->args.connecting = handle->connection;
        call->cancel = give_up_connecting;
        mn_call_park(call, deadline);
        return unchanged(frame);
    }
    struct output out = output(frame);
    struct mnemos_sys_service_connect_reply reply = {.handle = number_of(prog, handle)};
    (void)mnemos_sys_service_connect_reply_put(&out.writer, &reply);
    return written(&out);
}

/* Do the spans among the decoded arguments lie in the program's memory? */
static bool spans_ok(const struct mn_prog *prog, const struct mn_service_call *type,
                     const void *args)
{
    for (uint8_t i = 0; i < type->spans; i++) {
        struct mnemos_span span;
        __builtin_memcpy(&span, (const uint8_t *)args + type->span[i].offset, sizeof span);
        if (!mn_user_span_ok(prog, span, type->span[i].out)) return false;
    }
    return true;
}

static void give_up_call(struct mn_call *call)
{
    mn_request_cancel(call->args.service.request);
}

/* Decode the call's own arguments into the request and hand it over, or give it back. */
static mn_err hand_over(struct mn_prog *prog, struct mn_request *request,
                        const struct mn_service_type *type, struct mnemos_span in)
{
    uint16_t number = mn_request_call(request);
    void *args = mn_request_put_args(request);
    const uint8_t *at = in.len ? mn_memory(in.addr) : NULL;
    struct mnemos_reader reader = {at, at + in.len};
    if (!is_whole(type->get(number, &reader, args), &reader)) {
        mn_request_cancel(request);
        return MNEMOS_ERR_MALFORMED;
    }
    if (!spans_ok(prog, &type->call[number], args)) {
        mn_request_cancel(request);
        return MN_CALL_BAD_SLICE;
    }
    mn_request_submit(request);
    return MN_OK;
}

mn_err mn_service_call_submit(struct mn_prog *prog, struct mn_call *call, uint64_t deadline_us)
{
    const struct mnemos_sys_service_call_args args = call->args.service_call;
    if (!mn_user_span_ok(prog, args.args, false) || !mn_user_span_ok(prog, args.reply, true))
        return MN_CALL_BAD_SLICE;
    struct handle *handle = find(prog, args.handle);
    if (!handle) return MNEMOS_ERR_BAD_HANDLE;

    struct mn_request *request;
    mn_err err = mn_request_take(handle->connection, args.number, call, &request);
    if (err) return err;
    const struct mn_service_type *type = mn_connection_type(handle->connection);
    uint32_t needed = type->call[args.number].reply_max;
    err = args.reply.len < needed ? MNEMOS_ERR_TOO_SMALL : may_not_wait(call, deadline_us);
    if (err) {
        mn_request_cancel(request);
        call->used = err == MNEMOS_ERR_TOO_SMALL ? needed : 0;
        return err;
    }
    err = hand_over(prog, request, type, args.args);
    if (err) return err;
    call->args.service.request = request;
    call->args.service.reply = args.reply;
    call->cancel = give_up_call;
    return MN_PENDING;
}

mn_call_result mn_call_service_call(struct mn_frame *frame, struct mn_prog *prog)
{
    mn_call_result refusal;
    if (!admit(frame, prog, MNEMOS_SYS_SERVICE_CALL_REPLY_MAX, &refusal)) return refusal;
    struct mn_call *call = begin_call(frame, prog);
    struct mnemos_reader in = input(frame);
    if (!is_whole(mnemos_sys_service_call_args_get(&in, &call->args.service_call), &in))
        return answer(MNEMOS_ERR_MALFORMED, 0);
    uint64_t deadline = deadline_of(frame, prog);
    mn_err err = mn_call_submit(prog, call, deadline);
    if (err == MN_CALL_BAD_SLICE)
        return condemn(frame, prog, MNEMOS_LOADER_FAULT_KIND_BAD_SLICE);
    if (err != MN_PENDING) return answer(err, call->used);
    mn_call_park(call, deadline);
    return unchanged(frame);
}

mn_call_result mn_call_service_close(struct mn_frame *frame, struct mn_prog *prog)
{
    mn_call_result refusal;
    if (!admit(frame, prog, 0, &refusal)) return refusal;
    struct mnemos_reader in = input(frame);
    struct mnemos_sys_service_close_args args;
    if (!is_whole(mnemos_sys_service_close_args_get(&in, &args), &in))
        return answer(MNEMOS_ERR_MALFORMED, 0);
    struct handle *handle = find(prog, args.handle);
    if (!handle) return answer(MNEMOS_ERR_BAD_HANDLE, 0);
    close_handle(handle);
    return answer(MN_OK, 0);
}
