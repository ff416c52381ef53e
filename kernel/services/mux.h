/* mux.h — virtual serial ports over one line.
 *
 * Frames are COBS(port u16le | data [| crc32 u32le]) 00. The control port carries
 * sessions, per-port credits, end-of-file and loss accounting (schema link.toml).
 * A port buffers `rx_len` bytes from the host and `tx_len` to it; a side that
 * does not read blocks only its own port. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MN_SERVICES_MUX_H
#define MN_SERVICES_MUX_H
#include "kernel/services/link.h"
#include <mnemos/abi/link.h>
#include <stdbool.h>

enum mn_port_class { MN_PORT_INTERACTIVE = 0, MN_PORT_BULK = 1 };

struct mn_mux_port;

struct mn_mux_stats {
    uint32_t bad_frames; /* thrown away: COBS, length, CRC, unknown port, unknown control message */
    uint32_t dropped;    /* bytes to the host dropped because there was no session */
    uint32_t lost;       /* bytes from the host that never reached their port */
    uint32_t host_lost;  /* bytes the host says never reached it */
    bool attached;
    uint32_t session; /* 0: none */
};

/* Forget everything and start the mux's tasks on a line. */
void mn_mux_start(struct mn_link *link);

/* Open a port; memory comes from the kernel heap. `name` is copied (at most 24 bytes).
 * `event` is woken/called whenever bytes, room or end-of-file appear: system-call or task context.
 * Errors   busy (open already), no_memory */
MN_MUST_USE mn_err mn_mux_open(uint16_t port, const char *name, enum mn_port_class class_,
                               uint32_t rx_len, uint32_t tx_len,
                               void (*event)(struct mn_mux_port *port, void *owner), void *owner,
                               struct mn_mux_port **out);

/* Take received bytes: how many; 0 when there are none now. */
uint32_t mn_mux_read(struct mn_mux_port *port, uint8_t *out, uint32_t cap);
bool mn_mux_at_eof(const struct mn_mux_port *port); /* no bytes left and the host said so */
uint32_t mn_mux_readable(const struct mn_mux_port *port);
/* Queue bytes: how many were taken. Without a session everything is taken, sent if the line has
 * room, else counted as dropped. */
uint32_t mn_mux_write(struct mn_mux_port *port, const uint8_t *data, uint32_t len);
uint32_t mn_mux_writable(const struct mn_mux_port *port);
/* Without a session and with the port full: count `len` bytes as dropped, which is what
 * mn_mux_write would do, only faster. Otherwise do nothing and answer false. */
bool mn_mux_discard(struct mn_mux_port *port, uint32_t len);
/* Bytes this port will have sent once all that was taken is out. */
uint32_t mn_mux_total(const struct mn_mux_port *port);
/* Give it back: what was queued is still sent, then the host is told and the memory freed. */
void mn_mux_close(struct mn_mux_port *port);
/* Is a port that this owner gave back not freed yet? */
bool mn_mux_is_closing(const void *owner);
/* Ports that this owner gave back are nobody's from now on. */
void mn_mux_disown(const void *owner);

/* A port of whole messages (loader, crash record): `receive` gets each CRC-checked frame. It has
 * room for one frame of its own, so no other port can keep it from sending. The callbacks may be
 * NULL; all are called in task context. */
struct mn_mux_messages {
    uint16_t port;
    uint8_t *frame; /* the owner's: room for its longest message and MN_MUX_FRAME_OVERHEAD bytes */
    uint32_t frame_cap;
    void (*receive)(struct mn_mux_messages *self, const uint8_t *data, uint32_t len);
    void (*sent)(struct mn_mux_messages *self); /* the frame is on its way: there is room again */
    /* A new session began; a frame that still waited was forgotten. */
    void (*session)(struct mn_mux_messages *self);
    struct mn_mux_messages *next; /* the rest is the mux's own */
    uint32_t frame_len;
};

#define MN_MUX_FRAME_OVERHEAD 6u /* port and CRC */

/* Owner    the mux keeps `messages` and its frame until they are detached; the frame is
 *          MNEMOS_LINK_MAX_FRAME bytes at most.
 * Errors   busy  somebody has the port */
MN_MUST_USE mn_err mn_mux_attach_messages(struct mn_mux_messages *messages);
/* A frame that still waits is forgotten. Not from inside its callbacks. */
void mn_mux_detach_messages(struct mn_mux_messages *messages);

/* Send one message; the bytes are copied.
 *
 * Errors   MN_PENDING  the last one has not left yet: `sent` will be called
 *          too_big     more than its frame has room for */
MN_MUST_USE mn_err mn_mux_send(struct mn_mux_messages *messages, const uint8_t *data, uint32_t len);

struct mn_mux_stats mn_mux_stats(void);
uint32_t mn_mux_baud(void); /* of the line; 0: not a UART */
#endif
