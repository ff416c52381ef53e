/* mpu_plan.c — exact covers by regions with sub-regions. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "mpu_plan.h"

#define SUBREGIONS     8u
#define RBAR_VALID     0x10u
#define RASR_ENABLE    0x1u
#define RASR_WRITE_THROUGH (1u << 17) /* normal memory, not shared */
#define RASR_RX        (2u << 24)     /* kernel read and write, program read; execute */
#define RASR_RW        ((3u << 24) | (1u << 28)) /* both read and write; never execute */

static uint32_t step_of(uint32_t size)
{
    return size > SUBREGIONS ? size / SUBREGIONS : 1;
}

static bool cover_by_one(uint32_t first, uint32_t end, struct mn_mpu_window *out)
{
    for (uint32_t size = 1; size <= MN_MPU_WINDOW_MAX; size *= 2) {
        uint32_t start = first / size * size;
        if (end > start + size)
            continue;
        /* The smallest window that is long enough; longer ones are only coarser. */
        *out = (struct mn_mpu_window){ .size = size, .first = first, .end = end };
        return first % step_of(size) == 0 && end % step_of(size) == 0;
    }
    return false;
}

/* Cover with exactly `count` windows at most. For each size of the first window only its furthest end is tried: that
 * loses nothing (compared with an exhaustive search over all intervals of an arena). */
static bool cover_by(uint32_t first, uint32_t end, uint32_t count, struct mn_mpu_window *out)
{
    if (cover_by_one(first, end, out))
        return true;
    if (count <= 1)
        return false;
    for (uint32_t size = 1; size <= MN_MPU_WINDOW_MAX; size *= 2) {
        uint32_t step = step_of(size);
        if (first % step)
            break;
        uint32_t window_end = first / size * size + size;
        uint32_t middle = (window_end < end ? window_end : end) / step * step;
        if (middle > first && middle < end && cover_by(middle, end, count - 1, out + 1)) {
            *out = (struct mn_mpu_window){ .size = size, .first = first, .end = middle };
            return true;
        }
    }
    return false;
}

uint32_t mn_mpu_cover(uint32_t first, uint32_t end, uint32_t max, struct mn_mpu_window *out)
{
    for (uint32_t count = 1; count <= max; count++)
        if (cover_by(first, end, count, out))
            return count;
    return 0;
}

static uint32_t size_field(uint32_t granules)
{
    return 9u + (uint32_t)__builtin_ctz(granules);
}

static uint32_t left_out(const struct mn_mpu_window *window)
{
    uint32_t start = window->first / window->size * window->size;
    uint32_t from = (window->first - start) * SUBREGIONS / window->size;
    uint32_t to = (window->end - start) * SUBREGIONS / window->size;
    return ~(((1u << to) - 1u) & ~((1u << from) - 1u)) & 0xffu;
}

static void encode(const struct mn_mpu_window *window, uint32_t number, uint32_t rights, uint32_t *pair)
{
    pair[0] = window->first / window->size * window->size * MN_MPU_GRANULE | RBAR_VALID | number;
    pair[1] = rights | RASR_WRITE_THROUGH | left_out(window) << 8 | size_field(window->size) << 1 | RASR_ENABLE;
}

bool mn_mpu_plan(uint32_t rx_addr, uint32_t rx_len, uint32_t rw_addr, uint32_t rw_len, uint32_t mpu[8])
{
    struct mn_mpu_window windows[MN_MPU_REGIONS];
    uint32_t rx_first = rx_addr / MN_MPU_GRANULE, rw_first = rw_addr / MN_MPU_GRANULE;
    uint32_t rx = mn_mpu_cover(rx_first, rx_first + rx_len / MN_MPU_GRANULE, MN_MPU_REGIONS - 1, windows);
    if (!rx)
        return false;
    uint32_t rw = mn_mpu_cover(rw_first, rw_first + rw_len / MN_MPU_GRANULE, MN_MPU_REGIONS - rx, windows + rx);
    if (!rw)
        return false;
    for (uint32_t i = 0; i < MN_MPU_REGIONS; i++) {
        if (i < rx + rw)
            encode(&windows[i], i, i < rx ? RASR_RX : RASR_RW, mpu + 2 * i);
        else {
            mpu[2 * i] = RBAR_VALID | i;
            mpu[2 * i + 1] = 0;
        }
    }
    return true;
}
