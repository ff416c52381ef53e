/* alloc_test.c — waiting for memory: everybody is served, nobody is passed too often, nobody can stop the others. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/core/alloc.h"
#include "kernel/arch/host/host.h"
#include "kernel/core/hooks.h"
#include "seeds.h"
#include <mnemos/abi/error.h>
#include <string.h>

#define EATERS 8u
#define HOLD   4u

static _Alignas(8) uint8_t memory[4096];
static uint32_t            random_state;
static void               *for_interrupts[64]; /* to be freed by them */

static uint32_t random_below(uint32_t bound)
{
    return mn_host_random_next(&random_state) % bound;
}

static void begin(uint32_t seed)
{
    random_state = seed;
    memset(for_interrupts, 0, sizeof for_interrupts);
    memset(memory, 0xee, sizeof memory);
    mn_heap_reset(memory, sizeof memory);
}

static void free_from_interrupt(void *unused)
{
    (void)unused;
    uint32_t i = random_below(64);
    if (for_interrupts[i] && random_below(2)) {
        void *freed = for_interrupts[i];
        for_interrupts[i] = NULL;
        mn_heap_free(freed);
    }
}

/* Now or later, here or in an interrupt. */
static void free_somehow(void *block)
{
    uint32_t i = random_below(64);
    if (random_below(2) && !for_interrupts[i])
        for_interrupts[i] = block;
    else
        mn_heap_free(block);
}

static void free_rest(void)
{
    for (uint32_t i = 0; i < 64; i++) {
        mn_heap_free(for_interrupts[i]);
        for_interrupts[i] = NULL;
    }
}

static void assert_nothing_left(void)
{
    struct mn_heap_stats stats = mn_heap_stats();
    assert_int_equal(stats.allocations, 0);
    assert_int_equal(stats.free, stats.total);
    assert_int_equal(mn_alloc_stats().waiting, 0);
    assert_true(mn_timer_next_us() == MN_TIME_NEVER);
}

/* ---- Tasks that want memory of any size, hold some of it, and give it back ---- */

struct eater { struct mn_task task; struct mn_alloc wait; void *block, *held[HOLD]; size_t len; mn_err err; uint32_t meals; };
static struct eater eaters[EATERS];

static size_t random_len(void)
{
    return random_below(10) ? random_below(600) : mn_heap_stats().capacity - random_below(800);
}

static void check_block(const uint8_t *block, size_t len)
{
    for (size_t i = 0; i < len; i++)
        assert_int_equal(block[i], 0);
}

static void eat(struct eater *self)
{
    check_block(self->block, self->len);
    memset(self->block, 0xaa, self->len);
    void **place = &self->held[random_below(HOLD)];
    if (*place)
        free_somehow(*place);
    *place = self->block;
    self->meals++;
}

/* Nobody may wait while holding what others wait for: that would be their fault and not the line's. */
static void spit(struct eater *self)
{
    for (uint32_t i = 0; i < HOLD; i++) {
        if (self->held[i])
            free_somehow(self->held[i]);
        self->held[i] = NULL;
    }
}

static mn_err eater_poll(struct mn_task *task, struct mn_cx *cx)
{
    struct eater *self = MN_CONTAINER_OF(task, struct eater, task);
    MN_BEGIN(&task->co);
    while (self->meals < 30) {
        self->len = random_len();
        if (random_below(3) == 0) {
            self->block = mn_heap_try(self->len); /* without waiting, perhaps past those who do */
            self->err = self->block ? MN_OK : MNEMOS_ERR_NO_MEMORY;
        } else {
            spit(self);
            MN_AWAIT(self->err = mn_alloc_poll(&self->wait, cx, self->len, MN_ALLOC_DEFAULT, &self->block));
            assert_int_equal(self->err, MN_OK);
        }
        if (self->err == MN_OK)
            eat(self);
        MN_YIELD(cx);
    }
    spit(self);
    MN_END();
}

