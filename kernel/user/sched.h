/* sched.h — which program runs, as the context switch sees it.
 *
 * mn_schedule() is the whole kernel loop. It is entered with no current program:
 * the context switch has saved it and cleared `current`. System calls and the
 * switch exclude each other by priority, so nothing here needs a lock. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MN_USER_SCHED_H
#define MN_USER_SCHED_H
#include "kernel/core/kernel.h"
#include "prog.h"

#define MN_SLICE_US       MN_CONFIG_SLICE_US /* of a program while others are runnable */
#define MN_FLOOR_SLICE_US MN_CONFIG_FLOOR_SLICE_US /* that tasks cannot cut short, when programs got less than a tenth */

/* Why tasks have to wait. */
enum {
    MN_HELD_CONDEMNED = 1, /* a program did what it may not: that is carried out before anything else */
    MN_HELD_PROTECTED = 2, /* the time of the program that runs, and of its successors */
};

/* kernel/arch/cortex-m4/switch.c knows these by offset. All times are mn_port_stamp()s. */
struct mn_sched {
    uint32_t        slice_used; /* of the first program's slice, until `since` */
    struct mn_prog *last;       /* runnable programs are a ring, and the first comes after the last; NULL: none */
    struct mn_prog *current;    /* on the processor now; NULL in a task */
    struct mn_prog *mpu_owner;  /* whose regions are loaded; NULL: nobody's that lives */
    struct mn_prog *ran;        /* the current one, and then until its time is booked */
    uint32_t        since;      /* up to when its time is booked */
    uint32_t        until;      /* up to when it ran */
    uint32_t        held;       /* MN_HELD_* */
    uint32_t        fp_used;    /* not 0: the floating-point registers hold a program's values */
    uint32_t        detour;     /* not 0: a yield must go through mn_schedule() */
};
extern struct mn_sched mn_sched;

/* Forget everything: boot, and each test. */
void mn_sched_reset(void);

/* A program's regions are no longer what they were: load them again before it runs. */
void mn_sched_forget_map(const struct mn_prog *prog);

/* Take a program off the processor and out of the queue. It does not run again until mn_prog_ready(). */
void mn_sched_remove(struct mn_prog *prog);

/* The kernel whose ticks and sleep mn_schedule() is made of. Once, before the first mn_schedule(). */
void mn_sched_start(struct mn_kernel *kernel);
#endif
