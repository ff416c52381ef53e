/* heap.c — rings of free blocks by size, over blocks that know their neighbours.
 *
 * The heap is an unbroken row of blocks, each a header and its memory, measured
 * in words, of which it has an even number. The last is a header without memory,
 * so every block has one behind it. No two free blocks are neighbours. Free
 * blocks hang in rings by size, two for each power of two; a bit for each ring
 * tells whether it holds something.
 *
 * A block's tag is its size, and FREE, or a key made of its address: so neither
 * what was freed already nor any other bytes pass for a block in use. A copy of
 * it begins the header behind the block: who writes past the end spoils that. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "heap.h"
#include "heap_priv.h"
#include "hooks.h"
#include "port.h"
#include "kernel/config.h"
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>

#define WORD    4u
#define GRANULE 8u /* sizes and addresses are multiples of it */

#define FREE      1u       /* in a tag; the rest of it is the size */
#define SIZES_END 0x10000u /* above every size in words: there begins the key */

/* Added to an address, which ends in zeros, these do not: neither a free block's tag nor zeros pass for one in use. */
enum key { KEY_LIVE = 0xa5u << 16, KEY_QUEUED = 0xd3u << 16 };

struct __attribute__((may_alias)) header {
    uint32_t before; /* the tag of the block before this one, as when it was not queued */
    uint32_t tag;
};

/* A block is known by its memory, which its owner has; while it has none, this is there. */
struct __attribute__((may_alias)) block {
    union {
        struct block *next;  /* in the ring */
        struct block *queue; /* queued before this one, or NULL */
    };
    struct block *prev;
};

#define HEADER   (MN_HEAP_OVERHEAD / WORD)
#define SMALLEST ((uint32_t)MN_HEAP_SMALLEST / WORD)
_Static_assert(sizeof(struct header) == MN_HEAP_OVERHEAD, "as documented");
_Static_assert(sizeof(struct header) + sizeof(struct block) == MN_HEAP_SMALLEST, "as documented");
_Static_assert(MN_HEAP_MAX + MN_HEAP_OVERHEAD < SIZES_END * WORD, "sizes and keys do not overlap");
_Static_assert(MN_KERNEL_RAM_MOST - MN_CONFIG_STACK_LEN <= MN_HEAP_MAX, "whatever a board leaves to the kernel");

#define WAITED_FOR 1u
#define FREED      2u /* while somebody waits, and not in an interrupt */
#define FLAGS      (WAITED_FOR | FREED)

#define FIRST_RING 4u
#define RINGS      32u

static union {
    struct {
        _Atomic uintptr_t attention;  /* the block queued last, and flags; changed under mn_port_lock */
        struct block     *first, *last;
        uint32_t          least_free; /* the low-water mark, in words ... */
        int32_t           headroom;   /* ... and how much more is free now */
        uint32_t          capacity;   /* the largest block there can be */
        uint32_t          failures;
        uint32_t          bitmap;     /* of rings that hold something */
    };
    struct block rings[RINGS]; /* no block is small enough for the first, so what is above lies there */
} heap;
_Static_assert(offsetof(__typeof__(heap), bitmap) < FIRST_RING * sizeof(struct block), "as described");

static inline struct header *header_of(const struct block *block)
{
    return (struct header *)(uintptr_t)block - 1;
}

static inline struct block *block_after(const struct block *block, uint32_t words)
{
    mn_hook_point();
    return (struct block *)((uintptr_t)block + words * WORD);
}

static inline struct block *block_before(const struct block *block, uint32_t words)
{
    mn_hook_point();
    return (struct block *)((uintptr_t)block - words * WORD);
}

static inline uint32_t words_between(const struct block *from, const struct block *to)
{
    return (uint32_t)((uintptr_t)to - (uintptr_t)from) / WORD;
}

static inline uint32_t tag_in_use(const struct block *block, uint32_t words)
{
    return words + ((uint32_t)(uintptr_t)block << 16) + KEY_LIVE;
}

/* Of a block, perhaps: somebody asserts it, who may be wrong about the alignment too. */
static inline uint32_t tag_of(const void *memory)
{
    uint32_t tag;
    __builtin_memcpy(&tag, (const uint8_t *)memory - sizeof tag, sizeof tag);
    return tag;
}

