/* wire.c — the parts of the postcard codec that are longer than one byte. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include <mnemos/abi/wire.h>

#define HIGHS 0x80808080u /* set in a byte that another one follows */

/* A value and how many bytes said it. */
/*@ assigns \nothing;
    ensures \result % 0x100000000 == value && \result / 0x100000000 == bytes; */
static inline uint64_t used(uint32_t value, uint32_t bytes)
{
    return value | (uint64_t)bytes << 32;
}

#if MNEMOS_SMALL
#include "wire_small.h"
#else
/*@ requires \valid(at + (0 .. 4));
    assigns at[0 .. 4];
    ensures \base_addr(\result) == \base_addr(at) && at < \result <= at + 5; */
uint8_t *mnemos_store_wide32(uint8_t *at, uint32_t value)
{
    //@ ghost uint8_t *start = at;
    /*@ loop invariant \base_addr(at) == \base_addr(start) && start <= at <= start + 4;
        loop invariant (at == start) || (at == start + 1 && value < 0x2000000) || (at == start + 2 && value < 0x40000) ||
                       (at == start + 3 && value < 0x800) || (at == start + 4 && value < 0x10);
        loop assigns at, value, start[0 .. 4];
        loop variant value; */
    while (value >= 0x80) {
        *at++ = (uint8_t)(value | 0x80);
        value >>= 7;
    }
    *at++ = (uint8_t)value;
    return at;
}

/* The lowest 28 bits as four bytes that others follow. */
static inline uint8_t *store_part(uint8_t *at, uint32_t value)
{
    uint32_t word = HIGHS | (value & 0x7f) | (value << 1 & 0x7f00) | (value << 2 & 0x7f0000) |
                    (value << 3 & 0x7f000000);
    __builtin_memcpy(at, &word, sizeof word);
    return at + sizeof word;
}

uint8_t *mnemos_store_wide64(uint8_t *at, uint64_t value)
{
    while (value > UINT32_MAX) {
        at = store_part(at, (uint32_t)value);
        value >>= 28;
    }
    return mnemos_store_wide32(at, (uint32_t)value);
}

/* Four bytes. What lies behind the limit reads as 0xff: a number that does not end there goes on. */
/*@ requires \valid_read(at + (0 .. room - 1));
    assigns \nothing;
    ensures room < 2 ==> (\result & 0x8000) != 0;
    ensures room < 3 ==> (\result & 0x800000) != 0;
    ensures room < 4 ==> (\result & 0x80000000) != 0; */
static inline uint32_t load_up_to_word(const uint8_t *at, size_t room)
{
    uint32_t word = UINT32_MAX;
    if (room >= sizeof word)
        __builtin_memcpy(&word, at, sizeof word);
    else
        while (room) word = word << 8 | at[--room];
    return word;
}

/* The seven bits of the i-th byte, where they belong. */
/*@ requires i <= 3;
    assigns \nothing; */
static inline uint32_t seven(uint32_t word, uint32_t i)
{
    return (word >> 8 * i & 0x7f) << 7 * i;
}

/*@ requires readable(at, limit);
    assigns \nothing;
    ensures \result / 0x100000000 <= limit - at;
    ensures \result == 0 || 2 <= \result / 0x100000000 <= 5; */
uint64_t mnemos_load_wide32(const uint8_t *at, const uint8_t *limit)
{
    size_t room = (size_t)(limit - at);
    uint32_t word = load_up_to_word(at, room);
    uint32_t value = seven(word, 0) | seven(word, 1);
    if (!(word & 0x8000u)) return used(value, 2);
    value |= seven(word, 2);
    if (!(word & 0x800000u)) return used(value, 3);
    value |= seven(word, 3);
    if (!(word & 0x80000000u)) return used(value, 4);
    return room > 4 && at[4] <= 0x0f ? used(value | (uint32_t)at[4] << 28, 5) : 0;
}

/* Up to 28 bits from up to four bytes. Answers how many bytes, 0 when there are more to come. */
/*@ requires \valid_read(at + (0 .. room - 1)) && \valid(value);
    assigns *value;
    ensures *value < 0x10000000 && \result <= 4 && \result <= room; */
static inline uint32_t load_part(const uint8_t *at, size_t room, uint32_t *value)
{
    uint32_t word = load_up_to_word(at, room);
    uint32_t ends = ~word & HIGHS;
    uint32_t bytes = 0;
    if (ends) {
        uint32_t top = (uint32_t)__builtin_ctz(ends);
        word &= (2u << top) - 1;
        bytes = top / 8 + 1;
    }
    *value = seven(word, 0) | seven(word, 1) | seven(word, 2) | seven(word, 3);
    return bytes;
}

/*@ requires readable(at, limit) && \valid(value) && \separated(value, at + (0 .. limit - at - 1));
    assigns *value;
    ensures went_on(at, \result, limit); */
