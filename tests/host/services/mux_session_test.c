/* mux_session_test.c — sessions of the mux: hello, silence, takeover, plain frames without a
 * session. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "rig.h"
#include <string.h>

#define PORT 0x1000

static void after_boot_the_device_says_hello_with_session_0(void **state)
{
    (void)state;
    struct rig *rig = rig_new(0);
    assert_int_equal(rig->hellos, 1);
    assert_int_equal(rig->last_hello, 0);
    assert_int_equal(rig->last_hello_message.hello.max_frame, MNEMOS_LINK_MAX_FRAME);
    rig_free(rig);
}

static void hello_is_answered_and_every_open_port_is_announced(void **state)
{
    (void)state;
    struct rig *rig = rig_new(0);
    struct device_port one, two;
    device_open(&one, PORT, "stdio", MN_PORT_INTERACTIVE, 512, 512);
    device_open(&two, 77, "port 77", MN_PORT_BULK, 64, 32);
    rig_settle(rig);
    assert_int_equal(rig_port(rig, PORT)->opens, 0);

    rig->session = 0x12345678;
    rig_hello(rig, 0x12345678, MNEMOS_LINK_FEATURE_CRC);
    rig_settle(rig);
    assert_int_equal(rig->last_hello, 0x12345678);
    assert_int_equal(rig->last_hello_message.hello.features, MNEMOS_LINK_FEATURE_CRC);
    assert_true(mn_mux_stats().attached);
    assert_int_equal(rig_port(rig, PORT)->opens, 1);
    assert_string_equal(rig_port(rig, PORT)->name, "stdio");
    assert_int_equal(rig_port(rig, PORT)->limit, 512);
    assert_int_equal(rig_port(rig, PORT)->class_, MN_PORT_INTERACTIVE);
    assert_string_equal(rig_port(rig, 77)->name, "port 77");
    assert_int_equal(rig_port(rig, 77)->limit, 64);
    assert_int_equal(rig_port(rig, 77)->class_, MN_PORT_BULK);
    rig_free(rig);
}

static void a_port_opened_in_a_session_is_announced_at_once(void **state)
{
    (void)state;
    struct rig *rig = rig_new(0);
    struct device_port end;
    rig_attach(rig, 5);
    device_open(&end, PORT, "stdio", MN_PORT_INTERACTIVE, 512, 512);
    rig_settle(rig);
    assert_true(rig_port(rig, PORT)->open);
    assert_int_equal(rig_port(rig, PORT)->opens, 1);
    rig_free(rig);
}

static void open_is_repeated_each_second_until_the_host_speaks_about_the_port(void **state)
{
    (void)state;
    struct rig *rig = rig_new(0);
    struct device_port end;
    rig_attach(rig, 5);
    rig->automatic = false;
    device_open(&end, PORT, "stdio", MN_PORT_INTERACTIVE, 512, 512);
    rig_run_ms(rig, 2100);
    assert_int_equal(rig_port(rig, PORT)->opens, 3);
    rig_credit(rig, PORT, 100);
    rig_run_ms(rig, 2100);
    assert_int_equal(rig_port(rig, PORT)->opens, 3);
    rig_free(rig);
}

static void open_is_repeated_no_sooner_than_a_second_after_it_went_out(void **state)
{
    (void)state;
    struct rig *rig = rig_new(0);
    struct device_port end;
    rig_attach(rig, 5);
    rig->automatic = false;
    rig_run_ms(rig, 700);
    device_open(&end, PORT, "stdio", MN_PORT_INTERACTIVE, 512, 512);
    device_write_pattern(&end, 100); /* bytes that wait make it no more urgent */
    rig_run_ms(rig, 950);
    assert_int_equal(rig_port(rig, PORT)->opens, 1);
    assert_int_equal(rig_port(rig, PORT)->blockeds, 0);
    rig_run_ms(rig, 100);
    assert_int_equal(rig_port(rig, PORT)->opens, 2);
    rig_free(rig);
}

static void a_port_that_is_open_cannot_be_opened_again(void **state)
{
    (void)state;
    struct rig *rig = rig_new(0);
    struct device_port end;
    struct mn_mux_port *port;
    device_open(&end, 20, "port 20", MN_PORT_BULK, 16, 16);
    assert_int_equal(mn_mux_open(20, "again", MN_PORT_BULK, 16, 16, NULL, NULL, &port),
                     MNEMOS_ERR_BUSY);
    assert_int_equal(
        mn_mux_open(MNEMOS_LINK_PORT_LOADER, "mine", MN_PORT_BULK, 16, 16, NULL, NULL, &port),
        MNEMOS_ERR_BUSY);
    rig_free(rig);
}

