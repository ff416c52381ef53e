/* main.c — the emulated board: its parts, in the order in which they start. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "board.h"
#include "drivers/clock.h"
#include "drivers/uart.h"
#include "kernel/arch/cortex-m4/arch.h"
#include "kernel/config.h"
#include "kernel/core/heap.h"
#include "kernel/core/kernel.h"
#include "kernel/core/port.h"
#include "kernel/services/crash_report.h"
#include "kernel/services/hello.h"
#include "kernel/services/loader.h"
#include "kernel/services/loopback.h"
#include "kernel/services/more.h"
#include "kernel/services/mux.h"
#include "kernel/services/registry.h"
#include "kernel/services/serial_calls.h"
#include "kernel/services/serial_mux.h"
#include "kernel/services/simple_serial.h"
#include "kernel/user/sched.h"
#ifdef MN_TEST_FAULTS
#include "crash_on_demand.h"
#endif

const struct mn_board mn_board = { .name = BOARD_NAME, .version = MN_VERSION, .fpu = true };

extern uint8_t mn_heap_start[], mn_heap_end[];

static struct mn_kernel *kernel;

static void sleep_stats(uint64_t *idle_us, uint32_t *wakeups)
{
    *idle_us = kernel->stats.idle_us;
    *wakeups = kernel->stats.wakeups;
}

/* Nothing of this can fail on a board whose heap and tables are large enough; the crash names what did. */
#define MUST(start) \
    do { if (start) mn_port_panic(#start " failed", __FILE__, __LINE__); } while (0)

__attribute__((weak)) void mn_more_services_start(void)
{
}

_Noreturn void main(void);

_Noreturn void main(void)
{
    mn_arch_init();
    kernel = mn_kernel_new(&MN_KERNEL_DEFAULTS,
                           (struct mn_kernel_memory){ mn_heap_start, (size_t)(mn_heap_end - mn_heap_start) },
                           (struct mn_kernel_clock){ "dual timer", clock_start });
    MN_ASSERT(kernel);
    mn_prog_reset(MN_CONFIG_RAM_ADDR, MN_CONFIG_ARENA_LEN);
    mn_sched_start(kernel);

    MUST(mn_registry_service_start());
    MUST(mn_simple_serial_start(uart_start()));
    mn_mux_start(mn_simple_serial_take());
    mn_crash_report_start(mn_crash_last());
    mn_serial_calls_start();
    MUST(mn_serial_mux_start());
    MUST(mn_loader_start(mn_crash_last(), sleep_stats));
    MUST(mn_loopback_start());
    MUST(mn_hello_start(MN_CONFIG_HELLO_PERIOD_US));
    mn_more_services_start();
#ifdef MN_TEST_FAULTS
    crash_on_demand_start();
#endif
    mn_heap_seal();
    mn_arch_run();
}
