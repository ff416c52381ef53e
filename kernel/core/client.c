/* client.c — kernel tasks as clients of services. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "client.h"
#include "connection.h"
#include "port.h"
#include "service.h"
#include <mnemos/abi/error.h>

static void wake(struct mn_task *task)
{
    if (task) mn_task_wake(task);
}

/* ---- What the registry tells a client ---- */

static void connected(struct mn_connection *connection, mn_err err)
{
    struct mn_client *client = mn_connection_owner(connection);
    client->err = err;
    client->state = MN_CLIENT_CONNECTED;
    if (err) client->connection = NULL;
    wake(client->waiter);
}

static void push(struct mn_replies *replies, struct mn_answer *answer)
{
    answer->next = NULL;
    if (replies->head)
        replies->tail->next = answer;
    else
        replies->head = answer;
    replies->tail = answer;
    wake(replies->waiter);
}

static void answered(struct mn_request *request, mn_err err, const void *reply)
{
    struct mn_answer *answer = mn_request_owner(request);
    const struct mn_service_type *type = mn_connection_type(mn_request_connection(request));
    answer->err = err;
    answer->done = true;
    answer->request = NULL;
    if (!err && type->call[mn_request_call(request)].reply_size)
        __builtin_memcpy(answer->reply, reply, type->call[mn_request_call(request)].reply_size);
    if (answer->replies)
        push(answer->replies, answer);
    else
        wake(answer->waiter);
}

static void gone(struct mn_connection *connection)
{
    struct mn_client *client = mn_connection_owner(connection);
    client->state = MN_CLIENT_GONE;
    wake(client->waiter);
}

/* The address of a loan is its place among the loans of the call: a pointer need not fit into a
 * span. */
static uint8_t *loan(const struct mn_request *request, struct mnemos_span span, uint32_t at)
{
    const struct mn_answer *answer = mn_request_owner(request);
    MN_ASSERT(span.addr < MN_CALL_SPANS);
    return (uint8_t *)answer->lent[span.addr] + at;
}

static mn_err loan_read(const struct mn_request *request, struct mnemos_span span, uint32_t at,
                        void *to, uint32_t len)
{
    if (len) __builtin_memcpy(to, loan(request, span, at), len);
    return MN_OK;
}

static mn_err loan_write(const struct mn_request *request, struct mnemos_span span, uint32_t at,
                         const void *from, uint32_t len)
{
    if (len) __builtin_memcpy(loan(request, span, at), from, len);
    return MN_OK;
}

static const struct mn_client_ops ops = {
    .connected = connected,
    .answered = answered,
    .gone = gone,
    .read = loan_read,
    .write = loan_write,
};

/* ---- Connecting ---- */

static bool has_declared(const struct mn_service *service, const struct mn_service_type *type)
{
    const struct mn_service_type *const *uses = service->terms.uses;
    while (uses && *uses && *uses != type) uses++;
    return uses && *uses;
}

static mn_err open_connection(struct mn_client *client, const struct mn_service_type *type,
                              const void *hello, bool wait)
{
    struct mn_wish wish = {
        .uuid = type->uuid,
        .calls = type->calls,
        .shape = type->shapes[type->calls],
        .equal = true,
        .wait = wait,
        .slots = client->slots ? client->slots : 1,
        .hello = hello,
        .hello_len = type->hello_size,
    };
    MN_ASSERT(!client->by || has_declared(client->by, type));
    mn_err err = mn_connection_open(&wish, &ops, client, &client->connection);
    if (err == MN_OK) client->state = MN_CLIENT_OPEN;
    if (err == MN_PENDING) client->state = MN_CLIENT_CONNECTING;
    if (err < 0) client->connection = NULL;
    return err;
}

static mn_err connect_poll(struct mn_client *client, struct mn_cx *cx,
                           const struct mn_service_type *type, const void *hello, bool wait)
{
    client->waiter = cx->task;
    if (client->state == MN_CLIENT_CONNECTING) return MN_PENDING;
    if (client->state == MN_CLIENT_CONNECTED) {
        client->state = client->err ? MN_CLIENT_CLOSED : MN_CLIENT_OPEN;
        return client->err;
    }
    mn_client_close(client);
    return open_connection(client, type, hello, wait);
}

