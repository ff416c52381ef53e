/* rows.h — the groups of rows. Those of the first half run before the kernel does, on its boot stack with interrupts
 * kept out; programs_start() queues the second half, which ends the emulation. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef BENCH_KERNEL_ROWS_H
#define BENCH_KERNEL_ROWS_H

void rows_of_counter(void);
void rows_of_codec(void);
void rows_of_framing(void);
void rows_of_memory(void);
void rows_of_ring(void);
void rows_of_heap(void);
void rows_of_executor(void);
void rows_of_channel(void);
void rows_of_timers(void);
void rows_of_mux(void);

void programs_start(void);
void service_start(void);
#endif
