/* arena_test.c — blocks never overlap, never leave the arena, and all come back. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/user/arena.h"
#include "rig.h"

struct loaded { struct mn_place place; bool alive; };

static bool overlap(uint32_t a, uint32_t a_len, uint32_t b, uint32_t b_len)
{
    return a < b + b_len && b < a + a_len;
}

static void assert_inside(uint32_t addr, uint32_t len)
{
    assert_true(addr >= RIG_ARENA && len && addr + len <= RIG_ARENA + RIG_ARENA_LEN);
    assert_true(addr % 1024 == 0 && len % 1024 == 0);
}

static void assert_apart(const struct mn_place *one, const struct mn_place *other)
{
    assert_false(overlap(one->rx_addr, one->rx_len, other->rx_addr, other->rx_len));
    assert_false(overlap(one->rx_addr, one->rx_len, other->rw_addr, other->rw_len));
    assert_false(overlap(one->rw_addr, one->rw_len, other->rx_addr, other->rx_len));
    assert_false(overlap(one->rw_addr, one->rw_len, other->rw_addr, other->rw_len));
}

static uint32_t total_refused, total_asked;

static void churn(uint32_t seed)
{
    struct loaded loaded[8] = { 0 };
    uint32_t      mpu[8], used = 0;
    mn_arena_reset(RIG_ARENA, RIG_ARENA_LEN);
    for (uint32_t step = 0; step < 300; step++) {
        struct loaded *slot = &loaded[mn_host_random_next(&seed) % 8];
        if (slot->alive) {
            mn_arena_give(&slot->place);
            slot->alive = false;
            used -= slot->place.rx_len + slot->place.rw_len;
            continue;
        }
        uint32_t len = 2048 + mn_host_random_next(&seed) % 65536;
        uint32_t rx = 1 + len / 10 * (3 + mn_host_random_next(&seed) % 5), rw = len - rx + 1024;
        if (used + rx + rw > RIG_ARENA_LEN / 10 * 9)
            continue;
        total_asked++;
        mn_err err = mn_arena_take(rx, rw, &slot->place, mpu);
        if (err) {
            assert_int_equal(err, MNEMOS_ERR_NO_ROOM);
            total_refused++;
            continue;
        }
        slot->alive = true;
        used += slot->place.rx_len + slot->place.rw_len;
        assert_inside(slot->place.rx_addr, slot->place.rx_len);
        assert_inside(slot->place.rw_addr, slot->place.rw_len);
        assert_true(slot->place.rx_len >= rx && slot->place.rw_len >= rw);
        assert_true(slot->place.rx_len < rx + 1024 && slot->place.rw_len <= rw + 9 * 1024);
        for (uint32_t i = 0; i < 8; i++)
            if (loaded[i].alive && &loaded[i] != slot)
                assert_apart(&loaded[i].place, &slot->place);
        assert_int_equal(mn_arena_stats().free, RIG_ARENA_LEN - used);
    }
    for (uint32_t i = 0; i < 8; i++)
        if (loaded[i].alive)
            mn_arena_give(&loaded[i].place);
    struct mn_arena_stats stats = mn_arena_stats();
    assert_true(stats.free == RIG_ARENA_LEN && stats.largest == RIG_ARENA_LEN && stats.total == RIG_ARENA_LEN);
}

/* Fragmentation refuses some; the MPU must not refuse many more (see details in mpu_plan.h). */
static void few_are_refused_while_a_tenth_is_free(void **state)
{
    (void)state;
    assert_true(total_asked > 1000);
    assert_true(total_refused * 100 < total_asked * 12);
}

static void the_whole_arena_can_be_one_program(void **state)
{
    (void)state;
    struct mn_place place;
    uint32_t        mpu[8];
    assert_int_equal(mn_arena_take(64 * 1024, RIG_ARENA_LEN - 64 * 1024, &place, mpu), MN_OK);
    assert_int_equal(mn_arena_stats().free, 0);
    assert_int_equal(mn_arena_take(1, 1, &place, mpu), MNEMOS_ERR_NO_ROOM);
}

static void impossible_sizes_are_refused(void **state)
{
    (void)state;
    struct mn_place place;
    uint32_t        mpu[8];
    assert_int_equal(mn_arena_take(RIG_ARENA_LEN, 1, &place, mpu), MNEMOS_ERR_NO_ROOM);
    assert_int_equal(mn_arena_take(UINT32_MAX, UINT32_MAX, &place, mpu), MNEMOS_ERR_NO_ROOM);
    assert_int_equal(mn_arena_take(1, UINT32_MAX - 1022, &place, mpu), MNEMOS_ERR_NO_ROOM);
    assert_int_equal(mn_arena_stats().free, RIG_ARENA_LEN);
}

static void two_holes_can_hold_one_program(void **state)
{
    (void)state;
    struct mn_place first, second, third;
    uint32_t        mpu[8];
    assert_int_equal(mn_arena_take(32 * 1024, 32 * 1024, &first, mpu), MN_OK);
    assert_int_equal(mn_arena_take(40 * 1024, 40 * 1024, &second, mpu), MN_OK);
    mn_arena_give(&first);
    assert_int_equal(mn_arena_stats().largest, 64 * 1024);
    assert_int_equal(mn_arena_take(60 * 1024, 62 * 1024, &third, mpu), MN_OK);
    assert_true(third.rx_addr + third.rx_len != third.rw_addr);
}

static void give_twice(void *place)
{
    mn_arena_give(place);
}

static void giving_twice_stops_the_kernel(void **state)
{
    (void)state;
    struct mn_place place;
    uint32_t        mpu[8];
    assert_int_equal(mn_arena_take(1024, 1024, &place, mpu), MN_OK);
    mn_arena_give(&place);
    assert_non_null(mn_host_panic_of(give_twice, &place));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MN_SEEDED(churn),
        RIG_TEST(few_are_refused_while_a_tenth_is_free),
        RIG_TEST(the_whole_arena_can_be_one_program),
        RIG_TEST(impossible_sizes_are_refused),
        RIG_TEST(two_holes_can_hold_one_program),
        RIG_TEST(giving_twice_stops_the_kernel),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
