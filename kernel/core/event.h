/* event.h — a flag that an interrupt raises and one task waits for. A zeroed struct is a lowered flag.
 *
 * Where several tasks wait: wait.h. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MN_CORE_EVENT_H
#define MN_CORE_EVENT_H
#include "task.h"
#include <stdbool.h>

struct mn_event {
    _Atomic bool             raised;
    _Atomic bool             closed;
    struct mn_task *_Atomic  waiter;
};

/* Raise it. Raising twice before the task looked is once. */
MN_ISR_OK void mn_event_raise(struct mn_event *event);

/* It will not be raised any more. */
MN_ISR_OK void mn_event_close(struct mn_event *event);

/* Wait until it is raised, and lower it. Errors: gone, it is closed and was not raised since the last wait. */
MN_MUST_USE mn_err mn_event_wait_poll(struct mn_event *event, struct mn_cx *cx);

/* Abandon the wait. */
void mn_event_cancel(struct mn_event *event);
#endif
