/* wire.h — postcard 1.x primitives, COBS, CRC-32 and Adler-32.
 *
 * The generated codecs are made of these. Writers and readers never go past
 * `end`; what does not fit or is malformed makes the function answer false and
 * leaves the position undefined. A writer with room for a message's MAX always
 * has enough; with less, a message is refused unless its scalars would fit at
 * their widest. Bytes after a message are the caller's to refuse: at != end. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MNEMOS_ABI_WIRE_H
#define MNEMOS_ABI_WIRE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Where size counts (-Os), long numbers go byte by byte through a loop; else a word at a time. */
#ifndef MNEMOS_SMALL
#ifdef __OPTIMIZE_SIZE__
#define MNEMOS_SMALL 1
#else
#define MNEMOS_SMALL 0
#endif
#endif

struct mnemos_writer {
    uint8_t *at, *end;
};
struct mnemos_reader {
    const uint8_t *at, *end;
};

/* Bytes or text inside a message: points into the reader's memory. */
struct mnemos_bytes {
    const uint8_t *data;
    uint32_t len;
};

/* A run of a program's memory, as the program claims. On the wire: address and
 * length as two fixed little-endian u32. Never a C pointer inside the kernel. */
struct mnemos_span {
    uint32_t addr, len;
};

/* Whole numbers of 128 bits. */
struct mnemos_u128 {
    uint64_t low, high;
};
struct mnemos_i128 {
    uint64_t low;
    int64_t high;
};

/* A length of time; nanoseconds below a thousand million. */
struct mnemos_duration {
    uint64_t seconds;
    uint32_t nanos;
};

/* CRC-32 as in zlib and Ethernet. Start with seed 0; feed the answer back to continue. */
uint32_t mnemos_crc32(uint32_t seed, const void *data, size_t len);

/* Adler-32 as in zlib. Start with seed 1; feed the answer back to continue. */
uint32_t mnemos_adler32(uint32_t seed, const void *data, size_t len);

/* Most bytes that COBS makes of n, without a terminator. */
#define MNEMOS_COBS_MAX(n) ((n) + ((n) + 253u) / 254u + 1u)

/* Encode without a terminating zero; answers the length. `out` has room for
 * MNEMOS_COBS_MAX(len) and does not overlap `in`. Nothing becomes nothing. */
size_t mnemos_cobs_encode(uint8_t *out, const uint8_t *in, size_t len);

/* How many bytes come before the first zero, which ends a frame in a stream; `len` if there is none. */
size_t mnemos_cobs_find_end(const uint8_t *in, size_t len);

/* Decode a frame in place, given without its terminating zero. A zero inside or a
 * run that is longer than the frame is refused. */
bool mnemos_cobs_decode(uint8_t *buf, size_t len, size_t *out_len);

/* Is it well-formed UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF? */
bool mnemos_utf8_ok(const uint8_t *text, size_t len);

/* Length of the longest beginning of `text` with at most `max` bytes that is well-formed UTF-8. */
size_t mnemos_utf8_clip(const uint8_t *text, size_t len, size_t max);

/* Is it a character: up to U+10FFFF and no surrogate? */
static inline bool mnemos_char_ok(uint32_t code)
{
    return code <= 0x10ffff && code >> 11 != 0x1b;
}

static inline bool mnemos_duration_ok(struct mnemos_duration value)
{
    return value.nanos < 1000000000u;
}

/* Are these bytes the same? */
bool mnemos_same(const uint8_t *a, uint32_t a_len, const uint8_t *b, uint32_t b_len);

/* What follows is for the generated codecs.
 *
 * store: write at `at`, where the caller has made sure of room for the widest
 * form; answer the position behind. load: read at `at`, where the caller has made
 * sure of one byte below `limit`; answer the position behind or NULL. A load that
 * needs more than its first byte stays below `limit`, so that what must follow
 * the limit is still there: one check at the start covers a run of fields. */

/*@ predicate readable(uint8_t *at, uint8_t *limit) =
        \base_addr(at) == \base_addr(limit) && at < limit && \valid_read(at + (0 .. limit - at - 1));
    predicate went_on(uint8_t *at, uint8_t *to, uint8_t *limit) =
        to == \null || (\base_addr(to) == \base_addr(at) && at < to <= limit); */

/* The forms of more than one byte, out of line. load_wide16 and load_wide32 answer
 * the value in the low half and the bytes used in the high half, 0 for a bad one. */
uint8_t *mnemos_store_wide32(uint8_t *at, uint32_t value);
uint8_t *mnemos_store_wide64(uint8_t *at, uint64_t value);
uint64_t mnemos_load_wide16(const uint8_t *at, const uint8_t *limit);
uint64_t mnemos_load_wide32(const uint8_t *at, const uint8_t *limit);
const uint8_t *mnemos_load_wide64(const uint8_t *at, const uint8_t *limit, uint64_t *value);

/* A count below `end`: the tag of an enum. */
const uint8_t *mnemos_load_wide_tag(const uint8_t *at, const uint8_t *limit, uint32_t end,
                                    uint8_t *tag);
