/* sched.c — the kernel loop: tasks first, then programs in turn, else sleep. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "sched.h"
#include "fault.h"
#include "machine.h"
#include "kernel/core/heap.h"
#include "kernel/core/port.h"

/* Programs keep a tenth of the processor: `balance` grows by the time of tasks while a program could have run, and
 * shrinks by nine times what programs ran. Above FLOOR_DUE the next program is protected for MN_FLOOR_SLICE_US.
 * The bound is what may be saved up: a busy spell of tasks after 50 ms of programs is not yet starvation. */
#define FLOOR_SHARE   9
#define FLOOR_DUE     (FLOOR_SHARE * (int32_t)MN_FLOOR_SLICE_US)
#define BALANCE_BOUND (5 * FLOOR_DUE)

struct mn_sched mn_sched;

static struct {
    struct mn_prog *head, **tail; /* runnable programs; the head is the one that runs or is next */
    struct mn_prog *ran;          /* what mn_schedule() answered last, until its time is booked */
    uint64_t        since_us;     /* up to where time is booked */
    uint32_t        slice_used_us;
    struct mn_prog *slice_owner;
    int32_t         balance;
    uint64_t        protected_until_us; /* 0: not */
    uint64_t        later_us;           /* when tasks that woke themselves are due; 0: nobody waits */
    uint64_t        alarm_us;           /* what the alarm is set for, if that is in the future */
} queue;

static struct mn_kernel *kernel;

void mn_sched_reset(void)
{
    mn_sched = (struct mn_sched){ 0 };
    __builtin_memset(&queue, 0, sizeof queue);
    queue.tail = &queue.head;
}

void mn_sched_start(struct mn_kernel *the_kernel)
{
    kernel = the_kernel;
}

void mn_sched_forget_map(const struct mn_prog *prog)
{
    if (mn_sched.mpu_owner == prog)
        mn_sched.mpu_owner = NULL;
}

static void append(struct mn_prog *prog)
{
    prog->next = NULL;
    *queue.tail = prog;
    queue.tail = &prog->next;
}

void mn_sched_remove(struct mn_prog *prog)
{
    struct mn_prog **link = &queue.head;
    while (*link && *link != prog)
        link = &(*link)->next;
    if (!*link)
        return;
    *link = prog->next;
    if (!*link)
        queue.tail = link;
    if (queue.slice_owner == prog)
        queue.slice_owner = NULL;
}

static void rotate(void)
{
    struct mn_prog *first = queue.head;
    queue.head = first->next;
    append(first);
    queue.slice_owner = NULL;
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
    if (queue.head == mn_sched.current && queue.head->next)
        rotate();
    mn_port_pend();
}

static inline void adjust_balance(int32_t by)
{
    int32_t balance = queue.balance + by;
    queue.balance = balance > BALANCE_BOUND ? BALANCE_BOUND : balance < -BALANCE_BOUND ? -BALANCE_BOUND : balance;
}

/* Book the time from the last call until `now`: the last `tasks_us` of it are the tasks', what is before is that of the
 * program that ran. */
static void book(struct mn_prog *ran, uint32_t tasks_us, uint64_t now)
{
    uint64_t passed_us = now - queue.since_us;
    uint32_t passed = passed_us < BALANCE_BOUND ? (uint32_t)passed_us : BALANCE_BOUND; /* more changes nothing below */
    uint32_t tasks = tasks_us < passed ? tasks_us : passed;
    queue.since_us = now;
    if (ran) {
        ran->run_us += passed_us - tasks;
        if (queue.slice_used_us < MN_SLICE_US)
            queue.slice_used_us += passed - tasks;
        adjust_balance((int32_t)(tasks - passed) * FLOOR_SHARE);
    }
    if (tasks && queue.head)
        adjust_balance((int32_t)tasks);
}

static bool is_floor_due(void)
{
    return queue.head && queue.balance >= FLOOR_DUE;
}

