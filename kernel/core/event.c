/* event.c — a flag from an interrupt to a task. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "event.h"
#include "hooks.h"
#include <mnemos/abi/error.h>
#include <stdatomic.h>

/* One core: relaxed accesses and compiler fences order everything that an interrupt can see. */

static inline void set(struct mn_event *event, _Atomic bool *flag)
{
    atomic_signal_fence(memory_order_seq_cst);
    atomic_store_explicit(flag, true, memory_order_relaxed);
    mn_hook_point();
    struct mn_task *waiter = atomic_load_explicit(&event->waiter, memory_order_relaxed);
    if (waiter)
        mn_task_wake(waiter);
}

void mn_event_raise(struct mn_event *event)
{
    set(event, &event->raised);
}

void mn_event_close(struct mn_event *event)
{
    set(event, &event->closed);
}

mn_err mn_event_wait_poll(struct mn_event *event, struct mn_cx *cx)
{
    atomic_store_explicit(&event->waiter, cx->task, memory_order_relaxed);
    atomic_signal_fence(memory_order_seq_cst);
    mn_hook_point();
    bool closed = atomic_load_explicit(&event->closed, memory_order_relaxed); /* before the look: closed comes last */
    atomic_signal_fence(memory_order_seq_cst);
    mn_hook_point();
    if (!atomic_load_explicit(&event->raised, memory_order_relaxed))
        return closed ? MNEMOS_ERR_GONE : MN_PENDING;
    mn_hook_point();
    /* A second raise between the look and this is the same one: the caller looks at its cause after this. */
    atomic_store_explicit(&event->raised, false, memory_order_relaxed);
    atomic_signal_fence(memory_order_seq_cst);
    return MN_OK;
}

void mn_event_cancel(struct mn_event *event)
{
    atomic_store_explicit(&event->waiter, NULL, memory_order_relaxed);
}
