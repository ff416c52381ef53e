/* registry.c — codecs of registry.h. Generated from abi/schema/registry.toml by tools/abigen: edit
 * that file, not this one. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include <mnemos/abi/registry.h>

bool mnemos_registry_entry_put(struct mnemos_writer *w, const struct mnemos_registry_entry *m)
{
    uint8_t *at = w->at;
    if (m->name.len > 24u) return false;
    if (!mnemos_utf8_ok(m->name.data, m->name.len)) return false;
    if ((size_t)(w->end - at) < 34u + m->name.len) return false;
    at = mnemos_store_raw(at, m->uuid, sizeof m->uuid);
    at = mnemos_store_bytes(at, (struct mnemos_bytes){m->name.data, m->name.len});
    at = mnemos_store_u16(at, m->calls);
    at = mnemos_store_u32(at, m->shape);
    at = mnemos_store_bool(at, m->programs);
    at = mnemos_store_u16(at, m->clients);
    at = mnemos_store_u32(at, m->served);
    w->at = at;
    return true;
}

bool mnemos_registry_entry_get(struct mnemos_reader *r, struct mnemos_registry_entry *m)
{
    struct mnemos_bytes text;
    const uint8_t *at = r->at;
    const uint8_t *end = r->end;
    if ((size_t)(end - at) < 22u) return false;
    at = mnemos_load_raw(at, m->uuid, sizeof m->uuid);
    at = mnemos_load_string(at, end - 5, 24u, &text);
    if (!at) return false;
    m->name.len = text.len;
    if (text.len) __builtin_memcpy(m->name.data, text.data, text.len);
    at = mnemos_load_u16(at, end - 4, &m->calls);
    if (!at) return false;
    at = mnemos_load_u32(at, end - 3, &m->shape);
    if (!at) return false;
    at = mnemos_load_bool(at, &m->programs);
    if (!at) return false;
    at = mnemos_load_u16(at, end - 1, &m->clients);
    if (!at) return false;
    at = mnemos_load_u32(at, end, &m->served);
    if (!at) return false;
    r->at = at;
    return true;
}

bool mnemos_registry_list_reply_put(struct mnemos_writer *w,
                                    const struct mnemos_registry_list_reply *m)
{
    uint8_t *at = w->at;
    if (m->services.len > 4u) return false;
    if ((size_t)(w->end - at) < 1u) return false;
    at = mnemos_store_u32(at, m->services.len);
    for (uint32_t i = 0; i < m->services.len; i++) {
        w->at = at;
        if (!mnemos_registry_entry_put(w, &m->services.items[i])) return false;
        at = w->at;
    }
    w->at = at;
    return true;
}

bool mnemos_registry_list_reply_get(struct mnemos_reader *r, struct mnemos_registry_list_reply *m)
{
    const uint8_t *at = r->at;
    const uint8_t *end = r->end;
    if (at == end) return false;
    at = mnemos_load_len(at, end, 4u, &m->services.len);
    if (!at) return false;
    for (uint32_t i = 0; i < m->services.len; i++) {
        r->at = at;
        if (!mnemos_registry_entry_get(r, &m->services.items[i])) return false;
        at = r->at;
    }
    r->at = at;
    return true;
}
