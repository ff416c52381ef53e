/* allocate.c: random use of malloc and its family; the content of every block is watched all the time. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include <errno.h>
#include <malloc.h>
#include <mnemos/mnemos.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCKS = 48, ROUNDS = 20000 };

static struct {
    uint8_t *memory;
    uint32_t len;
    uint8_t mark;
} blocks[BLOCKS];

static uint32_t seed;

static uint32_t random_below(uint32_t limit)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % limit;
}

static void fail(const char *what, int index)
{
    printf("wrong: %s, block %d\n", what, index);
    exit(1);
}

static void check(int index)
{
    for (uint32_t i = 0; i < blocks[index].len; i++)
        if (blocks[index].memory[i] != blocks[index].mark) fail("content", index);
}

static void mark(int index, uint32_t len)
{
    blocks[index].len = len;
    blocks[index].mark = (uint8_t)random_below(256);
    memset(blocks[index].memory, blocks[index].mark, len);
    if ((uintptr_t)blocks[index].memory % 8 != 0) fail("alignment", index);
    if (malloc_usable_size(blocks[index].memory) < len) fail("usable size", index);
}

static void *allocate(uint32_t len)
{
    void *memory = NULL;
    switch (random_below(6)) {
    case 0:
        memory = calloc(len, 1);
        for (uint32_t i = 0; memory && i < len; i++)
            if (((uint8_t *)memory)[i] != 0) fail("calloc", -1);
        return memory;
    case 1: {
        size_t alignment = (size_t)16 << random_below(5);
        memory = memalign(alignment, len);
        if ((uintptr_t)memory % alignment != 0) fail("memalign", -1);
        return memory;
    }
    default: return malloc(len);
    }
}

static bool resize(int index)
{
    uint32_t len = random_below(400);
    uint8_t *moved = realloc(blocks[index].memory, len);
    if (!moved) return false;
    blocks[index].memory = moved;
    if (len < blocks[index].len) blocks[index].len = len;
    check(index);
    mark(index, len);
    return true;
}

int main(int argc, char **argv)
{
    struct mnemos_memory before, after;
    uint32_t refused = 0, whole = 0;
    seed = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 1;
    mnemos_memory(&before);

    for (int round = 0; round < ROUNDS; round++) {
        int index = (int)random_below(BLOCKS);
        if (!blocks[index].memory) {
            uint32_t len = random_below(8) ? random_below(120) : random_below(3000);
            errno = 0;
            blocks[index].memory = allocate(len);
            if (blocks[index].memory)
                mark(index, len);
            else if (errno != ENOMEM)
                fail("errno", index);
            else
                refused++;
        } else {
            check(index);
            if (random_below(4) != 0 || !resize(index)) {
                free(blocks[index].memory);
                blocks[index].memory = NULL;
            }
        }
    }
    for (int index = 0; index < BLOCKS; index++) {
        if (blocks[index].memory) check(index);
        free(blocks[index].memory);
    }

    /* All of it must be one piece again. */
    mnemos_memory(&after);
    if (after.heap_used != 0 || after.heap_peak == 0) fail("count", -1);
    for (uint32_t len = after.heap_len; len > 0 && !whole; len -= 8) {
        void *memory = malloc(len);
        if (memory) whole = len;
        free(memory);
    }
    if (whole + 24 < after.heap_len) fail("pieces", (int)whole);
    if (refused == 0) fail("never full", -1);
    volatile size_t huge = SIZE_MAX;
    if (calloc(huge / 2, 4) || malloc(huge) || realloc(NULL, huge - 8) || memalign(64, huge - 32))
        fail("overflow", -1);
    printf("all right\n");
    if (argc > 2) {
        void *volatile twice = malloc(10);
        free(twice);
        free(twice);
    }
    return 0;
}
