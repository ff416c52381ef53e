/* serial_mux.c — codecs of serial_mux.h. Generated from abi/schema/serial_mux.toml by tools/abigen:
 * edit that file, not this one. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include <mnemos/abi/serial_mux.h>

bool mnemos_serial_mux_port_put(struct mnemos_writer *w, const struct mnemos_serial_mux_port *m)
{
    uint8_t *at = w->at;
    if (m->name.len > 24u) return false;
    if (!mnemos_utf8_ok(m->name.data, m->name.len)) return false;
    if ((size_t)(w->end - at) < 15u + m->name.len) return false;
    at = mnemos_store_u16(at, m->number);
    at = mnemos_store_bytes(at, (struct mnemos_bytes){m->name.data, m->name.len});
    at = mnemos_store_bool(at, m->bulk);
    at = mnemos_store_u32(at, m->sent);
    at = mnemos_store_u32(at, m->received);
    w->at = at;
    return true;
}

bool mnemos_serial_mux_port_get(struct mnemos_reader *r, struct mnemos_serial_mux_port *m)
{
    struct mnemos_bytes text;
    const uint8_t *at = r->at;
    const uint8_t *end = r->end;
    if ((size_t)(end - at) < 5u) return false;
    at = mnemos_load_u16(at, end - 4, &m->number);
    if (!at) return false;
    at = mnemos_load_string(at, end - 3, 24u, &text);
    if (!at) return false;
    m->name.len = text.len;
    if (text.len) __builtin_memcpy(m->name.data, text.data, text.len);
    at = mnemos_load_bool(at, &m->bulk);
    if (!at) return false;
    at = mnemos_load_u32(at, end - 1, &m->sent);
    if (!at) return false;
    at = mnemos_load_u32(at, end, &m->received);
    if (!at) return false;
    r->at = at;
    return true;
}

bool mnemos_serial_mux_list_reply_put(struct mnemos_writer *w,
                                      const struct mnemos_serial_mux_list_reply *m)
{
    uint8_t *at = w->at;
    if (m->ports.len > 4u) return false;
    if ((size_t)(w->end - at) < 1u) return false;
    at = mnemos_store_u32(at, m->ports.len);
    for (uint32_t i = 0; i < m->ports.len; i++) {
        w->at = at;
        if (!mnemos_serial_mux_port_put(w, &m->ports.items[i])) return false;
        at = w->at;
    }
    w->at = at;
    return true;
}

bool mnemos_serial_mux_list_reply_get(struct mnemos_reader *r,
                                      struct mnemos_serial_mux_list_reply *m)
{
    const uint8_t *at = r->at;
    const uint8_t *end = r->end;
    if (at == end) return false;
    at = mnemos_load_len(at, end, 4u, &m->ports.len);
    if (!at) return false;
    for (uint32_t i = 0; i < m->ports.len; i++) {
        r->at = at;
        if (!mnemos_serial_mux_port_get(r, &m->ports.items[i])) return false;
        at = r->at;
    }
    r->at = at;
    return true;
}
