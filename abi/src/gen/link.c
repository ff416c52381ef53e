/* link.c — codecs of link.h. Generated from abi/schema/link.toml by tools/abigen: edit that file,
 * not this one. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include <mnemos/abi/link.h>

bool mnemos_link_control_put(struct mnemos_writer *w, const struct mnemos_link_control *m)
{
    uint8_t *at = w->at;
    if (at == w->end) return false;
    *at++ = m->tag;
    switch (m->tag) {
    case MNEMOS_LINK_CONTROL_HELLO:
        if ((size_t)(w->end - at) < 14u) return false;
        at = mnemos_store_u8(at, m->hello.proto);
        at = mnemos_store_u32(at, m->hello.session);
        at = mnemos_store_u16(at, m->hello.max_frame);
        at = mnemos_store_u32(at, m->hello.features);
        break;
    case MNEMOS_LINK_CONTROL_OPEN:
        if (m->open.name.len > 24u) return false;
        if (!mnemos_utf8_ok(m->open.name.data, m->open.name.len)) return false;
        if ((size_t)(w->end - at) < 10u + m->open.name.len) return false;
        at = mnemos_store_u16(at, m->open.port);
        at = mnemos_store_bytes(at, m->open.name);
        at = mnemos_store_u8(at, m->open.class_);
        at = mnemos_store_u32(at, m->open.window);
        break;
    case MNEMOS_LINK_CONTROL_CLOSE:
        if ((size_t)(w->end - at) < 8u) return false;
        at = mnemos_store_u16(at, m->close.port);
        at = mnemos_store_u32(at, m->close.sent);
        break;
    case MNEMOS_LINK_CONTROL_EOF:
        if ((size_t)(w->end - at) < 8u) return false;
        at = mnemos_store_u16(at, m->eof.port);
        at = mnemos_store_u32(at, m->eof.sent);
        break;
    case MNEMOS_LINK_CONTROL_CREDIT:
        if ((size_t)(w->end - at) < 8u) return false;
        at = mnemos_store_u16(at, m->credit.port);
        at = mnemos_store_u32(at, m->credit.limit);
        break;
    case MNEMOS_LINK_CONTROL_BLOCKED:
        if ((size_t)(w->end - at) < 8u) return false;
        at = mnemos_store_u16(at, m->blocked.port);
        at = mnemos_store_u32(at, m->blocked.sent);
        break;
    case MNEMOS_LINK_CONTROL_LOST:
        if ((size_t)(w->end - at) < 8u) return false;
        at = mnemos_store_u16(at, m->lost.port);
        at = mnemos_store_u32(at, m->lost.total);
        break;
    case MNEMOS_LINK_CONTROL_PING:
        if ((size_t)(w->end - at) < 5u) return false;
        at = mnemos_store_u32(at, m->ping.value);
        break;
    case MNEMOS_LINK_CONTROL_PONG:
        if ((size_t)(w->end - at) < 5u) return false;
        at = mnemos_store_u32(at, m->pong.value);
        break;
    default:
        return false;
    }
    w->at = at;
    return true;
}

bool mnemos_link_control_get(struct mnemos_reader *r, struct mnemos_link_control *m)
{
    const uint8_t *at = r->at;
    const uint8_t *end = r->end;
    if (at == end) return false;
    at = mnemos_load_tag(at, end, 9, &m->tag);
    if (!at) return false;
    switch (m->tag) {
    case MNEMOS_LINK_CONTROL_HELLO:
        if ((size_t)(end - at) < 4u) return false;
        at = mnemos_load_u8(at, &m->hello.proto);
        at = mnemos_load_u32(at, end - 2, &m->hello.session);
        if (!at) return false;
        at = mnemos_load_u16(at, end - 1, &m->hello.max_frame);
        if (!at) return false;
        at = mnemos_load_u32(at, end, &m->hello.features);
        if (!at) return false;
        break;
    case MNEMOS_LINK_CONTROL_OPEN:
        if ((size_t)(end - at) < 4u) return false;
        at = mnemos_load_u16(at, end - 3, &m->open.port);
        if (!at) return false;
        at = mnemos_load_string(at, end - 2, 24u, &m->open.name);
        if (!at) return false;
        at = mnemos_load_u8(at, &m->open.class_);
        at = mnemos_load_u32(at, end, &m->open.window);
        if (!at) return false;
        break;
    case MNEMOS_LINK_CONTROL_CLOSE:
        if ((size_t)(end - at) < 2u) return false;
        at = mnemos_load_u16(at, end - 1, &m->close.port);
        if (!at) return false;
        at = mnemos_load_u32(at, end, &m->close.sent);
        if (!at) return false;
        break;
    case MNEMOS_LINK_CONTROL_EOF:
        if ((size_t)(end - at) < 2u) return false;
        at = mnemos_load_u16(at, end - 1, &m->eof.port);
        if (!at) return false;
        at = mnemos_load_u32(at, end, &m->eof.sent);
        if (!at) return false;
        break;
    case MNEMOS_LINK_CONTROL_CREDIT:
        if ((size_t)(end - at) < 2u) return false;
        at = mnemos_load_u16(at, end - 1, &m->credit.port);
        if (!at) return false;
        at = mnemos_load_u32(at, end, &m->credit.limit);
        if (!at) return false;
        break;
    case MNEMOS_LINK_CONTROL_BLOCKED:
        if ((size_t)(end - at) < 2u) return false;
        at = mnemos_load_u16(at, end - 1, &m->blocked.port);
        if (!at) return false;
        at = mnemos_load_u32(at, end, &m->blocked.sent);
        if (!at) return false;
        break;
    case MNEMOS_LINK_CONTROL_LOST:
        if ((size_t)(end - at) < 2u) return false;
        at = mnemos_load_u16(at, end - 1, &m->lost.port);
        if (!at) return false;
        at = mnemos_load_u32(at, end, &m->lost.total);
        if (!at) return false;
        break;
    case MNEMOS_LINK_CONTROL_PING:
        if (at == end) return false;
        at = mnemos_load_u32(at, end, &m->ping.value);
        if (!at) return false;
        break;
    case MNEMOS_LINK_CONTROL_PONG:
        if (at == end) return false;
        at = mnemos_load_u32(at, end, &m->pong.value);
        if (!at) return false;
        break;
    default: /* nothing follows the tag */
        break;
    }
    r->at = at;
    return true;
}
