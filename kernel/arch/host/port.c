/* port.c — core/port.h on a PC. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/core/port.h"
#include "host.h"
#include "kernel/core/hooks.h"
#include "kernel/core/timer.h"
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#define FD_MAX 16u
#define STAMPS_PER_US 2u /* not 1, so that a test notices who takes the one for the other */
#define SETTLE_ROUNDS 100000u

struct watched_fd { int fd; short events; void (*ready)(int fd, void *owner); void *owner; };

static struct {
    uint32_t locks;
    bool     in_interrupt, pended, real_clock;
    uint64_t now_us, alarm_us, epoch_us;
    uint32_t random, shuffle;
    bool     spurious;
    uint32_t fail_countdown; /* 0: none is to fail */
    bool     fail_after, failed;
    void   (*strike)(void *owner);
    void    *strike_owner;
    struct watched_fd fds[FD_MAX];
    uint32_t n_fds;
} host;

static jmp_buf    *panic_catcher; /* not forgotten by a reset */
static const char *panic_reason;

void mn_host_reset(void)
{
    memset(&host, 0, sizeof host);
    host.alarm_us = MN_TIME_NEVER;
    host.random = 1;
    mn_executor_reset();
}

uint32_t mn_host_random_next(uint32_t *state)
{
    uint32_t x = *state;
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    return *state = x;
}

/* ---- Lock and simulated interrupts ---- */

static void interrupt(void (*handler)(void *owner), void *owner)
{
    host.in_interrupt = true;
    handler(owner);
    host.in_interrupt = false;
}

void mn_hook_point(void)
{
    if (host.strike && !host.locks && !host.in_interrupt)
        interrupt(host.strike, host.strike_owner);
}

void mn_host_on_point(void (*strike)(void *owner), void *owner)
{
    host.strike = strike;
    host.strike_owner = owner;
}

uint32_t mn_port_lock(void)
{
    mn_hook_point();
    return host.locks++;
}

void mn_port_unlock(uint32_t before)
{
    MN_ASSERT(host.locks == before + 1);
    host.locks = before;
    mn_hook_point();
}

bool mn_port_in_interrupt(void)
{
    return host.in_interrupt;
}

void mn_port_pend(void)
{
    host.pended = true;
}

bool mn_host_pended(void)
{
    bool pended = host.pended;
    host.pended = false;
    return pended;
}

/* ---- Wake orders ---- */

void mn_host_shuffle(uint32_t seed)
{
    host.shuffle = seed;
    host.spurious = seed % 2;
}

void mn_hook_round(void)
{
    if (!host.spurious)
        return;
    for (const struct mn_task *task = mn_task_after(NULL); task; task = mn_task_after(task))
        if (mn_host_random_next(&host.shuffle) % 8 == 0)
            mn_task_wake((struct mn_task *)(uintptr_t)task);
}

uint32_t mn_hook_skip(const struct mn_task *batch)
{
    uint32_t len = 0;
    if (!host.shuffle)
        return 0;
    for (; batch; batch = batch->next)
        len++;
    return mn_host_random_next(&host.shuffle) % len;
}

/* ---- Allocations that fail ---- */

void mn_host_fail_allocation(uint32_t n, bool and_after)
{
    host.fail_countdown = n;
    host.fail_after = and_after;
    host.failed = false;
}

bool mn_host_allocation_failed(void)
{
    return host.failed;
}

bool mn_hook_allocation_fails(void)
{
    if (host.fail_countdown == 0 || --host.fail_countdown)
        return false;
    host.failed = true;
    host.fail_countdown = host.fail_after;
    return true;
}

/* ---- Time ---- */

static uint64_t real_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
}

uint64_t mn_port_now_us(void)
{
    return host.real_clock ? real_us() - host.epoch_us : host.now_us;
}

uint32_t mn_port_stamp(void)
{
    return (uint32_t)(mn_port_now_us() * STAMPS_PER_US);
}

uint32_t mn_port_stamp_us(uint32_t difference)
{
    return difference / STAMPS_PER_US;
}

uint32_t mn_port_stamps(uint32_t us)
{
    return us * STAMPS_PER_US;
}

uint64_t mn_port_stamp_total_us(uint64_t total)
{
    return total / STAMPS_PER_US;
}

/* The alarm's interrupt, if it is due. */
static void ring(void)
{
    if (host.alarm_us > mn_port_now_us())
        return;
    host.alarm_us = MN_TIME_NEVER;
    mn_timer_alarm();
}

void mn_host_set_time(uint64_t now_us)
{
    MN_ASSERT(now_us >= host.now_us && !host.real_clock);
    host.now_us = now_us;
    ring();
}

