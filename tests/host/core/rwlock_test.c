/* rwlock_test.c — many readers or one writer: who is let in, in which order, and what is left of who gives up. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/core/rwlock.h"
#include "kernel/arch/host/host.h"
#include "kernel/core/task.h"
#include "seeds.h"
#include <mnemos/abi/error.h>
#include <string.h>

#define USERS 8u

static struct mn_rwlock lock;
static uint32_t         reading, writing, turn;

struct user { struct mn_task task; struct mn_share share; bool writes, stays; uint32_t left, turn; mn_err err; };
static struct user users[USERS];

static mn_err share_poll(struct user *self, struct mn_cx *cx)
{
    return self->writes ? mn_rwlock_write_poll(&lock, &self->share, cx) : mn_rwlock_read_poll(&lock, &self->share, cx);
}

static void enter(struct user *self)
{
    *(self->writes ? &writing : &reading) += 1;
    assert_true(writing == 0 || (writing == 1 && reading == 0));
    self->turn = ++turn;
}

static void leave(struct user *self)
{
    *(self->writes ? &writing : &reading) -= 1;
    mn_rwlock_unlock(&lock, &self->share);
}

static mn_err user_poll(struct mn_task *task, struct mn_cx *cx)
{
    struct user *self = MN_CONTAINER_OF(task, struct user, task);
    MN_BEGIN(&task->co);
    while (self->left) {
        self->left--;
        MN_AWAIT(self->err = share_poll(self, cx));
        if (self->err)
            return self->err;
        enter(self);
        do {
            MN_YIELD(cx);
        } while (self->stays);
        leave(self);
    }
    MN_END();
}

/* Each letter is a user that asks in turn and stays inside: r reads, w writes. */
static void begin(const char *kinds)
{
    lock = (struct mn_rwlock){ 0 };
    reading = writing = turn = 0;
    memset(users, 0, sizeof users);
    for (uint32_t i = 0; kinds[i]; i++) {
        users[i] = (struct user){ .writes = kinds[i] == 'w', .stays = true, .left = 1, .err = MN_PENDING };
        mn_task_start(&users[i].task, "user", user_poll);
        mn_executor_tick();
    }
}

static void some_rounds(void)
{
    for (uint32_t i = 0; i < 4; i++) {
        mn_executor_tick();
        (void)mn_executor_serve_later();
    }
}

/* Which of the users are inside now. */
static void assert_inside(const char *expected)
{
    char inside[USERS + 1] = { 0 };
    some_rounds();
    for (uint32_t i = 0; i < USERS && users[i].task.poll; i++)
        inside[i] = users[i].share.state == MN_SHARE_HELD ? (users[i].writes ? 'w' : 'r') : '-';
    assert_string_equal(inside, expected);
}

static void let_out(uint32_t i)
{
    users[i].stays = false;
}

static void readers_share_and_a_writer_is_alone(void **state)
{
    (void)state;
    begin("rrrw");
    assert_inside("rrr-");
    let_out(0);
    let_out(1);
    assert_inside("--r-");
    let_out(2);
    assert_inside("---w");
}

static void a_waiting_writer_stops_new_readers(void **state)
{
    (void)state;
    begin("rwrr");
    assert_inside("r---");
    let_out(0);
    assert_inside("-w--");
    let_out(1);
    assert_inside("--rr"); /* together */
}

static void writers_take_turns_in_the_order_of_asking(void **state)
{
    (void)state;
    begin("wwrw");
    assert_inside("w---");
    let_out(0);
    assert_inside("-w--");
    let_out(1);
    assert_inside("--r-");
    let_out(2);
    assert_inside("---w");
}

static void trying_does_not_overtake(void **state)
{
    (void)state;
    struct mn_share one = { 0 }, other = { 0 };
    begin("r");
    assert_int_equal(mn_rwlock_try_write(&lock, &one), MNEMOS_ERR_WOULD_WAIT);
    assert_int_equal(mn_rwlock_try_read(&lock, &one), MN_OK);
    mn_rwlock_unlock(&lock, &one);
    begin("rw");
    assert_int_equal(mn_rwlock_try_read(&lock, &one), MNEMOS_ERR_WOULD_WAIT); /* a writer waits */
    begin("");
    assert_int_equal(mn_rwlock_try_write(&lock, &one), MN_OK);
    assert_int_equal(mn_rwlock_try_read(&lock, &other), MNEMOS_ERR_WOULD_WAIT);
    mn_rwlock_unlock(&lock, &one);
    mn_rwlock_close(&lock);
    assert_int_equal(mn_rwlock_try_read(&lock, &one), MNEMOS_ERR_GONE);
}

