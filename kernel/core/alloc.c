/* alloc.c — the line of those who wait for memory. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "alloc.h"
#include "heap_priv.h"
#include "hooks.h"
#include "port.h"
#include <mnemos/abi/error.h>

static struct {
    struct mn_alloc      *head, *tail;
    struct mn_alloc_stats stats;
} line;

void mn_alloc_reset(void)
{
    line.head = line.tail = NULL;
    line.stats = (struct mn_alloc_stats){ 0 };
}

struct mn_alloc_stats mn_alloc_stats(void)
{
    return line.stats;
}

static void append(struct mn_alloc *wait)
{
    wait->next = NULL;
    wait->prev = line.tail;
    if (line.tail)
        line.tail->next = wait;
    else
        line.head = wait;
    line.tail = wait;
    wait->state = MN_ALLOC_WAITING;
    wait->passes_before = line.stats.passes;
    wait->passed = 0;
    line.stats.waiting++;
    mn_heap_set_waited_for(true);
}

static void leave(struct mn_alloc *wait)
{
    if (wait->next)
        wait->next->prev = wait->prev;
    else
        line.tail = wait->prev;
    if (wait->prev)
        wait->prev->next = wait->next;
    else
        line.head = wait->next;
    wait->state = MN_ALLOC_IDLE;
    mn_timer_cancel(&wait->timer);
    line.stats.waiting--;
    if (!line.head)
        mn_heap_set_waited_for(false);
}

/* Whoever passes somebody in the line passes its head too, so the head's count is the largest. */
static bool is_gate_shut(void)
{
    return line.head && line.stats.passes - line.head->passes_before + line.head->passed >= MN_ALLOC_PASSES;
}

bool mn_alloc_may_pass(void)
{
    return !is_gate_shut();
}

void mn_alloc_passed(void)
{
    line.stats.passes++;
}

static void serve(struct mn_alloc *wait, void *memory)
{
    for (struct mn_alloc *passed = line.head; passed != wait; passed = passed->next)
        passed->passed++;
    leave(wait);
    wait->memory = memory;
    wait->state = MN_ALLOC_SERVED;
    line.stats.served++;
    mn_task_wake(wait->timer.task);
}

void mn_alloc_serve(void)
{
    struct mn_alloc *wait = line.head, *next;
    for (; wait && (wait == line.head || !is_gate_shut()); wait = next) {
        next = wait->next;
        void *memory = mn_heap_take_for_waiter(wait->len);
        if (memory)
            serve(wait, memory);
    }
}

/* Somebody left without memory: perhaps the gate is open now. */
static void give_up(struct mn_alloc *wait)
{
    leave(wait);
    mn_alloc_serve();
}

/* The first poll: served at once, refused, or in the line. */
static mn_err ask(struct mn_alloc *wait, struct mn_cx *cx, size_t len, uint64_t deadline_us)
{
    uint64_t now = mn_port_now_us();
    if (len > mn_heap_capacity())
        return MNEMOS_ERR_TOO_BIG;
    if (mn_hook_allocation_fails())
        return MNEMOS_ERR_NO_MEMORY;
    wait->len = len;
    wait->deadline_us = deadline_us == MN_ALLOC_DEFAULT ? mn_time_add(now, MN_ALLOC_DEFAULT_US) : deadline_us;
    append(wait);
    mn_timer_arm(&wait->timer, cx->task, wait->deadline_us);
    mn_heap_drain();
    mn_alloc_serve();
    return MN_PENDING;
}

mn_err mn_alloc_poll(struct mn_alloc *wait, struct mn_cx *cx, size_t len, uint64_t deadline_us, void **out)
{
    if (wait->state == MN_ALLOC_IDLE) {
        mn_err err = ask(wait, cx, len, deadline_us);
        if (err < 0)
            return err;
    }
    if (wait->state == MN_ALLOC_SERVED) {
        wait->state = MN_ALLOC_IDLE;
        *out = wait->memory;
        return MN_OK;
    }
    if (mn_port_now_us() >= wait->deadline_us) {
        line.stats.late++;
        give_up(wait);
        return MNEMOS_ERR_NO_MEMORY;
    }
    if (wait->timer.task != cx->task)
        mn_timer_arm(&wait->timer, cx->task, wait->deadline_us);
    return MN_PENDING;
}

void mn_alloc_cancel(struct mn_alloc *wait)
{
    if (wait->state == MN_ALLOC_WAITING) {
        give_up(wait);
    } else if (wait->state == MN_ALLOC_SERVED) {
        wait->state = MN_ALLOC_IDLE;
        mn_heap_free(wait->memory);
    }
}