const uint8_t *mnemos_load_wide64(const uint8_t *at, const uint8_t *limit, uint64_t *value)
{
    size_t room = (size_t)(limit - at);
    uint32_t low, middle;
    uint32_t bytes = load_part(at, room, &low);
    *value = low;
    if (bytes) return at + bytes;
    if (room < 5) return NULL;
    bytes = load_part(at + 4, room - 4, &middle);
    *value |= (uint64_t)middle << 28;
    if (bytes) return at + 4 + bytes;
    if (room < 9) return NULL;
    *value |= (uint64_t)(at[8] & 0x7f) << 56;
    if (at[8] < 0x80) return at + 9;
    if (room < 10 || at[9] > 1) return NULL;
    *value |= (uint64_t)at[9] << 63;
    return at + 10;
}
#endif

/*@ requires readable(at, limit);
    assigns \nothing;
    ensures \result / 0x100000000 <= limit - at && \result % 0x100000000 <= 0xffff;
    ensures \result == 0 || 2 <= \result / 0x100000000 <= 3; */
uint64_t mnemos_load_wide16(const uint8_t *at, const uint8_t *limit)
{
    uint64_t wide = mnemos_load_wide32(at, limit);
    /* The width has three bytes; a longer form is refused even when its value would fit. */
    return (uint32_t)wide <= UINT16_MAX && wide >> 32 <= 3 ? wide : 0;
}

/*@ requires readable(at, limit) && \valid(tag) && \separated(tag, at + (0 .. limit - at - 1));
    assigns *tag;
    ensures went_on(at, \result, limit) && (\result != \null && end <= 0x100 ==> *tag < end); */
const uint8_t *mnemos_load_wide_tag(const uint8_t *at, const uint8_t *limit, uint32_t end,
                                    uint8_t *tag)
{
    if (!MNEMOS_SMALL && *at < 0x80) return NULL;
    uint64_t wide = mnemos_load_wide32(at, limit);
    if (!(wide >> 32) || (uint32_t)wide >= end) return NULL;
    *tag = (uint8_t)wide;
    return at + (wide >> 32);
}

/*@ requires readable(at, limit) && \valid(len) && \separated(len, at + (0 .. limit - at - 1));
    assigns *len;
    ensures went_on(at, \result, limit) && (\result != \null ==> *len <= max); */
const uint8_t *mnemos_load_wide_len(const uint8_t *at, const uint8_t *limit, uint32_t max,
                                    uint32_t *len)
{
    uint64_t value;
    if (!MNEMOS_SMALL && *at < 0x80) return NULL;
    at = mnemos_load_wide64(at, limit, &value);
    if (!at || value > max) return NULL;
    *len = (uint32_t)value;
    return at;
}

#if !MNEMOS_SMALL
/*@ requires \base_addr(at) == \base_addr(limit) && at <= limit && \valid(value);
    assigns *value;
    ensures \result == \null || (\result == at + len && at + len <= limit && value->data == at && value->len == len); */
static inline const uint8_t *take_bytes(const uint8_t *at, const uint8_t *limit, uint32_t len,
                                        struct mnemos_bytes *value)
{
    if (len > (size_t)(limit - at)) return NULL;
    value->data = at;
    value->len = len;
    return at + len;
}

/* Apart from the usual short form, which needs no stack. */
/*@ requires readable(at, limit) && \valid(value) && \separated(value, at + (0 .. limit - at - 1));
    assigns *value;
    ensures went_on(at, \result, limit);
    ensures \result != \null ==> value->len <= max && \base_addr(value->data) == \base_addr(at) &&
                                 at <= value->data && value->data + value->len == \result; */
static __attribute__((noinline)) const uint8_t *
load_long_bytes(const uint8_t *at, const uint8_t *limit, uint32_t max, struct mnemos_bytes *value)
{
    uint32_t len;
    at = mnemos_load_wide_len(at, limit, max, &len);
    return at ? take_bytes(at, limit, len, value) : NULL;
}

/*@ requires readable(at, limit) && \valid(value) && \separated(value, at + (0 .. limit - at - 1));
    assigns *value;
    ensures went_on(at, \result, limit);
    ensures \result != \null ==> value->len <= max && \base_addr(value->data) == \base_addr(at) &&
                                 at <= value->data && value->data + value->len == \result; */
const uint8_t *mnemos_load_bytes(const uint8_t *at, const uint8_t *limit, uint32_t max,
                                 struct mnemos_bytes *value)
{
    uint32_t len = *at;
    if (len >= 0x80) return load_long_bytes(at, limit, max, value);
    return len <= max ? take_bytes(at + 1, limit, len, value) : NULL;
}
#endif

/* Bytes of the well-formed character at `text`, 0 if there is none within `len` (at least 1). */
static size_t utf8_char(const uint8_t *text, size_t len)
{
    uint32_t code = text[0];
    if (code < 0x80) return 1;
    if (code < 0xc2 || code > 0xf4) return 0;
    size_t size = code < 0xe0 ? 2 : code < 0xf0 ? 3 : 4;
    if (len < size) return 0;
    for (size_t i = 1; i < size; i++) {
        uint32_t six = text[i] ^ 0x80u;
        if (six > 0x3f) return 0;
        code = code << 6 | six;
    }
    uint32_t end = 2u << 5 * size; /* of what so many bytes can say */
    code &= end - 1;
    /* Overlong, which in two bytes begins below 0xc2; a surrogate; above U+10FFFF. */
    return code < end >> 5 || code >> 11 == 0x1b || code > 0x10ffff ? 0 : size;
}

