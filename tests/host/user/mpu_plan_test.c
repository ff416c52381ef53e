/* mpu_plan_test.c — what the registers allow, read by an independent decoder, is what was planned. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/user/mpu_plan.h"
#include "rig.h"

#define ARENA_KIB 208u
#define FIRST     (RIG_ARENA / 1024u)

enum { NOTHING = 0, RX = 1, RW = 2, SOMETHING_ELSE = 3 };

/* What a program may do with a byte: PMSAv7 as the architecture manual has it, the highest number wins. */
static int access_to(uint32_t addr, const uint32_t mpu[8])
{
    for (int region = 3; region >= 0; region--) {
        uint32_t rbar = mpu[2 * region], rasr = mpu[2 * region + 1];
        assert_int_equal(rbar & 0x1f, 0x10 | region);
        if (!(rasr & 1))
            continue;
        uint64_t size = 2ull << (rasr >> 1 & 0x1f);
        uint64_t base = rbar & ~(uint32_t)(size - 1);
        assert_int_equal(base, rbar & ~0x1fu); /* aligned to its size, or the bits are lost */
        if (addr < base || addr >= base + size)
            continue;
        if (size >= 256 && rasr >> (8 + (addr - base) * 8 / size) & 1)
            continue;
        uint32_t rights = rasr >> 24 & 7, never_execute = rasr >> 28 & 1, memory = rasr >> 16 & 0x3f;
        if (memory != 2) /* TEX 0, S 0, C 1, B 0 */
            return SOMETHING_ELSE;
        if (rights == 2 && !never_execute)
            return RX;
        return rights == 3 && never_execute ? RW : SOMETHING_ELSE;
    }
    return NOTHING;
}

static void assert_exact(uint32_t rx, uint32_t rx_len, uint32_t rw, uint32_t rw_len, const uint32_t mpu[8])
{
    for (uint32_t kib = FIRST - 2; kib < FIRST + 260; kib++) {
        int expected = kib - rx < rx_len ? RX : kib - rw < rw_len ? RW : NOTHING;
        if (access_to(kib * 1024, mpu) != expected || access_to(kib * 1024 + 512, mpu) != expected
            || access_to(kib * 1024 + 1023, mpu) != expected)
            fail_msg("rx %u+%u rw %u+%u: wrong at %u", rx - FIRST, rx_len, rw - FIRST, rw_len, kib - FIRST);
    }
}

static bool one_window(uint32_t first, uint32_t end)
{
    struct mn_mpu_window window;
    return mn_mpu_cover(first, end, 1, &window) == 1;
}

/* Any interval of the arena: the windows touch each other, cover it, and no cover has fewer. */
static void every_interval_is_covered_by_as_few_as_possible(void **state)
{
    (void)state;
    static uint8_t least[ARENA_KIB + 1];
    for (uint32_t end = FIRST + 1; end <= FIRST + ARENA_KIB; end++) {
        for (uint32_t first = end; first-- > FIRST;) {
            uint8_t best = 255;
            for (uint32_t middle = first + 1; middle <= end; middle++) {
                uint8_t rest = middle == end ? 0 : least[middle - FIRST];
                if (rest + 1 < best && one_window(first, middle))
                    best = (uint8_t)(rest + 1);
            }
            least[first - FIRST] = best;

            struct mn_mpu_window windows[4];
            uint32_t count = mn_mpu_cover(first, end, 4, windows), at = first;
            assert_int_equal(count, best <= 4 ? best : 0);
            for (uint32_t i = 0; i < count; i++) {
                assert_int_equal(windows[i].first, at);
                at = windows[i].end;
            }
            assert_true(!count || at == end);
        }
    }
}

static void plans_are_exact(uint32_t seed)
{
    for (uint32_t n = 0; n < 60; n++) {
        uint32_t mpu[8];
        uint32_t rx_len = 1 + mn_host_random_next(&seed) % (n % 2 ? 100 : 8);
        uint32_t rw_len = 1 + mn_host_random_next(&seed) % (n % 3 ? 100 : 8);
        uint32_t rx = FIRST + mn_host_random_next(&seed) % (ARENA_KIB + 1 - rx_len - rw_len);
        uint32_t rw = rx + rx_len;
        if (n % 4 == 0) { /* apart, the data below the text */
            rw = FIRST + mn_host_random_next(&seed) % (ARENA_KIB + 1 - rx_len - rw_len);
            rx = rw + rw_len + mn_host_random_next(&seed) % (FIRST + ARENA_KIB + 1 - rx_len - rw - rw_len);
        }
        if (mn_mpu_plan(rx * 1024, rx_len * 1024, rw * 1024, rw_len * 1024, mpu))
            assert_exact(rx, rx_len, rw, rw_len, mpu);
    }
}

static void register_values_are_as_in_the_manual(void **state)
{
    (void)state;
    static const struct { uint32_t rx, rx_len, rw, rw_len, mpu[8]; } cases[] = {
        { 0x20000000, 1024, 0x20000400, 1024,
          { 0x20000010, 0x02020013, 0x20000411, 0x13020013, 0x12, 0, 0x13, 0 } },
        { 0x20000000, 8192, 0x20002000, 3072,
          { 0x20000010, 0x02020019, 0x20002011, 0x1302c017, 0x12, 0, 0x13, 0 } },
        /* the upper three quarters of 4 KiB */
        { 0x20001400, 3072, 0x20002000, 1024,
          { 0x20001010, 0x02020317, 0x20002011, 0x13020013, 0x12, 0, 0x13, 0 } },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint32_t mpu[8];
        assert_true(mn_mpu_plan(cases[i].rx, cases[i].rx_len, cases[i].rw, cases[i].rw_len, mpu));
        for (uint32_t word = 0; word < 8; word++)
            if (mpu[word] != cases[i].mpu[word])
                fail_msg("case %zu word %u: %08x", i, word, mpu[word]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIG_TEST(every_interval_is_covered_by_as_few_as_possible),
        MN_SEEDED(plans_are_exact),
        RIG_TEST(register_values_are_as_in_the_manual),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
