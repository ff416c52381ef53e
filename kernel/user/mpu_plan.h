/* mpu_plan.h — which MPU regions cover a program's memory exactly.
 *
 * A region is a power of two, aligned to itself, with eight sub-regions that can
 * be left out. With granules of 1 KiB any block is covered by very few. Computes
 * register values; loading them is the context switch's. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MN_USER_MPU_PLAN_H
#define MN_USER_MPU_PLAN_H
#include <stdbool.h>
#include <stdint.h>

#define MN_MPU_REGIONS   4u     /* of a program, shared between its two blocks */
#define MN_MPU_GRANULE   1024u
#define MN_MPU_WINDOW_MAX 256u  /* KiB: the largest region used */

/* The part [first, end) of one region of `size` (granules, all three, counted from address 0). */
struct mn_mpu_window { uint32_t size, first, end; };

/* Cover [first, end) exactly with as few windows as possible. Answers how many; 0: more than `max` are needed. */
uint32_t mn_mpu_cover(uint32_t first, uint32_t end, uint32_t max, struct mn_mpu_window *out);

/* Register values for a program's blocks (addresses and lengths in bytes, whole granules): four pairs of RBAR and RASR,
 * numbered 0 to 3. RX: read and execute; RW: read and write. Answers whether four regions are enough. */
bool mn_mpu_plan(uint32_t rx_addr, uint32_t rx_len, uint32_t rw_addr, uint32_t rw_len, uint32_t mpu[8]);
#endif
