/* stream_test.c — byte rings with ends that go away, with several writers, and as pipes. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/arch/host/host.h"
#include "kernel/core/bbq_shared.h"
#include "kernel/core/hooks.h"
#include "kernel/core/pipe.h"
#include "seeds.h"
#include <string.h>
#include <mnemos/abi/error.h>

static struct mn_bbq ring;
static uint8_t       bytes[16];
static uint32_t      random_state;

static uint32_t random_below(uint32_t bound)
{
    return mn_host_random_next(&random_state) % bound;
}

/* ---- A reader that checks that each record is whole: its length, then that many of its writer's letters ---- */

#define WRITERS 3u
#define RECORDS 30u

static struct { struct mn_task task; mn_err err; uint8_t writer, left; uint32_t records[WRITERS]; } reader;

static void check_byte(uint8_t byte)
{
    if (reader.left == 0) {
        reader.writer = byte >> 4;
        reader.left = byte & 15;
        assert_true(reader.writer < WRITERS && reader.left > 0);
    } else {
        assert_int_equal(byte, 'a' + reader.writer);
    }
    reader.left--;
    if (reader.left == 0)
        reader.records[reader.writer]++;
}

static void read_some(void)
{
    struct mn_grant grant = mn_bbq_read_grant(&ring);
    uint32_t        used = 1 + random_below(grant.len);
    for (uint32_t i = 0; i < used; i++)
        check_byte(grant.buf[i]);
    mn_bbq_release(&grant, used);
}

static mn_err reader_poll(struct mn_task *task, struct mn_cx *cx)
{
    MN_BEGIN(&task->co);
    for (;;) {
        MN_AWAIT(reader.err = mn_bbq_readable_poll(&ring, cx));
        if (reader.err)
            break;
        read_some();
        if (random_below(3) == 0)
            MN_YIELD(cx);
    }
    MN_END();
}

static struct mn_bbq_shared shared;

struct writer { struct mn_task task; struct mn_wait wait; struct mn_grant grant; mn_err err; uint8_t id, len, records; };
static struct writer writers[WRITERS];

static mn_err writer_poll(struct mn_task *task, struct mn_cx *cx)
{
    struct writer *self = MN_CONTAINER_OF(task, struct writer, task);
    MN_BEGIN(&task->co);
    while (self->records < RECORDS) {
        self->len = (uint8_t)(1 + random_below((ring.len + 1) / 2));
        MN_AWAIT(self->err = mn_bbq_shared_grant_poll(&shared, &self->wait, cx, self->len, &self->grant));
        if (self->err)
            return self->err;
        if (random_below(2))
            MN_YIELD(cx); /* with the grant in hand */
        self->grant.buf[0] = (uint8_t)(self->id << 4 | self->len);
        for (uint32_t i = 1; i < self->len; i++)
            self->grant.buf[i] = (uint8_t)('a' + self->id);
        self->records++;
        mn_bbq_shared_commit(&shared, cx, &self->grant, self->len);
    }
    MN_END();
}

static void begin(uint32_t len, uint32_t seed)
{
    random_state = seed;
    memset(&reader, 0, sizeof reader);
    mn_bbq_init(&ring, bytes, len);
    mn_bbq_shared_init(&shared, &ring);
    for (uint32_t i = 0; i < WRITERS; i++) {
        writers[i] = (struct writer){ .id = (uint8_t)i };
        mn_task_start(&writers[i].task, "writer", writer_poll);
    }
    mn_task_start(&reader.task, "reader", reader_poll);
}

static void records_of_several_writers_stay_whole(uint32_t seed)
{
    begin(1 + seed % 16, seed);
    mn_host_settle();
    for (uint32_t i = 0; i < WRITERS; i++)
        assert_int_equal(reader.records[i], RECORDS);
    mn_bbq_writer_leaves(&ring);
    mn_host_settle();
    assert_int_equal(reader.err, MNEMOS_ERR_GONE);
    assert_null(shared.turn.holder);
    assert_null(ring.writer);
}

