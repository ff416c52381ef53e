/* mux_credit_test.c — credits: nothing lost by a slow side, nothing stuck after a lost frame. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "rig.h"
#include <string.h>

#define PORT 0x1000

static struct host_port *attach_with_port(struct rig *rig, struct device_port *end, uint32_t rx_len,
                                          uint32_t tx_len)
{
    device_open(end, PORT, "stdio", MN_PORT_INTERACTIVE, rx_len, tx_len);
    rig_attach(rig, 5);
    return rig_port(rig, PORT);
}

static void a_port_sends_nothing_before_its_first_credit(void **state)
{
    (void)state;
    struct rig *rig = rig_new(0);
    struct device_port end;
    device_open(&end, PORT, "stdio", MN_PORT_INTERACTIVE, 512, 512);
    rig->session = 5;
    rig_hello(rig, 5, MNEMOS_LINK_FEATURE_CRC);
    rig_settle(rig);
    device_write_pattern(&end, 100);
    rig_settle(rig);
    assert_int_equal(rig_port(rig, PORT)->in.len, 0);
    rig_credit(rig, PORT, 60);
    rig_settle(rig);
    assert_int_equal(rig_port(rig, PORT)->in.len, 60);
    rig_credit(rig, PORT, 50); /* an old one that was late */
    rig_settle(rig);
    assert_int_equal(rig_port(rig, PORT)->in.len, 60);
    rig_credit(rig, PORT, 100);
    rig_settle(rig);
    assert_int_equal(rig_port(rig, PORT)->in.len, 100);
    rig_free(rig);
}

static void a_limit_works_across_the_wrap_of_its_counter(void **state)
{
    (void)state;
    struct rig *rig = rig_new(0);
    struct device_port end;
    device_open(&end, PORT, "stdio", MN_PORT_INTERACTIVE, 512, 512);
    rig->session = 5;
    rig_hello(rig, 5, MNEMOS_LINK_FEATURE_CRC);
    rig_settle(rig);
    device_write_pattern(&end, 100);
    rig_settle(rig);
    rig_credit(rig, PORT, 0xfffffff0); /* behind what was sent: no credit */
    rig_settle(rig);
    assert_int_equal(rig_port(rig, PORT)->in.len, 0);
    rig_credit(rig, PORT, 100);
    rig_settle(rig);
    assert_int_equal(rig_port(rig, PORT)->in.len, 100);
    rig_free(rig);
}

static void credit_comes_back_when_a_quarter_of_the_window_was_read(void **state)
{
    (void)state;
    struct rig *rig = rig_new(0);
    struct device_port end;
    struct host_port *port = attach_with_port(rig, &end, 512, 512);
    uint8_t taken[512], sent[512] = {0};
    rig_write(rig, PORT, sent, 512);
    rig_settle(rig);
    assert_int_equal(mn_mux_readable(end.port), 512);
    uint32_t credits = port->credits;
    assert_int_equal(mn_mux_read(end.port, taken, 127), 127);
    rig_settle(rig);
    assert_int_equal(port->credits, credits);
    assert_int_equal(mn_mux_read(end.port, taken, 1), 1);
    rig_settle(rig);
    assert_int_equal(port->credits, credits + 1);
    assert_int_equal(port->limit, 640);
    rig_free(rig);
}

static void a_port_that_is_not_read_holds_the_host_back_and_loses_nothing(void **state)
{
    (void)state;
    struct rig *rig = rig_new(0);
    struct device_port end;
    struct host_port *port = attach_with_port(rig, &end, 512, 512);
    uint8_t data[3000];
    for (size_t i = 0; i < sizeof data; i++) data[i] = pattern(1, i);
    rig_write(rig, PORT, data, sizeof data);
    rig_run_ms(rig, 2500);
    assert_int_equal(port->sent, 512);
    end.reads = true;
    device_write_pattern(&end, 0);
    rig_run_ms(rig, 10);
    assert_int_equal(end.in.len, sizeof data);
    assert_memory_equal(end.in.data, data, sizeof data);
    assert_int_equal(mn_mux_stats().lost, 0);
    bytes_free(&end.in);
    rig_free(rig);
}

static void blocked_is_answered_with_credit_at_once(void **state)
{
    (void)state;
    struct rig *rig = rig_new(0);
    struct device_port end;
    struct host_port *port = attach_with_port(rig, &end, 512, 512);
    struct mnemos_link_control message = {.tag = MNEMOS_LINK_CONTROL_BLOCKED};
    uint32_t credits = port->credits;
    message.blocked.port = PORT;
    rig_send_control(rig, &message);
    rig_settle(rig);
    assert_int_equal(port->credits, credits + 1);
    assert_int_equal(port->limit, 512);
    rig_free(rig);
}

