/* probe.c — see probe.h. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "probe.h"

static _Alignas(8) uint8_t heap[RIG_HEAP];

void rig_begin_with(struct mn_registry_settings settings)
{
    mn_heap_reset(heap, sizeof heap);
    assert_int_equal(mn_registry_start(settings), MN_OK);
}

void rig_begin(void)
{
    rig_begin_with(MN_REGISTRY_DEFAULTS);
}

void rig_end(void)
{
    struct mn_registry_stats stats = mn_registry_stats();
    assert_int_equal(stats.services, 0);
    assert_int_equal(stats.connections, 0);
    assert_int_equal(stats.requests, 0);
}

/* ---- The service ---- */

static bool says(const struct mnemos_probe_hello *hello, const char *text)
{
    return hello->who.len == strlen(text) && memcmp(hello->who.data, text, hello->who.len) == 0;
}

static void hold(struct probe *self, struct mn_request *request)
{
    assert_true(self->held_count < PROBE_HELD_MAX);
    self->held[self->held_count++] = request;
}

static void connect(struct probe *self)
{
    struct mn_request *request = self->message.request;
    if (says(self->message.args.connect, "nobody"))
        mn_request_fail(request, MNEMOS_ERR_REFUSED);
    else if (says(self->message.args.connect, "later"))
        hold(self, request);
    else {
        mn_client_set_context(self->message.client, self);
        probe_accept(request);
    }
}

static void add(struct probe *self)
{
    const struct mnemos_probe_add_args *args = self->message.args.add;
    struct mnemos_probe_add_reply reply = {.sum = (uint64_t)args->a + args->b};
    self->adds++;
    if (reply.sum > UINT32_MAX)
        mn_request_fail(self->message.request, MNEMOS_ERR_TOO_BIG);
    else
        probe_reply_add(self->message.request, &reply);
}

static void large(struct probe *self)
{
    struct mnemos_probe_large_reply reply;
    reply.data.len = self->message.args.large->len;
    memset(reply.data.data, 0x5a, sizeof reply.data.data);
    probe_reply_large(self->message.request, &reply);
}

/* Bytes go through the service one by one, each a little larger. */
static void copy(struct probe *self)
{
    const struct mnemos_probe_copy_args *args = self->message.args.copy;
    struct mnemos_probe_copy_reply reply = {.used = 0};
    uint8_t byte;
    mn_err err = MN_OK;
    for (; !err && reply.used < args->source.len; reply.used++) {
        err = mn_request_read(self->message.request, args->source, reply.used, &byte, 1);
        byte++;
        if (!err) err = mn_request_write(self->message.request, args->target, reply.used, &byte, 1);
    }
    if (err)
        mn_request_fail(self->message.request, err);
    else
        probe_reply_copy(self->message.request, &reply);
}

static void forget(struct probe *self, const struct mn_request *request)
{
    uint32_t at = 0;
    while (at < self->held_count && self->held[at] != request) at++;
    assert_true(at < self->held_count);
    self->held_count--;
    memmove(&self->held[at], &self->held[at + 1], (self->held_count - at) * sizeof self->held[0]);
}

static void handle(struct probe *self)
{
    self->seen++;
    switch (self->message.event) {
    case PROBE_ADD:
        add(self);
        break;
    case PROBE_HOLD:
        hold(self, self->message.request);
        break;
    case PROBE_NOTHING:
        probe_reply_nothing(self->message.request);
        break;
    case PROBE_LARGE:
        large(self);
        break;
    case PROBE_COPY:
        copy(self);
        break;
    case PROBE_SECRET:
        probe_reply_secret(self->message.request, &(struct mnemos_probe_secret_reply){
                                                      .task = self->message.args.secret->task});
        break;
    case PROBE_CONNECT:
        connect(self);
        break;
    case PROBE_CANCELLED:
        self->cancelled++;
        forget(self, self->message.request);
        mn_request_fail(self->message.request, MNEMOS_ERR_CANCELLED);
        break;
    case PROBE_GONE:
        assert_true(self->message.context == self || self->message.context == NULL);
        self->gone++;
        break;
    }
}