static void stay_away(uint32_t i)
{
    users[i].task.poll = NULL;
    mn_rwlock_cancel(&lock, &users[i].share);
    mn_rwlock_cancel(&lock, &users[i].share);
}

static void a_writer_that_gives_up_lets_the_readers_behind_it_in(void **state)
{
    (void)state;
    begin("rwrr");
    stay_away(1);
    some_rounds();
    for (uint32_t i = 0; i < 4; i++)
        assert_int_equal(users[i].share.state, i == 1 ? MN_SHARE_IDLE : MN_SHARE_HELD);
}

static void who_gives_up_in_the_middle_of_the_line_changes_nothing_else(void **state)
{
    (void)state;
    begin("wrwr");
    stay_away(2);
    let_out(0);
    some_rounds();
    assert_int_equal(users[1].share.state, MN_SHARE_HELD);
    assert_int_equal(users[3].share.state, MN_SHARE_HELD);
}

static void a_lock_given_to_who_gives_up_goes_to_the_next(void **state)
{
    (void)state;
    for (uint32_t looked = 0; looked < 2; looked++) {
        mn_host_reset();
        begin("www");
        mn_rwlock_cancel(&lock, &users[0].share); /* holds it */
        users[0].task.poll = NULL;
        assert_int_equal(users[1].share.state, MN_SHARE_GIVEN);
        if (looked)
            users[1].share.state = MN_SHARE_HELD;
        stay_away(1);
        assert_int_equal(users[2].share.state, MN_SHARE_GIVEN);
        stay_away(2);
        assert_false(lock.written || lock.readers || lock.head);
    }
}

static void a_closed_lock_lets_all_go_that_wait_and_its_holders_unlock(void **state)
{
    (void)state;
    begin("rwr");
    mn_rwlock_close(&lock);
    some_rounds();
    assert_int_equal(users[1].err, MNEMOS_ERR_GONE);
    assert_int_equal(users[2].err, MNEMOS_ERR_GONE);
    let_out(0);
    some_rounds();
    assert_int_equal(lock.readers, 0);
    users[3] = (struct user){ .writes = true, .left = 1 };
    mn_task_start(&users[3].task, "late", user_poll);
    some_rounds();
    assert_int_equal(users[3].err, MNEMOS_ERR_GONE);
}

static void unlock_idle(void *share) { mn_rwlock_unlock(&lock, share); }
static void try_twice(void *share) { assert_int_equal(mn_rwlock_try_read(&lock, share), MN_OK); }

static void a_share_used_wrongly_stops_the_kernel(void **state)
{
    (void)state;
    struct mn_share share = { 0 };
    begin("");
    assert_non_null(mn_host_panic_of(unlock_idle, &share));
    assert_int_equal(mn_rwlock_try_read(&lock, &share), MN_OK);
    assert_non_null(mn_host_panic_of(try_twice, &share));
}

/* Any mixture, some giving up anywhere: enter() sees to it that nobody is where he may not be; at the end it is free. */
static void nobody_starves_and_nobody_meets(uint32_t seed)
{
    uint32_t random = seed;
    begin("");
    for (uint32_t i = 0; i < USERS; i++) {
        users[i] = (struct user){ .writes = mn_host_random_next(&random) % 2, .left = 10, .err = MN_PENDING };
        mn_task_start(&users[i].task, "user", user_poll);
    }
    for (uint32_t round = 0; mn_task_after(NULL); round++) {
        assert_true(round < 5000);
        mn_executor_tick();
        (void)mn_executor_serve_later();
        struct user *user = &users[mn_host_random_next(&random) % USERS];
        if (mn_host_random_next(&random) % 64 || user->task.state == MN_TASK_DONE)
            continue;
        if (user->share.state == MN_SHARE_HELD)
            *(user->writes ? &writing : &reading) -= 1;
        mn_rwlock_cancel(&lock, &user->share);
        mn_task_cancel(&user->task);
    }
    assert_false(lock.written || lock.readers || lock.head);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MN_TEST(readers_share_and_a_writer_is_alone),
        MN_TEST(a_waiting_writer_stops_new_readers),
        MN_TEST(writers_take_turns_in_the_order_of_asking),
        MN_TEST(trying_does_not_overtake),
        MN_TEST(a_writer_that_gives_up_lets_the_readers_behind_it_in),
        MN_TEST(who_gives_up_in_the_middle_of_the_line_changes_nothing_else),
        MN_TEST(a_lock_given_to_who_gives_up_goes_to_the_next),
        MN_TEST(a_closed_lock_lets_all_go_that_wait_and_its_holders_unlock),
        MN_TEST(a_share_used_wrongly_stops_the_kernel),
        MN_SEEDED(nobody_starves_and_nobody_meets),
    };
    return cmocka_run_group_tests_name("rwlock", tests, NULL, NULL);
}
