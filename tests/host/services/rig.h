/* rig.h — the mux with a line and a host around it, in virtual time.
 *
 * The device side is the real code. The host is a small model that keeps the
 * protocol's rules: it grants credit, asks when it is blocked, pings. Frames may
 * be lost or damaged on the way by a seed; the line has a speed and can stall. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef TESTS_SERVICES_RIG_H
#define TESTS_SERVICES_RIG_H
#include "kernel/arch/host/host.h"
#include "kernel/core/heap.h"
#include "kernel/services/mux.h"
#include "seeds.h"
#include <mnemos/abi/error.h>
#include <mnemos/abi/link.h>
#include <mnemos/abi/wire.h>

#define RIG_PORTS    40
#define RIG_RING_MAX 8192

/* Bytes that grow as they are appended to. */
struct bytes {
    uint8_t *data;
    size_t len, cap;
};
void bytes_put(struct bytes *bytes, const void *data, size_t len);
void bytes_free(struct bytes *bytes);

/* A port as the host knows it. */
struct host_port {
    uint16_t number;
    char name[25];
    uint8_t class_;
    bool known, open, closed;
    uint32_t opens, credits, blockeds; /* messages that came for it */
    uint32_t sent, limit;              /* to the device */
    uint32_t received, granted, lost;  /* from the device */
    uint32_t device_lost;              /* what the device says it missed */
    uint32_t final;                    /* of Close */
    uint32_t reads;                    /* bytes the host's reader takes per ms; UINT32_MAX: all */
    uint32_t unread;
    struct bytes in;  /* everything that came */
    struct bytes out; /* still to be sent */
    size_t out_at;
    bool eof_wanted, eof_sent;
    uint64_t blocked_us;
};

struct rig {
    struct mn_link link;
    uint8_t rx_ring[RIG_RING_MAX], tx_ring[RIG_RING_MAX];
    uint8_t heap[48 * 1024];

    /* The line. */
    uint32_t bytes_per_ms; /* 0: as fast as it goes */
    bool stalled;          /* nothing leaves the device */
    bool (*lose)(struct rig *rig, uint8_t *frame,
                 size_t len); /* may damage it; true: the frame vanishes */
    uint32_t seed;            /* for `lose` */
    uint32_t frames_lost;
    struct bytes to_device;
    size_t to_device_at;
    uint32_t rx_spare_us, tx_spare_us;

    /* The host. */
    bool automatic;  /* it keeps the rules by itself */
    bool silent;     /* it sends nothing by itself, not even pings */
    uint32_t window; /* bytes it grants per port */
    uint32_t session;
    bool crc;
    uint32_t hellos, last_hello, pongs, last_pong, bad_frames, frames;
    struct mnemos_link_control last_hello_message;
    uint64_t ping_us, repeat_us;
    uint8_t frame[1024];
    size_t frame_len;
    struct host_port ports[RIG_PORTS];
    struct bytes order; /* u16 port of every frame that came, in order */
    void (*message)(struct rig *rig, uint16_t port, const uint8_t *data,
                    size_t len); /* loader and crash port */
};

/* A fresh device at 115200 (or `baud`), its mux started and settled; nobody has said hello. */
struct rig *rig_new(uint32_t baud);
void rig_free(struct rig *rig);

/* Say hello with CRCs, wait for the answer. From then on the host is automatic. */
void rig_attach(struct rig *rig, uint32_t session);

/* Let everything that can happen now happen; time stands still. With a speed set nothing moves
 * on the line. */
void rig_settle(struct rig *rig);
/* Let time pass, in steps of a millisecond. */
void rig_run_ms(struct rig *rig, uint32_t ms);

/* Bytes on the wire to the device, as they are. */
void rig_send_raw(struct rig *rig, const void *data, size_t len);
/* One frame, through `lose`. */
void rig_send_frame(struct rig *rig, uint16_t port, const void *data, size_t len, bool crc);
void rig_send_control(struct rig *rig, const struct mnemos_link_control *message);
void rig_hello(struct rig *rig, uint32_t session, uint32_t features);
void rig_credit(struct rig *rig, uint16_t port, uint32_t limit);

/* The host's end of a port; made when it does not exist yet. */
struct host_port *rig_port(struct rig *rig, uint16_t number);
/* Have the host write bytes there, as credit allows. */
void rig_write(struct rig *rig, uint16_t port, const void *data, size_t len);

/* A byte that belongs at that place of a stream. */
static inline uint8_t pattern(uint32_t stream, size_t at)
{
    uint32_t mixed = (uint32_t)at * 2654435761u + stream * 40503u;
    return (uint8_t)(mixed >> 24);
}

/* The device's end of a port, with a writer and a reader that never stop: what they wrote and
 * read. */
struct device_port {
    struct mn_mux_port *port;
    uint32_t stream;
    size_t to_write, written; /* writes pattern(stream, ..) */
    bool reads;               /* takes what comes, at once */
    struct bytes in;
    uint32_t events;
};
void device_open(struct device_port *end, uint16_t number, const char *name,
                 enum mn_port_class class_, uint32_t rx_len, uint32_t tx_len);
void device_write_pattern(struct device_port *end, size_t len);
#endif
