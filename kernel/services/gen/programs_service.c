/* programs_service.c — see programs_service.h. Generated from abi/schema/programs.toml by
 * tools/abigen: edit that file, not this one. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/services/gen/programs_service.h"
#include "kernel/core/port.h"

_Static_assert(sizeof(struct mnemos_programs_list_args) <= MN_REQUEST_ARGS_MAX,
               "larger than this kernel takes");
_Static_assert(sizeof(struct mnemos_programs_start_args) <= MN_REQUEST_ARGS_MAX,
               "larger than this kernel takes");
_Static_assert(sizeof(struct mnemos_programs_stop_args) <= MN_REQUEST_ARGS_MAX,
               "larger than this kernel takes");
_Static_assert(sizeof(struct mnemos_programs_unload_args) <= MN_REQUEST_ARGS_MAX,
               "larger than this kernel takes");

static const uint32_t shapes[] = MNEMOS_PROGRAMS_SHAPES;

static const struct mn_service_call calls[] = {
    [MNEMOS_PROGRAMS_CALL_LIST] = {
        .name = "list",
        .args_size = sizeof(struct mnemos_programs_list_args),
        .reply_size = sizeof(struct mnemos_programs_list_reply),
        .kernel_only = true,
    },
    [MNEMOS_PROGRAMS_CALL_START] = {
        .name = "start",
        .args_size = sizeof(struct mnemos_programs_start_args),
        .reply_size = sizeof(struct mnemos_programs_start_reply),
        .kernel_only = true,
        .spans = 1,
        .span = {{offsetof(struct mnemos_programs_start_args, args), false}},
    },
    [MNEMOS_PROGRAMS_CALL_STOP] = {
        .name = "stop",
        .args_size = sizeof(struct mnemos_programs_stop_args),
        .kernel_only = true,
    },
    [MNEMOS_PROGRAMS_CALL_UNLOAD] = {
        .name = "unload",
        .args_size = sizeof(struct mnemos_programs_unload_args),
        .kernel_only = true,
    },
};

const struct mn_service_type programs_type = {
    .name = "loader",
    .uuid = {MNEMOS_PROGRAMS_UUID},
    .calls = MNEMOS_PROGRAMS_CALL_COUNT,
    .call = calls,
    .shapes = shapes,
};

mn_err programs_next_poll(struct mn_service *service, struct mn_cx *cx,
                          struct programs_message *message)
{
    struct mn_service_event event;
    mn_err err = mn_service_next_poll(service, cx, &event);
    if (err) return err;
    *message = (struct programs_message){
        .request = event.request, .client = event.client, .context = event.context,
    };
    if (event.request) message->args.any = mn_request_args(event.request);
    MN_ASSERT(event.kind == MN_EVENT_REQUEST);
    message->event = (enum programs_event)mn_request_call(event.request);
    return MN_OK;
}

void programs_reply_list(struct mn_request *request, const struct mnemos_programs_list_reply *reply)
{
    MN_ASSERT(mn_request_call(request) == MNEMOS_PROGRAMS_CALL_LIST);
    mn_request_reply(request, reply);
}

void programs_reply_start(struct mn_request *request,
                          const struct mnemos_programs_start_reply *reply)
{
    MN_ASSERT(mn_request_call(request) == MNEMOS_PROGRAMS_CALL_START);
    mn_request_reply(request, reply);
}

void programs_reply_stop(struct mn_request *request)
{
    MN_ASSERT(mn_request_call(request) == MNEMOS_PROGRAMS_CALL_STOP);
    mn_request_reply(request, NULL);
}

void programs_reply_unload(struct mn_request *request)
{
    MN_ASSERT(mn_request_call(request) == MNEMOS_PROGRAMS_CALL_UNLOAD);
    mn_request_reply(request, NULL);
}

mn_err programs_connect_poll(struct mn_client *client, struct mn_cx *cx)
{
    return mn_client_connect_poll(client, cx, &programs_type, NULL);
}

mn_err programs_try_connect_poll(struct mn_client *client, struct mn_cx *cx)
{
    return mn_client_try_connect_poll(client, cx, &programs_type, NULL);
}

mn_err programs_list_poll(struct mn_client *client, struct mn_cx *cx,
                          const struct mnemos_programs_list_args *args,
                          struct mnemos_programs_list_reply *reply)
{
    return mn_client_call_poll(client, cx, MNEMOS_PROGRAMS_CALL_LIST, args, NULL, reply);
}

mn_err programs_start_poll(struct mn_client *client, struct mn_cx *cx,
                           const struct mnemos_programs_start_args *args,
                           const struct mn_loan *loans, struct mnemos_programs_start_reply *reply)
{
    return mn_client_call_poll(client, cx, MNEMOS_PROGRAMS_CALL_START, args, loans, reply);
}

mn_err programs_stop_poll(struct mn_client *client, struct mn_cx *cx,
                          const struct mnemos_programs_stop_args *args)
{
    return mn_client_call_poll(client, cx, MNEMOS_PROGRAMS_CALL_STOP, args, NULL, NULL);
}

mn_err programs_unload_poll(struct mn_client *client, struct mn_cx *cx,
                            const struct mnemos_programs_unload_args *args)
{
    return mn_client_call_poll(client, cx, MNEMOS_PROGRAMS_CALL_UNLOAD, args, NULL, NULL);
}
