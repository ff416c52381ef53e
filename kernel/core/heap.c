/* heap.c — size classes over blocks that know their neighbours.
 *
 * The heap is an unbroken row of blocks, each a header and its memory, measured
 * in granules of 8 bytes and linked by granule number instead of pointers. No two
 * free blocks are neighbours. Free blocks hang in lists by size: one list for
 * each size below 32 granules, four for each power of two above; a bitmap tells
 * which lists hold something. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "heap.h"
#include "hooks.h"
#include "port.h"
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>

#define GRANULE 8u
#define NO_BLOCK 0u /* a link that leads nowhere: granule 0 is left out */
#define FIRST_BLOCK 1u

#define EXACT_BINS 32u
#define BINS       (EXACT_BINS + 4u * 11u) /* up to 2^16 granules */
#define BIN_WORDS  ((BINS + 31u) / 32u)

enum mark { MARK_FREE = 0x45455246, MARK_LIVE = 0x4556494c, MARK_QUEUED = 0x55455551 };

struct __attribute__((may_alias)) block {
    uint16_t size;   /* granules, header included */
    uint16_t before; /* size of the block before this one; 0: this is the first */
    uint32_t mark;   /* enum mark; anything else: not a block */
    union {          /* the memory handed out; the links are there while it is not */
        struct { uint16_t next, prev; } bin; /* free: list of its size */
        uint16_t queue;                      /* queued: the one queued before */
        uint64_t memory[1];
    };
};

#define HEADER 1u /* granules */
#define SMALLEST 2u
_Static_assert(offsetof(struct block, memory) == HEADER * GRANULE, "header is one granule");
_Static_assert(sizeof(struct block) == SMALLEST * GRANULE, "the smallest block holds its links");
_Static_assert(MN_HEAP_OVERHEAD == HEADER * GRANULE, "as documented");
_Static_assert(MN_HEAP_MAX / GRANULE <= UINT16_MAX, "every block has a number");

static struct {
    uint8_t  *row;      /* the heap's memory */
    uint32_t  end;      /* number of the row's last granule: the header of an empty block that ends it */
    uint32_t  free, least_free;
    uint32_t  allocations, failures;
    uint32_t  bitmap[BIN_WORDS];
    uint16_t  bins[BINS];
    _Atomic uint16_t queue; /* the block queued last; changed under mn_port_lock */
} heap;

static inline struct block *block_at(uint32_t number)
{
    return (struct block *)(void *)(heap.row + number * GRANULE);
}

static inline uint32_t number_of(const struct block *block)
{
    return (uint32_t)((const uint8_t *)block - heap.row) / GRANULE;
}

/* The block that begins `granules` after the beginning of this one; before it, if negative. */
static inline struct block *block_from(const struct block *block, int32_t granules)
{
    mn_hook_point();
    return (struct block *)(uintptr_t)((const uint8_t *)block + granules * (int32_t)GRANULE);
}

/* The list a free block of this size belongs to. */
static inline uint32_t bin_of(uint32_t size)
{
    if (size < EXACT_BINS)
        return size;
    uint32_t power = 31u - (uint32_t)__builtin_clz(size);
    return EXACT_BINS + (power - 5u) * 4u + ((size >> (power - 2u)) & 3u);
}

/* The first list whose blocks are all large enough. */
static inline uint32_t bin_that_fits(uint32_t size)
{
    if (size < EXACT_BINS)
        return size;
    uint32_t power = 31u - (uint32_t)__builtin_clz(size);
    return bin_of(size + (1u << (power - 2u)) - 1u);
}

static void bin_insert(struct block *block, uint32_t bin)
{
    uint16_t number = (uint16_t)number_of(block);
    uint16_t first = heap.bins[bin];

    block->bin.next = first;
    block->bin.prev = NO_BLOCK;
    if (first != NO_BLOCK)
        block_at(first)->bin.prev = number;
    else
        heap.bitmap[bin / 32u] |= 1u << bin % 32u;
    heap.bins[bin] = number;
}

static void bin_remove(struct block *block, uint32_t bin)
{
    uint16_t next = block->bin.next, prev = block->bin.prev;

    if (next != NO_BLOCK)
        block_at(next)->bin.prev = prev;
    if (prev != NO_BLOCK) {
        block_at(prev)->bin.next = next;
        return;
    }
    heap.bins[bin] = next;
    if (next == NO_BLOCK)
        heap.bitmap[bin / 32u] &= ~(1u << bin % 32u);
}

/* Give a free block another size; it changes its list only when it must. */
static void free_resize(struct block *block, uint32_t size)
{
    uint32_t from = bin_of(block->size), to = bin_of(size);
    if (from != to) {
        bin_remove(block, from);
        bin_insert(block, to);
    }
    block->size = (uint16_t)size;
}

/* A free block of at least `size`, or NULL: from the lists that fit surely, else by looking through the one that may. */
static struct block *find(uint32_t size)
{
    uint32_t bin = bin_that_fits(size);
    if (bin < BINS) {
        uint32_t word = bin / 32u;
        uint32_t candidates = heap.bitmap[word] & (UINT32_MAX << bin % 32u);
        while (!candidates && ++word < BIN_WORDS)
            candidates = heap.bitmap[word];
        if (candidates)
            return block_at(heap.bins[word * 32u + (uint32_t)__builtin_ctz(candidates)]);
    }
    for (uint16_t number = heap.bins[bin_of(size)]; number != NO_BLOCK; number = block_at(number)->bin.next)
        if (block_at(number)->size >= size)
            return block_at(number);
    return NULL;
}

