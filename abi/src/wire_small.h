/* wire_small.h — the forms of wire.c that builds for size (-Os) take: numbers go byte by byte. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef ABI_SRC_WIRE_SMALL_H
#define ABI_SRC_WIRE_SMALL_H
#include <mnemos/abi/wire.h>

uint8_t *mnemos_store_wide64(uint8_t *at, uint64_t value)
{
    for (; value >= 0x80; value >>= 7) *at++ = (uint8_t)(value | 0x80);
    *at++ = (uint8_t)value;
    return at;
}

uint8_t *mnemos_store_wide32(uint8_t *at, uint32_t value)
{
    return mnemos_store_wide64(at, value);
}

const uint8_t *mnemos_load_wide64(const uint8_t *at, const uint8_t *limit, uint64_t *value)
{
    const uint8_t *to = at;
    uint64_t found = 0;
    while (*to++ >= 0x80) {
        if (to == limit || to - at == 10) return NULL;
    }
    if (to - at == 10 && to[-1] > 1) return NULL;
    for (const uint8_t *from = to; from != at;) found = found << 7 | (*--from & 0x7f);
    *value = found;
    return to;
}

/* Each byte's seven bits come in at the top and push the others down. */
uint64_t mnemos_load_wide32(const uint8_t *at, const uint8_t *limit)
{
    uint32_t found = 0, bytes = 0;
    while (bytes < 4) {
        uint32_t byte = at[bytes++];
        found = found >> 7 | byte << 25;
        if (byte < 0x80) return found >> (32 - 7 * bytes) | (uint64_t)bytes << 32;
        if (at + bytes == limit) return 0;
    }
    return at[4] <= 0x0f ? (found >> 4 | (uint32_t)at[4] << 28) | (uint64_t)5 << 32 : 0;
}

const uint8_t *mnemos_load_bytes(const uint8_t *at, const uint8_t *limit, uint32_t max,
                                 struct mnemos_bytes *value)
{
    at = mnemos_load_len(at, limit, max, &value->len);
    if (!at || value->len > (size_t)(limit - at)) return NULL;
    value->data = at;
    return at + value->len;
}
#endif
