/* mistakes.c — tests with a mistake each, which the harness and the sanitizers must notice.
 *
 * The argument names the mistake. `run` wants each to end badly and to say what it is. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/arch/host/host.h"
#include "kernel/core/port.h"
#include "seeds.h"
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The compiler must not see through these. */
static int *_Atomic lost;
static _Atomic int  six = 6;

static void reads_past_the_end(void **state)
{
    (void)state;
    int *numbers = calloc((size_t)six, sizeof *numbers);
    assert_non_null(numbers);
    int behind = numbers[six];
    free(numbers);
    assert_int_equal(behind, behind);
}

static void uses_what_was_freed(void **state)
{
    (void)state;
    int *number = malloc(sizeof *number);
    assert_non_null(number);
    lost = number;
    free(number);
    *lost = six;
}

static void forgets_memory(void **state)
{
    (void)state;
    lost = malloc(100);
    lost = NULL;
}

static void overflows(void **state)
{
    (void)state;
    int most = INT_MAX - 6;
    assert_true(most + six + six != 0);
}

static void shifts_too_far(void **state)
{
    (void)state;
    assert_true(1u << (six * 6) != 7);
}

static void asserts_what_is_not(void **state)
{
    (void)state;
    assert_int_equal(six, 7);
}

static void panics(void **state)
{
    (void)state;
    MN_ASSERT(six == 7);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest all[] = {
        MN_TEST(reads_past_the_end), MN_TEST(uses_what_was_freed), MN_TEST(forgets_memory), MN_TEST(overflows),
        MN_TEST(shifts_too_far), MN_TEST(asserts_what_is_not), MN_TEST(panics),
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        if (argc != 2 || strcmp(argv[1], all[i].name) != 0)
            continue;
        const struct CMUnitTest one[] = { all[i] };
        return cmocka_run_group_tests(one, NULL, NULL);
    }
    puts("no such mistake");
    return 0;
}
