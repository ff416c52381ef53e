/* arena.c — where programs lie. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "arena.h"
#include "mpu_plan.h"
#include "kernel/core/port.h"
#include <mnemos/abi/error.h>

#define PADDING_MAX 8u /* granules that the writable block may grow so that few regions fit; they become heap */

static struct {
    uint32_t first, count; /* granules, counted from address 0 */
    uint8_t  taken[MN_ARENA_GRANULES_MAX / 8];
} arena;

static bool is_taken(uint32_t granule)
{
    uint32_t i = granule - arena.first;
    return arena.taken[i / 8] >> (i % 8) & 1;
}

static void mark(uint32_t first, uint32_t end, bool taken)
{
    for (uint32_t granule = first; granule < end; granule++) {
        uint32_t i = granule - arena.first;
        MN_ASSERT(i < arena.count && is_taken(granule) != taken);
        arena.taken[i / 8] ^= (uint8_t)(1u << (i % 8));
    }
}

struct hole { uint32_t first, end; };

/* The first hole at or after `from`. */
static bool next_hole(uint32_t from, struct hole *hole)
{
    uint32_t end = arena.first + arena.count;
    while (from < end && is_taken(from))
        from++;
    hole->first = from;
    while (from < end && !is_taken(from))
        from++;
    hole->end = from;
    return hole->first < hole->end;
}

void mn_arena_reset(uint32_t addr, uint32_t len)
{
    MN_ASSERT(addr % MN_MPU_GRANULE == 0 && len % MN_MPU_GRANULE == 0 && len / MN_MPU_GRANULE <= MN_ARENA_GRANULES_MAX);
    arena.first = addr / MN_MPU_GRANULE;
    arena.count = len / MN_MPU_GRANULE;
    for (uint32_t i = 0; i < sizeof arena.taken; i++)
        arena.taken[i] = 0;
}

/* What is to be placed at one address: a run of granules that must be coverable by few regions. A pair is cut into the
 * two blocks; a single block has cut == len. */
struct run { uint32_t cut, len, max_regions; };

static bool fits_at(uint32_t at, const struct run *run)
{
    struct mn_mpu_window windows[MN_MPU_REGIONS];
    uint32_t spare = run->cut < run->len;
    uint32_t used = mn_mpu_cover(at, at + run->cut, run->max_regions - spare, windows);
    if (!used || !spare)
        return used != 0;
    return mn_mpu_cover(at + run->cut, at + run->len, run->max_regions - used, windows) != 0;
}

/* Where in a hole? At an end of it if possible, so that what is left stays in one piece. 0: nowhere. */
static uint32_t place_in(const struct hole *hole, const struct run *run)
{
    if (hole->end - hole->first < run->len)
        return 0;
    uint32_t last = hole->end - run->len;
    if (fits_at(hole->first, run))
        return hole->first;
    if (fits_at(last, run))
        return last;
    for (uint32_t at = hole->first + 1; at < last; at++)
        if (fits_at(at, run))
            return at;
    return 0;
}

/* The smallest hole that works. 0: none. */
static uint32_t place(const struct run *run)
{
    uint32_t    best = 0, best_len = UINT32_MAX;
    struct hole hole;
    for (uint32_t from = arena.first; next_hole(from, &hole); from = hole.end) {
        uint32_t len = hole.end - hole.first;
        if (len >= best_len)
            continue;
        uint32_t at = place_in(&hole, run);
        if (!at)
            continue;
        best = at;
        best_len = len;
    }
    return best;
}

static bool place_pair(uint32_t rx, uint32_t rw, uint32_t *rx_at, uint32_t *rw_at)
{
    struct run pair = { .cut = rx, .len = rx + rw, .max_regions = MN_MPU_REGIONS };
    *rx_at = place(&pair);
    *rw_at = *rx_at + rx;
    return *rx_at != 0;
}

/* In two places, when no hole is long enough for both. */
static bool place_apart(uint32_t rx, uint32_t rw, uint32_t *rx_at, uint32_t *rw_at)
{
    static const uint8_t shares[] = { 2, 1, 3 };
    for (uint32_t i = 0; i < sizeof shares; i++) {
        *rx_at = place(&(struct run){ .cut = rx, .len = rx, .max_regions = shares[i] });
        if (!*rx_at)
            continue;
        mark(*rx_at, *rx_at + rx, true);
        *rw_at = place(&(struct run){ .cut = rw, .len = rw, .max_regions = MN_MPU_REGIONS - shares[i] });
        mark(*rx_at, *rx_at + rx, false);
        if (*rw_at)
            return true;
    }
    return false;
}

static uint32_t granules(uint32_t len)
{
    return len / MN_MPU_GRANULE + (len % MN_MPU_GRANULE != 0);
}

mn_err mn_arena_take(uint32_t rx_len, uint32_t rw_len, struct mn_place *out, uint32_t mpu[8])
{
    uint32_t rx = granules(rx_len), rw = granules(rw_len), rx_at, rw_at;
    if (rx + rw > arena.count)
        return MNEMOS_ERR_NO_ROOM;
    for (uint32_t padding = 0; padding <= PADDING_MAX; padding++, rw++) {
        if (!place_pair(rx, rw, &rx_at, &rw_at) && !place_apart(rx, rw, &rx_at, &rw_at))
            continue;
        mark(rx_at, rx_at + rx, true);
        mark(rw_at, rw_at + rw, true);
        *out = (struct mn_place){ rx_at * MN_MPU_GRANULE, rx * MN_MPU_GRANULE, rw_at * MN_MPU_GRANULE,
                                  rw * MN_MPU_GRANULE };
        MN_ASSERT(mn_mpu_plan(out->rx_addr, out->rx_len, out->rw_addr, out->rw_len, mpu));
        return MN_OK;
    }
    return MNEMOS_ERR_NO_ROOM;
}

void mn_arena_give(const struct mn_place *place_)
{
    uint32_t rx = place_->rx_addr / MN_MPU_GRANULE, rw = place_->rw_addr / MN_MPU_GRANULE;
    mark(rx, rx + place_->rx_len / MN_MPU_GRANULE, false);
    mark(rw, rw + place_->rw_len / MN_MPU_GRANULE, false);
}

struct mn_arena_stats mn_arena_stats(void)
{
    struct mn_arena_stats stats = { .total = arena.count * MN_MPU_GRANULE };
    struct hole           hole;
    for (uint32_t from = arena.first; next_hole(from, &hole); from = hole.end) {
        uint32_t len = (hole.end - hole.first) * MN_MPU_GRANULE;
        stats.free += len;
        if (len > stats.largest)
            stats.largest = len;
    }
    return stats;
}
