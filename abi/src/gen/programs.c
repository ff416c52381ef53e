/* programs.c — codecs of programs.h. Generated from abi/schema/programs.toml by tools/abigen: edit
 * that file, not this one. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include <mnemos/abi/programs.h>

bool mnemos_programs_entry_put(struct mnemos_writer *w, const struct mnemos_programs_entry *m)
{
    uint8_t *at = w->at;
    if (m->name.len > 24u) return false;
    if (!mnemos_utf8_ok(m->name.data, m->name.len)) return false;
    if ((size_t)(w->end - at) < 25u + m->name.len) return false;
    at = mnemos_store_u32(at, m->handle);
    at = mnemos_store_bytes(at, (struct mnemos_bytes){m->name.data, m->name.len});
    at = mnemos_store_u8(at, m->state);
    at = mnemos_store_u16(at, m->port_base);
    at = mnemos_store_u32(at, m->starts);
    at = mnemos_store_u64(at, m->run_us);
    w->at = at;
    return true;
}

bool mnemos_programs_entry_get(struct mnemos_reader *r, struct mnemos_programs_entry *m)
{
    struct mnemos_bytes text;
    const uint8_t *at = r->at;
    const uint8_t *end = r->end;
    if ((size_t)(end - at) < 6u) return false;
    at = mnemos_load_u32(at, end - 5, &m->handle);
    if (!at) return false;
    at = mnemos_load_string(at, end - 4, 24u, &text);
    if (!at) return false;
    m->name.len = text.len;
    if (text.len) __builtin_memcpy(m->name.data, text.data, text.len);
    at = mnemos_load_u8(at, &m->state);
    at = mnemos_load_u16(at, end - 2, &m->port_base);
    if (!at) return false;
    at = mnemos_load_u32(at, end - 1, &m->starts);
    if (!at) return false;
    at = mnemos_load_u64(at, end, &m->run_us);
    if (!at) return false;
    r->at = at;
    return true;
}