/* The size of a block with this tag and key; SIZES_END or more: it is none. */
static inline uint32_t size_by_key(const void *block, uint32_t tag, enum key key)
{
    return tag - ((uint32_t)(uintptr_t)block << 16) - (uint32_t)key;
}

/* ---- Rings ---- */

/* The ring of this size: its two leading bits, below how many bits follow. */
static inline uint32_t ring_of(uint32_t words)
{
    uint32_t below = 30u - (uint32_t)__builtin_clz(words);
    return (words >> below) + 2u * below;
}

/* Do these sizes belong to one ring? */
static inline bool same_ring(uint32_t larger, uint32_t smaller)
{
    return (larger ^ smaller) >> (30u - (uint32_t)__builtin_clz(larger)) == 0;
}

static inline void insert(struct block *block, uint32_t ring)
{
    struct block *head = &heap.rings[ring], *next = head->next;
    heap.bitmap |= 1u << ring;
    block->next = next;
    block->prev = head;
    next->prev = head->next = block;
}

static inline void take_out(const struct block *block)
{
    struct block *next = block->next, *prev = block->prev;
    next->prev = prev;
    prev->next = next;
    if (next == prev) /* both are the head */
        heap.bitmap &= ~(1u << (next - heap.rings));
}

/* A free block becomes part of a larger one of the same ring, which begins before it. */
static inline void replace(const struct block *block, struct block *with)
{
    struct block *next = block->next, *prev = block->prev;
    with->next = next;
    with->prev = prev;
    next->prev = prev->next = with;
}

/* ---- Taking ---- */

/* The size of a block for `len` bytes. Up to MN_HEAP_MAX. */
static inline uint32_t size_for(size_t len)
{
    uint32_t bytes = ((uint32_t)len + MN_HEAP_OVERHEAD + GRANULE - 1u) & ~(GRANULE - 1u);
    return bytes < MN_HEAP_SMALLEST ? SMALLEST : bytes / WORD;
}

/* Take `words` from a free block of this ring: its end, so that the rest stays where it is, or all of it. */
static inline void *cut(struct block *block, uint32_t ring, uint32_t words)
{
    uint32_t rest = header_of(block)->tag - words; /* with FREE */
    if (rest < SMALLEST) {
        take_out(block);
        words += rest - FREE;
    } else {
        uint32_t ring_of_rest = ring_of(rest);
        if (ring_of_rest != ring) {
            take_out(block);
            insert(block, ring_of_rest);
        }
        header_of(block)->tag = rest;
        block = block_after(block, rest - FREE);
        header_of(block)->before = rest;
    }
    header_of(block)->tag = header_of(block_after(block, words))->before = tag_in_use(block, words);

    int32_t headroom = heap.headroom - (int32_t)words;
    if (headroom < 0) {
        heap.least_free += (uint32_t)headroom;
        headroom = 0;
    }
    heap.headroom = headroom;
    return block;
}

/* No larger ring holds anything: perhaps a block behind the first of this one is large enough. */
static MN_NOINLINE void *look_through(uint32_t ring, uint32_t words)
{
    const struct block *head = &heap.rings[ring];
    for (struct block *block = head->next; block != head; block = block->next)
        if (header_of(block)->tag > words)
            return cut(block, ring, words);
    return NULL;
}

/* The first block of the ring of this size if it will do, else one that fits surely. */
static inline __attribute__((always_inline)) void *take_now(size_t len)
{
    if (len > MN_HEAP_MAX)
        return NULL;
    uint32_t words = size_for(len), ring = ring_of(words), bitmap = heap.bitmap >> ring;
    if (!(bitmap & 1u) || header_of(heap.rings[ring].next)->tag < words) {
        bitmap &= ~1u;
        if (!bitmap)
            return look_through(ring, words);
        ring += (uint32_t)__builtin_ctz(bitmap);
    }
    return cut(heap.rings[ring].next, ring, words);
}

/* The same once, for those who are not in a hurry. */
static MN_NOINLINE void *take(size_t len)
{
    return take_now(len);
}

static uintptr_t attention(void)
{
    return atomic_load_explicit(&heap.attention, memory_order_relaxed);
}

/* An allocation when interrupts freed something or somebody waits. */
static MN_NOINLINE void *take_in_turn(size_t len)
{
    mn_heap_drain();
    bool waited_for = attention() & WAITED_FOR;
    if (waited_for && !mn_alloc_may_pass())
        return NULL;
    void *memory = take(len);
    if (waited_for && memory)
        mn_alloc_passed();
    return memory;
}

