/* host.h — the kernel's port on a PC, and the strings a test can pull.
 *
 * With the virtual clock nothing moves by itself: tests advance time and decide
 * when an interrupt strikes. With the real clock the same kernel serves real file
 * descriptors. One thread only. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MN_ARCH_HOST_H
#define MN_ARCH_HOST_H
#include "kernel/core/port.h"
#include "kernel/core/task.h"
#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>

/* Begin afresh: executor and timers empty, virtual clock at 0, no simulated interrupts, wake order as on a target,
 * random numbers from seed 1, no file descriptors. Every test begins with it. */
void mn_host_reset(void);

/* ---- Virtual time ---- */

void     mn_host_set_time(uint64_t now_us); /* never backwards */
void     mn_host_advance(uint64_t by_us);
uint64_t mn_host_alarm(void);  /* what mn_port_alarm() wished for last */
bool     mn_host_pended(void); /* was mn_port_pend() called since the last question? */

/* Rounds until no task is ready, those that woke themselves included. Time stands still. Answers the number of rounds;
 * stops the kernel after 100000, because then two tasks keep waking each other. */
uint32_t mn_host_settle(void);

/* The same, and when nothing is ready moves the clock to the next deadline, up to `until_us`, where it ends. */
void mn_host_run_until(uint64_t until_us);

/* ---- Simulated interrupts, wake orders ---- */

/* Call `strike` wherever an interrupt could happen: at each unlock and between the steps of the lock-free parts, never
 * inside a lock or another interrupt. It may call what is marked MN_ISR_OK. NULL: none. */
void mn_host_on_point(void (*strike)(void *owner), void *owner);

/* Have the tasks of each round polled in an order chosen by `seed`; an odd seed also has some polled that nobody woke (an
 * even one does not, lest that makes up for a lost wake). 0: as on a target. */
void mn_host_shuffle(uint32_t seed);

/* Have the n-th allocation from now fail, and those after it if `and_after`. 0: none. */
void mn_host_fail_allocation(uint32_t n, bool and_after);

/* Was there one that failed for this reason? */
bool mn_host_allocation_failed(void);

/* A number of the test's own from a seed: the state is the caller's, and not 0. */
uint32_t mn_host_random_next(uint32_t *state);

/* ---- Panics ---- */

/* Answers the reason for which `run` stopped the kernel, or NULL when it came back. */
const char *mn_host_panic_of(void (*run)(void *owner), void *owner);

/* ---- Real time ---- */

/* From now on the clock is the PC's, counted from this call, and mn_port_idle() sleeps. */
void mn_host_use_real_clock(void);

/* Call `ready`, as an interrupt, while the kernel is idle and `fd` can be read (`for_write`: be written). */
void mn_host_add_fd(int fd, bool for_write, void (*ready)(int fd, void *owner), void *owner);
void mn_host_remove_fd(int fd, bool for_write);
#endif
