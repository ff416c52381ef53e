/* rig.c — see rig.h. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "rig.h"
#include <stdlib.h>
#include <string.h>

void bytes_put(struct bytes *bytes, const void *data, size_t len)
{
    if (bytes->len + len > bytes->cap) {
        bytes->cap = (bytes->len + len) * 2;
        bytes->data = realloc(bytes->data, bytes->cap);
        assert_non_null(bytes->data);
    }
    if (len) memcpy(bytes->data + bytes->len, data, len);
    bytes->len += len;
}

void bytes_free(struct bytes *bytes)
{
    free(bytes->data);
    *bytes = (struct bytes){0};
}

struct rig *rig_new(uint32_t baud)
{
    struct rig *rig = calloc(1, sizeof *rig);
    assert_non_null(rig);
    mn_heap_reset(rig->heap, sizeof rig->heap);
    mn_bbq_init(&rig->link.rx, rig->rx_ring, 2048);
    mn_bbq_init(&rig->link.tx, rig->tx_ring, 256);
    rig->link.baud = baud ? baud : 115200;
    rig->window = 16384;
    mn_mux_start(&rig->link);
    rig_settle(rig);
    return rig;
}

void rig_free(struct rig *rig)
{
    for (int i = 0; i < RIG_PORTS; i++) {
        bytes_free(&rig->ports[i].in);
        bytes_free(&rig->ports[i].out);
    }
    bytes_free(&rig->to_device);
    bytes_free(&rig->order);
    free(rig);
}

/* ---- The host sends ---- */

void rig_send_raw(struct rig *rig, const void *data, size_t len)
{
    bytes_put(&rig->to_device, data, len);
}

void rig_send_frame(struct rig *rig, uint16_t port, const void *data, size_t len, bool crc)
{
    uint8_t raw[2048], coded[MNEMOS_COBS_MAX(2048) + 1];
    size_t at = 0;
    assert_true(len + 6 <= sizeof raw);
    raw[at++] = (uint8_t)port;
    raw[at++] = (uint8_t)(port >> 8);
    if (len) memcpy(raw + at, data, len);
    at += len;
    if (crc) {
        uint32_t sum = mnemos_crc32(0, raw, at);
        for (int i = 0; i < 4; i++) raw[at++] = (uint8_t)(sum >> (8 * i));
    }
    size_t coded_len = mnemos_cobs_encode(coded, raw, at);
    if (rig->lose && rig->lose(rig, coded, coded_len)) {
        rig->frames_lost++;
        return;
    }
    coded[coded_len++] = 0;
    rig_send_raw(rig, coded, coded_len);
}

void rig_send_control(struct rig *rig, const struct mnemos_link_control *message)
{
    uint8_t coded[MNEMOS_LINK_CONTROL_MAX];
    struct mnemos_writer writer = {coded, coded + sizeof coded};
    assert_true(mnemos_link_control_put(&writer, message));
    rig_send_frame(rig, MNEMOS_LINK_PORT_CONTROL, coded, (size_t)(writer.at - coded), true);
}

void rig_hello(struct rig *rig, uint32_t session, uint32_t features)
{
    struct mnemos_link_control message = {.tag = MNEMOS_LINK_CONTROL_HELLO};
    message.hello.proto = MNEMOS_LINK_PROTO;
    message.hello.session = session;
    message.hello.max_frame = MNEMOS_LINK_MAX_FRAME;
    message.hello.features = features;
    rig_send_control(rig, &message);
}

void rig_credit(struct rig *rig, uint16_t port, uint32_t limit)
{
    struct mnemos_link_control message = {.tag = MNEMOS_LINK_CONTROL_CREDIT};
    message.credit.port = port;
    message.credit.limit = limit;
    rig_port(rig, port)->granted = limit;
    rig_send_control(rig, &message);
}

struct host_port *rig_port(struct rig *rig, uint16_t number)
{
    for (int i = 0; i < RIG_PORTS; i++) {
        struct host_port *port = &rig->ports[i];
        if (port->known && port->number == number) return port;
        if (!port->known) {
            *port = (struct host_port){.number = number, .known = true, .reads = UINT32_MAX};
            return port;
        }
    }
    fail_msg("too many ports");
    return NULL;
}

void rig_write(struct rig *rig, uint16_t port, const void *data, size_t len)
{
    bytes_put(&rig_port(rig, port)->out, data, len);
}

static void send_port_count(struct rig *rig, uint8_t tag, struct host_port *port, uint32_t count)
{
    struct mnemos_link_control message = {.tag = tag};
    message.blocked.port = port->number; /* all of these have the same two fields */
    message.blocked.sent = count;
    rig_send_control(rig, &message);
}

