/* kernel.h — the kernel as a whole: made, prepared, ticked, run.
 *
 * The executor, its timers and the heap are there once for each processor and
 * not members of this object: interrupts wake tasks and free memory with nothing
 * in hand but the task or the memory, and an address that is known when the
 * kernel is linked keeps that a few instructions. So there is one kernel. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MN_CORE_KERNEL_H
#define MN_CORE_KERNEL_H
#include "heap.h"
#include "registry.h"
#include "task.h"
#include "timer.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mn_kernel_settings {
    struct mn_registry_settings registry;
};
#define MN_KERNEL_DEFAULTS (struct mn_kernel_settings){ .registry = MN_REGISTRY_DEFAULTS }

/* What the allocator shall manage, see heap.h. */
struct mn_kernel_memory { void *at; size_t len; };

/* What makes mn_port_now_us() go. It is read by that name, as every poll asks for it; NULL: it goes already. */
struct mn_kernel_clock { const char *name; void (*start)(void); };

/* What a tick has left to do. */
enum mn_kernel_left {
    MN_LEFT_READY,    /* tick again */
    MN_LEFT_LATER,    /* only tasks that woke themselves, mn_executor_serve_later() makes them ready */
    MN_LEFT_DEADLINE, /* nothing before mn_timer_next_us(), or an interrupt */
    MN_LEFT_BLOCKED,  /* nothing before an interrupt: all tasks are blocked */
};

struct mn_kernel_stats { uint32_t ticks, wakeups; uint64_t idle_us; };

struct mn_kernel {
    struct mn_kernel_settings settings;
    struct mn_kernel_clock    clock;
    struct mn_kernel_stats    stats;
    uint32_t                  idle_rest;  /* private: of stats.idle_us, in stamps */
    bool                      has_looked; /* private: at the clock, since the alarm was set */
};

/* Begin: clock, allocator, executor, registry. The kernel object is the first thing that is allocated; it stays for ever.
 * NULL: the memory does not suffice for the settings. */
struct mn_kernel *mn_kernel_new(const struct mn_kernel_settings *settings, struct mn_kernel_memory memory,
                                struct mn_kernel_clock clock);

/* Queue a task before the kernel runs. As mn_task_start(). */
void mn_kernel_initialize(struct mn_kernel *kernel, struct mn_task *task, const char *name, mn_task_poll poll);

/* Return freed memory to the allocator and serve who waits for it; poll the tasks that were ready then, each once; wake
 * the tasks whose time has come. What programs submit to their rings comes with the polls: see kernel/user/rings.h. */
enum mn_kernel_left mn_kernel_tick(struct mn_kernel *kernel);

/* Sleep until the next deadline or an interrupt, unless there is something to do. */
void mn_kernel_sleep(struct mn_kernel *kernel);

/* Is there something to do? */
static inline bool mn_kernel_has_work(void)
{
    return mn_executor_ready() || mn_timer_calls() || mn_heap_owes();
}

/* A tick but for the memory, for mn_kernel_tick() and mn_schedule(). `stamp` is mn_port_stamp() as just read; answers what
 * it is afterwards. */
static inline uint32_t mn_kernel_poll(struct mn_kernel *kernel, uint32_t stamp)
{
    stamp = mn_executor_round(stamp);
    kernel->stats.ticks++;
    if (mn_timer_calls()) {
        mn_timer_look();
        kernel->has_looked = true;
    }
    return stamp;
}

/* Tick and sleep until no task is left. Where programs run, mn_schedule() does this instead. */
void mn_kernel_run(struct mn_kernel *kernel);
#endif
