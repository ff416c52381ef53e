/* kernel.c — new, initialize, tick, run. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel.h"
#include "heap.h"
#include "port.h"

struct mn_kernel *mn_kernel_new(const struct mn_kernel_settings *settings, struct mn_kernel_memory memory,
                                struct mn_kernel_clock clock)
{
    if (memory.len < MN_HEAP_MIN)
        return NULL;
    if (clock.start)
        clock.start();
    mn_executor_reset();
    mn_heap_reset(memory.at, memory.len);
    struct mn_kernel *kernel = mn_heap_try(sizeof *kernel);
    if (!kernel || mn_registry_start(settings->registry))
        return NULL;
    kernel->settings = *settings;
    kernel->clock = clock;
    kernel->asleep_since_us = MN_TIME_NEVER;
    return kernel;
}

void mn_kernel_initialize(struct mn_kernel *kernel, struct mn_task *task, const char *name, mn_task_poll poll)
{
    MN_ASSERT(kernel->stats.ticks == 0);
    mn_task_start(task, name, poll);
}

static bool has_work(void)
{
    return mn_executor_ready() || mn_heap_owes();
}

static enum mn_kernel_left left_to_do(void)
{
    if (has_work())
        return MN_LEFT_READY;
    if (mn_executor_has_later())
        return MN_LEFT_LATER;
    return mn_timer_next_us() == MN_TIME_NEVER ? MN_LEFT_BLOCKED : MN_LEFT_DEADLINE;
}

static void end_sleep(struct mn_kernel *kernel, uint64_t woke_us)
{
    if (woke_us > kernel->asleep_since_us)
        kernel->stats.idle_us += woke_us - kernel->asleep_since_us;
    kernel->asleep_since_us = MN_TIME_NEVER;
}

enum mn_kernel_left mn_kernel_tick(struct mn_kernel *kernel, uint32_t stamp_us, uint64_t *now_us)
{
    mn_heap_drain();
    mn_executor_round(stamp_us);
    kernel->stats.ticks++;
    *now_us = mn_port_now_us();
    if (kernel->asleep_since_us != MN_TIME_NEVER)
        end_sleep(kernel, *now_us - mn_port_stamp_us(mn_port_stamp() - stamp_us));
    mn_timer_run(*now_us);
    return left_to_do();
}

void mn_kernel_sleep(struct mn_kernel *kernel, uint64_t now_us)
{
    kernel->asleep_since_us = now_us;
    kernel->stats.wakeups++;
    mn_port_alarm(mn_timer_next_us());
    mn_port_idle(has_work);
}

void mn_kernel_run(struct mn_kernel *kernel)
{
    uint64_t now_us;
    while (mn_task_after(NULL)) {
        enum mn_kernel_left left = mn_kernel_tick(kernel, mn_port_stamp(), &now_us);
        if (left == MN_LEFT_LATER)
            (void)mn_executor_serve_later();
        else if (left != MN_LEFT_READY && mn_task_after(NULL))
            mn_kernel_sleep(kernel, now_us);
    }
}
