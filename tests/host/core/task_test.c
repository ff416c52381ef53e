/* task_test.c — the executor. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/core/task.h"
#include "kernel/arch/host/host.h"
#include "kernel/core/hooks.h"
#include "seeds.h"
#include <stdlib.h>
#include <string.h>

/* A task that does what the test tells it, and leaves its letter each time it is polled. */
static char     trail[64];
static uint32_t trail_len;

struct actor {
    struct mn_task task;
    char           letter;
    uint32_t       polls;
    mn_err         answer;
    void         (*act)(struct actor *self);
    struct actor  *other;
};

static mn_err actor_poll(struct mn_task *task, struct mn_cx *cx)
{
    struct actor *self = MN_CONTAINER_OF(task, struct actor, task);
    assert_ptr_equal(cx->task, task);
    assert_ptr_equal(mn_task_current(), task);
    self->polls++;
    if (trail_len < sizeof trail - 1)
        trail[trail_len++] = self->letter;
    if (self->act)
        self->act(self);
    return self->answer;
}

static void trail_clear(void)
{
    memset(trail, 0, sizeof trail);
    trail_len = 0;
}

/* Start an actor and let its first poll pass. */
static void actor_start(struct actor *actor, char letter, void (*act)(struct actor *self))
{
    *actor = (struct actor){ .letter = letter, .answer = MN_PENDING };
    mn_task_start(&actor->task, "actor", actor_poll);
    mn_host_settle();
    actor->act = act;
    actor->polls = 0;
    trail_clear();
}

static void wakes_other(struct actor *self) { mn_task_wake(&self->other->task); }
static void wakes_itself(struct actor *self) { mn_task_wake(&self->task); }
static void takes_3_ms(struct actor *self) { (void)self; mn_host_advance(3000); }

static void a_started_task_is_polled_once(void **state)
{
    (void)state;
    struct actor actor = { .letter = 'a', .answer = MN_PENDING };
    mn_task_start(&actor.task, "actor", actor_poll);
    assert_true(mn_executor_ready());
    assert_false(mn_executor_tick());
    assert_false(mn_executor_tick());
    assert_int_equal(actor.polls, 1);
    assert_null(mn_task_current());
}

static void two_wakes_before_a_poll_are_one(void **state)
{
    (void)state;
    struct actor actor;
    actor_start(&actor, 'a', NULL);
    mn_task_wake(&actor.task);
    mn_task_wake(&actor.task);
    mn_host_settle();
    assert_int_equal(actor.polls, 1);
    assert_int_equal(actor.task.wakes, 3);
}

static void a_wake_asks_for_a_pass_of_the_executor(void **state)
{
    (void)state;
    struct actor actor;
    actor_start(&actor, 'a', NULL);
    mn_host_pended();
    mn_task_wake(&actor.task);
    assert_true(mn_host_pended());
}

static void tasks_are_polled_in_the_order_of_their_wakes(void **state)
{
    (void)state;
    struct actor a, b, c;
    actor_start(&a, 'a', NULL);
    actor_start(&b, 'b', NULL);
    actor_start(&c, 'c', NULL);
    mn_task_wake(&c.task);
    mn_task_wake(&a.task);
    mn_task_wake(&b.task);
    mn_task_wake(&c.task);
    mn_executor_tick();
    assert_string_equal(trail, "cab");
}

static void a_round_polls_only_what_was_ready_at_its_start(void **state)
{
    (void)state;
    struct actor a, b;
    actor_start(&a, 'a', wakes_other);
    actor_start(&b, 'b', wakes_other);
    a.other = &b;
    b.other = &a;
    mn_task_wake(&a.task);
    assert_true(mn_executor_tick());
    assert_string_equal(trail, "a");
    assert_true(mn_executor_tick());
    assert_string_equal(trail, "ab");
}

