/* seeds.c — see seeds.h. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "seeds.h"
#include "kernel/arch/host/host.h"
#include <stdio.h>
#include <stdlib.h>

/* There in a build with sanitizers only. */
void __sanitizer_set_death_callback(void (*callback)(void)) __attribute__((weak));

static const struct mn_seeded *running; /* NULL while none is */
static uint32_t                seed;

static void say_seed(void)
{
    if (running)
        fprintf(stderr, "%s failed with seed %u; MN_SEED=%u runs only that\n", running->name, seed, seed);
    running = NULL;
}

static uint32_t number_from(const char *variable, uint32_t otherwise)
{
    const char *text = getenv(variable);
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

void mn_seeds_run(void **state)
{
    const struct mn_seeded *test = *state;
    uint32_t                only = number_from("MN_SEED", 0);
    uint32_t                count = number_from("MN_SEEDS", 100);

    if (__sanitizer_set_death_callback)
        __sanitizer_set_death_callback(say_seed);
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
