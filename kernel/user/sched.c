/* sched.c — the kernel loop: tasks first, then programs in turn, else sleep.
 *
 * All of it is reckoned in mn_port_stamp()s. The clock is read only after it has called (core/timer.h), and when the
 * alarm has to be set. What happens most is straight: an interrupt woke a task, and the program goes on. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "sched.h"
#include "fault.h"
#include "machine.h"
#include "kernel/core/port.h"

#define SLICE       mn_port_stamps(MN_SLICE_US)
#define FLOOR_SLICE mn_port_stamps(MN_FLOOR_SLICE_US)
#define SLACK       mn_port_stamps(1) /* the alarm knows whole microseconds */
#define NO_WAIT     UINT32_MAX

/* Why a yield must come here. */
enum { DETOUR_ALONE = 1, DETOUR_LATER = 2 };

/* Programs keep a tenth of the processor: `balance` grows by the time of tasks while a program could have run, and
 * shrinks by nine times what programs ran. Above FLOOR_DUE the next program is protected for MN_FLOOR_SLICE_US.
 * The bound is what may be saved up: a busy spell of tasks after 50 ms of programs is not yet starvation. */
#define FLOOR_SHARE   9
#define FLOOR_DUE     (FLOOR_SHARE * (int32_t)FLOOR_SLICE)
#define BALANCE_BOUND (5 * FLOOR_DUE)

struct mn_sched mn_sched;

static struct {
    struct mn_kernel *kernel;
    uint32_t counted;  /* up to when time is in the balance */
    int32_t  balance;
    bool     has_changed;     /* programs came or went, since the alarm was considered */
    bool     is_turn_over;    /* another program is the first now than when mn_schedule() answered */
    bool     does_later_wait; /* for tasks that woke themselves a time is set */
    bool     is_alarm_near;   /* the alarm is set for `alarm`, or earlier; else for the next deadline of a timer */
    uint32_t protected_until, later, alarm;
} queue;

void mn_sched_reset(void)
{
    mn_sched = (struct mn_sched){ 0 };
    __builtin_memset(&queue, 0, sizeof queue);
}

void mn_sched_start(struct mn_kernel *kernel)
{
    queue.kernel = kernel;
}

void mn_sched_forget_map(const struct mn_prog *prog)
{
    if (mn_sched.mpu_owner == prog)
        mn_sched.mpu_owner = NULL;
}

/* ---- The ring ---- */

static inline struct mn_prog *first(void)
{
    return mn_sched.last->next;
}

static inline bool is_alone(const struct mn_prog *prog)
{
    return prog->next == prog;
}

static inline void end_turn(void)
{
    mn_sched.slice_used = 0;
    queue.is_turn_over = true;
}

/* Book the time of the program that ran last. */
static inline void book(void)
{
    uint32_t passed = mn_sched.until - mn_sched.since;
    mn_sched.ran->run += passed;
    if (!queue.is_turn_over && mn_sched.slice_used < SLICE)
        mn_sched.slice_used += passed;
    mn_sched.ran = NULL;
}

static void append(struct mn_prog *prog)
{
    struct mn_prog *last = mn_sched.last;
    if (last) {
        prog->next = last->next;
        last->next = prog;
    } else {
        prog->next = prog;
        end_turn();
    }
    mn_sched.last = prog;
    queue.has_changed = true;
}

void mn_sched_remove(struct mn_prog *prog)
{
    struct mn_prog *before = mn_sched.last;
    if (!prog->next)
        return;
    if (mn_sched.ran == prog) {
        if (mn_sched.current)
            mn_sched.until = mn_port_stamp();
        book();
    }
    if (before->next == prog)
        end_turn();
    while (before->next != prog)
        before = before->next;
    before->next = prog->next;
    if (mn_sched.last == prog)
        mn_sched.last = is_alone(prog) ? NULL : before;
    prog->next = NULL;
    queue.has_changed = true;
}

static void rotate(void)
{
    mn_sched.last = first();
    end_turn();
}

void mn_prog_ready(struct mn_prog *prog)
{
    prog->state = MN_PROG_RUNNABLE;
    append(prog);
    if (mn_sched.current)
        mn_port_pend();
}

void mn_prog_yield(void)
{
    if (mn_sched.current->next && !is_alone(mn_sched.current))
        rotate();
    mn_port_pend();
}

/* ---- Shares of time ---- */

static inline bool is_past(uint32_t now, uint32_t then)
{
    return (int32_t)(now + SLACK - then) >= 0;
}

/* Programs ran, or the processor slept, from what is counted until `begun`, and then tasks until `now`, while a program
 * `could_run` or not. */
static inline void count(uint32_t begun, uint32_t now, bool could_run)
{
    const uint32_t most = (uint32_t)BALANCE_BOUND;
    uint32_t       programs = begun - queue.counted, tasks = now - begun;
    queue.counted = now;
    if (!could_run)
        return;
    int32_t balance = queue.balance - FLOOR_SHARE * (int32_t)(programs < most ? programs : most);
    if (balance < -BALANCE_BOUND)
        balance = -BALANCE_BOUND;
    balance += (int32_t)(tasks < most ? tasks : most);
    queue.balance = balance < BALANCE_BOUND ? balance : BALANCE_BOUND;
}

static inline bool is_floor_due(void)
{
    return queue.balance >= FLOOR_DUE;
}

/* Tasks that woke themselves wait until a program had its turn, if there is one. Answers whether there are some to be
 * polled. */
static bool serve_later(uint32_t now, bool had_turn)
{
    if (mn_sched.last && !had_turn && !(queue.does_later_wait && is_past(now, queue.later)))
        return false;
    queue.does_later_wait = false;
    return mn_executor_serve_later();
}