void *mn_heap_try_uncleared(size_t len)
{
    void *memory = NULL;
    if (!mn_hook_allocation_fails())
        memory = attention() ? take_in_turn(len) : take_now(len);
    if (!memory)
        heap.failures++;
    return memory;
}

static inline void *clear(void *memory, size_t len)
{
    return memory ? memset(memory, 0, (len + GRANULE - 1u) & ~(size_t)(GRANULE - 1u)) : NULL;
}

void *mn_heap_try(size_t len)
{
    return clear(mn_heap_try_uncleared(len), len);
}

void *mn_heap_take_for_waiter(size_t len)
{
    return clear(take(len), len);
}

/* ---- Giving back ---- */

/* A free block has grown to what this tag says. */
static inline void set_free_tag(struct block *block, uint32_t tag)
{
    uintptr_t end = (uintptr_t)block + tag * WORD - FREE * WORD;
    header_of(block)->tag = header_of((struct block *)end)->before = tag;
}

/* Make a block free that was in use with this tag, together with free neighbours. */
static inline __attribute__((always_inline)) void merge(struct block *block, uint32_t words, uint32_t tag)
{
    struct block *after = block_after(block, words);
    uint32_t      before = header_of(block)->before, tag_after = header_of(after)->tag;
    MN_ASSERT(header_of(after)->before == tag); /* else: somebody wrote past its end */

    heap.headroom += (int32_t)words;
    if (before & FREE) {
        struct block *whole = block_before(block, before - FREE);
        MN_ASSERT(header_of(whole)->tag == before); /* else: it was overwritten */
        header_of(block)->tag = before; /* it ends here, and is not to be freed again */
        if (tag_after & FREE) {
            take_out(after);
            words += tag_after & ~FREE;
        }
        tag = words + before;
        set_free_tag(whole, tag);
        if (!same_ring(tag, before)) {
            take_out(whole);
            insert(whole, ring_of(tag));
        }
    } else if (tag_after & FREE) {
        tag = words + tag_after;
        set_free_tag(block, tag);
        if (same_ring(tag, tag_after)) {
            replace(after, block);
        } else {
            take_out(after);
            insert(block, ring_of(tag));
        }
    } else {
        header_of(block)->tag = header_of(after)->before = words | FREE;
        insert(block, ring_of(words));
    }
}

/* The same once, for those who are not in a hurry. */
static MN_NOINLINE void give_back(struct block *block, uint32_t words)
{
    merge(block, words, tag_in_use(block, words));
}

/* The neighbours of a block may be half changed when an interrupt frees it: its turn comes later. */
static MN_NOINLINE void enqueue(struct block *block)
{
    uint32_t before = mn_port_lock();
    MN_ASSERT(size_by_key(block, tag_of(block), KEY_LIVE) < SIZES_END); /* else: freed twice, or never allocated */
    uintptr_t now = attention();
    header_of(block)->tag += KEY_QUEUED - KEY_LIVE;
    block->queue = (struct block *)(now & ~(uintptr_t)FLAGS);
    atomic_store_explicit(&heap.attention, (uintptr_t)block | (now & FLAGS), memory_order_relaxed);
    if (now & WAITED_FOR)
        mn_port_pend();
    mn_port_unlock(before);
}

/* Somebody waits, perhaps for this. */
static void note_freed(void)
{
    uint32_t before = mn_port_lock();
    atomic_store_explicit(&heap.attention, attention() | FREED, memory_order_relaxed);
    mn_port_pend();
    mn_port_unlock(before);
}

/* Somebody waits, or interrupts freed something, or this is no block in use. */
static MN_NOINLINE void free_with_care(struct block *block)
{
    uint32_t words = size_by_key(block, tag_of(block), KEY_LIVE);
    MN_ASSERT(words < SIZES_END); /* else: freed twice, or never allocated */
    if (attention() & WAITED_FOR)
        note_freed();
    give_back(block, words);
}

void mn_heap_free(void *memory)
{
    if (!memory)
        return;
    if (mn_port_in_interrupt()) {
        enqueue(memory);
        return;
    }
    uint32_t tag = tag_of(memory), words = size_by_key(memory, tag, KEY_LIVE);
    if (words >= SIZES_END || attention())
        free_with_care(memory);
    else
        merge(memory, words, tag);
}

