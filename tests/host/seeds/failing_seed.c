/* failing_seed.c — two seeded tests, of which one fails with seeds 37 and 61 in the way that its argument says. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "seeds.h"
#include <stdlib.h>
#include <string.h>

static const char *way;

static void sometimes_fails(uint32_t seed)
{
    if (seed != 37 && seed != 61)
        return;
    if (strcmp(way, "assert") == 0)
        fail_msg("as it should");
    volatile char *memory = malloc(1);
    memory[strlen(way)] = 0; /* "memory" is six bytes away */
    free((void *)(uintptr_t)memory);
}

static void never_fails(uint32_t seed)
{
    (void)seed;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = { MN_SEEDED(never_fails), MN_SEEDED(sometimes_fails) };
    way = argc > 1 ? argv[1] : "assert";
    return cmocka_run_group_tests_name("failing seed", tests, NULL, NULL);
}