static void a_blocked_device_says_so_after_250_ms_and_then_each_second(void **state)
{
    (void)state;
    struct rig *rig = rig_new(0);
    struct device_port end;
    struct host_port *port = attach_with_port(rig, &end, 512, 512);
    rig->window = 100;
    rig_credit(rig, PORT, 100);
    rig_settle(rig);
    port->reads = 0;
    port->granted = UINT32_MAX / 2; /* the model grants nothing more by itself */
    rig->automatic = false;
    device_write_pattern(&end, 20000);
    rig_run_ms(rig, 200);
    uint32_t sent = port->received;
    assert_int_equal(port->blockeds, 0);
    rig_run_ms(rig, 100);
    assert_int_equal(port->blockeds, 1);
    rig_run_ms(rig, 2000);
    assert_int_equal(port->blockeds, 3);
    assert_int_equal(port->received, sent);
    rig_free(rig);
}

static void bytes_beyond_the_limit_are_dropped_counted_and_told(void **state)
{
    (void)state;
    struct rig *rig = rig_new(0);
    struct device_port end;
    struct host_port *port = attach_with_port(rig, &end, 100, 100);
    uint8_t data[150] = {1};
    rig_send_frame(rig, PORT, data, sizeof data, true);
    port->sent += sizeof data;
    rig_settle(rig);
    assert_int_equal(mn_mux_readable(end.port), 100);
    assert_int_equal(port->device_lost, 50);
    assert_int_equal(mn_mux_stats().lost, 50);
    mn_mux_read(end.port, data, 100);
    rig_settle(rig);
    assert_int_equal(port->limit, 250); /* both sides still count alike */
    rig_free(rig);
}

static void end_of_file_comes_after_the_last_byte(void **state)
{
    (void)state;
    struct rig *rig = rig_new(0);
    struct device_port end;
    struct host_port *port = attach_with_port(rig, &end, 512, 512);
    uint8_t taken[8];
    rig_write(rig, PORT, "abc", 3);
    port->eof_wanted = true;
    rig_settle(rig);
    assert_false(mn_mux_at_eof(end.port));
    assert_int_equal(mn_mux_read(end.port, taken, 8), 3);
    assert_true(mn_mux_at_eof(end.port));
    rig_run_ms(rig, 3000); /* Eof is repeated and stays one */
    assert_true(mn_mux_at_eof(end.port));
    assert_int_equal(mn_mux_stats().lost, 0);
    rig_free(rig);
}

static void end_of_file_tells_what_got_lost_before_it(void **state)
{
    (void)state;
    struct rig *rig = rig_new(0);
    struct device_port end;
    struct host_port *port = attach_with_port(rig, &end, 512, 512);
    struct mnemos_link_control message = {.tag = MNEMOS_LINK_CONTROL_EOF};
    message.eof.port = PORT;
    message.eof.sent = 7;
    rig_send_control(rig, &message);
    rig_settle(rig);
    assert_true(mn_mux_at_eof(end.port));
    assert_int_equal(port->device_lost, 7);
    rig_free(rig);
}

static void bytes_after_end_of_file_open_the_stream_again(void **state)
{
    (void)state;
    struct rig *rig = rig_new(0);
    struct device_port end;
    struct host_port *port = attach_with_port(rig, &end, 512, 512);
    port->eof_wanted = true;
    rig_settle(rig);
    assert_true(mn_mux_at_eof(end.port));
    port->eof_sent = port->eof_wanted = false;
    rig_write(rig, PORT, "x", 1);
    rig_settle(rig);
    uint8_t taken;
    assert_int_equal(mn_mux_read(end.port, &taken, 1), 1);
    assert_false(mn_mux_at_eof(end.port));
    rig_free(rig);
}

static void what_the_host_lost_is_added_up(void **state)
{
    (void)state;
    struct rig *rig = rig_new(0);
    struct device_port end;
    struct mnemos_link_control message = {.tag = MNEMOS_LINK_CONTROL_LOST};
    attach_with_port(rig, &end, 512, 512);
    message.lost.port = PORT;
    message.lost.total = 10;
    rig_send_control(rig, &message);
    rig_send_control(rig, &message);
    message.lost.total = 25;
    rig_send_control(rig, &message);
    message.lost.total = 3;
    rig_send_control(rig, &message);
    rig_settle(rig);
    assert_int_equal(mn_mux_stats().host_lost, 25);
    rig_free(rig);
}

