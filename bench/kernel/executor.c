/* executor.c — waking a task and polling it. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "bench/bench.h"
#include "bench/kernel/memory.h"
#include "bench/kernel/rows.h"
#include "kernel/core/heap.h"
#include "kernel/core/port.h"
#include "kernel/core/task.h"

#define REPEATS 20u

/* The first thing a poll does is to end the sample, if there is one that ends here. */
static mn_err entered_poll(struct mn_task *task, struct mn_cx *cx)
{
    BENCH_STOP();
    (void)task;
    (void)cx;
    return MN_PENDING;
}

static mn_err empty_poll(struct mn_task *task, struct mn_cx *cx)
{
    (void)task;
    (void)cx;
    return MN_PENDING;
}

void rows_of_executor(void)
{
    static struct mn_task entered, empty;
    mn_heap_reset(bench_memory(0), 1024);
    mn_executor_reset();
    mn_task_start(&entered, "entered", entered_poll);
    mn_task_start(&empty, "empty", empty_poll);
    (void)mn_executor_tick();

    uint32_t stamp = mn_port_stamp();
    for (uint32_t i = 0; i < REPEATS; i++) {
        BENCH_START();
        mn_task_wake(&entered);
        mn_executor_round(stamp);
    }
    bench_row("executor.wake_to_poll");
    for (uint32_t i = 0; i < REPEATS; i++) {
        BENCH_START();
        mn_task_wake(&entered);
        (void)mn_executor_tick();
    }
    bench_row("executor.wake_to_poll_with_clock");
    for (uint32_t i = 0; i < REPEATS; i++) {
        BENCH_SAMPLE(mn_task_wake(&empty));
        (void)mn_executor_tick();
    }
    bench_row("executor.wake");
    for (uint32_t i = 0; i < REPEATS; i++) {
        mn_task_wake(&empty);
        BENCH_SAMPLE((void)mn_executor_tick());
    }
    bench_row("executor.tick");
    for (uint32_t i = 0; i < REPEATS; i++) BENCH_SAMPLE((void)mn_executor_tick());
    bench_row("executor.tick_idle");
}
