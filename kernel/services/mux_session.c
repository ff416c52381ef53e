/* mux_session.c — sessions, credits and time limits of the mux.
 *
 * Counters are u32 modulo 2^32 and start at 0 with each session. A limit is absolute, so a lost
 * or repeated Credit does no harm; Blocked and Eof carry the sender's count, so the receiver
 * learns what it missed. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/core/port.h"
#include "kernel/services/mux_priv.h"

static struct mux *const mux = &mn_mux_line;

static bool attached(void)
{
    return mux->stats.session != 0;
}

uint32_t mn_mux_sendable(const struct mn_mux_port *port)
{
    if (!attached()) return port->out.used;
    if (port->owes & MUX_OWES_OPEN) return 0;
    int32_t credit = (int32_t)(port->limit - port->sent);
    if (credit <= 0) return 0;
    return port->out.used < (uint32_t)credit ? port->out.used : (uint32_t)credit;
}

static uint8_t what_it_waits_for(const struct mn_mux_port *port)
{
    if (!attached()) return port->closing ? MUX_WAITS_TO_END : MUX_WAITS_NOT;
    if (!port->heard) return port->owes & MUX_OWES_OPEN ? MUX_WAITS_NOT : MUX_WAITS_TO_BE_KNOWN;
    bool credit = (int32_t)(port->limit - port->sent) > 0;
    return port->out.used && !credit ? MUX_WAITS_FOR_CREDIT : MUX_WAITS_NOT;
}

static uint64_t first_limit(uint8_t waits)
{
    if (waits == MUX_WAITS_NOT) return MUX_NEVER;
    return mn_port_now_us() + (waits == MUX_WAITS_FOR_CREDIT ? MUX_BLOCKED_US : MUX_REPEAT_US);
}

void mn_mux_reconsider(struct mn_mux_port *port)
{
    uint8_t waits = what_it_waits_for(port);
    if (waits == port->waits) return;
    port->waits = waits;
    port->due_us = first_limit(waits);
    mn_task_wake(&mux->watch);
}

void mn_mux_announced(struct mn_mux_port *port)
{
    port->waits = MUX_WAITS_NOT;
    mn_mux_reconsider(port);
}

void mn_mux_owe(struct mn_mux_port *port, uint8_t what)
{
    if (!attached()) return;
    port->owes |= what;
    mn_mux_wake_transmit();
}

/* Both the host's going and its coming restart a port: nothing owed, nothing sent, nothing
 * granted but what fits. */
static void restart_port(struct mn_mux_port *port)
{
    port->owes = 0;
    port->heard = false;
    port->credit_fresh = false;
    port->sent = port->limit = port->received = port->lost = port->host_lost = 0;
    port->granted = mn_mux_grant(port);
    port->waits = MUX_WAITS_NOT;
    port->due_us = MUX_NEVER;
    mn_mux_reconsider(port);
}

static void detach(void)
{
    mux->crc_host_lost = mux->crc;
    mux->stats.session = 0;
    mux->crc = false;
    mux->repeat_us = MUX_NEVER;
    for (struct mn_mux_port *port = mux->ports; port; port = port->next) {
        restart_port(port);
        mn_mux_notify(port);
    }
    mn_mux_wake_transmit();
}

static void attach(uint32_t session, uint32_t features, uint32_t host_max_frame)
{
    mux->stats.session = session;
    mux->crc = (features & MNEMOS_LINK_FEATURE_CRC) != 0;
    mux->crc_host_lost = false;
    mux->used = false;
    mux->owes_pong = false;
    mux->repeat_us = mn_port_now_us() + MUX_REPEAT_US;
    mux->host_frame_max = host_max_frame;
    for (struct mn_mux_port *port = mux->ports; port; port = port->next) {
        restart_port(port);
        port->owes = MUX_OWES_OPEN;
        mn_mux_notify(port);
    }
    for (struct mn_mux_messages *messages = mux->messages; messages; messages = messages->next) {
        messages->frame_len = 0;
        if (messages->session) messages->session(messages);
    }
    mn_task_wake(&mux->watch);
}

/* The number of the living session again means that our answer has not come through yet: answer
 * once more. After the host has said anything else it is an old copy, and restarting the
 * counters would part them from the host's. */
static void hello(uint32_t session, uint32_t features, uint32_t host_max_frame)
{
    if (!session || host_max_frame < MUX_HOST_FRAME_MIN) {
        mux->stats.bad_frames++;
        return;
    }
    if (session == mux->stats.session && mux->used) return;
    attach(session, features, host_max_frame);
    mux->owes_hello = true;
    mn_mux_wake_transmit();
}

/* The host has sent `sent` bytes on this port: what did not arrive is lost. */
static void resync(struct mn_mux_port *port, uint32_t sent)
{
    int32_t missed = (int32_t)(sent - port->received);
    if (missed <= 0) return;
    port->received = sent;
    port->lost += (uint32_t)missed;
    mux->stats.lost += (uint32_t)missed;
    mn_mux_owe(port, MUX_OWES_LOST);
}

