/* wire_test.c — COBS, checksums, UTF-8 and varints by their own properties. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "random.h"
#include "seeds.h"
#include <mnemos/abi/wire.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 1100 };

/* Byte-by-byte COBS from its definition, to compare with. Answers the length. */
static size_t plain_encode(uint8_t *out, const uint8_t *in, size_t len)
{
    if (!len) return 0;
    size_t code = 0, at = 1;
    for (size_t i = 0; i < len; i++) {
        if (in[i]) out[at++] = in[i];
        bool full = at - code == 255;
        if (in[i] && !full) continue;
        out[code] = (uint8_t)(at - code);
        code = at;
        if (full && i + 1 == len) return at;
        at++;
    }
    out[code] = (uint8_t)(at - code);
    return at;
}

/* Encode and decode in blocks of exactly the size that is needed. */
static void both_ways(const uint8_t *data, size_t len)
{
    uint8_t *in = calloc(len, 1);
    uint8_t *out = malloc(MNEMOS_COBS_MAX(len));
    uint8_t *plain = malloc(MNEMOS_COBS_MAX(len) + 1);
    if (len) memcpy(in, data, len);
    size_t size = mnemos_cobs_encode(out, in, len);
    assert_true(size <= MNEMOS_COBS_MAX(len));
    assert_int_equal(size, plain_encode(plain, in, len));
    if (size) assert_memory_equal(out, plain, size);
    assert_null(memchr(out, 0, size));

    uint8_t *frame = malloc(size);
    if (size) memcpy(frame, out, size);
    size_t got = ~(size_t)0;
    assert_true(mnemos_cobs_decode(frame, size, &got));
    assert_int_equal(got, len);
    if (len) assert_memory_equal(frame, in, len);
    free(frame);
    free(plain);
    free(out);
    free(in);
}

static void cobs_of_every_length(void **state)
{
    (void)state;
    uint8_t data[MOST];
    for (size_t len = 0; len <= MOST; len++) {
        memset(data, 0, len);
        both_ways(data, len);
        memset(data, 'x', len);
        both_ways(data, len);
        if (len) data[len - 1] = 0;
        both_ways(data, len);
    }
    /* One zero at every place, around the ends of words and of full runs. */
    for (size_t len = 250; len < 265; len++) {
        for (size_t zero = 0; zero < len; zero++) {
            memset(data, 'x', len);
            data[zero] = 0;
            both_ways(data, len);
        }
    }
}

static void cobs_of_random_data(uint32_t seed)
{
    struct random random = {seed};
    uint8_t data[MOST];
    uint32_t len = random_below(&random, MOST + 1);
    uint32_t zeros = random_below(&random, 5);
    for (uint32_t i = 0; i < len; i++) {
        uint8_t byte = (uint8_t)random_next(&random);
        data[i] = random_below(&random, 4) < zeros ? 0 : byte;
    }
    both_ways(data, len);
}

static void cobs_decodes_anything_or_refuses(uint32_t seed)
{
    struct random random = {seed};
    for (int round = 0; round < 50; round++) {
        size_t len = random_below(&random, 300);
        uint8_t *frame = malloc(len);
        for (size_t i = 0; i < len; i++) {
            frame[i] = (uint8_t)(random_below(&random, 3) ? 1 + random_below(&random, 20)
                                                          : random_next(&random));
        }
        size_t got;
        if (mnemos_cobs_decode(frame, len, &got)) assert_true(got <= len);
        free(frame);
    }
}

static void cobs_refuses(void **state)
{
    (void)state;
    static const struct {
        uint8_t bytes[8];
        size_t len;
    } bad[] = {
        {{0}, 1},
        {{2}, 1},
        {{3, 'a'}, 2},
        {{3, 'a', 0}, 3},
        {{1, 0}, 2},
        {{6, 'a', 'b', 0, 'd', 'e'}, 6},
        {{255, 'a', 'b'}, 3},
        {{1, 1, 1, 1, 1, 0}, 6},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        uint8_t frame[8];
        size_t got;
        memcpy(frame, bad[i].bytes, sizeof frame);
        assert_false(mnemos_cobs_decode(frame, bad[i].len, &got));
    }
}

