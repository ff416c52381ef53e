/* indices.c — a bit for each number. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "indices.h"
#include "port.h"
#include <mnemos/abi/error.h>

/* The lowest `count` bits. */
static uint32_t ones(uint32_t count)
{
    return count < 32u ? (1u << count) - 1u : UINT32_MAX;
}

void mn_indices_init(struct mn_indices *indices, uint32_t count)
{
    MN_ASSERT(count >= 1 && count <= MN_INDICES_MAX);
    *indices = (struct mn_indices){ .free = { ones(count), count > 32u ? ones(count - 32u) : 0 }, .count = count };
}

mn_err mn_indices_take(struct mn_indices *indices, uint32_t *index)
{
    uint32_t  before = mn_port_lock();
    uint32_t  at = indices->free[0] ? 0 : 1;
    uint32_t *word = &indices->free[at];
    mn_err    err = *word ? MN_OK : MNEMOS_ERR_FULL;
    if (!err) {
        *index = 32u * at + (uint32_t)__builtin_ctz(*word);
        *word &= *word - 1u;
    }
    mn_port_unlock(before);
    return err;
}

bool mn_indices_is_taken(const struct mn_indices *indices, uint32_t index)
{
    return index < indices->count && !(indices->free[index / 32u] >> index % 32u & 1u);
}

void mn_indices_give(struct mn_indices *indices, uint32_t index)
{
    uint32_t before = mn_port_lock();
    MN_ASSERT(mn_indices_is_taken(indices, index));
    indices->free[index / 32u] |= 1u << index % 32u;
    mn_port_unlock(before);
}
