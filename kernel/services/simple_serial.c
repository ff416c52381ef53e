/* simple_serial.c — see simple_serial.h. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/services/simple_serial.h"
#include "kernel/services/gen/simple_serial_service.h"
#include <mnemos/abi/error.h>

static struct simple_serial {
    struct mn_service service;
    struct simple_serial_message message;
    struct mn_link *link; /* NULL: given away */
} simple_serial;

struct mn_link *mn_simple_serial_take(void)
{
    struct mn_link *link = simple_serial.link;
    simple_serial.link = NULL;
    return link;
}

static void get_port(struct mn_request *request)
{
    struct mnemos_simple_serial_get_port_reply reply = {.link = mn_simple_serial_take()};
    if (reply.link)
        simple_serial_reply_get_port(request, &reply);
    else
        mn_request_fail(request, MNEMOS_ERR_BUSY);
}

static mn_err simple_serial_poll(struct mn_task *task, struct mn_cx *cx)
{
    struct simple_serial *self = MN_CONTAINER_OF(task, struct simple_serial, service.task);
    MN_BEGIN(&task->co);
    for (;;) {
        MN_TRY(simple_serial_next_poll(&self->service, cx, &self->message));
        switch (self->message.event) {
        case SIMPLE_SERIAL_GET_PORT:
            get_port(self->message.request);
            break;
        }
    }
    MN_END();
}

mn_err mn_simple_serial_start(struct mn_link *link)
{
    simple_serial = (struct simple_serial){.link = link};
    struct mn_service_terms terms = {0};
    return mn_service_start(&simple_serial.service, &simple_serial_type, terms, simple_serial_poll);
}
