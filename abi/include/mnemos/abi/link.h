/* link.h — control messages of the serial mux. Generated from abi/schema/link.toml by tools/abigen:
 * edit that file, not this one. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MNEMOS_ABI_LINK_H
#define MNEMOS_ABI_LINK_H
#include <mnemos/abi/wire.h>

#ifdef __cplusplus
extern "C" {
#endif

#define MNEMOS_LINK_PROTO 1u /* version of these messages */
#define MNEMOS_LINK_PORT_CONTROL 0xffffu /* port of these messages */
#define MNEMOS_LINK_PORT_LOADER 0xfffeu /* port of the loader's messages */
#define MNEMOS_LINK_PORT_CRASH 0xfffdu /* port of the kernel's crash record, device to host */
#define MNEMOS_LINK_PORT_PROGRAM 0x1000u /* first port of programs; each start gets the next 16 */
#define MNEMOS_LINK_PORT_PROGRAM_END 0xf000u /* one past the last port of programs */
#define MNEMOS_LINK_MAX_FRAME 576u /* bytes of a frame before COBS: port, payload, CRC */
/* features bit: while the session lives every frame on every port ends with a CRC-32 */
#define MNEMOS_LINK_FEATURE_CRC 1u

/* One control message, either direction unless it says otherwise. */
enum {
    MNEMOS_LINK_CONTROL_HELLO = 0,
    MNEMOS_LINK_CONTROL_OPEN = 1,
    MNEMOS_LINK_CONTROL_CLOSE = 2,
    MNEMOS_LINK_CONTROL_EOF = 3,
    MNEMOS_LINK_CONTROL_CREDIT = 4,
    MNEMOS_LINK_CONTROL_BLOCKED = 5,
    MNEMOS_LINK_CONTROL_LOST = 6,
    MNEMOS_LINK_CONTROL_PING = 7,
    MNEMOS_LINK_CONTROL_PONG = 8,
};
struct mnemos_link_control {
    uint8_t tag;
    union {
        /* hello: Host: start a session (any number but 0, not the last one's). Device: the same
         * number back; 0 means `no session here`: I have just booted, or the host was silent for
         * too long. All counters start at 0 again. */
        struct {
            uint8_t proto;
            uint32_t session;
            uint16_t max_frame;
            uint32_t features;
        } hello;
        /* open: Device: this port exists; the host may send `window` bytes. After hello every open
         * port is announced again, and each second until the host has sent a credit or bytes for
         * it. Counters of the port start at 0. */
        struct {
            uint16_t port;
            struct mnemos_bytes name; /* at most 24 bytes */
            uint8_t class_; /* 0 interactive, 1 bulk */
            uint32_t window;
        } open;
        /* close: Device: the port is gone; `sent` bytes were sent in all. */
        struct {
            uint16_t port;
            uint32_t sent;
        } close;
        /* eof: No more bytes in this direction after the first `sent`. Bytes that follow
         * nevertheless open it again. */
        struct {
            uint16_t port;
            uint32_t sent;
        } eof;
        /* credit: The receiver takes bytes up to `limit`, counted from the start of the session or
         * the port's opening, modulo 2^32. */
        struct {
            uint16_t port;
            uint32_t limit;
        } credit;
        /* blocked: The sender has data and no credit; it has sent `sent` bytes. */
        struct {
            uint16_t port;
            uint32_t sent;
        } blocked;
        /* lost: The receiver missed bytes: `total` in all on this port since the session began. */
        struct {
            uint16_t port;
            uint32_t total;
        } lost;
        /* ping: Answer with pong and the same number. */
        struct {
            uint32_t value;
        } ping;
        /* pong: The answer to ping. */
        struct {
            uint32_t value;
        } pong;
    };
};
#define MNEMOS_LINK_CONTROL_MIN 2u /* bytes */
#define MNEMOS_LINK_CONTROL_MAX 35u /* bytes */
bool mnemos_link_control_put(struct mnemos_writer *w, const struct mnemos_link_control *m);
bool mnemos_link_control_get(struct mnemos_reader *r, struct mnemos_link_control *m);

#ifdef __cplusplus
}
#endif
#endif
