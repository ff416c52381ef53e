/* wire.c — the parts of the postcard codec that are longer than one byte. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include <mnemos/abi/wire.h>

uint8_t *mnemos_store_wide32(uint8_t *at, uint32_t value)
{
    while (value >= 0x80) {
        *at++ = (uint8_t)(value | 0x80);
        value >>= 7;
    }
    *at++ = (uint8_t)value;
    return at;
}

uint8_t *mnemos_store_wide64(uint8_t *at, uint64_t value)
{
    while (value > UINT32_MAX) {
        *at++ = (uint8_t)(value | 0x80);
        value >>= 7;
    }
    return mnemos_store_wide32(at, (uint32_t)value);
}

/* A value and how many bytes said it. */
static inline uint64_t used(uint32_t value, uint32_t bytes)
{
    return value | (uint64_t)bytes << 32;
}

uint64_t mnemos_load_wide16(const uint8_t *at, const uint8_t *limit)
{
    uint64_t wide = mnemos_load_wide32(at, limit);
    /* The width has three bytes; a longer form is refused even when its value would fit. */
    return (uint32_t)wide <= UINT16_MAX && wide >> 32 <= 3 ? wide : 0;
}

uint64_t mnemos_load_wide32(const uint8_t *at, const uint8_t *limit)
{
    size_t room = (size_t)(limit - at);
    if (room < 2) return 0;
    uint32_t value = at[0] & 0x7fu;
    uint32_t byte = at[1];
    value |= (byte & 0x7f) << 7;
    if (byte < 0x80) return used(value, 2);
    if (room < 3) return 0;
    byte = at[2];
    value |= (byte & 0x7f) << 14;
    if (byte < 0x80) return used(value, 3);
    if (room < 4) return 0;
    byte = at[3];
    value |= (byte & 0x7f) << 21;
    if (byte < 0x80) return used(value, 4);
    if (room < 5) return 0;
    byte = at[4];
    if (byte > 0x0f) return 0;
    return used(value | byte << 28, 5);
}

const uint8_t *mnemos_load_wide64(const uint8_t *at, const uint8_t *limit, uint64_t *value)
{
    /* Three halves of at most 28, 28 and 8 bits: no 64-bit shift by a variable. */
    uint32_t part[3] = { 0, 0, 0 };
    uint32_t bytes = 0;
    for (uint32_t p = 0; p < 3; p++) {
        for (uint32_t shift = 0; shift < 28; shift += 7) {
            if (at == limit) return NULL;
            uint32_t byte = *at++;
            bytes++;
            if (bytes == 10 && byte > 1) return NULL;
            part[p] |= (byte & 0x7f) << shift;
            if (byte < 0x80) {
                *value = part[0] | (uint64_t)part[1] << 28 | (uint64_t)part[2] << 56;
                return at;
            }
        }
    }
    return NULL;
}

const uint8_t *mnemos_load_wide_tag(const uint8_t *at, const uint8_t *limit, uint32_t end, uint8_t *tag)
{
    uint32_t value;
    at = mnemos_load_u32(at, limit, &value);
    if (!at || value >= end) return NULL;
    *tag = (uint8_t)value;
    return at;
}

const uint8_t *mnemos_load_len(const uint8_t *at, const uint8_t *limit, uint32_t max, uint32_t *len)
{
    uint64_t value;
    at = mnemos_load_u64(at, limit, &value);
    if (!at || value > max) return NULL;
    *len = (uint32_t)value;
    return at;
}

const uint8_t *mnemos_load_bytes(const uint8_t *at, const uint8_t *limit, uint32_t max, struct mnemos_bytes *value)
{
    uint32_t len;
    at = mnemos_load_len(at, limit, max, &len);
    if (!at || len > (size_t)(limit - at)) return NULL;
    value->data = at;
    value->len = len;
    return at + len;
}

const uint8_t *mnemos_load_string(const uint8_t *at, const uint8_t *limit, uint32_t max, struct mnemos_bytes *value)
{
    at = mnemos_load_bytes(at, limit, max, value);
    return at && mnemos_utf8_ok(value->data, value->len) ? at : NULL;
}

/* Bytes of the well-formed character at `text`, 0 if there is none within `len` (at least 1). */
static size_t utf8_char(const uint8_t *text, size_t len)
{
    uint8_t lead = text[0];
    if (lead < 0x80) return 1;
    size_t size = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (lead < 0xc2 || lead > 0xf4 || len < size) return 0;
    /* The second byte keeps overlong forms, surrogates and what lies above U+10FFFF out. */
    uint8_t low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    uint8_t high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    if (text[1] < low || text[1] > high) return 0;
    for (size_t i = 2; i < size; i++) {
        if ((text[i] & 0xc0) != 0x80) return 0;
    }
    return size;
}

size_t mnemos_utf8_clip(const uint8_t *text, size_t len, size_t max)
{
    size_t room = len < max ? len : max;
    size_t at = 0;
    while (at < room) {
        uint32_t word;
        if (room - at >= sizeof word) {
            __builtin_memcpy(&word, text + at, sizeof word);
            if (!(word & 0x80808080u)) {
                at += sizeof word;
                continue;
            }
        }
        size_t size = utf8_char(text + at, room - at);
        if (!size) break;
        at += size;
    }
    return at;
}

bool mnemos_utf8_ok(const uint8_t *text, size_t len)
{
    return mnemos_utf8_clip(text, len, len) == len;
}
