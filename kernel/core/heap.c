/* heap.c — size classes over blocks that know their neighbours.
 *
 * The heap is an unbroken row of blocks, each a header and its memory, measured
 * in granules of 8 bytes. The first block holds the heads of the rings and is
 * never freed, the last is a header without memory, so every other block has two
 * neighbours. No two free blocks are neighbours. Free blocks hang in rings by
 * size, four for each power of two, and one for all that are large; a bitmap
 * tells which hold something. A link is the number of a word of the row: that
 * where a block begins, or n for the head of ring n, whose links lie where those
 * of a block that begins there would. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "heap.h"
#include "heap_priv.h"
#include "hooks.h"
#include "port.h"
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>

#define GRANULE 8u
#define WORD    4u

#define LARGE    512u /* granules */
#define BINS     31u

/* Each is a constant of one instruction. */
enum mark { MARK_FREE = 0x46464646, MARK_LIVE = 0x4c4c4c4c, MARK_QUEUED = 0x51515151, MARK_EDGE = 0x45454545 };

struct links { uint16_t next, prev; };

struct __attribute__((may_alias)) block {
    uint16_t size;   /* granules, header included */
    uint16_t before; /* size of the block before this one */
    uint32_t mark;   /* enum mark; anything else: not a block */
    union {          /* the memory handed out; these are there while it is not */
        struct links links; /* free: in the ring of its size */
        uint16_t     queue; /* queued: number of the block queued before */
        uint64_t     memory[1];
    };
};

#define HEADER   1u /* granules */
#define SMALLEST 2u
_Static_assert(offsetof(struct block, memory) == HEADER * GRANULE, "header is one granule");
_Static_assert(sizeof(struct block) == SMALLEST * GRANULE, "the smallest block holds its links");
_Static_assert(MN_HEAP_OVERHEAD == HEADER * GRANULE, "as documented");
_Static_assert(MN_HEAP_MAX / WORD <= UINT16_MAX, "every word has a number");
_Static_assert(sizeof(struct links) == WORD, "heads are words");
#define FIRST_BLOCK (HEADER + (BINS * WORD + GRANULE - 1u) / GRANULE)

#define WAITED_FOR 0x10000u
#define FREED      0x20000u /* while somebody waits, and not in an interrupt */
#define ONE_ALLOCATION 0x10000u

static struct {
    uint8_t         *row;       /* the heap's memory */
    uint32_t         end;       /* number of the row's last granule, the block without memory */
    _Atomic uint32_t attention; /* WAITED_FOR, FREED, the number of the block queued last; changed under mn_port_lock */
    uint32_t         tally;     /* free granules, and ONE_ALLOCATION for each that is alive */
    uint16_t         least_free, capacity;
    uint32_t         failures;
    uint32_t         bitmap;
} heap;

static inline struct block *block_at(uint32_t number)
{
    return (struct block *)(void *)(heap.row + number * GRANULE);
}

static inline uint32_t number_of(const struct block *block)
{
    return (uint32_t)((const uint8_t *)block - heap.row) / GRANULE;
}

/* The block that begins `granules` after the beginning of this one. */
static inline struct block *block_after(const struct block *block, uint32_t granules)
{
    mn_hook_point();
    return (struct block *)(uintptr_t)((const uint8_t *)block + granules * GRANULE);
}

static inline struct block *block_of_link(uint32_t link)
{
    return (struct block *)(void *)(heap.row + link * WORD);
}

/* The links of a block or of a head. */
static inline struct links *links_of(uint32_t link)
{
    return (struct links *)(void *)(heap.row + link * WORD + HEADER * GRANULE);
}

static inline uint32_t link_to(uint32_t number)
{
    return number * (GRANULE / WORD);
}

static inline uint32_t free_granules(void)
{
    return heap.tally % ONE_ALLOCATION;
}

/* The ring a free block of this size belongs to: one each for 2 to 7, four for each power of two until LARGE. */
static inline uint32_t bin_of(uint32_t size)
{
    if (size >= LARGE)
        return BINS - 1u;
    int32_t shift = 29 - __builtin_clz(size);
    shift &= ~(shift >> 31); /* not below 0 */
    return (size >> shift) + 4u * (uint32_t)shift - SMALLEST;
}

static inline void bin_insert(struct block *block, uint32_t number, uint32_t bin)
{
    struct links *head = links_of(bin);
    uint32_t      first = head->next, link = link_to(number);

    block->links.next = (uint16_t)first;
    block->links.prev = (uint16_t)bin;
    links_of(first)->prev = (uint16_t)link;
    head->next = (uint16_t)link;
    heap.bitmap |= 1u << bin;
}

static inline void bin_remove(struct block *block)
{
    uint32_t next = block->links.next, prev = block->links.prev;
    links_of(prev)->next = (uint16_t)next;
    links_of(next)->prev = (uint16_t)prev;
    if (next == prev) /* both are the head: the ring is empty now */
        heap.bitmap &= ~(1u << next);
}

