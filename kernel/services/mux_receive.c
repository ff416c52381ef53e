/* mux_receive.c — from bytes on the line to frames, and from frames to ports.
 *
 * Anything may come: noise, text, a frame without end. What is not a whole, valid frame is
 * counted and forgotten; the next zero byte starts anew. Nothing here waits for room to send or
 * for the owner of a port. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/core/port.h"
#include "kernel/services/mux_priv.h"
#include <string.h>

#define CRC_LEN 4u

static struct mux *const mux = &mn_mux_line;

static bool crc_right(const uint8_t *frame, uint32_t len)
{
    if (len < 2u + CRC_LEN) return false;
    uint32_t body = len - CRC_LEN;
    uint32_t crc = (uint32_t)frame[body] | (uint32_t)frame[body + 1] << 8 |
                   (uint32_t)frame[body + 2] << 16 | (uint32_t)frame[body + 3] << 24;
    return mnemos_crc32(0, frame, body) == crc;
}

/* Bytes beyond what was granted, or for a port that reads no more, are dropped: the rest of the
 * line goes on. */
static void deliver_bytes(struct mn_mux_port *port, const uint8_t *data, uint32_t len)
{
    uint32_t taken = mn_byte_queue_put(&port->in, data, len);
    port->received += len;
    mn_mux_heard(port);
    if (taken) port->eof = false;
    if (taken < len) {
        port->lost += len - taken;
        mux->stats.lost += len - taken;
        mn_mux_owe(port, MUX_OWES_LOST);
    }
    mn_mux_notify(port);
}

/* Control and messages always carry their CRC, whether there is a session or not. */
static void checked_frame(struct mn_mux_messages *messages, const uint8_t *frame, uint32_t len)
{
    if (!crc_right(frame, len)) {
        mux->stats.bad_frames++;
        return;
    }
    const uint8_t *data = frame + 2;
    uint32_t data_len = len - 2u - CRC_LEN;
    if (!messages) {
        mn_mux_control(data, data_len);
        return;
    }
    mux->heard_us = mn_port_now_us();
    mux->used = true;
    if (messages->receive)
        messages->receive(messages, data, data_len);
    else
        mux->stats.bad_frames++;
}

/* A plain port's frame. Without a session it carries no CRC; one that does comes from a host
 * which has not noticed the end of its session, and its CRC must not reach the port as data. */
static void plain_frame(uint16_t number, const uint8_t *frame, uint32_t len)
{
    uint32_t end = mux->crc ? len - CRC_LEN : len;
    struct mn_mux_port *port = mn_mux_find(number);
    if (!port || (mux->crc && !crc_right(frame, len))) {
        mux->stats.bad_frames++;
        return;
    }
    if (mux->crc_host_lost && crc_right(frame, len)) {
        mux->stats.bad_frames++;
        mux->owes_hello = true;
        mn_mux_wake_transmit();
        return;
    }
    mux->heard_us = mn_port_now_us();
    mux->used = true;
    deliver_bytes(port, frame + 2, end - 2u);
}

static void frame_in(uint8_t *frame, size_t coded_len)
{
    size_t len;
    if (!mnemos_cobs_decode(frame, coded_len, &len) || len < 2u || len > MNEMOS_LINK_MAX_FRAME) {
        mux->stats.bad_frames++;
        return;
    }
    uint16_t number = (uint16_t)(frame[0] | frame[1] << 8);
    struct mn_mux_messages *messages = mn_mux_find_messages(number);
    if (messages || number == MNEMOS_LINK_PORT_CONTROL)
        checked_frame(messages, frame, (uint32_t)len);
    else
        plain_frame(number, frame, (uint32_t)len);
}

static void frame_end(void)
{
    if (mux->rx_too_long)
        mux->stats.bad_frames++;
    else
        frame_in(mux->rx, mux->rx_len);
    mux->rx_len = 0;
    mux->rx_too_long = false;
}

/* Keep a piece of a frame until the rest of it comes. */
static void keep_piece(const uint8_t *data, uint32_t len)
{
    if (len > sizeof mux->rx - mux->rx_len) {
        mux->rx_too_long = true;
    } else if (!mux->rx_too_long) {
        memcpy(mux->rx + mux->rx_len, data, len);
        mux->rx_len += len;
    }
}

/* Take bytes up to and including the next zero; answer how many. A frame that is here whole is
 * decoded where it lies. */
static uint32_t take_run(uint8_t *data, uint32_t len)
{
    uint32_t run = (uint32_t)mnemos_cobs_find_end(data, len);
    bool begun = mux->rx_len || mux->rx_too_long;
    if (begun || run == len) keep_piece(data, run);
    if (run == len) return run;
    if (begun)
        frame_end();
    else if (run)
        frame_in(data, run);
    return run + 1u;
}

/* Look at one bounded run of what the line holds; answer whether there may be more. */
static bool take_slice(void)
{
    struct mn_grant grant = mn_bbq_read_grant(&mux->link->rx);
    uint32_t len = grant.len < MUX_RECEIVE_SLICE ? grant.len : MUX_RECEIVE_SLICE;
    for (uint32_t at = 0; at < len;) at += take_run(grant.buf + at, len - at);
    mn_bbq_release(&grant, len);
    if (mux->link->drained) mux->link->drained(mux->link);
    return len == MUX_RECEIVE_SLICE;
}

mn_err mn_mux_receive_poll(struct mn_task *task, struct mn_cx *cx)
{
    MN_BEGIN(&task->co);
    for (;;) {
        MN_AWAIT(mn_bbq_readable_poll(&mux->link->rx, cx));
        if (take_slice()) MN_YIELD(cx);
    }
    MN_END();
}