static void assert_nobody_is_passed_too_often(void)
{
    for (uint32_t i = 0; i < EATERS; i++)
        if (eaters[i].wait.state == MN_ALLOC_WAITING)
            assert_true(mn_alloc_stats().passes - eaters[i].wait.passes_before + eaters[i].wait.passed
                        <= MN_ALLOC_PASSES);
}

static void everybody_is_served(uint32_t seed)
{
    begin(seed);
    for (uint32_t i = 0; i < EATERS; i++) {
        eaters[i] = (struct eater){ .err = MN_PENDING };
        mn_task_start(&eaters[i].task, "eater", eater_poll);
    }
    mn_host_on_point(free_from_interrupt, NULL);
    for (uint32_t rounds = 0; mn_task_after(NULL); rounds++) {
        assert_true(rounds < 20000); /* time stands still: no deadline helps */
        mn_executor_tick();
        (void)mn_executor_serve_later();
        assert_nobody_is_passed_too_often();
        mn_hook_point();
    }
    mn_host_on_point(NULL, NULL);
    free_rest();
    assert_true(mn_alloc_stats().served > 20);
    assert_int_equal(mn_alloc_stats().late, 0);
    assert_nothing_left();
}

/* ---- One waiter ---- */

static struct { struct mn_task task; struct mn_alloc wait; void *block; mn_err err; size_t len; uint64_t deadline; } waiter;

static mn_err waiter_poll(struct mn_task *task, struct mn_cx *cx)
{
    MN_BEGIN(&task->co);
    MN_AWAIT(waiter.err = mn_alloc_poll(&waiter.wait, cx, waiter.len, waiter.deadline, &waiter.block));
    MN_END();
}

static void wait_for(size_t len, uint64_t deadline)
{
    memset(&waiter, 0, sizeof waiter);
    waiter.len = len;
    waiter.deadline = deadline;
    mn_task_start(&waiter.task, "waiter", waiter_poll);
    mn_host_settle();
}

static void *fill(void)
{
    begin(1);
    return mn_heap_try(mn_heap_stats().largest - 100);
}

static void more_than_there_can_be_is_refused_at_once(void **state)
{
    (void)state;
    begin(1);
    size_t capacity = mn_heap_stats().capacity;
    wait_for(capacity, MN_ALLOC_DEFAULT);
    assert_int_equal(waiter.err, MN_OK);
    mn_heap_free(waiter.block);
    wait_for(capacity + 1, MN_ALLOC_DEFAULT);
    assert_int_equal(waiter.err, MNEMOS_ERR_TOO_BIG);
    wait_for(SIZE_MAX, MN_ALLOC_DEFAULT);
    assert_int_equal(waiter.err, MNEMOS_ERR_TOO_BIG);
    void *for_ever = mn_heap_try(1000);
    assert_non_null(for_ever);
    mn_heap_seal();
    assert_int_equal(mn_heap_stats().capacity, capacity - 1000 - MN_HEAP_OVERHEAD);
    wait_for(mn_heap_stats().capacity + 1, MN_ALLOC_DEFAULT);
    assert_int_equal(waiter.err, MNEMOS_ERR_TOO_BIG);
    wait_for(mn_heap_stats().capacity, MN_ALLOC_DEFAULT);
    assert_int_equal(waiter.err, MN_OK);
}

/* What stopped the predecessor for ever: a request that nobody can satisfy keeps others from what is there only until its
 * deadline. */
static void one_out_of_luck_stops_the_others_only_until_its_deadline(void **state)
{
    (void)state;
    void *most = fill();
    wait_for(1000, MN_ALLOC_DEFAULT);
    for (uint32_t i = 0; i < MN_ALLOC_PASSES; i++) {
        void *small = mn_heap_try(16);
        assert_non_null(small);
        mn_heap_free(small);
    }
    assert_null(mn_heap_try(16));
    mn_host_run_until(MN_ALLOC_DEFAULT_US - 1);
    assert_int_equal(waiter.err, MN_PENDING);
    assert_null(mn_heap_try(16));
    mn_host_run_until(MN_ALLOC_DEFAULT_US);
    assert_int_equal(waiter.err, MNEMOS_ERR_NO_MEMORY);
    assert_int_equal(mn_alloc_stats().late, 1);
    void *small = mn_heap_try(16);
    assert_non_null(small);
    mn_heap_free(small);
    mn_heap_free(most);
    assert_nothing_left();
}

