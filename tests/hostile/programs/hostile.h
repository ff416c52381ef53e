/* hostile.h — what hostile programs are made of: variants chosen by argument, and system calls with any registers.
 *
 * A program is started as `NAME VARIANT NUMBER...`, numbers in hexadecimal. A variant that is meant to be stopped by
 * the kernel answers HOSTILE_SURVIVED when it was not; one that is allowed to live answers 0 when all was right. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef HOSTILE_H
#define HOSTILE_H
#include <mnemos/abi/sys.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HOSTILE_SURVIVED = 99, HOSTILE_WRONG = 98, HOSTILE_USAGE = 97 };

struct hostile_variant {
    const char *name;
    int (*run)(const uint32_t *numbers);
};

#define HOSTILE_NUMBERS 6

/* Run the variant that the arguments name; its answer is the exit status. */
int hostile_run(int argc, char **argv, const struct hostile_variant *variants, size_t count);

/* The registers of one system call, before and after it. */
struct hostile_registers { uint32_t r0, r1, r2, r3, r12; };

static inline void hostile_svc(struct hostile_registers *registers)
{
    register uint32_t r0 __asm("r0") = registers->r0;
    register uint32_t r1 __asm("r1") = registers->r1;
    register uint32_t r2 __asm("r2") = registers->r2;
    register uint32_t r3 __asm("r3") = registers->r3;
    register uint32_t r12 __asm("r12") = registers->r12;
    __asm volatile("svc 0" : "+r"(r0), "+r"(r1), "+r"(r2), "+r"(r3), "+r"(r12) : : "memory", "cc");
    *registers = (struct hostile_registers){r0, r1, r2, r3, r12};
}

/* An honest `echo`: did the same value come back? */
bool hostile_echo_works(uint32_t value);

/* The handle of the caller's port 0, opened at the first use. */
bool hostile_port(uint32_t *handle);

/* An honest read from port 0: the number of bytes or an error. */
int32_t hostile_read(void *out, uint32_t len, bool wait);

/* An honest write of a whole text to port 0. */
bool hostile_say(const char *text);

/* Microseconds since boot, and sleeping for a while. */
uint64_t hostile_now_us(void);
void     hostile_sleep_us(uint32_t us);

/* Never comes back. */
_Noreturn void hostile_exit(int32_t status);
#endif
