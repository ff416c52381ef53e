/* heap_priv.h — what alloc.c needs of the heap. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MN_CORE_HEAP_PRIV_H
#define MN_CORE_HEAP_PRIV_H
#include "heap.h"

/* Zeroed memory for whoever is next in line, or NULL. Not counted as a failure. */
void *mn_heap_take_for_waiter(size_t len);

/* Somebody waits: each allocation asks mn_alloc_may_pass(), each drain calls mn_alloc_serve(). */
void mn_heap_set_waited_for(bool waited_for);

/* The largest allocation there can ever be. */
size_t mn_heap_capacity(void);

/* alloc.c: forget the line; may an allocation pass it; one did; give those in it what there is. */
void mn_alloc_reset(void);
bool mn_alloc_may_pass(void);
void mn_alloc_passed(void);
void mn_alloc_serve(void);
#endif