/* A zero at every place of a run, before and behind bytes that look like one when words are searched. */
static void a_zero_is_found_at_every_place(void **state)
{
    (void)state;
    static const uint8_t fills[] = {0x01, 0x7f, 0x80, 0x81, 0xff};
    for (size_t len = 1; len < 40; len++) {
        for (size_t zero = 0; zero <= len; zero++) {
            uint8_t *run = malloc(len + 1);
            for (size_t i = 0; i < sizeof fills; i++) {
                memset(run + 1, fills[i], len);
                run[0] = (uint8_t)(len + 1);
                if (zero < len) run[1 + zero] = 0;
                assert_int_equal(mnemos_cobs_find_end(run + 1, len), zero);
                size_t got;
                assert_int_equal(mnemos_cobs_decode(run, len + 1, &got), zero == len);
            }
            free(run);
        }
    }
    assert_int_equal(mnemos_cobs_find_end(NULL, 0), 0);
}

static void checksums(void **state)
{
    (void)state;
    const char *digits = "123456789";
    assert_int_equal(mnemos_crc32(0, digits, 9), 0xcbf43926u);
    assert_int_equal(mnemos_crc32(0, "", 0), 0);
    assert_int_equal(mnemos_crc32(mnemos_crc32(0, digits, 4), digits + 4, 5), 0xcbf43926u);
    assert_int_equal(mnemos_adler32(1, digits, 9), 0x091e01deu);
    assert_int_equal(mnemos_adler32(1, "", 0), 1);
    assert_int_equal(mnemos_adler32(mnemos_adler32(1, digits, 4), digits + 4, 5), 0x091e01deu);

    /* Long enough and high enough to overflow sums that are not reduced in time. */
    size_t len = 100000;
    uint8_t *data = malloc(len);
    memset(data, 0xff, len);
    assert_int_equal(mnemos_adler32(1, data, len), 0x149a302cu);
    assert_int_equal(mnemos_crc32(0, data, len), 0x68c6cec4u);
    free(data);
}

/* The definition, bit by bit. */
static uint32_t crc_by_bits(uint32_t crc, const uint8_t *data, size_t len)
{
    crc = ~crc;
    for (size_t i = 0; i < 8 * len; i++) {
        uint32_t bit = (crc ^ (uint32_t)data[i / 8] >> i % 8) & 1;
        crc = crc >> 1 ^ (bit ? 0xedb88320u : 0);
    }
    return ~crc;
}

static void crc_of_any_piece(void **state)
{
    (void)state;
    for (size_t len = 0; len < 40; len++) {
        for (size_t first = 0; first < 4; first++) {
            uint8_t *data = malloc(first + len);
            for (size_t i = 0; i < first + len; i++) data[i] = (uint8_t)(i * 89 + len * 7 + 13);
            uint32_t crc = mnemos_crc32((uint32_t)first, data + first, len);
            assert_int_equal(crc, crc_by_bits((uint32_t)first, data + first, len));
            free(data);
        }
    }
}

static bool text_ok(const char *text)
{
    size_t len = strlen(text);
    uint8_t *copy = malloc(len);
    if (len) memcpy(copy, text, len);
    bool ok = mnemos_utf8_ok(copy, len);
    free(copy);
    return ok;
}

