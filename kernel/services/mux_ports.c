/* mux_ports.c — the ports of the mux as their owners see them. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/core/heap.h"
#include "kernel/core/port.h"
#include "kernel/services/mux_priv.h"
#include <mnemos/abi/error.h>
#include <string.h>

struct mux mn_mux_line;

#define PLAIN_DATA_MIN 32u
#define PLAIN_DATA_MAX 512u

/* At most 12 ms of wire time, a power of two. */
static uint32_t data_max(uint32_t baud)
{
    uint32_t most = PLAIN_DATA_MAX;
    if (!baud) return most;
    while (most > PLAIN_DATA_MIN && (uint64_t)most * 10000u > (uint64_t)baud * 12u) most /= 2u;
    return most;
}

void mn_mux_start(struct mn_link *link)
{
    struct mux *mux = &mn_mux_line;
    memset(mux, 0, sizeof *mux);
    mux->link = link;
    mux->data_max = data_max(link->baud);
    mux->repeat_us = MUX_NEVER;
    mux->owes_hello = true;
    mn_task_start(&mux->receive, "mux receive", mn_mux_receive_poll);
    mn_task_start(&mux->transmit, "mux transmit", mn_mux_transmit_poll);
    mn_task_start(&mux->watch, "mux watch", mn_mux_watch_poll);
}

struct mn_mux_port *mn_mux_find(uint16_t number)
{
    struct mn_mux_port *port = mn_mux_line.ports;
    while (port && port->number != number) port = port->next;
    return port;
}

void mn_mux_notify(struct mn_mux_port *port)
{
    if (!port->closing && port->event) port->event(port, port->owner);
}

void mn_mux_wake_transmit(void)
{
    mn_task_wake(&mn_mux_line.transmit);
}

struct mn_mux_messages *mn_mux_find_messages(uint16_t number)
{
    struct mn_mux_messages *messages = mn_mux_line.messages;
    while (messages && messages->port != number) messages = messages->next;
    return messages;
}

static bool taken(uint16_t number)
{
    return number == MNEMOS_LINK_PORT_CONTROL || mn_mux_find_messages(number) ||
           mn_mux_find(number);
}

mn_err mn_mux_open(uint16_t number, const char *name, enum mn_port_class class_, uint32_t rx_len,
                   uint32_t tx_len, void (*event)(struct mn_mux_port *port, void *owner),
                   void *owner, struct mn_mux_port **out)
{
    struct mux *mux = &mn_mux_line;
    if (number >= MNEMOS_LINK_PORT_CRASH || taken(number)) return MNEMOS_ERR_BUSY;
    struct mn_mux_port *port = mn_heap_try(sizeof *port);
    if (!port) return MNEMOS_ERR_NO_MEMORY;
    port->in.buf = rx_len ? mn_heap_try_uncleared(rx_len) : NULL;
    port->out.buf = tx_len ? mn_heap_try_uncleared(tx_len) : NULL;
    if ((rx_len && !port->in.buf) || (tx_len && !port->out.buf)) {
        mn_mux_free(port);
        return MNEMOS_ERR_NO_MEMORY;
    }
    port->in.len = rx_len;
    port->out.len = tx_len;
    port->number = number;
    port->class_ = class_ == MN_PORT_INTERACTIVE ? MN_PORT_INTERACTIVE : MN_PORT_BULK;
    while (port->name_len < MUX_NAME_MAX && name[port->name_len]) {
        port->name[port->name_len] = name[port->name_len];
        port->name_len++;
    }
    port->event = event;
    port->owner = owner;
    port->due_us = MUX_NEVER;
    port->granted = mn_mux_grant(port);
    port->next = mux->ports;
    mux->ports = port;
    mn_mux_owe(port, MUX_OWES_OPEN);
    *out = port;
    return MN_OK;
}

static void release(uint8_t *buf)
{
    if (buf) mn_heap_free(buf);
}

void mn_mux_free(struct mn_mux_port *port)
{
    for (struct mn_mux_port **at = &mn_mux_line.ports; *at; at = &(*at)->next) {
        if (*at == port) {
            *at = port->next;
            break;
        }
    }
    release(port->in.buf);
    release(port->out.buf);
    mn_heap_free(port);
}

