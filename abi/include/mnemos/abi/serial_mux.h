/* serial_mux.h — the serial mux: virtual ports over one line. Generated from
 * abi/schema/serial_mux.toml by tools/abigen: edit that file, not this one. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MNEMOS_ABI_SERIAL_MUX_H
#define MNEMOS_ABI_SERIAL_MUX_H
#include <mnemos/abi/wire.h>

#ifdef __cplusplus
extern "C" {
#endif

#define MNEMOS_SERIAL_MUX_PORT_LOOPBACK 0u /* what comes in goes out */
#define MNEMOS_SERIAL_MUX_PORT_HELLO 1u /* a sign of life */
#define MNEMOS_SERIAL_MUX_PORT_KEYBOARD 2u /* keys from the host; kept free for that service */
#define MNEMOS_SERIAL_MUX_PORT_TRACE 3u /* trace, both ways; kept free for that service */
/* the first of four shells, 10 to 13; kept free for that service */
#define MNEMOS_SERIAL_MUX_PORT_SHELL 10u

#define MNEMOS_SERIAL_MUX_UUID \
    { 0x54, 0xc9, 0x83, 0xfa, 0x73, 0x6f, 0x42, 0x23, 0xb9, 0x0d, 0xc4, 0x36, 0x0a, 0x30, 0x86, 0x47 }

/* The calls: the position is the number, for ever. */
enum mnemos_serial_mux_call {
    MNEMOS_SERIAL_MUX_CALL_OPEN = 0,
    MNEMOS_SERIAL_MUX_CALL_CLOSE = 1,
    MNEMOS_SERIAL_MUX_CALL_LIST = 2,
    MNEMOS_SERIAL_MUX_CALL_ATTACH = 3,
    MNEMOS_SERIAL_MUX_CALL_COUNT = 4,
};

/* What the first n calls look like on the wire, for each n up to all of them; see docs/abi. */
#define MNEMOS_SERIAL_MUX_SHAPE 0x2ed7015au
#define MNEMOS_SERIAL_MUX_SHAPES \
    { 0x4c0d416eu, 0x5cf8fddfu, 0x26ceccc8u, 0x49117c14u, 0x2ed7015au }

/* A port that is open. */
struct mnemos_serial_mux_port {
    uint16_t number;
    /* at most 24 bytes */
    struct {
        uint32_t len;
        uint8_t data[24];
    } name;
    bool bulk; /* comes after what a person waits for */
    uint32_t sent; /* bytes to the host in this session */
    uint32_t received; /* bytes from it */
};
#define MNEMOS_SERIAL_MUX_PORT_MIN 5u /* bytes */
#define MNEMOS_SERIAL_MUX_PORT_MAX 39u /* bytes */
bool mnemos_serial_mux_port_put(struct mnemos_writer *w, const struct mnemos_serial_mux_port *m);
bool mnemos_serial_mux_port_get(struct mnemos_reader *r, struct mnemos_serial_mux_port *m);

/* list: The open ports, those of programs too, in order of their numbers. */
/* Arguments of `list`. */
struct mnemos_serial_mux_list_args {
    uint16_t first; /* from this number on */
};
#define MNEMOS_SERIAL_MUX_LIST_ARGS_MIN 1u /* bytes */
#define MNEMOS_SERIAL_MUX_LIST_ARGS_MAX 3u /* bytes */
static inline bool mnemos_serial_mux_list_args_put(struct mnemos_writer *w,
                                                   const struct mnemos_serial_mux_list_args *m)
{
    uint8_t *at = w->at;
    if ((size_t)(w->end - at) < 3u) return false;
    at = mnemos_store_u16(at, m->first);
    w->at = at;
    return true;
}
static inline bool mnemos_serial_mux_list_args_get(struct mnemos_reader *r,
                                                   struct mnemos_serial_mux_list_args *m)
{
    const uint8_t *at = r->at;
    const uint8_t *end = r->end;
    if (at == end) return false;
    at = mnemos_load_u16(at, end, &m->first);
    if (!at) return false;
    r->at = at;
    return true;
}

/* Reply of `list`. */
struct mnemos_serial_mux_list_reply {
    /* empty: there are no more */
    struct {
        uint32_t len;
        struct mnemos_serial_mux_port items[4];
    } ports;
};
#define MNEMOS_SERIAL_MUX_LIST_REPLY_MIN 1u /* bytes */
#define MNEMOS_SERIAL_MUX_LIST_REPLY_MAX 157u /* bytes */
bool mnemos_serial_mux_list_reply_put(struct mnemos_writer *w,
                                      const struct mnemos_serial_mux_list_reply *m);
bool mnemos_serial_mux_list_reply_get(struct mnemos_reader *r,
                                      struct mnemos_serial_mux_list_reply *m);

#ifdef __cplusplus
}
#endif
#endif
