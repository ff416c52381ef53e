/* alloc_line_test.c — a full heap, and tasks that want memory of mixed sizes from it: each is served. For thousands of
 * seeds, see CMakeLists.txt. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/arch/host/host.h"
#include "kernel/core/alloc.h"
#include "kernel/core/hooks.h"
#include "seeds.h"
#include <string.h>

#define WAITERS 12u
#define BLOCKS  256u

struct waiter { struct mn_task task; struct mn_alloc wait; void *block; size_t len; mn_err err; };

static _Alignas(8) uint8_t memory[4096];
static struct waiter       waiters[WAITERS];
static void               *blocks[BLOCKS]; /* of others; interrupts free those from `kept` on */
static uint32_t            n_blocks, kept, random_state;

static uint32_t random_below(uint32_t bound)
{
    return mn_host_random_next(&random_state) % bound;
}

static mn_err waiter_poll(struct mn_task *task, struct mn_cx *cx)
{
    struct waiter *self = MN_CONTAINER_OF(task, struct waiter, task);
    MN_BEGIN(&task->co);
    MN_AWAIT(self->err = mn_alloc_poll(&self->wait, cx, self->len, MN_ALLOC_DEFAULT, &self->block));
    MN_END();
}

static void run_a_round(void)
{
    mn_executor_tick();
    (void)mn_executor_serve_later();
}

static void fill_the_heap(void)
{
    for (uint32_t most = 400; most; most /= 2)
        while (n_blocks < BLOCKS && (blocks[n_blocks] = mn_heap_try(random_below(most) + 1)))
            n_blocks++;
    kept = n_blocks;
}

/* Anything between nearly nothing and all there can be. */
static void queue_up(void)
{
    for (uint32_t i = 0; i < WAITERS; i++) {
        waiters[i] = (struct waiter){ .len = 16u + random_below(400), .err = MN_PENDING };
        if (random_below(6) == 0)
            waiters[i].len = mn_heap_stats().capacity - random_below(100);
        mn_task_start(&waiters[i].task, "waiter", waiter_poll);
        if (random_below(2))
            run_a_round();
    }
    run_a_round();
}

static void free_in_interrupt(void *unused)
{
    (void)unused;
    if (n_blocks > kept && random_below(2))
        mn_heap_free(blocks[--n_blocks]);
}

/* Who got something looks at it, and gives it back. Answers how many. */
static uint32_t collect(void)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < WAITERS; i++) {
        uint8_t *block = waiters[i].block;
        if (!block)
            continue;
        for (size_t at = 0; at < waiters[i].len; at++)
            assert_int_equal(block[at], 0);
        memset(block, 0x77, waiters[i].len);
        mn_heap_free(block);
        waiters[i].block = NULL;
        n++;
    }
    return n;
}

static void each_of_a_mixed_line_is_served(uint32_t seed)
{
    random_state = seed;
    n_blocks = 0;
    memset(memory, 0xee, sizeof memory);
    mn_heap_reset(memory, sizeof memory);
    fill_the_heap();
    queue_up();
    assert_int_equal(mn_alloc_stats().waiting, WAITERS);
    mn_host_on_point(free_in_interrupt, NULL);
    for (uint32_t rounds = 0, served = 0; served < WAITERS; rounds++) {
        assert_true(rounds < 2000); /* time stands still: no deadline helps */
        uint32_t what = random_below(4);
        if (what == 0 && kept)
            kept--; /* the next interrupts give it back */
        else if (what == 1 && kept == n_blocks && n_blocks)
            mn_heap_free(blocks[kept = --n_blocks]);
        else if (what == 2)
            mn_heap_free(mn_heap_try(random_below(200))); /* past those who wait, as often as it may */
        run_a_round();
        served += collect();
        mn_hook_point();
    }
    mn_host_on_point(NULL, NULL);
    while (n_blocks)
        mn_heap_free(blocks[--n_blocks]);
    for (uint32_t i = 0; i < WAITERS; i++)
        assert_int_equal(waiters[i].err, MN_OK);
    assert_int_equal(mn_alloc_stats().served, WAITERS);
    assert_int_equal(mn_alloc_stats().late, 0);
    assert_int_equal(mn_alloc_stats().waiting, 0);
    assert_int_equal(mn_heap_stats().free, mn_heap_stats().total);
    assert_true(mn_timer_next_us() == MN_TIME_NEVER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MN_SEEDED(each_of_a_mixed_line_is_served),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
