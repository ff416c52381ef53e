/* wait_map.h — tasks wait, each for a key of its own, and are let go with a value.
 *
 * For answers that come in any order and say to which question they belong. Each
 * wait is a struct in its owner, so the map costs no memory. A value is given
 * only to who waits for its key now: none is kept for later. For tasks and system
 * calls; an interrupt raises an event (event.h) and a task looks who is meant. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MN_CORE_WAIT_MAP_H
#define MN_CORE_WAIT_MAP_H
#include "wait.h"
#include <stdbool.h>
#include <stdint.h>

/* One wait for one key. Zeroed: idle. */
struct mn_keyed_wait {
    struct mn_keyed_wait *next; /* private to wait_map.c */
    struct mn_task       *task;
    uint32_t              key;
    uint8_t               state; /* enum mn_wait_state */
    uintptr_t             value;
};

/* Zeroed: empty. */
struct mn_wait_map {
    struct mn_keyed_wait *waits; /* private */
    bool                  closed;
};

/* Wait until `key` is woken, and get the value.
 * Owner    the map keeps `wait` until this answers something else than MN_PENDING, or mn_wait_map_cancel().
 * Errors   busy  somebody waits for this key already
 *          gone  the map is closed */
MN_MUST_USE mn_err mn_wait_map_poll(struct mn_wait_map *map, struct mn_keyed_wait *wait, struct mn_cx *cx, uint32_t key,
                                    uintptr_t *value);

/* Let go who waits for `key`, with a value: a number, or the address of something that changes hands.
 * Errors   would_wait  nobody waits for it (any more): the value stays the caller's
 *          gone        the map is closed */
MN_MUST_USE mn_err mn_wait_map_wake(struct mn_wait_map *map, uint32_t key, uintptr_t value);

/* Abandon a wait. Had a value been given to it that it did not get to see? Then it is in `value`, and the caller's. */
bool mn_wait_map_cancel(struct mn_wait_map *map, struct mn_keyed_wait *wait, uintptr_t *value);

/* Let all go with `gone`, for ever. A value that was given before is still got. */
void mn_wait_map_close(struct mn_wait_map *map);
#endif
