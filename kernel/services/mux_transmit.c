/* mux_transmit.c — which frame goes out next.
 *
 * Control before messages (loader, crash record) before interactive before bulk; round robin
 * inside a class; every 8th frame goes to the lowest class that waits. One frame at a time is
 * encoded and then fed to the line as it has room, so an urgent frame waits for at most one
 * other. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/services/mux_priv.h"
#include <string.h>

enum { CLASS_CONTROL, CLASS_MESSAGES, CLASS_INTERACTIVE, CLASS_BULK, CLASSES };

static struct mux *const mux = &mn_mux_line;

/* Encode raw[0..len) as the frame on its way out, with a CRC if wanted. `raw` has room for it. */
static void send_raw(uint8_t *raw, uint32_t len, bool crc)
{
    if (crc) {
        uint32_t value = mnemos_crc32(0, raw, len);
        for (uint32_t i = 0; i < 4u; i++) raw[len++] = (uint8_t)(value >> (8u * i));
    }
    mux->tx_len = (uint32_t)mnemos_cobs_encode(mux->tx, raw, len);
    mux->tx[mux->tx_len++] = 0;
    mux->tx_at = 0;
}

static void put_port(uint8_t *raw, uint16_t number)
{
    raw[0] = (uint8_t)number;
    raw[1] = (uint8_t)(number >> 8);
}

static void send_control(const struct mnemos_link_control *message)
{
    struct mnemos_writer writer = {mux->raw + 2, mux->raw + sizeof mux->raw - 4};
    put_port(mux->raw, MNEMOS_LINK_PORT_CONTROL);
    if (!mnemos_link_control_put(&writer, message)) return;
    send_raw(mux->raw, (uint32_t)(writer.at - mux->raw), true);
}

static void send_hello(void)
{
    struct mnemos_link_control message = {.tag = MNEMOS_LINK_CONTROL_HELLO};
    message.hello.proto = MNEMOS_LINK_PROTO;
    message.hello.session = mux->stats.session;
    message.hello.max_frame = MNEMOS_LINK_MAX_FRAME;
    message.hello.features = MNEMOS_LINK_FEATURE_CRC;
    mux->owes_hello = false;
    send_control(&message);
}

static void send_pong(void)
{
    struct mnemos_link_control message = {.tag = MNEMOS_LINK_CONTROL_PONG};
    message.pong.value = mux->pong_value;
    mux->owes_pong = false;
    send_control(&message);
}

/* Open comes first, the rest in the order that frees the other side soonest. Bits are cleared as
 * they are served. */
static void make_port_control(struct mn_mux_port *port, struct mnemos_link_control *message)
{
    if (port->owes & MUX_OWES_OPEN) {
        port->owes = (uint8_t)(port->owes & ~(MUX_OWES_OPEN | MUX_OWES_CREDIT));
        port->granted = mn_mux_grant(port);
        mn_mux_announced(port);
        message->tag = MNEMOS_LINK_CONTROL_OPEN;
        message->open.port = port->number;
        message->open.name = (struct mnemos_bytes){(const uint8_t *)port->name, port->name_len};
        message->open.class_ = port->class_;
        message->open.window = port->granted;
    } else if (port->owes & MUX_OWES_LOST) {
        port->owes &= (uint8_t)~MUX_OWES_LOST;
        message->tag = MNEMOS_LINK_CONTROL_LOST;
        message->lost.port = port->number;
        message->lost.total = port->lost;
    } else if (port->owes & MUX_OWES_CREDIT) {
        port->owes &= (uint8_t)~MUX_OWES_CREDIT;
        if (port->granted != mn_mux_grant(port)) port->credit_fresh = true;
        port->granted = mn_mux_grant(port);
        message->tag = MNEMOS_LINK_CONTROL_CREDIT;
        message->credit.port = port->number;
        message->credit.limit = port->granted;
    } else if (port->owes & MUX_OWES_BLOCKED) {
        port->owes &= (uint8_t)~MUX_OWES_BLOCKED;
        message->tag = MNEMOS_LINK_CONTROL_BLOCKED;
        message->blocked.port = port->number;
        message->blocked.sent = port->sent;
    } else {
        port->owes = 0;
        message->tag = MNEMOS_LINK_CONTROL_CLOSE;
        message->close.port = port->number;
        message->close.sent = port->sent;
    }
}

