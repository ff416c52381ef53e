/* hooks.h — where a test build may interfere with the core; nothing on a target.
 *
 * The host port answers these with simulated interrupts, wake orders chosen by
 * seed, and wakes that nobody asked for. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MN_CORE_HOOKS_H
#define MN_CORE_HOOKS_H
#include "await.h"
#include <stdbool.h>
#include <stdint.h>

struct mn_task;

#ifdef MN_TEST_HOOKS
/* An interrupt may strike here, between two steps that share a word with it. */
MN_ISR_OK void mn_hook_point(void);

/* A round of the executor begins. */
void mn_hook_round(void);

/* Is this allocation to fail? */
bool mn_hook_allocation_fails(void);

/* How many tasks of this list to pass over before the one to poll next; less than its length. */
uint32_t mn_hook_skip(const struct mn_task *batch);
#else
static inline void     mn_hook_point(void) {}
static inline void     mn_hook_round(void) {}
static inline bool     mn_hook_allocation_fails(void) { return false; }
static inline uint32_t mn_hook_skip(const struct mn_task *batch) { (void)batch; return 0; }
#endif
#endif
