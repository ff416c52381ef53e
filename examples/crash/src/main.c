/* crash: breaks in the way its argument names, to see what the host makes of it. The kernel and the
 * other programs go on. `mnemos-load run crash.mna -- null` */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include <assert.h>
#include <mnemos/mnemos.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Volatile, or the compiler would see what is coming and leave it out. */
static int *volatile nowhere = NULL;
static volatile int zero = 0;

static void write_null(void)
{
    *nowhere = 42;
}

static void write_text(void)
{
    *(volatile uint32_t *)((uintptr_t)write_text & ~(uintptr_t)3) = 0;
}

__attribute__((noinline)) static unsigned recurse(unsigned depth)
{
    volatile char room[64];
    memset((char *)room, (int)depth, sizeof room);
    unsigned deeper = zero ? 0 : recurse(depth + 1);
    return deeper + (unsigned)room[0];
}

static void overflow_stack(void)
{
    printf("%u\n", recurse(0));
}

static void divide(void)
{
    printf("%d\n", 7 / zero); /* of 1 the compiler makes a comparison */
}

static void undefined_instruction(void)
{
    __builtin_trap();
}

static void fail_assertion(void)
{
    assert(zero == 1);
}

/* Asks the kernel to send memory that is the kernel's. */
static void bad_slice(void)
{
    mnemos_serial serial;
    if (mnemos_serial_open(2, &serial) == 0)
        mnemos_serial_write(serial, (const void *)0x20034000, 16);
}

/* Jumps into data: writable memory is never executable. */
static void wild_jump(void)
{
    static uint16_t code[] = {0x4770, 0x4770}; /* bx lr */
    void (*jump)(void);
    uintptr_t target = (uintptr_t)code | 1;
    memcpy(&jump, &target, sizeof jump);
    jump();
}

static const struct {
    const char *name, *what;
    void (*run)(void);
} ways[] = {
    {"null", "write through a null pointer", write_null},
    {"write-text", "write to its own code", write_text},
    {"stack", "recurse until the stack is full", overflow_stack},
    {"divide", "divide by zero", divide},
    {"undefined", "execute an undefined instruction", undefined_instruction},
    {"abort", "call abort()", abort},
    {"assert", "fail an assertion", fail_assertion},
    {"bad-slice", "hand the kernel an address outside the program", bad_slice},
    {"wild-jump", "jump into data", wild_jump},
};

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "";
    if (strcmp(name, "exit-status") == 0 && argc > 2) return atoi(argv[2]);

    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        if (strcmp(name, ways[i].name) == 0) {
            printf("about to %s\n", ways[i].what);
            ways[i].run();
            printf("still alive\n");
            return 1;
        }
    }

    fprintf(stderr, "usage: crash WAY\n");
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++)
        fprintf(stderr, "  %-12s %s\n", ways[i].name, ways[i].what);
    fprintf(stderr, "  exit-status N  end with status N\n");
    return 2;
}
