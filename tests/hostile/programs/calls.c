/* calls.c — H23: system calls that do not exist, and every immediate that an SVC instruction can carry. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "hostile.h"

static int number(const uint32_t *numbers)
{
    struct hostile_registers registers = {.r12 = numbers[0]};
    hostile_svc(&registers);
    return HOSTILE_SURVIVED;
}

/* 256 functions of four bytes: `svc N; bx lr`. */
__asm(".balign 4\n .thumb_func\n .type hostile_svc_table, %function\nhostile_svc_table:\n"
      " .set n, 0\n .rept 256\n svc #n\n bx lr\n .set n, n + 1\n .endr\n");
extern const uint8_t hostile_svc_table[];

/* The immediate is not looked at: each of them is the call that r12 names, and nothing else. */
static int immediates(const uint32_t *numbers)
{
    (void)numbers;
    for (uint32_t n = 0; n < 256; n++) {
        register uint32_t r0 __asm("r0") = 0;
        register uint32_t r1 __asm("r1") = 0;
        register uint32_t r2 __asm("r2") = 0;
        register uint32_t r3 __asm("r3") = 0;
        register uint32_t r12 __asm("r12") = MNEMOS_SYS_CALL_NOP;
        register uint32_t entry __asm("r4") = ((uint32_t)(uintptr_t)hostile_svc_table | 1) + 4 * n;
        __asm volatile("blx %[entry]"
                       : "+r"(r0), "+r"(r1), "+r"(r2), "+r"(r3), "+r"(r12)
                       : [entry] "r"(entry) : "lr", "memory", "cc");
        if (r0 != 0 || r1 != 0 || r2 != 0 || r3 != 0 || r12 != MNEMOS_SYS_CALL_NOP)
            return HOSTILE_WRONG;
    }
    return 0;
}

int main(int argc, char **argv)
{
    static const struct hostile_variant variants[] = {{"number", number}, {"immediates", immediates}};
    return hostile_run(argc, argv, variants, sizeof variants / sizeof variants[0]);
}