/* Not even while the gate is shut, and it is none of those who pass. */
static void an_impossible_request_is_in_nobodys_way(void **state)
{
    (void)state;
    void *most = fill(), *block;
    wait_for(1000, MN_ALLOC_DEFAULT);
    struct mn_task        other = { .name = "other", .state = MN_TASK_IDLE };
    struct mn_cx          cx = { .task = &other };
    struct mn_alloc_stats before = mn_alloc_stats();
    for (uint32_t i = 0; i < 2 * MN_ALLOC_PASSES; i++) {
        struct mn_alloc wait = { 0 };
        assert_int_equal(mn_alloc_poll(&wait, &cx, mn_heap_stats().capacity + 1, MN_ALLOC_DEFAULT, &block),
                         MNEMOS_ERR_TOO_BIG);
        assert_null(mn_heap_try(SIZE_MAX));
        assert_int_equal(wait.state, MN_ALLOC_IDLE);
        mn_alloc_cancel(&wait);
        struct mn_alloc_stats after = mn_alloc_stats();
        assert_memory_equal(&before, &after, sizeof before);
    }
    for (uint32_t i = 0; i < MN_ALLOC_PASSES; i++)
        mn_heap_free(mn_heap_try(16));
    assert_null(mn_heap_try(16)); /* the gate is shut */
    struct mn_alloc wait = { 0 };
    assert_int_equal(mn_alloc_poll(&wait, &cx, SIZE_MAX, MN_ALLOC_DEFAULT, &block), MNEMOS_ERR_TOO_BIG);
    mn_heap_free(most);
    mn_host_settle();
    assert_int_equal(waiter.err, MN_OK);
    mn_heap_free(waiter.block);
    assert_nothing_left();
}

static void any_size_can_be_waited_for(void **state)
{
    (void)state;
    begin(1);
    const size_t sizes[] = { 0, 1, 7, 8, 9, mn_heap_stats().capacity };
    for (uint32_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        void *all = mn_heap_try(mn_heap_stats().largest);
        assert_non_null(all);
        wait_for(sizes[i], MN_ALLOC_DEFAULT);
        assert_int_equal(waiter.err, MN_PENDING);
        mn_heap_free(all);
        mn_host_settle();
        assert_int_equal(waiter.err, MN_OK);
        check_block(waiter.block, sizes[i]);
        mn_heap_free(waiter.block);
        assert_nothing_left();
    }
}

static void failing_attempts_do_not_shut_the_gate(void **state)
{
    (void)state;
    void *most = fill();
    wait_for(1000, MN_ALLOC_DEFAULT);
    for (uint32_t i = 0; i < 2 * MN_ALLOC_PASSES; i++)
        assert_null(mn_heap_try(500));
    void *small = mn_heap_try(16);
    assert_non_null(small);
    mn_heap_free(small);
    mn_heap_free(most);
    mn_host_settle();
    assert_int_equal(waiter.err, MN_OK);
    assert_int_equal(mn_alloc_stats().passes, 1);
}

static void a_deadline_that_is_past_does_not_wait(void **state)
{
    (void)state;
    mn_host_set_time(5000);
    void *most = fill();
    wait_for(1000, 5000);
    assert_int_equal(waiter.err, MNEMOS_ERR_NO_MEMORY);
    wait_for(16, 1); /* but what is there is given */
    assert_int_equal(waiter.err, MN_OK);
    mn_heap_free(waiter.block);
    wait_for(1000, UINT64_MAX);
    mn_host_run_until(1ull << 40);
    assert_int_equal(waiter.err, MN_PENDING);
    mn_heap_free(most);
    mn_host_settle();
    assert_int_equal(waiter.err, MN_OK);
    mn_heap_free(waiter.block);
    assert_nothing_left();
}

