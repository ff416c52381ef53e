/* pool.c — a list of free objects, and the rest that nobody has taken yet. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "pool.h"
#include "port.h"

struct mn_pool_free { struct mn_pool_free *next; };

void mn_pool_init(struct mn_pool *pool, void *memory, size_t size, uint32_t count)
{
    MN_ASSERT(size >= sizeof(struct mn_pool_free) && size % _Alignof(struct mn_pool_free) == 0);
    MN_ASSERT((uintptr_t)memory % _Alignof(struct mn_pool_free) == 0);
    *pool = (struct mn_pool){
        .fresh = memory, .end = (uint8_t *)memory + size * count, .size = (uint32_t)size, .count = count,
    };
}

/* The free list is empty. Unlocks. */
static MN_NOINLINE void *take_fresh(struct mn_pool *pool, uint32_t before)
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

void *mn_pool_try(struct mn_pool *pool)
{
    uint32_t             before = mn_port_lock();
    struct mn_pool_free *object = pool->free;
    if (!object)
        return take_fresh(pool, before);
    pool->free = object->next;
    pool->used++;
    mn_port_unlock(before);
    return object;
}

/* A tail call costs mn_pool_free() nothing, which stopping the kernel there would. */
static MN_NOINLINE void refuse(const struct mn_pool *pool)
{
    MN_ASSERT(pool->used != 0);
}

void mn_pool_free(struct mn_pool *pool, void *object)
{
    struct mn_pool_free *freed = object;
    uint32_t             before = mn_port_lock();
    if (pool->used == 0) {
        refuse(pool);
        return;
    }
    freed->next = pool->free;
    pool->free = freed;
    pool->used--;
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
