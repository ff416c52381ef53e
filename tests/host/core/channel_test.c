/* channel_test.c — messages from several tasks and from interrupts to one task. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/core/channel.h"
#include "kernel/arch/host/host.h"
#include "kernel/core/hooks.h"
#include "seeds.h"
#include <string.h>
#include <stdlib.h>

struct letter { uint8_t sender; uint32_t number; };
MN_CHANNEL(letters, struct letter);

#define SENDERS   3u
#define INTERRUPT SENDERS /* the sender that is none */
#define LETTERS   40u

static struct letters mail;
static struct letter  slots[300];
static uint32_t       random_state;
static uint32_t       next_number[SENDERS + 1]; /* that the receiver expects of each */
static bool           gave_up;                  /* numbers may be missing */

static uint32_t random_below(uint32_t bound)
{
    return mn_host_random_next(&random_state) % bound;
}

/* ---- Tasks ---- */

struct sender { struct mn_task task; struct mn_wait wait; struct letter letter; mn_err err; };
static struct sender senders[SENDERS];

static mn_err sender_poll(struct mn_task *task, struct mn_cx *cx)
{
    struct sender *self = MN_CONTAINER_OF(task, struct sender, task);
    MN_BEGIN(&task->co);
    for (; self->letter.number < LETTERS; self->letter.number++) {
        MN_AWAIT(self->err = letters_send_poll(&mail, &self->wait, cx, &self->letter));
        if (self->err)
            break;
        if (random_below(4) == 0)
            MN_YIELD(cx);
    }
    mn_channel_leave(&mail.channel);
    MN_END();
}

static struct { struct mn_task task; struct letter letter; mn_err err; uint32_t count; } receiver;

static void check_letter(const struct letter *letter)
{
    assert_true(letter->sender <= INTERRUPT);
    if (gave_up)
        assert_true(letter->number >= next_number[letter->sender]);
    else
        assert_int_equal(letter->number, next_number[letter->sender]);
    next_number[letter->sender] = letter->number + 1;
    receiver.count++;
}

static mn_err receiver_poll(struct mn_task *task, struct mn_cx *cx)
{
    MN_BEGIN(&task->co);
    for (;;) {
        MN_AWAIT(receiver.err = letters_receive_poll(&mail, cx, &receiver.letter));
        if (receiver.err)
            break;
        check_letter(&receiver.letter);
        if (random_below(3) == 0)
            MN_YIELD(cx);
    }
    MN_END();
}

static void begin(uint32_t capacity, uint32_t count, uint32_t seed)
{
    random_state = seed;
    gave_up = false;
    memset(next_number, 0, sizeof next_number);
    memset(&receiver, 0, sizeof receiver);
    letters_init(&mail, slots, capacity);
    for (uint32_t i = 0; i < count; i++) {
        senders[i] = (struct sender){ .letter.sender = (uint8_t)i };
        mn_channel_join(&mail.channel);
        mn_task_start(&senders[i].task, "sender", sender_poll);
    }
}

static void start_receiver(void)
{
    mn_task_start(&receiver.task, "receiver", receiver_poll);
}

static uint32_t interrupts_number;

static void send_from_interrupt(void *unused)
{
    (void)unused;
    struct letter letter = { INTERRUPT, interrupts_number };
    if (random_below(4) == 0 && letters_try_send(&mail, &letter) == MN_OK)
        interrupts_number++;
}

static void assert_all_places_free(void)
{
    assert_int_equal(mn_channel_count(&mail.channel), 0);
    assert_true(mn_wait_queue_is_empty(&mail.channel.places));
    assert_null(mail.channel.receiver);
}

static void nothing_is_lost_doubled_or_reordered(uint32_t seed)
{
    interrupts_number = 0;
    begin(1 + seed % 7, SENDERS, seed);
    start_receiver();
    mn_host_on_point(send_from_interrupt, NULL);
    mn_host_settle();
    mn_host_on_point(NULL, NULL);
    mn_host_settle();
    for (uint32_t i = 0; i < SENDERS; i++)
        assert_int_equal(next_number[i], LETTERS);
    assert_int_equal(next_number[INTERRUPT], interrupts_number);
    assert_true(interrupts_number > 0 || mail.channel.capacity < 4);
    assert_int_equal(receiver.err, MNEMOS_ERR_GONE); /* the last sender has left */
    assert_all_places_free();
}

