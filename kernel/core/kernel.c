/* kernel.c — new, initialize, tick, run. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel.h"
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
    return kernel;
}

void mn_kernel_initialize(struct mn_kernel *kernel, struct mn_task *task, const char *name, mn_task_poll poll)
{
    MN_ASSERT(kernel->stats.ticks == 0);
    mn_task_start(task, name, poll);
}

static enum mn_kernel_left left_to_do(void)
{
    if (mn_kernel_has_work())
        return MN_LEFT_READY;
    if (mn_executor_has_later())
        return MN_LEFT_LATER;
    return mn_timer_next_us() == MN_TIME_NEVER ? MN_LEFT_BLOCKED : MN_LEFT_DEADLINE;
}

enum mn_kernel_left mn_kernel_tick(struct mn_kernel *kernel)
{
    mn_heap_drain();
    (void)mn_kernel_poll(kernel, mn_port_stamp());
    mn_timer_look(); /* nobody has set the alarm, perhaps */
    return left_to_do();
}

static bool has_work(void)
{
    return mn_kernel_has_work();
}

void mn_kernel_sleep(struct mn_kernel *kernel)
{
    uint32_t since = mn_port_stamp();
    kernel->stats.wakeups++;
    kernel->has_looked = false;
    mn_timer_set_alarm(mn_timer_next_us());
    mn_port_idle(has_work);
    uint32_t passed = mn_port_stamp() - since + kernel->idle_rest, us = mn_port_stamp_us(passed);
    kernel->stats.idle_us += us;
    kernel->idle_rest = passed - mn_port_stamps(us);
}

void mn_kernel_run(struct mn_kernel *kernel)
{
    while (mn_task_after(NULL)) {
        enum mn_kernel_left left = mn_kernel_tick(kernel);
        if (left == MN_LEFT_LATER)
            (void)mn_executor_serve_later();
        else if (left != MN_LEFT_READY && mn_task_after(NULL))
            mn_kernel_sleep(kernel);
    }
}
