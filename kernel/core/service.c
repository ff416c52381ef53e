/* service.c — inbox, replies, the end of a service. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "port.h"
#include "registry_priv.h"
#include <mnemos/abi/error.h>

void mn_service_wake(struct mn_service *service)
{
    if (service->waiter) mn_task_wake(service->waiter);
}

/* ---- The inbox ---- */

void mn_inbox_put(struct mn_service *service, struct mn_request *request)
{
    request->next = NULL;
    *service->inbox_end = request;
    service->inbox_end = &request->next;
    mn_service_wake(service);
}

void mn_inbox_remove(struct mn_service *service, struct mn_request *request)
{
    struct mn_request **link = &service->inbox;
    while (*link != request) link = &(*link)->next;
    *link = request->next;
    if (!*link) service->inbox_end = link;
}

static void take_goodbye(struct mn_service *service, struct mn_service_event *event)
{
    struct mn_connection *client = service->connections;
    while (!client->goodbye) client = client->next;
    *event = (struct mn_service_event){
        .kind = MN_EVENT_GONE, .client = client, .context = client->context};
    service->goodbyes--;
    client->goodbye = false;
    mn_connection_settle(client);
}

static void take_request(struct mn_service *service, struct mn_service_event *event)
{
    struct mn_request *request = service->inbox;
    struct mn_connection *client = request->connection;
    mn_inbox_remove(service, request);
    *event =
        (struct mn_service_event){.request = request, .client = client, .context = client->context};
    if (request->state == REQUEST_ORPHAN) {
        request->in_inbox = false;
        event->kind = MN_EVENT_CANCELLED;
        return;
    }
    request->state = REQUEST_HELD;
    service->held++;
    event->kind = request->call == MN_CALL_HELLO ? MN_EVENT_HELLO : MN_EVENT_REQUEST;
}

mn_err mn_service_next_poll(struct mn_service *service, struct mn_cx *cx,
                            struct mn_service_event *event)
{
    if (service->state != MN_SERVICE_OPEN) return MNEMOS_ERR_SERVICE_GONE;
    service->waiter = cx->task;
    if (service->goodbyes)
        take_goodbye(service, event);
    else if (service->inbox)
        take_request(service, event);
    else
        return MN_PENDING;
    return MN_OK;
}

/* ---- Requests ---- */

uint16_t mn_request_call(const struct mn_request *request)
{
    return request->call;
}

const void *mn_request_args(const struct mn_request *request)
{
    return request->args;
}

bool mn_request_of_program(const struct mn_request *request)
{
    return request->connection->ops->program;
}

void mn_client_set_context(struct mn_connection *client, void *context)
{
    client->context = context;
}

mn_err mn_request_read(const struct mn_request *request, struct mnemos_span span, uint32_t at,
                       void *to, uint32_t len)
{
    if (request->state != REQUEST_HELD) return MNEMOS_ERR_GONE;
    if (at > span.len || len > span.len - at) return MNEMOS_ERR_BAD_ARGUMENT;
    return request->connection->ops->read(request, span, at, to, len);
}

mn_err mn_request_write(const struct mn_request *request, struct mnemos_span span, uint32_t at,
                        const void *from, uint32_t len)
{
    if (request->state != REQUEST_HELD) return MNEMOS_ERR_GONE;
    if (at > span.len || len > span.len - at) return MNEMOS_ERR_BAD_ARGUMENT;
    return request->connection->ops->write(request, span, at, from, len);
}

static void tell_client(struct mn_request *request, mn_err err, const void *reply)
{
    if (request->call == MN_CALL_HELLO)
        mn_connection_greeted(request->connection, err);
    else
        request->connection->ops->answered(request, err, reply);
}

static void finish_closing(struct mn_service *service)
{
    struct mn_service **link = &mn_registry.services;
    while (*link != service) link = &(*link)->next;
    *link = service->next;
    mn_registry.service_count--;
    for (struct mn_connection *client = service->connections; client; client = client->next)
        client->service = NULL;
    service->connections = NULL;
    service->state = MN_SERVICE_GONE;
    mn_service_wake(service);
    if (service->closer) mn_task_wake(service->closer);
}