/* Writers are ended wherever they stand; the others go on. */
static void a_writer_that_gives_up_holds_up_nobody(uint32_t seed)
{
    begin(4 + seed % 9, seed);
    uint32_t victim = random_below(WRITERS), rounds = random_below(40);
    for (uint32_t i = 0; i < rounds; i++) {
        mn_executor_tick();
        (void)mn_executor_serve_later();
    }
    if (!writers[victim].task.done) {
        mn_bbq_shared_cancel(&shared, &writers[victim].wait, &writers[victim].task);
        writers[victim].task.co.at = 0;
        writers[victim].records = RECORDS; /* its next poll is its last */
    }
    mn_host_settle();
    for (uint32_t i = 0; i < WRITERS; i++)
        assert_true(i == victim || reader.records[i] == RECORDS);
    assert_null(shared.turn.holder);
    assert_true(mn_wait_queue_is_empty(&shared.turn.queue));
}

static void writers_are_told_that_the_reader_is_gone(uint32_t seed)
{
    begin(1 + seed % 8, seed);
    for (uint32_t rounds = random_below(30); rounds; rounds--) {
        mn_executor_tick();
        (void)mn_executor_serve_later();
    }
    bool ended_before[WRITERS];
    for (uint32_t i = 0; i < WRITERS; i++)
        ended_before[i] = writers[i].task.done;
    mn_bbq_reader_leaves(&ring);
    mn_host_settle();
    for (uint32_t i = 0; i < WRITERS; i++)
        assert_true(writers[i].task.done && (ended_before[i] || writers[i].err == MNEMOS_ERR_GONE));
    assert_null(shared.turn.holder);
}

static void more_than_may_ever_be_free_in_one_piece_is_refused(void **state)
{
    (void)state;
    struct mn_grant grant;
    struct mn_wait  wait = { 0 };
    struct mn_cx    cx = { .task = &reader.task };
    for (uint32_t len = 1; len <= 16; len++) {
        mn_bbq_init(&ring, bytes, len);
        mn_bbq_shared_init(&shared, &ring);
        uint32_t most = (len + 1) / 2;
        assert_int_equal(mn_bbq_shared_grant_poll(&shared, &wait, &cx, most + 1, &grant), MNEMOS_ERR_TOO_BIG);
        for (uint32_t at = 0; at < len; at++) { /* an empty ring, wherever it stands */
            assert_int_equal(mn_bbq_shared_grant_poll(&shared, &wait, &cx, most, &grant), MN_OK);
            assert_int_equal(grant.len, most);
            mn_bbq_shared_commit(&shared, &cx, &grant, 1);
            grant = mn_bbq_read_grant(&ring);
            mn_bbq_release(&grant, 1);
        }
    }
}

/* ---- The writer, an interrupt, leaves right after its last byte, at any point ---- */

static uint32_t strike_at, points;

static void put_and_leave(void *unused)
{
    (void)unused;
    if (points++ == strike_at) {
        mn_bbq_put(&ring, &(uint8_t){ 1 }, 1);
        mn_bbq_writer_leaves(&ring);
    }
}

static void the_last_byte_is_read_before_the_writer_is_gone(void **state)
{
    (void)state;
    for (strike_at = 0; strike_at < 40; strike_at++) {
        mn_host_reset();
        random_state = 1;
        points = 0;
        memset(&reader, 0, sizeof reader);
        mn_bbq_init(&ring, bytes, 4);
        mn_host_on_point(put_and_leave, NULL);
        mn_task_start(&reader.task, "reader", reader_poll);
        mn_host_settle();
        while (points <= strike_at)
            mn_hook_point();
        mn_host_on_point(NULL, NULL);
        mn_host_settle();
        assert_int_equal(reader.err, MNEMOS_ERR_GONE);
        assert_int_equal(reader.records[0], 1);
    }
}

static void an_abandoned_wait_for_bytes_or_room_wakes_nobody(void **state)
{
    (void)state;
    struct mn_cx cx = { .task = &reader.task };
    mn_bbq_init(&ring, bytes, 4);
    mn_task_start(&reader.task, "reader", reader_poll);
    mn_host_settle();
    mn_bbq_readable_cancel(&ring);
    assert_int_equal(mn_bbq_put(&ring, bytes + 8, 4), 4);
    assert_int_equal(mn_bbq_writable_poll(&ring, &cx, 1), MN_PENDING);
    mn_bbq_writable_cancel(&ring);
    assert_int_equal(mn_bbq_get(&ring, bytes + 8, 4), 4);
    assert_false(mn_executor_ready());
}