/* A sender abandons its letter and goes on with the next, in whatever state the wait is. */
static void abandoned_letters_harm_nobody(uint32_t seed)
{
    interrupts_number = 0;
    begin(1 + seed % 3, SENDERS, seed);
    start_receiver();
    gave_up = true;
    mn_host_on_point(send_from_interrupt, NULL);
    while (mn_task_after(NULL)) {
        mn_executor_tick();
        (void)mn_executor_serve_later();
        struct sender *sender = &senders[random_below(SENDERS)];
        if (sender->wait.state != MN_WAIT_IDLE && random_below(2)) {
            mn_channel_send_cancel(&mail.channel, &sender->wait);
            sender->letter.number++;
            mn_task_wake(&sender->task);
        }
        if (random_below(8) == 0) {
            mn_channel_receive_cancel(&mail.channel);
            mn_task_wake(&receiver.task);
        }
    }
    mn_host_on_point(NULL, NULL);
    assert_int_equal(next_number[INTERRUPT], interrupts_number);
    assert_all_places_free();
}

/* After so many rounds one side closes: every sender is told, and what was sent until then arrives. */
static void close_after(uint32_t rounds, uint32_t capacity, bool receive)
{
    mn_host_reset();
    begin(capacity, SENDERS, rounds + 1);
    if (receive)
        start_receiver();
    for (uint32_t i = 0; i < rounds; i++) {
        mn_executor_tick();
        (void)mn_executor_serve_later();
    }
    mn_channel_close(&mail.channel);
    mn_channel_close(&mail.channel);
    mn_host_settle();
    for (uint32_t i = 0; i < SENDERS; i++)
        assert_true(senders[i].task.done && (senders[i].letter.number == LETTERS || senders[i].err == MNEMOS_ERR_GONE));
    start_receiver(); /* the same one again, or a first one */
    mn_host_settle();
    assert_int_equal(receiver.err, MNEMOS_ERR_GONE);
    for (uint32_t i = 0; i < SENDERS; i++)
        assert_int_equal(next_number[i], senders[i].letter.number);
    assert_int_equal(letters_try_send(&mail, &receiver.letter), MNEMOS_ERR_GONE);
    assert_int_equal(letters_try_receive(&mail, &receiver.letter), MNEMOS_ERR_GONE);
    assert_all_places_free();
}

static void closing_at_any_time_loses_nothing_that_was_sent(void **state)
{
    (void)state;
    for (uint32_t capacity = 1; capacity <= 4; capacity++)
        for (uint32_t rounds = 0; rounds < 60; rounds++)
            for (uint32_t receive = 0; receive < 2; receive++)
                close_after(rounds, capacity, receive);
}

/* ---- Any capacity ---- */

static void every_capacity_holds_that_many(void **state)
{
    (void)state;
    for (uint32_t capacity = 1; capacity <= 300; capacity++) {
        begin(capacity, 0, 1);
        uint32_t sent = 0, received = 0;
        for (uint32_t lap = 0; lap < 4; lap++) {
            struct letter letter = { .number = sent };
            while (letters_try_send(&mail, &letter) == MN_OK)
                letter.number = ++sent;
            assert_int_equal(letters_try_send(&mail, &letter), MNEMOS_ERR_WOULD_WAIT);
            assert_int_equal(mn_channel_count(&mail.channel), capacity);
            for (uint32_t i = 0; i < (capacity + lap) / 2 + 1 && i < capacity; i++) {
                assert_int_equal(letters_try_receive(&mail, &letter), MN_OK);
                assert_int_equal(letter.number, received++);
            }
        }
        for (struct letter letter; received < sent; received++) {
            assert_int_equal(letters_try_receive(&mail, &letter), MN_OK);
            assert_int_equal(letter.number, received);
        }
        assert_int_equal(letters_try_receive(&mail, &(struct letter){ 0 }), MNEMOS_ERR_WOULD_WAIT);
    }
}

static void the_largest_capacity_holds_that_many(void **state)
{
    (void)state;
    struct letter *many = calloc(MN_CHANNEL_CAPACITY_MAX, sizeof *many), letter = { 0 };
    letters_init(&mail, many, MN_CHANNEL_CAPACITY_MAX);
    for (uint32_t lap = 0; lap < 3; lap++) {
        for (uint32_t i = 0; i < MN_CHANNEL_CAPACITY_MAX; i++)
            assert_int_equal(letters_try_send(&mail, &(struct letter){ .number = i }), MN_OK);
        assert_int_equal(letters_try_send(&mail, &letter), MNEMOS_ERR_WOULD_WAIT);
        for (uint32_t i = 0; i < MN_CHANNEL_CAPACITY_MAX; i++) {
            assert_int_equal(letters_try_receive(&mail, &letter), MN_OK);
            assert_int_equal(letter.number, i);
        }
    }
    free(many);
}

static void init_with(void *capacity)
{
    letters_init(&mail, slots, *(uint32_t *)capacity);
}

static void no_capacity_stops_the_kernel(void **state)
{
    (void)state;
    assert_non_null(mn_host_panic_of(init_with, &(uint32_t){ 0 }));
    assert_non_null(mn_host_panic_of(init_with, &(uint32_t){ MN_CHANNEL_CAPACITY_MAX + 1 }));
}

