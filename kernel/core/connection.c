/* connection.c — connections and requests, as their clients use them. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "port.h"
#include "registry_priv.h"
#include <mnemos/abi/error.h>

/* ---- Requests ---- */

/* There is one: the connection has reserved it. A free one is used as late as possible, so that a
 * reply to one that was answered already is noticed. */
static struct mn_request *take(struct mn_connection *connection, uint16_t call, void *owner)
{
    struct mn_request *request = mn_registry.free_requests;
    mn_registry.free_requests = request->next;
    if (!request->next) mn_registry.free_requests_end = &mn_registry.free_requests;
    *request = (struct mn_request){
        .connection = connection, .owner = owner, .call = call, .state = REQUEST_TAKEN};
    connection->used++;
    mn_registry.request_count++;
    return request;
}

void mn_request_release(struct mn_request *request)
{
    struct mn_connection *connection = request->connection;
    request->state = REQUEST_FREE;
    request->next = NULL;
    *mn_registry.free_requests_end = request;
    mn_registry.free_requests_end = &request->next;
    mn_registry.request_count--;
    connection->used--;
    mn_connection_settle(connection);
}

mn_err mn_request_take(struct mn_connection *connection, uint16_t call, void *owner,
                       struct mn_request **out)
{
    if (connection->state != CONNECTION_OPEN) return MNEMOS_ERR_SERVICE_GONE;
    const struct mn_service_type *type = connection->service->type;
    if (call >= type->calls || (connection->ops->program && type->call[call].kernel_only))
        return MNEMOS_ERR_BAD_ARGUMENT;
    if (connection->used == connection->slots) return MNEMOS_ERR_BUSY;
    *out = take(connection, call, owner);
    return MN_OK;
}

void *mn_request_put_args(struct mn_request *request)
{
    return request->args;
}

void *mn_request_owner(const struct mn_request *request)
{
    return request->owner;
}

struct mn_connection *mn_request_connection(const struct mn_request *request)
{
    return request->connection;
}

void mn_request_submit(struct mn_request *request)
{
    request->state = REQUEST_QUEUED;
    mn_inbox_put(request->connection->service, request);
}

void mn_request_cancel(struct mn_request *request)
{
    struct mn_service *service = request->connection->service;
    if (request->state == REQUEST_HELD) {
        request->state = REQUEST_ORPHAN;
        request->owner = NULL;
        request->in_inbox = service->type->told_cancelled;
        if (request->in_inbox) mn_inbox_put(service, request);
        return;
    }
    if (request->state == REQUEST_QUEUED) mn_inbox_remove(service, request);
    mn_request_release(request);
}

/* ---- Connections ---- */

static void unlink_from(struct mn_connection **list, const struct mn_connection *connection)
{
    while (*list != connection) list = &(*list)->next;
    *list = connection->next;
}

void mn_connection_settle(struct mn_connection *connection)
{
    if (connection->state != CONNECTION_LEFT || connection->goodbye || connection->used) return;
    if (connection->service) {
        unlink_from(&connection->service->connections, connection);
        connection->service->clients--;
    }
    mn_registry.reserved = (uint16_t)(mn_registry.reserved - connection->slots);
    mn_registry.connection_count--;
    connection->state = CONNECTION_FREE;
    connection->next = mn_registry.free_connections;
    mn_registry.free_connections = connection;
}

/* Nobody is at the client's end any more. */
static void leave(struct mn_connection *connection)
{
    connection->state = CONNECTION_LEFT;
    mn_connection_settle(connection);
}

static mn_err check_shape(const struct mn_connection *wish, const struct mn_service_type *type)
{
    mn_err err = mn_service_type_fits(type, wish->calls, wish->shape);
    return !err && wish->equal && wish->calls != type->calls ? MNEMOS_ERR_SHAPE_DIFFERS : err;
}

/* What a program said becomes the service's struct, in place. */
static mn_err decode_hello(struct mn_connection *connection, const struct mn_service_type *type)
{
    uint8_t encoded[MN_REQUEST_ARGS_MAX];
    void *args = connection->greeting->args;
    if (!connection->ops->program)
        return connection->hello_len == type->hello_size ? MN_OK : MNEMOS_ERR_MALFORMED;
    if (!type->hello_size) return connection->hello_len ? MNEMOS_ERR_MALFORMED : MN_OK;
    __builtin_memcpy(encoded, args, sizeof encoded);
    __builtin_memset(args, 0, sizeof encoded);
    struct mnemos_reader reader = {encoded, encoded + connection->hello_len};
    return type->get && type->get(MN_CALL_HELLO, &reader, args) && reader.at == reader.end
               ? MN_OK
               : MNEMOS_ERR_MALFORMED;
}

/* The service is there: is it the right one, and will it have this client? */
static mn_err attach(struct mn_connection *connection, struct mn_service *service)
{
    mn_err err = check_shape(connection, service->type);
    if (!err) err = decode_hello(connection, service->type);
    if (!err && service->terms.max_clients && service->clients == service->terms.max_clients)
        err = MNEMOS_ERR_FULL;
    if (err) return err;
    struct mn_request *greeting = connection->greeting;
    connection->greeting = NULL;
    connection->service = service;
    connection->next = service->connections;
    service->connections = connection;
    service->clients++;
    if (service->type->greets) {
        connection->state = CONNECTION_GREETING;
        mn_request_submit(greeting);
        return MN_PENDING;
    }
    connection->state = CONNECTION_OPEN;
    mn_request_release(greeting);
    return MN_OK;
}

