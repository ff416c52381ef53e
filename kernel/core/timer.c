/* timer.c — a pairing heap of deadlines.
 *
 * The root is the earliest. `child` is a timer's first child, `next` the next of
 * its siblings, `prev` the previous sibling or, for a first child, the parent. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "timer.h"
#include "port.h"

static struct {
    struct mn_timer *root;
    uint64_t         ran_us;  /* while due timers fire: their time. What is armed meanwhile comes later */
    bool             running;
} timers;

/* Make one of two roots the first child of the other. */
static struct mn_timer *meld(struct mn_timer *one, struct mn_timer *other)
{
    if (other->at_us < one->at_us) {
        struct mn_timer *swap = one;
        one = other;
        other = swap;
    }
    other->prev = one;
    other->next = one->child;
    if (one->child)
        one->child->prev = other;
    one->child = other;
    return one;
}

/* Make one heap of a list of siblings: in pairs from the left, then all pairs from the right. */
static struct mn_timer *meld_siblings(struct mn_timer *list)
{
    struct mn_timer *pairs = NULL;
    while (list) {
        struct mn_timer *pair = list, *second = list->next;
        list = second ? second->next : NULL;
        if (second)
            pair = meld(pair, second);
        pair->next = pairs;
        pairs = pair;
    }
    struct mn_timer *root = pairs;
    pairs = root ? root->next : NULL;
    while (pairs) {
        struct mn_timer *rest = pairs->next;
        root = meld(root, pairs);
        pairs = rest;
    }
    if (root)
        root->next = root->prev = NULL;
    return root;
}

static void insert(struct mn_timer *timer)
{
    timer->child = timer->next = timer->prev = NULL;
    timer->armed = true;
    timers.root = timers.root ? meld(timers.root, timer) : timer;
}

static void remove_armed(struct mn_timer *timer)
{
    struct mn_timer *orphans = meld_siblings(timer->child);
    if (timer == timers.root) {
        timers.root = orphans;
    } else {
        if (timer->prev->child == timer)
            timer->prev->child = timer->next;
        else
            timer->prev->next = timer->next;
        if (timer->next)
            timer->next->prev = timer->prev;
        if (orphans)
            timers.root = meld(timers.root, orphans);
    }
    timer->armed = false;
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

uint64_t mn_timer_next_us(void)
{
    return timers.root ? timers.root->at_us : MN_TIME_NEVER;
}

static MN_NOINLINE void fire_due(uint64_t now_us)
{
    timers.running = true;
    timers.ran_us = now_us;
    while (timers.root && timers.root->at_us <= now_us) {
        struct mn_timer *due = timers.root;
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
    if (timers.root && timers.root->at_us <= now_us)
        fire_due(now_us);
}

void mn_timer_reset(void)
{
    timers.root = NULL;
    timers.running = false;
}
