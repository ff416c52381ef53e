/* touch.c — H01 to H06: reads, writes or executes one address that is not the program's to use that way. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "hostile.h"

static int read8(const uint32_t *numbers)
{
    (void)*(volatile uint8_t *)(uintptr_t)numbers[0];
    return HOSTILE_SURVIVED;
}

static int read32(const uint32_t *numbers)
{
    (void)*(volatile uint32_t *)(uintptr_t)numbers[0];
    return HOSTILE_SURVIVED;
}

static int write8(const uint32_t *numbers)
{
    *(volatile uint8_t *)(uintptr_t)numbers[0] = 0xa5;
    return HOSTILE_SURVIVED;
}

static int write32(const uint32_t *numbers)
{
    *(volatile uint32_t *)(uintptr_t)numbers[0] = 0xa5a5a5a5;
    return HOSTILE_SURVIVED;
}

static int jump(uint32_t address)
{
    ((void (*)(void))(uintptr_t)(address | 1))();
    return HOSTILE_SURVIVED;
}

static int execute(const uint32_t *numbers)
{
    return jump(numbers[0]);
}

/* A `bx lr` is put there first, so that memory which could be executed would simply return. */
static int plant(const uint32_t *numbers)
{
    *(volatile uint16_t *)(uintptr_t)numbers[0] = 0x4770;
    return jump(numbers[0]);
}

int main(int argc, char **argv)
{
    static const struct hostile_variant variants[] = {
        {"read8", read8},   {"read32", read32},   {"write8", write8},
        {"write32", write32}, {"execute", execute}, {"plant", plant},
    };
    return hostile_run(argc, argv, variants, sizeof variants / sizeof variants[0]);
}