static void without_memory_a_port_cannot_be_opened_and_nothing_leaks(void **state)
{
    (void)state;
    struct rig *rig = rig_new(0);
    struct mn_mux_port *port;
    size_t before = mn_heap_stats().free;
    assert_int_equal(mn_mux_open(20, "big", MN_PORT_BULK, 1000, 100000, NULL, NULL, &port),
                     MNEMOS_ERR_NO_MEMORY);
    assert_int_equal(mn_mux_open(20, "big", MN_PORT_BULK, 100000, 1000, NULL, NULL, &port),
                     MNEMOS_ERR_NO_MEMORY);
    mn_heap_drain();
    assert_int_equal(mn_heap_stats().free, before);
    rig_free(rig);
}

static void another_session_restarts_all_counters(void **state)
{
    (void)state;
    struct rig *rig = rig_new(0);
    struct device_port end;
    device_open(&end, PORT, "stdio", MN_PORT_INTERACTIVE, 512, 512);
    rig_attach(rig, 5);
    device_write_pattern(&end, 300);
    rig_write(rig, PORT, "0123456789", 10);
    rig_settle(rig);
    assert_int_equal(mn_mux_total(end.port), 300);

    rig_attach(rig, 6);
    assert_int_equal(mn_mux_total(end.port), 0);
    assert_int_equal(mn_mux_readable(end.port), 10);   /* bytes it took stay its own ... */
    assert_int_equal(rig_port(rig, PORT)->limit, 502); /* ... and are not granted twice */
    device_write_pattern(&end, 100);
    rig_settle(rig);
    assert_int_equal(rig_port(rig, PORT)->in.len, 400);
    rig_free(rig);
}

static void a_new_session_in_the_middle_of_a_stream_keeps_its_order(void **state)
{
    (void)state;
    struct rig *rig = rig_new(0);
    struct device_port end;
    device_open(&end, PORT, "stdio", MN_PORT_INTERACTIVE, 512, 512);
    rig->bytes_per_ms = 11;
    rig_attach(rig, 5);
    device_write_pattern(&end, 5000);
    rig_run_ms(rig, 200);
    rig_attach(rig, 6);
    rig_run_ms(rig, 1000);
    struct bytes *in = &rig_port(rig, PORT)->in;
    assert_int_equal(in->len, 5000);
    for (size_t i = 0; i < in->len; i++) assert_int_equal(in->data[i], pattern(PORT, i));
    rig_free(rig);
}

static void a_second_copy_of_hello_restarts_nothing_once_the_host_has_gone_on(void **state)
{
    (void)state;
    struct rig *rig = rig_new(0);
    struct device_port end;
    device_open(&end, PORT, "stdio", MN_PORT_INTERACTIVE, 512, 512);
    rig_attach(rig, 5);
    uint32_t hellos = rig->hellos;
    device_write_pattern(&end, 100);
    rig_settle(rig);
    rig_hello(rig, 5, MNEMOS_LINK_FEATURE_CRC);
    rig_settle(rig);
    assert_int_equal(rig->hellos, hellos);
    assert_int_equal(mn_mux_total(end.port), 100);
    rig_free(rig);
}

static void a_hello_whose_answer_got_lost_is_answered_again(void **state)
{
    (void)state;
    struct rig *rig = rig_new(0);
    rig->session = 5;
    rig_hello(rig, 5, MNEMOS_LINK_FEATURE_CRC);
    rig_settle(rig);
    rig_hello(rig, 5, MNEMOS_LINK_FEATURE_CRC);
    rig_settle(rig);
    assert_int_equal(rig->hellos, 3); /* one at boot */
    rig_free(rig);
}

static void a_hello_without_number_or_with_tiny_frames_starts_nothing(void **state)
{
    (void)state;
    struct rig *rig = rig_new(0);
    struct mnemos_link_control message = {.tag = MNEMOS_LINK_CONTROL_HELLO};
    message.hello.max_frame = 576;
    rig_send_control(rig, &message);
    message.hello.session = 1;
    message.hello.max_frame = 5;
    rig_send_control(rig, &message);
    rig_settle(rig);
    assert_false(mn_mux_stats().attached);
    assert_int_equal(mn_mux_stats().bad_frames, 2);
    rig_free(rig);
}