/* The service lets go of a request that it holds. */
static void let_go(struct mn_request *request)
{
    struct mn_service *service = request->connection->service;
    mn_request_release(request);
    service->held--;
    if (service->state == MN_SERVICE_CLOSING && !service->held) finish_closing(service);
}

static void answer(struct mn_request *request, mn_err err, const void *reply)
{
    MN_ASSERT(request->state == REQUEST_HELD || request->state == REQUEST_ORPHAN);
    struct mn_service *service = request->connection->service;
    if (request->state == REQUEST_HELD) {
        service->served += request->call != MN_CALL_HELLO;
        tell_client(request, err, reply);
    } else {
        service->orphans++;
        mn_registry.orphans++;
        if (request->in_inbox) mn_inbox_remove(service, request);
    }
    let_go(request);
}

void mn_request_reply(struct mn_request *request, const void *reply)
{
    answer(request, MN_OK, reply);
}

void mn_request_fail(struct mn_request *request, mn_err err)
{
    MN_ASSERT(err < 0);
    answer(request, err, NULL);
}

/* ---- The end ---- */

/* Answer every request for the service. Those that it holds stay with it, for nobody. */
static void answer_all(const struct mn_service *service)
{
    for (uint16_t i = 0; i < mn_registry.settings.requests; i++) {
        struct mn_request *request = &mn_registry.requests[i];
        if (request->state == REQUEST_FREE || request->connection->service != service) continue;
        request->in_inbox = false;
        if (request->state == REQUEST_QUEUED) {
            tell_client(request, MNEMOS_ERR_SERVICE_GONE, NULL);
            mn_request_release(request);
        } else if (request->state == REQUEST_HELD) {
            tell_client(request, MNEMOS_ERR_SERVICE_GONE, NULL);
            request->state = REQUEST_ORPHAN;
        }
    }
}

void mn_service_close(struct mn_service *service)
{
    if (service->state != MN_SERVICE_OPEN) return;
    service->state = MN_SERVICE_CLOSING;
    service->goodbyes = 0;
    answer_all(service);
    service->inbox = NULL;
    service->inbox_end = &service->inbox;
    for (struct mn_connection *client = service->connections, *next; client; client = next) {
        next = client->next;
        mn_connection_lose(client);
    }
    mn_service_wake(service);
    if (!service->held) finish_closing(service);
}

mn_err mn_service_gone_poll(struct mn_service *service, struct mn_cx *cx)
{
    service->closer = cx->task;
    return service->state == MN_SERVICE_GONE ? MN_OK : MN_PENDING;
}

void mn_service_drop(struct mn_service *service)
{
    mn_service_close(service);
    for (uint16_t i = 0; i < mn_registry.settings.requests && service->state == MN_SERVICE_CLOSING;
         i++) {
        struct mn_request *request = &mn_registry.requests[i];
        if (request->state == REQUEST_ORPHAN && request->connection->service == service)
            let_go(request);
    }
}

/* ---- A service with a task of its own ---- */

static mn_err serve_poll(struct mn_task *task, struct mn_cx *cx)
{
    struct mn_service *service = MN_CONTAINER_OF(task, struct mn_service, task);
    mn_err err = service->poll(task, cx);
    if (err != MN_PENDING) mn_service_drop(service);
    return err;
}

static void serving_cancelled(struct mn_task *task)
{
    mn_service_drop(MN_CONTAINER_OF(task, struct mn_service, task));
}

mn_err mn_service_start(struct mn_service *service, const struct mn_service_type *type,
                        struct mn_service_terms terms, mn_task_poll poll)
{
    mn_err err = mn_service_register(service, type, terms);
    if (err) return err;
    service->poll = poll;
    mn_task_start(&service->task, type->name, serve_poll);
    mn_task_on_cancel(&service->task, serving_cancelled);
    return MN_OK;
}
