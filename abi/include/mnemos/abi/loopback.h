/* loopback.h — the loopback service: gives back what it is given. Generated from
 * abi/schema/loopback.toml by tools/abigen: edit that file, not this one. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MNEMOS_ABI_LOOPBACK_H
#define MNEMOS_ABI_LOOPBACK_H
#include <mnemos/abi/wire.h>

#ifdef __cplusplus
extern "C" {
#endif

#define MNEMOS_LOOPBACK_UUID \
    { 0x6c, 0x86, 0x2d, 0xee, 0x6e, 0xff, 0x40, 0xb2, 0x8b, 0x1f, 0xfa, 0x51, 0x70, 0x98, 0x2b, 0xea }

/* The calls: the position is the number, for ever. */
enum mnemos_loopback_call {
    MNEMOS_LOOPBACK_CALL_ECHO = 0,
    MNEMOS_LOOPBACK_CALL_COUNT = 1,
};

/* What the first n calls look like on the wire, for each n up to all of them; see docs/abi. */
#define MNEMOS_LOOPBACK_SHAPE 0x06c17d7eu
#define MNEMOS_LOOPBACK_SHAPES \
    { 0x64edaa3fu, 0x06c17d7eu }

/* echo: Copy bytes from one place to another. Errors: gone. */
/* Arguments of `echo`. */
struct mnemos_loopback_echo_args {
    struct mnemos_span source; /* what; at most 65536 bytes */
    struct mnemos_span target; /* where to; at most 65536 bytes */
};
#define MNEMOS_LOOPBACK_ECHO_ARGS_MIN 16u /* bytes */
#define MNEMOS_LOOPBACK_ECHO_ARGS_MAX 16u /* bytes */
static inline bool mnemos_loopback_echo_args_put(struct mnemos_writer *w,
                                                 const struct mnemos_loopback_echo_args *m)
{
    uint8_t *at = w->at;
    if (m->source.len > 65536u) return false;
    if (m->target.len > 65536u) return false;
    if ((size_t)(w->end - at) < 16u) return false;
    at = mnemos_store_span(at, m->source);
    at = mnemos_store_span(at, m->target);
    w->at = at;
    return true;
}
static inline bool mnemos_loopback_echo_args_get(struct mnemos_reader *r,
                                                 struct mnemos_loopback_echo_args *m)
{
    const uint8_t *at = r->at;
    const uint8_t *end = r->end;
    if ((size_t)(end - at) < 16u) return false;
    at = mnemos_load_span(at, 65536u, &m->source);
    if (!at) return false;
    at = mnemos_load_span(at, 65536u, &m->target);
    if (!at) return false;
    r->at = at;
    return true;
}

/* Reply of `echo`. */
struct mnemos_loopback_echo_reply {
    uint32_t used; /* bytes copied: the shorter of both */
};
#define MNEMOS_LOOPBACK_ECHO_REPLY_MIN 1u /* bytes */
#define MNEMOS_LOOPBACK_ECHO_REPLY_MAX 5u /* bytes */
static inline bool mnemos_loopback_echo_reply_put(struct mnemos_writer *w,
                                                  const struct mnemos_loopback_echo_reply *m)
{
    uint8_t *at = w->at;
    if ((size_t)(w->end - at) < 5u) return false;
    at = mnemos_store_u32(at, m->used);
    w->at = at;
    return true;
}
static inline bool mnemos_loopback_echo_reply_get(struct mnemos_reader *r,
                                                  struct mnemos_loopback_echo_reply *m)
{
    const uint8_t *at = r->at;
    const uint8_t *end = r->end;
    if (at == end) return false;
    at = mnemos_load_u32(at, end, &m->used);
    if (!at) return false;
    r->at = at;
    return true;
}

#ifdef __cplusplus
}
#endif
#endif