static void unknown_features_and_versions_are_answered_with_our_own(void **state)
{
    (void)state;
    struct rig *rig = rig_new(0);
    struct mnemos_link_control message = {.tag = MNEMOS_LINK_CONTROL_HELLO};
    message.hello.proto = 9;
    message.hello.session = 3;
    message.hello.max_frame = 65535;
    message.hello.features = 0xffffffff;
    rig_send_control(rig, &message);
    rig_settle(rig);
    assert_int_equal(rig->last_hello, 3);
    assert_int_equal(rig->last_hello_message.hello.proto, MNEMOS_LINK_PROTO);
    assert_int_equal(rig->last_hello_message.hello.features, MNEMOS_LINK_FEATURE_CRC);
    rig_free(rig);
}

static void a_ping_is_answered_with_its_number(void **state)
{
    (void)state;
    struct rig *rig = rig_new(0);
    struct mnemos_link_control message = {.tag = MNEMOS_LINK_CONTROL_PING};
    rig_attach(rig, 5);
    rig->automatic = false;
    message.ping.value = 0xfffffffe;
    rig_send_control(rig, &message);
    rig_settle(rig);
    assert_int_equal(rig->last_pong, 0xfffffffe);
    rig_free(rig);
}

static void pings_keep_a_session_and_3_s_of_silence_end_it(void **state)
{
    (void)state;
    struct rig *rig = rig_new(0);
    rig_attach(rig, 5);
    rig_run_ms(rig, 10000);
    assert_true(mn_mux_stats().attached);
    rig->silent = true;
    rig_run_ms(rig, 1900);
    assert_true(mn_mux_stats().attached);
    rig_run_ms(rig, 1200);
    assert_false(mn_mux_stats().attached);
    rig_free(rig);
}

static void a_full_port_blocks_its_writer_in_a_session_and_drops_without_one(void **state)
{
    (void)state;
    struct rig *rig = rig_new(0);
    struct device_port end;
    device_open(&end, PORT, "stdio", MN_PORT_INTERACTIVE, 512, 512);
    rig->window = 1000;
    rig_attach(rig, 5);
    rig_port(rig, PORT)->reads = 0;
    device_write_pattern(&end, 5000);
    rig_run_ms(rig, 2000);
    assert_int_equal(end.written, 1512);
    assert_int_equal(mn_mux_writable(end.port), 0);
    assert_int_equal(mn_mux_stats().dropped, 0);

    rig->silent = true;
    rig->stalled = true;
    rig_run_ms(rig, 4000);
    assert_false(mn_mux_stats().attached);
    assert_int_equal(end.written, 5000); /* the host has gone: the writer goes on */
    assert_true(mn_mux_stats().dropped > 0);
    assert_int_equal(mn_mux_writable(end.port), UINT32_MAX);
    rig_free(rig);
}

static void without_a_session_output_is_plain_frames_as_far_as_the_line_has_room(void **state)
{
    (void)state;
    struct rig *rig = rig_new(0);
    struct device_port end;
    device_open(&end, 0, "console", MN_PORT_INTERACTIVE, 512, 512);
    assert_int_equal(mn_mux_write(end.port, (const uint8_t *)"hello world\n", 12), 12);
    mn_host_settle();
    uint8_t wire[64];
    uint32_t len = mn_bbq_get(&rig->link.tx, wire, sizeof wire);
    assert_int_equal(len, 16);
    assert_int_equal(wire[len - 1], 0);
    size_t plain_len;
    assert_true(mnemos_cobs_decode(wire, len - 1, &plain_len));
    assert_int_equal(plain_len, 14);
    assert_memory_equal(wire, "\0\0hello world\n", 14);
    assert_int_equal(mn_mux_stats().dropped, 0);
    rig_free(rig);
}

static void without_a_session_what_does_not_fit_is_counted_byte_by_byte(void **state)
{
    (void)state;
    struct rig *rig = rig_new(0);
    struct device_port end;
    device_open(&end, PORT, "stdio", MN_PORT_INTERACTIVE, 512, 512);
    rig->stalled = true;
    device_write_pattern(&end, 20000);
    rig_run_ms(rig, 10);
    device_write_pattern(&end, 20000);
    assert_true(mn_mux_discard(end.port, 1000));
    rig->stalled = false;
    rig_run_ms(rig, 10);
    assert_int_equal(rig_port(rig, PORT)->in.len + mn_mux_stats().dropped, 41000);
    rig_free(rig);
}

