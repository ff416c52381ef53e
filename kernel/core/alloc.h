/* alloc.h — waiting for memory.
 *
 * Waiters are served in the order of asking, as far as their sizes allow: who
 * needs less may pass, also whoever does not wait at all, but nobody is passed
 * more than MN_ALLOC_PASSES times. Then the gate is shut for all others until
 * that one is served or its deadline ends, so neither does a large request
 * starve nor can one that is out of luck stop the system for long. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MN_CORE_ALLOC_H
#define MN_CORE_ALLOC_H
#include "heap.h"
#include "kernel/config.h"
#include "timer.h"

#define MN_ALLOC_PASSES     32u
#define MN_ALLOC_DEFAULT    0u       /* a deadline: MN_ALLOC_DEFAULT_US after the first poll */
#define MN_ALLOC_DEFAULT_US MN_CONFIG_ALLOC_WAIT_US

enum mn_alloc_state { MN_ALLOC_IDLE, MN_ALLOC_WAITING, MN_ALLOC_SERVED };

/* One wait. Zeroed: idle. */
struct mn_alloc {
    struct mn_alloc *next, *prev; /* private to alloc.c */
    struct mn_timer  timer;
    uint64_t         deadline_us;
    void            *memory;
    size_t           len;
    uint32_t         passes_before, passed; /* by those who did not wait: counted from; by later waiters */
    uint8_t          state;                 /* enum mn_alloc_state */
};

/* Get zeroed memory. `len` and `deadline_us` count as they are at the first poll.
 * Owner    of the memory: the caller, until mn_heap_free(). `wait` belongs to the heap until this answers something else
 *          than MN_PENDING, or mn_alloc_cancel().
 * Waits    until there is enough in one piece and it is this one's turn
 * Errors   too_big    more than there can ever be, at once
 *          no_memory  the deadline has passed */
MN_MUST_USE mn_err mn_alloc_poll(struct mn_alloc *wait, struct mn_cx *cx, size_t len, uint64_t deadline_us, void **out);

/* Abandon a wait, and free what it got meanwhile. An idle one is left alone. */
void mn_alloc_cancel(struct mn_alloc *wait);

struct mn_alloc_stats {
    uint32_t waiting; /* now */
    uint32_t served;  /* through the line */
    uint32_t late;    /* whose deadline passed */
    uint32_t passes;  /* allocations of others while somebody waited */
};
struct mn_alloc_stats mn_alloc_stats(void);
#endif
