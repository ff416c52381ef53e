/* hello.c — see hello.h. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/services/hello.h"
#include "kernel/config.h"
#include "kernel/core/backoff.h"
#include "kernel/core/port.h"
#include "kernel/core/timer.h"
#include "kernel/services/gen/hello_service.h"
#include "kernel/services/gen/serial_mux_service.h"
#include "kernel/services/mux.h"
#include <mnemos/abi/error.h>
#include <string.h>

static const char greeting[] = "Hello, ";
static const uint8_t beat[] = {'h', 'e', 'l', 'l', 'o', '\r', '\n'};

static struct hello {
    struct mn_task say;
    struct mn_service service;
    struct hello_message message;
    uint32_t greeted;
    struct mn_client mux;
    struct mnemos_serial_mux_open_args open;
    struct mnemos_serial_mux_open_reply port;
    struct mn_backoff backoff;
    struct mn_timer timer;
    uint32_t period_us;
    uint64_t next_us;
} hello;

/* ---- The service ---- */

static void greet(struct hello *self)
{
    const struct mnemos_hello_greet_args *args = self->message.args.greet;
    struct mnemos_hello_greet_reply reply = {.number = self->greeted + 1};
    if (!args->name.len) {
        mn_request_fail(self->message.request, MNEMOS_ERR_BAD_ARGUMENT);
        return;
    }
    self->greeted++;
    memcpy(reply.text.data, greeting, sizeof greeting - 1);
    memcpy(reply.text.data + sizeof greeting - 1, args->name.data, args->name.len);
    reply.text.len = (uint32_t)(sizeof greeting - 1) + args->name.len;
    hello_reply_greet(self->message.request, &reply);
}

static mn_err serve_poll(struct mn_task *task, struct mn_cx *cx)
{
    struct hello *self = MN_CONTAINER_OF(task, struct hello, service.task);
    MN_BEGIN(&task->co);
    for (;;) {
        MN_TRY(hello_next_poll(&self->service, cx, &self->message));
        switch (self->message.event) {
        case HELLO_GREET:
            greet(self);
            break;
        }
    }
    MN_END();
}

/* ---- A client of the serial mux ---- */

static mn_err say_poll(struct mn_task *task, struct mn_cx *cx)
{
    struct hello *self = MN_CONTAINER_OF(task, struct hello, say);
    MN_BEGIN(&task->co);
    MN_AWAIT(MN_RETRY(&self->backoff, cx, serial_mux_connect_poll(&self->mux, cx)));
    MN_AWAIT(MN_RETRY(&self->backoff, cx,
                      serial_mux_open_poll(&self->mux, cx, &self->open, &self->port)));
    self->next_us = mn_port_now_us();
    for (;;) {
        if (mn_mux_writable(self->port.port) >= sizeof beat)
            (void)mn_mux_write(self->port.port, beat, sizeof beat);
        self->next_us += self->period_us;
        MN_TRY(mn_timer_sleep_poll(&self->timer, cx, self->next_us));
    }
    MN_END();
}

mn_err mn_hello_start(uint32_t period_us)
{
    static const struct mn_service_type *const uses[] = {&serial_mux_type, NULL};
    hello = (struct hello){
        .mux.by = &hello.service,
        .open = {.number = MN_CONFIG_HELLO_PORT,
                 .bulk = true,
                 .name = {5, "hello"},
                 .tx_len = 4 * sizeof beat,
                 .task = &hello.say},
        .period_us = period_us,
    };
    struct mn_service_terms terms = {.for_programs = true, .uses = uses};
    mn_err err = mn_service_start(&hello.service, &hello_type, terms, serve_poll);
    if (err) return err;
    if (period_us) mn_task_start(&hello.say, "hello port", say_poll);
    return MN_OK;
}
