/* mem.c — memcpy, memmove, memset and memcmp for kernel and programs.
 *
 * Made for a processor that reads and writes words at any address. Each libc
 * member that this file replaces is replaced whole, so the __aeabi names of
 * memcpy and memmove are here too. Build it with -ffreestanding -fno-lto
 * -fno-tree-loop-distribute-patterns, or gcc turns the loops into calls of
 * themselves. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include <stddef.h>
#include <stdint.h>

/* A word anywhere in memory, of any type. */
struct __attribute__((packed, may_alias)) word {
    uint32_t value;
};

#define WORD  sizeof(struct word)
#define BLOCK 64u

#define AT(pointer, i)   (((struct word *)(pointer))[i].value)
#define FROM(pointer, i) (((const struct word *)(pointer))[i].value)

void *memcpy(void *restrict to, const void *restrict from, size_t len);
void *memmove(void *to, const void *from, size_t len);
void *memset(void *to, int value, size_t len);
int memcmp(const void *a, const void *b, size_t len);

/* 16 bytes; all of them are read before one is written. */
static inline void copy_four_words(uint8_t *to, const uint8_t *from)
{
    uint32_t a = FROM(from, 0), b = FROM(from, 1), c = FROM(from, 2), d = FROM(from, 3);
    AT(to, 0) = a;
    AT(to, 1) = b;
    AT(to, 2) = c;
    AT(to, 3) = d;
}

#if defined(__ARM_ARCH_7EM__)
/* Eight words at a time when both sides are on word boundaries; else word by word, written here
 * because the compiler would spill registers. Both read at most 32 bytes ahead of what they write.
 * Moves the source on, and answers where the copy ends. */
static inline uint8_t *copy_blocks(uint8_t *to, const uint8_t **source, size_t blocks)
{
    const uint8_t *from = *source;
    if (((uintptr_t)to | (uintptr_t)from) % WORD == 0) {
        __asm volatile("1: ldmia %[from]!, {r3-r6, r8-r10, r12}\n"
                       "   stmia %[to]!, {r3-r6, r8-r10, r12}\n"
                       "   ldmia %[from]!, {r3-r6, r8-r10, r12}\n"
                       "   subs %[blocks], #1\n"
                       "   stmia %[to]!, {r3-r6, r8-r10, r12}\n"
                       "   bne 1b\n"
                       : [to] "+r"(to), [from] "+r"(from), [blocks] "+r"(blocks)
                       :
                       : "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r12", "cc", "memory");
        *source = from;
        return to;
    }
    /* clang-format off */
#define FOUR_OF(verb, pointer, first)                             \
    "   " verb " r3, [%[" pointer "], #" #first "]\n"             \
    "   " verb " r4, [%[" pointer "], #" #first "+4]\n"           \
    "   " verb " r5, [%[" pointer "], #" #first "+8]\n"           \
    "   " verb " r6, [%[" pointer "], #" #first "+12]\n"
    /* The first access of a block steps its pointer, so the others reach back. */
    __asm volatile("1: ldr r3, [%[from]], #64\n"
                   "   ldr r4, [%[from], #-60]\n"
                   "   ldr r5, [%[from], #-56]\n"
                   "   ldr r6, [%[from], #-52]\n"
                   "   str r3, [%[to]], #64\n"
                   "   str r4, [%[to], #-60]\n"
                   "   str r5, [%[to], #-56]\n"
                   "   str r6, [%[to], #-52]\n"
                   FOUR_OF("ldr", "from", -48) FOUR_OF("str", "to", -48)
                   FOUR_OF("ldr", "from", -32) FOUR_OF("str", "to", -32)
                   FOUR_OF("ldr", "from", -16) FOUR_OF("str", "to", -16)
                   "   subs %[blocks], #1\n"
                   "   bne 1b\n"
                   : [to] "+r"(to), [from] "+r"(from), [blocks] "+r"(blocks)
                   :
                   : "r3", "r4", "r5", "r6", "cc", "memory");
    /* clang-format on */
#undef FOUR_OF
    *source = from;
    return to;
}

/* `to` is on a word boundary. Blocks by eight words; then each bit of the length puts what it stands
 * for. */
