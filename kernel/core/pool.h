/* pool.h — objects of one size, for tasks and interrupts alike.
 *
 * Taking and giving back cost a dozen instructions, always. Objects come as they
 * are, not zeroed. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MN_CORE_POOL_H
#define MN_CORE_POOL_H
#include "await.h"
#include <stddef.h>
#include <stdint.h>

/* Private to pool.c, under mn_port_lock. */
struct mn_pool {
    struct mn_pool_free *free;
    uint32_t             used;
    uint8_t             *fresh, *end; /* of the objects, those that were never taken */
    uint32_t             size, count, failures;
};

struct mn_pool_stats { uint32_t count, used, most_used, failures; };

/* Make `count` objects of `memory`. `size` is a multiple of a pointer's, and at least one. */
void mn_pool_init(struct mn_pool *pool, void *memory, size_t size, uint32_t count);

/* Take an object, or NULL. Owner: the caller, until mn_pool_free(). */
MN_ISR_OK MN_MUST_USE void *mn_pool_try(struct mn_pool *pool);

/* Give an object back. More than were taken: stops the kernel. */
MN_ISR_OK void mn_pool_free(struct mn_pool *pool, void *object);

MN_ISR_OK struct mn_pool_stats mn_pool_stats(const struct mn_pool *pool);
#endif
