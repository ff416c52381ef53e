/* client.h — kernel tasks as clients of services.
 *
 * Connect, call and wait, one call after another: the generated
 * <service>_connect_poll() and <service>_<call>_poll() are these with types. Who
 * wants several calls under way sends each with an answer of its own and takes
 * the answers from a queue in the order in which they come. Every wait can be
 * abandoned with mn_client_cancel(). */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MN_CORE_CLIENT_H
#define MN_CORE_CLIENT_H
#include "registry.h"
#include "task.h"

struct mn_connection;
struct mn_replies;

/* Where a reply goes. Zeroed: no call is under way. Used again and again. */
struct mn_answer {
    struct mn_answer *next; /* private, except where said */
    struct mn_request *request;
    struct mn_replies *replies; /* NULL: one task waits for this one */
    struct mn_task *waiter;
    void *reply; /* where the reply's struct is put; to look at */
    void *lent[MN_CALL_SPANS];
    uint32_t nonce; /* the sender's own; to look at */
    mn_err err;     /* to look at, once answered */
    bool done;
};

/* Answers in the order in which they came. Never full: they are the senders'. Zeroed: empty. */
struct mn_replies {
    struct mn_answer *head, *tail;
    struct mn_task *waiter;
};

enum mn_client_state {
    MN_CLIENT_CLOSED,
    MN_CLIENT_CONNECTING,
    MN_CLIENT_CONNECTED,
    MN_CLIENT_OPEN,
    MN_CLIENT_GONE
};

/* Zeroed: closed. */
struct mn_client {
    struct mn_connection *connection;
    struct mn_task *waiter;
    struct mn_answer answer; /* of the call under way by mn_client_call_poll() */
    const struct mn_service
        *by;       /* the service on whose behalf, which must have declared this use; NULL: none */
    uint8_t slots; /* calls under way at once; 0 is 1. Both are to be set before connecting */
    uint8_t state; /* enum mn_client_state */
    mn_err err;
};

/* A run of the caller's memory that goes with a call, or where the service writes. */
struct mn_loan {
    void *data;
    uint32_t len;
};

/* Connect to a service, whose type must be exactly this one.
 * Owner    the registry keeps `client` until it is closed; `hello` is copied.
 * Waits    until the service is there and accepts
 * Errors   shape_differs, service_too_old, full, service_gone, or why the service refuses */
MN_MUST_USE mn_err mn_client_connect_poll(struct mn_client *client, struct mn_cx *cx,
                                          const struct mn_service_type *type, const void *hello);

/* The same, but it must be there. Errors also: no_service. */
MN_MUST_USE mn_err mn_client_try_connect_poll(struct mn_client *client, struct mn_cx *cx,
                                              const struct mn_service_type *type,
                                              const void *hello);

/* Make a call and wait for its reply. `loans` are as many as the call has spans.
 * Owner    the service reads and writes the loans, and `reply` is written, until this answers or is
 *          cancelled.
 * Waits    for the service
 * Errors   service_gone  and the client is closed; it may connect again
 *          busy          a cancelled call still has its slot
 *          bad_handle    not connected */
MN_MUST_USE mn_err mn_client_call_poll(struct mn_client *client, struct mn_cx *cx, uint16_t call,
                                       const void *args, const struct mn_loan *loans, void *reply);

/* Make a call whose answer comes through `replies`. Does not wait.
 * Owner    `answer` is the registry's until it came back through `replies`, or was cancelled.
 * Errors   as above */
MN_MUST_USE mn_err mn_client_send(struct mn_client *client, uint16_t call, const void *args,
                                  const struct mn_loan *loans, void *reply,
                                  struct mn_answer *answer, struct mn_replies *replies);

/* Take the next answer. Waits for one. */
MN_MUST_USE mn_err mn_replies_next_poll(struct mn_replies *replies, struct mn_cx *cx,
                                        struct mn_answer **out);

/* Wait until the service is gone, and close. Errors: bad_handle, not connected. */
MN_MUST_USE mn_err mn_client_gone_poll(struct mn_client *client, struct mn_cx *cx);

/* Abandon the wait under way, if there is one. A client that was connecting is closed. */
void mn_client_cancel(struct mn_client *client);
void mn_answer_cancel(struct mn_answer *answer);

/* Give the connection back. A call under way is abandoned; what was sent comes back through its
 * queue with the error `cancelled`. Closed already: nothing. */
void mn_client_close(struct mn_client *client);
#endif
