/* main.c — a kernel that measures itself. Its parts are the firmware's own objects; a timer stands in for the line. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "bench/bench.h"
#include "bench/kernel/device.h"
#include "bench/kernel/memory.h"
#include "bench/kernel/rows.h"
#include "bench/kernel/stack.h"
#include "firmware/qemu-mps2/drivers/clock.h"
#include "kernel/arch/cortex-m4/arch.h"
#include "kernel/core/heap.h"
#include "kernel/core/kernel.h"
#include "kernel/core/port.h"
#include "kernel/user/prog.h"
#include "kernel/user/sched.h"

const struct mn_board mn_board = {.name = "bench", .version = MN_VERSION, .fpu = true};

extern uint8_t mn_heap_start[], mn_heap_end[];

/* A kernel that stops has measured nothing. */
void mn_board_panic_write(const uint8_t *data, uint32_t len)
{
    (void)data;
    (void)len;
    bench_print("the kernel stopped\n");
    bench_exit(1);
}

_Noreturn void main(void);

_Noreturn void main(void)
{
    device_start();
    mn_arch_init();
    clock_start();
    mn_executor_reset();
    rows_of_counter();
    rows_of_codec();
    rows_of_framing();
    rows_of_memory();
    rows_of_ring();
    rows_of_heap();
    rows_of_executor();
    rows_of_channel();
    rows_of_timers();
    rows_of_mux();

    struct mn_kernel *kernel = mn_kernel_new(
        &MN_KERNEL_DEFAULTS, (struct mn_kernel_memory){mn_heap_start, (size_t)(mn_heap_end - mn_heap_start)},
        (struct mn_kernel_clock){.name = "dual timer"});
    mn_prog_reset(BENCH_ARENA_ADDR, BENCH_ARENA_LEN);
    mn_sched_start(kernel);
    service_start();
    programs_start();
    stack_forget();
    mn_arch_run();
}