void mn_mux_heard(struct mn_mux_port *port)
{
    port->heard = true;
    mn_mux_reconsider(port);
}

/* What the host says about one port. It may be gone already, its Close on the way: then `port`
 * is NULL. */

static void end_of_file(struct mn_mux_port *port, uint32_t sent)
{
    if (!port) return;
    resync(port, sent);
    mn_mux_heard(port);
    port->eof = true;
    mn_mux_notify(port);
}

static void credit(struct mn_mux_port *port, uint32_t limit)
{
    if (!port) return;
    if ((int32_t)(limit - port->limit) > 0) port->limit = limit;
    mn_mux_heard(port);
    mn_mux_wake_transmit();
}

static void blocked_host(struct mn_mux_port *port, uint32_t sent)
{
    if (!port) return;
    resync(port, sent);
    mn_mux_heard(port);
    mn_mux_owe(port, MUX_OWES_CREDIT);
}

static void host_lost(struct mn_mux_port *port, uint32_t total)
{
    if (!port) return;
    int32_t more = (int32_t)(total - port->host_lost);
    if (more <= 0) return;
    port->host_lost = total;
    mux->stats.host_lost += (uint32_t)more;
}

/* Messages which make sense only inside a session. A host that sends them without one has missed
 * its end: Hello with number 0 tells it. */
static void in_session(const struct mnemos_link_control *message)
{
    if (!attached()) {
        mux->owes_hello = true;
        mn_mux_wake_transmit();
        return;
    }
    mux->used = true;
    if (message->tag == MNEMOS_LINK_CONTROL_EOF)
        end_of_file(mn_mux_find(message->eof.port), message->eof.sent);
    else if (message->tag == MNEMOS_LINK_CONTROL_CREDIT)
        credit(mn_mux_find(message->credit.port), message->credit.limit);
    else if (message->tag == MNEMOS_LINK_CONTROL_BLOCKED)
        blocked_host(mn_mux_find(message->blocked.port), message->blocked.sent);
    else if (message->tag == MNEMOS_LINK_CONTROL_LOST)
        host_lost(mn_mux_find(message->lost.port), message->lost.total);
    else
        mux->stats.bad_frames++;
}

void mn_mux_control(const uint8_t *data, uint32_t len)
{
    struct mnemos_reader reader = {data, data + len};
    struct mnemos_link_control message;
    if (!mnemos_link_control_get(&reader, &message) || reader.at != reader.end) {
        mux->stats.bad_frames++;
        return;
    }
    mux->heard_us = mn_port_now_us();
    if (message.tag == MNEMOS_LINK_CONTROL_HELLO) {
        hello(message.hello.session, message.hello.features, message.hello.max_frame);
    } else if (message.tag == MNEMOS_LINK_CONTROL_PING) {
        mux->used = true;
        mux->pong_value = message.ping.value;
        mux->owes_pong = true;
        if (!attached()) mux->owes_hello = true;
        mn_mux_wake_transmit();
    } else if (message.tag != MNEMOS_LINK_CONTROL_PONG) {
        in_session(&message);
    }
}

static void repeat_credit(struct mn_mux_port *port)
{
    if (port->credit_fresh) mn_mux_owe(port, MUX_OWES_CREDIT);
    port->credit_fresh = false;
}

/* Nobody takes the bytes of a closed port: it must not hold its memory for ever. */
static void give_up(struct mn_mux_port *port)
{
    mux->stats.dropped += port->out.used;
    port->out.used = 0;
    port->due_us = MUX_NEVER;
    mn_mux_wake_transmit();
}

static void port_due(struct mn_mux_port *port, uint64_t now)
{
    port->due_us = now + MUX_REPEAT_US;
    if (port->waits == MUX_WAITS_TO_BE_KNOWN)
        mn_mux_owe(port, MUX_OWES_OPEN);
    else if (port->waits == MUX_WAITS_FOR_CREDIT)
        mn_mux_owe(port, MUX_OWES_BLOCKED);
    else
        give_up(port);
}

/* Act on every limit that has passed; answer when the next one will. */
static uint64_t check_limits(uint64_t now)
{
    if (attached() && now - mux->heard_us >= MUX_DETACH_US) detach();
    uint64_t next = attached() ? mux->heard_us + MUX_DETACH_US : MUX_NEVER;
    bool repeat = now >= mux->repeat_us;
    if (repeat) mux->repeat_us = now + MUX_REPEAT_US;
    if (mux->repeat_us < next) next = mux->repeat_us;
    for (struct mn_mux_port *port = mux->ports; port; port = port->next) {
        if (repeat) repeat_credit(port);
        if (now >= port->due_us) port_due(port, now);
        if (port->due_us < next) next = port->due_us;
    }
    return next;
}

mn_err mn_mux_watch_poll(struct mn_task *task, struct mn_cx *cx)
{
    (void)cx;
    uint64_t next = check_limits(mn_port_now_us());
    if (next == MUX_NEVER)
        mn_timer_cancel(&mux->watch_timer);
    else
        mn_timer_arm(&mux->watch_timer, task, next);
    return MN_PENDING;
}
