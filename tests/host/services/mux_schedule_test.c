/* mux_schedule_test.c — who may send next: classes, round robin, room of their own for messages. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "rig.h"
#include <string.h>

#define ENDLESS 10000000u

static size_t frames_of(const struct rig *rig, uint16_t number, size_t from)
{
    size_t count = 0;
    for (size_t at = from * 2; at < rig->order.len; at += 2) {
        uint16_t port;
        memcpy(&port, rig->order.data + at, 2);
        count += port == number;
    }
    return count;
}

static size_t order_len(const struct rig *rig)
{
    return rig->order.len / 2;
}

static void frames_carry_12_ms_of_line_time_at_most(void **state)
{
    (void)state;
    static const struct {
        uint32_t baud;
        size_t most;
    } expected[] = {
        {9600, 32}, {115200, 128}, {230400, 256}, {1000000, 512}, {4000000, 512},
    };
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        mn_host_reset();
        struct rig *rig = rig_new(expected[i].baud);
        struct device_port end;
        rig_attach(rig, 5);
        device_open(&end, 0x1000, "stdio", MN_PORT_INTERACTIVE, 512, 1024);
        rig_settle(rig);
        size_t before = order_len(rig);
        device_write_pattern(&end, 1024);
        rig_settle(rig);
        assert_int_equal(frames_of(rig, 0x1000, before), 1024 / expected[i].most);
        rig_free(rig);
    }
}

static void frames_are_no_longer_than_the_host_takes(void **state)
{
    (void)state;
    struct rig *rig = rig_new(1000000);
    struct device_port end;
    struct mnemos_link_control message = {.tag = MNEMOS_LINK_CONTROL_HELLO};
    device_open(&end, 0x1000, "stdio", MN_PORT_INTERACTIVE, 512, 512);
    rig->session = message.hello.session = 5;
    message.hello.max_frame = 70;
    message.hello.features = MNEMOS_LINK_FEATURE_CRC;
    rig_send_control(rig, &message);
    rig_credit(rig, 0x1000, 512);
    rig_settle(rig);
    device_write_pattern(&end, 512);
    rig_settle(rig);
    assert_int_equal(frames_of(rig, 0x1000, 0), 8);
    rig_free(rig);
}

static void ports_of_a_class_take_turns(void **state)
{
    (void)state;
    struct rig *rig = rig_new(0);
    struct device_port ends[3];
    rig->bytes_per_ms = 11;
    rig_attach(rig, 5);
    for (uint16_t i = 0; i < 3; i++)
        device_open(&ends[i], (uint16_t)(0x20 + i), "port", MN_PORT_BULK, 64, 512);
    rig_run_ms(rig, 100);
    size_t before = order_len(rig);
    for (uint16_t i = 0; i < 3; i++) device_write_pattern(&ends[i], ENDLESS);
    rig_run_ms(rig, 4000);
    size_t first = frames_of(rig, 0x20, before);
    assert_true(first > 50);
    for (uint16_t i = 1; i < 3; i++) {
        size_t other = frames_of(rig, (uint16_t)(0x20 + i), before);
        assert_in_range(other, first - 1, first + 1);
    }
    rig_free(rig);
}

static void every_8th_frame_goes_to_the_lowest_class_that_waits(void **state)
{
    (void)state;
    struct rig *rig = rig_new(0);
    struct device_port high, low;
    rig->bytes_per_ms = 11;
    rig_attach(rig, 5);
    device_open(&high, 0x20, "high", MN_PORT_INTERACTIVE, 64, 512);
    device_open(&low, 0x21, "low", MN_PORT_BULK, 64, 512);
    rig_run_ms(rig, 100);
    size_t before = order_len(rig);
    device_write_pattern(&high, ENDLESS);
    device_write_pattern(&low, ENDLESS);
    rig_run_ms(rig, 10000);
    size_t highs = frames_of(rig, 0x20, before), lows = frames_of(rig, 0x21, before);
    assert_true(lows * 10 > highs);
    assert_true(lows * 6 < highs);
    rig_free(rig);
}

/* A slow reader, a flood and somebody typing, as in a session with several programs. */
static void a_slow_port_blocks_nobody_and_no_byte_is_lost(void **state)
{
    (void)state;
    struct rig *rig = rig_new(115200);
    struct device_port slow, flood, shell;
    rig->bytes_per_ms = 11;
    rig->window = 4096;
    rig_attach(rig, 5);
    device_open(&slow, 0x1000, "slow", MN_PORT_INTERACTIVE, 512, 512);
    device_open(&flood, 0x20, "flood", MN_PORT_BULK, 512, 512);
    device_open(&shell, 0x1010, "shell", MN_PORT_INTERACTIVE, 512, 512);
    shell.reads = true;
    rig_run_ms(rig, 100);
    rig_port(rig, 0x1000)->reads = 0;
    device_write_pattern(&slow, ENDLESS);
    device_write_pattern(&flood, ENDLESS);
    rig_write(rig, 0x1000, rig->heap, 5000); /* nobody reads it on the device either */
    size_t before = rig_port(rig, 0x20)->in.len, worst = 0;
    for (int key = 0; key < 50; key++) {
        size_t came = rig_port(rig, 0x1010)->in.len, ms = 0;
        rig_write(rig, 0x1010, "k", 1);
        for (; shell.in.len < (size_t)key + 1; ms++) rig_run_ms(rig, 1);
        device_write_pattern(&shell, 1);
        for (; rig_port(rig, 0x1010)->in.len == came; ms++) rig_run_ms(rig, 1);
        if (ms > worst) worst = ms;
        rig_run_ms(rig, 150);
    }
    assert_true(worst <=
                60); /* the ring of the line holds 256 bytes: 22 ms; and a frame before it */
    assert_true(rig_port(rig, 0x20)->in.len - before >
                7 * 8500); /* the flood has nearly the whole line */
    assert_int_equal(rig_port(rig, 0x1000)->in.len, 4096);
    assert_int_equal(mn_mux_stats().lost + mn_mux_stats().dropped + rig_port(rig, 0x1000)->lost, 0);
    bytes_free(&shell.in);
    rig_free(rig);
}