/* The one at the head has shut the gate and goes away: the others need not wait for anything else. */
static void the_gate_opens_when_the_head_gives_up(void **state)
{
    (void)state;
    void           *most = fill();
    struct mn_task  other = { .name = "other", .state = MN_TASK_IDLE };
    struct mn_cx    cx = { .task = &other };
    struct mn_alloc head = { 0 };
    void           *block;
    assert_int_equal(mn_alloc_poll(&head, &cx, 1000, MN_ALLOC_DEFAULT, &block), MN_PENDING);
    for (uint32_t i = 0; i < MN_ALLOC_PASSES; i++)
        mn_heap_free(mn_heap_try(16));
    wait_for(16, MN_ALLOC_DEFAULT);
    assert_int_equal(waiter.err, MN_PENDING);
    mn_alloc_cancel(&head);
    mn_alloc_cancel(&head);
    mn_host_settle();
    assert_int_equal(waiter.err, MN_OK);
    mn_heap_free(waiter.block);
    mn_heap_free(most);
    assert_nothing_left();
}

static void an_abandoned_wait_frees_what_it_got(void **state)
{
    (void)state;
    void *most = fill();
    wait_for(1000, MN_ALLOC_DEFAULT);
    mn_heap_free(most);
    mn_heap_drain();
    assert_int_equal(waiter.wait.state, MN_ALLOC_SERVED);
    mn_alloc_cancel(&waiter.wait);
    assert_nothing_left();
}

static void a_wait_taken_over_by_another_task_wakes_that_one(void **state)
{
    (void)state;
    struct mn_task  first = { .name = "first" }, second = { .name = "second" };
    struct mn_cx    cx = { .task = &first }, other = { .task = &second };
    struct mn_alloc wait = { 0 };
    void           *all = fill(), *block;

    assert_int_equal(mn_alloc_poll(&wait, &cx, 256, 1000, &block), MN_PENDING);
    assert_int_equal(mn_alloc_poll(&wait, &other, 256, 1000, &block), MN_PENDING);
    assert_ptr_equal(wait.timer.task, &second);
    mn_alloc_cancel(&wait);
    assert_true(mn_timer_next_us() == MN_TIME_NEVER);
    mn_heap_free(all);
}

static void freeing_asks_for_a_pass_when_somebody_waits(void **state)
{
    (void)state;
    void *most = fill();
    wait_for(1000, MN_ALLOC_DEFAULT);
    mn_host_pended();
    mn_heap_free(most);
    assert_true(mn_host_pended());
    mn_host_settle();
    assert_int_equal(waiter.err, MN_OK);
    mn_host_pended();
    mn_heap_free(waiter.block);
    assert_false(mn_host_pended()); /* nobody does any more */
}

static void *freed_by_strike;

static void free_once(void *unused)
{
    (void)unused;
    mn_host_on_point(NULL, NULL);
    mn_heap_free(freed_by_strike);
}

static void an_interrupt_that_frees_serves_the_waiter(void **state)
{
    (void)state;
    freed_by_strike = fill();
    wait_for(1000, MN_ALLOC_DEFAULT);
    mn_host_pended();
    mn_host_on_point(free_once, NULL);
    mn_hook_point();
    assert_true(mn_host_pended());
    mn_host_settle();
    assert_int_equal(waiter.err, MN_OK);
}

static uint32_t countdown;

static void free_at_countdown(void *unused)
{
    (void)unused;
    if (--countdown == 0)
        free_once(NULL);
}

