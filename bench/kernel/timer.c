/* timer.c — arming, cancelling and firing timers beside a thousand others. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/core/timer.h"
#include "bench/bench.h"
#include "bench/kernel/memory.h"
#include "bench/kernel/rows.h"

#define TIMERS 1000u

static struct mn_timer *timers;

static void fired(struct mn_timer *timer)
{
    (void)timer;
}

static void arm_all(bool measured)
{
    uint32_t state = 1;
    timers = (struct mn_timer *)(void *)bench_memory(0);
    mn_timer_reset();
    for (uint32_t i = 0; i < TIMERS; i++) {
        timers[i] = (struct mn_timer){.fire = fired};
        uint64_t at = 1000u + bench_random(&state) % 100000u;
        if (measured)
            BENCH_SAMPLE(mn_timer_arm(&timers[i], NULL, at));
        else
            mn_timer_arm(&timers[i], NULL, at);
    }
}

void rows_of_timers(void)
{
    arm_all(true);
    bench_row("timer.arm_1000");
    for (uint32_t i = 0; i < TIMERS; i++) BENCH_SAMPLE(mn_timer_cancel(&timers[i]));
    bench_row("timer.cancel_1000");
    arm_all(false);
    while (mn_timer_next_us() != MN_TIME_NEVER) BENCH_SAMPLE(mn_timer_run(mn_timer_next_us()));
    bench_row("timer.fire_1000");
}
