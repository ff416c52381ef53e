/* seeds.c — see seeds.h. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#define _GNU_SOURCE /* program_invocation_name */
#include "seeds.h"
#include "kernel/arch/host/host.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* There in a build with sanitizers only. The one for memory tells before it ends the process; the other must be made to
 * raise SIGABRT, as an assertion of the kernel does. */
void        __sanitizer_set_death_callback(void (*callback)(void)) __attribute__((weak));
const char *__ubsan_default_options(void);

const char *__ubsan_default_options(void)
{
    return "abort_on_error=1";
}

static const struct mn_seeded *running; /* NULL while none is */
static uint32_t                seed;

static void say_seed(void)
{
    if (running)
        fprintf(stderr, "%s:%u failed; this runs only that: MN_SEED=%s:%u %s\n", running->name, seed, running->name, seed,
                program_invocation_name);
    running = NULL;
}

static void aborted(int signal_number)
{
    say_seed();
    signal(signal_number, SIG_DFL);
    raise(signal_number);
}

static uint32_t number_from(const char *text, uint32_t otherwise)
{
    return text ? (uint32_t)strtoul(text, NULL, 10) : otherwise;
}

static void run_one(const struct mn_seeded *test)
{
    mn_host_reset();
    mn_host_shuffle(seed);
    running = test;
    test->run(seed);
    running = NULL;
}

/* Of MN_SEED=name:number the number, if it is this test's name. */
static uint32_t seed_named_for(const struct mn_seeded *test, const char *wish, const char *colon)
{
    size_t len = (size_t)(colon - wish);
    if (len != strlen(test->name) || strncmp(wish, test->name, len) != 0)
        skip();
    return number_from(colon + 1, 0);
}

void mn_seeds_run(void **state)
{
    const struct mn_seeded *test = *state;
    const char             *wish = getenv("MN_SEED"), *colon = wish ? strchr(wish, ':') : NULL;
    uint32_t                only = colon ? seed_named_for(test, wish, colon) : number_from(wish, 0);
    uint32_t                count = number_from(getenv("MN_SEEDS"), 100);

    if (__sanitizer_set_death_callback)
        __sanitizer_set_death_callback(say_seed);
    signal(SIGABRT, aborted);
    if (only) {
        seed = only;
        run_one(test);
        return;
    }
    for (seed = 1; seed <= count; seed++)
        run_one(test);
}

int mn_seeds_report(void **state)
{
    (void)state;
    say_seed();
    mn_host_reset();
    return 0;
}

int mn_fresh_host(void **state)
{
    (void)state;
    mn_host_reset();
    return 0;
}
