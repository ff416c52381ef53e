/* byte_queue.c — see byte_queue.h. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/services/byte_queue.h"
#include <string.h>

static uint32_t smaller(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

uint32_t mn_byte_queue_put(struct mn_byte_queue *queue, const uint8_t *data, uint32_t len)
{
    uint32_t all = smaller(len, queue->len - queue->used);
    if (!all) return 0;
    uint32_t at = queue->first + queue->used;
    if (at >= queue->len) at -= queue->len;
    uint32_t run = smaller(all, queue->len - at);
    memcpy(queue->buf + at, data, run);
    if (all > run) memcpy(queue->buf, data + run, all - run);
    queue->used += all;
    return all;
}

uint32_t mn_byte_queue_get(struct mn_byte_queue *queue, uint8_t *out, uint32_t cap)
{
    uint32_t all = smaller(cap, queue->used);
    if (!all) return 0;
    uint32_t run = smaller(all, queue->len - queue->first);
    memcpy(out, queue->buf + queue->first, run);
    if (all > run) memcpy(out + run, queue->buf, all - run);
    queue->first += all;
    if (queue->first >= queue->len) queue->first -= queue->len;
    queue->used -= all;
    return all;
}
