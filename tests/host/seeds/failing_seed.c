/* failing_seed.c — two seeded tests, of which one fails with seeds 37 and 61 in the way that its argument says. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/core/port.h"
#include "seeds.h"
#include <limits.h>
#include <stdlib.h>
#include <string.h>

static const char *way;
static char *volatile freed;
static volatile int most = INT_MAX;

static void sometimes_fails(uint32_t seed)
{
    if (seed != 37 && seed != 61)
        return;
    if (strcmp(way, "assert") == 0)
        fail_msg("as it should");
    if (strcmp(way, "panic") == 0)
        mn_port_panic("as it should", __FILE__, __LINE__);
    if (strcmp(way, "memory") == 0)
        memset(freed, 0, 1);
    if (strcmp(way, "undefined") == 0)
        most += (int)seed;
}

static void never_fails(uint32_t seed)
{
    (void)seed;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = { MN_SEEDED(never_fails), MN_SEEDED(sometimes_fails) };
    free(freed = malloc(1));
    way = argc > 1 ? argv[1] : "assert";
    return cmocka_run_group_tests_name("failing seed", tests, NULL, NULL);
}
