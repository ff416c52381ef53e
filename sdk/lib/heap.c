/* heap.c: malloc and its family on the heap the kernel gave.
 *
 * Blocks lie side by side and know whether their lower neighbour is free, so that
 * freeing joins neighbours at once. Free blocks wait in lists by power of two, with
 * a bit per list: taking one looks at a few blocks of the fitting list, then at
 * the head of the next one that has any. Every name that a member of the C
 * library's malloc defines is defined here, or the linker would take both. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "runtime.h"
#include <errno.h>
#include <malloc.h>
#include <mnemos/program.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* `head` is the size of the whole block, a multiple of 8, with two marks in its low bits.
 * The links, and a copy of the size in the last word, exist only while the block is free. */
struct block {
    uint32_t head;
    struct block *next, *previous;
};

enum {
    IN_USE = 1u,       /* this block */
    BELOW_IN_USE = 2u, /* the block below it */
    MARKS = IN_USE | BELOW_IN_USE,
    ALIGNMENT = 8,
    HEAD_BYTES = sizeof(uint32_t),
    BLOCK_MIN = 16, /* head, two links, copy of the size */
    BLOCK_MIN_LOG2 = 4,
    LISTS = 16, /* up to 512 KiB */
    LOOK_AT = 8 /* blocks of the fitting list, before a larger block is cut */
};

uint32_t runtime_heap_used, runtime_heap_peak;

static struct {
    bool ready;
    uint32_t available; /* bit per list that is not empty */
    struct block *lists[LISTS];
    /* Blocks lie in [first, end); at end is a head without a block, marked in use. */
    uint8_t *first, *end;
} heap;

static uint32_t size_of(const struct block *block)
{
    return block->head & ~(uint32_t)MARKS;
}

static struct block *above(struct block *block)
{
    return (struct block *)((uint8_t *)block + size_of(block));
}

static struct block *of_memory(void *memory)
{
    return (struct block *)((uint8_t *)memory - HEAD_BYTES);
}

static void *memory_of(struct block *block)
{
    return (uint8_t *)block + HEAD_BYTES;
}

static uint32_t list_of(uint32_t size)
{
    uint32_t list = 31u - (uint32_t)__builtin_clz(size) - BLOCK_MIN_LOG2;
    return list < LISTS ? list : LISTS - 1;
}

static void insert(struct block *block)
{
    uint32_t size = size_of(block), list = list_of(size);
    *(uint32_t *)((uint8_t *)block + size - HEAD_BYTES) = size;
    block->previous = NULL;
    block->next = heap.lists[list];
    if (block->next) block->next->previous = block;
    heap.lists[list] = block;
    heap.available |= 1u << list;
}

static void remove_from_list(struct block *block)
{
    uint32_t list = list_of(size_of(block));
    if (block->next) block->next->previous = block->previous;
    if (block->previous)
        block->previous->next = block->next;
    else if (!(heap.lists[list] = block->next))
        heap.available &= ~(1u << list);
}

void runtime_heap_begin(void)
{
    uintptr_t start = (uintptr_t)runtime_heap.start, end = start + runtime_heap.len;
    heap.ready = true;
    /* Memory handed out is aligned, heads lie just below it. */
    start = ((start + HEAD_BYTES + ALIGNMENT - 1) & ~(uintptr_t)(ALIGNMENT - 1)) - HEAD_BYTES;
    end = (end & ~(uintptr_t)(ALIGNMENT - 1)) - HEAD_BYTES;
    heap.first = heap.end = (uint8_t *)start;
    if (runtime_heap.len < 2 * ALIGNMENT + BLOCK_MIN || end < start + BLOCK_MIN) return;
    heap.end = (uint8_t *)end;
    struct block *all = (struct block *)start;
    all->head = (uint32_t)(end - start) | BELOW_IN_USE;
    above(all)->head = IN_USE;
    insert(all);
}

static struct block *first_fit(uint32_t list, uint32_t size, uint32_t look_at)
{
    struct block *block = heap.lists[list];
    while (block && look_at > 0 && size_of(block) < size) {
        block = block->next;
        look_at--;
    }
    return look_at > 0 ? block : NULL;
}

static struct block *find(uint32_t size)
{
    uint32_t list = list_of(size);
    struct block *block = first_fit(list, size, LOOK_AT);
    if (block) return block;
    uint32_t larger = heap.available & ~((2u << list) - 1u);
    if (larger) return heap.lists[__builtin_ctz(larger)];
    return first_fit(list, size, UINT32_MAX);
}

/* Bytes of a block for `len` bytes of memory; 0 when no heap is that large. */
static uint32_t block_size(size_t len)
{
    if (len > (size_t)(heap.end - heap.first)) return 0;
    uint32_t size = ((uint32_t)len + HEAD_BYTES + ALIGNMENT - 1) & ~(uint32_t)(ALIGNMENT - 1);
    return size < BLOCK_MIN ? BLOCK_MIN : size;
}

/* Join a block that is nobody's with free neighbours and list it. Its own mark is cleared here. */
static void give_back(struct block *block)
{
    uint32_t size = size_of(block);
    struct block *upper = above(block);
    if (!(upper->head & IN_USE)) {
        remove_from_list(upper);
        size += size_of(upper);
    }
    uint32_t below = block->head & BELOW_IN_USE;
    if (!below) {
        block = (struct block *)((uint8_t *)block - *(uint32_t *)((uint8_t *)block - HEAD_BYTES));
        remove_from_list(block);
        size += size_of(block);
        below = block->head & BELOW_IN_USE;
    }
    block->head = size | below;
    above(block)->head &= ~(uint32_t)BELOW_IN_USE;
    insert(block);
}

