/* loopback.c — see loopback.h. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/services/loopback.h"
#include "kernel/config.h"
#include "kernel/core/backoff.h"
#include "kernel/services/gen/loopback_service.h"
#include "kernel/services/gen/serial_mux_service.h"
#include "kernel/services/mux.h"
#include <string.h>

#define COPY_LEN   128u  /* bytes at a time, through the kernel's stack */
#define COPY_SLICE 4096u /* bytes before others have their turn */

static struct loopback {
    struct mn_task echo;
    struct mn_service service;
    struct loopback_message message;
    uint32_t copied;
    struct mn_client mux;
    struct mnemos_serial_mux_open_args open;
    struct mnemos_serial_mux_open_reply port;
    struct mn_backoff backoff;
} loopback;

/* ---- The service ---- */

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static mn_err copy_part(struct mn_request *request, const struct mnemos_loopback_echo_args *args,
                        uint32_t at, uint32_t len)
{
    uint8_t copy[COPY_LEN];
    mn_err err = mn_request_read(request, args->source, at, copy, len);
    return err ? err : mn_request_write(request, args->target, at, copy, len);
}

/* Copy a slice of what was asked for. Answers MN_PENDING while there is more. */
static mn_err copy_slice(struct loopback *self)
{
    const struct mnemos_loopback_echo_args *args = self->message.args.echo;
    uint32_t len = least(args->source.len, args->target.len);
    uint32_t end = self->copied + least(len - self->copied, COPY_SLICE);
    mn_err err = MN_OK;
    while (!err && self->copied < end) {
        uint32_t part = least(end - self->copied, COPY_LEN);
        err = copy_part(self->message.request, args, self->copied, part);
        self->copied += part;
    }
    return err ? err : end < len ? MN_PENDING : MN_OK;
}

static mn_err serve_poll(struct mn_task *task, struct mn_cx *cx)
{
    struct loopback *self = MN_CONTAINER_OF(task, struct loopback, service.task);
    mn_err err;
    MN_BEGIN(&task->co);
    for (;;) {
        MN_TRY(loopback_next_poll(&self->service, cx, &self->message));
        self->copied = 0;
        while ((err = copy_slice(self)) == MN_PENDING) MN_YIELD(cx);
        if (err)
            mn_request_fail(self->message.request, err);
        else
            loopback_reply_echo(self->message.request,
                                &(struct mnemos_loopback_echo_reply){.used = self->copied});
    }
    MN_END();
}

/* ---- The port ---- */

/* Give back as much as there is room for. Signs up for nothing: the mux wakes this task whenever
 * either changes. */
static mn_err return_bytes_poll(struct mn_mux_port *port)
{
    uint8_t copy[COPY_LEN];
    uint32_t len = least(mn_mux_readable(port), least(mn_mux_writable(port), COPY_LEN));
    if (!len) return MN_PENDING;
    (void)mn_mux_read(port, copy, len);
    (void)mn_mux_write(port, copy, len);
    return MN_OK;
}

static mn_err echo_poll(struct mn_task *task, struct mn_cx *cx)
{
    struct loopback *self = MN_CONTAINER_OF(task, struct loopback, echo);
    MN_BEGIN(&task->co);
    MN_AWAIT(MN_RETRY(&self->backoff, cx, serial_mux_connect_poll(&self->mux, cx)));
    MN_AWAIT(MN_RETRY(&self->backoff, cx,
                      serial_mux_open_poll(&self->mux, cx, &self->open, &self->port)));
    for (;;) MN_AWAIT(return_bytes_poll(self->port.port));
    MN_END();
}

mn_err mn_loopback_start(void)
{
    static const struct mn_service_type *const uses[] = {&serial_mux_type, NULL};
    loopback = (struct loopback){
        .mux.by = &loopback.service,
        .open = {.number = MN_CONFIG_LOOPBACK_PORT,
                 .bulk = true,
                 .name = {8, "loopback"},
                 .rx_len = MN_CONFIG_LOOPBACK_LEN,
                 .tx_len = MN_CONFIG_LOOPBACK_LEN,
                 .task = &loopback.echo},
    };
    struct mn_service_terms terms = {.for_programs = true, .uses = uses};
    mn_err err = mn_service_start(&loopback.service, &loopback_type, terms, serve_poll);
    if (!err) mn_task_start(&loopback.echo, "loopback port", echo_poll);
    return err;
}
