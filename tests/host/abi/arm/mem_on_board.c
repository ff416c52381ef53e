/* mem_on_board.c — the memory functions as the Cortex-M4 runs them: every alignment, length and overlap.
 *
 * mem_test.c runs the portable part of mem.c; its assembler exists only here. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "on_board.h"

void *memcpy(void *restrict to, const void *restrict from, size_t len);
void *memmove(void *to, const void *from, size_t len);
void *memset(void *to, int value, size_t len);
int memcmp(const void *a, const void *b, size_t len);

enum { SIZE = 640, MIDDLE = 160, GUARD = 8 };

static uint8_t source[SIZE], buf[SIZE], expected[SIZE];

static void fill(uint8_t *bytes, uint32_t first)
{
    for (uint32_t i = 0; i < SIZE; i++) bytes[i] = (uint8_t)(first + i * 7 + (i >> 5));
}

/* Both buffers hold the same, and the function answered its target. */
static void expect_same(const void *answer, const uint8_t *target)
{
    if (answer != target) finish(false);
    for (uint32_t i = 0; i < SIZE; i++) {
        if (buf[i] != expected[i]) finish(false);
    }
}

static void copy(uint32_t to, uint32_t from, uint32_t len)
{
    fill(buf, 1);
    fill(expected, 1);
    for (uint32_t i = 0; i < len; i++) expected[GUARD + to + i] = source[GUARD + from + i];
    expect_same(memcpy(buf + GUARD + to, source + GUARD + from, len), buf + GUARD + to);
}

static void move(uint32_t to, uint32_t len)
{
    fill(buf, 2);
    fill(expected, 2);
    uint8_t *target = expected + to;
    const uint8_t *from = expected + MIDDLE;
    if (target <= from) {
        for (uint32_t i = 0; i < len; i++) target[i] = from[i];
    } else {
        for (uint32_t i = len; i-- > 0;) target[i] = from[i];
    }
    expect_same(memmove(buf + to, buf + MIDDLE, len), buf + to);
}

static void set(uint32_t to, uint32_t len)
{
    fill(buf, 3);
    fill(expected, 3);
    for (uint32_t i = 0; i < len; i++) expected[GUARD + to + i] = 0x5a;
    expect_same(memset(buf + GUARD + to, 0x5a, len), buf + GUARD + to);
}

static void compare(uint32_t left, uint32_t right, uint32_t len)
{
    for (uint32_t i = 0; i < len; i++)
        buf[GUARD + left + i] = expected[GUARD + right + i] = source[i];
    buf[GUARD + left + len] = 1;
    expected[GUARD + right + len] = 2;
    if (memcmp(buf + GUARD + left, expected + GUARD + right, len) != 0) finish(false);
    if (memcmp(buf + GUARD + left, expected + GUARD + right, len + 1) >= 0) finish(false);
    if (memcmp(expected + GUARD + right, buf + GUARD + left, len + 1) <= 0) finish(false);
}

/* Every length that takes another way through the functions, then some longer ones. */
static uint32_t next_length(uint32_t len)
{
    return len < 144 ? len + 1 : len + 37;
}

void start(void)
{
    fill(source, 200);
    for (uint32_t len = 0; len < 300; len = next_length(len)) {
        for (uint32_t to = 0; to < 4; to++) {
            set(to, len);
            for (uint32_t from = 0; from < 4; from++) {
                copy(to, from, len);
                compare(to, from, len);
            }
        }
    }
    for (uint32_t len = 0; len < 300; len = next_length(len)) {
        for (uint32_t to = MIDDLE - 70; to <= MIDDLE + 70; to += len < 100 ? 1 : 3) move(to, len);
    }
    finish(true);
}
