/* counter.c — known numbers of instructions: is the counter right? */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "bench/bench.h"
#include "bench/kernel/rows.h"

#define TEN_NOPS   "nop\nnop\nnop\nnop\nnop\nnop\nnop\nnop\nnop\nnop\n"
#define FIFTY_NOPS TEN_NOPS TEN_NOPS TEN_NOPS TEN_NOPS TEN_NOPS

void rows_of_counter(void)
{
    BENCH_SAMPLE();
    bench_row("self.nothing");
    BENCH_SAMPLE(__asm volatile(FIFTY_NOPS FIFTY_NOPS));
    bench_row("self.100_nops");
    BENCH_SAMPLE(__asm volatile("movs r3, #100\n1: subs r3, #1\n bne 1b" ::: "r3", "cc"));
    bench_row("self.loop_of_201");
    BENCH_SAMPLE(__asm volatile("b.w 1f\n nop\n nop\n1: nop.w" ::: "cc"));
    bench_row("self.branch_of_2");
}
