/* ring_index.h — the arithmetic of queues whose other side is a program: right for every index that it may write.
 *
 * A queue is its two indices and then its entries; see mnemos/abi/ring.h. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MN_USER_RING_INDEX_H
#define MN_USER_RING_INDEX_H
#include <mnemos/abi/ring.h>

#define MN_RING_HEAD ((uint32_t)sizeof(struct mnemos_ring_indices))

/*@ predicate is_places(integer n) = n == 2 || n == 4 || n == 8 || n == 16;
    predicate is_entry(integer len) = len == sizeof(struct mnemos_ring_submission) || len == sizeof(struct mnemos_ring_completion);
    logic integer between(integer put, integer taken) = put >= taken ? put - taken : put - taken + 0x100000000; */

/* How many entries a queue of `len` bytes has; 0: it is none. */
/*@ requires is_entry(entry_len);
    assigns \nothing;
    ensures \result == 0 || (is_places(\result) && len == sizeof(struct mnemos_ring_indices) + \result * entry_len); */
static inline uint32_t mn_ring_places(uint32_t len, uint32_t entry_len)
{
    if (len <= MN_RING_HEAD)
        return 0;
    uint32_t bytes = len - MN_RING_HEAD, places = bytes / entry_len;
    if (places < MNEMOS_RING_MIN || places > MNEMOS_RING_MAX || (places & (places - 1)) != 0)
        return 0;
    return bytes % entry_len == 0 ? places : 0;
}

/* Can these indices be: are no more entries between them than there are places? */
/*@ assigns \nothing;
    ensures \result <==> between(put, taken) <= places; */
static inline bool mn_ring_sound(uint32_t put, uint32_t taken, uint32_t places)
{
    return put - taken <= places;
}

/* Is there a place for one completion more, besides those of what is under way and what was not taken yet? */
/*@ requires under_way <= 16 && between(put, taken) <= 16;
    assigns \nothing;
    ensures \result <==> under_way + between(put, taken) < places; */
static inline bool mn_ring_has_room(uint32_t under_way, uint32_t put, uint32_t taken, uint32_t places)
{
    return under_way + (put - taken) < places;
}

/* The place of an entry, whatever the index; a place of its own for each of as many indices in a row as there are places. */
/*@ requires is_places(places);
    assigns \nothing;
    ensures \result < places && \result == index % places; */
static inline uint32_t mn_ring_place(uint32_t index, uint32_t places)
{
    return index & (places - 1);
}
#endif
