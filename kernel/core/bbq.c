/* bbq.c — the byte ring.
 *
 * An index is a position in the buffer and, in its top bit, the parity of the
 * lap. head and tail in the same lap: data are [tail, head). In different laps:
 * [tail, wrap) and then [0, head). The writer sets `wrap` before it enters a new
 * lap and cannot enter another before the reader has followed. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "bbq.h"
#include "hooks.h"
#include "port.h"
#include <mnemos/abi/error.h>
#include <string.h>

#define LAP 0x80000000u

/* What holds of a ring whenever nobody is inside; and which bytes of its buffer are room, which are data. */
/*@ logic integer pos(integer index) = index % LAP;
    logic integer laps(struct mn_bbq *ring) = (ring->head < LAP ? 0 : 1) - (ring->tail < LAP ? 0 : 1);
    predicate sound(struct mn_bbq *ring) =
        \valid(ring) && 1 <= ring->len <= 0x40000000 && \valid(ring->buf + (0 .. ring->len - 1)) &&
        \separated(ring, ring->buf + (0 .. ring->len - 1)) &&
        pos(ring->head) < ring->len && pos(ring->tail) < ring->len &&
        (laps(ring) == 0 ? pos(ring->tail) <= pos(ring->head)
                       : pos(ring->head) <= pos(ring->tail) <= ring->wrap <= ring->len);
    predicate is_room(struct mn_bbq *ring, integer at, integer n) =
        laps(ring) == 0 ? (pos(ring->head) <= at && at + n <= ring->len) || (0 <= at && at + n <= pos(ring->tail))
                      : pos(ring->head) <= at && at + n <= pos(ring->tail);
    predicate is_data(struct mn_bbq *ring, integer at, integer n) =
        laps(ring) == 0 ? pos(ring->tail) <= at && at + n <= pos(ring->head)
                      : (pos(ring->tail) <= at && at + n <= ring->wrap) || (0 <= at && at + n <= pos(ring->head));
    logic integer bytes_in(struct mn_bbq *ring) =
        pos(ring->head) - pos(ring->tail) + (laps(ring) == 0 ? 0 : ring->wrap); */

/* One core: relaxed accesses and compiler fences order everything that an interrupt can see. */
/*@ requires \valid_read(index);
    assigns \nothing;
    ensures \result == *index; */
static inline uint32_t load(const _Atomic uint32_t *index)
{
    mn_hook_point();
    uint32_t value = atomic_load_explicit(index, memory_order_relaxed);
    atomic_signal_fence(memory_order_seq_cst);
    return value;
}

/*@ requires \valid(index);
    assigns *index;
    ensures *index == value; */
static inline void store(_Atomic uint32_t *index, uint32_t value)
{
    atomic_signal_fence(memory_order_seq_cst);
    mn_hook_point();
    atomic_store_explicit(index, value, memory_order_relaxed);
    atomic_signal_fence(memory_order_seq_cst);
}

/*@ requires \valid_read(side);
    assigns \nothing; */
static inline void wake(struct mn_task *_Atomic *side)
{
    mn_hook_point();
    struct mn_task *task = atomic_load_explicit(side, memory_order_relaxed);
    if (task)
        mn_task_wake(task);
}

/*@ assigns \nothing;
    ensures \result == (a < b ? a : b); */