uint32_t mn_mux_read(struct mn_mux_port *port, uint8_t *out, uint32_t cap)
{
    uint32_t used = mn_byte_queue_get(&port->in, out, cap);
    uint32_t grown = mn_mux_grant(port) - port->granted;
    if (used && grown >= port->in.len / 4u) mn_mux_owe(port, MUX_OWES_CREDIT);
    return used;
}

bool mn_mux_at_eof(const struct mn_mux_port *port)
{
    return port->eof && !port->in.used;
}

uint32_t mn_mux_readable(const struct mn_mux_port *port)
{
    return port->in.used;
}

uint32_t mn_mux_write(struct mn_mux_port *port, const uint8_t *data, uint32_t len)
{
    uint32_t used = mn_byte_queue_put(&port->out, data, len);
    if (!mn_mux_line.stats.session) {
        mn_mux_line.stats.dropped += len - used;
        if (used) mn_mux_wake_transmit();
        return len;
    }
    if (used) {
        mn_mux_reconsider(port);
        mn_mux_wake_transmit();
    }
    return used;
}

uint32_t mn_mux_writable(const struct mn_mux_port *port)
{
    return mn_mux_line.stats.session ? port->out.len - port->out.used : UINT32_MAX;
}

bool mn_mux_discard(struct mn_mux_port *port, uint32_t len)
{
    if (mn_mux_line.stats.session || port->out.used < port->out.len) return false;
    mn_mux_line.stats.dropped += len;
    return true;
}

uint32_t mn_mux_total(const struct mn_mux_port *port)
{
    return port->sent + port->out.used;
}

void mn_mux_close(struct mn_mux_port *port)
{
    port->closing = true;
    mn_mux_line.stats.lost += port->in.used;
    release(port->in.buf);
    port->in = (struct mn_byte_queue){0};
    port->owes &= (uint8_t)~MUX_OWES_CREDIT;
    mn_mux_reconsider(port);
    mn_mux_wake_transmit();
}

bool mn_mux_is_closing(const void *owner)
{
    for (const struct mn_mux_port *port = mn_mux_line.ports; port; port = port->next) {
        if (port->closing && port->owner == owner) return true;
    }
    return false;
}

void mn_mux_disown(const void *owner)
{
    for (struct mn_mux_port *port = mn_mux_line.ports; port; port = port->next) {
        if (port->closing && port->owner == owner) port->owner = NULL;
    }
}

mn_err mn_mux_attach_messages(struct mn_mux_messages *messages)
{
    if (taken(messages->port)) return MNEMOS_ERR_BUSY;
    MN_ASSERT(messages->frame_cap > MN_MUX_FRAME_OVERHEAD &&
              messages->frame_cap <= MNEMOS_LINK_MAX_FRAME);
    messages->frame_len = 0;
    messages->next = mn_mux_line.messages;
    mn_mux_line.messages = messages;
    return MN_OK;
}

void mn_mux_detach_messages(struct mn_mux_messages *messages)
{
    struct mn_mux_messages **link = &mn_mux_line.messages;
    while (*link != messages) link = &(*link)->next;
    *link = messages->next;
    messages->frame_len = 0;
}

mn_err mn_mux_send(struct mn_mux_messages *messages, const uint8_t *data, uint32_t len)
{
    if (len > messages->frame_cap - MN_MUX_FRAME_OVERHEAD) return MNEMOS_ERR_TOO_BIG;
    if (messages->frame_len) return MN_PENDING;
    messages->frame[0] = (uint8_t)messages->port;
    messages->frame[1] = (uint8_t)(messages->port >> 8);
    memcpy(messages->frame + 2, data, len);
    messages->frame_len = len + 2u;
    mn_mux_wake_transmit();
    return MN_OK;
}

struct mn_mux_stats mn_mux_stats(void)
{
    mn_mux_line.stats.attached = mn_mux_line.stats.session != 0;
    return mn_mux_line.stats;
}

uint32_t mn_mux_baud(void)
{
    return mn_mux_line.link->baud;
}
