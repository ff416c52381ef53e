/* free_queue.pml — memory freed by interrupts waits in a list for the heap: kernel/core/heap.c. An interrupt is one step and
 * comes between any two of the task's unless these are locked. Every block comes back exactly once.
 *
 * BUG 1: the list is read and emptied in two steps that are not locked.
 * BUG 2: the next of the list is looked up in a block that the heap has already taken back. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef BUG
#define BUG 0
#endif
#define BLOCKS 3
#define FREES  4
#define NONE   0

mtype = { FREE, LIVE, QUEUED };
mtype mark[BLOCKS + 1]; /* the first is nobody's */
byte link[BLOCKS + 1];
byte queue = NONE, allocated = 0, queued = 0, returned = 0;
bool locked = false;

active proctype interrupt()
{
    byte block;
    do
    :: queued == FREES -> break
    :: queued < FREES ->
        atomic {
            !locked && (mark[1] == LIVE || mark[2] == LIVE || mark[3] == LIVE);
            if
            :: mark[1] == LIVE -> block = 1
            :: mark[2] == LIVE -> block = 2
            :: mark[3] == LIVE -> block = 3
            fi;
            mark[block] = QUEUED;
            link[block] = queue;
            queue = block;
            queued++
        }
    od
}

active proctype task()
{
    byte at, next;
    mark[1] = FREE;
    mark[2] = FREE;
    mark[3] = FREE;
    do
    :: returned == FREES -> break
    :: allocated < FREES ->
        if
        :: mark[1] == FREE -> mark[1] = LIVE; allocated++
        :: mark[2] == FREE -> mark[2] = LIVE; allocated++
        :: mark[3] == FREE -> mark[3] = LIVE; allocated++
        :: else -> (queue != NONE)
        fi
    :: queue != NONE -> /* drain */
#if BUG == 1
        at = queue;
        queue = NONE;
#else
        locked = true;
        at = queue;
        queue = NONE;
        locked = false;
#endif
        do
        :: at == NONE -> break
        :: at != NONE ->
            assert(mark[at] == QUEUED);
#if BUG != 2
            next = link[at];
#endif
            link[at] = at; /* the heap's own links go there */
            mark[at] = FREE;
            returned++;
#if BUG == 2
            next = link[at];
#endif
            at = next
        od
    od;
    assert(queue == NONE && queued == FREES)
}