static void a_task_that_wakes_itself_waits_for_serve_later(void **state)
{
    (void)state;
    struct actor a;
    actor_start(&a, 'a', wakes_itself);
    mn_task_wake(&a.task);
    assert_false(mn_executor_tick());
    assert_false(mn_executor_ready());
    assert_false(mn_executor_tick());
    assert_int_equal(a.polls, 1);
    assert_true(mn_executor_serve_later());
    assert_false(mn_executor_serve_later());
    mn_executor_tick();
    assert_int_equal(a.polls, 2);
}

static void somebody_elses_wake_overtakes_the_own_one(void **state)
{
    (void)state;
    struct actor a, b;
    actor_start(&a, 'a', wakes_itself);
    actor_start(&b, 'b', wakes_other);
    b.other = &a;
    mn_task_wake(&a.task);
    mn_executor_tick();
    assert_false(mn_executor_ready());
    mn_task_wake(&b.task);
    assert_true(mn_executor_tick());
    a.act = NULL;
    assert_false(mn_executor_tick());
    assert_string_equal(trail, "aba");
    assert_false(mn_executor_serve_later());
}

static struct actor *struck;
static uint32_t      strike_at, points;

static void wake_at_one_point(void *owner)
{
    (void)owner;
    if (points++ == strike_at)
        mn_task_wake(&struck->task);
}

static void an_interrupt_during_the_own_poll_is_not_an_own_wake(void **state)
{
    (void)state;
    struct actor a, b;
    actor_start(&b, 'b', NULL);
    actor_start(&a, 'a', wakes_other); /* that wake has points where the interrupt strikes */
    a.other = &b;
    struck = &a;
    mn_task_wake(&a.task);
    mn_host_on_point(wake_at_one_point, NULL);
    bool again = false;
    for (strike_at = 0; strike_at < 20; strike_at++) {
        points = 0;
        a.polls = 0;
        mn_task_wake(&a.task);
        while (mn_executor_tick())
            continue;
        again |= a.polls == 2;
        assert_false(mn_executor_serve_later());
    }
    assert_true(again);
}

static void is_struck_once(struct actor *self)
{
    strike_at = points = 0;
    struck = self;
    self->act = NULL;
    mn_host_on_point(wake_at_one_point, NULL);
    mn_hook_point();
    mn_host_on_point(NULL, NULL);
}

static void an_interrupts_wake_of_the_polled_task_asks_for_a_pass(void **state)
{
    (void)state;
    struct actor a;
    actor_start(&a, 'a', is_struck_once);
    mn_task_wake(&a.task);
    mn_host_pended();
    assert_true(mn_executor_tick());
    assert_true(mn_host_pended());
}

static void a_finished_task_stays_finished(void **state)
{
    (void)state;
    struct actor a;
    actor_start(&a, 'a', NULL);
    a.answer = MN_OK;
    mn_task_wake(&a.task);
    mn_host_settle();
    assert_true(a.task.done);
    mn_task_wake(&a.task);
    mn_host_settle();
    assert_int_equal(a.polls, 1);
    assert_null(mn_task_after(NULL));
}

/* Whatever wakes it in its last poll: afterwards its memory is its owner's, which the sanitizer checks. */
static void the_memory_of_a_finished_task_may_be_freed(void **state)
{
    (void)state;
    struct actor *a = malloc(sizeof *a), b, c;
    actor_start(&b, 'b', NULL);
    actor_start(a, 'a', wakes_itself);
    actor_start(&c, 'c', NULL);
    a->answer = -1;
    mn_task_wake(&b.task);
    mn_task_wake(&a->task);
    mn_task_wake(&c.task);
    mn_executor_tick();
    assert_true(a->task.done);
    free(a);
    c.act = wakes_itself; /* into the list where it was last */
    mn_task_wake(&c.task);
    mn_executor_tick();
    assert_string_equal(trail, "bacc");
}