/* ---- Waiting senders ---- */

static void fill_so_that_all_wait(void)
{
    begin(1, SENDERS, 1);
    mn_host_settle();
    assert_int_equal(mn_channel_count(&mail.channel), 1);
    for (uint32_t i = 0; i < SENDERS; i++)
        assert_int_equal(senders[i].wait.state, MN_WAIT_QUEUED);
}

static void a_free_place_wakes_one_sender_and_is_kept_for_it(void **state)
{
    (void)state;
    struct letter letter;
    uint32_t      polls[SENDERS];
    fill_so_that_all_wait();
    struct sender *oldest = MN_CONTAINER_OF(mail.channel.places.head, struct sender, wait);
    for (uint32_t i = 0; i < SENDERS; i++)
        polls[i] = senders[i].task.polls;
    assert_int_equal(letters_try_receive(&mail, &letter), MN_OK);
    assert_int_equal(letters_try_send(&mail, &letter), MNEMOS_ERR_WOULD_WAIT);
    mn_host_settle();
    for (uint32_t i = 0; i < SENDERS; i++)
        assert_int_equal(senders[i].task.polls > polls[i], &senders[i] == oldest);
    assert_int_equal(letters_try_receive(&mail, &letter), MN_OK);
    assert_int_equal(letter.sender, oldest->letter.sender);
}

static void a_place_kept_for_who_gives_up_goes_to_the_next(void **state)
{
    (void)state;
    struct letter letter;
    fill_so_that_all_wait();
    struct mn_wait *oldest = mail.channel.places.head, *next = oldest->next;
    assert_int_equal(letters_try_receive(&mail, &letter), MN_OK);
    assert_int_equal(oldest->state, MN_WAIT_SERVED);
    mn_channel_send_cancel(&mail.channel, oldest);
    assert_int_equal(next->state, MN_WAIT_SERVED);
}

static void a_place_kept_for_a_sender_is_gone_when_the_channel_closes(void **state)
{
    (void)state;
    struct letter letter;
    fill_so_that_all_wait();
    assert_int_equal(letters_try_receive(&mail, &letter), MN_OK);
    mn_channel_close(&mail.channel);
    mn_host_settle();
    for (uint32_t i = 0; i < SENDERS; i++)
        assert_int_equal(senders[i].err, MNEMOS_ERR_GONE);
    assert_int_equal(mn_channel_count(&mail.channel), 0);
}

static void a_receiver_that_gave_up_is_not_woken(void **state)
{
    (void)state;
    begin(1, 0, 1);
    start_receiver();
    mn_host_settle();
    mn_channel_receive_cancel(&mail.channel);
    assert_int_equal(letters_try_send(&mail, &(struct letter){ 0 }), MN_OK);
    assert_false(mn_executor_ready());
}

static uint32_t points, strike_at;

static void send_at_one_point(void *unused)
{
    (void)unused;
    if (points++ == strike_at)
        assert_int_equal(letters_try_send(&mail, &(struct letter){ INTERRUPT, 0 }), MN_OK);
}

static void a_message_at_any_point_of_a_wait_is_received(void **state)
{
    (void)state;
    for (strike_at = 0; strike_at < 30; strike_at++) {
        mn_host_reset();
        begin(1, 0, 1);
        points = 0;
        mn_host_on_point(send_at_one_point, NULL);
        start_receiver();
        mn_host_settle();
        while (points <= strike_at)
            mn_hook_point();
        mn_host_on_point(NULL, NULL);
        mn_host_settle();
        assert_int_equal(receiver.count, 1);
    }
}

static void leave(void *unused)
{
    (void)unused;
    mn_channel_leave(&mail.channel);
}

static void leaving_without_joining_stops_the_kernel(void **state)
{
    (void)state;
    begin(1, 0, 1);
    assert_non_null(mn_host_panic_of(leave, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MN_SEEDED(nothing_is_lost_doubled_or_reordered),
        MN_SEEDED(abandoned_letters_harm_nobody),
        MN_TEST(closing_at_any_time_loses_nothing_that_was_sent),
        MN_TEST(every_capacity_holds_that_many),
        MN_TEST(the_largest_capacity_holds_that_many),
        MN_TEST(no_capacity_stops_the_kernel),
        MN_TEST(a_free_place_wakes_one_sender_and_is_kept_for_it),
        MN_TEST(a_place_kept_for_who_gives_up_goes_to_the_next),
        MN_TEST(a_place_kept_for_a_sender_is_gone_when_the_channel_closes),
        MN_TEST(a_receiver_that_gave_up_is_not_woken),
        MN_TEST(a_message_at_any_point_of_a_wait_is_received),
        MN_TEST(leaving_without_joining_stops_the_kernel),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
