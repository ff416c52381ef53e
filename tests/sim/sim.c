/* sim.c — mnemos-sim: the portable kernel with mux, loader and programs on this machine, under
 * sanitizers.
 *
 * For tests of the link and measurements of its throughput with the real host tool at the other
 * end. Programs do not execute; they behave as their names say, see behaviour.h. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "behaviour.h"
#include "line.h"
#include "kernel/arch/host/host.h"
#include "kernel/core/kernel.h"
#include "kernel/services/crash_report.h"
#include "kernel/services/loader.h"
#include "kernel/services/mux.h"
#include "kernel/services/serial_calls.h"
#include "kernel/services/serial_mux.h"
#include "kernel/user/memory.h"
#include "kernel/user/sched.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARENA_ADDR 0x20000000u
#define ARENA_LEN  (208u * 1024u)
#define HEAP_LEN   (20u * 1024u)

static uint8_t arena[ARENA_LEN], heap[HEAP_LEN];

static bool always(void)
{
    return true;
}

static struct mn_kernel *kernel;

static void sleep_stats(uint64_t *idle_us, uint32_t *wakeups)
{
    *idle_us = kernel->stats.idle_us;
    *wakeups = kernel->stats.wakeups;
}

static void start_kernel(struct mn_link *link)
{
    kernel = mn_kernel_new(&MN_KERNEL_DEFAULTS, (struct mn_kernel_memory){ heap, sizeof heap },
                           (struct mn_kernel_clock){ .name = "host" });
    mn_memory_map(arena, ARENA_ADDR, ARENA_LEN);
    mn_prog_reset(ARENA_ADDR, ARENA_LEN);
    mn_sched_start(kernel);
    mn_mux_start(link);
    mn_crash_report_start(NULL);
    mn_serial_calls_start();
    if (mn_serial_mux_start() || mn_loader_start(NULL, sleep_stats)) abort();
}

_Noreturn static void run(void)
{
    for (;;) {
        struct mn_prog *prog = mn_schedule();
        mn_sched.current = prog;
        behaviour_step(prog);
        mn_sched.current = NULL;
        mn_port_idle(always); /* the interrupts that came meanwhile */
    }
}

static int usage(void)
{
    fprintf(stderr, "usage: mnemos-sim [--baud N] pty:PATH | tcp:PORT | unix:PATH\n");
    return 2;
}

static void stop(int number)
{
    (void)number;
    _Exit(0);
}

int main(int argc, char **argv)
{
    const char *place = NULL;
    uint32_t baud = 115200;
    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--baud") && i + 1 < argc)
            baud = (uint32_t)strtoul(argv[++i], NULL, 10);
        else if (argv[i][0] != '-' && !place)
            place = argv[i];
        else
            return usage();
    }
    if (!place) return usage();
    signal(SIGPIPE, SIG_IGN);
    signal(SIGTERM, stop);
    mn_host_reset();
    mn_host_use_real_clock();
    struct mn_link *link = line_open(place, baud);
    if (!link) return 1;
    start_kernel(link);
    run();
}