static void a_ping_is_answered_while_every_port_is_full(void **state)
{
    (void)state;
    struct rig *rig = rig_new(115200);
    struct device_port ends[16];
    rig->bytes_per_ms = 11;
    rig_attach(rig, 5);
    for (uint16_t i = 0; i < 16; i++)
        device_open(&ends[i], (uint16_t)(0x20 + i), "port", MN_PORT_BULK, 64, 512);
    rig_run_ms(rig, 200);
    for (uint16_t i = 0; i < 16; i++) device_write_pattern(&ends[i], ENDLESS);
    rig_run_ms(rig, 1000);
    struct mnemos_link_control ping = {.tag = MNEMOS_LINK_CONTROL_PING, .ping.value = 77777777};
    rig_send_control(rig, &ping);
    uint32_t ms = 0;
    for (; rig->last_pong != 77777777; ms++) rig_run_ms(rig, 1);
    assert_true(ms <= 60);
    rig_free(rig);
}

static void receiving_goes_on_while_nothing_can_be_sent(void **state)
{
    (void)state;
    struct rig *rig = rig_new(0);
    struct device_port end, full;
    uint8_t data[400];
    for (size_t i = 0; i < sizeof data; i++) data[i] = pattern(3, i);
    rig_attach(rig, 5);
    device_open(&end, 0x1000, "in", MN_PORT_INTERACTIVE, 512, 512);
    device_open(&full, 0x1001, "out", MN_PORT_INTERACTIVE, 512, 512);
    end.reads = true;
    rig_settle(rig);
    rig->stalled = true;
    device_write_pattern(&full, ENDLESS);
    for (int i = 0; i < 100; i++) {
        struct mnemos_link_control ping = {.tag = MNEMOS_LINK_CONTROL_PING, .ping.value = 1};
        rig_send_frame(rig, 0x1000, data, sizeof data, true);
        rig_send_control(rig, &ping);
        rig_run_ms(rig, 10);
    }
    assert_int_equal(end.in.len, 100 * sizeof data);
    assert_memory_equal(end.in.data + 99 * sizeof data, data, sizeof data);
    bytes_free(&end.in);
    rig_free(rig);
}

