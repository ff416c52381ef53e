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

/* One core: relaxed accesses and compiler fences order everything that an interrupt can see. */
static inline uint32_t load(const _Atomic uint32_t *index)
{
    mn_hook_point();
    uint32_t value = atomic_load_explicit(index, memory_order_relaxed);
    atomic_signal_fence(memory_order_seq_cst);
    return value;
}

static inline void store(_Atomic uint32_t *index, uint32_t value)
{
    atomic_signal_fence(memory_order_seq_cst);
    mn_hook_point();
    atomic_store_explicit(index, value, memory_order_relaxed);
    atomic_signal_fence(memory_order_seq_cst);
}

static inline void wake(struct mn_task *_Atomic *side)
{
    mn_hook_point();
    struct mn_task *task = atomic_load_explicit(side, memory_order_relaxed);
    if (task)
        mn_task_wake(task);
}

static inline uint32_t smaller(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static inline uint32_t position(uint32_t index)
{
    return index & ~LAP;
}

static inline bool same_lap(uint32_t a, uint32_t b)
{
    return ((a ^ b) & LAP) == 0;
}

static inline uint32_t next_lap(uint32_t index)
{
    return (index & LAP) ^ LAP;
}

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

static inline struct room room_of(const struct mn_bbq *ring)
{
    uint32_t head = load(&ring->head), tail = load(&ring->tail);
    if (same_lap(head, tail))
        return (struct room){ head, ring->len - position(head), position(tail) };
    return (struct room){ head, position(tail) - position(head), 0 };
}

/* Publish that head moved from `head` by `used` bytes. */
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

struct mn_grant mn_bbq_write_grant(struct mn_bbq *ring, uint32_t want)
{
    struct room room = room_of(ring);
    if (room.here < want && room.at_start >= want)
        return (struct mn_grant){ ring, ring->buf, want };
    return (struct mn_grant){ ring, ring->buf + position(room.head), smaller(room.here, want) };
}

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

static inline void advance_tail(struct mn_bbq *ring, uint32_t tail, uint32_t used)
{
    tail += used;
    if (position(tail) == ring->len)
        tail = next_lap(tail);
    store(&ring->tail, tail);
    wake(&ring->writer);
}

struct mn_grant mn_bbq_read_grant(struct mn_bbq *ring)
{
    struct data data = data_of(ring);
    return (struct mn_grant){ ring, ring->buf + position(data.tail), data.here };
}

void mn_bbq_release(struct mn_grant *grant, uint32_t used)
{
    MN_ASSERT(used <= grant->len);
    grant->len = 0;
    if (used)
        advance_tail(grant->ring, load(&grant->ring->tail), used);
}

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

uint32_t mn_bbq_get(struct mn_bbq *ring, uint8_t *out, uint32_t cap)
{
    uint32_t got = 0;
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

uint32_t mn_bbq_used(const struct mn_bbq *ring)
{
    uint32_t head = load(&ring->head), tail = load(&ring->tail);
    if (same_lap(head, tail))
        return position(head) - position(tail);
    return load(&ring->wrap) - position(tail) + position(head);
}

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