/* Take `size` granules from a free block: its end, so that the rest stays what and where it is, or all of it. */
static struct block *cut(struct block *block, uint32_t size)
{
    struct block *after = block_from(block, block->size);
    uint32_t      rest = block->size - size;

    if (rest < SMALLEST) {
        bin_remove(block, bin_of(block->size));
        return block;
    }
    free_resize(block, rest);
    block = block_from(block, (int32_t)rest);
    block->size = (uint16_t)size;
    block->before = (uint16_t)rest;
    after->before = (uint16_t)size;
    return block;
}

/* Do a block and its neighbours agree about their sizes? Not for memory that merely looks like one. */
static inline bool is_block(const struct block *block)
{
    uint32_t number = number_of(block);
    return block->size >= SMALLEST && block->size <= heap.end - number && block->before < number
        && block_from(block, block->size)->before == block->size
        && (block->before == 0 || block_from(block, -(int32_t)block->before)->size == block->before);
}

/* Make a live or queued block free, together with free neighbours. */
static void give_back(struct block *block)
{
    MN_ASSERT(is_block(block));
    uint32_t size = block->size;
    heap.free += size;
    heap.allocations--;

    struct block *after = block_from(block, block->size);
    if (after->mark == MARK_FREE) {
        bin_remove(after, bin_of(after->size));
        size += after->size;
    }
    struct block *before = block_from(block, -(int32_t)block->before);
    block->mark = MARK_FREE;
    if (before != block && before->mark == MARK_FREE) {
        size += before->size;
        free_resize(before, size);
        block = before;
    } else {
        block->size = (uint16_t)size;
        bin_insert(block, bin_of(size));
    }
    block_from(block, (int32_t)size)->before = (uint16_t)size;
}

void mn_heap_reset(void *memory, size_t len)
{
    uintptr_t start = ((uintptr_t)memory + GRANULE - 1u) & ~(uintptr_t)(GRANULE - 1u);
    size_t    usable = (len - (start - (uintptr_t)memory)) / GRANULE;
    MN_ASSERT(len >= 64u && len <= MN_HEAP_MAX);

    memset(&heap, 0, sizeof heap);
    heap.row = (uint8_t *)start;
    heap.end = (uint32_t)usable - HEADER;
    heap.free = heap.least_free = heap.end - FIRST_BLOCK;

    struct block *all = block_at(FIRST_BLOCK);
    all->size = (uint16_t)heap.free;
    all->before = 0;
    all->mark = MARK_FREE;
    struct block *end = block_at(heap.end);
    end->size = 0;
    end->before = all->size;
    end->mark = 0;
    bin_insert(all, bin_of(all->size));
}

void *mn_heap_try(size_t len)
{
    mn_heap_drain();
    struct block *block = NULL;
    uint32_t      size = 0;
    if (len <= MN_HEAP_MAX) {
        size = HEADER + ((uint32_t)len + GRANULE - 1u) / GRANULE;
        if (size < SMALLEST)
            size = SMALLEST;
        block = find(size);
    }
    if (!block) {
        heap.failures++;
        return NULL;
    }
    block = cut(block, size);
    block->mark = MARK_LIVE;
    heap.allocations++;
    heap.free -= block->size;
    if (heap.free < heap.least_free)
        heap.least_free = heap.free;
    return memset(block->memory, 0, (block->size - HEADER) * GRANULE);
}

/* Can there be a block here? All that may be asked in an interrupt, which may find the neighbours half changed. */
static bool is_inside(const struct block *block)
{
    uintptr_t offset = (uintptr_t)block - (uintptr_t)heap.row; /* wraps to a large one below the row */
    return offset % GRANULE == 0 && offset / GRANULE >= FIRST_BLOCK && offset / GRANULE < heap.end;
}

void mn_heap_free(void *memory)
{
    if (!memory)
        return;
    struct block *block = (struct block *)(void *)((uint8_t *)memory - HEADER * GRANULE);
    MN_ASSERT(is_inside(block));
    MN_ASSERT(block->mark == MARK_LIVE); /* else: freed twice, or never allocated */
    if (!mn_port_in_interrupt()) {
        give_back(block);
        return;
    }
    uint32_t before = mn_port_lock();
    block->mark = MARK_QUEUED;
    block->queue = atomic_load_explicit(&heap.queue, memory_order_relaxed);
    atomic_store_explicit(&heap.queue, (uint16_t)number_of(block), memory_order_relaxed);
    mn_port_unlock(before);
}

void mn_heap_drain(void)
{
    if (atomic_load_explicit(&heap.queue, memory_order_relaxed) == NO_BLOCK)
        return;
    uint32_t before = mn_port_lock();
    uint16_t number = atomic_load_explicit(&heap.queue, memory_order_relaxed);
    atomic_store_explicit(&heap.queue, NO_BLOCK, memory_order_relaxed);
    mn_port_unlock(before);

    while (number != NO_BLOCK) {
        struct block *block = block_at(number);
        number = block->queue;
        give_back(block);
    }
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
    MN_ASSERT(free == heap.free && allocations == heap.allocations);
    return (struct mn_heap_stats){
        .total = (heap.end - FIRST_BLOCK) * GRANULE,
        .free = heap.free * GRANULE,
        .largest = (largest - HEADER) * GRANULE,
        .least_free = heap.least_free * GRANULE,
        .allocations = heap.allocations,
        .failures = heap.failures,
    };
}
