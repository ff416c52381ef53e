/* programs_service.h — the loader as a service: which programs there are, and starting and ending
 * them. Inbox, replies and kernel clients. Generated from abi/schema/programs.toml by tools/abigen:
 * edit that file, not this one. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef KERNEL_SERVICES_GEN_PROGRAMS_SERVICE_H
#define KERNEL_SERVICES_GEN_PROGRAMS_SERVICE_H
#include "kernel/core/client.h"
#include "kernel/core/service.h"
#include <mnemos/abi/programs.h>

/* Arguments of `list`. */
struct mnemos_programs_list_args {
    uint8_t first; /* from this slot on */
};

/* Reply of `list`. */
struct mnemos_programs_list_reply {
    /* empty: there are no more */
    struct {
        uint32_t len;
        struct mnemos_programs_entry items[4];
    } programs;
};

/* Arguments of `start`. */
struct mnemos_programs_start_args {
    uint32_t handle;
    struct mnemos_span args; /* each ends with a zero byte; at most 256 bytes */
};

/* Reply of `start`. */
struct mnemos_programs_start_reply {
    uint32_t handle; /* of this life */
    uint16_t port_base;
};

/* Arguments of `stop`. */
struct mnemos_programs_stop_args {
    uint32_t handle;
    bool kill; /* ends as `killed` instead of `stopped` */
};

/* Arguments of `unload`. */
struct mnemos_programs_unload_args {
    uint32_t handle;
};

extern const struct mn_service_type programs_type;

enum programs_event {
    PROGRAMS_LIST = MNEMOS_PROGRAMS_CALL_LIST,
    PROGRAMS_START = MNEMOS_PROGRAMS_CALL_START,
    PROGRAMS_STOP = MNEMOS_PROGRAMS_CALL_STOP,
    PROGRAMS_UNLOAD = MNEMOS_PROGRAMS_CALL_UNLOAD,
};

/* What happened next. The arguments belong to the request and are there until its reply. */
struct programs_message {
    enum programs_event event;
    struct mn_request *request;
    struct mn_connection *client;
    void *context; /* of this client, see mn_client_set_context() */
    union {
        const void *any;
        const struct mnemos_programs_list_args *list;
        const struct mnemos_programs_start_args *start;
        const struct mnemos_programs_stop_args *stop;
        const struct mnemos_programs_unload_args *unload;
    } args;
};

/* Take what happened next. Waits for it. Errors: service_gone. */
MN_MUST_USE mn_err programs_next_poll(struct mn_service *service, struct mn_cx *cx,
                                      struct programs_message *message);
/* Answer a request; mn_request_fail() answers with an error. */
void programs_reply_list(struct mn_request *request,
                         const struct mnemos_programs_list_reply *reply);
void programs_reply_start(struct mn_request *request,
                          const struct mnemos_programs_start_reply *reply);
void programs_reply_stop(struct mn_request *request);
void programs_reply_unload(struct mn_request *request);
/* Connect, waiting until the service is there. See kernel/core/client.h. */
MN_MUST_USE mn_err programs_connect_poll(struct mn_client *client, struct mn_cx *cx);
/* The same, but fail when it is not there. */
MN_MUST_USE mn_err programs_try_connect_poll(struct mn_client *client, struct mn_cx *cx);
/* The programs in the order of their slots. */
MN_MUST_USE mn_err programs_list_poll(struct mn_client *client, struct mn_cx *cx,
                                      const struct mnemos_programs_list_args *args,
                                      struct mnemos_programs_list_reply *reply);
/* Start one that is loaded or has ended. Loans: args. Errors: no_program, not_ready, too_big,
 * bad_argument. */
MN_MUST_USE mn_err programs_start_poll(struct mn_client *client, struct mn_cx *cx,
                                       const struct mnemos_programs_start_args *args,
                                       const struct mn_loan *loans,
                                       struct mnemos_programs_start_reply *reply);
/* End it and keep it loaded. Errors: no_program, not_ready. */
MN_MUST_USE mn_err programs_stop_poll(struct mn_client *client, struct mn_cx *cx,
                                      const struct mnemos_programs_stop_args *args);
/* End it if it runs and give its memory back; one whose upload is being checked is not ready for
 * it. Errors: no_program, not_ready. */
MN_MUST_USE mn_err programs_unload_poll(struct mn_client *client, struct mn_cx *cx,
                                        const struct mnemos_programs_unload_args *args);
#endif
