/* wait_map.c — tasks by keys. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "wait_map.h"
#include "task.h"
#include <mnemos/abi/error.h>
#include <stddef.h>

/* Where the wait for `key` hangs; or the end of the list. */
static struct mn_keyed_wait **find(struct mn_wait_map *map, uint32_t key)
{
    struct mn_keyed_wait **link = &map->waits;
    while (*link && (*link)->key != key)
        link = &(*link)->next;
    return link;
}

/* Take it out of the list and wake its task. */
static void let_go(struct mn_keyed_wait **link, enum mn_wait_state state)
{
    struct mn_keyed_wait *wait = *link;
    *link = wait->next;
    wait->state = (uint8_t)state;
    mn_task_wake(wait->task);
}

static mn_err begin(struct mn_wait_map *map, struct mn_keyed_wait *wait, uint32_t key)
{
    struct mn_keyed_wait **end = find(map, key);
    if (map->closed)
        return MNEMOS_ERR_GONE;
    if (*end)
        return MNEMOS_ERR_BUSY;
    wait->key = key;
    wait->next = NULL;
    wait->state = MN_WAIT_QUEUED;
    *end = wait;
    return MN_PENDING;
}

mn_err mn_wait_map_poll(struct mn_wait_map *map, struct mn_keyed_wait *wait, struct mn_cx *cx, uint32_t key,
                        uintptr_t *value)
{
    wait->task = cx->task;
    if (wait->state == MN_WAIT_IDLE)
        return begin(map, wait, key);
    if (wait->state == MN_WAIT_QUEUED)
        return MN_PENDING;
    mn_err err = wait->state == MN_WAIT_CLOSED ? MNEMOS_ERR_GONE : MN_OK;
    wait->state = MN_WAIT_IDLE;
    if (!err)
        *value = wait->value;
    return err;
}

mn_err mn_wait_map_wake(struct mn_wait_map *map, uint32_t key, uintptr_t value)
{
    struct mn_keyed_wait **link = find(map, key);
    if (map->closed)
        return MNEMOS_ERR_GONE;
    if (!*link)
        return MNEMOS_ERR_WOULD_WAIT;
    (*link)->value = value;
    let_go(link, MN_WAIT_SERVED);
    return MN_OK;
}

bool mn_wait_map_cancel(struct mn_wait_map *map, struct mn_keyed_wait *wait, uintptr_t *value)
{
    bool served = wait->state == MN_WAIT_SERVED;
    if (wait->state == MN_WAIT_QUEUED)
        *find(map, wait->key) = wait->next;
    if (served)
        *value = wait->value;
    wait->state = MN_WAIT_IDLE;
    return served;
}

void mn_wait_map_close(struct mn_wait_map *map)
{
    map->closed = true;
    while (map->waits)
        let_go(&map->waits, MN_WAIT_CLOSED);
}