/* The first block of a ring. */
static inline struct block *first_of(uint32_t bin)
{
    return block_of_link(links_of(bin)->next);
}

/* The first block of a ring that is large enough, or NULL. */
static struct block *look_through(uint32_t bin, uint32_t size)
{
    for (uint32_t link = links_of(bin)->next; link != bin; link = links_of(link)->next)
        if (block_of_link(link)->size >= size)
            return block_of_link(link);
    return NULL;
}

/* A free block of at least `size`, or NULL: the first of the ring of this size if it will do, else one of a ring that
 * fits surely, else whatever fits in the ring of this size. */
static inline struct block *find(uint32_t size)
{
    uint32_t bin = bin_of(size), rings = heap.bitmap >> bin;
    if (rings & 1u && first_of(bin)->size >= size)
        return first_of(bin);
    if (rings > 1u)
        return first_of(bin + (uint32_t)__builtin_ctz(rings & ~1u));
    return rings ? look_through(bin, size) : NULL;
}

/* Take `size` granules from a free block: its end, so that the rest stays what and where it is, or all of it. */
static inline struct block *cut(struct block *block, uint32_t size)
{
    uint32_t      whole = block->size, rest = whole - size;
    struct block *after = block_after(block, whole);

    if (rest < SMALLEST) {
        bin_remove(block);
        return block;
    }
    uint32_t bin = bin_of(rest);
    if (bin != bin_of(whole)) {
        bin_remove(block);
        bin_insert(block, number_of(block), bin);
    }
    block->size = (uint16_t)rest;
    block = block_after(block, rest);
    block->size = (uint16_t)size;
    block->before = (uint16_t)rest;
    after->before = (uint16_t)size;
    return block;
}

/* Make a live or queued block free, together with free neighbours. */
static void give_back(struct block *block)
{
    uint32_t number = number_of(block), size = block->size, before = block->before;
    MN_ASSERT(size <= heap.end - number && before <= number);
    struct block *after = block_after(block, size), *previous = block_at(number - before);
    MN_ASSERT(after->before == size && previous->size == before); /* else: not a block, or overwritten */

    heap.tally += size - ONE_ALLOCATION;
    block->mark = MARK_FREE;
    if (after->mark == MARK_FREE) {
        bin_remove(after);
        size += after->size;
    }
    if (previous->mark != MARK_FREE) {
        bin_insert(block, number, bin_of(size));
    } else {
        size += before;
        block = previous;
        uint32_t bin = bin_of(size);
        if (bin != bin_of(before)) {
            bin_remove(block);
            bin_insert(block, number - before, bin);
        }
    }
    block->size = (uint16_t)size;
    block_after(block, size)->before = (uint16_t)size;
}

void mn_heap_reset(void *memory, size_t len)
{
    uintptr_t start = ((uintptr_t)memory + GRANULE - 1u) & ~(uintptr_t)(GRANULE - 1u);
    MN_ASSERT(len >= MN_HEAP_MIN && len <= MN_HEAP_MAX);

    memset(&heap, 0, sizeof heap);
    mn_alloc_reset();
    heap.row = (uint8_t *)start;
    heap.end = (uint32_t)((len - (start - (uintptr_t)memory)) / GRANULE) - HEADER;

    struct block *first = block_at(0), *all = block_at(FIRST_BLOCK), *last = block_at(heap.end);
    for (uint32_t bin = 0; bin < BINS; bin++)
        *links_of(bin) = (struct links){ .next = (uint16_t)bin, .prev = (uint16_t)bin };
    heap.tally = heap.end - FIRST_BLOCK;
    heap.least_free = heap.capacity = (uint16_t)heap.tally;
    first->size = all->before = FIRST_BLOCK;
    all->size = last->before = (uint16_t)heap.tally;
    last->size = first->before = 0;
    first->mark = last->mark = MARK_EDGE;
    all->mark = MARK_FREE;
    bin_insert(all, FIRST_BLOCK, bin_of(all->size));
}

/* The size of a block for `len` bytes; 0: there is none so large. */
static inline uint32_t size_for(size_t len)
{
    if (len > MN_HEAP_MAX)
        return 0;
    uint32_t size = ((uint32_t)len + (HEADER + 1u) * GRANULE - 1u) / GRANULE;
    return size < SMALLEST ? SMALLEST : size;
}

static void *take(size_t len)
{
    uint32_t      size = size_for(len);
    struct block *block = size ? find(size) : NULL;
    if (!block)
        return NULL;
    block = cut(block, size);
    block->mark = MARK_LIVE;
    heap.tally += ONE_ALLOCATION - block->size;
    if (free_granules() < heap.least_free)
        heap.least_free = (uint16_t)free_granules();
    return block->memory;
}

static void *clear(void *memory)
{
    if (!memory)
        return NULL;
    const struct block *block = MN_CONTAINER_OF(memory, struct block, memory);
    return memset(memory, 0, (block->size - HEADER) * GRANULE);
}

