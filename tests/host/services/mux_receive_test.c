/* mux_receive_test.c — whatever the cable brings: noise, text, frames cut, damaged, without end. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "rig.h"
#include <string.h>

#define PORT 0x1000

/* After whatever came before, a good frame still arrives. */
static void assert_alive(struct rig *rig, struct device_port *end)
{
    size_t before = end->in.len;
    rig_send_raw(rig, "\0", 1);
    rig_send_frame(rig, PORT, "good", 4, true);
    rig_settle(rig);
    assert_int_equal(end->in.len, before + 4);
    assert_memory_equal(end->in.data + before, "good", 4);
}

static struct rig *rig_reading(struct device_port *end)
{
    struct rig *rig = rig_new(0);
    rig_attach(rig, 5);
    rig->automatic = false;
    device_open(end, PORT, "stdio", MN_PORT_INTERACTIVE, 512, 512);
    end->reads = true;
    rig_settle(rig);
    return rig;
}

static void rig_done(struct rig *rig, struct device_port *end)
{
    bytes_free(&end->in);
    rig_free(rig);
}

static void zeros_alone_are_nothing(void **state)
{
    (void)state;
    struct device_port end;
    struct rig *rig = rig_reading(&end);
    static uint8_t zeros[5000];
    rig_send_raw(rig, zeros, sizeof zeros);
    rig_settle(rig);
    assert_int_equal(mn_mux_stats().bad_frames, 0);
    assert_alive(rig, &end);
    rig_done(rig, &end);
}

static void text_of_another_firmware_is_one_bad_frame(void **state)
{
    (void)state;
    struct device_port end;
    struct rig *rig = rig_reading(&end);
    rig_send_raw(rig, "*** Booting other OS v1.2 ***\r\nready> ", 38);
    assert_alive(rig, &end);
    assert_int_equal(mn_mux_stats().bad_frames, 1);
    rig_done(rig, &end);
}

static void a_frame_without_end_is_one_bad_frame(void **state)
{
    (void)state;
    struct device_port end;
    struct rig *rig = rig_reading(&end);
    uint8_t run[1024];
    memset(run, 0xff, sizeof run);
    for (int i = 0; i < 1024; i++) {
        rig_send_raw(rig, run, sizeof run);
        rig_settle(rig);
    }
    assert_int_equal(mn_mux_stats().bad_frames, 0);
    assert_alive(rig, &end);
    assert_int_equal(mn_mux_stats().bad_frames, 1);
    rig_done(rig, &end);
}

static void frames_of_every_length_around_the_longest(void **state)
{
    (void)state;
    struct device_port end;
    struct rig *rig = rig_reading(&end);
    uint8_t data[600];
    memset(data, 'x', sizeof data);
    for (size_t len = 0; len <= 600; len++) {
        uint32_t bad = mn_mux_stats().bad_frames;
        size_t before = end.in.len;
        rig_send_frame(rig, PORT, data, len, true);
        rig_settle(rig);
        bool fits = len + 6 <= MNEMOS_LINK_MAX_FRAME;
        if (len <= 512) assert_int_equal(end.in.len, before + len);
        assert_int_equal(mn_mux_stats().bad_frames, bad + !fits);
    }
    assert_alive(rig, &end);
    rig_done(rig, &end);
}

static void frames_of_one_two_and_three_bytes_are_bad(void **state)
{
    (void)state;
    struct device_port end;
    struct rig *rig = rig_reading(&end);
    for (uint8_t a = 1; a < 255; a++) {
        const uint8_t short_ones[] = {a, 0, a, 1, 0, a, 2, 3, 0};
        rig_send_raw(rig, short_ones, sizeof short_ones);
        rig_settle(rig);
    }
    assert_int_equal(end.in.len, 0);
    assert_int_equal(mn_mux_stats().bad_frames, 3 * 254);
    assert_alive(rig, &end);
    rig_done(rig, &end);
}

