/* arena.h — the memory for programs: granules of 1 KiB, two blocks per program, placed so that MPU regions fit.
 *
 * Never waits and never moves a block. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MN_USER_ARENA_H
#define MN_USER_ARENA_H
#include "prog.h"

#define MN_ARENA_GRANULES_MAX 256u

struct mn_place { uint32_t rx_addr, rx_len, rw_addr, rw_len; };

/* Everything is free. `addr` and `len` are whole granules, at most MN_ARENA_GRANULES_MAX of them. */
void mn_arena_reset(uint32_t addr, uint32_t len);

/* Take two blocks of at least these sizes, next to each other if possible; the lengths are answered as granted.
 * Errors   no_room */
MN_MUST_USE mn_err mn_arena_take(uint32_t rx_len, uint32_t rw_len, struct mn_place *place, uint32_t mpu[8]);

/* Give them back. What is not taken stops the kernel. */
void mn_arena_give(const struct mn_place *place);

struct mn_arena_stats mn_arena_stats(void);
#endif