static uint32_t attention(void)
{
    return atomic_load_explicit(&heap.attention, memory_order_relaxed);
}

/* An allocation when interrupts freed something or somebody waits. */
static MN_NOINLINE void *take_in_turn(size_t len)
{
    mn_heap_drain();
    if (!(attention() & WAITED_FOR))
        return take(len);
    void *memory = mn_alloc_may_pass() ? take(len) : NULL;
    if (memory)
        mn_alloc_passed();
    return memory;
}

void *mn_heap_try_uncleared(size_t len)
{
    void *memory = NULL;
    if (!mn_hook_allocation_fails())
        memory = attention() ? take_in_turn(len) : take(len);
    if (!memory)
        heap.failures++;
    return memory;
}

void *mn_heap_try(size_t len)
{
    return clear(mn_heap_try_uncleared(len));
}

void *mn_heap_take_for_waiter(size_t len)
{
    return clear(take(len));
}

void mn_heap_seal(void)
{
    size_t largest = mn_heap_stats().largest;
    heap.capacity = (uint16_t)(largest / GRANULE + HEADER);
}

size_t mn_heap_capacity(void)
{
    return (heap.capacity - HEADER) * GRANULE;
}

void mn_heap_set_waited_for(bool waited_for)
{
    uint32_t before = mn_port_lock();
    uint32_t now = attention();
    atomic_store_explicit(&heap.attention, waited_for ? now | WAITED_FOR : now & ~WAITED_FOR, memory_order_relaxed);
    mn_port_unlock(before);
}

/* The neighbours of a block may be half changed when an interrupt frees it: its turn comes later. */
static MN_NOINLINE void enqueue(struct block *block)
{
    uint32_t before = mn_port_lock();
    uint32_t now = attention();
    block->mark = MARK_QUEUED;
    block->queue = (uint16_t)now;
    atomic_store_explicit(&heap.attention, (now & ~(uint32_t)UINT16_MAX) | number_of(block), memory_order_relaxed);
    if (now & WAITED_FOR)
        mn_port_pend();
    mn_port_unlock(before);
}

/* Somebody waits, perhaps for this. */
static MN_NOINLINE void note_freed(void)
{
    uint32_t before = mn_port_lock();
    atomic_store_explicit(&heap.attention, attention() | FREED, memory_order_relaxed);
    mn_port_pend();
    mn_port_unlock(before);
}

void mn_heap_free(void *memory)
{
    if (!memory)
        return;
    struct block *block = MN_CONTAINER_OF(memory, struct block, memory);
    uintptr_t     offset = (uintptr_t)block - (uintptr_t)heap.row; /* wraps to a large one below the row */
    MN_ASSERT(offset < heap.end * GRANULE && offset % GRANULE == 0);
    MN_ASSERT(block->mark == MARK_LIVE); /* else: freed twice, or never allocated */
    if (mn_port_in_interrupt()) {
        enqueue(block);
        return;
    }
    if (attention() & WAITED_FOR)
        note_freed();
    give_back(block);
}

static MN_NOINLINE void drain_queue(void)
{
    uint32_t before = mn_port_lock();
    uint32_t now = attention(), number = (uint16_t)now;
    atomic_store_explicit(&heap.attention, now & WAITED_FOR, memory_order_relaxed);
    mn_port_unlock(before);

    while (number) {
        struct block *block = block_at(number);
        number = block->queue;
        give_back(block);
    }
    if (now & WAITED_FOR)
        mn_alloc_serve();
}

void mn_heap_drain(void)
{
    if (attention() & ~WAITED_FOR)
        drain_queue();
}

bool mn_heap_owes(void)
{
    uint32_t now = attention();
    return now & WAITED_FOR && now & ~WAITED_FOR;
}

/* Do a block and its neighbours agree about their sizes? */
static bool is_block(const struct block *block)
{
    uint32_t number = number_of(block);
    return block->size >= SMALLEST && block->size <= heap.end - number && block->before <= number
        && block_after(block, block->size)->before == block->size
        && block_at(number - block->before)->size == block->before;
}

struct mn_heap_stats mn_heap_stats(void)
{
    mn_heap_drain();
    uint32_t largest = HEADER, allocations = 0, free = 0;
    for (uint32_t number = FIRST_BLOCK; number < heap.end; number += block_at(number)->size) {
        struct block *block = block_at(number);
        MN_ASSERT(is_block(block));
        if (block->mark == MARK_FREE) {
            free += block->size;
            largest = block->size > largest ? block->size : largest;
        } else {
            allocations++;
        }
    }
    MN_ASSERT(free == free_granules() && allocations == heap.tally / ONE_ALLOCATION);
    return (struct mn_heap_stats){
        .total = (heap.end - FIRST_BLOCK) * GRANULE,
        .free = free * GRANULE,
        .largest = (largest - HEADER) * GRANULE,
        .least_free = heap.least_free * GRANULE,
        .capacity = mn_heap_capacity(),
        .allocations = allocations,
        .failures = heap.failures,
    };
}
