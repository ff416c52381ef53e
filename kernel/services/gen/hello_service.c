/* hello_service.c — see hello_service.h. Generated from abi/schema/hello.toml by tools/abigen: edit
 * that file, not this one. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/services/gen/hello_service.h"
#include "kernel/core/port.h"

_Static_assert(sizeof(struct mnemos_hello_greet_args) <= MN_REQUEST_ARGS_MAX,
               "larger than this kernel takes");
_Static_assert(MNEMOS_HELLO_GREET_REPLY_MAX <= MN_REPLY_MAX,
               "larger than this kernel takes");

static bool get(uint16_t call, struct mnemos_reader *reader, void *args)
{
    switch (call) {
    case MNEMOS_HELLO_CALL_GREET:
        return mnemos_hello_greet_args_get(reader, args);
    default: /* nothing to say */
        return true;
    }
}

static bool put(uint16_t call, struct mnemos_writer *writer, const void *reply)
{
    switch (call) {
    case MNEMOS_HELLO_CALL_GREET:
        return mnemos_hello_greet_reply_put(writer, reply);
    default: /* nothing to say */
        return true;
    }
}

static const uint32_t shapes[] = MNEMOS_HELLO_SHAPES;

static const struct mn_service_call calls[] = {
    [MNEMOS_HELLO_CALL_GREET] = {
        .name = "greet",
        .args_size = sizeof(struct mnemos_hello_greet_args),
        .reply_size = sizeof(struct mnemos_hello_greet_reply),
        .reply_max = MNEMOS_HELLO_GREET_REPLY_MAX,
    },
};

const struct mn_service_type hello_type = {
    .name = "hello",
    .uuid = {MNEMOS_HELLO_UUID},
    .calls = MNEMOS_HELLO_CALL_COUNT,
    .call = calls,
    .shapes = shapes,
    .get = get,
    .put = put,
};

mn_err hello_next_poll(struct mn_service *service, struct mn_cx *cx, struct hello_message *message)
{
    struct mn_service_event event;
    mn_err err = mn_service_next_poll(service, cx, &event);
    if (err) return err;
    *message = (struct hello_message){
        .request = event.request, .client = event.client, .context = event.context,
    };
    if (event.request) message->args.any = mn_request_args(event.request);
    MN_ASSERT(event.kind == MN_EVENT_REQUEST);
    message->event = (enum hello_event)mn_request_call(event.request);
    return MN_OK;
}

void hello_reply_greet(struct mn_request *request, const struct mnemos_hello_greet_reply *reply)
{
    MN_ASSERT(mn_request_call(request) == MNEMOS_HELLO_CALL_GREET);
    mn_request_reply(request, reply);
}

mn_err hello_connect_poll(struct mn_client *client, struct mn_cx *cx)
{
    return mn_client_connect_poll(client, cx, &hello_type, NULL);
}

mn_err hello_try_connect_poll(struct mn_client *client, struct mn_cx *cx)
{
    return mn_client_try_connect_poll(client, cx, &hello_type, NULL);
}

mn_err hello_greet_poll(struct mn_client *client, struct mn_cx *cx,
                        const struct mnemos_hello_greet_args *args,
                        struct mnemos_hello_greet_reply *reply)
{
    return mn_client_call_poll(client, cx, MNEMOS_HELLO_CALL_GREET, args, NULL, reply);
}
