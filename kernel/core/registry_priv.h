/* registry_priv.h — connections and requests, between registry.c, service.c and connection.c. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MN_CORE_REGISTRY_PRIV_H
#define MN_CORE_REGISTRY_PRIV_H
#include "connection.h"
#include "service.h"

enum connection_state {
    CONNECTION_FREE,
    CONNECTION_WAITING,  /* for its service to appear */
    CONNECTION_GREETING, /* the service has its hello */
    CONNECTION_OPEN,
    CONNECTION_LEFT, /* the client is gone; the service may not know yet, or hold requests */
    CONNECTION_DEAD, /* the service is gone; the client has not closed yet */
};

struct mn_connection {
    struct mn_connection *next; /* of its service, of those that wait, or free */
    struct mn_service *service;
    const struct mn_client_ops *ops;
    void *owner, *context;
    struct mn_request *greeting; /* holds the hello until the service is there */
    uint8_t state, slots, used;  /* slots reserved, and taken by requests */
    bool goodbye;                /* the service is still to be told that the client is gone */
    bool equal;
    uint16_t calls, hello_len;
    uint32_t shape;
    struct mn_uuid uuid;
};

enum request_state {
    REQUEST_FREE,
    REQUEST_TAKEN,  /* the client fills it */
    REQUEST_QUEUED, /* in the inbox */
    REQUEST_HELD,   /* by the service */
    REQUEST_ORPHAN, /* held by the service for nobody */
};

struct mn_request {
    struct mn_request *next; /* in an inbox, or free */
    struct mn_connection *connection;
    void *owner;
    uint16_t call;
    uint8_t state;
    bool in_inbox; /* an orphan: as the news that it was cancelled */
    uint64_t args[MN_REQUEST_ARGS_MAX / 8];
};

struct registry {
    struct mn_registry_settings settings;
    struct mn_service *services; /* in the order of their registration, closing ones too */
    struct mn_connection *connections, *free_connections, *waiting;
    struct mn_request *requests, *free_requests, **free_requests_end;
    uint16_t service_count, connection_count, request_count, reserved;
    uint32_t orphans;
};

extern struct registry mn_registry;

bool mn_uuid_equal(const struct mn_uuid *a, const struct mn_uuid *b);

/* The open service of this UUID that this kind of client may see, or NULL. */
struct mn_service *mn_registry_lookup(const struct mn_uuid *uuid, bool program);

/* A service has come: connect those that wait for it. */
void mn_connections_welcome(struct mn_service *service);

/* Forget a connection once neither side nor a request needs it. */
void mn_connection_settle(struct mn_connection *connection);

/* The service said yes or no to a client. */
void mn_connection_greeted(struct mn_connection *connection, mn_err err);

/* The service of this connection closes. */
void mn_connection_lose(struct mn_connection *connection);

void mn_request_release(struct mn_request *request);
void mn_inbox_put(struct mn_service *service, struct mn_request *request);
void mn_inbox_remove(struct mn_service *service, struct mn_request *request);
void mn_service_wake(struct mn_service *service);
#endif
