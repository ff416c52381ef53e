/* task.h — tasks and the executor that polls them.
 *
 * A task is a struct embedded in its owner with a poll function, normally a
 * coroutine. Interrupts, system calls and other tasks wake it; the executor
 * polls each woken task once per round in the order of their wakes. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MN_CORE_TASK_H
#define MN_CORE_TASK_H
#include "await.h"
#include <stdbool.h>
#include <stdint.h>

struct mn_task;
struct mn_cx { struct mn_task *task; };

typedef mn_err (*mn_task_poll)(struct mn_task *task, struct mn_cx *cx);

struct mn_task {
    struct mn_task *next;   /* in the ready list; under mn_port_lock */
    mn_task_poll    poll;
    const char     *name;
    bool            queued; /* under mn_port_lock */
    bool            done;   /* its poll answered something else than MN_PENDING */
    uint32_t        polls, wakes, overruns;
    uint64_t        busy_us;
};

/* Prepare a task and queue its first poll. `name` is kept. */
void mn_task_start(struct mn_task *task, const char *name, mn_task_poll poll);

/* Have the task polled soon. Waking twice before the poll is one wake. A finished task stays finished. */
MN_ISR_OK void mn_task_wake(struct mn_task *task);

/* The task being polled now, or NULL. For the crash record. */
const struct mn_task *mn_task_current(void);

/* Forget every task and timer: boot, and each test. */
void mn_executor_reset(void);

/* One bounded round: due timers, then the tasks that were ready at its start, each once. Tasks that woke themselves
 * during their own poll wait in a second list that is served after a program had its turn.
 * Answers whether a task is ready again. */
bool mn_executor_tick(void);

/* Is a task ready? (Not counting those that only woke themselves.) */
MN_ISR_OK bool mn_executor_ready(void);

/* Move the tasks that woke themselves to the ready list. Answers whether there were any. */
bool mn_executor_serve_later(void);
#endif