/* Tasks that woke themselves wait until a program had its turn, if there is one. `first`: since then. Answers whether
 * there are some to be polled. */
static bool serve_later(uint64_t now, bool first)
{
    bool gave_up = first && queue.head != queue.slice_owner;
    if (!mn_executor_has_later())
        return false;
    if (queue.head && !gave_up && !(queue.later_us && now >= queue.later_us))
        return false;
    queue.later_us = 0;
    return mn_executor_serve_later();
}

/* A tick that began at `stamp`, when `ran` was interrupted. Answers whether another has work. */
static inline bool run_tasks(struct mn_prog *ran, uint32_t stamp, uint64_t *now)
{
    enum mn_kernel_left left = mn_kernel_tick(kernel, stamp, now);
    book(ran, mn_port_stamp_us(mn_port_stamp() - stamp), *now);
    return left == MN_LEFT_READY;
}

static bool has_work(uint64_t now)
{
    return mn_executor_ready() || mn_heap_owes() || mn_timer_next_us() <= now;
}

static uint64_t earlier(uint64_t one, uint64_t other)
{
    return one < other ? one : other;
}

/* Until when the program may run, if no interrupt wakes a task. */
static uint64_t next_alarm(const struct mn_prog *prog, uint64_t now)
{
    uint64_t alarm = queue.protected_until_us;
    if (!alarm) {
        alarm = mn_timer_next_us();
        if (mn_executor_has_later()) {
            if (!queue.later_us)
                queue.later_us = now + MN_FLOOR_SLICE_US;
            alarm = earlier(alarm, queue.later_us);
        }
    }
    if (prog->next)
        alarm = earlier(alarm, now + MN_SLICE_US - queue.slice_used_us);
    return alarm;
}

/* Programs may be interrupted too early, once in a while: an alarm that is set already is good enough. */
static void set_alarm(uint64_t now, uint64_t at_us)
{
    if (queue.alarm_us > now && queue.alarm_us <= at_us)
        return;
    queue.alarm_us = at_us;
    mn_port_alarm(at_us);
}

static struct mn_prog *hand_over(uint64_t now)
{
    if (queue.slice_owner == queue.head && queue.slice_used_us >= MN_SLICE_US && queue.head->next)
        rotate();
    struct mn_prog *prog = queue.head;
    if (queue.slice_owner != prog) {
        queue.slice_owner = prog;
        queue.slice_used_us = 0;
    }
    if (!queue.protected_until_us && is_floor_due()) {
        prog->late++;
        queue.protected_until_us = now + MN_FLOOR_SLICE_US;
    }
    set_alarm(now, next_alarm(prog, now));
    queue.ran = prog;
    return prog;
}

struct mn_prog *mn_schedule(void)
{
    struct mn_prog *ran = queue.ran;
    bool            held_back = queue.protected_until_us || (ran && ran->condemned);
    bool            first = true, polled = !held_back && mn_executor_ready(), work;
    uint64_t        now;

    queue.ran = NULL;
    if (polled) {
        work = run_tasks(ran, mn_port_stamp(), &now); /* whom an interrupt woke comes before everything else */
    } else {
        now = mn_port_now_us();
        book(ran, 0, now);
        if (ran && ran->condemned)
            mn_fault_execute(ran);
        work = has_work(now);
    }
    for (;; first = false) {
        if (!queue.head || now >= queue.protected_until_us)
            queue.protected_until_us = 0;
        if (!queue.protected_until_us) {
            work |= serve_later(now, first);
            if (work && !(polled && is_floor_due())) {
                mn_machine_wakes_seen();
                work = run_tasks(NULL, mn_port_stamp(), &now);
                polled = true;
                continue;
            }
        }
        if (queue.head)
            return hand_over(now);
        queue.alarm_us = mn_timer_next_us();
        mn_kernel_sleep(kernel, now);
        mn_machine_wakes_seen();
        work = run_tasks(NULL, mn_port_stamp(), &now);
        polled = true;
    }
}
