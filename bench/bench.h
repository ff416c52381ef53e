/* bench.h — how a measured program talks to the counter.
 *
 * A marker is the hint `dbg #n`, which every core executes as a no-op, also
 * unprivileged; bench/count.c sees it. A sample is what runs from BENCH_START or
 * BENCH_LAP to the next BENCH_STOP or BENCH_LAP. bench_row() closes a row: all
 * samples since the row before. Output goes through the emulator's semihosting. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H
#include <stdint.h>

#define BENCH_MARK(n) __asm__ volatile("dbg #" #n ::: "memory")
#define BENCH_START() BENCH_MARK(1)
#define BENCH_STOP()  BENCH_MARK(2) /* nothing, when no sample runs */
#define BENCH_LAP()   BENCH_MARK(4) /* one sample ends and the next begins */
#define BENCH_CLOSE() BENCH_MARK(3)

#define BENCH_SEMIHOSTING_WRITE0 0x04u
#define BENCH_SEMIHOSTING_EXIT   0x20u
#define BENCH_STOPPED_BY_EXIT    0x20026u

static inline uint32_t bench_semihosting(uint32_t operation, const void *argument)
{
    register uint32_t r0 __asm__("r0") = operation;
    register const void *r1 __asm__("r1") = argument;
    __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
}

static inline void bench_print(const char *text)
{
    (void)bench_semihosting(BENCH_SEMIHOSTING_WRITE0, text);
}

/* Close a row of samples and name it. */
static inline void bench_row(const char *name)
{
    BENCH_CLOSE();
    bench_print("row ");
    bench_print(name);
    bench_print("\n");
}

/* A row that is a number and not a count of instructions. */
static inline void bench_value(const char *name, uint32_t value)
{
    char digits[11];
    char *at = digits + sizeof digits - 1;
    *at = 0;
    do {
        *--at = (char)('0' + value % 10u);
        value /= 10u;
    } while (value);
    bench_print("value ");
    bench_print(name);
    bench_print(" ");
    bench_print(at);
    bench_print("\n");
}

/* End the emulation. */
static inline void bench_exit(uint32_t status)
{
    const uint32_t argument[2] = {BENCH_STOPPED_BY_EXIT, status};
    (void)bench_semihosting(BENCH_SEMIHOSTING_EXIT, argument);
}

/* One sample of a statement. */
#define BENCH_SAMPLE(statement) \
    do {                        \
        BENCH_START();          \
        statement;              \
        BENCH_STOP();           \
    } while (0)
#endif