/* What interrupts freed is taken once: what comes while it is given back is for the next time. */
static void giving_back_ends_with_what_was_there_when_it_began(void **state)
{
    (void)state;
    uint32_t left = 0;
    for (uint32_t n = 1, more = true; more; n++) {
        begin(1);
        void *first = mn_heap_try(40), *second = mn_heap_try(40), *most = mn_heap_try(mn_heap_stats().largest);
        wait_for(1000, MN_ALLOC_DEFAULT);
        freed_by_strike = first;
        mn_host_on_point(free_once, NULL);
        mn_hook_point();
        freed_by_strike = second;
        countdown = n;
        mn_host_on_point(free_at_countdown, NULL);
        mn_heap_drain();
        mn_host_on_point(NULL, NULL);
        more = countdown == 0;
        left += mn_heap_owes();
        mn_heap_drain();
        assert_false(mn_heap_owes());
        assert_int_equal(mn_heap_stats().allocations, more ? 1 : 2);
        mn_heap_free(most);
        mn_host_settle();
        assert_int_equal(waiter.err, MN_OK);
    }
    assert_true(left > 1);
}

/* ---- A line of several, who ask themselves ---- */

#define LINE 4u

static struct mn_task  asking;
static struct mn_alloc waits[LINE];
static void           *got[LINE];

static mn_err asking_poll(struct mn_task *task, struct mn_cx *cx)
{
    (void)task;
    (void)cx;
    return MN_PENDING;
}

static void begin_asking(void)
{
    memset(waits, 0, sizeof waits);
    memset(&asking, 0, sizeof asking);
    mn_task_start(&asking, "asking", asking_poll);
}

static mn_err ask(uint32_t i, size_t len)
{
    struct mn_cx cx = { .task = &asking };
    return mn_alloc_poll(&waits[i], &cx, len, MN_ALLOC_DEFAULT, &got[i]);
}

/* All want all there is, and there is nothing. */
static void *line_up(void)
{
    mn_host_reset();
    begin(1);
    begin_asking();
    void *all = mn_heap_try(mn_heap_stats().largest);
    for (uint32_t i = 0; i < LINE; i++)
        assert_int_equal(ask(i, mn_heap_stats().capacity), MN_PENDING);
    return all;
}

static void those_who_want_the_same_are_served_in_order(void **state)
{
    (void)state;
    mn_heap_free(line_up());
    for (uint32_t i = 0; i < LINE; i++) {
        mn_heap_drain();
        for (uint32_t k = i; k < LINE; k++)
            assert_int_equal(waits[k].state, k == i ? MN_ALLOC_SERVED : MN_ALLOC_WAITING);
        assert_int_equal(ask(i, 0), MN_OK);
        mn_heap_free(got[i]);
    }
    assert_nothing_left();
}

/* The head, the last, or one between. */
static void whoever_leaves_the_line_is_not_missed(void **state)
{
    (void)state;
    for (uint32_t leaves = 0; leaves < LINE; leaves++) {
        void *all = line_up();
        mn_alloc_cancel(&waits[leaves]);
        assert_int_equal(mn_alloc_stats().waiting, LINE - 1);
        mn_heap_free(all);
        for (uint32_t i = 0; i < LINE; i++) {
            if (i == leaves)
                continue;
            mn_heap_drain();
            assert_int_equal(ask(i, 0), MN_OK);
            mn_heap_free(got[i]);
        }
        assert_int_equal(mn_alloc_stats().served, LINE - 1);
        assert_nothing_left();
    }
}

static void all_of_a_line_may_be_late(void **state)
{
    (void)state;
    void *all = line_up();
    mn_host_set_time(MN_ALLOC_DEFAULT_US - 1);
    for (uint32_t i = 0; i < LINE; i++)
        assert_int_equal(ask(i, 0), MN_PENDING);
    mn_host_set_time(MN_ALLOC_DEFAULT_US);
    for (uint32_t i = 0; i < LINE; i++)
        assert_int_equal(ask(i, 0), MNEMOS_ERR_NO_MEMORY);
    assert_int_equal(mn_alloc_stats().late, LINE);
    assert_int_equal(mn_alloc_stats().served, 0);
    mn_heap_free(all);
    assert_nothing_left();
}

