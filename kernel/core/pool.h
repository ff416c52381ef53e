/* pool.h — objects of one size, for tasks and interrupts alike.
 *
 * Taking and giving back cost a dozen instructions, always, so they are inline.
 * Objects come as they are, not zeroed. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MN_CORE_POOL_H
#define MN_CORE_POOL_H
#include "await.h"
#include "port.h"
#include <stddef.h>
#include <stdint.h>

struct mn_pool_free { struct mn_pool_free *next; };

/* Private to pool.h and pool.c, under mn_port_lock. */
struct mn_pool {
    struct mn_pool_free *free;
    uint32_t             used;
    uint8_t             *fresh, *end; /* of the objects, those that were never taken */
    uint32_t             size, count, failures;
};

struct mn_pool_stats { uint32_t count, used, most_used, failures; };

/* Make `count` objects of `memory`. `size` is a multiple of a pointer's, and at least one. */
void mn_pool_init(struct mn_pool *pool, void *memory, size_t size, uint32_t count);

/* Private: the list of free objects is empty; nothing was taken. Both unlock. */
MN_ISR_OK void *mn_pool_take_fresh(struct mn_pool *pool, uint32_t before);
MN_ISR_OK void  mn_pool_refuse(struct mn_pool *pool, uint32_t before);

/* Take an object, or NULL. Owner: the caller, until mn_pool_free(). */
MN_ISR_OK MN_MUST_USE static inline void *mn_pool_try(struct mn_pool *pool)
{
    uint32_t             before = mn_port_lock(), used = pool->used;
    struct mn_pool_free *object = pool->free;
    if (!object)
        return mn_pool_take_fresh(pool, before);
    pool->free = object->next;
    pool->used = used + 1u;
    mn_port_unlock(before);
    return object;
}

/* Give an object back. More than were taken: stops the kernel. */
MN_ISR_OK static inline void mn_pool_free(struct mn_pool *pool, void *object)
{
    uint32_t             before = mn_port_lock(), used = pool->used;
    struct mn_pool_free *freed = object, *next = pool->free;
    if (used == 0) {
        mn_pool_refuse(pool, before);
        return;
    }
    freed->next = next;
    pool->free = freed;
    pool->used = used - 1u;
    mn_port_unlock(before);
}

MN_ISR_OK struct mn_pool_stats mn_pool_stats(const struct mn_pool *pool);
#endif
