/* pool_test.c — objects of one size, shared with interrupts. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/core/pool.h"
#include "kernel/arch/host/host.h"
#include "kernel/core/hooks.h"
#include "seeds.h"
#include <string.h>

#define COUNT 6u

struct object { uint64_t owner; uint64_t more; };

static struct mn_pool pool;
static struct object  objects[COUNT], *taken[2][COUNT]; /* by the task, by interrupts */
static uint32_t       n_taken[2], random_state;

static void take_or_give(uint32_t side)
{
    if (mn_host_random_next(&random_state) % 2 && n_taken[side]) {
        struct object *object = taken[side][--n_taken[side]];
        assert_int_equal(object->owner, side);
        mn_pool_free(&pool, object);
        return;
    }
    struct object *object = mn_pool_try(&pool);
    if (!object)
        return;
    assert_true(object >= objects && object < objects + COUNT);
    object->owner = side;
    object->more = UINT64_MAX;
    taken[side][n_taken[side]++] = object;
}

static void strike(void *unused)
{
    (void)unused;
    if (mn_host_random_next(&random_state) % 2)
        take_or_give(1);
}

static void nobody_gets_an_object_twice(uint32_t seed)
{
    random_state = seed;
    n_taken[0] = n_taken[1] = 0;
    mn_pool_init(&pool, objects, sizeof objects[0], COUNT);
    mn_host_on_point(strike, NULL);
    for (uint32_t i = 0; i < 500; i++)
        take_or_give(0);
    mn_host_on_point(NULL, NULL);
    struct mn_pool_stats stats = mn_pool_stats(&pool);
    assert_int_equal(stats.used, n_taken[0] + n_taken[1]);
    assert_int_equal(stats.most_used, COUNT);
    assert_true(stats.failures > 0);
    for (uint32_t side = 0; side < 2; side++)
        while (n_taken[side])
            mn_pool_free(&pool, taken[side][--n_taken[side]]);
    for (uint32_t i = 0; i < COUNT; i++)
        assert_non_null(mn_pool_try(&pool));
    assert_null(mn_pool_try(&pool));
}

static void the_most_that_was_used_is_known(void **state)
{
    (void)state;
    mn_pool_init(&pool, objects, sizeof objects[0], COUNT);
    void *one = mn_pool_try(&pool), *two = mn_pool_try(&pool);
    mn_pool_free(&pool, one);
    mn_pool_free(&pool, two);
    assert_ptr_equal(mn_pool_try(&pool), two);
    struct mn_pool_stats stats = mn_pool_stats(&pool);
    assert_int_equal(stats.used, 1);
    assert_int_equal(stats.most_used, 2);
    assert_int_equal(stats.count, COUNT);
    assert_int_equal(stats.failures, 0);
}

static void free_it(void *object) { mn_pool_free(&pool, object); }
static void init_with(void *size) { mn_pool_init(&pool, objects, *(size_t *)size, COUNT); }

static void misuse_stops_the_kernel(void **state)
{
    (void)state;
    mn_pool_init(&pool, objects, sizeof objects[0], COUNT);
    assert_non_null(mn_host_panic_of(free_it, objects));
    assert_non_null(mn_host_panic_of(init_with, &(size_t){ 0 }));
    assert_non_null(mn_host_panic_of(init_with, &(size_t){ sizeof(void *) + 1 }));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MN_SEEDED(nobody_gets_an_object_twice),
        MN_TEST(the_most_that_was_used_is_known),
        MN_TEST(misuse_stops_the_kernel),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
