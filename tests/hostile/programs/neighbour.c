/* neighbour.c — the innocent program: it watches every byte it owns and every register while others misbehave.
 *
 * Byte `?` on port 0: answers `intact ROUNDS` when nothing ever changed, or what did. End of file: ends, status 0 when
 * all was well. `!` damages one byte of its own memory on purpose: the control that shows the watch is awake. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "hostile.h"
#include <stdio.h>
#include <stdlib.h>

enum { WORDS = 512 };

static uint32_t pattern(uint32_t seed, uint32_t i)
{
    return (seed ^ i) * 2654435761u + 12345u;
}

static const uint32_t constant[8] = {0x11111111, 0x22222222, 0x33333333, 0x44444444,
                                     0x55555555, 0x66666666, 0x77777777, 0x88888888};
static uint32_t initialised[WORDS] = {[0] = 0xdadadada, [WORDS - 1] = 0xadadadad};
static uint32_t zeroed[WORDS];

static void fill(uint32_t *words, uint32_t seed)
{
    for (uint32_t i = 0; i < WORDS; i++)
        words[i] = pattern(seed, i);
}

static bool kept(const volatile uint32_t *words, uint32_t seed)
{
    for (uint32_t i = 0; i < WORDS; i++)
        if (words[i] != pattern(seed, i))
            return false;
    return true;
}

/* A system call of someone else that was served for us would change one of these. */
static bool registers_kept(void)
{
    uint32_t r0 = 0, r12 = 0;
    __asm volatile("ldr r0, =0x01010101\n ldr r1, =0x02020202\n ldr r2, =0x03030303\n ldr r3, =0x04040404\n"
                   "ldr r12, =0x05050505\n ldr r4, =20000\n"
                   "1: subs r4, #1\n bne 1b\n"
                   "eor %[first], r0, #0x01010101\n eor r1, r1, #0x02020202\n orr %[first], %[first], r1\n"
                   "eor r2, r2, #0x03030303\n orr %[first], %[first], r2\n"
                   "eor r3, r3, #0x04040404\n orr %[first], %[first], r3\n"
                   "eor %[second], r12, #0x05050505\n"
                   : [first] "=&r"(r0), [second] "=&r"(r12) : : "r0", "r1", "r2", "r3", "r4", "r12", "cc");
    return r0 == 0 && r12 == 0;
}

int main(void)
{
    uint32_t  on_stack[64];
    uint32_t *on_heap = malloc(sizeof zeroed);
    if (!on_heap || initialised[0] != 0xdadadada || initialised[WORDS - 1] != 0xadadadad || zeroed[7] != 0)
        return HOSTILE_WRONG;
    fill(initialised, 1);
    fill(zeroed, 2);
    fill(on_heap, 3);
    for (uint32_t i = 0; i < 64; i++)
        on_stack[i] = pattern(4, i);

    const char *damage = NULL;
    for (unsigned rounds = 1;; rounds++) {
        for (uint32_t i = 0; i < 64; i++)
            if (((volatile uint32_t *)on_stack)[i] != pattern(4, i))
                damage = "stack";
        for (uint32_t i = 0; i < 8; i++)
            if (((const volatile uint32_t *)constant)[i] != 0x11111111u * (i + 1))
                damage = "constants";
        if (!kept(initialised, 1))
            damage = "data";
        if (!kept(zeroed, 2))
            damage = "bss";
        if (!kept(on_heap, 3))
            damage = "heap";
        if (!registers_kept())
            damage = "registers";
        if (!hostile_echo_works(rounds * 2654435761u))
            damage = "echo";

        char    command;
        int32_t got = hostile_read(&command, 1, false);
        if (got == 0)
            return damage ? HOSTILE_WRONG : 0;
        if (got == 1 && command == '!')
            ((volatile uint8_t *)zeroed)[WORDS * 2] ^= 1;
        if (got == 1 && command == '?') {
            char text[40];
            if (damage)
                snprintf(text, sizeof text, "damaged: %s\n", damage);
            else
                snprintf(text, sizeof text, "intact %u\n", rounds);
            if (!hostile_say(text))
                return HOSTILE_WRONG;
        }
        hostile_sleep_us(1000);
    }
}