static void host_write(struct rig *rig, struct host_port *port, uint64_t now)
{
    while (port->out_at < port->out.len && (int32_t)(port->limit - port->sent) > 0) {
        size_t len = port->out.len - port->out_at;
        if (len > port->limit - port->sent) len = port->limit - port->sent;
        if (len > 512) len = 512;
        port->sent += (uint32_t)len;
        rig_send_frame(rig, port->number, port->out.data + port->out_at, len, rig->crc);
        port->out_at += len;
        port->blocked_us = now + 250000;
    }
    if (port->out_at == port->out.len) {
        port->blocked_us = now + 250000;
        if (port->eof_wanted && !port->eof_sent) {
            port->eof_sent = true;
            send_port_count(rig, MNEMOS_LINK_CONTROL_EOF, port, port->sent);
        }
    } else if (now >= port->blocked_us) {
        port->blocked_us = now + 250000;
        send_port_count(rig, MNEMOS_LINK_CONTROL_BLOCKED, port, port->sent);
    }
}

static void host_grant(struct rig *rig, struct host_port *port, bool always)
{
    uint32_t limit = port->received - port->unread + rig->window;
    if (always || limit - port->granted >= rig->window / 4) rig_credit(rig, port->number, limit);
}

static void host_read(struct rig *rig, struct host_port *port)
{
    port->unread -= port->reads < port->unread ? port->reads : port->unread;
    host_grant(rig, port, false);
}

/* What a host does by itself as time passes. */
static void host_tick(struct rig *rig)
{
    uint64_t now = mn_port_now_us();
    if (!rig->automatic || rig->silent) return;
    if (now >= rig->ping_us) {
        struct mnemos_link_control ping = {.tag = MNEMOS_LINK_CONTROL_PING};
        ping.ping.value = (uint32_t)now;
        rig_send_control(rig, &ping);
        rig->ping_us = now + 1000000;
    }
    bool repeat = now >= rig->repeat_us;
    if (repeat) rig->repeat_us = now + 1000000;
    for (int i = 0; i < RIG_PORTS && rig->ports[i].known; i++) {
        struct host_port *port = &rig->ports[i];
        if (!port->open || port->closed) continue;
        host_write(rig, port, now);
        host_read(rig, port);
        if (repeat && port->granted) rig_credit(rig, port->number, port->granted);
        if (repeat && port->eof_sent)
            send_port_count(rig, MNEMOS_LINK_CONTROL_EOF, port, port->sent);
    }
}

/* ---- The host receives ---- */

/* The device has sent `sent` bytes on the port: what is missing is lost. */
static void host_catch_up(struct rig *rig, struct host_port *port, uint32_t sent)
{
    int32_t missed = (int32_t)(sent - port->received);
    if (missed <= 0) return;
    port->received += (uint32_t)missed;
    port->lost += (uint32_t)missed;
    if (rig->automatic) send_port_count(rig, MNEMOS_LINK_CONTROL_LOST, port, port->lost);
}

static void host_hello(struct rig *rig, const struct mnemos_link_control *message)
{
    rig->hellos++;
    rig->last_hello = message->hello.session;
    rig->last_hello_message = *message;
    if (message->hello.session && message->hello.session == rig->session) {
        rig->crc = message->hello.features & MNEMOS_LINK_FEATURE_CRC;
        for (int i = 0; i < RIG_PORTS && rig->ports[i].known; i++) {
            struct host_port *port = &rig->ports[i];
            port->sent = port->limit = port->received = port->granted = port->lost = port->unread =
                0;
        }
    }
}

static void host_control(struct rig *rig, const uint8_t *data, size_t len)
{
    struct mnemos_reader reader = {data, data + len};
    struct mnemos_link_control message;
    assert_true(mnemos_link_control_get(&reader, &message) && reader.at == reader.end);
    if (message.tag == MNEMOS_LINK_CONTROL_HELLO) {
        host_hello(rig, &message);
        return;
    }
    if (message.tag == MNEMOS_LINK_CONTROL_PONG) {
        rig->pongs++;
        rig->last_pong = message.pong.value;
        return;
    }
    struct host_port *port =
        rig_port(rig, message.open.port); /* every other message begins with its port */
    if (message.tag == MNEMOS_LINK_CONTROL_OPEN) {
        port->opens++;
        port->closed = false;
        if (!port->open) {
            port->open = true;
            port->sent = port->received = port->unread = 0;
        }
        port->limit = message.open.window;
        port->class_ = message.open.class_;
        memset(port->name, 0, sizeof port->name);
        memcpy(port->name, message.open.name.data, message.open.name.len);
        if (rig->automatic) host_grant(rig, port, true);
    } else if (message.tag == MNEMOS_LINK_CONTROL_CREDIT) {
        port->credits++;
        if ((int32_t)(message.credit.limit - port->limit) > 0) port->limit = message.credit.limit;
    } else if (message.tag == MNEMOS_LINK_CONTROL_BLOCKED) {
        port->blockeds++;
        if (!rig->automatic) return;
        host_catch_up(rig, port, message.blocked.sent);
        host_grant(rig, port, true);
    } else if (message.tag == MNEMOS_LINK_CONTROL_LOST) {
        port->device_lost = message.lost.total;
    } else if (message.tag == MNEMOS_LINK_CONTROL_CLOSE) {
        port->open = false;
        port->closed = true;
        port->final = message.close.sent;
        host_catch_up(rig, port, message.close.sent);
    } else {
        fail_msg("message %u from the device", message.tag);
    }
}

