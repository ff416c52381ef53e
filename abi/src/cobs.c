/* cobs.c — consistent overhead byte stuffing, a word at a time where the data allows it. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include <mnemos/abi/wire.h>
#if defined(__ARM_FEATURE_SIMD32)
#include <arm_acle.h>
#endif

#define ONES  0x01010101u
#define HIGHS 0x80808080u

/* Zero in a word: what it means is tried for all words by tests/proofs/leaves.c. */
/*@ axiomatic Words {
      predicate zero_in(integer word);
      axiom ones: !zero_in(ONES);
    }
    predicate zero_of_four(uint8_t *at) = at[0] == 0 || at[1] == 0 || at[2] == 0 || at[3] == 0;
    predicate no_zero(uint8_t *at, integer n) = \forall integer k; 0 <= k < n ==> at[k] != 0;
    predicate run(uint8_t *at, uint8_t *end) = \base_addr(at) == \base_addr(end) && at <= end; */

/*@ requires \valid_read(at + (0 .. 3));
    assigns \nothing;
    ensures zero_in(\result) <==> zero_of_four(at); */
static inline uint32_t load_word(const uint8_t *at)
{
    uint32_t word;
    __builtin_memcpy(&word, at, sizeof word);
    return word;
}

/*@ requires \valid(at + (0 .. 3));
    assigns at[0 .. 3];
    ensures zero_in(word) <==> zero_of_four(at); */
static inline void store_word(uint8_t *at, uint32_t word)
{
    __builtin_memcpy(at, &word, sizeof word);
}

/* Not 0 if a byte of the word is. */
/*@ assigns \nothing;
    ensures \result != 0 <==> zero_in(word); */
static inline uint32_t zeros(uint32_t word)
{
#if defined(__ARM_FEATURE_SIMD32)
    return __uqsub8(ONES, word); /* of each byte: 1 less it, but not below 0 */
#else
    return (word - ONES) & ~word & HIGHS;
#endif
}

/*@ assigns \nothing;
    ensures \result <==> zero_in(word); */
static inline bool has_zero(uint32_t word)
{
    return zeros(word) != 0;
}

/*@ assigns \nothing;
    ensures \result <==> zero_in(one) || zero_in(other); */
static inline bool either_has_zero(uint32_t one, uint32_t other)
{
    return (zeros(one) | zeros(other)) != 0;
}

/*@ requires \valid_read(in + (0 .. len - 1));
    assigns \nothing;
    ensures \result <= len && no_zero(in, \result) && (\result < len ==> in[\result] == 0); */
size_t mnemos_cobs_find_end(const uint8_t *in, size_t len)
{
    const uint8_t *at = in;
    const uint8_t *end = in + len;
    /*@ loop invariant in <= at && run(at, end) && no_zero(in, at - in);
        loop assigns at;
        loop variant end - at; */
    while (end - at >= 8 && !either_has_zero(load_word(at), load_word(at + 4))) at += 8;
    /*@ loop invariant in <= at && run(at, end) && no_zero(in, at - in);
        loop assigns at;
        loop variant end - at; */
    while (at != end && *at) at++;
    return (size_t)(at - in);
}

/*@ requires len <= 0x10000000 && \valid_read(in + (0 .. len - 1));
    requires \valid(out + (0 .. MNEMOS_COBS_MAX(len) - 1));
    requires \separated(in + (0 .. len - 1), out + (0 .. MNEMOS_COBS_MAX(len) - 1));
    assigns out[0 .. MNEMOS_COBS_MAX(len) - 1];
    ensures \result <= MNEMOS_COBS_MAX(len) && (\result == 0 <==> len == 0); */
