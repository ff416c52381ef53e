/* leaves.c — for the proofs: the smallest helpers, tried on every value they can get.
 *
 * Compiled once per helper, with -DLEAF_<name> and the source itself as LEAF_SOURCE. Status 0: its contract holds. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include LEAF_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define EVERY_WORD (UINT64_C(1) << 32)

/* Bytes that end where memory ends: reading past them stops the program. */
static uint8_t *at_the_edge(const uint8_t *bytes, size_t len)
{
    static uint8_t *edge;
    if (!edge) {
        uint8_t *pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (pages == MAP_FAILED || mprotect(pages + 4096, 4096, PROT_NONE) != 0) abort();
        edge = pages + 4096;
    }
    return memcpy(edge - len, bytes, len);
}

static inline void bytes_of(uint32_t word, uint8_t bytes[4])
{
    for (int i = 0; i < 4; i++) bytes[i] = (uint8_t)(word >> 8 * i);
}

static inline bool zero_in(uint32_t word)
{
    return !(word & 0xff) || !(word & 0xff00) || !(word & 0xff0000) || !(word & 0xff000000);
}

#if defined LEAF_zeros

static bool holds(uint32_t word)
{
    return (zeros(word) != 0) == zero_in(word);
}

#elif defined LEAF_load_word

static bool holds(uint32_t word)
{
    uint8_t bytes[4];
    bytes_of(word, bytes);
    return load_word(bytes) == word;
}

#elif defined LEAF_store_word

static bool holds(uint32_t word)
{
    uint8_t bytes[4], stored[4];
    bytes_of(word, bytes);
    store_word(stored, word);
    return memcmp(bytes, stored, 4) == 0;
}

#elif defined LEAF_load_up_to_word /* behind the limit it reads 0xff, and does not look */

static bool holds(uint32_t word)
{
    uint8_t bytes[4];
    bytes_of(word, bytes);
    if (load_up_to_word(bytes, 4) != word) return false;
    if (word >> 24) return true;
    for (uint32_t room = 0; room < 4; room++) {
        if (word >> 8 * room == 0 && load_up_to_word(at_the_edge(bytes, room), room) != (word | UINT32_MAX << 8 * room))
            return false;
    }
    return true;
}

#elif defined LEAF_load_part

static bool holds(uint32_t word)
{
    uint8_t bytes[4];
    bytes_of(word, bytes);
    uint32_t value, expected = 0, len = 0;
    for (uint32_t i = 0; i < 4 && !len; i++) {
        expected += (uint32_t)(bytes[i] & 0x7f) << 7 * i;
        if (bytes[i] < 0x80) len = i + 1;
    }
    uint32_t got = load_part(bytes, 4, &value);
    return got == len && value == expected;
}

#elif defined LEAF_mnemos_load_wide32 /* after mnemos_store_wide32: the same value, in as many bytes as are needed */

static bool holds(uint32_t value)
{
    uint8_t bytes[5];
    if (value < 0x80) return true;
    uint8_t *end = mnemos_store_wide32(bytes, value);
    uint32_t len = value < 1u << 14 ? 2 : value < 1u << 21 ? 3 : value < 1u << 28 ? 4 : 5;
    return end == bytes + len && mnemos_load_wide32(bytes, end) == (value | (uint64_t)len << 32) &&
           mnemos_load_wide32(bytes, end - 1) == 0;
}

#elif defined LEAF_mnemos_unzigzag32 /* and zigzag32: there and back, small amounts stay small */

static bool holds(uint32_t value)
{
    int64_t number = (int32_t)value;
    uint32_t zigzag = mnemos_zigzag32((int32_t)value);
    return zigzag == (number < 0 ? -2 * number - 1 : 2 * number) && mnemos_unzigzag32(zigzag) == number;
}

#endif

int main(void)
{
    for (uint64_t word = 0; word < EVERY_WORD; word++) {
        if (!holds((uint32_t)word)) {
            printf("not for 0x%08lx\n", (unsigned long)word);
            return 1;
        }
    }
    puts("every word");
    return 0;
}
