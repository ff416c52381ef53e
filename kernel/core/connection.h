/* connection.h — the client's end of a service, for whoever offers it to clients.
 *
 * client.h gives it to kernel tasks, kernel/user to programs. A connection knows
 * its client only by a few functions, which are called from tasks and, but for
 * what mn_connection_close() says, never from inside the functions below. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MN_CORE_CONNECTION_H
#define MN_CORE_CONNECTION_H
#include "registry.h"

struct mn_connection;
struct mn_request;

struct mn_client_ops {
    bool program;
    /* After mn_connection_open() answered MN_PENDING: it is open, or there is none (then it is
     * freed on return). */
    void (*connected)(struct mn_connection *connection, mn_err err);
    /* A request is answered; it is freed on return. `reply` is the call's struct, NULL with an
     * error. */
    void (*answered)(struct mn_request *request, mn_err err, const void *reply);
    /* The service has gone: every further request fails, the connection is to be closed. */
    void (*gone)(struct mn_connection *connection);
    mn_err (*read)(const struct mn_request *request, struct mnemos_span span, uint32_t at, void *to,
                   uint32_t len);
    mn_err (*write)(const struct mn_request *request, struct mnemos_span span, uint32_t at,
                    const void *from, uint32_t len);
};

/* What a client wants. */
struct mn_wish {
    struct mn_uuid uuid;
    uint16_t calls;    /* it knows so many calls of the service ... */
    uint32_t shape;    /* ... and they look like this */
    bool equal;        /* the service may not know more */
    bool wait;         /* until the service is there */
    uint8_t slots;     /* requests under way at once, at least 1 */
    const void *hello; /* the struct, or encoded bytes from a program */
    uint16_t hello_len;
};

/* Connect. MN_PENDING: ops->connected will be called.
 * Errors   no_service, service_too_old, shape_differs, malformed (hello)
 *          full  the registry, or the service, takes no more clients */
MN_MUST_USE mn_err mn_connection_open(const struct mn_wish *wish, const struct mn_client_ops *ops,
                                      void *owner, struct mn_connection **out);

/* Give up in whatever state. Requests under way are answered `cancelled` before this returns;
 * nothing else of `ops` is called any more. */
void mn_connection_close(struct mn_connection *connection);

void *mn_connection_owner(const struct mn_connection *connection);

/* What the service is, NULL when it is gone. */
const struct mn_service_type *mn_connection_type(const struct mn_connection *connection);

/* Take a request's place. Its arguments, all bytes zero, are written through mn_request_put_args()
 * before it is submitted.
 * Errors   service_gone
 *          bad_argument  the service has no such call, for this kind of client
 *          busy          all slots are in use; one that was given up stays in use until the
 *                        service lets go of it
 */
MN_MUST_USE mn_err mn_request_take(struct mn_connection *connection, uint16_t call, void *owner,
                                   struct mn_request **out);
void *mn_request_put_args(struct mn_request *request);
void *mn_request_owner(const struct mn_request *request);
struct mn_connection *mn_request_connection(const struct mn_request *request);

/* Put it into the service's inbox; ops->answered will be called. */
void mn_request_submit(struct mn_request *request);

/* Give it up: ops->answered will not be called. Also for one that was taken and not submitted. */
void mn_request_cancel(struct mn_request *request);
#endif