static void host_frame(struct rig *rig)
{
    size_t len;
    if (!mnemos_cobs_decode(rig->frame, rig->frame_len, &len) || len < 2) {
        rig->bad_frames++;
        return;
    }
    uint16_t number = (uint16_t)(rig->frame[0] | rig->frame[1] << 8);
    bool reserved = number >= MNEMOS_LINK_PORT_CRASH;
    if (reserved || rig->crc) {
        uint32_t sum;
        if (len >= 6) memcpy(&sum, rig->frame + len - 4, 4);
        if (len < 6 || sum != mnemos_crc32(0, rig->frame, len - 4)) {
            rig->bad_frames++;
            return;
        }
        len -= 4;
    }
    rig->frames++;
    bytes_put(&rig->order, &number, sizeof number);
    if (number == MNEMOS_LINK_PORT_CONTROL) {
        host_control(rig, rig->frame + 2, len - 2);
    } else if (reserved) {
        if (rig->message) rig->message(rig, number, rig->frame + 2, len - 2);
    } else {
        struct host_port *port = rig_port(rig, number);
        bytes_put(&port->in, rig->frame + 2, len - 2);
        port->received += (uint32_t)(len - 2);
        port->unread += (uint32_t)(len - 2);
    }
}

static void host_bytes(struct rig *rig, const uint8_t *data, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (data[i]) {
            assert_true(rig->frame_len < sizeof rig->frame);
            rig->frame[rig->frame_len++] = data[i];
            continue;
        }
        if (rig->frame_len) {
            if (rig->lose && rig->lose(rig, rig->frame, rig->frame_len))
                rig->frames_lost++;
            else
                host_frame(rig);
        }
        rig->frame_len = 0;
    }
}

/* ---- The line ---- */

/* Move up to `most` bytes each way; answers whether anything moved. */
static bool move(struct rig *rig, uint32_t most_rx, uint32_t most_tx)
{
    uint8_t chunk[256];
    uint32_t moved = 0;
    size_t waiting = rig->to_device.len - rig->to_device_at;
    uint32_t put = mn_bbq_put(&rig->link.rx, rig->to_device.data + rig->to_device_at,
                              (uint32_t)(waiting < most_rx ? waiting : most_rx));
    rig->to_device_at += put;
    moved += put;
    if (rig->to_device_at == rig->to_device.len) rig->to_device_at = rig->to_device.len = 0;
    while (!rig->stalled && most_tx) {
        uint32_t got =
            mn_bbq_get(&rig->link.tx, chunk, most_tx < sizeof chunk ? most_tx : sizeof chunk);
        if (!got) break;
        host_bytes(rig, chunk, got);
        most_tx -= got;
        moved += got;
    }
    return moved != 0;
}

void rig_settle(struct rig *rig)
{
    uint32_t most = rig->bytes_per_ms ? 0 : UINT32_MAX;
    do {
        mn_host_settle();
        host_tick(rig);
    } while (move(rig, most, most) || mn_executor_ready());
}

void rig_run_ms(struct rig *rig, uint32_t ms)
{
    for (uint32_t i = 0; i < ms; i++) {
        mn_host_run_until(mn_port_now_us() + 1000);
        if (rig->bytes_per_ms) move(rig, rig->bytes_per_ms, rig->bytes_per_ms);
        rig_settle(rig);
    }
}

void rig_attach(struct rig *rig, uint32_t session)
{
    rig->session = session;
    rig->automatic = false;
    rig_hello(rig, session, MNEMOS_LINK_FEATURE_CRC);
    for (int i = 0; i < 2000 && rig->last_hello != session; i++) rig_run_ms(rig, 1);
    assert_int_equal(rig->last_hello, session);
    rig->automatic = true;
    rig->ping_us = rig->repeat_us = mn_port_now_us();
    for (int i = 0; i < RIG_PORTS && rig->ports[i].known; i++) {
        if (rig->ports[i].open) host_grant(rig, &rig->ports[i], true);
    }
    rig_settle(rig);
}

/* ---- The device's ends ---- */

static void device_event(struct mn_mux_port *port, void *owner)
{
    struct device_port *end = owner;
    uint8_t chunk[64];
    end->events++;
    while (end->reads) {
        uint32_t got = mn_mux_read(port, chunk, sizeof chunk);
        if (!got) break;
        bytes_put(&end->in, chunk, got);
    }
    while (end->written < end->to_write) {
        size_t len = end->to_write - end->written;
        if (len > sizeof chunk) len = sizeof chunk;
        for (size_t i = 0; i < len; i++) chunk[i] = pattern(end->stream, end->written + i);
        uint32_t put = mn_mux_write(port, chunk, (uint32_t)len);
        if (!put) break;
        end->written += put;
    }
}

void device_open(struct device_port *end, uint16_t number, const char *name,
                 enum mn_port_class class_, uint32_t rx_len, uint32_t tx_len)
{
    *end = (struct device_port){.stream = number};
    assert_int_equal(
        mn_mux_open(number, name, class_, rx_len, tx_len, device_event, end, &end->port), MN_OK);
}

void device_write_pattern(struct device_port *end, size_t len)
{
    end->to_write += len;
    device_event(end->port, end);
}
