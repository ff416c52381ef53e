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

/* Put SP somewhere and do what is a fault of another kind: its frame has no place either. */
static int moved_fault(const uint32_t *numbers)
{
    if (numbers[1] == 0)
        __asm volatile("mov sp, %0\n udf #0" : : "r"(numbers[0]));
    else if (numbers[1] == 1)
        __asm volatile("mov sp, %0\n bkpt #0" : : "r"(numbers[0]));
    else
        __asm volatile("mov sp, %0\n ldr r0, [%1]" : : "r"(numbers[0]), "r"(0xe000ed00u) : "r0");
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
        {"call", moved_call}, {"spin", moved_spin}, {"fault", moved_fault}, {"recurse", recurse}, {"leap", leap},
    };
    return hostile_run(argc, argv, variants, sizeof variants / sizeof variants[0]);
}