/* ---- Messages ---- */

static struct {
    struct mn_mux_messages port;
    uint8_t frame[64];
    uint32_t received, sent, sessions, host_got;
    uint8_t last[64];
    size_t last_len;
} box;

static void box_receive(struct mn_mux_messages *port, const uint8_t *data, uint32_t len)
{
    (void)port;
    box.received++;
    box.last_len = len;
    memcpy(box.last, data, len < sizeof box.last ? len : sizeof box.last);
}

static void box_sent(struct mn_mux_messages *port)
{
    (void)port;
    box.sent++;
}

static void box_session(struct mn_mux_messages *port)
{
    (void)port;
    box.sessions++;
}

static void box_host(struct rig *rig, uint16_t port, const uint8_t *data, size_t len)
{
    (void)rig;
    assert_int_equal(port, MNEMOS_LINK_PORT_LOADER);
    assert_int_equal(len, 5);
    assert_memory_equal(data, "hello", 5);
    box.host_got++;
}

static void box_start(struct rig *rig)
{
    memset(&box, 0, sizeof box);
    box.port = (struct mn_mux_messages){.port = MNEMOS_LINK_PORT_LOADER,
                                        .frame = box.frame,
                                        .frame_cap = sizeof box.frame,
                                        .receive = box_receive,
                                        .sent = box_sent,
                                        .session = box_session};
    assert_int_equal(mn_mux_attach_messages(&box.port), MN_OK);
    rig->message = box_host;
}

static void messages_have_room_for_one_frame_of_their_own(void **state)
{
    (void)state;
    struct rig *rig = rig_new(0);
    struct device_port flood;
    box_start(rig);
    rig_attach(rig, 5);
    assert_int_equal(box.sessions, 1);
    device_open(&flood, 0x20, "flood", MN_PORT_INTERACTIVE, 512, 512);
    rig_settle(rig);
    rig->stalled = true;
    device_write_pattern(&flood, ENDLESS);
    rig_run_ms(rig, 10);
    assert_int_equal(mn_mux_send(&box.port, (const uint8_t *)"hello", 5), MN_OK);
    assert_int_equal(mn_mux_send(&box.port, (const uint8_t *)"other", 5), MN_PENDING);
    rig_run_ms(rig, 10);
    assert_int_equal(box.sent, 0);
    rig->stalled = false;
    rig_settle(rig);
    assert_int_equal(box.sent, 1);
    assert_int_equal(box.host_got, 1);
    assert_int_equal(mn_mux_send(&box.port, (const uint8_t *)"hello", 5), MN_OK);
    rig_free(rig);
}

static void a_message_longer_than_its_frame_is_refused(void **state)
{
    (void)state;
    struct rig *rig = rig_new(0);
    uint8_t long_one[59] = {0};
    box_start(rig);
    assert_int_equal(mn_mux_send(&box.port, long_one, 59), MNEMOS_ERR_TOO_BIG);
    assert_int_equal(mn_mux_send(&box.port, long_one, 58), MN_OK);
    rig_free(rig);
}

static void a_message_of_the_old_session_does_not_reach_the_new_one(void **state)
{
    (void)state;
    struct rig *rig = rig_new(0);
    struct device_port flood;
    box_start(rig);
    rig_attach(rig, 5);
    device_open(&flood, 0x20, "flood", MN_PORT_INTERACTIVE, 512, 512);
    rig_settle(rig);
    rig->stalled = true;
    device_write_pattern(&flood, ENDLESS);
    rig_run_ms(rig, 10);
    assert_int_equal(mn_mux_send(&box.port, (const uint8_t *)"hello", 5), MN_OK);
    rig_hello(rig, 6, MNEMOS_LINK_FEATURE_CRC);
    rig_run_ms(rig, 10);
    rig->stalled = false;
    rig_run_ms(rig, 10);
    assert_int_equal(box.sessions, 2);
    assert_int_equal(box.host_got, 0);
    rig_free(rig);
}

