/* serial_mux_service.h — the serial mux: virtual ports over one line. Inbox, replies and kernel
 * clients. Generated from abi/schema/serial_mux.toml by tools/abigen: edit that file, not this one.
 */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef KERNEL_SERVICES_GEN_SERIAL_MUX_SERVICE_H
#define KERNEL_SERVICES_GEN_SERIAL_MUX_SERVICE_H
#include "kernel/core/client.h"
#include "kernel/core/service.h"
#include <mnemos/abi/serial_mux.h>

struct mn_mux_messages;
struct mn_mux_port;
struct mn_task;

/* Arguments of `open`. */
struct mnemos_serial_mux_open_args {
    uint16_t number;
    bool bulk; /* comes after what a person waits for */
    /* as the host shows it; at most 24 bytes */
    struct {
        uint32_t len;
        uint8_t data[24];
    } name;
    uint32_t rx_len; /* bytes from the host that it holds; 0: output only */
    uint32_t tx_len; /* bytes to the host that it holds */
    struct mn_task *task; /* woken when bytes, room or end of file appear */
};

/* Reply of `open`. */
struct mnemos_serial_mux_open_reply {
    struct mn_mux_port *port; /* for the functions of kernel/services/mux.h */
};

/* Arguments of `close`. */
struct mnemos_serial_mux_close_args {
    struct mn_mux_port *port; /* from open */
};

/* Arguments of `attach`. */
struct mnemos_serial_mux_attach_args {
    struct mn_mux_messages *messages; /* the client's, filled in as kernel/services/mux.h says */
};

extern const struct mn_service_type serial_mux_type;

enum serial_mux_event {
    SERIAL_MUX_OPEN = MNEMOS_SERIAL_MUX_CALL_OPEN,
    SERIAL_MUX_CLOSE = MNEMOS_SERIAL_MUX_CALL_CLOSE,
    SERIAL_MUX_LIST = MNEMOS_SERIAL_MUX_CALL_LIST,
    SERIAL_MUX_ATTACH = MNEMOS_SERIAL_MUX_CALL_ATTACH,
    SERIAL_MUX_GONE, /* a client is gone: forget what was kept for it */
};

/* What happened next. The arguments belong to the request and are there until its reply. */
struct serial_mux_message {
    enum serial_mux_event event;
    struct mn_request *request;
    struct mn_connection *client;
    void *context; /* of this client, see mn_client_set_context() */
    union {
        const void *any;
        const struct mnemos_serial_mux_open_args *open;
        const struct mnemos_serial_mux_close_args *close;
        const struct mnemos_serial_mux_list_args *list;
        const struct mnemos_serial_mux_attach_args *attach;
    } args;
};

/* Take what happened next. Waits for it. Errors: service_gone. */
MN_MUST_USE mn_err serial_mux_next_poll(struct mn_service *service, struct mn_cx *cx,
                                        struct serial_mux_message *message);
/* Answer a request; mn_request_fail() answers with an error. */
void serial_mux_reply_open(struct mn_request *request,
                           const struct mnemos_serial_mux_open_reply *reply);
void serial_mux_reply_close(struct mn_request *request);
void serial_mux_reply_list(struct mn_request *request,
                           const struct mnemos_serial_mux_list_reply *reply);
void serial_mux_reply_attach(struct mn_request *request);
/* Connect, waiting until the service is there. See kernel/core/client.h. */
MN_MUST_USE mn_err serial_mux_connect_poll(struct mn_client *client, struct mn_cx *cx);
/* The same, but fail when it is not there. */
MN_MUST_USE mn_err serial_mux_try_connect_poll(struct mn_client *client, struct mn_cx *cx);
/* Open a port. It is closed when the client closes it or is gone. Errors: busy, no_memory. */
MN_MUST_USE mn_err serial_mux_open_poll(struct mn_client *client, struct mn_cx *cx,
                                        const struct mnemos_serial_mux_open_args *args,
                                        struct mnemos_serial_mux_open_reply *reply);
/* Give a port back. What was written is still sent. Errors: bad_handle. */
MN_MUST_USE mn_err serial_mux_close_poll(struct mn_client *client, struct mn_cx *cx,
                                         const struct mnemos_serial_mux_close_args *args);
/* The open ports, those of programs too, in order of their numbers. */
MN_MUST_USE mn_err serial_mux_list_poll(struct mn_client *client, struct mn_cx *cx,
                                        const struct mnemos_serial_mux_list_args *args,
                                        struct mnemos_serial_mux_list_reply *reply);
/* Take a port of whole messages. It is taken away when the client is gone. Errors: busy, no_memory.
 */
MN_MUST_USE mn_err serial_mux_attach_poll(struct mn_client *client, struct mn_cx *cx,
                                          const struct mnemos_serial_mux_attach_args *args);
#endif