/* Shrink a block in use to `size` and give the rest back, if a block can be made of it. */
static void trim(struct block *block, uint32_t size)
{
    uint32_t rest = size_of(block) - size;
    if (rest < BLOCK_MIN) return;
    block->head = size | (block->head & MARKS);
    struct block *upper = above(block);
    upper->head = rest | IN_USE | BELOW_IN_USE;
    give_back(upper);
}

static void count(uint32_t before, uint32_t after)
{
    runtime_heap_used += after - before;
    if (runtime_heap_used > runtime_heap_peak) runtime_heap_peak = runtime_heap_used;
}

static void *no_memory(void)
{
    errno = ENOMEM;
    return NULL;
}

/* The block of memory that malloc gave; anything else ends the program. */
static struct block *checked(void *memory, const char *complaint)
{
    struct block *block = of_memory(memory);
    uint8_t *at = (uint8_t *)block;
    if (at < heap.first || at >= heap.end || (uintptr_t)memory % ALIGNMENT != 0 ||
        !(block->head & IN_USE) || size_of(block) < BLOCK_MIN ||
        size_of(block) > (uint32_t)(heap.end - at) || !(above(block)->head & BELOW_IN_USE))
        mnemos_panic(complaint);
    return block;
}

/* A block for `len` bytes, not yet counted; NULL: no room. */
static struct block *take(size_t len)
{
    if (!heap.ready) runtime_heap_begin();
    uint32_t size = block_size(len);
    struct block *block = size ? find(size) : NULL;
    if (!block) return NULL;
    remove_from_list(block);
    block->head |= IN_USE;
    above(block)->head |= BELOW_IN_USE;
    trim(block, size);
    return block;
}

void *malloc(size_t len)
{
    struct block *block = take(len);
    if (!block) return no_memory();
    count(0, size_of(block));
    return memory_of(block);
}

void free(void *memory)
{
    if (!memory) return;
    struct block *block = checked(memory, "free: not allocated, or freed before");
    count(size_of(block), 0);
    give_back(block);
}

void cfree(void *memory)
{
    free(memory);
}

void *calloc(size_t items, size_t size)
{
    size_t len;
    if (__builtin_mul_overflow(items, size, &len)) return no_memory();
    void *memory = malloc(len);
    if (memory) memset(memory, 0, len);
    return memory;
}

void *realloc(void *memory, size_t len)
{
    if (!memory) return malloc(len);
    struct block *block = checked(memory, "realloc: not allocated, or freed before");
    uint32_t before = size_of(block), size = block_size(len);
    if (size == 0) return no_memory();
    struct block *upper = above(block);
    if (size > before && !(upper->head & IN_USE) && before + size_of(upper) >= size) {
        remove_from_list(upper);
        block->head += size_of(upper);
        above(block)->head |= BELOW_IN_USE;
    }
    if (size <= size_of(block)) {
        trim(block, size);
        count(before, size_of(block));
        return memory;
    }
    void *moved = malloc(len);
    if (moved) {
        memcpy(moved, memory, before - HEAD_BYTES);
        free(memory);
    }
    return moved;
}

void *memalign(size_t alignment, size_t len)
{
    if ((alignment & (alignment - 1)) != 0) {
        errno = EINVAL;
        return NULL;
    }
    if (alignment <= ALIGNMENT) return malloc(len);
    size_t room;
    if (__builtin_add_overflow(len, alignment + BLOCK_MIN, &room)) return no_memory();
    struct block *block = take(room);
    if (!block) return no_memory();
    uint8_t *memory = memory_of(block);
    uint8_t *aligned =
        (uint8_t *)(((uintptr_t)memory + alignment - 1) & ~(uintptr_t)(alignment - 1));
    if (aligned != memory) {
        /* What lies below becomes a free block of its own. */
        if (aligned - memory < BLOCK_MIN) aligned += alignment;
        struct block *upper = of_memory(aligned);
        uint32_t gap = (uint32_t)((uint8_t *)upper - (uint8_t *)block);
        upper->head = (size_of(block) - gap) | IN_USE | BELOW_IN_USE;
        block->head = gap | (block->head & MARKS);
        give_back(block);
        block = upper;
    }
    trim(block, block_size(len));
    count(0, size_of(block));
    return memory_of(block);
}

void *aligned_alloc(size_t alignment, size_t len)
{
    return memalign(alignment, len);
}

int posix_memalign(void **out, size_t alignment, size_t len)
{
    if (alignment < sizeof(void *) || (alignment & (alignment - 1)) != 0) return EINVAL;
    int before = errno;
    void *memory = memalign(alignment, len);
    errno = before;
    if (!memory) return ENOMEM;
    *out = memory;
    return 0;
}

/* There are no pages; a kibibyte is the grain in which the kernel gives memory. */
enum { PAGE = 1024 };

void *valloc(size_t len)
{
    return memalign(PAGE, len);
}

void *pvalloc(size_t len)
{
    return len > SIZE_MAX - PAGE ? no_memory()
                                 : memalign(PAGE, (len + PAGE - 1) & ~(size_t)(PAGE - 1));
}

size_t malloc_usable_size(void *memory)
{
    return memory ? size_of(of_memory(memory)) - HEAD_BYTES : 0;
}
