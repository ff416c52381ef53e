/* wait_map_test.c — values for keys: each reaches who waits for its key, or stays with who brought it. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/core/wait_map.h"
#include "kernel/arch/host/host.h"
#include "seeds.h"
#include <mnemos/abi/error.h>

#define ASKERS 6u

static struct mn_wait_map map;

struct asker { struct mn_task task; struct mn_keyed_wait wait; uint32_t key; uintptr_t value; mn_err err; };
static struct asker askers[ASKERS];

static mn_err asker_poll(struct mn_task *task, struct mn_cx *cx)
{
    struct asker *self = MN_CONTAINER_OF(task, struct asker, task);
    MN_BEGIN(&task->co);
    MN_AWAIT(self->err = mn_wait_map_poll(&map, &self->wait, cx, self->key, &self->value));
    MN_END();
}

static void start(uint32_t i, uint32_t key)
{
    askers[i] = (struct asker){ .key = key, .err = MN_PENDING };
    mn_task_start(&askers[i].task, "asker", asker_poll);
    mn_host_settle();
}

/* The first `count` wait for keys 100, 101, ... */
static void begin(uint32_t count)
{
    map = (struct mn_wait_map){ 0 };
    for (uint32_t i = 0; i < count; i++)
        start(i, 100 + i);
}

static void each_gets_the_value_of_its_key_in_any_order(void **state)
{
    (void)state;
    static const uint32_t order[] = { 1, 3, 0, 2 };
    begin(4);
    for (uint32_t i = 0; i < 4; i++) {
        assert_int_equal(mn_wait_map_wake(&map, 100 + order[i], 7 * order[i]), MN_OK);
        mn_host_settle();
        assert_int_equal(askers[order[i]].err, MN_OK);
        assert_int_equal(askers[order[i]].value, 7 * order[i]);
    }
    assert_null(map.waits);
}

static void a_value_that_nobody_waits_for_stays_with_who_brought_it(void **state)
{
    (void)state;
    begin(1);
    assert_int_equal(mn_wait_map_wake(&map, 99, 1), MNEMOS_ERR_WOULD_WAIT);
    assert_int_equal(mn_wait_map_wake(&map, 100, 2), MN_OK);
    assert_int_equal(mn_wait_map_wake(&map, 100, 3), MNEMOS_ERR_WOULD_WAIT); /* before its task has looked */
    mn_host_settle();
    assert_int_equal(askers[0].value, 2);
    start(1, 100);
    assert_int_equal(askers[1].err, MN_PENDING); /* nothing was kept */
}

static void a_key_is_waited_for_once(void **state)
{
    (void)state;
    begin(2);
    start(2, 101);
    assert_int_equal(askers[2].err, MNEMOS_ERR_BUSY);
    assert_int_equal(mn_wait_map_wake(&map, 101, 5), MN_OK);
    start(3, 101); /* the first has its value, though it has not looked */
    assert_int_equal(askers[3].err, MN_PENDING);
    mn_host_settle();
    assert_int_equal(askers[1].value, 5);
}

static void a_closed_map_lets_everybody_go_for_ever(void **state)
{
    (void)state;
    begin(3);
    assert_int_equal(mn_wait_map_wake(&map, 102, 9), MN_OK);
    mn_wait_map_close(&map);
    mn_wait_map_close(&map);
    assert_int_equal(mn_wait_map_wake(&map, 100, 1), MNEMOS_ERR_GONE);
    mn_host_settle();
    assert_int_equal(askers[0].err, MNEMOS_ERR_GONE);
    assert_int_equal(askers[1].err, MNEMOS_ERR_GONE);
    assert_int_equal(askers[2].err, MN_OK); /* given before */
    assert_int_equal(askers[2].value, 9);
    start(3, 200);
    assert_int_equal(askers[3].err, MNEMOS_ERR_GONE);
}

static void an_abandoned_wait_leaves_no_trace(void **state)
{
    (void)state;
    for (uint32_t leaver = 0; leaver < 3; leaver++) {
        uintptr_t value = 0;
        mn_host_reset();
        begin(3);
        assert_false(mn_wait_map_cancel(&map, &askers[leaver].wait, &value));
        assert_false(mn_wait_map_cancel(&map, &askers[leaver].wait, &value));
        askers[leaver].task.poll = NULL; /* stays away */
        assert_int_equal(mn_wait_map_wake(&map, 100 + leaver, 1), MNEMOS_ERR_WOULD_WAIT);
        for (uint32_t i = 0; i < 3; i++)
            if (i != leaver)
                assert_int_equal(mn_wait_map_wake(&map, 100 + i, i), MN_OK);
        assert_null(map.waits);
        assert_int_equal(value, 0);
    }
}

static void a_value_that_was_not_looked_at_comes_back_when_its_wait_is_abandoned(void **state)
{
    (void)state;
    uintptr_t value = 0;
    begin(1);
    assert_int_equal(mn_wait_map_wake(&map, 100, 77), MN_OK);
    assert_true(mn_wait_map_cancel(&map, &askers[0].wait, &value));
    assert_int_equal(value, 77);
    assert_false(mn_wait_map_cancel(&map, &askers[0].wait, &value));
}

/* Values are handed out, some waits are abandoned, some keys nobody knows: none is lost, none comes twice. */
static void values_are_conserved(uint32_t seed)
{
    uint32_t random = seed, brought = 0, kept = 0, back = 0, got = 0;
    begin(0);
    for (uint32_t i = 0; i < ASKERS; i++)
        askers[i] = (struct asker){ .err = MN_OK };
    for (uint32_t step = 0; step < 300; step++) {
        struct asker *asker = &askers[mn_host_random_next(&random) % ASKERS];
        uintptr_t     value;
        switch (mn_host_random_next(&random) % 3) {
        case 0:
            if (asker->err == MN_PENDING)
                break;
            got += asker->err == MN_OK && asker->value;
            *asker = (struct asker){ .key = mn_host_random_next(&random) % 4, .err = MN_PENDING };
            mn_task_start(&asker->task, "asker", asker_poll);
            break;
        case 1:
            brought++;
            kept += mn_wait_map_wake(&map, mn_host_random_next(&random) % 4, brought) != MN_OK;
            break;
        default:
            if (asker->wait.state == MN_WAIT_IDLE)
                break;
            back += mn_wait_map_cancel(&map, &asker->wait, &value);
            mn_task_cancel(&asker->task);
            asker->err = MNEMOS_ERR_CANCELLED;
        }
        if (mn_host_random_next(&random) % 2)
            mn_host_settle();
    }
    mn_host_settle();
    for (uint32_t i = 0; i < ASKERS; i++)
        got += askers[i].err == MN_OK && askers[i].value;
    assert_int_equal(got + back + kept, brought);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MN_TEST(each_gets_the_value_of_its_key_in_any_order),
        MN_TEST(a_value_that_nobody_waits_for_stays_with_who_brought_it),
        MN_TEST(a_key_is_waited_for_once),
        MN_TEST(a_closed_map_lets_everybody_go_for_ever),
        MN_TEST(an_abandoned_wait_leaves_no_trace),
        MN_TEST(a_value_that_was_not_looked_at_comes_back_when_its_wait_is_abandoned),
        MN_SEEDED(values_are_conserved),
    };
    return cmocka_run_group_tests_name("wait map", tests, NULL, NULL);
}
