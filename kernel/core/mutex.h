/* mutex.h — one task at a time, across its waits, in the order of asking.
 *
 * Between two waits nobody else runs anyway: only who waits in the middle of a
 * change needs this. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MN_CORE_MUTEX_H
#define MN_CORE_MUTEX_H
#include "task.h"
#include "wait.h"

struct mn_mutex { struct mn_wait_queue queue; const struct mn_task *holder; };

void mn_mutex_init(struct mn_mutex *mutex);

/* Take it. Waits until it is free. The holder asking again stops the kernel, for it would wait for ever.
 * Errors   gone  it is closed */
MN_MUST_USE mn_err mn_mutex_lock_poll(struct mn_mutex *mutex, struct mn_wait *wait, struct mn_cx *cx);

/* Give it to the next. Of a task that does not hold it: stops the kernel. */
void mn_mutex_unlock(struct mn_mutex *mutex, const struct mn_task *holder);

/* `task` is ended: abandon its wait, or unlock if it holds the mutex. */
void mn_mutex_cancel(struct mn_mutex *mutex, struct mn_wait *wait, const struct mn_task *task);

/* Nobody gets it any more. The holder still unlocks. */
void mn_mutex_close(struct mn_mutex *mutex);
#endif
