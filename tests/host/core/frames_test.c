/* frames_test.c — messages through a byte ring: whole, in order, of every length. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/core/frames.h"
#include "kernel/arch/host/host.h"
#include "kernel/core/hooks.h"
#include "seeds.h"
#include <mnemos/abi/error.h>
#include <stdlib.h>
#include <string.h>

static struct mn_bbq ring;
static uint8_t       bytes[64];
static struct mn_cx  nobody = { &(struct mn_task){ .name = "nobody", .state = MN_TASK_READY } };

/* A message says its number in every byte; its length follows from it. */
static uint32_t length_of(uint32_t number)
{
    return number * 7 % (mn_frame_max(&ring) + 1);
}

static mn_err write_number(uint32_t number)
{
    struct mn_frame frame;
    mn_err          err = mn_frame_try_write(&ring, mn_frame_max(&ring), &frame);
    if (err)
        err = mn_frame_try_write(&ring, length_of(number), &frame); /* less will do */
    if (err)
        return err;
    memset(frame.data, (int)(number & 0xff), length_of(number));
    mn_frame_commit(&frame, length_of(number));
    return MN_OK;
}

static void check_number(const struct mn_frame *frame, uint32_t number)
{
    assert_int_equal(frame->len, length_of(number));
    for (uint32_t i = 0; i < frame->len; i++)
        assert_int_equal(frame->data[i], number & 0xff);
}

static void messages_stay_whole_in_rings_of_every_size(void **state)
{
    (void)state;
    for (uint32_t len = 3; len <= sizeof bytes; len++) {
        uint32_t written = 0, read = 0;
        mn_bbq_init(&ring, bytes, len);
        assert_int_equal(mn_frame_max(&ring), (len + 1) / 2 - 2);
        while (read < 500) {
            struct mn_frame frame;
            while (write_number(written) == MN_OK)
                written++;
            assert_true(written > read); /* an empty ring takes the longest */
            for (uint32_t count = 1 + read % 3; count && mn_frame_try_read(&ring, &frame) == MN_OK; count--) {
                check_number(&frame, read++);
                mn_frame_release(&frame);
            }
        }
    }
}

static void what_can_never_fit_is_refused(void **state)
{
    struct mn_frame frame;
    static uint8_t  large[1 << 18];
    (void)state;
    mn_bbq_init(&ring, bytes, 64);
    assert_int_equal(mn_frame_try_write(&ring, 31, &frame), MNEMOS_ERR_TOO_BIG);
    assert_int_equal(mn_frame_write_poll(&ring, &nobody, 31, &frame), MNEMOS_ERR_TOO_BIG);
    assert_int_equal(mn_frame_try_write(&ring, UINT32_MAX, &frame), MNEMOS_ERR_TOO_BIG);
    assert_int_equal(mn_frame_try_write(&ring, 30, &frame), MN_OK);
    mn_bbq_init(&ring, large, sizeof large);
    assert_int_equal(mn_frame_max(&ring), UINT16_MAX);
    assert_int_equal(mn_frame_try_write(&ring, UINT16_MAX, &frame), MN_OK);
    mn_frame_commit(&frame, UINT16_MAX);
    assert_int_equal(mn_frame_try_read(&ring, &frame), MN_OK);
    assert_int_equal(frame.len, UINT16_MAX);
}

static void ask_for_most(void *unused)
{
    (void)unused;
    (void)mn_frame_max(&ring);
}

static void commit_more(void *frame) { mn_frame_commit(frame, 6); }
static void commit_again(void *frame) { mn_frame_commit(frame, 0); }

static void wrong_use_stops_the_kernel(void **state)
{
    struct mn_frame frame;
    (void)state;
    mn_bbq_init(&ring, bytes, 2);
    assert_non_null(mn_host_panic_of(ask_for_most, NULL));
    mn_bbq_init(&ring, bytes, 64);
    assert_int_equal(mn_frame_try_write(&ring, 5, &frame), MN_OK);
    assert_non_null(mn_host_panic_of(commit_more, &frame));
    mn_frame_commit(&frame, 5);
    assert_non_null(mn_host_panic_of(commit_again, &frame));
}