static void messages_about_ports_that_are_gone_do_no_harm(void **state)
{
    (void)state;
    struct rig *rig = rig_new(0);
    struct mnemos_link_control message = {0};
    rig_attach(rig, 5);
    rig->automatic = false;
    for (uint8_t tag = MNEMOS_LINK_CONTROL_EOF; tag <= MNEMOS_LINK_CONTROL_LOST; tag++) {
        message.tag = tag;
        message.blocked.port = 0x4444;
        message.blocked.sent = 0xffffffff;
        rig_send_control(rig, &message);
    }
    rig_settle(rig);
    assert_true(mn_mux_stats().attached);
    assert_int_equal(mn_mux_stats().bad_frames, 0);
    rig_free(rig);
}

/* ---- Loss ---- */

static bool one_in(struct rig *rig, uint32_t n)
{
    return mn_host_random_next(&rig->seed) % n == 0;
}

static bool lose_one_in_10(struct rig *rig, uint8_t *frame, size_t len)
{
    (void)frame;
    (void)len;
    return one_in(rig, 10);
}

static bool damage_one_in_10(struct rig *rig, uint8_t *frame, size_t len)
{
    if (!one_in(rig, 10)) return false;
    size_t at = mn_host_random_next(&rig->seed) % len;
    frame[at] ^= (uint8_t)(1u << mn_host_random_next(&rig->seed) % 8);
    return false;
}

/* Close itself was lost: the totals in a program's ending say the same. */
static void host_missed_close(struct host_port *port, uint32_t sent)
{
    port->lost += sent - port->received;
    port->received = sent;
}

/* What came is what was sent with parts left out: nothing doubled, nothing out of order. */
static void assert_comes_from(const struct bytes *in, uint32_t stream, size_t len)
{
    size_t at = 0;
    for (size_t i = 0; i < in->len; i++, at++) {
        while (at < len && pattern(stream, at) != in->data[i]) at++;
        assert_true(at < len);
    }
}

/* Every byte arrives in its order, or is counted as lost: nothing is doubled, nothing is stuck. */
static void stream_both_ways(uint32_t seed, bool (*lose)(struct rig *, uint8_t *, size_t))
{
    enum { LEN = 20000 };
    struct rig *rig = rig_new(1000000);
    struct device_port end;
    uint8_t data[LEN];
    mn_host_shuffle(seed);
    struct host_port *port = attach_with_port(rig, &end, 512, 512);
    for (size_t i = 0; i < LEN; i++) data[i] = pattern(9, i);
    rig->seed = seed * 2654435761u | 1u;
    rig->lose = lose;
    rig->bytes_per_ms = 100;
    end.reads = true;
    device_write_pattern(&end, LEN);
    rig_write(rig, PORT, data, LEN);
    port->eof_wanted = true;
    for (int i = 0; i < 600 && !(mn_mux_at_eof(end.port) && end.written == LEN); i++)
        rig_run_ms(rig, 100);
    assert_true(mn_mux_at_eof(end.port));
    assert_int_equal(mn_mux_total(end.port), LEN);
    mn_mux_close(end.port);
    rig_run_ms(rig, 3000); /* for a Blocked and its answer to get through */
    rig->lose = NULL;
    rig_run_ms(rig, 3000);
    if (!port->closed) host_missed_close(port, LEN);

    assert_int_equal(port->received, LEN);
    assert_int_equal(port->in.len + port->lost, LEN);
    assert_int_equal(end.in.len + mn_mux_stats().lost, LEN);
    assert_comes_from(&port->in, PORT, LEN);
    assert_comes_from(&end.in, 9, LEN);
    bytes_free(&end.in);
    rig_free(rig);
}

static void lost_frames_are_counted_and_nothing_gets_stuck(uint32_t seed)
{
    stream_both_ways(seed, lose_one_in_10);
}

static void damaged_frames_are_counted_and_nothing_gets_stuck(uint32_t seed)
{
    stream_both_ways(seed, damage_one_in_10);
}

static void a_credit_is_repeated_once_and_an_idle_port_falls_silent(void **state)
{
    (void)state;
    struct rig *rig = rig_new(0);
    struct device_port end;
    struct host_port *port = attach_with_port(rig, &end, 512, 512);
    uint8_t data[200] = {0};
    rig_write(rig, PORT, data, sizeof data);
    rig_settle(rig);
    assert_int_equal(mn_mux_read(end.port, data, sizeof data), sizeof data);
    rig_settle(rig);
    uint32_t credits = port->credits;
    rig_run_ms(rig, 1100);
    assert_int_equal(port->credits, credits + 1);
    rig_run_ms(rig, 5000);
    assert_int_equal(port->credits, credits + 1);
    rig_free(rig);
}