static MN_NOINLINE void drain_queue(void)
{
    uint32_t  before = mn_port_lock();
    uintptr_t now = attention();
    atomic_store_explicit(&heap.attention, now & WAITED_FOR, memory_order_relaxed);
    mn_port_unlock(before);

    struct block *block = (struct block *)(now & ~(uintptr_t)FLAGS), *next;
    for (; block; block = next) {
        uint32_t words = size_by_key(block, tag_of(block), KEY_QUEUED);
        MN_ASSERT(words < SIZES_END); /* else: freed in the middle of being freed */
        next = block->queue;
        give_back(block, words);
    }
    if (now & WAITED_FOR)
        mn_alloc_serve();
}

void mn_heap_drain(void)
{
    if (attention() & ~(uintptr_t)WAITED_FOR)
        drain_queue();
}

bool mn_heap_owes(void)
{
    uintptr_t now = attention();
    return now & WAITED_FOR && now & ~(uintptr_t)WAITED_FOR;
}

void mn_heap_set_waited_for(bool waited_for)
{
    uint32_t  before = mn_port_lock();
    uintptr_t now = attention() & ~(uintptr_t)WAITED_FOR;
    atomic_store_explicit(&heap.attention, waited_for ? now | WAITED_FOR : now, memory_order_relaxed);
    mn_port_unlock(before);
}

/* ---- The whole ---- */

void mn_heap_reset(void *memory, size_t len)
{
    uintptr_t start = ((uintptr_t)memory + GRANULE - 1u) & ~(uintptr_t)(GRANULE - 1u);
    MN_ASSERT(len >= MN_HEAP_MIN && len <= MN_HEAP_MAX);

    memset(&heap, 0, sizeof heap);
    mn_alloc_reset();
    for (uint32_t ring = FIRST_RING; ring < RINGS; ring++)
        heap.rings[ring].next = heap.rings[ring].prev = &heap.rings[ring];

    uint32_t bytes = (uint32_t)(len - (start - (uintptr_t)memory)) & ~(GRANULE - 1u);
    uint32_t words = bytes / WORD - HEADER;
    heap.first = (struct block *)(start + MN_HEAP_OVERHEAD);
    heap.last = block_after(heap.first, words);
    heap.least_free = heap.capacity = words;
    *header_of(heap.first) = (struct header){ .before = 0, .tag = words + FREE };
    *header_of(heap.last) = (struct header){ .before = words + FREE, .tag = 0 };
    insert(heap.first, ring_of(words));
}

void mn_heap_seal(void)
{
    heap.capacity = (uint32_t)(mn_heap_stats().largest / WORD + HEADER);
}

size_t mn_heap_capacity(void)
{
    return (heap.capacity - HEADER) * WORD;
}

/* The size of a block, which the header behind it must confirm. */
static uint32_t confirmed_size(const struct block *block)
{
    uint32_t tag = header_of(block)->tag, words = tag - FREE;
    if (!(tag & FREE)) {
        words = size_by_key(block, tag, KEY_LIVE);
        if (words >= SIZES_END)
            words = size_by_key(block, tag, KEY_QUEUED);
        tag = tag_in_use(block, words);
    }
    MN_ASSERT(words >= SMALLEST && words <= words_between(block, heap.last));
    MN_ASSERT(header_of(block_after(block, words))->before == tag);
    return words;
}

struct mn_heap_stats mn_heap_stats(void)
{
    mn_heap_drain();
    uint32_t largest = HEADER, allocations = 0, free = 0, words;
    for (const struct block *block = heap.first; block != heap.last; block = block_after(block, words)) {
        words = confirmed_size(block);
        if (header_of(block)->tag & FREE) {
            free += words;
            largest = words > largest ? words : largest;
        } else {
            allocations++;
        }
    }
    MN_ASSERT(free == heap.least_free + (uint32_t)heap.headroom);
    return (struct mn_heap_stats){
        .total = words_between(heap.first, heap.last) * WORD,
        .free = free * WORD,
        .largest = (largest - HEADER) * WORD,
        .least_free = heap.least_free * WORD,
        .capacity = mn_heap_capacity(),
        .allocations = allocations,
        .failures = heap.failures,
    };
}