static size_t coded_frame(uint8_t *out, uint16_t port, const void *data, size_t len)
{
    struct rig scratch = {0};
    rig_send_frame(&scratch, port, data, len, true);
    memcpy(out, scratch.to_device.data, scratch.to_device.len);
    size_t coded_len = scratch.to_device.len;
    bytes_free(&scratch.to_device);
    return coded_len;
}

static void a_frame_cut_at_any_byte_delivers_nothing(void **state)
{
    (void)state;
    struct device_port end;
    struct rig *rig = rig_reading(&end);
    uint8_t coded[64];
    size_t len = coded_frame(coded, PORT, "some bytes\0with zeros", 21);
    for (size_t cut = 1; cut < len - 1; cut++) {
        rig_send_raw(rig, coded, cut);
        rig_send_raw(rig, "\0", 1);
        rig_settle(rig);
        assert_int_equal(end.in.len, 0);
    }
    assert_alive(rig, &end);
    rig_done(rig, &end);
}

static void a_frame_with_any_bit_flipped_delivers_nothing(void **state)
{
    (void)state;
    struct device_port end;
    struct rig *rig = rig_reading(&end);
    uint8_t coded[64];
    size_t len = coded_frame(coded, PORT, "some bytes\0with zeros", 21);
    for (size_t bit = 0; bit < (len - 1) * 8; bit++) {
        coded[bit / 8] ^= (uint8_t)(1u << bit % 8);
        rig_send_raw(rig, coded, len);
        rig_settle(rig);
        coded[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_int_equal(end.in.len, 0);
    }
    assert_true(mn_mux_stats().attached);
    assert_alive(rig, &end);
    rig_done(rig, &end);
}

static void every_control_message_cut_or_lengthened_is_counted(void **state)
{
    (void)state;
    struct device_port end;
    struct rig *rig = rig_reading(&end);
    for (uint8_t tag = 0; tag < 16; tag++) {
        uint8_t message[8] = {tag,  0x80, 0x20, 0x80,
                              0x80, 0x80, 0x80, 0x7f}; /* overlong everywhere */
        for (size_t len = 0; len <= sizeof message; len++) {
            rig_send_frame(rig, MNEMOS_LINK_PORT_CONTROL, message, len, true);
            rig_settle(rig);
        }
    }
    assert_true(mn_mux_stats().bad_frames > 100);
    assert_true(mn_mux_stats().attached);
    assert_alive(rig, &end);
    rig_done(rig, &end);
}

static void a_port_nobody_opened_is_counted(void **state)
{
    (void)state;
    struct device_port end;
    struct rig *rig = rig_reading(&end);
    rig_send_frame(rig, 0x2222, "lost", 4, true);
    rig_send_frame(rig, MNEMOS_LINK_PORT_CRASH, "lost", 4, true);
    rig_settle(rig);
    assert_int_equal(mn_mux_stats().bad_frames, 2);
    assert_alive(rig, &end);
    rig_done(rig, &end);
}

static void send_bad_one(struct rig *rig, uint32_t *seed)
{
    uint8_t noise[80], coded[128];
    uint32_t kind = mn_host_random_next(seed) % 4;
    size_t len = 1 + mn_host_random_next(seed) % sizeof noise;
    for (size_t i = 0; i < len; i++) noise[i] = (uint8_t)(1 + mn_host_random_next(seed) % 255);
    if (kind == 0) {
        rig_send_raw(rig, noise, len);
        rig_send_raw(rig, "\0", 1);
    } else if (kind == 1) {
        rig_send_frame(rig, PORT, noise, len, false);
    } else if (kind == 2) {
        size_t coded_len = coded_frame(coded, PORT, noise, len);
        coded[mn_host_random_next(seed) % (coded_len - 1)] ^= 0x10;
        rig_send_raw(rig, coded, coded_len);
    } else {
        rig_send_frame(rig, 0x3333, noise, len, true);
    }
}

static void ten_thousand_bad_frames_cost_no_good_one(uint32_t seed)
{
    if (seed > 4) return; /* four times are enough */
    struct device_port end;
    mn_host_shuffle(seed);
    struct rig *rig = rig_reading(&end);
    uint32_t state = seed * 7919u | 1u;
    size_t sent = 0;
    for (int i = 0; i < 10000; i++) {
        send_bad_one(rig, &state);
        if (i % 3 == 0) {
            uint8_t good[20];
            for (size_t k = 0; k < sizeof good; k++) good[k] = pattern(4, sent + k);
            rig_send_frame(rig, PORT, good, sizeof good, true);
            sent += sizeof good;
        }
        if (i % 50 == 49) rig_settle(rig);
    }
    rig_settle(rig);
    assert_int_equal(end.in.len, sent);
    for (size_t i = 0; i < sent; i++) assert_int_equal(end.in.data[i], pattern(4, i));
    assert_true(mn_mux_stats().bad_frames >
                9900); /* a flipped bit may make two frames, or empty ones, of one */
    rig_done(rig, &end);
}

static void a_flood_of_frames_while_the_heap_is_empty_is_survived(void **state)
{
    (void)state;
    struct device_port end;
    struct rig *rig = rig_reading(&end);
    while (mn_heap_try(64)) {}
    while (mn_heap_try(8)) {}
    for (int i = 0; i < 10000; i++) {
        rig_send_frame(rig, PORT, "x", 1, true);
        if (i % 50 == 49) rig_settle(rig);
    }
    assert_int_equal(end.in.len, 10000);
    rig_done(rig, &end);
}

static void a_control_message_with_a_byte_too_many_is_not_obeyed(void **state)
{
    (void)state;
    struct device_port end;
    struct rig *rig = rig_reading(&end);
    static const uint8_t ping[] = {MNEMOS_LINK_CONTROL_PING, 9, 0};
    uint32_t pongs = rig->pongs;
    rig_send_frame(rig, MNEMOS_LINK_PORT_CONTROL, ping, 1, true);
    rig_send_frame(rig, MNEMOS_LINK_PORT_CONTROL, ping, 3, true);
    rig_settle(rig);
    assert_int_equal(rig->pongs, pongs);
    assert_int_equal(mn_mux_stats().bad_frames, 2);
    rig_send_frame(rig, MNEMOS_LINK_PORT_CONTROL, ping, 2, true);
    rig_settle(rig);
    assert_int_equal(rig->last_pong, 9);
    rig_done(rig, &end);
}

static void the_beginning_of_a_frame_without_end_is_not_taken_for_a_frame(void **state)
{
    (void)state;
    struct rig *rig = rig_new(0);
    struct device_port end;
    static uint8_t data[1000];
    memset(data, 'x', sizeof data);
    device_open(&end, PORT, "stdio", MN_PORT_INTERACTIVE, 512, 512);
    rig_send_frame(rig, PORT, data, sizeof data,
                   false); /* without a session nothing but its length is wrong */
    rig_settle(rig);
    assert_int_equal(mn_mux_readable(end.port), 0);
    assert_int_equal(mn_mux_stats().bad_frames, 1);
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MN_TEST(zeros_alone_are_nothing),
        MN_TEST(text_of_another_firmware_is_one_bad_frame),
        MN_TEST(a_frame_without_end_is_one_bad_frame),
        MN_TEST(frames_of_every_length_around_the_longest),
        MN_TEST(frames_of_one_two_and_three_bytes_are_bad),
        MN_TEST(a_frame_cut_at_any_byte_delivers_nothing),
        MN_TEST(a_frame_with_any_bit_flipped_delivers_nothing),
        MN_TEST(every_control_message_cut_or_lengthened_is_counted),
        MN_TEST(a_port_nobody_opened_is_counted),
        MN_SEEDED(ten_thousand_bad_frames_cost_no_good_one),
        MN_TEST(a_flood_of_frames_while_the_heap_is_empty_is_survived),
        MN_TEST(a_control_message_with_a_byte_too_many_is_not_obeyed),
        MN_TEST(the_beginning_of_a_frame_without_end_is_not_taken_for_a_frame),
    };
    return cmocka_run_group_tests_name("mux receive", tests, NULL, NULL);
}