static void messages_always_need_their_crc(void **state)
{
    (void)state;
    struct rig *rig = rig_new(0);
    box_start(rig);
    rig_send_frame(rig, MNEMOS_LINK_PORT_LOADER, "question", 8, false);
    rig_settle(rig);
    assert_int_equal(box.received, 0);
    assert_int_equal(mn_mux_stats().bad_frames, 1);
    rig_send_frame(rig, MNEMOS_LINK_PORT_LOADER, "question", 8, true);
    rig_settle(rig);
    assert_int_equal(box.received, 1);
    assert_int_equal(box.last_len, 8);
    assert_memory_equal(box.last, "question", 8);
    rig_free(rig);
}

static void messages_keep_a_session_and_show_that_the_host_has_gone_on(void **state)
{
    (void)state;
    struct rig *rig = rig_new(0);
    box_start(rig);
    rig_attach(rig, 5);
    rig->silent = true;
    for (int i = 0; i < 6; i++) {
        rig_send_frame(rig, MNEMOS_LINK_PORT_LOADER, "x", 1, true);
        rig_run_ms(rig, 1000);
    }
    assert_true(mn_mux_stats().attached);

    rig_attach(rig, 6);
    rig->automatic = false;
    rig_send_frame(rig, MNEMOS_LINK_PORT_LOADER, "x", 1, true);
    rig_settle(rig);
    uint32_t hellos = rig->hellos;
    rig_hello(rig, 6, MNEMOS_LINK_FEATURE_CRC);
    rig_settle(rig);
    assert_int_equal(rig->hellos, hellos);
    rig_free(rig);
}

/* Both owe a Credit; the one that owes it again and again is first in the list of ports. */
static void a_port_that_always_owes_something_does_not_silence_another(void **state)
{
    (void)state;
    struct rig *rig = rig_new(0);
    struct device_port patient, greedy, filler;
    struct mnemos_link_control blocked = {.tag = MNEMOS_LINK_CONTROL_BLOCKED};
    uint8_t data[64] = {0};
    rig->bytes_per_ms = 11;
    rig_attach(rig, 5);
    device_open(&patient, 0x20, "patient", MN_PORT_BULK, 64, 64);
    device_open(&greedy, 0x21, "greedy", MN_PORT_BULK, 64, 64);
    device_open(&filler, 0x22, "filler", MN_PORT_BULK, 64, 512);
    rig_run_ms(rig, 200);
    rig_write(rig, 0x20, data, sizeof data);
    rig_run_ms(rig, 100);
    uint32_t credits = rig_port(rig, 0x20)->credits;
    rig->bytes_per_ms = 0;
    rig->stalled = true;
    device_write_pattern(&filler, 512); /* now the line is full */
    blocked.blocked.port = 0x21;
    rig_send_control(rig, &blocked);
    rig_settle(rig);
    mn_mux_read(patient.port, data, sizeof data);
    for (int i = 0; i < 80; i++) { /* less than a frame leaves, one more is asked for */
        rig_send_control(rig, &blocked);
        rig_settle(rig);
        rig->stalled = false;
        rig->bytes_per_ms = 8;
        rig_run_ms(rig, 1);
        rig->bytes_per_ms = 0;
        rig->stalled = true;
    }
    assert_true(rig_port(rig, 0x20)->credits > credits);
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MN_TEST(frames_carry_12_ms_of_line_time_at_most),
        MN_TEST(frames_are_no_longer_than_the_host_takes),
        MN_TEST(ports_of_a_class_take_turns),
        MN_TEST(every_8th_frame_goes_to_the_lowest_class_that_waits),
        MN_TEST(a_slow_port_blocks_nobody_and_no_byte_is_lost),
        MN_TEST(a_ping_is_answered_while_every_port_is_full),
        MN_TEST(receiving_goes_on_while_nothing_can_be_sent),
        MN_TEST(messages_have_room_for_one_frame_of_their_own),
        MN_TEST(a_message_longer_than_its_frame_is_refused),
        MN_TEST(a_message_of_the_old_session_does_not_reach_the_new_one),
        MN_TEST(messages_always_need_their_crc),
        MN_TEST(messages_keep_a_session_and_show_that_the_host_has_gone_on),
        MN_TEST(a_port_that_always_owes_something_does_not_silence_another),
    };
    return cmocka_run_group_tests_name("mux schedule", tests, NULL, NULL);
}
