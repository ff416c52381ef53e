/* calls.c: what the functions of mnemos/ promise, as far as a program alone can see it. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include <mnemos/mnemos.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { MS = 1000, SOME_PORT = 2 };

static int failed;

static void check(const char *what, int holds)
{
    if (!holds) {
        printf("wrong: %s\n", what);
        failed = 1;
    }
}

static void clocks(void)
{
    uint64_t before = mnemos_time_us();
    mnemos_sleep_ms(20);
    uint64_t after = mnemos_time_us();
    check("sleep", after - before >= 20 * MS);
    mnemos_sleep_until_us(before);
    check("a moment in the past", mnemos_time_us() - after < 1000 * MS);
    before = mnemos_time_us();
    usleep(5 * MS);
    nanosleep(&(struct timespec){.tv_nsec = 5 * 1000 * MS}, NULL);
    check("usleep, nanosleep", mnemos_time_us() - before >= 10 * MS);

    struct timeval now;
    struct timespec moment;
    gettimeofday(&now, NULL);
    clock_gettime(CLOCK_MONOTONIC, &moment);
    uint64_t us = (uint64_t)moment.tv_sec * 1000000 + (uint64_t)moment.tv_nsec / 1000;
    check("gettimeofday", us >= (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_usec);
    check("clock_gettime", us >= after && mnemos_time_us() >= us);
    check("clock", (uint64_t)clock() * (1000000 / CLOCKS_PER_SEC) <= mnemos_time_us());
}

static void ports(void)
{
    mnemos_serial port, other;
    char buf[16];
    check("open", mnemos_serial_open(SOME_PORT, &port) == 0);
    check("open twice", mnemos_serial_open(SOME_PORT, &other) == MNEMOS_ERR_BUSY);
    check("no such port", mnemos_serial_open(0x1000, &other) == MNEMOS_ERR_BAD_ARGUMENT);
    check("read now", mnemos_serial_read_now(port, buf, sizeof buf) == MNEMOS_ERR_WOULD_WAIT);
    uint64_t before = mnemos_time_us();
    check("read until", mnemos_serial_read_until(port, buf, sizeof buf, before + 20 * MS) ==
                            MNEMOS_ERR_TIMED_OUT);
    check("waited", mnemos_time_us() - before >= 20 * MS);
    check("read nothing", mnemos_serial_read(port, buf, 0) == 0);
    check("write nothing", mnemos_serial_write(port, buf, 0) == 0);
    check("write", mnemos_serial_write_until(port, "abc", 3, mnemos_time_us() + 1000 * MS) > 0);
    check("write all", mnemos_serial_write_all(port, "defghi", 6) == 0);
    check("close", mnemos_serial_close(port) == 0);
    check("closed", mnemos_serial_close(port) == MNEMOS_ERR_BAD_HANDLE);
    check("write closed", mnemos_serial_write(port, "x", 1) == MNEMOS_ERR_BAD_HANDLE);
    check("read closed", mnemos_serial_read(port, buf, 1) == MNEMOS_ERR_BAD_HANDLE);
    check("open again", mnemos_serial_open(SOME_PORT, &port) == 0);
}

static void self(char **argv)
{
    struct mnemos_info info;
    struct mnemos_memory memory;
    char large[600], zeros[600] = {0};
    mnemos_info(&info);
    mnemos_memory(&memory);
    check("abi", info.abi_major == 1);
    check("board", strcmp(info.board, "mps2-an386") == 0 && info.kernel[0] != 0);
    uintptr_t code = (uintptr_t)self, here = (uintptr_t)&memory;
    check("text", code > memory.text_start && code - memory.text_start < memory.text_len);
    check("stack", here > memory.data_start && here - memory.data_start < memory.stack_len);
    check("stack peak", memory.stack_peak > 600 && memory.stack_peak <= memory.stack_len);
    check("arguments", (uintptr_t)argv[0] - memory.data_start < memory.stack_len);
    check("heap", memory.heap_len >= 3000 && memory.heap_used == 0);
    memset(large, 0, sizeof large);
    mnemos_random(large, sizeof large);
    check("random", memcmp(large, zeros, sizeof large) != 0 && memcmp(large, large + 300, 256) != 0);
    check("strerror", strcmp(mnemos_strerror(MNEMOS_ERR_BUSY), mnemos_strerror(-2)) != 0);
}

int main(int argc, char **argv)
{
    (void)argc;
    clocks();
    ports();
    self(argv);
    mnemos_yield();
    printf(failed ? "failed\n" : "all right\n");
    return failed;
}