/* The next four bytes are ASCII. */
static inline bool four_plain(const uint8_t *text)
{
    uint32_t word;
    __builtin_memcpy(&word, text, sizeof word);
    return !(word & HIGHS);
}

/* The first byte that is not part of well-formed text; `end` if there is none. */
static const uint8_t *utf8_end(const uint8_t *at, const uint8_t *end)
{
    while (at != end) {
        if (end - at >= 4 && four_plain(at)) {
            at += 4;
            continue;
        }
        size_t size = utf8_char(at, (size_t)(end - at));
        if (!size) break;
        at += size;
    }
    return at;
}

size_t mnemos_utf8_clip(const uint8_t *text, size_t len, size_t max)
{
    return (size_t)(utf8_end(text, text + (len < max ? len : max)) - text);
}

bool mnemos_utf8_ok(const uint8_t *text, size_t len)
{
    return utf8_end(text, text + len) == text + len;
}

const uint8_t *mnemos_load_string(const uint8_t *at, const uint8_t *limit, uint32_t max,
                                  struct mnemos_bytes *value)
{
    at = mnemos_load_bytes(at, limit, max, value);
    return at && utf8_end(value->data, at) == at ? at : NULL;
}

bool mnemos_same(const uint8_t *a, uint32_t a_len, const uint8_t *b, uint32_t b_len)
{
    return a_len == b_len && (!a_len || !__builtin_memcmp(a, b, a_len));
}

uint8_t *mnemos_store_u128(uint8_t *at, struct mnemos_u128 value)
{
    while (value.high || value.low >= 0x80) {
        *at++ = (uint8_t)(value.low | 0x80);
        value.low = value.low >> 7 | value.high << 57;
        value.high >>= 7;
    }
    *at++ = (uint8_t)value.low;
    return at;
}

uint8_t *mnemos_store_i128(uint8_t *at, struct mnemos_i128 value)
{
    uint64_t sign = value.high < 0 ? UINT64_MAX : 0;
    uint64_t high = (uint64_t)value.high << 1 | value.low >> 63;
    return mnemos_store_u128(at, (struct mnemos_u128){value.low << 1 ^ sign, high ^ sign});
}

uint8_t *mnemos_store_char(uint8_t *at, uint32_t code)
{
    if (code < 0x80) {
        *at++ = 1;
        *at++ = (uint8_t)code;
        return at;
    }
    uint32_t size = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    *at++ = (uint8_t)size;
    uint32_t shift = 6 * (size - 1);
    *at++ = (uint8_t)(0xf00u >> size | code >> shift);
    while (shift) {
        shift -= 6;
        *at++ = (uint8_t)(0x80 | (code >> shift & 0x3f));
    }
    return at;
}

const uint8_t *mnemos_load_u128(const uint8_t *at, const uint8_t *limit, struct mnemos_u128 *value)
{
    *value = (struct mnemos_u128){0, 0};
    for (uint32_t shift = 0; at != limit; shift += 7) {
        uint8_t byte = *at++;
        uint64_t seven = byte & 0x7f;
        if (shift < 64)
            value->low |= seven << shift;
        else
            value->high |= seven << (shift - 64);
        if (shift == 63) value->high |= seven >> 1;
        if (shift == 126 && byte > 3) return NULL;
        if (byte < 0x80) return at;
    }
    return NULL;
}

const uint8_t *mnemos_load_i128(const uint8_t *at, const uint8_t *limit, struct mnemos_i128 *value)
{
    struct mnemos_u128 zigzag;
    at = mnemos_load_u128(at, limit, &zigzag);
    if (!at) return NULL;
    uint64_t sign = 0 - (zigzag.low & 1);
    value->low = (zigzag.low >> 1 | zigzag.high << 63) ^ sign;
    value->high = (int64_t)(zigzag.high >> 1 ^ sign);
    return at;
}

const uint8_t *mnemos_load_char(const uint8_t *at, const uint8_t *limit, uint32_t *code)
{
    struct mnemos_bytes text;
    at = mnemos_load_bytes(at, limit, 4, &text);
    if (!at || !text.len || utf8_end(text.data, at) != at) return NULL;
    uint32_t found = text.len == 1 ? text.data[0] : text.data[0] & (0x7fu >> text.len);
    for (uint32_t i = 1; i < text.len; i++) {
        if ((text.data[i] & 0xc0) != 0x80) return NULL; /* another character */
        found = found << 6 | (text.data[i] & 0x3f);
    }
    *code = found;
    return at;
}

const uint8_t *mnemos_load_duration(const uint8_t *at, const uint8_t *limit,
                                    struct mnemos_duration *value)
{
    at = mnemos_load_u64(at, limit - 1, &value->seconds);
    if (at) at = mnemos_load_u32(at, limit, &value->nanos);
    return at && mnemos_duration_ok(*value) ? at : NULL;
}
