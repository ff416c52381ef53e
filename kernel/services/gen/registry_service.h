/* registry_service.h — the registry: which services there are. Inbox, replies and kernel clients.
 * Generated from abi/schema/registry.toml by tools/abigen: edit that file, not this one. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef KERNEL_SERVICES_GEN_REGISTRY_SERVICE_H
#define KERNEL_SERVICES_GEN_REGISTRY_SERVICE_H
#include "kernel/core/client.h"
#include "kernel/core/service.h"
#include <mnemos/abi/registry.h>

extern const struct mn_service_type registry_type;

enum registry_event {
    REGISTRY_LIST = MNEMOS_REGISTRY_CALL_LIST,
};

/* What happened next. The arguments belong to the request and are there until its reply. */
struct registry_message {
    enum registry_event event;
    struct mn_request *request;
    struct mn_connection *client;
    void *context; /* of this client, see mn_client_set_context() */
    union {
        const void *any;
        const struct mnemos_registry_list_args *list;
    } args;
};

/* Take what happened next. Waits for it. Errors: service_gone. */
MN_MUST_USE mn_err registry_next_poll(struct mn_service *service, struct mn_cx *cx,
                                      struct registry_message *message);
/* Answer a request; mn_request_fail() answers with an error. */
void registry_reply_list(struct mn_request *request,
                         const struct mnemos_registry_list_reply *reply);
/* Connect, waiting until the service is there. See kernel/core/client.h. */
MN_MUST_USE mn_err registry_connect_poll(struct mn_client *client, struct mn_cx *cx);
/* The same, but fail when it is not there. */
MN_MUST_USE mn_err registry_try_connect_poll(struct mn_client *client, struct mn_cx *cx);
/* The services in the order in which they came. A program is shown those that it may use. */
MN_MUST_USE mn_err registry_list_poll(struct mn_client *client, struct mn_cx *cx,
                                      const struct mnemos_registry_list_args *args,
                                      struct mnemos_registry_list_reply *reply);
#endif