/* A large one is at the head, small ones come and are served, until it is enough. */
static void later_ones_may_pass_but_not_for_ever(void **state)
{
    (void)state;
    void    *most = fill();
    uint32_t passed = 0;
    begin_asking();
    wait_for(1000, MN_TIME_NEVER);
    for (uint32_t i = 0; i < 3 * MN_ALLOC_PASSES; i++) {
        memset(waits, 0, sizeof waits);
        if (ask(0, 16) == MN_OK) {
            mn_heap_free(got[0]);
            passed++;
        } else {
            mn_alloc_cancel(&waits[0]);
        }
    }
    assert_int_equal(passed, MN_ALLOC_PASSES);
    mn_heap_free(most);
    mn_host_settle();
    assert_int_equal(waiter.err, MN_OK);
    mn_heap_free(waiter.block);
    assert_nothing_left();
}

/* ---- Each allocation of a scenario fails once ---- */

static struct { struct mn_task task; struct mn_alloc wait; void *blocks[6]; uint32_t got; mn_err err; } scenario;

static void scenario_end(mn_err err)
{
    while (scenario.got)
        mn_heap_free(scenario.blocks[--scenario.got]);
    scenario.err = err;
}

static mn_err scenario_poll(struct mn_task *task, struct mn_cx *cx)
{
    MN_BEGIN(&task->co);
    while (scenario.got < 6) {
        scenario.err = MN_OK;
        if (scenario.got % 2) {
            scenario.blocks[scenario.got] = mn_heap_try(700);
            scenario.err = scenario.blocks[scenario.got] ? MN_OK : MNEMOS_ERR_NO_MEMORY;
        } else {
            MN_AWAIT(scenario.err = mn_alloc_poll(&scenario.wait, cx, 400, MN_ALLOC_DEFAULT,
                                                  &scenario.blocks[scenario.got]));
        }
        if (scenario.err) {
            scenario_end(scenario.err);
            return scenario.err;
        }
        scenario.got++;
        MN_YIELD(cx);
    }
    scenario_end(MN_OK);
    MN_END();
}

static void each_allocation_that_fails_is_an_error_and_no_leak(void **state)
{
    (void)state;
    uint32_t failures = 0;
    for (uint32_t n = 1; n < 10; n++) {
        begin(n);
        memset(&scenario, 0, sizeof scenario);
        mn_host_fail_allocation(n, n % 2);
        mn_task_start(&scenario.task, "scenario", scenario_poll);
        mn_host_settle();
        assert_int_equal(scenario.err, mn_host_allocation_failed() ? MNEMOS_ERR_NO_MEMORY : MN_OK);
        failures += mn_host_allocation_failed();
        mn_host_fail_allocation(0, false);
        assert_nothing_left();
    }
    assert_int_equal(failures, 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MN_SEEDED(everybody_is_served),
        MN_TEST(an_impossible_request_is_in_nobodys_way),
        MN_TEST(any_size_can_be_waited_for),
        MN_TEST(those_who_want_the_same_are_served_in_order),
        MN_TEST(whoever_leaves_the_line_is_not_missed),
        MN_TEST(all_of_a_line_may_be_late),
        MN_TEST(later_ones_may_pass_but_not_for_ever),
        MN_TEST(giving_back_ends_with_what_was_there_when_it_began),
        MN_TEST(more_than_there_can_be_is_refused_at_once),
        MN_TEST(one_out_of_luck_stops_the_others_only_until_its_deadline),
        MN_TEST(failing_attempts_do_not_shut_the_gate),
        MN_TEST(a_deadline_that_is_past_does_not_wait),
        MN_TEST(the_gate_opens_when_the_head_gives_up),
        MN_TEST(an_abandoned_wait_frees_what_it_got),
        MN_TEST(a_wait_taken_over_by_another_task_wakes_that_one),
        MN_TEST(freeing_asks_for_a_pass_when_somebody_waits),
        MN_TEST(an_interrupt_that_frees_serves_the_waiter),
        MN_TEST(each_allocation_that_fails_is_an_error_and_no_leak),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