static inline void fill(uint8_t *to, uint32_t word, size_t len)
{
    size_t left;
    __asm volatile("   lsrs %[left], %[len], #6\n"
                   "   mov r3, %[word]\n"
                   "   mov r4, %[word]\n"
                   "   mov r5, %[word]\n"
                   "   mov r6, %[word]\n"
                   "   beq 2f\n"
                   "   mov r8, %[word]\n"
                   "   mov r9, %[word]\n"
                   "   mov r10, %[word]\n"
                   "   mov r12, %[word]\n"
                   "1: stmia %[to]!, {r3-r6, r8-r10, r12}\n"
                   "   subs %[left], #1\n"
                   "   stmia %[to]!, {r3-r6, r8-r10, r12}\n"
                   "   bne 1b\n"
                   "   lsls %[left], %[len], #26\n"
                   "   beq 3f\n"
                   "2: lsls %[left], %[len], #27\n" /* carry: 32, negative: 16 */
                   "   itt cs\n"
                   "   stmiacs %[to]!, {r3-r6}\n"
                   "   stmiacs %[to]!, {r3-r6}\n"
                   "   it mi\n"
                   "   stmiami %[to]!, {r3-r6}\n"
                   "   lsls %[left], %[len], #29\n" /* 8, 4 */
                   "   it cs\n"
                   "   stmiacs %[to]!, {r3-r4}\n"
                   "   it mi\n"
                   "   strmi r3, [%[to]], #4\n"
                   "   lsls %[left], %[len], #31\n" /* 2, 1 */
                   "   it cs\n"
                   "   strhcs r3, [%[to]], #2\n"
                   "   it mi\n"
                   "   strbmi r3, [%[to]]\n"
                   "3:\n"
                   : [to] "+r"(to), [left] "=&r"(left)
                   : [word] "r"(word), [len] "r"(len)
                   : "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r12", "cc", "memory");
}
#else
static inline uint8_t *copy_blocks(uint8_t *to, const uint8_t **source, size_t blocks)
{
    for (size_t at = 0; at < blocks * BLOCK; at += 16) copy_four_words(to + at, *source + at);
    *source += blocks * BLOCK;
    return to + blocks * BLOCK;
}

static inline void fill(uint8_t *to, uint32_t word, size_t len)
{
    for (; len >= WORD; len -= WORD) {
        AT(to, 0) = word;
        to += WORD;
    }
    for (; len; len--) *to++ = (uint8_t)word;
}
#endif

/* Copy upwards; right for every `to` that does not lie inside the source. Answers `start`. */
static __attribute__((noinline)) void *copy_up(void *start, const uint8_t *from, size_t len)
{
    uint8_t *to = start;
    if (len >= BLOCK) {
        to = copy_blocks(to, &from, len / BLOCK);
        len %= BLOCK;
        if (!len) return start;
    }
    if (len & 32) {
        copy_four_words(to, from);
        copy_four_words(to + 16, from + 16);
        to += 32;
        from += 32;
    }
    if (len & 16) {
        copy_four_words(to, from);
        to += 16;
        from += 16;
    }
    for (size_t words = len % 16 / WORD; words; words--) {
        AT(to, 0) = FROM(from, 0);
        to += WORD;
        from += WORD;
    }
    for (size_t bytes = len % WORD; bytes; bytes--) *to++ = *from++;
    return start;
}

void *memcpy(void *restrict to, const void *restrict from, size_t len)
{
    return copy_up(to, from, len);
}

void *memmove(void *to, const void *from, size_t len)
{
    uint8_t *out = to;
    const uint8_t *in = from;
    /* Every step of copy_up reads before it writes: only a `to` inside the source needs the other
     * way. */
    if ((uintptr_t)out - (uintptr_t)in >= len) return copy_up(to, in, len);
    for (; len >= 16; len -= 16) copy_four_words(out + len - 16, in + len - 16);
    for (; len >= WORD; len -= WORD) AT(out + len - WORD, 0) = FROM(in + len - WORD, 0);
    while (len) {
        len--;
        out[len] = in[len];
    }
    return to;
}

void *memset(void *to, int value, size_t len)
{
    uint8_t *out = to;
    uint32_t word = (uint8_t)value * 0x01010101u;
    if (__builtin_expect((uintptr_t)out & (WORD - 1), 0)) {
        for (; len && ((uintptr_t)out & (WORD - 1)); len--) *out++ = (uint8_t)value;
    }
    fill(out, word, len);
    return to;
}

int memcmp(const void *a, const void *b, size_t len)
{
    const uint8_t *left = a;
    const uint8_t *right = b;
    while (len >= WORD && FROM(left, 0) == FROM(right, 0)) {
        left += WORD;
        right += WORD;
        len -= WORD;
    }
    for (; len; len--, left++, right++) {
        if (*left != *right) return *left - *right;
    }
    return 0;
}

#if defined(__arm__)
#define ALSO(name, real) __typeof__(real) name __attribute__((alias(#real)))
ALSO(__aeabi_memcpy, memcpy);
ALSO(__aeabi_memcpy4, memcpy);
ALSO(__aeabi_memcpy8, memcpy);
ALSO(__aeabi_memmove, memmove);
ALSO(__aeabi_memmove4, memmove);
ALSO(__aeabi_memmove8, memmove);
#endif
