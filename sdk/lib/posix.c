/* posix.c: the functions of the operating system that the C library calls, as far as mnemOS has
 * them.
 *
 * There is no calendar: every clock counts from the boot of the kernel. There
 * are no files and no other processes; what would need them does not link. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include <errno.h>
#include <mnemos/program.h>
#include <mnemos/random.h>
#include <mnemos/time.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/times.h>
#include <time.h>
#include <unistd.h>

enum { US_PER_S = 1000000, NS_PER_US = 1000, NS_PER_S = 1000000000 };

pid_t getpid(void)
{
    return 1;
}

/* What raise() does with a signal that has no handler. */
int kill(pid_t pid, int signal)
{
    char message[32] = "signal ";
    if (pid != getpid()) {
        errno = ESRCH;
        return -1;
    }
    if (signal == 0) return 0;
    if (signal == SIGABRT) abort();
    itoa(signal, message + strlen(message), 10);
    mnemos_panic(message);
}

int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
    (void)zone;
    uint64_t us = mnemos_time_us();
    now->tv_sec = (time_t)(us / US_PER_S);
    now->tv_usec = (suseconds_t)(us % US_PER_S);
    return 0;
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
    if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC) {
        errno = EINVAL;
        return -1;
    }
    uint64_t us = mnemos_time_us();
    now->tv_sec = (time_t)(us / US_PER_S);
    now->tv_nsec = (long)(us % US_PER_S) * NS_PER_US;
    return 0;
}

/* Behind clock(). What the program ran is not told apart from what passed. */
clock_t times(struct tms *used)
{
    clock_t ticks = (clock_t)(mnemos_time_us() / (US_PER_S / CLOCKS_PER_SEC));
    if (used) *used = (struct tms){.tms_utime = ticks};
    return ticks;
}

unsigned sleep(unsigned seconds)
{
    mnemos_sleep_us((uint64_t)seconds * US_PER_S);
    return 0;
}

int usleep(useconds_t duration)
{
    mnemos_sleep_us(duration);
    return 0;
}

int nanosleep(const struct timespec *duration, struct timespec *left)
{
    if (duration->tv_sec < 0 || duration->tv_nsec < 0 || duration->tv_nsec >= NS_PER_S) {
        errno = EINVAL;
        return -1;
    }
    uint64_t us = (uint64_t)duration->tv_sec * US_PER_S;
    mnemos_sleep_us(us + ((uint64_t)duration->tv_nsec + NS_PER_US - 1) / NS_PER_US);
    if (left) *left = (struct timespec){0};
    return 0;
}

int getentropy(void *out, size_t len)
{
    if (len > 256) {
        errno = EIO;
        return -1;
    }
    mnemos_random(out, len);
    return 0;
}
