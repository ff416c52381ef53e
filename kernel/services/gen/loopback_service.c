/* loopback_service.c — see loopback_service.h. Generated from abi/schema/loopback.toml by
 * tools/abigen: edit that file, not this one. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/services/gen/loopback_service.h"
#include "kernel/core/port.h"

_Static_assert(sizeof(struct mnemos_loopback_echo_args) <= MN_REQUEST_ARGS_MAX,
               "larger than this kernel takes");
_Static_assert(MNEMOS_LOOPBACK_ECHO_REPLY_MAX <= MN_REPLY_MAX,
               "larger than this kernel takes");

static bool get(uint16_t call, struct mnemos_reader *reader, void *args)
{
    switch (call) {
    case MNEMOS_LOOPBACK_CALL_ECHO:
        return mnemos_loopback_echo_args_get(reader, args);
    default: /* nothing to say */
        return true;
    }
}

static bool put(uint16_t call, struct mnemos_writer *writer, const void *reply)
{
    switch (call) {
    case MNEMOS_LOOPBACK_CALL_ECHO:
        return mnemos_loopback_echo_reply_put(writer, reply);
    default: /* nothing to say */
        return true;
    }
}

static const uint32_t shapes[] = MNEMOS_LOOPBACK_SHAPES;

static const struct mn_service_call calls[] = {
    [MNEMOS_LOOPBACK_CALL_ECHO] = {
        .name = "echo",
        .args_size = sizeof(struct mnemos_loopback_echo_args),
        .reply_size = sizeof(struct mnemos_loopback_echo_reply),
        .reply_max = MNEMOS_LOOPBACK_ECHO_REPLY_MAX,
        .spans = 2,
        .span = {{offsetof(struct mnemos_loopback_echo_args, source), false},
                 {offsetof(struct mnemos_loopback_echo_args, target), true}},
    },
};

const struct mn_service_type loopback_type = {
    .name = "loopback",
    .uuid = {MNEMOS_LOOPBACK_UUID},
    .calls = MNEMOS_LOOPBACK_CALL_COUNT,
    .call = calls,
    .shapes = shapes,
    .get = get,
    .put = put,
};

mn_err loopback_next_poll(struct mn_service *service, struct mn_cx *cx,
                          struct loopback_message *message)
{
    struct mn_service_event event;
    mn_err err = mn_service_next_poll(service, cx, &event);
    if (err) return err;
    *message = (struct loopback_message){
        .request = event.request, .client = event.client, .context = event.context,
    };
    if (event.request) message->args.any = mn_request_args(event.request);
    MN_ASSERT(event.kind == MN_EVENT_REQUEST);
    message->event = (enum loopback_event)mn_request_call(event.request);
    return MN_OK;
}

void loopback_reply_echo(struct mn_request *request, const struct mnemos_loopback_echo_reply *reply)
{
    MN_ASSERT(mn_request_call(request) == MNEMOS_LOOPBACK_CALL_ECHO);
    mn_request_reply(request, reply);
}

mn_err loopback_connect_poll(struct mn_client *client, struct mn_cx *cx)
{
    return mn_client_connect_poll(client, cx, &loopback_type, NULL);
}

mn_err loopback_try_connect_poll(struct mn_client *client, struct mn_cx *cx)
{
    return mn_client_try_connect_poll(client, cx, &loopback_type, NULL);
}

mn_err loopback_echo_poll(struct mn_client *client, struct mn_cx *cx,
                          const struct mnemos_loopback_echo_args *args, const struct mn_loan *loans,
                          struct mnemos_loopback_echo_reply *reply)
{
    return mn_client_call_poll(client, cx, MNEMOS_LOOPBACK_CALL_ECHO, args, loans, reply);
}
