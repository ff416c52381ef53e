/* byte_queue.h — bytes in order, for two sides that never run at the same time.
 *
 * Unlike mn_bbq it has no atomics and no grants: both sides are tasks or system
 * calls, which exclude each other, and both copy. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MN_SERVICES_BYTE_QUEUE_H
#define MN_SERVICES_BYTE_QUEUE_H
#include <stdint.h>

struct mn_byte_queue {
    uint8_t *buf;
    uint32_t len, first, used;
};

/* Copy in what fits / take out what there is; answer how many bytes went. */
uint32_t mn_byte_queue_put(struct mn_byte_queue *queue, const uint8_t *data, uint32_t len);
uint32_t mn_byte_queue_get(struct mn_byte_queue *queue, uint8_t *out, uint32_t cap);
#endif