static void utf8(void **state)
{
    (void)state;
    static const char *const good[] = {
        "",
        "a",
        "four",
        "longer than a word",
        "\xc2\x80",
        "\xdf\xbf",
        "\xe0\xa0\x80",
        "\xed\x9f\xbf",
        "\xee\x80\x80",
        "\xef\xbf\xbf",
        "\xf0\x90\x80\x80",
        "\xf4\x8f\xbf\xbf",
        "abc\xc3\xa9xyz\xe4\xb8\x96\xf0\x9f\x98\x80 end",
    };
    static const char *const bad[] = {
        "\x80",
        "\xbf",
        "\xc0\x80",
        "\xc1\xbf",
        "\xc2",
        "\xc2"
        "a",
        "\xe0\x9f\xbf",
        "\xe0\xa0",
        "\xe0\xa0"
        "a",
        "\xed\xa0\x80",
        "\xf0\x8f\xbf\xbf",
        "\xf0\x90\x80",
        "\xf0\x90\x80"
        "a",
        "\xf4\x90\x80\x80",
        "\xf5\x80\x80\x80",
        "\xff",
        "aaaa\xff",
        "aaaaaaa\xc2",
    };
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) assert_true(text_ok(good[i]));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) assert_false(text_ok(bad[i]));

    const uint8_t *text = (const uint8_t *)"ab\xc3\xa9"
                                           "d";
    assert_int_equal(mnemos_utf8_clip(text, 5, 9), 5);
    assert_int_equal(mnemos_utf8_clip(text, 5, 4), 4);
    assert_int_equal(mnemos_utf8_clip(text, 5, 3), 2);
    assert_int_equal(mnemos_utf8_clip(text, 5, 0), 0);
    assert_int_equal(mnemos_utf8_clip((const uint8_t *)"ab\xff"
                                                       "cd",
                                      5, 5),
                     2);
}

/* Numbers of every width, with every amount of room. */
static void varints(void **state)
{
    (void)state;
    for (int bits = 0; bits <= 64; bits++) {
        uint64_t value = bits == 64 ? UINT64_MAX : ((uint64_t)1 << bits) - 1;
        for (uint64_t v = value - 1; v != value + 2; v++) {
            uint8_t out[10];
            size_t len = (size_t)(mnemos_store_u64(out, v) - out);
            for (size_t room = 1; room <= len; room++) {
                uint8_t *copy = malloc(room);
                memcpy(copy, out, room);
                uint64_t got64;
                uint32_t got32;
                uint16_t got16;
                const uint8_t *at64 = mnemos_load_u64(copy, copy + room, &got64);
                const uint8_t *at32 = mnemos_load_u32(copy, copy + room, &got32);
                const uint8_t *at16 = mnemos_load_u16(copy, copy + room, &got16);
                assert_ptr_equal(at64, room == len ? copy + len : NULL);
                assert_ptr_equal(at32, room == len && v <= UINT32_MAX ? copy + len : NULL);
                assert_ptr_equal(at16, room == len && v <= UINT16_MAX ? copy + len : NULL);
                if (at64) assert_int_equal(got64, v);
                if (at32) assert_int_equal(got32, v);
                if (at16) assert_int_equal(got16, v);
                free(copy);
            }
        }
    }
}

/* Longer forms than needed are accepted up to the bytes of the width, and not beyond. */
static void overlong_varints(void **state)
{
    (void)state;
    uint8_t form[11];
    for (size_t len = 2; len <= 11; len++) {
        memset(form, 0x80, len - 1);
        form[len - 1] = 0;
        uint16_t got16;
        uint32_t got32;
        uint64_t got64;
        assert_ptr_equal(mnemos_load_u16(form, form + len, &got16), len <= 3 ? form + len : NULL);
        assert_ptr_equal(mnemos_load_u32(form, form + len, &got32), len <= 5 ? form + len : NULL);
        assert_ptr_equal(mnemos_load_u64(form, form + len, &got64), len <= 10 ? form + len : NULL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cobs_of_every_length),
        MN_SEEDED(cobs_of_random_data),
        MN_SEEDED(cobs_decodes_anything_or_refuses),
        cmocka_unit_test(cobs_refuses),
        cmocka_unit_test(a_zero_is_found_at_every_place),
        cmocka_unit_test(checksums),
        cmocka_unit_test(crc_of_any_piece),
        cmocka_unit_test(utf8),
        cmocka_unit_test(varints),
        cmocka_unit_test(overlong_varints),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
