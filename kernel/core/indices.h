/* indices.h — small numbers to give out: 0 to at most 63, each to one taker at a time.
 *
 * For rows of a table, channels of a device, bits of a register. The lowest free
 * one comes first. A dozen instructions, also in interrupts. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MN_CORE_INDICES_H
#define MN_CORE_INDICES_H
#include "await.h"
#include <stdbool.h>
#include <stdint.h>

#define MN_INDICES_MAX 64u

/* Private to indices.c, under mn_port_lock. */
struct mn_indices { uint32_t free[2], count; };

/* All of 0 to count - 1 are free. `count` is 1 to MN_INDICES_MAX. */
void mn_indices_init(struct mn_indices *indices, uint32_t count);

/* Take the lowest that is free. Errors: full. */
MN_ISR_OK MN_MUST_USE mn_err mn_indices_take(struct mn_indices *indices, uint32_t *index);

/* Give one back. One that is not taken stops the kernel. */
MN_ISR_OK void mn_indices_give(struct mn_indices *indices, uint32_t index);

MN_ISR_OK bool mn_indices_is_taken(const struct mn_indices *indices, uint32_t index);
#endif
