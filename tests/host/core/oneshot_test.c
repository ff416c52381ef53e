/* oneshot_test.c — one reply to one question: sent, dropped, too late, twice. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/core/oneshot.h"
#include "kernel/arch/host/host.h"
#include "kernel/core/hooks.h"
#include "seeds.h"
#include <string.h>
#include <mnemos/abi/error.h>

MN_ONESHOT(answer, uint32_t);

static struct answer answer;

static struct { struct mn_task task; struct mn_reply reply; uint32_t value; mn_err err; } asker;

static mn_err asker_poll(struct mn_task *task, struct mn_cx *cx)
{
    MN_BEGIN(&task->co);
    asker.reply = answer_open(&answer);
    MN_AWAIT(asker.err = answer_receive_poll(&answer, cx, &asker.value));
    MN_END();
}

static void ask(void)
{
    asker.err = MN_PENDING;
    mn_task_start(&asker.task, "asker", asker_poll);
    mn_host_settle();
}

static void begin(void)
{
    memset(&answer, 0, sizeof answer);
    memset(&asker, 0, sizeof asker);
    ask();
}

static void a_value_arrives_round_after_round(void **state)
{
    (void)state;
    begin();
    for (uint32_t i = 0; i < 100; i++) {
        assert_false(mn_reply_is_orphan(&asker.reply));
        assert_int_equal(answer_send(&asker.reply, &i), MN_OK);
        mn_host_settle();
        assert_int_equal(asker.err, MN_OK);
        assert_int_equal(asker.value, i);
        ask();
    }
}

static void no_handle_at_all_is_nobodys(void **state)
{
    (void)state;
    struct mn_reply reply = { 0 };
    assert_true(mn_reply_is_orphan(&reply));
    mn_reply_drop(&reply);
}

static void a_dropped_handle_is_gone(void **state)
{
    (void)state;
    begin();
    mn_reply_drop(&asker.reply);
    mn_reply_drop(&asker.reply);
    mn_host_settle();
    assert_int_equal(asker.err, MNEMOS_ERR_GONE);
}

/* The late reply to a question that was given up does not answer the next one. */
static void an_asker_that_gave_up_may_ask_again_at_once(void **state)
{
    (void)state;
    begin();
    struct mn_reply late = asker.reply, later;
    mn_oneshot_cancel(&answer.oneshot);
    assert_true(mn_reply_is_orphan(&late));
    asker.task.poll = NULL;
    mn_executor_reset();
    ask();
    later = asker.reply;
    assert_int_equal(answer_send(&late, &(uint32_t){ 1 }), MNEMOS_ERR_GONE);
    mn_host_settle();
    assert_int_equal(asker.err, MN_PENDING);
    assert_int_equal(answer_send(&later, &(uint32_t){ 2 }), MN_OK);
    mn_host_settle();
    assert_int_equal(asker.value, 2);
}

static mn_err leaver_poll(struct mn_task *task, struct mn_cx *cx)
{
    MN_BEGIN(&task->co);
    mn_oneshot_cancel(&answer.oneshot);
    MN_AWAIT(mn_oneshot_unused_poll(&answer.oneshot, cx));
    MN_END();
}

static void the_memory_may_go_when_the_last_handle_is_used(void **state)
{
    (void)state;
    struct mn_task  leaver;
    struct mn_reply handles[3];
    memset(&answer, 0, sizeof answer);
    for (uint32_t i = 0; i < 3; i++) {
        handles[i] = answer_open(&answer);
        mn_oneshot_cancel(&answer.oneshot);
    }
    mn_task_start(&leaver, "leaver", leaver_poll);
    for (uint32_t i = 0; i < 3; i++) {
        mn_host_settle();
        assert_false(leaver.done);
        if (i == 1)
            mn_reply_drop(&handles[i]);
        else
            assert_int_equal(answer_send(&handles[i], &i), MNEMOS_ERR_GONE);
    }
    mn_host_settle();
    assert_true(leaver.done);
}

/* ---- An interrupt answers at any point ---- */

static uint32_t strike_at, points;

static void answer_at_one_point(void *unused)
{
    (void)unused;
    if (asker.reply.to && points++ == strike_at)
        assert_int_equal(answer_send(&asker.reply, &(uint32_t){ 7 }), MN_OK);
}

static void a_reply_at_any_point_arrives(void **state)
{
    (void)state;
    for (strike_at = 0; strike_at < 20; strike_at++) {
        mn_host_reset();
        points = 0;
        mn_host_on_point(answer_at_one_point, NULL);
        begin();
        while (points <= strike_at && asker.reply.to)
            mn_hook_point();
        mn_host_on_point(NULL, NULL);
        mn_host_settle();
        assert_int_equal(asker.err, MN_OK);
        assert_int_equal(asker.value, 7);
    }
}

/* ---- Misuse ---- */

static void send_by(void *reply) { (void)answer_send(reply, &(uint32_t){ 3 }); }
static void open_again(void *reply) { *(struct mn_reply *)reply = answer_open(&answer); }

static void receive(void *unused)
{
    (void)unused;
    struct mn_cx cx = { .task = &asker.task };
    assert_int_equal(answer_receive_poll(&answer, &cx, &asker.value), MN_OK);
}

static void replying_twice_stops_the_kernel(void **state)
{
    (void)state;
    begin();
    struct mn_reply copy = asker.reply;
    send_by(&asker.reply);
    assert_non_null(mn_host_panic_of(send_by, &asker.reply));
    assert_non_null(mn_host_panic_of(send_by, &copy));
    mn_host_settle();
    assert_non_null(mn_host_panic_of(send_by, &copy));

    struct mn_reply stale = answer_open(&answer); /* of a round that was given up, and not used yet */
    mn_oneshot_cancel(&answer.oneshot);
    ask();
    copy = asker.reply;
    send_by(&asker.reply);
    assert_non_null(mn_host_panic_of(send_by, &copy));
    send_by(&stale);
}

static void asking_wrongly_stops_the_kernel(void **state)
{
    (void)state;
    begin();
    assert_non_null(mn_host_panic_of(open_again, &(struct mn_reply){ 0 }));
    mn_oneshot_cancel(&answer.oneshot);
    assert_non_null(mn_host_panic_of(receive, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MN_TEST(a_value_arrives_round_after_round),
        MN_TEST(no_handle_at_all_is_nobodys),
        MN_TEST(a_dropped_handle_is_gone),
        MN_TEST(an_asker_that_gave_up_may_ask_again_at_once),
        MN_TEST(the_memory_may_go_when_the_last_handle_is_used),
        MN_TEST(a_reply_at_any_point_arrives),
        MN_TEST(replying_twice_stops_the_kernel),
        MN_TEST(asking_wrongly_stops_the_kernel),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