mn_err mn_client_connect_poll(struct mn_client *client, struct mn_cx *cx,
                              const struct mn_service_type *type, const void *hello)
{
    return connect_poll(client, cx, type, hello, true);
}

mn_err mn_client_try_connect_poll(struct mn_client *client, struct mn_cx *cx,
                                  const struct mn_service_type *type, const void *hello)
{
    return connect_poll(client, cx, type, hello, false);
}

void mn_client_close(struct mn_client *client)
{
    if (client->connection) mn_connection_close(client->connection);
    client->connection = NULL;
    client->answer.request = NULL;
    client->answer.done = false;
    client->state = MN_CLIENT_CLOSED;
}

mn_err mn_client_gone_poll(struct mn_client *client, struct mn_cx *cx)
{
    client->waiter = cx->task;
    if (client->state == MN_CLIENT_OPEN) return MN_PENDING;
    if (client->state != MN_CLIENT_GONE) return MNEMOS_ERR_BAD_HANDLE;
    mn_client_close(client);
    return MN_OK;
}

/* ---- Calling ---- */

/* The spans of the arguments become numbers of loans. */
static void put_loans(const struct mn_service_call *call, const struct mn_loan *loans, void *args,
                      struct mn_answer *answer)
{
    for (uint8_t i = 0; i < call->spans; i++) {
        struct mnemos_span span = {i, loans[i].len};
        __builtin_memcpy((uint8_t *)args + call->span[i].offset, &span, sizeof span);
        answer->lent[i] = loans[i].data;
    }
}

mn_err mn_client_send(struct mn_client *client, uint16_t call, const void *args,
                      const struct mn_loan *loans, void *reply, struct mn_answer *answer,
                      struct mn_replies *replies)
{
    struct mn_request *request;
    if (client->state == MN_CLIENT_GONE) {
        mn_client_close(client);
        return MNEMOS_ERR_SERVICE_GONE;
    }
    if (client->state != MN_CLIENT_OPEN) return MNEMOS_ERR_BAD_HANDLE;
    mn_err err = mn_request_take(client->connection, call, answer, &request);
    if (err) return err;
    const struct mn_service_call *type = &mn_connection_type(client->connection)->call[call];
    if (type->args_size) __builtin_memcpy(mn_request_put_args(request), args, type->args_size);
    put_loans(type, loans, mn_request_put_args(request), answer);
    answer->request = request;
    answer->replies = replies;
    answer->reply = reply;
    answer->done = false;
    mn_request_submit(request);
    return MN_OK;
}

mn_err mn_client_call_poll(struct mn_client *client, struct mn_cx *cx, uint16_t call,
                           const void *args, const struct mn_loan *loans, void *reply)
{
    struct mn_answer *answer = &client->answer;
    answer->waiter = cx->task;
    if (!answer->request && !answer->done) {
        mn_err err = mn_client_send(client, call, args, loans, reply, answer, NULL);
        return err ? err : MN_PENDING;
    }
    if (!answer->done) return MN_PENDING;
    answer->done = false;
    if (answer->err == MNEMOS_ERR_SERVICE_GONE && client->state == MN_CLIENT_GONE)
        mn_client_close(client);
    return answer->err;
}

mn_err mn_replies_next_poll(struct mn_replies *replies, struct mn_cx *cx, struct mn_answer **out)
{
    replies->waiter = cx->task;
    if (!replies->head) return MN_PENDING;
    *out = replies->head;
    replies->head = replies->head->next;
    return MN_OK;
}

static void take_back(struct mn_replies *replies, const struct mn_answer *answer)
{
    struct mn_answer *before = NULL;
    for (struct mn_answer *at = replies->head; at; before = at, at = at->next) {
        if (at != answer) continue;
        if (before)
            before->next = at->next;
        else
            replies->head = at->next;
        if (replies->tail == at) replies->tail = before;
    }
}

void mn_answer_cancel(struct mn_answer *answer)
{
    if (answer->request)
        mn_request_cancel(answer->request);
    else if (answer->done && answer->replies)
        take_back(answer->replies, answer);
    answer->request = NULL;
    answer->done = false;
}

void mn_client_cancel(struct mn_client *client)
{
    if (client->state == MN_CLIENT_CONNECTING || client->state == MN_CLIENT_CONNECTED)
        mn_client_close(client);
    else
        mn_answer_cancel(&client->answer);
}