static void a_task_cancelled_between_others_leaves_their_order(void **state)
{
    (void)state;
    struct actor actors[4];
    for (int i = 0; i < 4; i++)
        actor_start(&actors[i], (char)('a' + i), NULL);
    for (int i = 0; i < 3; i++)
        mn_task_wake(&actors[i].task);
    mn_task_cancel(&actors[1].task); /* the middle one */
    mn_task_wake(&actors[3].task);
    mn_host_settle();
    assert_string_equal(trail, "acd");

    trail_clear();
    mn_task_wake(&actors[0].task);
    mn_task_wake(&actors[2].task);
    mn_task_cancel(&actors[2].task); /* the last one */
    mn_task_wake(&actors[3].task);
    mn_host_settle();
    assert_string_equal(trail, "ad");
}

static void a_slow_poll_is_counted_with_the_line_where_it_resumed(void **state)
{
    (void)state;
    struct actor a;
    actor_start(&a, 'a', takes_3_ms);
    a.task.co.at = 77;
    mn_task_wake(&a.task);
    mn_host_settle();
    assert_int_equal(a.task.overruns, 1);
    assert_int_equal(a.task.slow_line, 77);
    assert_int_equal(mn_task_busy_us(&a.task), 3000);
}

static void all_tasks_can_be_walked(void **state)
{
    (void)state;
    struct actor a, b;
    uint32_t     seen = 0;
    actor_start(&a, 'a', NULL);
    actor_start(&b, 'b', NULL);
    for (const struct mn_task *task = mn_task_after(NULL); task; task = mn_task_after(task))
        seen |= task == &a.task ? 1u : task == &b.task ? 2u : 4u;
    assert_int_equal(seen, 3);
}

/* ---- No wake is lost, wherever the interrupt strikes ---- */

struct worker { struct mn_task task; uint32_t done_work; };

static uint32_t       work_given, work_seed;
static struct worker *worker;

static mn_err worker_poll(struct mn_task *task, struct mn_cx *cx)
{
    struct worker *self = MN_CONTAINER_OF(task, struct worker, task);
    self->done_work = work_given;
    if (mn_host_random_next(&work_seed) % 4 == 0)
        mn_task_wake(cx->task);
    return MN_PENDING;
}

static void give_work(void *owner)
{
    (void)owner;
    if (mn_host_random_next(&work_seed) % 3 == 0) {
        work_given++;
        mn_task_wake(&worker->task);
    }
}

static void no_interrupts_wake_is_lost(uint32_t seed)
{
    struct worker self = { 0 };
    struct actor  noise[3];

    worker = &self;
    work_seed = seed;
    work_given = 0;
    for (uint32_t i = 0; i < 3; i++)
        actor_start(&noise[i], 'n', NULL);
    mn_task_start(&self.task, "worker", worker_poll);
    mn_host_on_point(give_work, NULL);
    for (uint32_t round = 0; round < 100; round++) {
        mn_task_wake(&noise[round % 3].task);
        mn_executor_tick();
    }
    mn_host_on_point(NULL, NULL);
    mn_host_settle();
    assert_true(work_given > 50);
    assert_int_equal(self.done_work, work_given);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MN_TEST(a_started_task_is_polled_once),
        MN_TEST(two_wakes_before_a_poll_are_one),
        MN_TEST(a_wake_asks_for_a_pass_of_the_executor),
        MN_TEST(tasks_are_polled_in_the_order_of_their_wakes),
        MN_TEST(a_round_polls_only_what_was_ready_at_its_start),
        MN_TEST(a_task_that_wakes_itself_waits_for_serve_later),
        MN_TEST(somebody_elses_wake_overtakes_the_own_one),
        MN_TEST(an_interrupt_during_the_own_poll_is_not_an_own_wake),
        MN_TEST(an_interrupts_wake_of_the_polled_task_asks_for_a_pass),
        MN_TEST(a_finished_task_stays_finished),
        MN_TEST(the_memory_of_a_finished_task_may_be_freed),
        MN_TEST(a_task_cancelled_between_others_leaves_their_order),
        MN_TEST(a_slow_poll_is_counted_with_the_line_where_it_resumed),
        MN_TEST(all_tasks_can_be_walked),
        MN_SEEDED(no_interrupts_wake_is_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