static void without_a_session_plain_input_reaches_its_port(void **state)
{
    (void)state;
    struct rig *rig = rig_new(0);
    struct device_port end;
    device_open(&end, PORT, "stdio", MN_PORT_INTERACTIVE, 16, 16);
    rig_send_frame(rig, PORT, "abc", 3, false);
    rig_settle(rig);
    assert_int_equal(mn_mux_readable(end.port), 3);
    rig_send_frame(rig, PORT, "0123456789abcdef", 16, false);
    rig_settle(rig);
    assert_int_equal(mn_mux_readable(end.port), 16);
    assert_int_equal(mn_mux_stats().lost, 3);
    rig_free(rig);
}

static void a_host_without_crcs_gets_plain_data_in_its_session(void **state)
{
    (void)state;
    struct rig *rig = rig_new(0);
    struct device_port end;
    device_open(&end, PORT, "stdio", MN_PORT_INTERACTIVE, 64, 64);
    rig->session = 5;
    rig_hello(rig, 5, 0);
    rig_settle(rig);
    rig_credit(rig, PORT, 100);
    rig_send_frame(rig, PORT, "abc", 3, false);
    rig->crc = false;
    device_write_pattern(&end, 10);
    rig_settle(rig);
    assert_int_equal(rig_port(rig, PORT)->in.len, 10);
    assert_int_equal(mn_mux_readable(end.port), 3);
    rig_free(rig);
}

static void
a_host_that_missed_the_end_of_its_session_is_told_and_its_crcs_are_not_data(void **state)
{
    (void)state;
    struct rig *rig = rig_new(0);
    struct device_port end;
    device_open(&end, PORT, "stdio", MN_PORT_INTERACTIVE, 512, 512);
    rig_attach(rig, 5);
    rig->silent = true;
    rig_run_ms(rig, 3500);
    assert_false(mn_mux_stats().attached);
    rig_send_frame(rig, PORT, "abc", 3, true);
    rig_settle(rig);
    assert_int_equal(mn_mux_readable(end.port), 0);
    assert_int_equal(rig->last_hello, 0);

    rig->last_hello = 99;
    rig_credit(rig, PORT, 1000);
    rig_settle(rig);
    assert_int_equal(rig->last_hello, 0);
    rig_free(rig);
}

static void a_closed_port_sends_what_it_has_then_says_how_much_it_was_and_is_gone(void **state)
{
    (void)state;
    struct rig *rig = rig_new(0);
    struct device_port end;
    rig_attach(rig, 5);
    size_t before = mn_heap_stats().free;
    device_open(&end, PORT, "stdio", MN_PORT_INTERACTIVE, 512, 512);
    rig->bytes_per_ms = 11;
    rig_run_ms(rig, 100);
    device_write_pattern(&end, 500);
    mn_mux_close(end.port);
    rig_run_ms(rig, 100);
    struct host_port *port = rig_port(rig, PORT);
    assert_int_equal(port->in.len, 500);
    assert_true(port->closed);
    assert_int_equal(port->final, 500);
    assert_int_equal(port->lost, 0);
    mn_heap_drain();
    assert_int_equal(mn_heap_stats().free, before);
    rig_free(rig);
}

static void a_closed_port_whose_bytes_nobody_takes_is_forgotten(void **state)
{
    (void)state;
    struct rig *rig = rig_new(0);
    struct device_port end;
    size_t before = mn_heap_stats().free;
    device_open(&end, PORT, "stdio", MN_PORT_INTERACTIVE, 512, 512);
    rig->stalled = true;
    device_write_pattern(&end, 2000);
    mn_mux_close(end.port);
    rig_run_ms(rig, 1500);
    rig->stalled = false;
    rig_settle(rig);
    mn_heap_drain();
    assert_int_equal(mn_heap_stats().free, before);
    assert_int_equal(rig_port(rig, PORT)->in.len + mn_mux_stats().dropped, 2000);
    rig_free(rig);
}

