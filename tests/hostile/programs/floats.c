/* floats.c — H40: keeps a value in every floating-point register while another one does the same, for many switches. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "hostile.h"

#ifndef __ARM_FP
#error "this program is about the floating-point registers: build it with the hard-float ABI"
#endif

/* Fill s0..s31 from `values`, wait for `spins` rounds and give the processor away `yields` times, then read them back. */
static void hold(const uint32_t values[32], uint32_t back[32], uint32_t yields, uint32_t spins)
{
    __asm volatile("vldmia %[values], {s0-s31}\n"
                   "mov r4, %[spins]\n"
                   "1: subs r4, #1\n bpl 1b\n"
                   "mov r4, %[yields]\n"
                   "b 3f\n"
                   "2: movs r0, #0\n movs r1, #0\n movs r2, #0\n movs r3, #0\n mov r12, %[number]\n svc 0\n"
                   "3: subs r4, #1\n bpl 2b\n"
                   "vstmia %[back], {s0-s31}\n"
                   : : [values] "r"(values), [back] "r"(back), [yields] "r"(yields), [spins] "r"(spins),
                       [number] "r"(MNEMOS_SYS_CALL_YIELD)
                   : "r0", "r1", "r2", "r3", "r4", "r12", "memory", "cc",
                     "s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "s12", "s13", "s14", "s15",
                     "s16", "s17", "s18", "s19", "s20", "s21", "s22", "s23", "s24", "s25", "s26", "s27", "s28", "s29",
                     "s30", "s31");
}

/* numbers: seed, rounds, yields and spins in each round */
static int exact(const uint32_t *numbers)
{
    static uint32_t values[32], back[32];
    uint32_t        state = numbers[0];
    for (uint32_t round = 0; round < numbers[1]; round++) {
        for (int i = 0; i < 32; i++)
            values[i] = state = state * 1664525u + 1013904223u;
        hold(values, back, numbers[2], numbers[3]);
        for (int i = 0; i < 32; i++)
            if (back[i] != values[i])
                return HOSTILE_WRONG;
    }
    return 0;
}

/* Never touched the FPU: its registers must not show what others keep there. */
static int unseen(const uint32_t *numbers)
{
    static uint32_t back[32];
    (void)numbers;
    __asm volatile("vstmia %0, {s0-s31}" : : "r"(back) : "memory");
    for (int i = 0; i < 32; i++)
        if (back[i] != 0)
            return HOSTILE_WRONG;
    return 0;
}

int main(int argc, char **argv)
{
    static const struct hostile_variant variants[] = {{"exact", exact}, {"unseen", unseen}};
    return hostile_run(argc, argv, variants, sizeof variants / sizeof variants[0]);
}
