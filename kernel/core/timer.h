/* timer.h — sleeping and time limits for tasks. Absolute microseconds since boot.
 *
 * Any number of timers: nothing costs more than the logarithm of the armed ones,
 * and arming mostly a few comparisons. The next deadline is exact. A zeroed
 * struct is an idle timer. Not for interrupts. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MN_CORE_TIMER_H
#define MN_CORE_TIMER_H
#include "task.h"
#include <stdbool.h>
#include <stdint.h>

#define MN_TIME_NEVER UINT64_MAX

struct mn_timer {
    struct mn_timer *left, *right, *up; /* private to timer.c */
    uint64_t         at_us;
    struct mn_task  *task;  /* woken when due ... */
    void           (*fire)(struct mn_timer *timer); /* ... or called, from the executor, when not NULL */
    bool             armed;
    uint8_t          rank; /* private */
};

/* `us` later, and MN_TIME_NEVER instead of what is beyond the end of the clock. */
static inline uint64_t mn_time_add(uint64_t at_us, uint64_t us)
{
    return us < MN_TIME_NEVER - at_us ? at_us + us : MN_TIME_NEVER;
}

/* Wait until the clock reaches at_us. A time that is past does not wait.
 * Owner    the executor keeps the timer until this answers MN_OK or mn_timer_cancel(). */
MN_MUST_USE mn_err mn_timer_sleep_poll(struct mn_timer *timer, struct mn_cx *cx, uint64_t at_us);

/* Wake `task` (or call timer->fire) once at at_us; arming again moves it. A time that is past fires in the next round.
 * Owner    the executor keeps the timer until it fired or mn_timer_cancel(). */
void mn_timer_arm(struct mn_timer *timer, struct mn_task *task, uint64_t at_us);

/* Let go of a timer. An idle one is left alone. */
void mn_timer_cancel(struct mn_timer *timer);

/* Private to timer.c and the functions that look at them here: the earliest; is it time to look at the clock? */
extern struct mn_timer *mn_timer_root;
extern _Atomic bool     mn_timer_call, mn_timer_rung;

/* When is the next one due? MN_TIME_NEVER: none. */
static inline uint64_t mn_timer_next_us(void)
{
    return mn_timer_root ? mn_timer_root->at_us : MN_TIME_NEVER;
}

/* Fire what is due. The executor calls it. A timer armed meanwhile waits for the next call. */
void mn_timer_run(uint64_t now_us);

/* What the port's alarm calls: have the clock looked at in the next round. */
MN_ISR_OK void mn_timer_alarm(void);

/* Has the alarm come, or has the next deadline become an earlier one, since mn_timer_look()? Else no timer is due. */
MN_ISR_OK static inline bool mn_timer_calls(void)
{
    return __atomic_load_n(&mn_timer_call, __ATOMIC_RELAXED);
}

/* Fire what is due now. Afterwards the alarm is to be set for mn_timer_next_us(). */
void mn_timer_look(void);

/* Set the alarm, see mn_port_alarm(). Has it come since then? */
void mn_timer_set_alarm(uint64_t at_us);
MN_ISR_OK static inline bool mn_timer_has_rung(void)
{
    return __atomic_load_n(&mn_timer_rung, __ATOMIC_RELAXED);
}

/* Forget every timer. mn_executor_reset() calls it. */
void mn_timer_reset(void);
#endif
