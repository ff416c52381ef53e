/* wake.pml — waking a task from an interrupt, polling it, and sleeping: kernel/core/task.c, kernel.c and mn_port_idle() of
 * the Cortex-M4. An interrupt is one step and comes between any two of the executor's unless these are locked; a sleep ends
 * when one is pending, locked or not. Whatever an interrupt gave is seen by a later poll; the processor does not sleep over
 * it.
 *
 * BUG 1: after a poll the task is marked idle in two steps that are not locked.
 * BUG 2: the last look before the sleep is not locked.
 * BUG 3: a poll looks first, and is marked as running second: a wake in between is taken for one before the look. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef BUG
#define BUG 0
#endif
#define EVENTS 3

mtype = { IDLE, READY, RUNNING };
mtype state = IDLE;
bool in_list = false; /* of ready tasks */
bool locked = false, pending = false;
byte raised = 0, given = 0, seen = 0;

active proctype device()
{
    do
    :: raised == EVENTS -> break
    :: raised < EVENTS && !pending -> atomic { raised++; pending = true }
    od
}

active proctype interrupt()
{
    do
    :: given == EVENTS -> break
    :: atomic {
        pending && !locked ->
        pending = false;
        given++;
        if /* mn_task_wake() */
        :: state != READY -> state = READY; assert(!in_list); in_list = true
        :: else
        fi
    }
    od
}

active proctype executor()
{
    bool  batch;
    mtype before;
    do
    :: locked = true;
        batch = in_list;
        in_list = false;
        locked = false;
        if
        :: batch ->
#if BUG == 3
            seen = given;
            state = RUNNING;
#else
            state = RUNNING;
            seen = given; /* the poll: it looks at what there is */
#endif
#if BUG == 1
            before = state;
            if :: before == RUNNING -> state = IDLE :: else fi
#else
            locked = true;
            if :: state == RUNNING -> state = IDLE :: else fi;
            locked = false
#endif
        :: else ->
#if BUG != 2
            locked = true;
#endif
            if
            :: in_list -> locked = false
            :: else ->
                if /* WFI */
                :: pending -> locked = false
                :: given == EVENTS && seen == given -> break
                fi
            fi
        fi
    od
}