static void after_a_session_frames_are_plain_again(void **state)
{
    (void)state;
    struct rig *rig = rig_new(0);
    struct device_port end;
    device_open(&end, PORT, "stdio", MN_PORT_INTERACTIVE, 512, 512);
    rig_attach(rig, 5);
    rig->silent = true;
    rig_run_ms(rig, 3500);
    rig->crc = false;
    rig_send_frame(rig, PORT, "plain", 5, false);
    device_write_pattern(&end, 10);
    rig_settle(rig);
    assert_int_equal(mn_mux_readable(end.port), 5);
    assert_int_equal(rig_port(rig, PORT)->in.len, 10);
    rig_free(rig);
}

static void bytes_that_wait_when_the_host_goes_are_not_given_up(void **state)
{
    (void)state;
    struct rig *rig = rig_new(0);
    struct device_port end;
    device_open(&end, PORT, "stdio", MN_PORT_INTERACTIVE, 512, 512);
    rig->session = 5;
    rig_hello(rig, 5, MNEMOS_LINK_FEATURE_CRC);
    rig_settle(rig);
    rig_credit(rig, PORT, 1); /* so it waits for credit, with a limit */
    device_write_pattern(&end, 513);
    rig_run_ms(rig, 2900);
    rig->stalled = true;
    rig_run_ms(rig, 2000);
    assert_false(mn_mux_stats().attached);
    rig->stalled = false;
    rig->crc = false;
    rig_run_ms(rig, 100);
    assert_int_equal(rig_port(rig, PORT)->in.len, 513);
    assert_int_equal(mn_mux_stats().dropped, 0);
    rig_free(rig);
}

static void a_long_name_is_cut(void **state)
{
    (void)state;
    struct rig *rig = rig_new(0);
    struct device_port end;
    rig_attach(rig, 5);
    device_open(&end, PORT, "abcdefghijklmnopqrstuvwxyz0123", MN_PORT_BULK, 64, 64);
    rig_settle(rig);
    assert_string_equal(rig_port(rig, PORT)->name, "abcdefghijklmnopqrstuvwx");
    rig_free(rig);
}

static void a_second_session_whose_answer_got_lost_is_answered_again_too(void **state)
{
    (void)state;
    struct rig *rig = rig_new(0);
    rig_attach(rig, 5);
    rig->automatic = false;
    uint32_t hellos = rig->hellos;
    rig_hello(rig, 6, MNEMOS_LINK_FEATURE_CRC);
    rig_settle(rig);
    rig_hello(rig, 6, MNEMOS_LINK_FEATURE_CRC);
    rig_settle(rig);
    assert_int_equal(rig->hellos, hellos + 2);
    rig_free(rig);
}

static void any_word_about_a_port_ends_the_repetition_of_its_open(void **state)
{
    (void)state;
    struct rig *rig = rig_new(0);
    struct device_port ends[3];
    struct mnemos_link_control message = {0};
    rig_attach(rig, 5);
    rig->automatic = false;
    for (uint16_t i = 0; i < 3; i++)
        device_open(&ends[i], (uint16_t)(PORT + i), "port", MN_PORT_BULK, 64, 64);
    rig_settle(rig);
    message.tag = MNEMOS_LINK_CONTROL_EOF;
    message.eof.port = PORT;
    rig_send_control(rig, &message);
    message.tag = MNEMOS_LINK_CONTROL_BLOCKED;
    message.blocked.port = PORT + 1;
    rig_send_control(rig, &message);
    rig_send_frame(rig, PORT + 2, "x", 1, true);
    rig_run_ms(rig, 2500);
    for (uint16_t i = 0; i < 3; i++)
        assert_int_equal(rig_port(rig, (uint16_t)(PORT + i))->opens, 1);
    rig_free(rig);
}

static void a_closed_port_that_waits_for_a_host_that_goes_is_forgotten(void **state)
{
    (void)state;
    struct rig *rig = rig_new(0);
    struct device_port end;
    size_t before = mn_heap_stats().free;
    device_open(&end, PORT, "stdio", MN_PORT_INTERACTIVE, 512, 512);
    rig->session = 5;
    rig_hello(rig, 5, MNEMOS_LINK_FEATURE_CRC);
    rig_settle(rig);
    device_write_pattern(&end, 512);
    mn_mux_close(end.port);
    rig_run_ms(rig, 2500);
    assert_true(mn_heap_stats().free < before); /* bytes already taken wait for credit */
    rig->stalled = true;
    rig_run_ms(rig, 2000);
    rig->stalled = false;
    rig_settle(rig);
    mn_heap_drain();
    assert_int_equal(mn_heap_stats().free, before);
    rig_free(rig);
}

