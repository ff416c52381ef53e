/* stack.c — H11, H12 and H28: a stack pointer that points anywhere, recursion without end, a jump over everything. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "hostile.h"

/* Put SP somewhere and ask for `echo`, which must never be served, least of all to someone else. */
static int moved_call(const uint32_t *numbers)
{
    __asm volatile("mov sp, %0\n movs r0, #0\n movs r1, #0\n movs r2, #0\n movs r3, #0\n mov r12, %1\n svc 0\n b ."
                   : : "r"(numbers[0]), "r"(MNEMOS_SYS_CALL_ECHO) : "r0", "r1", "r2", "r3", "r12");
    return HOSTILE_SURVIVED;
}

/* Put SP somewhere and wait for an interrupt to stack its frame there. */
static int moved_spin(const uint32_t *numbers)
{
    __asm volatile("mov sp, %0\n b ." : : "r"(numbers[0]));
    return HOSTILE_SURVIVED;
}

/* Not a leaf, not a tail call, not a loop: each level needs its own frame. */
static __attribute__((noinline, noclone)) uint32_t deeper(uint32_t depth)
{
    volatile uint32_t frame[8];
    frame[depth % 8] = depth;
    uint32_t below = depth == UINT32_MAX ? 0 : deeper(depth + 1);
    return below + frame[depth % 8];
}

static int recurse(const uint32_t *numbers)
{
    return deeper(numbers[0]) == 0 ? HOSTILE_WRONG : HOSTILE_SURVIVED;
}

/* Take numbers[0] bytes of stack at once and write to the far end. */
static int leap(const uint32_t *numbers)
{
    __asm volatile("sub sp, sp, %0\n str %0, [sp]\n b ." : : "r"(numbers[0]) : "memory");
    return HOSTILE_SURVIVED;
}

int main(int argc, char **argv)
{
    static const struct hostile_variant variants[] = {
        {"call", moved_call}, {"spin", moved_spin}, {"recurse", recurse}, {"leap", leap},
    };
    return hostile_run(argc, argv, variants, sizeof variants / sizeof variants[0]);
}