/* A length of at most `max`. */
const uint8_t *mnemos_load_wide_len(const uint8_t *at, const uint8_t *limit, uint32_t max,
                                    uint32_t *len);
/* A length of at most `max` and that many bytes, or that much text. */
const uint8_t *mnemos_load_bytes(const uint8_t *at, const uint8_t *limit, uint32_t max,
                                 struct mnemos_bytes *value);
const uint8_t *mnemos_load_string(const uint8_t *at, const uint8_t *limit, uint32_t max,
                                  struct mnemos_bytes *value);

/* Types that are rare enough for one form. */
uint8_t *mnemos_store_u128(uint8_t *at, struct mnemos_u128 value);
uint8_t *mnemos_store_i128(uint8_t *at, struct mnemos_i128 value);
uint8_t *mnemos_store_char(uint8_t *at, uint32_t code);
const uint8_t *mnemos_load_u128(const uint8_t *at, const uint8_t *limit, struct mnemos_u128 *value);
const uint8_t *mnemos_load_i128(const uint8_t *at, const uint8_t *limit, struct mnemos_i128 *value);
const uint8_t *mnemos_load_char(const uint8_t *at, const uint8_t *limit, uint32_t *code);
const uint8_t *mnemos_load_duration(const uint8_t *at, const uint8_t *limit,
                                    struct mnemos_duration *value);

static inline uint8_t *mnemos_store_u8(uint8_t *at, uint8_t value)
{
    *at = value;
    return at + 1;
}

static inline uint8_t *mnemos_store_bool(uint8_t *at, bool value)
{
    *at = value ? 1 : 0;
    return at + 1;
}

static inline uint8_t *mnemos_store_u32(uint8_t *at, uint32_t value)
{
    if (value >= 0x80) return mnemos_store_wide32(at, value);
    *at = (uint8_t)value;
    return at + 1;
}

static inline uint8_t *mnemos_store_u16(uint8_t *at, uint16_t value)
{
    return mnemos_store_u32(at, value);
}

static inline uint8_t *mnemos_store_u64(uint8_t *at, uint64_t value)
{
    if (MNEMOS_SMALL || value >= 0x80) return mnemos_store_wide64(at, value);
    *at = (uint8_t)value;
    return at + 1;
}

/* Zigzag: 0, -1, 1, -2 ... become 0, 1, 2, 3 ... */
static inline uint32_t mnemos_zigzag32(int32_t value)
{
    return ((uint32_t)value << 1) ^ (value < 0 ? UINT32_MAX : 0);
}

static inline uint64_t mnemos_zigzag64(int64_t value)
{
    return ((uint64_t)value << 1) ^ (value < 0 ? UINT64_MAX : 0);
}

static inline int32_t mnemos_unzigzag32(uint32_t value)
{
    return (int32_t)((value >> 1) ^ (0 - (value & 1)));
}

static inline int64_t mnemos_unzigzag64(uint64_t value)
{
    return (int64_t)((value >> 1) ^ (0 - (value & 1)));
}

static inline uint8_t *mnemos_store_i8(uint8_t *at, int8_t value)
{
    *at = (uint8_t)value;
    return at + 1;
}

static inline uint8_t *mnemos_store_i16(uint8_t *at, int16_t value)
{
    return mnemos_store_u32(at, mnemos_zigzag32(value));
}

static inline uint8_t *mnemos_store_i32(uint8_t *at, int32_t value)
{
    return mnemos_store_u32(at, mnemos_zigzag32(value));
}

static inline uint8_t *mnemos_store_i64(uint8_t *at, int64_t value)
{
    return mnemos_store_u64(at, mnemos_zigzag64(value));
}

static inline uint8_t *mnemos_store_raw(uint8_t *at, const void *data, size_t len)
{
    if (len) __builtin_memcpy(at, data, len);
    return at + len;
}

static inline uint8_t *mnemos_store_uuid(uint8_t *at, const uint8_t *value)
{
    return mnemos_store_raw(at, value, 16);
}

static inline uint8_t *mnemos_store_duration(uint8_t *at, struct mnemos_duration value)
{
    return mnemos_store_u32(mnemos_store_u64(at, value.seconds), value.nanos);
}

static inline uint8_t *mnemos_store_f32(uint8_t *at, float value)
{
    return mnemos_store_raw(at, &value, sizeof value);
}

static inline uint8_t *mnemos_store_f64(uint8_t *at, double value)
{
    return mnemos_store_raw(at, &value, sizeof value);
}

static inline uint8_t *mnemos_store_span(uint8_t *at, struct mnemos_span value)
{
    at = mnemos_store_raw(at, &value.addr, sizeof value.addr);
    return mnemos_store_raw(at, &value.len, sizeof value.len);
}

/* A length and that many bytes; string and bytes alike. */
static inline uint8_t *mnemos_store_bytes(uint8_t *at, struct mnemos_bytes value)
{
    return mnemos_store_raw(mnemos_store_u32(at, value.len), value.data, value.len);
}