/* Has the turn of `turn` been longer ago? Right for a port that was idle while the count went
 * round. */
static bool older(uint32_t turn, uint32_t than)
{
    return mux->turn - turn > mux->turn - than;
}

static struct mn_mux_port *next_control_port(void)
{
    struct mn_mux_port *best = NULL;
    for (struct mn_mux_port *port = mux->ports; port; port = port->next) {
        if (port->owes && (!best || older(port->control_turn, best->control_turn))) best = port;
    }
    return best;
}

static bool send_control_class(void)
{
    struct mnemos_link_control message;
    if (mux->owes_hello) {
        send_hello();
        return true;
    }
    if (mux->owes_pong) {
        send_pong();
        return true;
    }
    struct mn_mux_port *port = next_control_port();
    if (!port) return false;
    port->control_turn = ++mux->turn;
    make_port_control(port, &message);
    send_control(&message);
    if (message.tag == MNEMOS_LINK_CONTROL_CLOSE) mn_mux_free(port);
    return true;
}

static bool send_message_class(void)
{
    struct mn_mux_messages *messages = mux->messages;
    while (messages && !messages->frame_len) messages = messages->next;
    if (!messages) return false;
    send_raw(messages->frame, messages->frame_len, true);
    messages->frame_len = 0;
    if (messages->sent) messages->sent(messages);
    return true;
}

static void send_bytes(struct mn_mux_port *port)
{
    uint32_t most = mux->data_max;
    if (mux->stats.session && most > mux->host_frame_max - MN_MUX_FRAME_OVERHEAD) {
        most = mux->host_frame_max - MN_MUX_FRAME_OVERHEAD;
    }
    uint32_t len = mn_mux_sendable(port);
    if (len > most) len = most;
    put_port(mux->raw, port->number);
    mn_byte_queue_get(&port->out, mux->raw + 2, len);
    port->sent += len;
    port->data_turn = ++mux->turn;
    send_raw(mux->raw, len + 2u, mux->crc);
    mn_mux_reconsider(port);
    mn_mux_notify(port);
}

static bool send_data_class(uint8_t class_)
{
    struct mn_mux_port *best = NULL;
    for (struct mn_mux_port *port = mux->ports; port; port = port->next) {
        if (port->class_ != class_ || !mn_mux_sendable(port)) continue;
        if (!best || older(port->data_turn, best->data_turn)) best = port;
    }
    if (!best) return false;
    send_bytes(best);
    return true;
}

static bool send_class(int class_)
{
    if (class_ == CLASS_CONTROL) return send_control_class();
    if (class_ == CLASS_MESSAGES) return send_message_class();
    return send_data_class(class_ == CLASS_INTERACTIVE ? MN_PORT_INTERACTIVE : MN_PORT_BULK);
}

/* A closed port that has nothing left owes its Close, or without a host just goes. */
static void reap(void)
{
    struct mn_mux_port *next;
    for (struct mn_mux_port *port = mux->ports; port; port = next) {
        next = port->next;
        if (!port->closing || port->out.used) continue;
        if (mux->stats.session)
            port->owes |= MUX_OWES_CLOSE;
        else
            mn_mux_free(port);
    }
}

/* Encode the next frame; answer whether there was one. */
static bool send_next(void)
{
    reap();
    bool lowest_first = ++mux->lowest_turn % MUX_LOWEST_TURN == 0;
    for (int i = 0; i < CLASSES; i++) {
        if (send_class(lowest_first ? CLASSES - 1 - i : i)) return true;
    }
    mux->lowest_turn--;
    return false;
}

/* Whoever makes something sendable wakes this task, so there is nothing to sign up for. */
static mn_err next_frame_poll(void)
{
    return mux->tx_at < mux->tx_len || send_next() ? MN_OK : MN_PENDING;
}

static void feed_line(void)
{
    mux->tx_at += mn_bbq_put(&mux->link->tx, mux->tx + mux->tx_at, mux->tx_len - mux->tx_at);
    if (mux->link->kick) mux->link->kick(mux->link);
}

mn_err mn_mux_transmit_poll(struct mn_task *task, struct mn_cx *cx)
{
    MN_BEGIN(&task->co);
    for (;;) {
        MN_AWAIT(next_frame_poll());
        MN_AWAIT(mn_bbq_writable_poll(&mux->link->tx, cx, 1));
        feed_line();
    }
    MN_END();
}
