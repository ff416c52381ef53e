/* cobs_on_board.c — COBS as the Cortex-M4 runs it: its test for a zero in a word is another one there. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "on_board.h"
#include <mnemos/abi/wire.h>

enum { LONGEST = 600 };

static uint8_t plain[LONGEST], coded[MNEMOS_COBS_MAX(LONGEST) + 1], expected[MNEMOS_COBS_MAX(LONGEST)];

/* The definition, byte by byte. */
static size_t encode(uint8_t *out, const uint8_t *in, size_t len)
{
    size_t code = 0, at = 1;
    if (!len) return 0;
    out[code] = 1;
    for (size_t i = 0; i < len; i++) {
        if (in[i]) {
            out[at++] = in[i];
            out[code]++;
        }
        if (!in[i] || (out[code] == 255 && i + 1 < len)) {
            code = at++;
            out[code] = 1;
        }
    }
    return at;
}

static void there_and_back(size_t len)
{
    size_t expected_len = encode(expected, plain, len), coded_len = mnemos_cobs_encode(coded, plain, len);
    size_t plain_len;
    if (coded_len != expected_len) finish(false);
    for (size_t i = 0; i < coded_len; i++)
        if (coded[i] != expected[i]) finish(false);
    coded[coded_len] = 0;
    if (mnemos_cobs_find_end(coded, coded_len + 1) != coded_len) finish(false);
    if (!mnemos_cobs_decode(coded, coded_len, &plain_len) || plain_len != len) finish(false);
    for (size_t i = 0; i < len; i++)
        if (coded[i] != plain[i]) finish(false);
}

/* Four bytes that differ little from zero or from what a carry would make of it, behind some others. */
static void every_edge_in_a_word(void)
{
    static const uint8_t edges[] = {0, 1, 2, 0x7f, 0x80, 0x81, 0xfe, 0xff};
    for (uint32_t bits = 0; bits < 8u * 8u * 8u * 8u; bits++) {
        for (size_t before = 0; before < 8; before++) {
            size_t len = before + 4;
            for (size_t i = 0; i < before; i++) plain[i] = 0x55;
            for (size_t i = 0; i < 4; i++) plain[before + i] = edges[bits >> 3 * i & 7u];
            for (size_t i = len; i < 16; i++) plain[i] = 1;
            there_and_back(len);
            there_and_back(16);
        }
    }
}

void start(void)
{
    uint32_t random = 1;
    every_edge_in_a_word();
    for (uint32_t zeros = 1; zeros < 1024; zeros *= 2) { /* one byte of so many */
        for (size_t len = 0; len < LONGEST; len += len / 16 + 1) {
            for (size_t i = 0; i < len; i++) {
                random = random * 1664525u + 1013904223u;
                plain[i] = (random >> 8) % zeros == 0 ? 0 : (uint8_t)(random >> 24 | 1);
            }
            there_and_back(len);
        }
    }
    finish(true);
}