/* ---- Pipe ---- */

static void what_one_end_writes_the_other_reads(void **state)
{
    (void)state;
    struct mn_pipe pipe;
    uint8_t        to_first[5], to_second[3], got[8];
    struct mn_cx   cx = { .task = &reader.task };
    mn_pipe_init(&pipe, to_first, sizeof to_first, to_second, sizeof to_second);
    struct mn_pipe_end first = mn_pipe_first(&pipe), second = mn_pipe_second(&pipe);
    assert_int_equal(mn_bbq_put(first.out, (const uint8_t *)"abcd", 4), 3);
    assert_int_equal(mn_bbq_put(second.out, (const uint8_t *)"efghij", 6), 5);
    mn_pipe_close(first);
    assert_int_equal(mn_bbq_get(first.in, got, 8), 5);
    assert_memory_equal(got, "efghi", 5);
    assert_int_equal(mn_bbq_readable_poll(second.in, &cx), MN_OK);
    assert_int_equal(mn_bbq_get(second.in, got, 8), 3);
    assert_memory_equal(got, "abc", 3);
    assert_int_equal(mn_bbq_readable_poll(second.in, &cx), MNEMOS_ERR_GONE);
    assert_int_equal(mn_bbq_writable_poll(second.out, &cx, 1), MNEMOS_ERR_GONE);
}

/* The other end is an interrupt that sends 1, 2, 3, ... at every third point. */
static struct mn_pipe_end far_end;
static uint32_t           sent_by_interrupt, strikes_left;

static void be_the_far_end(void *unused)
{
    uint8_t byte = (uint8_t)(sent_by_interrupt + 1);
    (void)unused;
    if (!strikes_left || --strikes_left % 3)
        return;
    if (mn_bbq_put(far_end.out, &byte, 1))
        sent_by_interrupt++;
}

static void a_byte_from_an_interrupt_wakes_the_other_end_of_the_pipe(void **state)
{
    (void)state;
    for (uint32_t len = 1; len <= 4; len++) {
        struct mn_pipe pipe;
        uint8_t        to_first[4], to_second[4], got;
        struct mn_cx   cx = { .task = &reader.task };
        mn_host_reset();
        mn_pipe_init(&pipe, to_first, len, to_second, len);
        far_end = mn_pipe_second(&pipe);
        sent_by_interrupt = 0;
        strikes_left = 3000;
        reader.task = (struct mn_task){ .name = "reader", .state = MN_TASK_IDLE };
        mn_host_on_point(be_the_far_end, NULL);
        for (uint32_t received = 0; received < 200; received++) {
            while (mn_bbq_readable_poll(mn_pipe_first(&pipe).in, &cx) == MN_PENDING) {
                while (reader.task.state == MN_TASK_IDLE) {
                    assert_true(strikes_left > 0); /* else the wake was lost */
                    mn_hook_point();
                }
                mn_executor_reset();
                reader.task.state = MN_TASK_IDLE;
            }
            assert_int_equal(mn_bbq_get(mn_pipe_first(&pipe).in, &got, 1), 1);
            assert_int_equal(got, (uint8_t)(received + 1));
        }
        mn_host_on_point(NULL, NULL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MN_SEEDED(records_of_several_writers_stay_whole),
        MN_SEEDED(a_writer_that_gives_up_holds_up_nobody),
        MN_SEEDED(writers_are_told_that_the_reader_is_gone),
        MN_TEST(more_than_may_ever_be_free_in_one_piece_is_refused),
        MN_TEST(the_last_byte_is_read_before_the_writer_is_gone),
        MN_TEST(an_abandoned_wait_for_bytes_or_room_wakes_nobody),
        MN_TEST(what_one_end_writes_the_other_reads),
        MN_TEST(a_byte_from_an_interrupt_wakes_the_other_end_of_the_pipe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
