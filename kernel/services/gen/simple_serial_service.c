/* simple_serial_service.c — see simple_serial_service.h. Generated from
 * abi/schema/simple_serial.toml by tools/abigen: edit that file, not this one. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/services/gen/simple_serial_service.h"
#include "kernel/core/port.h"


static const uint32_t shapes[] = MNEMOS_SIMPLE_SERIAL_SHAPES;

static const struct mn_service_call calls[] = {
    [MNEMOS_SIMPLE_SERIAL_CALL_GET_PORT] = {
        .name = "get_port",
        .reply_size = sizeof(struct mnemos_simple_serial_get_port_reply),
        .kernel_only = true,
    },
};

const struct mn_service_type simple_serial_type = {
    .name = "simple serial",
    .uuid = {MNEMOS_SIMPLE_SERIAL_UUID},
    .calls = MNEMOS_SIMPLE_SERIAL_CALL_COUNT,
    .call = calls,
    .shapes = shapes,
};

mn_err simple_serial_next_poll(struct mn_service *service, struct mn_cx *cx,
                               struct simple_serial_message *message)
{
    struct mn_service_event event;
    mn_err err = mn_service_next_poll(service, cx, &event);
    if (err) return err;
    *message = (struct simple_serial_message){
        .request = event.request, .client = event.client, .context = event.context,
    };
    if (event.request) message->args.any = mn_request_args(event.request);
    MN_ASSERT(event.kind == MN_EVENT_REQUEST);
    message->event = (enum simple_serial_event)mn_request_call(event.request);
    return MN_OK;
}

void simple_serial_reply_get_port(struct mn_request *request,
                                  const struct mnemos_simple_serial_get_port_reply *reply)
{
    MN_ASSERT(mn_request_call(request) == MNEMOS_SIMPLE_SERIAL_CALL_GET_PORT);
    mn_request_reply(request, reply);
}

mn_err simple_serial_connect_poll(struct mn_client *client, struct mn_cx *cx)
{
    return mn_client_connect_poll(client, cx, &simple_serial_type, NULL);
}

mn_err simple_serial_try_connect_poll(struct mn_client *client, struct mn_cx *cx)
{
    return mn_client_try_connect_poll(client, cx, &simple_serial_type, NULL);
}

mn_err simple_serial_get_port_poll(struct mn_client *client, struct mn_cx *cx,
                                   struct mnemos_simple_serial_get_port_reply *reply)
{
    return mn_client_call_poll(client, cx, MNEMOS_SIMPLE_SERIAL_CALL_GET_PORT, NULL, NULL, reply);
}
