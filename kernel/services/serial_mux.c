/* serial_mux.c — see serial_mux.h. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/services/serial_mux.h"
#include "kernel/config.h"
#include "kernel/core/heap.h"
#include "kernel/services/gen/serial_mux_service.h"
#include "kernel/services/mux_priv.h"
#include <mnemos/abi/error.h>
#include <string.h>

/* A port that a client of this service opened or attached. */
struct claim {
    struct claim *next;
    struct mn_mux_port *port; /* NULL: it is one of messages */
    struct mn_mux_messages *messages;
    struct mn_connection *client;
    struct mn_task *task;
};

_Static_assert(sizeof(void *) > 4 ||
                   sizeof(struct mn_mux_port) + sizeof(struct claim) + 4 * MN_HEAP_OVERHEAD <=
                       MN_COST_PORT,
               "kernel/config.h: MN_COST_PORT is less than a port takes");

static struct serial_mux {
    struct mn_service service;
    struct serial_mux_message message;
    struct claim *claims;
} serial_mux;

static void port_event(struct mn_mux_port *port, void *owner)
{
    struct claim *claim = owner;
    (void)port;
    mn_task_wake(claim->task);
}

static mn_err claim_port(struct claim *claim, const struct mnemos_serial_mux_open_args *args)
{
    claim->task = args->task;
    char name[sizeof args->name.data + 1] = {0};
    memcpy(name, args->name.data, args->name.len);
    return mn_mux_open(args->number, name, args->bulk ? MN_PORT_BULK : MN_PORT_INTERACTIVE,
                       args->rx_len, args->tx_len, port_event, claim, &claim->port);
}

static mn_err claim_messages(struct claim *claim, struct mn_mux_messages *messages)
{
    *claim = (struct claim){.messages = messages};
    return mn_mux_attach_messages(messages);
}

static void keep(struct serial_mux *self, struct claim *claim)
{
    claim->client = self->message.client;
    claim->next = self->claims;
    self->claims = claim;
}

static void open_port(struct serial_mux *self, struct mn_request *request)
{
    struct claim *claim = mn_heap_try(sizeof *claim);
    mn_err err = claim ? claim_port(claim, self->message.args.open) : MNEMOS_ERR_NO_MEMORY;
    if (err) {
        mn_heap_free(claim);
        mn_request_fail(request, err);
        return;
    }
    keep(self, claim);
    serial_mux_reply_open(request, &(struct mnemos_serial_mux_open_reply){.port = claim->port});
}

static void attach_messages(struct serial_mux *self, struct mn_request *request)
{
    struct claim *claim = mn_heap_try(sizeof *claim);
    mn_err err = claim ? claim_messages(claim, self->message.args.attach->messages)
                       : MNEMOS_ERR_NO_MEMORY;
    if (err) {
        mn_heap_free(claim);
        mn_request_fail(request, err);
        return;
    }
    keep(self, claim);
    serial_mux_reply_attach(request);
}

static void give_back(struct claim *claim)
{
    if (claim->port)
        mn_mux_close(claim->port);
    else
        mn_mux_detach_messages(claim->messages);
    mn_heap_free(claim);
}

/* Close the ports of a client, or one of them. Answers how many. */
static uint32_t close_ports(struct serial_mux *self, const struct mn_connection *client,
                            const struct mn_mux_port *port)
{
    uint32_t closed = 0;
    for (struct claim **link = &self->claims; *link;) {
        struct claim *claim = *link;
        if (claim->client != client || (port && claim->port != port)) {
            link = &claim->next;
            continue;
        }
        *link = claim->next;
        give_back(claim);
        closed++;
    }
    return closed;
}

static void close_port(struct serial_mux *self, struct mn_request *request)
{
    const struct mn_mux_port *port = self->message.args.close->port;
    if (port && close_ports(self, self->message.client, port))
        serial_mux_reply_close(request);
    else
        mn_request_fail(request, MNEMOS_ERR_BAD_HANDLE);
}

/* The port with the lowest number of at least `first`. */
static const struct mn_mux_port *next_port(uint32_t first)
{
    const struct mn_mux_port *found = NULL;
    for (const struct mn_mux_port *port = mn_mux_line.ports; port; port = port->next)
        if (!port->closing && port->number >= first && (!found || port->number < found->number))
            found = port;
    return found;
}

static void list(struct mn_request *request, uint32_t first)
{
    struct mnemos_serial_mux_list_reply reply = {0};
    const uint32_t most = sizeof reply.ports.items / sizeof reply.ports.items[0];
    const struct mn_mux_port *port = next_port(first);
    for (; port && reply.ports.len < most; port = next_port(port->number + 1u)) {
        struct mnemos_serial_mux_port *item = &reply.ports.items[reply.ports.len++];
        item->number = port->number;
        item->name.len = (uint32_t)mnemos_utf8_clip((const uint8_t *)port->name, port->name_len,
                                                    sizeof item->name.data);
        memcpy(item->name.data, port->name, item->name.len);
        item->bulk = port->class_ == MN_PORT_BULK;
        item->sent = port->sent;
        item->received = port->received;
    }
    serial_mux_reply_list(request, &reply);
}

static void handle(struct serial_mux *self)
{
    switch (self->message.event) {
    case SERIAL_MUX_OPEN:
        open_port(self, self->message.request);
        break;
    case SERIAL_MUX_CLOSE:
        close_port(self, self->message.request);
        break;
    case SERIAL_MUX_LIST:
        list(self->message.request, self->message.args.list->first);
        break;
    case SERIAL_MUX_ATTACH:
        attach_messages(self, self->message.request);
        break;
    case SERIAL_MUX_GONE:
        (void)close_ports(self, self->message.client, NULL);
        break;
    }
}

static mn_err serial_mux_poll(struct mn_task *task, struct mn_cx *cx)
{
    struct serial_mux *self = MN_CONTAINER_OF(task, struct serial_mux, service.task);
    MN_BEGIN(&task->co);
    for (;;) {
        MN_TRY(serial_mux_next_poll(&self->service, cx, &self->message));
        handle(self);
    }
    MN_END();
}

mn_err mn_serial_mux_start(void)
{
    serial_mux = (struct serial_mux){0};
    struct mn_service_terms terms = {.for_programs = true};
    return mn_service_start(&serial_mux.service, &serial_mux_type, terms, serial_mux_poll);
}