static inline const uint8_t *mnemos_load_u8(const uint8_t *at, uint8_t *value)
{
    *value = *at;
    return at + 1;
}

static inline const uint8_t *mnemos_load_i8(const uint8_t *at, int8_t *value)
{
    *value = (int8_t)*at;
    return at + 1;
}

static inline const uint8_t *mnemos_load_bool(const uint8_t *at, bool *value)
{
    if (*at > 1) return NULL;
    *value = *at != 0;
    return at + 1;
}

/*@ requires readable(at, limit) && \valid(value) && \separated(value, at + (0 .. limit - at - 1));
    assigns *value;
    ensures went_on(at, \result, limit); */
static inline const uint8_t *mnemos_load_u16(const uint8_t *at, const uint8_t *limit,
                                             uint16_t *value)
{
    uint8_t byte = *at;
    if (byte < 0x80) {
        *value = byte;
        return at + 1;
    }
    uint64_t wide = mnemos_load_wide16(at, limit);
    *value = (uint16_t)wide;
    return wide >> 32 ? at + (wide >> 32) : NULL;
}

/*@ requires readable(at, limit) && \valid(value) && \separated(value, at + (0 .. limit - at - 1));
    assigns *value;
    ensures went_on(at, \result, limit); */
static inline const uint8_t *mnemos_load_u32(const uint8_t *at, const uint8_t *limit,
                                             uint32_t *value)
{
    uint8_t byte = *at;
    if (byte < 0x80) {
        *value = byte;
        return at + 1;
    }
    uint64_t wide = mnemos_load_wide32(at, limit);
    *value = (uint32_t)wide;
    return wide >> 32 ? at + (wide >> 32) : NULL;
}

/*@ requires readable(at, limit) && \valid(value) && \separated(value, at + (0 .. limit - at - 1));
    assigns *value;
    ensures went_on(at, \result, limit); */
static inline const uint8_t *mnemos_load_u64(const uint8_t *at, const uint8_t *limit,
                                             uint64_t *value)
{
    uint8_t byte = *at;
    if (MNEMOS_SMALL || byte >= 0x80) return mnemos_load_wide64(at, limit, value);
    *value = byte;
    return at + 1;
}

static inline const uint8_t *mnemos_load_i16(const uint8_t *at, const uint8_t *limit,
                                             int16_t *value)
{
    uint16_t zigzag;
    at = mnemos_load_u16(at, limit, &zigzag);
    if (at) *value = (int16_t)mnemos_unzigzag32(zigzag);
    return at;
}

static inline const uint8_t *mnemos_load_i32(const uint8_t *at, const uint8_t *limit,
                                             int32_t *value)
{
    uint32_t zigzag;
    at = mnemos_load_u32(at, limit, &zigzag);
    if (at) *value = mnemos_unzigzag32(zigzag);
    return at;
}

static inline const uint8_t *mnemos_load_i64(const uint8_t *at, const uint8_t *limit,
                                             int64_t *value)
{
    uint64_t zigzag;
    at = mnemos_load_u64(at, limit, &zigzag);
    if (at) *value = mnemos_unzigzag64(zigzag);
    return at;
}

static inline const uint8_t *mnemos_load_raw(const uint8_t *at, void *out, size_t len)
{
    __builtin_memcpy(out, at, len);
    return at + len;
}

static inline const uint8_t *mnemos_load_f32(const uint8_t *at, float *value)
{
    return mnemos_load_raw(at, value, sizeof *value);
}

static inline const uint8_t *mnemos_load_f64(const uint8_t *at, double *value)
{
    return mnemos_load_raw(at, value, sizeof *value);
}

static inline const uint8_t *mnemos_load_span(const uint8_t *at, uint32_t max,
                                              struct mnemos_span *value)
{
    at = mnemos_load_raw(at, &value->addr, sizeof value->addr);
    at = mnemos_load_raw(at, &value->len, sizeof value->len);
    return value->len <= max ? at : NULL;
}

/*@ requires readable(at, limit) && \valid(len) && \separated(len, at + (0 .. limit - at - 1));
    assigns *len;
    ensures went_on(at, \result, limit) && (\result != \null ==> *len <= max); */
static inline const uint8_t *mnemos_load_len(const uint8_t *at, const uint8_t *limit, uint32_t max,
                                             uint32_t *len)
{
    uint8_t byte = *at;
    if (byte >= 0x80 || byte > max) return mnemos_load_wide_len(at, limit, max, len);
    *len = byte;
    return at + 1;
}

static inline const uint8_t *mnemos_load_tag(const uint8_t *at, const uint8_t *limit, uint32_t end,
                                             uint8_t *tag)
{
    uint8_t byte = *at;
    if (byte >= end) return mnemos_load_wide_tag(at, limit, end, tag);
    *tag = byte;
    return at + 1;
}

#ifdef __cplusplus
}
#endif
#endif
