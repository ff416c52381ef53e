/* registry_service.c — see registry_service.h. Generated from abi/schema/registry.toml by
 * tools/abigen: edit that file, not this one. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/services/gen/registry_service.h"
#include "kernel/core/port.h"

_Static_assert(sizeof(struct mnemos_registry_list_args) <= MN_REQUEST_ARGS_MAX,
               "larger than this kernel takes");
_Static_assert(MNEMOS_REGISTRY_LIST_REPLY_MAX <= MN_REPLY_MAX,
               "larger than this kernel takes");

static bool get(uint16_t call, struct mnemos_reader *reader, void *args)
{
    switch (call) {
    case MNEMOS_REGISTRY_CALL_LIST:
        return mnemos_registry_list_args_get(reader, args);
    default: /* nothing to say */
        return true;
    }
}

static bool put(uint16_t call, struct mnemos_writer *writer, const void *reply)
{
    switch (call) {
    case MNEMOS_REGISTRY_CALL_LIST:
        return mnemos_registry_list_reply_put(writer, reply);
    default: /* nothing to say */
        return true;
    }
}

static const uint32_t shapes[] = MNEMOS_REGISTRY_SHAPES;

static const struct mn_service_call calls[] = {
    [MNEMOS_REGISTRY_CALL_LIST] = {
        .name = "list",
        .args_size = sizeof(struct mnemos_registry_list_args),
        .reply_size = sizeof(struct mnemos_registry_list_reply),
        .reply_max = MNEMOS_REGISTRY_LIST_REPLY_MAX,
    },
};

const struct mn_service_type registry_type = {
    .name = "registry",
    .uuid = {MNEMOS_REGISTRY_UUID},
    .calls = MNEMOS_REGISTRY_CALL_COUNT,
    .call = calls,
    .shapes = shapes,
    .get = get,
    .put = put,
};

mn_err registry_next_poll(struct mn_service *service, struct mn_cx *cx,
                          struct registry_message *message)
{
    struct mn_service_event event;
    mn_err err = mn_service_next_poll(service, cx, &event);
    if (err) return err;
    *message = (struct registry_message){
        .request = event.request, .client = event.client, .context = event.context,
    };
    if (event.request) message->args.any = mn_request_args(event.request);
    MN_ASSERT(event.kind == MN_EVENT_REQUEST);
    message->event = (enum registry_event)mn_request_call(event.request);
    return MN_OK;
}

void registry_reply_list(struct mn_request *request, const struct mnemos_registry_list_reply *reply)
{
    MN_ASSERT(mn_request_call(request) == MNEMOS_REGISTRY_CALL_LIST);
    mn_request_reply(request, reply);
}

mn_err registry_connect_poll(struct mn_client *client, struct mn_cx *cx)
{
    return mn_client_connect_poll(client, cx, &registry_type, NULL);
}

mn_err registry_try_connect_poll(struct mn_client *client, struct mn_cx *cx)
{
    return mn_client_try_connect_poll(client, cx, &registry_type, NULL);
}

mn_err registry_list_poll(struct mn_client *client, struct mn_cx *cx,
                          const struct mnemos_registry_list_args *args,
                          struct mnemos_registry_list_reply *reply)
{
    return mn_client_call_poll(client, cx, MNEMOS_REGISTRY_CALL_LIST, args, NULL, reply);
}
