/* timer.c — a leftist heap of deadlines.
 *
 * The root is the earliest; nobody is earlier than who is above. `rank` counts
 * the steps to the right until there is nobody, and is nowhere larger on the
 * right than on the left: so the way along the right children is short, and
 * whatever changes follows it. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "timer.h"
#include "port.h"
#include <stdatomic.h>

struct mn_timer *mn_timer_root;
_Atomic bool     mn_timer_call, mn_timer_rung;

static struct {
    uint64_t ran_us;  /* while due timers fire: their time. What is armed meanwhile comes later */
    bool     running;
} timers;

static inline uint32_t rank_of(const struct mn_timer *timer)
{
    return timer ? timer->rank : 0;
}

/* Put a timer's children in order. Answers whether its rank has changed. */
static inline bool settle(struct mn_timer *timer)
{
    uint32_t left = rank_of(timer->left), right = rank_of(timer->right);
    if (left < right) {
        struct mn_timer *swap = timer->left;
        timer->left = timer->right;
        timer->right = swap;
        right = left;
    }
    bool changed = timer->rank != right + 1u;
    timer->rank = (uint8_t)(right + 1u);
    return changed;
}

/* Make one heap of two, either of which may be empty. Its root is above nobody's. */
static struct mn_timer *meld(struct mn_timer *one, struct mn_timer *other)
{
    struct mn_timer *root = NULL, **place = &root, *up = NULL;
    while (one && other) {
        if (other->at_us < one->at_us) {
            struct mn_timer *swap = one;
            one = other;
            other = swap;
        }
        *place = one;
        one->up = up;
        up = one;
        place = &one->right;
        one = one->right;
    }
    *place = one ? one : other;
    if (*place)
        (*place)->up = up;
    for (; up; up = up->up)
        (void)settle(up);
    return root;
}

static inline void call(void)
{
    atomic_store_explicit(&mn_timer_call, true, memory_order_relaxed);
}

/* To the right until somebody is later, who goes below on the left: as meld() would, but what is further up may be left as
 * it is once a rank has not changed. */
static void insert(struct mn_timer *timer)
{
    struct mn_timer *later = mn_timer_root, *up = NULL, **place = &mn_timer_root;
    while (later && later->at_us <= timer->at_us) {
        up = later;
        place = &later->right;
        later = later->right;
    }
    if (!up)
        call();
    *place = timer;
    timer->left = later;
    timer->right = NULL;
    timer->up = up;
    timer->rank = 1;
    timer->armed = true;
    if (later)
        later->up = timer;
    while (up && settle(up))
        up = up->up;
}

static void remove_armed(struct mn_timer *timer)
{
    struct mn_timer *up = timer->up, *orphans = meld(timer->left, timer->right);
    timer->armed = false;
    if (orphans)
        orphans->up = up;
    if (!up)
        mn_timer_root = orphans;
    else if (up->left == timer)
        up->left = orphans;
    else
        up->right = orphans;
    while (up && settle(up))
        up = up->up;
}

mn_err mn_timer_sleep_poll(struct mn_timer *timer, struct mn_cx *cx, uint64_t at_us)
{
    if (mn_port_now_us() >= at_us) {
        mn_timer_cancel(timer);
        return MN_OK;
    }
    if (!timer->armed || timer->at_us != at_us || timer->task != cx->task) {
        timer->fire = NULL;
        mn_timer_arm(timer, cx->task, at_us);
    }
    return MN_PENDING;
}

void mn_timer_arm(struct mn_timer *timer, struct mn_task *task, uint64_t at_us)
{
    mn_timer_cancel(timer);
    timer->task = task;
    timer->at_us = timers.running && at_us <= timers.ran_us ? timers.ran_us + 1 : at_us;
    insert(timer);
}

void mn_timer_cancel(struct mn_timer *timer)
{
    if (timer->armed)
        remove_armed(timer);
}

static MN_NOINLINE void fire_due(uint64_t now_us)
{
    timers.running = true;
    timers.ran_us = now_us;
    while (mn_timer_root && mn_timer_root->at_us <= now_us) {
        struct mn_timer *due = mn_timer_root;
        remove_armed(due);
        if (due->fire)
            due->fire(due);
        else
            mn_task_wake(due->task);
    }
    timers.running = false;
}

void mn_timer_run(uint64_t now_us)
{
    if (mn_timer_root && mn_timer_root->at_us <= now_us)
        fire_due(now_us);
}

void mn_timer_alarm(void)
{
    atomic_store_explicit(&mn_timer_rung, true, memory_order_relaxed);
    call();
    mn_port_pend();
}

void mn_timer_set_alarm(uint64_t at_us)
{
    atomic_store_explicit(&mn_timer_rung, false, memory_order_relaxed);
    atomic_signal_fence(memory_order_seq_cst);
    mn_port_alarm(at_us);
}

/* Not again for what was called for until now: an alarm that comes after the first line calls for another look. */
void mn_timer_look(void)
{
    atomic_store_explicit(&mn_timer_call, false, memory_order_relaxed);
    atomic_signal_fence(memory_order_seq_cst);
    mn_timer_run(mn_port_now_us());
}

void mn_timer_reset(void)
{
    atomic_store_explicit(&mn_timer_call, false, memory_order_relaxed);
    atomic_store_explicit(&mn_timer_rung, true, memory_order_relaxed);
    mn_timer_root = NULL;
    timers.running = false;
}