void mn_host_advance(uint64_t by_us)
{
    mn_host_set_time(host.now_us + by_us);
}

void mn_port_alarm(uint64_t at_us)
{
    host.alarm_us = at_us;
    ring();
}

uint64_t mn_host_alarm(void)
{
    return host.alarm_us;
}

uint32_t mn_host_settle(void)
{
    uint32_t rounds = 0;
    bool     more = true;
    while (more) {
        MN_ASSERT(rounds < SETTLE_ROUNDS);
        rounds++;
        more = mn_executor_tick();
        more |= mn_executor_serve_later();
    }
    return rounds;
}

void mn_host_run_until(uint64_t until_us)
{
    mn_host_settle();
    while (mn_timer_next_us() <= until_us) {
        if (mn_timer_next_us() > host.now_us)
            mn_host_set_time(mn_timer_next_us());
        mn_host_settle();
    }
    if (until_us > host.now_us)
        mn_host_set_time(until_us);
}

/* ---- Idle ---- */

void mn_host_use_real_clock(void)
{
    host.real_clock = true;
    host.epoch_us = real_us();
}

void mn_host_add_fd(int fd, bool for_write, void (*ready)(int fd, void *owner), void *owner)
{
    MN_ASSERT(host.n_fds < FD_MAX);
    host.fds[host.n_fds++] = (struct watched_fd){ fd, for_write ? POLLOUT : POLLIN, ready, owner };
}

void mn_host_remove_fd(int fd, bool for_write)
{
    for (uint32_t i = 0; i < host.n_fds; i++) {
        if (host.fds[i].fd == fd && host.fds[i].events == (for_write ? POLLOUT : POLLIN)) {
            host.fds[i] = host.fds[--host.n_fds];
            return;
        }
    }
}

/* Milliseconds for poll(2), rounded up: waking early would only mean sleeping again. */
static int poll_timeout(void)
{
    uint64_t now = mn_port_now_us();
    if (host.alarm_us == MN_TIME_NEVER)
        return -1;
    if (host.alarm_us <= now)
        return 0;
    uint64_t left = (host.alarm_us - now + 999u) / 1000u;
    return left > 3600000u ? 3600000 : (int)left;
}

static void poll_fds(int timeout)
{
    struct pollfd     polled[FD_MAX];
    struct watched_fd watched[FD_MAX]; /* a callback may add or remove */
    uint32_t          n = host.n_fds;

    memcpy(watched, host.fds, sizeof watched);
    for (uint32_t i = 0; i < n; i++)
        polled[i] = (struct pollfd){ .fd = watched[i].fd, .events = watched[i].events };
    if (poll(polled, n, timeout) <= 0)
        return;
    for (uint32_t i = 0; i < n; i++) {
        if (!polled[i].revents)
            continue;
        host.in_interrupt = true;
        watched[i].ready(watched[i].fd, watched[i].owner);
        host.in_interrupt = false;
    }
}

void mn_port_idle(bool (*ready)(void))
{
    if (host.real_clock) {
        poll_fds(ready() ? 0 : poll_timeout());
        ring();
        return;
    }
    if (ready())
        return;
    MN_ASSERT(host.alarm_us != MN_TIME_NEVER); /* else it would sleep for ever: nothing can run any more */
    if (host.alarm_us > host.now_us)
        mn_host_set_time(host.alarm_us);
}

/* ---- Random numbers, panic ---- */

void mn_port_random(uint8_t *out, uint32_t len)
{
    if (host.real_clock) {
        MN_ASSERT(getrandom(out, len, 0) == (ssize_t)len);
        return;
    }
    while (len--)
        *out++ = (uint8_t)(mn_host_random_next(&host.random) >> 8);
}

void mn_port_panic(const char *reason, const char *file, uint32_t line)
{
    if (panic_catcher) {
        panic_reason = reason;
        longjmp(*panic_catcher, 1);
    }
    fprintf(stderr, "kernel panic: %s at %s:%u", reason, file, line);
    if (mn_task_current())
        fprintf(stderr, " in task %s, which waited at line %u", mn_task_current()->name, mn_task_current()->co.at);
    fprintf(stderr, "\n");
    abort();
}

const char *mn_host_panic_of(void (*run)(void *owner), void *owner)
{
    jmp_buf        here;
    jmp_buf *const outer = panic_catcher;
    const char *volatile reason = NULL;

    panic_catcher = &here;
    if (setjmp(here) == 0)
        run(owner);
    else
        reason = panic_reason;
    panic_catcher = outer;
    host.locks = 0;
    host.in_interrupt = false;
    return reason;
}
