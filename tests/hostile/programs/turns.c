/* turns.c — H40: gives the processor away without end and looks at every register, and at each answer, in between. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "hostile.h"

#define UNUSED __attribute__((unused))

/* Fill r4 to r11 from `values` and yield so many times, with addresses that are nobody's in r0 and r2, of no bytes; then
 * read them back. Answers 0 if each call answered 0, 0 and left r2, r3 and r12 alone. */
__attribute__((naked)) static uint32_t hold(UNUSED const uint32_t values[8], UNUSED uint32_t back[8], UNUSED uint32_t yields)
{
    __asm volatile("push {r1, r4-r11, lr}\n"
                   "mov lr, r2\n"
                   "ldm r0, {r4-r11}\n"
                   "1: movw r0, #0xbad\n movs r1, #0\n movw r2, #0xbad\n movs r3, #0\n mov r12, %[number]\n svc 0\n"
                   "subw r2, r2, #0xbad\n sub r12, r12, %[number]\n"
                   "orr r0, r0, r1\n orr r0, r0, r2\n orr r0, r0, r3\n orrs r0, r0, r12\n"
                   "bne 2f\n"
                   "subs lr, lr, #1\n bne 1b\n"
                   "2: ldr r1, [sp]\n"
                   "stm r1, {r4-r11}\n"
                   "pop {r1, r4-r11, pc}\n"
                   : : [number] "i"(MNEMOS_SYS_CALL_YIELD));
}

/* numbers: seed, rounds, yields in each round */
static int keep(const uint32_t *numbers)
{
    static uint32_t values[8], back[8];
    uint32_t        state = numbers[0];
    for (uint32_t round = 0; round < numbers[1]; round++) {
        for (int i = 0; i < 8; i++)
            values[i] = state = state * 1664525u + 1013904223u;
        if (hold(values, back, numbers[2]))
            return HOSTILE_WRONG;
        for (int i = 0; i < 8; i++)
            if (back[i] != values[i])
                return HOSTILE_WRONG;
    }
    return 0;
}

int main(int argc, char **argv)
{
    static const struct hostile_variant variants[] = {{"keep", keep}};
    return hostile_run(argc, argv, variants, sizeof variants / sizeof variants[0]);
}