static void closing_one_port_without_a_host_costs_another_no_byte(void **state)
{
    (void)state;
    struct rig *rig = rig_new(0);
    struct device_port one, other;
    device_open(&one, PORT, "one", MN_PORT_INTERACTIVE, 512, 512);
    device_open(&other, PORT + 1, "other", MN_PORT_INTERACTIVE, 512, 512);
    rig->stalled = true;
    device_write_pattern(&one, 400);
    device_write_pattern(&other, 400);
    mn_mux_close(other.port);
    rig_run_ms(rig, 3000);
    rig->stalled = false;
    rig_run_ms(rig, 10);
    assert_int_equal(rig_port(rig, PORT)->in.len, 400);
    rig_free(rig);
}

static void a_credit_shows_that_the_host_has_gone_on(void **state)
{
    (void)state;
    struct rig *rig = rig_new(0);
    struct device_port end;
    device_open(&end, PORT, "stdio", MN_PORT_INTERACTIVE, 512, 512);
    rig->session = 5;
    rig_hello(rig, 5, MNEMOS_LINK_FEATURE_CRC);
    rig_credit(rig, PORT, 100);
    rig_settle(rig);
    uint32_t hellos = rig->hellos;
    rig_hello(rig, 5, MNEMOS_LINK_FEATURE_CRC);
    rig_settle(rig);
    assert_int_equal(rig->hellos, hellos);
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MN_TEST(after_boot_the_device_says_hello_with_session_0),
        MN_TEST(hello_is_answered_and_every_open_port_is_announced),
        MN_TEST(a_port_opened_in_a_session_is_announced_at_once),
        MN_TEST(open_is_repeated_each_second_until_the_host_speaks_about_the_port),
        MN_TEST(open_is_repeated_no_sooner_than_a_second_after_it_went_out),
        MN_TEST(a_port_that_is_open_cannot_be_opened_again),
        MN_TEST(without_memory_a_port_cannot_be_opened_and_nothing_leaks),
        MN_TEST(another_session_restarts_all_counters),
        MN_TEST(a_new_session_in_the_middle_of_a_stream_keeps_its_order),
        MN_TEST(a_second_copy_of_hello_restarts_nothing_once_the_host_has_gone_on),
        MN_TEST(a_hello_whose_answer_got_lost_is_answered_again),
        MN_TEST(a_hello_without_number_or_with_tiny_frames_starts_nothing),
        MN_TEST(unknown_features_and_versions_are_answered_with_our_own),
        MN_TEST(a_ping_is_answered_with_its_number),
        MN_TEST(pings_keep_a_session_and_3_s_of_silence_end_it),
        MN_TEST(a_full_port_blocks_its_writer_in_a_session_and_drops_without_one),
        MN_TEST(without_a_session_output_is_plain_frames_as_far_as_the_line_has_room),
        MN_TEST(without_a_session_what_does_not_fit_is_counted_byte_by_byte),
        MN_TEST(without_a_session_plain_input_reaches_its_port),
        MN_TEST(a_host_without_crcs_gets_plain_data_in_its_session),
        MN_TEST(a_host_that_missed_the_end_of_its_session_is_told_and_its_crcs_are_not_data),
        MN_TEST(a_closed_port_sends_what_it_has_then_says_how_much_it_was_and_is_gone),
        MN_TEST(a_closed_port_whose_bytes_nobody_takes_is_forgotten),
        MN_TEST(after_a_session_frames_are_plain_again),
        MN_TEST(bytes_that_wait_when_the_host_goes_are_not_given_up),
        MN_TEST(a_long_name_is_cut),
        MN_TEST(a_second_session_whose_answer_got_lost_is_answered_again_too),
        MN_TEST(any_word_about_a_port_ends_the_repetition_of_its_open),
        MN_TEST(a_closed_port_that_waits_for_a_host_that_goes_is_forgotten),
        MN_TEST(closing_one_port_without_a_host_costs_another_no_byte),
        MN_TEST(a_credit_shows_that_the_host_has_gone_on),
    };
    return cmocka_run_group_tests_name("mux session", tests, NULL, NULL);
}
