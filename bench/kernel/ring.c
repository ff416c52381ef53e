/* ring.c — putting into the byte ring and getting out of it. Nobody waits for it. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "bench/bench.h"
#include "bench/kernel/memory.h"
#include "bench/kernel/rows.h"
#include "kernel/core/bbq.h"
#include "kernel/core/port.h"

static struct mn_bbq ring;

static void measure(uint32_t len, const char *put_row, const char *get_row)
{
    uint8_t *bytes = bench_memory(8192);
    uint32_t put, got;
    mn_bbq_init(&ring, bench_memory(0), 4096);
    BENCH_SAMPLE(put = mn_bbq_put(&ring, bytes, len));
    bench_row(put_row);
    BENCH_SAMPLE(got = mn_bbq_get(&ring, bytes, len));
    bench_row(get_row);
    MN_ASSERT(put == len && got == len);
}

void rows_of_ring(void)
{
    measure(1, "bbq.put_1", "bbq.get_1");
    measure(16, "bbq.put_16", "bbq.get_16");
    measure(64, "bbq.put_64", "bbq.get_64");
    measure(256, "bbq.put_256", "bbq.get_256");
    measure(1024, "bbq.put_1024", "bbq.get_1024");
}
