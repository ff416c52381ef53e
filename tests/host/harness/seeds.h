/* seeds.h — run a test under many seeds and name the one that fails.
 *
 * A seeded test is a function of one seed. It runs with a fresh host port whose
 * wake orders and spurious wakes follow the seed. In the environment,
 * MN_SEED=test:n runs only that test with that seed (what a failure prints),
 * MN_SEED=n each with that seed, MN_SEEDS=n each with that many (default 100). */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MN_HARNESS_SEEDS_H
#define MN_HARNESS_SEEDS_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

typedef void (*mn_seeded_test)(uint32_t seed);

/* An entry of cmocka's list of tests for `void test(uint32_t seed)`. */
#define MN_SEEDED(test)                                                                             \
    { .name = #test, .test_func = mn_seeds_run, .teardown_func = mn_seeds_report,                   \
      .initial_state = (void *)(uintptr_t)&(const struct mn_seeded){ .run = test, .name = #test } }

/* The same for a plain cmocka test, which gets a fresh host port too. */
#define MN_TEST(test) cmocka_unit_test_setup(test, mn_fresh_host)

struct mn_seeded { mn_seeded_test run; const char *name; };

void mn_seeds_run(void **state);
int  mn_seeds_report(void **state);
int  mn_fresh_host(void **state);
#endif