static inline uint32_t smaller(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/*@ assigns \nothing;
    ensures \result == pos(index); */
static inline uint32_t position(uint32_t index)
{
    return index & ~LAP;
}

/*@ assigns \nothing;
    ensures \result <==> (a < LAP <==> b < LAP); */
static inline bool same_lap(uint32_t a, uint32_t b)
{
    return ((a ^ b) & LAP) == 0;
}

/*@ assigns \nothing;
    ensures \result == (index < LAP ? LAP : 0); */
static inline uint32_t next_lap(uint32_t index)
{
    return (index & LAP) ^ LAP;
}

/*@ requires \valid(ring) && \valid(buf + (0 .. len - 1)) && \separated(ring, buf + (0 .. len - 1));
    assigns *ring;
    ensures sound(ring) && bytes_in(ring) == 0; */
void mn_bbq_init(struct mn_bbq *ring, uint8_t *buf, uint32_t len)
{
    MN_ASSERT(len > 0 && len <= 1u << 30);
    ring->buf = buf;
    ring->len = len;
    atomic_init(&ring->head, 0);
    atomic_init(&ring->tail, 0);
    atomic_init(&ring->wrap, len);
    atomic_init(&ring->reader, NULL);
    atomic_init(&ring->writer, NULL);
    atomic_init(&ring->reader_gone, false);
    atomic_init(&ring->writer_gone, false);
}

/* The writer's view: room from head onwards, and more at the buffer's start. */
struct room { uint32_t head, here, at_start; };

/*@ requires sound(ring);
    assigns \nothing;
    ensures \result.head == ring->head;
    ensures \result.here == (laps(ring) == 0 ? ring->len : pos(ring->tail)) - pos(ring->head);
    ensures \result.at_start == (laps(ring) == 0 ? pos(ring->tail) : 0); */
static inline struct room room_of(const struct mn_bbq *ring)
{
    uint32_t head = load(&ring->head), tail = load(&ring->tail);
    if (same_lap(head, tail))
        return (struct room){ head, ring->len - position(head), position(tail) };
    return (struct room){ head, position(tail) - position(head), 0 };
}

/* Publish that head moved from `head` by `used` bytes. */
/*@ requires \valid(ring) && pos(head) + used <= ring->len <= 0x40000000;
    assigns ring->head, ring->wrap;
    ensures ring->head == (pos(head) + used < ring->len ? head + used : head < LAP ? LAP : 0);
    ensures ring->wrap == (pos(head) + used < ring->len ? \old(ring->wrap) : ring->len); */
static inline void advance_head(struct mn_bbq *ring, uint32_t head, uint32_t used)
{
    head += used;
    if (position(head) == ring->len) {
        store(&ring->wrap, ring->len);
        head = next_lap(head);
    }
    store(&ring->head, head);
    wake(&ring->reader);
}

/*@ requires sound(ring);
    assigns \nothing;
    ensures \result.ring == ring && \result.len <= want;
    ensures \result.buf == ring->buf + pos(ring->head) ||
            (\result.buf == ring->buf && 0 == laps(ring) && \result.len <= pos(ring->tail));
    ensures is_room(ring, \result.buf - ring->buf, \result.len);
    ensures (\exists integer at; is_room(ring, at, want)) ==> \result.len == want; */
struct mn_grant mn_bbq_write_grant(struct mn_bbq *ring, uint32_t want)
{
    struct room room = room_of(ring);
    if (room.here < want && room.at_start >= want)
        return (struct mn_grant){ ring, ring->buf, want };
    return (struct mn_grant){ ring, ring->buf + position(room.head), smaller(room.here, want) };
}

/*@ requires \valid(grant) && sound(grant->ring) && \separated(grant, grant->ring);
    requires grant->buf == grant->ring->buf + pos(grant->ring->head) ||
             (grant->buf == grant->ring->buf && 0 == laps(grant->ring) && grant->len <= pos(grant->ring->tail));
    requires is_room(grant->ring, grant->buf - grant->ring->buf, grant->len);
    assigns grant->len, grant->ring->head, grant->ring->wrap;
    ensures sound(grant->ring) && used <= \old(grant->len) && grant->len == 0;
    ensures used > 0 ==> is_data(grant->ring, grant->buf - grant->ring->buf, used);
    ensures bytes_in(grant->ring) == \old(bytes_in(grant->ring)) + used; */
void mn_bbq_commit(struct mn_grant *grant, uint32_t used)
{
    struct mn_bbq *ring = grant->ring;
    uint32_t       head = load(&ring->head);
    MN_ASSERT(used <= grant->len);
    grant->len = 0;
    if (used == 0)
        return;
    if (grant->buf != ring->buf + position(head)) { /* the rest of this lap was passed over */
        store(&ring->wrap, position(head));
        head = next_lap(head);
    }
    advance_head(ring, head, used);
}

/* The reader's view: tail, and how many bytes follow it in one piece. */
struct data { uint32_t tail, here; };

/*@ requires sound(ring);
    assigns ring->tail;
    ensures sound(ring) && \result.tail == ring->tail && bytes_in(ring) == \old(bytes_in(ring));
    ensures \result.here == (laps(ring) == 0 ? pos(ring->head) : ring->wrap) - pos(ring->tail);
    ensures \result.here == 0 ==> bytes_in(ring) == 0; */
static inline struct data data_of(struct mn_bbq *ring)
{
    uint32_t tail = load(&ring->tail), head = load(&ring->head);
    if (same_lap(head, tail))
        return (struct data){ tail, position(head) - position(tail) };
    uint32_t wrap = load(&ring->wrap);
    if (position(tail) < wrap)
        return (struct data){ tail, wrap - position(tail) };
    tail = next_lap(tail);
    store(&ring->tail, tail);
    return (struct data){ tail, position(head) };
}

/*@ requires sound(ring) && tail == ring->tail && is_data(ring, pos(tail), used);
    assigns ring->tail;
    ensures sound(ring) && bytes_in(ring) == \old(bytes_in(ring)) - used; */
static inline void advance_tail(struct mn_bbq *ring, uint32_t tail, uint32_t used)
{
    tail += used;
    if (position(tail) == ring->len)
        tail = next_lap(tail);
    store(&ring->tail, tail);
    wake(&ring->writer);
}

/*@ requires sound(ring);
    assigns ring->tail;
    ensures sound(ring) && \result.ring == ring && \result.buf == ring->buf + pos(ring->tail);
    ensures is_data(ring, pos(ring->tail), \result.len);
    ensures \result.len == 0 ==> bytes_in(ring) == 0; */
struct mn_grant mn_bbq_read_grant(struct mn_bbq *ring)
{
    struct data data = data_of(ring);
    return (struct mn_grant){ ring, ring->buf + position(data.tail), data.here };
}

/*@ requires \valid(grant) && sound(grant->ring) && \separated(grant, grant->ring);
    requires is_data(grant->ring, pos(grant->ring->tail), grant->len);
    assigns grant->len, grant->ring->tail;
    ensures sound(grant->ring) && used <= \old(grant->len) && grant->len == 0;
    ensures bytes_in(grant->ring) == \old(bytes_in(grant->ring)) - used; */
void mn_bbq_release(struct mn_grant *grant, uint32_t used)
{
    MN_ASSERT(used <= grant->len);
    grant->len = 0;
    if (used)
        advance_tail(grant->ring, load(&grant->ring->tail), used);
}

/*@ requires sound(ring) && \valid_read(data + (0 .. len - 1));
    requires \separated(data + (0 .. len - 1), ring, ring->buf + (0 .. ring->len - 1));
    assigns ring->head, ring->wrap, ring->buf[0 .. ring->len - 1];
    ensures sound(ring) && \result <= len && bytes_in(ring) == \old(bytes_in(ring)) + \result; */
uint32_t mn_bbq_put(struct mn_bbq *ring, const uint8_t *data, uint32_t len)
{
    struct room room = room_of(ring);
    uint32_t    first = smaller(room.here, len);
    uint32_t    second = smaller(room.at_start, len - first);

    if (first + second == 0)
        return 0;
    memcpy(ring->buf + position(room.head), data, first);
    if (second) {
        memcpy(ring->buf, data + first, second);
        store(&ring->wrap, ring->len);
        advance_head(ring, next_lap(room.head), second);
    } else {
        advance_head(ring, room.head, first);
    }
    return first + second;
}

/*@ requires sound(ring) && \valid(out + (0 .. cap - 1));
    requires \separated(out + (0 .. cap - 1), ring, ring->buf + (0 .. ring->len - 1));
    assigns ring->tail, out[0 .. cap - 1];
    ensures sound(ring) && \result <= cap && bytes_in(ring) == \old(bytes_in(ring)) - \result;
    ensures \result < cap ==> bytes_in(ring) == 0; */
uint32_t mn_bbq_get(struct mn_bbq *ring, uint8_t *out, uint32_t cap)
{
    uint32_t got = 0;
    /*@ loop invariant got <= cap && sound(ring) && bytes_in(ring) == \at(bytes_in(ring), Pre) - got;
        loop assigns got, ring->tail, out[0 .. cap - 1];
        loop variant cap - got; */
    while (got < cap) {
        struct data data = data_of(ring);
        uint32_t    piece = smaller(data.here, cap - got);
        if (piece == 0)
            break;
        memcpy(out + got, ring->buf + position(data.tail), piece);
        advance_tail(ring, data.tail, piece);
        got += piece;
    }
    return got;
}

/*@ requires sound(ring);
    assigns \nothing;
    ensures \result == bytes_in(ring) <= ring->len; */
uint32_t mn_bbq_used(const struct mn_bbq *ring)
{
    uint32_t head = load(&ring->head), tail = load(&ring->tail);
    if (same_lap(head, tail))
        return position(head) - position(tail);
    return load(&ring->wrap) - position(tail) + position(head);
}

/*@ requires sound(ring);
    assigns \nothing;
    ensures \result + bytes_in(ring) <= ring->len; */
uint32_t mn_bbq_room(const struct mn_bbq *ring)
{
    struct room room = room_of(ring);
    return room.here + room.at_start;
}

/* Sign up first, look second. */
static void sign_up(struct mn_task *_Atomic *side, struct mn_task *task)
{
    atomic_store_explicit(side, task, memory_order_relaxed);
    atomic_signal_fence(memory_order_seq_cst);
}

static bool is_gone(const _Atomic bool *gone)
{
    mn_hook_point();
    bool answer = atomic_load_explicit(gone, memory_order_relaxed);
    atomic_signal_fence(memory_order_seq_cst);
    return answer;
}

mn_err mn_bbq_readable_poll(struct mn_bbq *ring, struct mn_cx *cx)
{
    sign_up(&ring->reader, cx->task);
    bool gone = is_gone(&ring->writer_gone); /* before the look at the bytes: the writer leaves after its last ones */
    if (mn_bbq_used(ring) > 0)
        return MN_OK;
    return gone ? MNEMOS_ERR_GONE : MN_PENDING;
}

mn_err mn_bbq_writable_poll(struct mn_bbq *ring, struct mn_cx *cx, uint32_t room)
{
    MN_ASSERT(room <= ring->len);
    sign_up(&ring->writer, cx->task);
    if (is_gone(&ring->reader_gone))
        return MNEMOS_ERR_GONE;
    return mn_bbq_room(ring) >= room ? MN_OK : MN_PENDING;
}

void mn_bbq_readable_cancel(struct mn_bbq *ring)
{
    sign_up(&ring->reader, NULL);
}

void mn_bbq_writable_cancel(struct mn_bbq *ring)
{
    sign_up(&ring->writer, NULL);
}

static void leave(_Atomic bool *gone, struct mn_task *_Atomic *other)
{
    atomic_signal_fence(memory_order_seq_cst);
    atomic_store_explicit(gone, true, memory_order_relaxed);
    atomic_signal_fence(memory_order_seq_cst);
    wake(other);
}

void mn_bbq_reader_leaves(struct mn_bbq *ring)
{
    leave(&ring->reader_gone, &ring->writer);
}

void mn_bbq_writer_leaves(struct mn_bbq *ring)
{
    leave(&ring->writer_gone, &ring->reader);
}
