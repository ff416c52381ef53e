/* framing.c — COBS, and the checksums. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "bench/bench.h"
#include "bench/kernel/memory.h"
#include "bench/kernel/rows.h"
#include "kernel/core/port.h"
#include <mnemos/abi/wire.h>
#include <string.h>

#define MOST 1024u

static uint8_t *plain, *coded;

static void fill_random(void)
{
    uint32_t state = 1;
    for (uint32_t i = 0; i < MOST; i++) plain[i] = (uint8_t)(bench_random(&state) >> 11);
}

static void fill_zeros(void)
{
    memset(plain, 0, MOST);
}

static void fill_no_zero(void)
{
    for (uint32_t i = 0; i < MOST; i++) plain[i] = (uint8_t)(i % 255u + 1u);
}

static void measure(uint32_t len, const char *encode_row, const char *decode_row)
{
    size_t coded_len, plain_len;
    bool ok;
    BENCH_SAMPLE(coded_len = mnemos_cobs_encode(coded, plain, len));
    bench_row(encode_row);
    BENCH_SAMPLE(ok = mnemos_cobs_decode(coded, coded_len, &plain_len));
    bench_row(decode_row);
    MN_ASSERT(ok && plain_len == len && !memcmp(plain, coded, len));
}

void rows_of_framing(void)
{
    plain = bench_memory(0);
    coded = bench_memory(4096);
    fill_random();
    measure(256, "cobs.enc_random_256", "cobs.dec_random_256");
    measure(1024, "cobs.enc_random_1024", "cobs.dec_random_1024");
    fill_zeros();
    measure(256, "cobs.enc_zeros_256", "cobs.dec_zeros_256");
    measure(1024, "cobs.enc_zeros_1024", "cobs.dec_zeros_1024");
    fill_no_zero();
    measure(256, "cobs.enc_nozero_256", "cobs.dec_nozero_256");
    measure(1024, "cobs.enc_nozero_1024", "cobs.dec_nozero_1024");

    uint32_t sum;
    fill_random();
    BENCH_SAMPLE(sum = mnemos_crc32(0, plain, 1024));
    bench_row("crc32.1024");
    BENCH_SAMPLE(sum ^= mnemos_adler32(1, plain, 1024));
    bench_row("adler32.1024");
    MN_ASSERT(sum);
}
