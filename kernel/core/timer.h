/* timer.h — sleeping and time limits for tasks. Absolute microseconds since boot. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MN_CORE_TIMER_H
#define MN_CORE_TIMER_H
#include "task.h"

struct mn_timer {
    struct mn_timer *next;
    uint64_t         at_us;
    struct mn_task  *task;  /* woken when due ... */
    void           (*fire)(struct mn_timer *timer); /* ... or called, from the executor, when not NULL */
    bool             armed;
};

/* Wait until the clock reaches at_us. */
MN_MUST_USE mn_err mn_timer_sleep_poll(struct mn_timer *timer, struct mn_cx *cx, uint64_t at_us);

/* Wake `task` (or call timer->fire) at at_us; arming again moves it. Task context or system call, not an interrupt. */
void mn_timer_arm(struct mn_timer *timer, struct mn_task *task, uint64_t at_us);
void mn_timer_cancel(struct mn_timer *timer);

/* When is the next one due? UINT64_MAX: none. */
uint64_t mn_timer_next_us(void);

/* Fire what is due. The executor calls it. */
void mn_timer_run(uint64_t now_us);
#endif
