/* mem_test.c — memcpy, memmove, memset and memcmp at every alignment, length and overlap. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "seeds.h"
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* abi/src/mem.c under other names, beside the C library's. */
void *own_memcpy(void *restrict to, const void *restrict from, size_t len);
void *own_memmove(void *to, const void *from, size_t len);
void *own_memset(void *to, int value, size_t len);
int own_memcmp(const void *a, const void *b, size_t len);

enum { LENGTHS = 81, ALIGN = 8, GUARD = 16, ROOM = GUARD + ALIGN + 300 + GUARD };

static const size_t long_lengths[] = {127, 128, 129, 255, 256, 257, 300};

/* The i-th length to try, or false. */
static bool length_at(size_t i, size_t *len)
{
    if (i < LENGTHS)
        *len = i;
    else if (i < LENGTHS + sizeof long_lengths / sizeof long_lengths[0])
        *len = long_lengths[i - LENGTHS];
    else
        return false;
    return true;
}

static void fill(uint8_t *bytes, size_t len, uint8_t first)
{
    for (size_t i = 0; i < len; i++) bytes[i] = (uint8_t)(first + i * 7);
}

static void copies(void **state)
{
    (void)state;
    static uint8_t from[ROOM], to[ROOM], expected[ROOM];
    fill(from, ROOM, 1);
    size_t len;
    for (size_t i = 0; length_at(i, &len); i++) {
        for (size_t a = 0; a < ALIGN; a++) {
            for (size_t b = 0; b < ALIGN; b++) {
                memset(to, 0xee, ROOM);
                memset(expected, 0xee, ROOM);
                for (size_t k = 0; k < len; k++) expected[GUARD + a + k] = from[GUARD + b + k];
                assert_ptr_equal(own_memcpy(to + GUARD + a, from + GUARD + b, len), to + GUARD + a);
                assert_memory_equal(to, expected, ROOM);
            }
        }
    }
}

/* Source and target in one buffer, every distance up to a block and more. */
static void moves(void **state)
{
    (void)state;
    enum { SPAN = 500, MIDDLE = 100 };
    static uint8_t buf[SPAN], expected[SPAN];
    size_t len;
    for (size_t i = 0; length_at(i, &len); i++) {
        for (size_t to = MIDDLE - 80; to <= MIDDLE + 80; to++) {
            fill(buf, SPAN, 3);
            fill(expected, SPAN, 3);
            memmove(expected + to, expected + MIDDLE, len);
            assert_ptr_equal(own_memmove(buf + to, buf + MIDDLE, len), buf + to);
            assert_memory_equal(buf, expected, SPAN);
        }
    }
}

static void sets(void **state)
{
    (void)state;
    static uint8_t buf[ROOM], expected[ROOM];
    size_t len;
    for (size_t i = 0; length_at(i, &len); i++) {
        for (size_t a = 0; a < ALIGN; a++) {
            memset(buf, 0xee, ROOM);
            memset(expected, 0xee, ROOM);
            for (size_t k = 0; k < len; k++) expected[GUARD + a + k] = 0x5a;
            assert_ptr_equal(own_memset(buf + GUARD + a, 0x7f00 | 0x5a, len), buf + GUARD + a);
            assert_memory_equal(buf, expected, ROOM);
        }
    }
}

static int sign(int value)
{
    return (value > 0) - (value < 0);
}

static void compares(void **state)
{
    (void)state;
    static uint8_t left[ROOM], right[ROOM];
    for (size_t len = 0; len < LENGTHS; len++) {
        for (size_t a = 0; a < ALIGN; a++) {
            uint8_t *l = left + a, *r = right + (a * 3) % ALIGN;
            fill(l, len, 9);
            fill(r, len, 9);
            l[len] = 1;
            r[len] = 2;
            assert_int_equal(own_memcmp(l, r, len), 0);
            for (size_t at = 0; at < len; at++) {
                r[at] ^= 0x80;
                /* A later difference the other way must not count. */
                if (at + 1 < len) r[at + 1] = (uint8_t)(l[at] & 0x80 ? 0xff : 0);
                assert_int_equal(sign(own_memcmp(l, r, len)), sign(memcmp(l, r, len)));
                fill(r, len, 9);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(copies),
        cmocka_unit_test(moves),
        cmocka_unit_test(sets),
        cmocka_unit_test(compares),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
