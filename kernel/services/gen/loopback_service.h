/* loopback_service.h — the loopback service: gives back what it is given. Inbox, replies and kernel
 * clients. Generated from abi/schema/loopback.toml by tools/abigen: edit that file, not this one.
 */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef KERNEL_SERVICES_GEN_LOOPBACK_SERVICE_H
#define KERNEL_SERVICES_GEN_LOOPBACK_SERVICE_H
#include "kernel/core/client.h"
#include "kernel/core/service.h"
#include <mnemos/abi/loopback.h>

extern const struct mn_service_type loopback_type;

enum loopback_event {
    LOOPBACK_ECHO = MNEMOS_LOOPBACK_CALL_ECHO,
};

/* What happened next. The arguments belong to the request and are there until its reply. */
struct loopback_message {
    enum loopback_event event;
    struct mn_request *request;
    struct mn_connection *client;
    void *context; /* of this client, see mn_client_set_context() */
    union {
        const void *any;
        const struct mnemos_loopback_echo_args *echo;
    } args;
};

/* Take what happened next. Waits for it. Errors: service_gone. */
MN_MUST_USE mn_err loopback_next_poll(struct mn_service *service, struct mn_cx *cx,
                                      struct loopback_message *message);
/* Answer a request; mn_request_fail() answers with an error. */
void loopback_reply_echo(struct mn_request *request,
                         const struct mnemos_loopback_echo_reply *reply);
/* Connect, waiting until the service is there. See kernel/core/client.h. */
MN_MUST_USE mn_err loopback_connect_poll(struct mn_client *client, struct mn_cx *cx);
/* The same, but fail when it is not there. */
MN_MUST_USE mn_err loopback_try_connect_poll(struct mn_client *client, struct mn_cx *cx);
/* Copy bytes from one place to another. Loans: source, target. Errors: gone. */
MN_MUST_USE mn_err loopback_echo_poll(struct mn_client *client, struct mn_cx *cx,
                                      const struct mnemos_loopback_echo_args *args,
                                      const struct mn_loan *loans,
                                      struct mnemos_loopback_echo_reply *reply);
#endif
