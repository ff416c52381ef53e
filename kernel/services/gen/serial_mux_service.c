/* serial_mux_service.c — see serial_mux_service.h. Generated from abi/schema/serial_mux.toml by
 * tools/abigen: edit that file, not this one. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/services/gen/serial_mux_service.h"
#include "kernel/core/port.h"

_Static_assert(sizeof(struct mnemos_serial_mux_open_args) <= MN_REQUEST_ARGS_MAX,
               "larger than this kernel takes");
_Static_assert(sizeof(struct mnemos_serial_mux_close_args) <= MN_REQUEST_ARGS_MAX,
               "larger than this kernel takes");
_Static_assert(sizeof(struct mnemos_serial_mux_list_args) <= MN_REQUEST_ARGS_MAX,
               "larger than this kernel takes");
_Static_assert(sizeof(struct mnemos_serial_mux_attach_args) <= MN_REQUEST_ARGS_MAX,
               "larger than this kernel takes");
_Static_assert(MNEMOS_SERIAL_MUX_LIST_REPLY_MAX <= MN_REPLY_MAX,
               "larger than this kernel takes");

static bool get(uint16_t call, struct mnemos_reader *reader, void *args)
{
    switch (call) {
    case MNEMOS_SERIAL_MUX_CALL_LIST:
        return mnemos_serial_mux_list_args_get(reader, args);
    default: /* nothing to say */
        return true;
    }
}

static bool put(uint16_t call, struct mnemos_writer *writer, const void *reply)
{
    switch (call) {
    case MNEMOS_SERIAL_MUX_CALL_LIST:
        return mnemos_serial_mux_list_reply_put(writer, reply);
    default: /* nothing to say */
        return true;
    }
}

static const uint32_t shapes[] = MNEMOS_SERIAL_MUX_SHAPES;

static const struct mn_service_call calls[] = {
    [MNEMOS_SERIAL_MUX_CALL_OPEN] = {
        .name = "open",
        .args_size = sizeof(struct mnemos_serial_mux_open_args),
        .reply_size = sizeof(struct mnemos_serial_mux_open_reply),
        .kernel_only = true,
    },
    [MNEMOS_SERIAL_MUX_CALL_CLOSE] = {
        .name = "close",
        .args_size = sizeof(struct mnemos_serial_mux_close_args),
        .kernel_only = true,
    },
    [MNEMOS_SERIAL_MUX_CALL_LIST] = {
        .name = "list",
        .args_size = sizeof(struct mnemos_serial_mux_list_args),
        .reply_size = sizeof(struct mnemos_serial_mux_list_reply),
        .reply_max = MNEMOS_SERIAL_MUX_LIST_REPLY_MAX,
    },
    [MNEMOS_SERIAL_MUX_CALL_ATTACH] = {
        .name = "attach",
        .args_size = sizeof(struct mnemos_serial_mux_attach_args),
        .kernel_only = true,
    },
};

const struct mn_service_type serial_mux_type = {
    .name = "serial mux",
    .uuid = {MNEMOS_SERIAL_MUX_UUID},
    .calls = MNEMOS_SERIAL_MUX_CALL_COUNT,
    .call = calls,
    .shapes = shapes,
    .told_gone = true,
    .get = get,
    .put = put,
};

mn_err serial_mux_next_poll(struct mn_service *service, struct mn_cx *cx,
                            struct serial_mux_message *message)
{
    struct mn_service_event event;
    mn_err err = mn_service_next_poll(service, cx, &event);
    if (err) return err;
    *message = (struct serial_mux_message){
        .request = event.request, .client = event.client, .context = event.context,
    };
    if (event.request) message->args.any = mn_request_args(event.request);
    if (event.kind == MN_EVENT_GONE) {
        message->event = SERIAL_MUX_GONE;
        return MN_OK;
    }
    MN_ASSERT(event.kind == MN_EVENT_REQUEST);
    message->event = (enum serial_mux_event)mn_request_call(event.request);
    return MN_OK;
}

void serial_mux_reply_open(struct mn_request *request,
                           const struct mnemos_serial_mux_open_reply *reply)
{
    MN_ASSERT(mn_request_call(request) == MNEMOS_SERIAL_MUX_CALL_OPEN);
    mn_request_reply(request, reply);
}

void serial_mux_reply_close(struct mn_request *request)
{
    MN_ASSERT(mn_request_call(request) == MNEMOS_SERIAL_MUX_CALL_CLOSE);
    mn_request_reply(request, NULL);
}

void serial_mux_reply_list(struct mn_request *request,
                           const struct mnemos_serial_mux_list_reply *reply)
{
    MN_ASSERT(mn_request_call(request) == MNEMOS_SERIAL_MUX_CALL_LIST);
    mn_request_reply(request, reply);
}

void serial_mux_reply_attach(struct mn_request *request)
{
    MN_ASSERT(mn_request_call(request) == MNEMOS_SERIAL_MUX_CALL_ATTACH);
    mn_request_reply(request, NULL);
}

mn_err serial_mux_connect_poll(struct mn_client *client, struct mn_cx *cx)
{
    return mn_client_connect_poll(client, cx, &serial_mux_type, NULL);
}

mn_err serial_mux_try_connect_poll(struct mn_client *client, struct mn_cx *cx)
{
    return mn_client_try_connect_poll(client, cx, &serial_mux_type, NULL);
}

mn_err serial_mux_open_poll(struct mn_client *client, struct mn_cx *cx,
                            const struct mnemos_serial_mux_open_args *args,
                            struct mnemos_serial_mux_open_reply *reply)
{
    return mn_client_call_poll(client, cx, MNEMOS_SERIAL_MUX_CALL_OPEN, args, NULL, reply);
}

mn_err serial_mux_close_poll(struct mn_client *client, struct mn_cx *cx,
                             const struct mnemos_serial_mux_close_args *args)
{
    return mn_client_call_poll(client, cx, MNEMOS_SERIAL_MUX_CALL_CLOSE, args, NULL, NULL);
}

mn_err serial_mux_list_poll(struct mn_client *client, struct mn_cx *cx,
                            const struct mnemos_serial_mux_list_args *args,
                            struct mnemos_serial_mux_list_reply *reply)
{
    return mn_client_call_poll(client, cx, MNEMOS_SERIAL_MUX_CALL_LIST, args, NULL, reply);
}

mn_err serial_mux_attach_poll(struct mn_client *client, struct mn_cx *cx,
                              const struct mnemos_serial_mux_attach_args *args)
{
    return mn_client_call_poll(client, cx, MNEMOS_SERIAL_MUX_CALL_ATTACH, args, NULL, NULL);
}
