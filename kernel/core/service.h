/* service.h — the side that answers.
 *
 * A service registers, then takes one event after another and replies to each
 * request: at once or later, in any order. Requests wait in an inbox that has
 * room for all of them. A client may lose interest or die at any time; the reply
 * then goes nowhere and is counted. The functions that a schema's service uses
 * are generated on top of these, with types. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MN_CORE_SERVICE_H
#define MN_CORE_SERVICE_H
#include "registry.h"
#include "task.h"

struct mn_connection;
struct mn_request;

/* On what terms it can be had. */
struct mn_service_terms {
    bool for_programs;    /* otherwise it is for kernel tasks and looks like none to programs */
    uint16_t max_clients; /* 0: as many as the registry has room for */
    const struct mn_service_type *const *uses; /* what it waits for, NULL at the end; or NULL */
};

enum mn_service_state {
    MN_SERVICE_GONE, /* not registered: its memory is its owner's */
    MN_SERVICE_OPEN,
    MN_SERVICE_CLOSING, /* nobody reaches it any more; it still holds requests */
};

struct mn_service {
    struct mn_service *next; /* all of this is private to the core, except where said */
    const struct mn_service_type *type;
    struct mn_service_terms terms;
    uint8_t state; /* enum mn_service_state; to look at */
    bool mark;
    uint16_t clients, held, goodbyes;
    struct mn_request *inbox, **inbox_end;
    struct mn_connection *connections;
    struct mn_task task; /* of a service that was started */
    mn_task_poll poll;
    struct mn_task *waiter, *closer; /* the task that serves; the one that waits for the end */
    uint32_t served;  /* replies that reached a client; to look at */
    uint32_t orphans; /* and that did not */
};

enum mn_service_event_kind {
    MN_EVENT_REQUEST,
    MN_EVENT_HELLO, /* a client wants to connect: reply to accept, fail to refuse */
    MN_EVENT_CANCELLED, /* nobody waits any more for this request that it holds: reply */
    MN_EVENT_GONE, /* a client is gone: forget what was kept for it */
};

struct mn_service_event {
    enum mn_service_event_kind kind;
    struct mn_request *request;   /* not with GONE */
    struct mn_connection *client; /* with GONE no more than a name */
    void *context;                /* what the service gave to mn_client_set_context(), else NULL */
};

/* Make a service known. Clients that wait for it are woken.
 * One whose type has no codec cannot be for programs: that stops the kernel.
 * Owner    the registry keeps `service`, `type` and what `terms` points to until the service is
 *          gone.
 * Errors   service_exists  the UUID is taken, perhaps by one that is still closing
 *          registry_full
 *          service_cycle   it would wait for a service that waits for it */
MN_MUST_USE mn_err mn_service_register(struct mn_service *service,
                                       const struct mn_service_type *type,
                                       struct mn_service_terms terms);

/* Register and serve: `poll` is a task of the service's own, named after it. When that task ends
 * or is cancelled, the service ends too, as by mn_service_drop(). In `poll`, the service is found by
 * MN_CONTAINER_OF(task, struct its_own, service.task). */
MN_MUST_USE mn_err mn_service_start(struct mn_service *service, const struct mn_service_type *type,
                                    struct mn_service_terms terms, mn_task_poll poll);

/* Take what happened next. Several tasks may not wait at the same time.
 * Owner    the service has the request until it replies.
 * Waits    for an event
 * Errors   service_gone  not open (any more) */
MN_MUST_USE mn_err mn_service_next_poll(struct mn_service *service, struct mn_cx *cx,
                                        struct mn_service_event *event);

/* Answer a request. `reply` is the struct of its call; it is copied or encoded at once. Not held,
 * or answered already: stops the kernel. */
void mn_request_reply(struct mn_request *request, const void *reply);

/* Answer with an error. */
void mn_request_fail(struct mn_request *request, mn_err err);

/* Which call, and its arguments, until the reply. */
uint16_t mn_request_call(const struct mn_request *request);
const void *mn_request_args(const struct mn_request *request);
bool mn_request_of_program(const struct mn_request *request);

/* Copy between kernel memory and a span among the arguments. The client's memory may change between
 * two tasks' polls, so what was validated there must have been copied before.
 * Errors   gone          nobody waits for this request any more
 *          bad_argument  outside the span */
MN_MUST_USE mn_err mn_request_read(const struct mn_request *request, struct mnemos_span span,
                                   uint32_t at, void *to, uint32_t len);
MN_MUST_USE mn_err mn_request_write(const struct mn_request *request, struct mnemos_span span,
                                    uint32_t at, const void *from, uint32_t len);

/* Something of the service's own to come back with each event of this client. */
void mn_client_set_context(struct mn_connection *client, void *context);

/* Stop serving. Requests in the inbox and requests held are answered service_gone now, clients are
 * told, nobody finds the service any more. It is gone when it has replied (to nobody) to the last
 * request it holds. */
void mn_service_close(struct mn_service *service);

/* Wait until it is gone, in one task. Afterwards it, or another of its UUID, may register. */
MN_MUST_USE mn_err mn_service_gone_poll(struct mn_service *service, struct mn_cx *cx);

/* It is no more: the same at once, because whoever held its requests never touches them again. */
void mn_service_drop(struct mn_service *service);
#endif
