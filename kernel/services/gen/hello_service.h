/* hello_service.h — the hello service: greets by name. Inbox, replies and kernel clients. Generated
 * from abi/schema/hello.toml by tools/abigen: edit that file, not this one. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef KERNEL_SERVICES_GEN_HELLO_SERVICE_H
#define KERNEL_SERVICES_GEN_HELLO_SERVICE_H
#include "kernel/core/client.h"
#include "kernel/core/service.h"
#include <mnemos/abi/hello.h>

extern const struct mn_service_type hello_type;

enum hello_event {
    HELLO_GREET = MNEMOS_HELLO_CALL_GREET,
};

/* What happened next. The arguments belong to the request and are there until its reply. */
struct hello_message {
    enum hello_event event;
    struct mn_request *request;
    struct mn_connection *client;
    void *context; /* of this client, see mn_client_set_context() */
    union {
        const void *any;
        const struct mnemos_hello_greet_args *greet;
    } args;
};

/* Take what happened next. Waits for it. Errors: service_gone. */
MN_MUST_USE mn_err hello_next_poll(struct mn_service *service, struct mn_cx *cx,
                                   struct hello_message *message);
/* Answer a request; mn_request_fail() answers with an error. */
void hello_reply_greet(struct mn_request *request, const struct mnemos_hello_greet_reply *reply);
/* Connect, waiting until the service is there. See kernel/core/client.h. */
MN_MUST_USE mn_err hello_connect_poll(struct mn_client *client, struct mn_cx *cx);
/* The same, but fail when it is not there. */
MN_MUST_USE mn_err hello_try_connect_poll(struct mn_client *client, struct mn_cx *cx);
/* Be greeted. Errors: bad_argument. */
MN_MUST_USE mn_err hello_greet_poll(struct mn_client *client, struct mn_cx *cx,
                                    const struct mnemos_hello_greet_args *args,
                                    struct mnemos_hello_greet_reply *reply);
#endif
