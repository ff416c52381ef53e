/* channel.c — messages and permits between tasks. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/core/channel.h"
#include "bench/bench.h"
#include "bench/kernel/memory.h"
#include "bench/kernel/rows.h"
#include "kernel/core/heap.h"
#include "kernel/core/semaphore.h"

#define REPEATS 20u

struct large {
    uint8_t bytes[64];
};

MN_CHANNEL(small_channel, uint32_t);
MN_CHANNEL(large_channel, struct large);

static struct small_channel smalls;
static struct large_channel larges;

static void small_messages(void)
{
    static uint32_t slots[4];
    uint32_t message = 7, received;
    mn_err err;
    small_channel_init(&smalls, slots, 4);
    for (uint32_t i = 0; i < REPEATS; i++) {
        BENCH_SAMPLE(err = small_channel_try_send(&smalls, &message));
        MN_ASSERT(!err && !small_channel_try_receive(&smalls, &received));
    }
    bench_row("channel.send_4");
    for (uint32_t i = 0; i < REPEATS; i++) {
        MN_ASSERT(!small_channel_try_send(&smalls, &message));
        BENCH_SAMPLE(err = small_channel_try_receive(&smalls, &received));
        MN_ASSERT(!err && received == message);
    }
    bench_row("channel.receive_4");
}

static void large_messages(void)
{
    static struct large slots[4], message, received;
    mn_err err;
    large_channel_init(&larges, slots, 4);
    for (uint32_t i = 0; i < REPEATS; i++) {
        BENCH_SAMPLE(err = large_channel_try_send(&larges, &message));
        MN_ASSERT(!err && !large_channel_try_receive(&larges, &received));
    }
    bench_row("channel.send_64");
    for (uint32_t i = 0; i < REPEATS; i++) {
        MN_ASSERT(!large_channel_try_send(&larges, &message));
        BENCH_SAMPLE(err = large_channel_try_receive(&larges, &received));
        MN_ASSERT(!err);
    }
    bench_row("channel.receive_64");
}

/* A sample ends where the poll is entered. */
static mn_err receiver_poll(struct mn_task *task, struct mn_cx *cx)
{
    static uint32_t received;
    BENCH_STOP();
    MN_BEGIN(&task->co)
        ;
        for (;;) MN_AWAIT(small_channel_receive_poll(&smalls, cx, &received));
    MN_END();
}

/* Enough rounds for the receiver to wait again. */
static void settle(void)
{
    for (uint32_t i = 0; i < 3; i++) mn_executor_round(mn_port_stamp());
}

static void to_a_waiting_task(void)
{
    static struct mn_task receiver;
    uint32_t stamp = mn_port_stamp();
    uint32_t message = 7;
    mn_heap_reset(bench_memory(0), 1024);
    mn_executor_reset();
    mn_task_start(&receiver, "receiver", receiver_poll);
    settle();
    for (uint32_t i = 0; i < REPEATS; i++) {
        BENCH_START();
        mn_err err = small_channel_try_send(&smalls, &message);
        mn_executor_round(stamp);
        MN_ASSERT(!err);
        settle();
    }
    bench_row("channel.send_to_poll");
}

/* Takes what there is and waits again. */
static mn_err taker_poll(struct mn_task *task, struct mn_cx *cx)
{
    static uint32_t received;
    MN_BEGIN(&task->co)
        ;
        for (;;) MN_AWAIT(small_channel_receive_poll(&smalls, cx, &received));
    MN_END();
}

static void there_and_back(void)
{
    static struct mn_task taker;
    uint32_t stamp = mn_port_stamp();
    uint32_t message = 7;
    mn_executor_reset();
    mn_task_start(&taker, "taker", taker_poll);
    settle();
    for (uint32_t i = 0; i < REPEATS; i++) {
        BENCH_START();
        mn_err err = small_channel_try_send(&smalls, &message);
        mn_executor_round(stamp);
        BENCH_STOP();
        MN_ASSERT(!err);
        settle();
    }
    bench_row("channel.there_and_back");
}

static struct mn_semaphore permits;

/* A sample ends where the poll is entered. */
static mn_err permitted_poll(struct mn_task *task, struct mn_cx *cx)
{
    static struct mn_wait wait;
    BENCH_STOP();
    MN_BEGIN(&task->co)
        ;
        for (;;) MN_AWAIT(mn_semaphore_acquire_poll(&permits, &wait, cx));
    MN_END();
}

static void to_a_task_that_wants_a_permit(void)
{
    static struct mn_task permitted;
    uint32_t stamp = mn_port_stamp();
    mn_executor_reset();
    mn_semaphore_init(&permits, 0);
    mn_task_start(&permitted, "permitted", permitted_poll);
    settle();
    for (uint32_t i = 0; i < REPEATS; i++) {
        BENCH_START();
        mn_semaphore_release(&permits);
        mn_executor_round(stamp);
        settle();
    }
    bench_row("semaphore.give_to_poll");
}

void rows_of_channel(void)
{
    small_messages();
    large_messages();
    to_a_waiting_task();
    there_and_back();
    to_a_task_that_wants_a_permit();
}
