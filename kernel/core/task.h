/* task.h — tasks and the executor that polls them.
 *
 * A task is a struct embedded in its owner with a poll function, normally a
 * coroutine that begins with MN_BEGIN(&task->co). Interrupts, system calls and
 * other tasks wake it; the executor polls each woken task once per round in the
 * order of their wakes. There are no priorities. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MN_CORE_TASK_H
#define MN_CORE_TASK_H
#include "await.h"
#include "kernel/config.h"
#include "wait.h"
#include <stdbool.h>
#include <stdint.h>

/* A poll that takes longer is counted in overruns: it holds up every other task and program. */
#define MN_POLL_LIMIT_US MN_CONFIG_POLL_LIMIT_US

struct mn_task;

/* What a poll function knows about who polls it. */
struct mn_cx { struct mn_task *task; };

typedef mn_err (*mn_task_poll)(struct mn_task *task, struct mn_cx *cx);

enum mn_task_state {
    MN_TASK_IDLE,    /* waits for a wake */
    MN_TASK_READY,   /* will be polled this round or the next */
    MN_TASK_RUNNING, /* is being polled */
    MN_TASK_LATER,   /* woke itself: will be polled after a program had its turn */
    MN_TASK_DONE,    /* its poll answered something else than MN_PENDING, or it was cancelled */
};

struct mn_task {
    struct mn_task *next;     /* in the ready or the later list; under mn_port_lock */
    mn_task_poll    poll;
    _Atomic uint8_t state;    /* enum mn_task_state */
    bool            done;     /* the executor has let go of it: its memory may be used again */
    mn_co           co;       /* its outermost coroutine; co.at is the source line where it waits */
    uint32_t        wakes, polls, overruns;
    uint16_t        slow_line; /* the line at which the last overrun poll had resumed; 0: from the top */
    mn_err          result;    /* once done */
    uint64_t        busy;      /* in mn_port_stamp()s, see mn_task_busy_us() */
    const char     *name;
    struct mn_task *sibling;  /* in the list of all tasks */
    void          (*cancel)(struct mn_task *task);
    struct mn_wait_queue joiners;
};

/* Prepare a task and queue its first poll.
 * Owner    the executor keeps the task until it is done, and the name. */
void mn_task_start(struct mn_task *task, const char *name, mn_task_poll poll);

/* Have the task polled soon. Waking twice before the poll is one wake; a finished task stays finished. */
MN_ISR_OK void mn_task_wake(struct mn_task *task);

/* What mn_task_cancel() does first: abandon whatever wait the task is in and give back what it holds. A task that waits
 * for anything but its own timers and wakes needs this to be cancelled. After mn_task_start(), which forgets it. */
void mn_task_on_cancel(struct mn_task *task, void (*cancel)(struct mn_task *task));

/* End a task that is not being polled now: it is done, with the result `cancelled`. One that is done is left alone. */
void mn_task_cancel(struct mn_task *task);

/* Wait until a task is done, and get its result.
 * Owner    `task` stays where it is until its joiners have answered. */
MN_MUST_USE mn_err mn_task_join_poll(struct mn_task *task, struct mn_wait *wait, struct mn_cx *cx, mn_err *result);
void mn_task_join_cancel(struct mn_task *task, struct mn_wait *wait);

/* The task being polled now, or NULL. For the crash record. */
MN_ISR_OK const struct mn_task *mn_task_current(void);

/* How long it was polled, in all. */
uint64_t mn_task_busy_us(const struct mn_task *task);

/* Walk all tasks that are not done, in no order: NULL begins, NULL ends. */
const struct mn_task *mn_task_after(const struct mn_task *task);

/* Forget every task and timer: boot, and each test. */
void mn_executor_reset(void);

/* Poll the tasks that are ready now, each once. Those that wake themselves during their own poll go to a second list, see
 * mn_executor_serve_later(). `stamp` is mn_port_stamp() as just read; answers what it is afterwards. */
uint32_t mn_executor_round(uint32_t stamp);

/* A round in its proper order: memory freed by interrupts, tasks, due timers. Answers whether there is more to do at once. */
bool mn_executor_tick(void);

/* Private to task.c and the functions that look at them here: the kernel loop asks often. */
struct mn_task_list { struct mn_task *head, **tail; };
extern struct mn_task_list mn_executor_ready_list, mn_executor_later_list;

/* Is a task ready? (Not counting those that only woke themselves.) */
MN_ISR_OK static inline bool mn_executor_ready(void)
{
    return __atomic_load_n(&mn_executor_ready_list.head, __ATOMIC_RELAXED) != NULL;
}

/* Move the tasks that woke themselves to the ready list; whoever runs programs calls it after each slice, and before
 * sleeping. Answers whether there were any. */
bool mn_executor_serve_later(void);

/* Are there tasks that woke themselves? */
static inline bool mn_executor_has_later(void)
{
    return __atomic_load_n(&mn_executor_later_list.head, __ATOMIC_RELAXED) != NULL;
}
#endif
