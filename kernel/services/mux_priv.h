/* mux_priv.h — what the four parts of the mux share.
 *
 * mux_ports.c is what owners of ports call, mux_receive.c turns bytes into frames and delivers
 * them, mux_session.c keeps sessions, credits and time limits, mux_transmit.c decides which
 * frame goes out next. Control messages are never queued: what is owed is a bit (per port or for
 * the whole line), and the message is made from the state of the moment when the line has room.
 * So any number of them always fits, and receiving never waits for sending. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MN_SERVICES_MUX_PRIV_H
#define MN_SERVICES_MUX_PRIV_H
#include "kernel/core/timer.h"
#include "kernel/services/byte_queue.h"
#include "kernel/services/mux.h"
#include <mnemos/abi/wire.h>

#define MUX_NAME_MAX       24u
#define MUX_DETACH_US      3000000u /* without a valid frame the host is gone */
#define MUX_BLOCKED_US     250000u  /* with bytes and no credit, before the first Blocked */
#define MUX_REPEAT_US      1000000u /* between repeats of Open, Credit and Blocked */
#define MUX_NEVER          UINT64_MAX
#define MUX_HOST_FRAME_MIN 64u   /* a host that takes less than this gets no session */
#define MUX_LOWEST_TURN    8u    /* every 8th frame goes to the lowest waiting class */
#define MUX_RECEIVE_SLICE  1024u /* bytes looked at before other tasks have their turn */

/* What a port waits for, with a limit in time. */
enum {
    MUX_WAITS_NOT,
    MUX_WAITS_TO_BE_KNOWN, /* Open is out and the host has not spoken about the port yet */
    MUX_WAITS_FOR_CREDIT,  /* it has bytes and may send none */
    MUX_WAITS_TO_END,      /* closed, bytes left, no host */
};

/* Control messages that a port owes the host. */
enum {
    MUX_OWES_OPEN = 1,
    MUX_OWES_LOST = 2,
    MUX_OWES_CREDIT = 4,
    MUX_OWES_BLOCKED = 8,
    MUX_OWES_CLOSE = 16,
};

struct mn_mux_port {
    struct mn_mux_port *next;
    uint16_t number;
    uint8_t class_;
    uint8_t owes;
    bool closing;      /* its owner gave it back; it lives until its bytes and Close are out */
    bool heard;        /* the host knows it: it spoke about it in this session */
    bool eof;          /* no more bytes will come */
    bool credit_fresh; /* a higher limit went out since the last round of repeats */
    uint8_t name_len;
    char name[MUX_NAME_MAX];
    struct mn_byte_queue out, in;
    uint32_t sent, limit, host_lost;  /* to the host: sent, what it takes, what it says it missed */
    uint32_t received, granted, lost; /* from the host: sent by it, what it may send, missed */
    uint32_t data_turn, control_turn; /* when it was last served */
    uint8_t waits;                    /* for what ... */
    uint64_t due_us;                  /* ... and until when, or MUX_NEVER */
    void (*event)(struct mn_mux_port *port, void *owner);
    void *owner;
};

struct mux {
    struct mn_link *link;
    struct mn_task receive, transmit, watch;
    struct mn_timer watch_timer;
    struct mn_mux_port *ports;
    struct mn_mux_messages *messages;
    struct mn_mux_stats stats;

    bool crc;           /* every frame of this session ends with a CRC */
    bool used;          /* something else than Hello came in this session */
    bool crc_host_lost; /* the last session had CRCs and fell silent: its host may come back */
    bool owes_hello, owes_pong;
    uint32_t pong_value;
    uint32_t data_max; /* data bytes of one frame to the host: what the baud rate allows ... */
    uint32_t host_frame_max; /* ... and the whole frame: what the host takes */
    uint64_t heard_us;       /* when the last valid frame came */
    uint64_t repeat_us;      /* next round of repeats */

    uint32_t turn, lowest_turn;
    uint32_t tx_len, tx_at; /* the frame on its way out */
    uint32_t rx_len;
    bool rx_too_long; /* bytes are thrown away until the next zero */
    uint8_t raw[MNEMOS_LINK_MAX_FRAME];
    uint8_t tx[MNEMOS_COBS_MAX(MNEMOS_LINK_MAX_FRAME) + 1];
    uint8_t rx[MNEMOS_COBS_MAX(MNEMOS_LINK_MAX_FRAME)];
};

extern struct mux mn_mux_line;

struct mn_mux_port *mn_mux_find(uint16_t number);
struct mn_mux_messages *mn_mux_find_messages(uint16_t number);
void mn_mux_free(struct mn_mux_port *port);
void mn_mux_notify(struct mn_mux_port *port); /* tell the owner that something changed */

mn_err mn_mux_receive_poll(struct mn_task *task, struct mn_cx *cx);
mn_err mn_mux_transmit_poll(struct mn_task *task, struct mn_cx *cx);
mn_err mn_mux_watch_poll(struct mn_task *task, struct mn_cx *cx);

/* How far the host may send on this port. */
static inline uint32_t mn_mux_grant(const struct mn_mux_port *port)
{
    return port->received - port->in.used + port->in.len;
}

/* Bytes that may go out on this port now. */
uint32_t mn_mux_sendable(const struct mn_mux_port *port);

/* Something that a time limit depends on changed: bytes queued, credit used up or come, port
 * closed. */
void mn_mux_reconsider(struct mn_mux_port *port);
/* The host said something about the port. */
void mn_mux_heard(struct mn_mux_port *port);
/* Its Open went out: count the time until it is repeated from now. */
void mn_mux_announced(struct mn_mux_port *port);

/* Have the transmitter look again. */
void mn_mux_wake_transmit(void);

/* The port owes a control message. Nothing happens without a session. */
void mn_mux_owe(struct mn_mux_port *port, uint8_t what);

/* A valid control message came in. */
void mn_mux_control(const uint8_t *data, uint32_t len);
#endif