static mn_err probe_poll(struct mn_task *task, struct mn_cx *cx)
{
    struct probe *self = MN_CONTAINER_OF(task, struct probe, task);
    mn_err err = MN_PENDING;
    while (!self->deaf && (err = probe_next_poll(&self->service, cx, &self->message)) == MN_OK)
        handle(self);
    self->ended = err;
    return err;
}

mn_err probe_register(struct probe *probe, const struct mn_service_type *type,
                      struct mn_service_terms terms)
{
    memset(probe, 0, sizeof *probe);
    probe->ended = MN_PENDING;
    return mn_service_register(&probe->service, type, terms);
}

void probe_start(struct probe *probe)
{
    assert_int_equal(
        probe_register(probe, &probe_type, (struct mn_service_terms){.for_programs = true}), MN_OK);
    mn_task_start(&probe->task, "probe", probe_poll);
    mn_host_settle();
}

void probe_let_go(struct probe *probe, uint32_t index)
{
    struct mn_request *request = probe->held[index];
    forget(probe, request);
    if (mn_request_call(request) == MN_CALL_HELLO) {
        probe_accept(request);
        return;
    }
    const struct mnemos_probe_hold_args *args = mn_request_args(request);
    probe_reply_hold(request, &(struct mnemos_probe_hold_reply){.number = args->number});
}

void probe_release(struct probe *probe)
{
    while (probe->held_count) probe_let_go(probe, 0);
    mn_host_settle();
}

/* ---- The client ---- */

static mn_err make_call(struct caller *self, struct mn_cx *cx)
{
    struct mn_client *client = &self->client;
    switch (self->call) {
    case MNEMOS_PROBE_CALL_ADD:
        return probe_add_poll(client, cx, &(struct mnemos_probe_add_args){self->number, 1},
                              &self->reply.add);
    case MNEMOS_PROBE_CALL_HOLD:
        return probe_hold_poll(client, cx, &(struct mnemos_probe_hold_args){self->number},
                               &self->reply.hold);
    case MNEMOS_PROBE_CALL_NOTHING:
        return probe_nothing_poll(client, cx);
    case MNEMOS_PROBE_CALL_LARGE:
        return probe_large_poll(client, cx,
                                &(struct mnemos_probe_large_args){(uint8_t)self->number},
                                &self->reply.large);
    case MNEMOS_PROBE_CALL_COPY:
        return probe_copy_poll(client, cx, &(struct mnemos_probe_copy_args){0}, self->loans,
                               &self->reply.copy);
    case MNEMOS_PROBE_CALL_SECRET:
        return probe_secret_poll(client, cx,
                                 &(struct mnemos_probe_secret_args){.task = &self->task},
                                 &self->reply.secret);
    default:
        return MN_PENDING;
    }
}

static mn_err caller_poll(struct mn_task *task, struct mn_cx *cx)
{
    struct caller *self = MN_CONTAINER_OF(task, struct caller, task);
    if (self->stopped) return MN_OK;
    if (self->connected == MN_PENDING) {
        self->connected = self->try ? probe_try_connect_poll(&self->client, cx, &self->hello)
                                    : probe_connect_poll(&self->client, cx, &self->hello);
    }
    if (self->connected == MN_OK && self->answered == MN_PENDING && self->call != CALLER_IDLE) {
        self->answered = make_call(self, cx);
        if (self->answered != MN_PENDING) self->call = CALLER_IDLE;
    }
    return MN_PENDING;
}

void caller_start(struct caller *caller, const char *who)
{
    memset(caller, 0, sizeof *caller);
    caller->hello.who.len = (uint32_t)strlen(who);
    memcpy(caller->hello.who.data, who, caller->hello.who.len);
    caller->connected = MN_PENDING;
    caller->call = CALLER_IDLE;
    mn_task_start(&caller->task, "caller", caller_poll);
    mn_host_settle();
}

void caller_call(struct caller *caller, uint16_t call, uint32_t number)
{
    caller->call = call;
    caller->number = number;
    caller->answered = MN_PENDING;
    mn_task_wake(&caller->task);
    mn_host_settle();
}

void caller_stop(struct caller *caller)
{
    mn_client_close(&caller->client);
    caller->stopped = true;
    mn_task_wake(&caller->task);
    mn_host_settle();
}
