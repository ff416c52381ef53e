/* pool.c — a list of free objects, and the rest that nobody has taken yet. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "pool.h"

void mn_pool_init(struct mn_pool *pool, void *memory, size_t size, uint32_t count)
{
    MN_ASSERT(size >= sizeof(struct mn_pool_free) && size % _Alignof(struct mn_pool_free) == 0);
    MN_ASSERT((uintptr_t)memory % _Alignof(struct mn_pool_free) == 0);
    *pool = (struct mn_pool){
        .fresh = memory, .end = (uint8_t *)memory + size * count, .size = (uint32_t)size, .count = count,
    };
}

void *mn_pool_take_fresh(struct mn_pool *pool, uint32_t before)
{
    uint8_t *object = pool->fresh;
    if (object == pool->end) {
        object = NULL;
        pool->failures++;
    } else {
        pool->fresh += pool->size;
        pool->used++;
    }
    mn_port_unlock(before);
    return object;
}

void mn_pool_refuse(struct mn_pool *pool, uint32_t before)
{
    MN_ASSERT(pool->used != 0);
    mn_port_unlock(before);
}

struct mn_pool_stats mn_pool_stats(const struct mn_pool *pool)
{
    uint32_t             before = mn_port_lock();
    uint32_t             left = (uint32_t)(pool->end - pool->fresh) / pool->size;
    struct mn_pool_stats stats = {
        .count = pool->count, .used = pool->used, .most_used = pool->count - left, .failures = pool->failures,
    };
    mn_port_unlock(before);
    return stats;
}
