/* mask.c — H07 and H14: tries to raise its privilege and to keep interrupts out, then never gives the processor back. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "hostile.h"

static uint32_t control(void)
{
    uint32_t value;
    __asm volatile("mrs %0, control" : "=r"(value));
    return value;
}

static void mask_all(void)
{
    __asm volatile("cpsid i\n cpsid f\n"
                   "msr primask, %0\n msr faultmask, %0\n msr basepri, %1\n msr basepri_max, %1\n isb"
                   : : "r"(1), "r"(0x20));
}

/* Writing CONTROL changes nothing. */
static int privilege(const uint32_t *numbers)
{
    (void)numbers;
    __asm volatile("msr control, %0\n isb" : : "r"(0));
    return (control() & 3) == 3 ? 0 : HOSTILE_WRONG;
}

/* Masked or not, system calls and time go on. */
static int masked_calls(const uint32_t *numbers)
{
    (void)numbers;
    mask_all();
    uint64_t before = hostile_now_us();
    hostile_sleep_us(5000);
    return hostile_now_us() - before >= 5000 && hostile_echo_works(7) ? 0 : HOSTILE_WRONG;
}

static int spin(const uint32_t *numbers)
{
    (void)numbers;
    for (;;)
        __asm volatile("");
    return HOSTILE_SURVIVED;
}

static int masked_spin(const uint32_t *numbers)
{
    mask_all();
    return spin(numbers);
}

int main(int argc, char **argv)
{
    static const struct hostile_variant variants[] = {
        {"privilege", privilege}, {"masked-calls", masked_calls}, {"spin", spin}, {"masked-spin", masked_spin},
    };
    return hostile_run(argc, argv, variants, sizeof variants / sizeof variants[0]);
}
