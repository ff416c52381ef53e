/* memory.c — copying and clearing. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "bench/kernel/memory.h"
#include "bench/bench.h"
#include "bench/kernel/rows.h"
#include <string.h>

/* Called through a pointer: the compiler would write small ones out. */
static void *(*volatile copy)(void *restrict, const void *restrict, size_t) = memcpy;
static void *(*volatile fill)(void *, int, size_t) = memset;

static void copy_row(const char *name, uint8_t *to, const uint8_t *from, uint32_t len)
{
    void *(*call)(void *restrict, const void *restrict, size_t) = copy;
    BENCH_SAMPLE(call(to, from, len));
    bench_row(name);
}

void rows_of_memory(void)
{
    uint8_t *from = bench_memory(0), *to = bench_memory(4096);
    copy_row("memcpy.64", to, from, 64);
    copy_row("memcpy.256", to, from, 256);
    copy_row("memcpy.1024", to, from, 1024);
    copy_row("memcpy.256_misaligned", to + 1, from + 2, 256);
    copy_row("memcpy.7", to, from, 7);
    void *(*call)(void *, int, size_t) = fill;
    BENCH_SAMPLE(call(to, 0, 256));
    bench_row("memset.256");
}