static void borrowed_room_that_is_not_used_is_no_message(void **state)
{
    struct mn_frame frame;
    (void)state;
    mn_bbq_init(&ring, bytes, 64);
    assert_int_equal(mn_frame_try_write(&ring, 5, &frame), MN_OK);
    assert_int_equal(mn_frame_try_read(&ring, &frame), MNEMOS_ERR_WOULD_WAIT);
    assert_int_equal(mn_frame_try_write(&ring, 9, &frame), MN_OK);
    mn_frame_commit(&frame, 0); /* an empty one is one */
    assert_int_equal(mn_frame_try_read(&ring, &frame), MN_OK);
    assert_int_equal(frame.len, 0);
    mn_frame_release(&frame);
    assert_int_equal(mn_bbq_used(&ring), 0);
}

/* ---- Two tasks ---- */

#define MESSAGES 300u

struct side { struct mn_task task; struct mn_frame frame; uint32_t number; mn_err err; };
static struct side writer, reader;

static mn_err writer_poll(struct mn_task *task, struct mn_cx *cx)
{
    MN_BEGIN(&task->co);
    for (; writer.number < MESSAGES; writer.number++) {
        MN_AWAIT(writer.err = mn_frame_write_poll(&ring, cx, length_of(writer.number), &writer.frame));
        if (writer.err)
            return writer.err;
        memset(writer.frame.data, (int)(writer.number & 0xff), writer.frame.len);
        mn_frame_commit(&writer.frame, writer.frame.len);
    }
    mn_bbq_writer_leaves(&ring);
    MN_END();
}

static mn_err reader_poll(struct mn_task *task, struct mn_cx *cx)
{
    MN_BEGIN(&task->co);
    for (;;) {
        MN_AWAIT(reader.err = mn_frame_read_poll(&ring, cx, &reader.frame));
        if (reader.err)
            break;
        check_number(&reader.frame, reader.number++);
        mn_frame_release(&reader.frame);
        if (reader.number % 5 == 0)
            MN_YIELD(cx);
    }
    MN_END();
}

static void everything_goes_through_and_then_the_end(uint32_t seed)
{
    mn_bbq_init(&ring, bytes, 3 + seed % (sizeof bytes - 2));
    writer = reader = (struct side){ 0 };
    mn_task_start(&writer.task, "writer", writer_poll);
    mn_task_start(&reader.task, "reader", reader_poll);
    mn_host_settle();
    assert_int_equal(reader.number, MESSAGES);
    assert_int_equal(reader.err, MNEMOS_ERR_GONE);
}

static void a_writer_is_told_that_the_reader_is_gone(void **state)
{
    (void)state;
    mn_bbq_init(&ring, bytes, 16);
    writer = (struct side){ 0 };
    mn_task_start(&writer.task, "writer", writer_poll);
    mn_host_settle();
    assert_int_equal(writer.err, MN_PENDING);
    mn_bbq_reader_leaves(&ring);
    mn_host_settle();
    assert_int_equal(writer.err, MNEMOS_ERR_GONE);
}

/* ---- An interrupt at the other end ---- */

static uint32_t written_by_interrupt;

static void write_from_interrupt(void *unused)
{
    (void)unused;
    if (written_by_interrupt < MESSAGES && write_number(written_by_interrupt) == MN_OK)
        written_by_interrupt++;
    if (written_by_interrupt == MESSAGES) {
        mn_bbq_writer_leaves(&ring);
        mn_host_on_point(NULL, NULL);
    }
}

static void messages_of_an_interrupt_stay_whole(uint32_t seed)
{
    mn_bbq_init(&ring, bytes, 3 + seed % (sizeof bytes - 2));
    reader = (struct side){ 0 };
    written_by_interrupt = 0;
    mn_host_on_point(write_from_interrupt, NULL);
    mn_task_start(&reader.task, "reader", reader_poll);
    for (uint32_t i = 0; !reader.task.done; i++) {
        assert_true(i < 10000);
        mn_host_settle();
        mn_hook_point();
    }
    assert_int_equal(reader.number, MESSAGES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MN_TEST(messages_stay_whole_in_rings_of_every_size),
        MN_TEST(what_can_never_fit_is_refused),
        MN_TEST(wrong_use_stops_the_kernel),
        MN_TEST(borrowed_room_that_is_not_used_is_no_message),
        MN_SEEDED(everything_goes_through_and_then_the_end),
        MN_TEST(a_writer_is_told_that_the_reader_is_gone),
        MN_SEEDED(messages_of_an_interrupt_stay_whole),
    };
    return cmocka_run_group_tests_name("frames", tests, NULL, NULL);
}
