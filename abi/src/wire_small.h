/* wire_small.h — the forms of wire.c that builds for size (-Os) take: numbers go byte by byte. A part of wire.c. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef ABI_SRC_WIRE_SMALL_H
#define ABI_SRC_WIRE_SMALL_H
#include <mnemos/abi/wire.h>

/* The forms have names of their own, by which they are proved, and are what the functions below are. */
#define SMALL_FORM static inline __attribute__((always_inline))

static inline uint64_t used(uint32_t value, uint32_t bytes); /* of wire.c */

/*@ requires \valid(at + (0 .. 9));
    assigns at[0 .. 9];
    ensures \base_addr(\result) == \base_addr(at) && at < \result <= at + 10; */
SMALL_FORM uint8_t *small_store(uint8_t *at, uint64_t value)
{
    //@ ghost uint8_t *start = at;
    /*@ loop invariant \base_addr(at) == \base_addr(start) && start <= at <= start + 9;
        loop invariant (at == start) || (at == start + 1 && value < 0x200000000000000) ||
                       (at == start + 2 && value < 0x4000000000000) || (at == start + 3 && value < 0x80000000000) ||
                       (at == start + 4 && value < 0x1000000000) || (at == start + 5 && value < 0x20000000) ||
                       (at == start + 6 && value < 0x400000) || (at == start + 7 && value < 0x8000) ||
                       (at == start + 8 && value < 0x100) || (at == start + 9 && value < 2);
        loop assigns at, value, start[0 .. 9];
        loop variant value; */
    while (value >= 0x80) {
        *at++ = (uint8_t)(value | 0x80);
        value >>= 7;
    }
    *at++ = (uint8_t)value;
    return at;
}

/*@ requires readable(at, limit) && \valid(value) && \separated(value, at + (0 .. limit - at - 1));
    assigns *value;
    ensures went_on(at, \result, limit) && (\result != \null ==> \result <= at + 10); */
SMALL_FORM const uint8_t *small_load(const uint8_t *at, const uint8_t *limit, uint64_t *value)
{
    const uint8_t *to = at;
    uint64_t found = 0;
    /*@ loop invariant \base_addr(to) == \base_addr(at) && at <= to < limit && to <= at + 9;
        loop assigns to;
        loop variant limit - to; */
    while (*to++ >= 0x80) {
        if (to == limit || to - at == 10) return NULL;
    }
    if (to - at == 10 && to[-1] > 1) return NULL;
    const uint8_t *from = to;
    /*@ loop invariant \base_addr(from) == \base_addr(at) && at <= from <= to;
        loop assigns from, found;
        loop variant from - at; */
    while (from != at) found = found << 7 | (*--from & 0x7f);
    *value = found;
    return to;
}

/* Each byte's seven bits come in at the top and push the others down. */
/*@ requires readable(at, limit);
    assigns \nothing;
    ensures \result / 0x100000000 <= limit - at;
    ensures \result == 0 || 1 <= \result / 0x100000000 <= 5; */
SMALL_FORM uint64_t small_load32(const uint8_t *at, const uint8_t *limit)
{
    uint32_t found = 0, bytes = 0;
    /*@ loop invariant 0 <= bytes <= 4 && at + bytes < limit;
        loop assigns found, bytes;
        loop variant 4 - bytes; */
    while (bytes < 4) {
        uint32_t byte = at[bytes++];
        found = found >> 7 | byte << 25;
        if (byte < 0x80) return used(found >> (32 - 7 * bytes), bytes);
        if (at + bytes == limit) return 0;
    }
    return at[4] <= 0x0f ? used(found >> 4 | (uint32_t)at[4] << 28, 5) : 0;
}

/*@ requires readable(at, limit) && \valid(value) && \separated(value, at + (0 .. limit - at - 1));
    assigns *value;
    ensures went_on(at, \result, limit);
    ensures \result != \null ==> value->len <= max && \base_addr(value->data) == \base_addr(at) &&
                                 at <= value->data && value->data + value->len == \result; */
SMALL_FORM const uint8_t *small_load_bytes(const uint8_t *at, const uint8_t *limit, uint32_t max,
                                              struct mnemos_bytes *value)
{
    at = mnemos_load_len(at, limit, max, &value->len);
    if (!at || value->len > (size_t)(limit - at)) return NULL;
    value->data = at;
    return at + value->len;
}

uint8_t *mnemos_store_wide64(uint8_t *at, uint64_t value)
{
    return small_store(at, value);
}

uint8_t *mnemos_store_wide32(uint8_t *at, uint32_t value)
{
    return mnemos_store_wide64(at, value);
}

const uint8_t *mnemos_load_wide64(const uint8_t *at, const uint8_t *limit, uint64_t *value)
{
    return small_load(at, limit, value);
}

uint64_t mnemos_load_wide32(const uint8_t *at, const uint8_t *limit)
{
    return small_load32(at, limit);
}

const uint8_t *mnemos_load_bytes(const uint8_t *at, const uint8_t *limit, uint32_t max,
                                 struct mnemos_bytes *value)
{
    return small_load_bytes(at, limit, max, value);
}
#endif
