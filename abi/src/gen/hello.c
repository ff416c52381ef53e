/* hello.c — codecs of hello.h. Generated from abi/schema/hello.toml by tools/abigen: edit that
 * file, not this one. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include <mnemos/abi/hello.h>

bool mnemos_hello_greet_args_put(struct mnemos_writer *w, const struct mnemos_hello_greet_args *m)
{
    uint8_t *at = w->at;
    if (m->name.len > 24u) return false;
    if (!mnemos_utf8_ok(m->name.data, m->name.len)) return false;
    if ((size_t)(w->end - at) < 1u + m->name.len) return false;
    at = mnemos_store_bytes(at, (struct mnemos_bytes){m->name.data, m->name.len});
    w->at = at;
    return true;
}

bool mnemos_hello_greet_args_get(struct mnemos_reader *r, struct mnemos_hello_greet_args *m)
{
    struct mnemos_bytes text;
    const uint8_t *at = r->at;
    const uint8_t *end = r->end;
    if (at == end) return false;
    at = mnemos_load_string(at, end, 24u, &text);
    if (!at) return false;
    m->name.len = text.len;
    if (text.len) __builtin_memcpy(m->name.data, text.data, text.len);
    r->at = at;
    return true;
}

bool mnemos_hello_greet_reply_put(struct mnemos_writer *w, const struct mnemos_hello_greet_reply *m)
{
    uint8_t *at = w->at;
    if (m->text.len > 40u) return false;
    if (!mnemos_utf8_ok(m->text.data, m->text.len)) return false;
    if ((size_t)(w->end - at) < 6u + m->text.len) return false;
    at = mnemos_store_bytes(at, (struct mnemos_bytes){m->text.data, m->text.len});
    at = mnemos_store_u32(at, m->number);
    w->at = at;
    return true;
}

bool mnemos_hello_greet_reply_get(struct mnemos_reader *r, struct mnemos_hello_greet_reply *m)
{
    struct mnemos_bytes text;
    const uint8_t *at = r->at;
    const uint8_t *end = r->end;
    if ((size_t)(end - at) < 2u) return false;
    at = mnemos_load_string(at, end - 1, 40u, &text);
    if (!at) return false;
    m->text.len = text.len;
    if (text.len) __builtin_memcpy(m->text.data, text.data, text.len);
    at = mnemos_load_u32(at, end, &m->number);
    if (!at) return false;
    r->at = at;
    return true;
}
