/* checksum.c — CRC-32 and Adler-32 as in zlib. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include <mnemos/abi/wire.h>

/* The CRC of one byte is linear in its bits, so eight constants make the table. */
#define BIT(n, i, crc) (((n) & 1u << (i)) ? crc : 0u)
#define CRC(n)                                                                  \
    (BIT(n, 0, 0x77073096u) ^ BIT(n, 1, 0xee0e612cu) ^ BIT(n, 2, 0x076dc419u) ^ \
     BIT(n, 3, 0x0edb8832u) ^ BIT(n, 4, 0x1db71064u) ^ BIT(n, 5, 0x3b6e20c8u) ^ \
     BIT(n, 6, 0x76dc4190u) ^ BIT(n, 7, 0xedb88320u))
#define CRC4(n)  CRC(n), CRC((n) + 1), CRC((n) + 2), CRC((n) + 3)
#define CRC16(n) CRC4(n), CRC4((n) + 4), CRC4((n) + 8), CRC4((n) + 12)
#define CRC64(n) CRC16(n), CRC16((n) + 16), CRC16((n) + 32), CRC16((n) + 48)

static const uint32_t crc_of[256] = {CRC64(0), CRC64(64), CRC64(128), CRC64(192)};

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the first byte of a word is its lowest");

/* A byte that is in the lowest one of `crc` already goes through. */
static inline uint32_t through(uint32_t crc)
{
    return crc >> 8 ^ crc_of[crc & 0xff];
}

uint32_t mnemos_crc32(uint32_t seed, const void *data, size_t len)
{
    const uint8_t *at = data;
    uint32_t crc = ~seed;
    for (; len >= 4; len -= 4) {
        uint32_t word;
        __builtin_memcpy(&word, at, sizeof word);
        crc = through(through(through(through(crc ^ word))));
        at += 4;
    }
    for (; len; len--) crc = through(crc ^ *at++);
    return ~crc;
}

#define ADLER_BASE 65521u
#define ADLER_RUN  5552u /* most bytes before the sums could overflow */

uint32_t mnemos_adler32(uint32_t seed, const void *data, size_t len)
{
    const uint8_t *at = data;
    uint32_t low = seed & 0xffff;
    uint32_t high = seed >> 16;
    while (len) {
        size_t run = len < ADLER_RUN ? len : ADLER_RUN;
        const uint8_t *stop = at + run;
        len -= run;
        while (at != stop) {
            low += *at++;
            high += low;
        }
        low %= ADLER_BASE;
        high %= ADLER_BASE;
    }
    return high << 16 | low;
}