/* It never came to anything. */
static void discard(struct mn_connection *connection)
{
    connection->state = CONNECTION_LEFT;
    mn_request_release(connection->greeting);
}

/* Places that programs leave to the kernel's own clients. */
static uint16_t kept_from(bool program, uint16_t places)
{
    return program ? places / MN_REGISTRY_KEPT : 0;
}

static mn_err reserve(const struct mn_wish *wish, bool program, struct mn_connection **out)
{
    struct registry *registry = &mn_registry;
    uint16_t connections = registry->settings.connections, requests = registry->settings.requests;
    MN_ASSERT(wish->slots);
    if (wish->hello_len > MN_REQUEST_ARGS_MAX) return MNEMOS_ERR_MALFORMED;
    if (registry->connection_count + 1u + kept_from(program, connections) > connections ||
        registry->reserved + wish->slots + kept_from(program, requests) > requests)
        return MNEMOS_ERR_FULL;
    *out = registry->free_connections;
    registry->free_connections = (*out)->next;
    registry->connection_count++;
    registry->reserved = (uint16_t)(registry->reserved + wish->slots);
    return MN_OK;
}

static void wait_for_service(struct mn_connection *connection)
{
    struct mn_connection **end = &mn_registry.waiting;
    while (*end) end = &(*end)->next;
    *end = connection;
    connection->next = NULL;
    connection->state = CONNECTION_WAITING;
}

mn_err mn_connection_open(const struct mn_wish *wish, const struct mn_client_ops *ops, void *owner,
                          struct mn_connection **out)
{
    struct mn_connection *connection;
    struct mn_service *service = mn_registry_lookup(&wish->uuid, ops->program);
    if (!service && !wish->wait) return MNEMOS_ERR_NO_SERVICE;
    mn_err err = reserve(wish, ops->program, &connection);
    if (err) return err;
    *connection = (struct mn_connection){
        .ops = ops,
        .owner = owner,
        .slots = wish->slots,
        .equal = wish->equal,
        .calls = wish->calls,
        .hello_len = wish->hello_len,
        .shape = wish->shape,
        .uuid = wish->uuid,
    };
    connection->greeting = take(connection, MN_CALL_HELLO, NULL);
    if (wish->hello_len) __builtin_memcpy(connection->greeting->args, wish->hello, wish->hello_len);
    *out = connection;
    if (!service) {
        wait_for_service(connection);
        return MN_PENDING;
    }
    err = attach(connection, service);
    if (err < 0) discard(connection);
    return err;
}

void mn_connections_welcome(struct mn_service *service)
{
    struct mn_connection **link = &mn_registry.waiting;
    while (*link) {
        struct mn_connection *connection = *link;
        bool visible = service->terms.for_programs || !connection->ops->program;
        if (!visible || !mn_uuid_equal(&connection->uuid, &service->type->uuid)) {
            link = &connection->next;
            continue;
        }
        *link = connection->next;
        mn_err err = attach(connection, service);
        if (err == MN_PENDING) continue;
        connection->ops->connected(connection, err);
        if (err) discard(connection);
    }
}

void mn_connection_greeted(struct mn_connection *connection, mn_err err)
{
    connection->state = err ? CONNECTION_LEFT : CONNECTION_OPEN;
    connection->ops->connected(connection, err);
}

/* Of its requests, those that the service has not seen go, and those it holds become nobody's. */
static void cancel_all(const struct mn_connection *connection)
{
    for (uint16_t i = 0; i < mn_registry.settings.requests; i++) {
        struct mn_request *request = &mn_registry.requests[i];
        if (request->state == REQUEST_FREE || request->state == REQUEST_ORPHAN ||
            request->connection != connection)
            continue;
        if (request->call != MN_CALL_HELLO && request->state != REQUEST_TAKEN)
            connection->ops->answered(request, MNEMOS_ERR_CANCELLED, NULL);
        mn_request_cancel(request);
    }
}

void mn_connection_close(struct mn_connection *connection)
{
    bool known = connection->state == CONNECTION_OPEN;
    if (connection->state == CONNECTION_WAITING) {
        unlink_from(&mn_registry.waiting, connection);
        discard(connection);
        return;
    }
    if (connection->state != CONNECTION_DEAD) cancel_all(connection);
    if (known && connection->service->type->told_gone) {
        connection->goodbye = true;
        connection->service->goodbyes++;
        mn_service_wake(connection->service);
    }
    leave(connection);
}

void mn_connection_lose(struct mn_connection *connection)
{
    connection->goodbye = false;
    if (connection->state == CONNECTION_OPEN) {
        connection->state = CONNECTION_DEAD;
        connection->ops->gone(connection);
        return;
    }
    mn_connection_settle(connection);
}

void *mn_connection_owner(const struct mn_connection *connection)
{
    return connection->owner;
}

const struct mn_service_type *mn_connection_type(const struct mn_connection *connection)
{
    return connection->state == CONNECTION_OPEN ? connection->service->type : NULL;
}
