/* cobs.c — consistent overhead byte stuffing, a word at a time where the data allows it. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include <mnemos/abi/wire.h>

#define ONES  0x01010101u
#define HIGHS 0x80808080u

static inline uint32_t load_word(const uint8_t *at)
{
    uint32_t word;
    __builtin_memcpy(&word, at, sizeof word);
    return word;
}

static inline void store_word(uint8_t *at, uint32_t word)
{
    __builtin_memcpy(at, &word, sizeof word);
}

/* Not 0, once masked with HIGHS, if a byte of the word is. */
static inline uint32_t zeros(uint32_t word)
{
    return (word - ONES) & ~word;
}

static inline bool has_zero(uint32_t word)
{
    return (zeros(word) & HIGHS) != 0;
}

static inline bool either_has_zero(uint32_t one, uint32_t other)
{
    return ((zeros(one) | zeros(other)) & HIGHS) != 0;
}

size_t mnemos_cobs_find_end(const uint8_t *in, size_t len)
{
    const uint8_t *at = in;
    const uint8_t *end = in + len;
    while (end - at >= 8 && !either_has_zero(load_word(at), load_word(at + 4))) at += 8;
    while (at != end && *at) at++;
    return (size_t)(at - in);
}

size_t mnemos_cobs_encode(uint8_t *out, const uint8_t *in, size_t len)
{
    const uint8_t *end = in + len;
    uint8_t *code = out;
    while (in != end) {
        /* One run: `code` is where its length goes, at most 254 bytes follow. */
        const uint8_t *stop = (size_t)(end - in) > 254 ? in + 254 : end;
        uint8_t *at = code + 1;
        while (stop - in >= 8) {
            uint32_t one = load_word(in), other = load_word(in + 4);
            if (either_has_zero(one, other)) break;
            store_word(at, one);
            store_word(at + 4, other);
            in += 8;
            at += 8;
        }
        while (stop - in >= 4) {
            uint32_t word = load_word(in);
            if (has_zero(word)) break;
            store_word(at, word);
            in += 4;
            at += 4;
        }
        while (in != stop && *in) *at++ = *in++;
        *code = (uint8_t)(at - code);
        code = at;
        if (in == stop) continue;
        /* A zero ended the run. Each one that follows is a run of nothing. */
        in++;
        while (end - in >= 4 && load_word(in) == 0) {
            store_word(code, ONES);
            in += 4;
            code += 4;
        }
        if (in == end) *code++ = 1;
    }
    return (size_t)(code - out);
}

bool mnemos_cobs_decode(uint8_t *buf, size_t len, size_t *out_len)
{
    /* `out` never overtakes `in`, and words are read before they are written. */
    const uint8_t *in = buf;
    const uint8_t *end = buf + len;
    uint8_t *out = buf;
    while (in != end) {
        size_t code = *in++;
        if (code == 0 || code - 1 > (size_t)(end - in)) return false;
        const uint8_t *stop = in + (code - 1);
        while (stop - in >= 8) {
            uint32_t one = load_word(in), other = load_word(in + 4);
            if (either_has_zero(one, other)) return false;
            store_word(out, one);
            store_word(out + 4, other);
            in += 8;
            out += 8;
        }
        while (stop - in >= 4) {
            uint32_t word = load_word(in);
            if (has_zero(word)) return false;
            store_word(out, word);
            in += 4;
            out += 4;
        }
        while (in != stop) {
            if (!*in) return false;
            *out++ = *in++;
        }
        if (code == 255 || in == end) continue;
        *out++ = 0;
        /* Runs of nothing, each with something behind it: zeros. */
        while (end - in > 4 && load_word(in) == ONES) {
            store_word(out, 0);
            in += 4;
            out += 4;
        }
    }
    *out_len = (size_t)(out - buf);
    return true;
}