static void a_late_smaller_limit_takes_nothing_back(void **state)
{
    (void)state;
    struct rig *rig = rig_new(0);
    struct device_port end;
    device_open(&end, PORT, "stdio", MN_PORT_INTERACTIVE, 512, 512);
    rig->session = 5;
    rig_hello(rig, 5, MNEMOS_LINK_FEATURE_CRC);
    rig_settle(rig);
    rig_credit(rig, PORT, 100);
    rig_credit(rig, PORT, 50);
    rig_settle(rig);
    device_write_pattern(&end, 200);
    rig_settle(rig);
    assert_int_equal(rig_port(rig, PORT)->in.len, 100);
    rig_free(rig);
}

static void a_port_whose_credit_ran_out_says_so_although_nobody_writes_more(void **state)
{
    (void)state;
    struct rig *rig = rig_new(0);
    struct device_port end;
    device_open(&end, PORT, "stdio", MN_PORT_INTERACTIVE, 512, 512);
    rig->session = 5;
    rig_hello(rig, 5, MNEMOS_LINK_FEATURE_CRC);
    rig_settle(rig);
    rig_credit(rig, PORT, 100);
    rig_settle(rig);
    device_write_pattern(&end, 200);
    rig_run_ms(rig, 300);
    assert_int_equal(rig_port(rig, PORT)->in.len, 100);
    assert_int_equal(rig_port(rig, PORT)->blockeds, 1);
    rig_free(rig);
}

static void a_blocked_port_that_is_written_to_again_and_again_still_says_so(void **state)
{
    (void)state;
    struct rig *rig = rig_new(0);
    struct device_port end;
    device_open(&end, PORT, "stdio", MN_PORT_INTERACTIVE, 512, 512);
    rig->session = 5;
    rig_hello(rig, 5, MNEMOS_LINK_FEATURE_CRC);
    rig_settle(rig);
    rig_credit(rig, PORT, 1);
    rig_settle(rig);
    for (int i = 0; i < 4; i++) {
        device_write_pattern(&end, 10);
        rig_run_ms(rig, 100);
    }
    assert_int_equal(rig_port(rig, PORT)->blockeds, 1);
    rig_free(rig);
}

static void a_host_that_says_it_sent_less_than_came_changes_nothing(void **state)
{
    (void)state;
    struct rig *rig = rig_new(0);
    struct device_port end;
    struct mnemos_link_control message = {.tag = MNEMOS_LINK_CONTROL_BLOCKED};
    struct host_port *port = attach_with_port(rig, &end, 512, 512);
    static const uint8_t data[100];
    rig_write(rig, PORT, data, sizeof data);
    rig_settle(rig);
    message.blocked.port = PORT;
    message.blocked.sent = 50;
    rig_send_control(rig, &message);
    message.blocked.sent = 100;
    rig_send_control(rig, &message);
    rig_settle(rig);
    assert_int_equal(mn_mux_stats().lost, 0);
    assert_int_equal(port->limit, 512);
    assert_int_equal(mn_mux_readable(end.port), 100);
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MN_TEST(a_port_sends_nothing_before_its_first_credit),
        MN_TEST(a_limit_works_across_the_wrap_of_its_counter),
        MN_TEST(credit_comes_back_when_a_quarter_of_the_window_was_read),
        MN_TEST(a_port_that_is_not_read_holds_the_host_back_and_loses_nothing),
        MN_TEST(blocked_is_answered_with_credit_at_once),
        MN_TEST(a_blocked_device_says_so_after_250_ms_and_then_each_second),
        MN_TEST(bytes_beyond_the_limit_are_dropped_counted_and_told),
        MN_TEST(end_of_file_comes_after_the_last_byte),
        MN_TEST(end_of_file_tells_what_got_lost_before_it),
        MN_TEST(bytes_after_end_of_file_open_the_stream_again),
        MN_TEST(what_the_host_lost_is_added_up),
        MN_TEST(messages_about_ports_that_are_gone_do_no_harm),
        MN_SEEDED(lost_frames_are_counted_and_nothing_gets_stuck),
        MN_SEEDED(damaged_frames_are_counted_and_nothing_gets_stuck),
        MN_TEST(a_credit_is_repeated_once_and_an_idle_port_falls_silent),
        MN_TEST(a_late_smaller_limit_takes_nothing_back),
        MN_TEST(a_port_whose_credit_ran_out_says_so_although_nobody_writes_more),
        MN_TEST(a_blocked_port_that_is_written_to_again_and_again_still_says_so),
        MN_TEST(a_host_that_says_it_sent_less_than_came_changes_nothing),
    };
    return cmocka_run_group_tests_name("mux credit", tests, NULL, NULL);
}
