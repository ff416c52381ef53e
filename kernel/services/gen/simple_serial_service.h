/* simple_serial_service.h — simple serial: the board's one serial line. Inbox, replies and kernel
 * clients. Generated from abi/schema/simple_serial.toml by tools/abigen: edit that file, not this
 * one. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef KERNEL_SERVICES_GEN_SIMPLE_SERIAL_SERVICE_H
#define KERNEL_SERVICES_GEN_SIMPLE_SERIAL_SERVICE_H
#include "kernel/core/client.h"
#include "kernel/core/service.h"
#include <mnemos/abi/simple_serial.h>

struct mn_link;

/* Reply of `get_port`. */
struct mnemos_simple_serial_get_port_reply {
    struct mn_link *link; /* the caller's from now on */
};

extern const struct mn_service_type simple_serial_type;

enum simple_serial_event {
    SIMPLE_SERIAL_GET_PORT = MNEMOS_SIMPLE_SERIAL_CALL_GET_PORT,
};

/* What happened next. The arguments belong to the request and are there until its reply. */
struct simple_serial_message {
    enum simple_serial_event event;
    struct mn_request *request;
    struct mn_connection *client;
    void *context; /* of this client, see mn_client_set_context() */
    union {
        const void *any;
    } args;
};

/* Take what happened next. Waits for it. Errors: service_gone. */
MN_MUST_USE mn_err simple_serial_next_poll(struct mn_service *service, struct mn_cx *cx,
                                           struct simple_serial_message *message);
/* Answer a request; mn_request_fail() answers with an error. */
void simple_serial_reply_get_port(struct mn_request *request,
                                  const struct mnemos_simple_serial_get_port_reply *reply);
/* Connect, waiting until the service is there. See kernel/core/client.h. */
MN_MUST_USE mn_err simple_serial_connect_poll(struct mn_client *client, struct mn_cx *cx);
/* The same, but fail when it is not there. */
MN_MUST_USE mn_err simple_serial_try_connect_poll(struct mn_client *client, struct mn_cx *cx);
/* Have the line. It is given once. Errors: busy. */
MN_MUST_USE mn_err simple_serial_get_port_poll(struct mn_client *client, struct mn_cx *cx,
                                               struct mnemos_simple_serial_get_port_reply *reply);
#endif