size_t mnemos_cobs_encode(uint8_t *out, const uint8_t *in, size_t len)
{
    const uint8_t *end = in + len;
    uint8_t *code = out;
    //@ ghost const uint8_t *start = in;
    /*@ loop invariant start <= in && run(in, end) && out <= code && run(out, code);
        loop invariant in != end ==> 254 * ((code - out) - (in - start)) <= in - start;
        loop invariant (code - out) - (in - start) <= (in - start + 253) / 254 + 1;
        loop invariant in == start <==> code == out;
        loop assigns in, code, out[0 .. MNEMOS_COBS_MAX(len) - 1];
        loop variant end - in; */
    while (in != end) {
        /* One run: `code` is where its length goes, at most 254 bytes follow. */
        const uint8_t *stop = (size_t)(end - in) > 254 ? in + 254 : end;
        uint8_t *at = code + 1;
        /*@ loop invariant \at(in, LoopEntry) <= in && run(in, stop);
            loop invariant code < at && run(code, at) && at - code <= 255;
            loop invariant at - \at(at, LoopEntry) == in - \at(in, LoopEntry);
            loop assigns in, at, out[0 .. MNEMOS_COBS_MAX(len) - 1];
            loop variant stop - in; */
        while (stop - in >= 8) {
            uint32_t one = load_word(in), other = load_word(in + 4);
            if (either_has_zero(one, other)) break;
            store_word(at, one);
            store_word(at + 4, other);
            in += 8;
            at += 8;
        }
        /*@ loop invariant \at(in, LoopEntry) <= in && run(in, stop);
            loop invariant code < at && run(code, at) && at - code <= 255;
            loop invariant at - \at(at, LoopEntry) == in - \at(in, LoopEntry);
            loop assigns in, at, out[0 .. MNEMOS_COBS_MAX(len) - 1];
            loop variant stop - in; */
        while (stop - in >= 4) {
            uint32_t word = load_word(in);
            if (has_zero(word)) break;
            store_word(at, word);
            in += 4;
            at += 4;
        }
        /*@ loop invariant \at(in, LoopEntry) <= in && run(in, stop);
            loop invariant code < at && run(code, at) && at - code <= 255;
            loop invariant at - \at(at, LoopEntry) == in - \at(in, LoopEntry);
            loop assigns in, at, out[0 .. MNEMOS_COBS_MAX(len) - 1];
            loop variant stop - in; */
        while (in != stop && *in) *at++ = *in++;
        *code = (uint8_t)(at - code);
        code = at;
        if (in == stop) continue;
        /* A zero ended the run. Each one that follows is a run of nothing. */
        in++;
        /*@ loop invariant \at(in, LoopEntry) <= in && run(in, end) && run(out, code);
            loop invariant code - \at(code, LoopEntry) == in - \at(in, LoopEntry);
            loop assigns in, code, out[0 .. MNEMOS_COBS_MAX(len) - 1];
            loop variant end - in; */
        while (end - in >= 4 && load_word(in) == 0) {
            store_word(code, ONES);
            in += 4;
            code += 4;
        }
        if (in == end) *code++ = 1;
    }
    return (size_t)(code - out);
}

/*@ requires \valid(buf + (0 .. len - 1)) && \valid(out_len) && \separated(out_len, buf + (0 .. len - 1));
    assigns buf[0 .. len - 1], *out_len;
    ensures \result ==> *out_len <= len && (len > 0 ==> *out_len < len); */
bool mnemos_cobs_decode(uint8_t *buf, size_t len, size_t *out_len)
{
    /* `out` never overtakes `in`, and words are read before they are written. */
    const uint8_t *in = buf;
    const uint8_t *end = buf + len;
    uint8_t *out = buf;
    /*@ loop invariant run(in, end) && run(buf, out) && out <= in && (out < in || in < end || len == 0);
        loop assigns in, out, buf[0 .. len - 1];
        loop variant end - in; */
    while (in != end) {
        size_t code = *in++;
        if (code == 0 || code - 1 > (size_t)(end - in)) return false;
        const uint8_t *stop = in + (code - 1);
        /*@ loop invariant \at(in, LoopEntry) <= in && run(in, stop) && run(buf, out) && out < in;
            loop assigns in, out, buf[0 .. len - 1];
            loop variant stop - in; */
        while (stop - in >= 8) {
            uint32_t one = load_word(in), other = load_word(in + 4);
            if (either_has_zero(one, other)) return false;
            store_word(out, one);
            store_word(out + 4, other);
            in += 8;
            out += 8;
        }
        /*@ loop invariant \at(in, LoopEntry) <= in && run(in, stop) && run(buf, out) && out < in;
            loop assigns in, out, buf[0 .. len - 1];
            loop variant stop - in; */
        while (stop - in >= 4) {
            uint32_t word = load_word(in);
            if (has_zero(word)) return false;
            store_word(out, word);
            in += 4;
            out += 4;
        }
        /*@ loop invariant \at(in, LoopEntry) <= in && run(in, stop) && run(buf, out) && out < in;
            loop assigns in, out, buf[0 .. len - 1];
            loop variant stop - in; */
        while (in != stop) {
            if (!*in) return false;
            *out++ = *in++;
        }
        if (code == 255 || in == end) continue;
        *out++ = 0;
        /* Runs of nothing, each with something behind it: zeros. */
        /*@ loop invariant \at(in, LoopEntry) <= in && run(in, end) && in < end && run(buf, out) && out <= in;
            loop assigns in, out, buf[0 .. len - 1];
            loop variant end - in; */
        while (end - in > 4 && load_word(in) == ONES) {
            store_word(out, 0);
            in += 4;
            out += 4;
        }
    }
    *out_len = (size_t)(out - buf);
    return true;
}
