/* span_test.c — a program's own memory and nothing else. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/user/span.h"
#include "rig.h"

/* The same question in arithmetic that cannot wrap. */
static bool inside(uint64_t addr, uint64_t len, uint64_t block, uint64_t block_len)
{
    return addr >= block && addr + len <= block + block_len;
}

static bool expected(const struct mn_prog *prog, uint32_t addr, uint32_t len, bool writable)
{
    return len == 0 || inside(addr, len, prog->rw_addr, prog->rw_len)
           || (!writable && inside(addr, len, prog->rx_addr, prog->rx_len));
}

static void every_edge_is_exact(void **state)
{
    (void)state;
    struct mn_prog *below = rig_started("below"), *prog = rig_started("prog"), *above = rig_started("above");
    const uint32_t edges[] = { 0, prog->rx_addr, prog->rx_addr + prog->rx_len, prog->rw_addr, prog->rw_addr + prog->rw_len,
                               below->rw_addr, above->rx_addr, 0x20034000, 0x40004000, 0xe000e000, 0x80000000,
                               prog->rx_len, prog->rw_len };
    const uint32_t n = sizeof edges / sizeof *edges;
    for (uint32_t a = 0; a < n * 5; a++) {
        for (uint32_t b = 0; b < n * n * 5; b++) {
            uint32_t addr = edges[a / 5] + a % 5 - 2;
            uint32_t len = edges[b / 5 % n] - edges[b / 5 / n] + b % 5 - 2;
            for (int writable = 0; writable <= 1; writable++)
                if (mn_span_ok(prog, addr, len, writable) != expected(prog, addr, len, writable))
                    fail_msg("%08x + %08x, writable %d", addr, len, writable);
        }
    }
}

static void reading_and_writing_copy_exactly(void **state)
{
    (void)state;
    struct mn_prog    *prog = rig_started("prog");
    struct mn_prog_ref who = prog->call.who;
    uint32_t           at = mn_prog_heap_addr(prog);
    uint8_t            bytes[8] = { 0 };
    assert_int_equal(mn_user_write(who, (struct mnemos_span){ at, 6 }, 1, (const uint8_t *)"hello", 5), MN_OK);
    assert_memory_equal(mn_memory(at), "\0hello\0", 7);
    assert_int_equal(mn_user_read(who, (struct mnemos_span){ at, 6 }, 2, bytes, 4), MN_OK);
    assert_memory_equal(bytes, "ello\0", 5);
}

static void nothing_is_copied_past_the_span_or_the_program(void **state)
{
    (void)state;
    struct mn_prog    *prog = rig_started("prog");
    struct mn_prog_ref who = prog->call.who;
    struct mnemos_span span = { mn_prog_heap_addr(prog), 8 }, text = { prog->rx_addr, 8 }, end = { prog->rw_addr + prog->rw_len - 4, 8 };
    uint8_t            bytes[16] = { 0 };
    assert_int_equal(mn_user_write(who, span, 1, bytes, 8), MNEMOS_ERR_BAD_ARGUMENT);
    assert_int_equal(mn_user_write(who, span, 9, bytes, 0), MNEMOS_ERR_BAD_ARGUMENT);
    assert_int_equal(mn_user_write(who, span, UINT32_MAX, bytes, 2), MNEMOS_ERR_BAD_ARGUMENT);
    assert_int_equal(mn_user_write(who, span, 8, bytes, 0), MN_OK);
    assert_int_equal(mn_user_write(who, text, 0, bytes, 4), MNEMOS_ERR_BAD_ARGUMENT);
    assert_int_equal(mn_user_read(who, text, 0, bytes, 4), MN_OK);
    assert_int_equal(mn_user_read(who, end, 0, bytes, 4), MNEMOS_ERR_BAD_ARGUMENT);
    assert_int_equal(mn_user_read(who, (struct mnemos_span){ 0, 0 }, 0, NULL, 0), MN_OK);
}

static void a_program_that_ended_or_was_replaced_is_gone(void **state)
{
    (void)state;
    struct mn_prog    *prog = rig_started("prog");
    struct mn_prog_ref who = prog->call.who;
    struct mnemos_span span = { mn_prog_heap_addr(prog), 8 };
    uint8_t            byte = 1;
    assert_int_equal(mn_user_write(who, span, 0, &byte, 1), MN_OK);
    mn_prog_end(prog, MNEMOS_END_STOPPED, 0);
    assert_int_equal(mn_user_write(who, span, 0, &byte, 1), MNEMOS_ERR_GONE);
    assert_int_equal(mn_prog_start(prog, NULL, 0), MN_OK);
    assert_int_equal(mn_user_write(who, span, 0, &byte, 1), MNEMOS_ERR_GONE);
    assert_int_equal(mn_user_read(prog->call.who, span, 0, &byte, 1), MN_OK);
    assert_int_equal(byte, 0);
    who = prog->call.who;
    mn_prog_unload(prog);
    assert_int_equal(mn_user_read(who, span, 0, &byte, 1), MNEMOS_ERR_GONE);
    assert_int_equal(mn_user_read((struct mn_prog_ref){ 200, 1 }, span, 0, &byte, 1), MNEMOS_ERR_GONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIG_TEST(every_edge_is_exact),
        RIG_TEST(reading_and_writing_copy_exactly),
        RIG_TEST(nothing_is_copied_past_the_span_or_the_program),
        RIG_TEST(a_program_that_ended_or_was_replaced_is_gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
