/* mpu_plan.c — exact covers by regions with sub-regions. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "mpu_plan.h"

#define SUBREGIONS     8u
#define RBAR_VALID     0x10u
#define RASR_ENABLE    0x1u
#define RASR_WRITE_THROUGH (1u << 17) /* normal memory, not shared */
#define RASR_RX        (2u << 24)     /* kernel read and write, program read; execute */
#define RASR_RW        ((3u << 24) | (1u << 28)) /* both read and write; never execute */

/* A region's size in granules; and a window that one region can be: inside it, from a sub-region's edge to another. */
/*@ predicate is_size(integer size) = size == 1 || size == 2 || size == 4 || size == 8 || size == 16 || size == 32 ||
                                      size == 64 || size == 128 || size == MN_MPU_WINDOW_MAX;
    logic integer step(integer size) = size > SUBREGIONS ? size / SUBREGIONS : 1;
    predicate is_window(integer first, integer end, integer size) =
        is_size(size) && first < end <= first / size * size + size && first % step(size) == 0 && end % step(size) == 0;
    predicate fits(struct mn_mpu_window *window) = is_window(window->first, window->end, window->size);
    predicate joined(struct mn_mpu_window *out, integer count) =
        fits(out) &&
        (count > 1 ==> out[0].end == out[1].first && fits(out + 1)) &&
        (count > 2 ==> out[1].end == out[2].first && fits(out + 2)) &&
        (count > 3 ==> out[2].end == out[3].first && fits(out + 3)); */

/*@ requires is_size(size);
    assigns \nothing;
    ensures \result == step(size); */
static uint32_t step_of(uint32_t size)
{
    return size > SUBREGIONS ? size / SUBREGIONS : 1;
}

/*@ requires first < end <= 0x400000 && \valid(out);
    assigns *out;
    ensures \result ==> fits(out) && out->first == first && out->end == end; */
static bool cover_by_one(uint32_t first, uint32_t end, struct mn_mpu_window *out)
{
    /*@ loop invariant is_size(size) || size == 2 * MN_MPU_WINDOW_MAX;
        loop assigns size;
        loop variant 2 * MN_MPU_WINDOW_MAX - size; */
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

/* The furthest end, up to `end`, of a window of this size that begins at `first`; `first` if there is none. */
/*@ requires is_size(size) && first < end <= 0x400000;
    assigns \nothing;
    ensures \result <= end && (\result > first ==> is_window(first, \result, size)); */
static uint32_t furthest_end(uint32_t first, uint32_t end, uint32_t size)
{
    uint32_t step = step_of(size);
    if (first % step)
        return first;
    uint32_t window_end = first / size * size + size;
    return (window_end < end ? window_end : end) / step * step;
}

/* Cover with exactly `count` windows, fewer having been tried in vain. For each size of the first window only its furthest end is tried: that
 * loses nothing (compared with an exhaustive search over all intervals of an arena). */
/*@ requires first < end <= 0x400000 && 1 <= count <= MN_MPU_REGIONS && \valid(out + (0 .. count - 1));
    decreases count;
    assigns out[0 .. count - 1];
    ensures \result ==> joined(out, count) && out[0].first == first && out[count - 1].end == end; */
static bool cover_by(uint32_t first, uint32_t end, uint32_t count, struct mn_mpu_window *out)
{
    if (count == 1)
        return cover_by_one(first, end, out);
    /*@ loop invariant is_size(size) || size == 2 * MN_MPU_WINDOW_MAX;
        loop assigns size, out[0 .. count - 1];
        loop variant 2 * MN_MPU_WINDOW_MAX - size; */
    for (uint32_t size = 1; size <= MN_MPU_WINDOW_MAX; size *= 2) {
        uint32_t middle = furthest_end(first, end, size);
        if (middle > first && middle < end && cover_by(middle, end, count - 1, out + 1)) {
            out->size = size;
            out->first = first;
            out->end = middle;
            return true;
        }
    }
    return false;
}

/*@ requires first < end <= 0x400000 && max <= MN_MPU_REGIONS && \valid(out + (0 .. max - 1));
    assigns out[0 .. max - 1];
    ensures \result <= max;
    ensures \result > 0 ==> joined(out, \result) && out[0].first == first && out[\result - 1].end == end; */
uint32_t mn_mpu_cover(uint32_t first, uint32_t end, uint32_t max, struct mn_mpu_window *out)
{
    /*@ loop invariant 1 <= count <= max + 1;
        loop assigns count, out[0 .. max - 1];
        loop variant max + 1 - count; */
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