/* ---- The alarm ---- */

static inline uint32_t time_left(uint32_t now, uint32_t then)
{
    return (int32_t)(then - now) > 0 ? then - now : 0;
}

static inline bool is_protected(void)
{
    return mn_sched.held & MN_HELD_PROTECTED;
}

/* For how long the program may run, if no interrupt wakes a task and no timer is due. NO_WAIT: for ever. */
static uint32_t time_to_run(const struct mn_prog *prog, uint32_t now)
{
    uint32_t wait = NO_WAIT;
    if (is_protected()) {
        wait = time_left(now, queue.protected_until);
    } else if (mn_executor_has_later()) {
        if (!queue.does_later_wait) {
            queue.does_later_wait = true;
            queue.later = now + FLOOR_SLICE;
        }
        wait = time_left(now, queue.later);
    }
    if (!is_alone(prog) && SLICE - mn_sched.slice_used < wait)
        wait = SLICE - mn_sched.slice_used;
    return wait;
}

/* A program may be interrupted too early, once in a while: an alarm that is set already is good enough, unless it has
 * rung. */
static inline bool is_alarm_good(uint32_t now, uint32_t wait)
{
    if (queue.kernel->has_looked || mn_timer_has_rung())
        return false;
    return wait == NO_WAIT || (queue.is_alarm_near && (int32_t)(queue.alarm - now - wait) <= 0);
}

static MN_NOINLINE void set_alarm(uint32_t now, uint32_t wait)
{
    uint64_t at_us = is_protected() ? MN_TIME_NEVER : mn_timer_next_us();
    if (wait != NO_WAIT) {
        uint32_t wait_us = mn_port_stamp_us(wait + SLACK - 1);
        uint64_t end_us = mn_port_now_us() + wait_us;
        if (end_us < at_us)
            at_us = end_us;
    }
    queue.kernel->has_looked = false;
    queue.is_alarm_near = wait != NO_WAIT;
    queue.alarm = now + wait;
    mn_timer_set_alarm(at_us);
}

/* ---- The loop ---- */

/* Something has happened that matters to whose turn it is and for how long. */
static MN_NOINLINE void begin_turn(uint32_t now)
{
    if (mn_sched.slice_used + SLACK >= SLICE && !is_alone(first()))
        rotate();
    struct mn_prog *prog = first();
    if (!is_protected() && is_floor_due()) {
        prog->late++;
        mn_sched.held |= MN_HELD_PROTECTED;
        queue.protected_until = now + FLOOR_SLICE;
    }
    uint32_t wait = time_to_run(prog, now);
    if (!is_alarm_good(now, wait))
        set_alarm(now, wait);
    queue.has_changed = false;
    queue.is_turn_over = false;
    mn_sched.detour = (is_alone(prog) ? DETOUR_ALONE : 0) | (mn_executor_has_later() ? DETOUR_LATER : 0);
}

/* The program whose turn it is. Nothing is to be considered for one that goes on, nor for one that is alone. */
static inline struct mn_prog *hand_over(uint32_t now)
{
    if (mn_sched.ran)
        book();
    struct mn_prog *prog = first();
    bool is_plain = !(queue.kernel->has_looked | mn_sched.held) && !mn_executor_has_later() && !is_floor_due();
    if (is_plain && is_alone(prog)) {
        queue.has_changed = false;
        queue.is_turn_over = false;
        mn_sched.detour = DETOUR_ALONE;
    } else if (!is_plain || (queue.has_changed | queue.is_turn_over) || mn_sched.detour) {
        begin_turn(now);
        prog = first();
    }
    mn_sched.ran = prog;
    mn_sched.since = now;
    return prog;
}

/* Tasks do not run now. */
static MN_NOINLINE bool holds(uint32_t now)
{
    if (mn_sched.held & MN_HELD_CONDEMNED) {
        mn_sched.held &= ~(uint32_t)MN_HELD_CONDEMNED;
        if (mn_sched.ran && mn_sched.ran->condemned)
            mn_fault_execute(mn_sched.ran);
    }
    if (is_protected() && (!mn_sched.last || is_past(now, queue.protected_until)))
        mn_sched.held = 0;
    return mn_sched.held;
}

/* What is left to do: more ticks, or sleep, until it is a program's turn. Tasks were polled from `begun` until `now`, or
 * not at all. */
static MN_NOINLINE struct mn_prog *go_on(uint32_t begun, uint32_t now, bool has_polled)
{
    count(begun, now, mn_sched.last != NULL);
    for (bool had_turn = true;; had_turn = false) {
        if (mn_sched.held && holds(now))
            return hand_over(now);
        mn_heap_drain();
        bool work = mn_executor_ready() || mn_timer_calls();
        if (mn_executor_has_later())
            work |= serve_later(now, had_turn && queue.is_turn_over);
        if (!work && !mn_sched.last) {
            mn_kernel_sleep(queue.kernel);
            queue.is_alarm_near = false;
            now = mn_port_stamp();
        } else if (!work || (has_polled && is_floor_due() && mn_sched.last)) {
            return hand_over(now);
        }
        mn_machine_wakes_seen();
        bool could_run = mn_sched.last != NULL;
        begun = now;
        now = mn_kernel_poll(queue.kernel, begun);
        count(begun, now, could_run);
        has_polled = true;
    }
}

/* Whom an interrupt woke comes before everything else. */
struct mn_prog *mn_schedule(void)
{
    uint32_t begun = mn_port_stamp();
    mn_sched.until = begun;
    if (mn_sched.held || !mn_executor_ready())
        return go_on(begun, begun, false);
    return go_on(begun, mn_executor_round(begun), true);
}
