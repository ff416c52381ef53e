/* call_ring.pml — the queues of kernel/user/rings.c and mnemos/abi/ring.h. The program is interrupted between any two of
 * its accesses; what the kernel does is one step, in a system call of the program or in a task. Every submission is
 * completed once and what is completed is read right, whatever the order in which calls end and whenever the program
 * takes completions; nobody waits for ever; the indices wrap around.
 *
 * BUG 1: a submission is taken without a place for its completion.
 * BUG 2: the program shows a submission before it has written it.
 * BUG 3: the end of a call does not let the kernel look at what had found no room.
 * BUG 4: the program gives a completion's place back before it has read it.
 * BUG 5: the kernel waits for more completions than were promised. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef BUG
#define BUG 0
#endif
#define PLACES 4 /* of each queue */
#define SLOTS  3 /* calls under way */
#define TOTAL  7
#define FIRST  254 /* where the indices begin */

#define distance(to, from) (((to) - (from)) & 255)
#define here               distance(cq_put, cq_taken)

byte sq[PLACES], cq[PLACES], sq_put = FIRST, sq_taken = FIRST, cq_put = FIRST, cq_taken = FIRST;
byte taken = FIRST, put = FIRST, under_way = 0, seen = 0; /* the kernel's own */
byte held[SLOTS];
bool blocked = false, waiting = false;
byte wait_for;

#if BUG == 1
#define no_place false
#else
#define no_place (under_way + distance(put, read) >= PLACES)
#endif
#if BUG == 5
#define never_come(least) false
#else
#define never_come(least) (here + under_way + distance(sq_put, taken) < (least)) /* refused */
#endif

inline visit()
{
    byte shown = sq_put, read = cq_taken;
    blocked = false;
    do
    :: taken == shown -> break
    :: taken != shown && (under_way == SLOTS || no_place) -> blocked = true; break
    :: else -> held[under_way] = sq[taken % PLACES]; under_way++; taken++
    od;
    sq_taken = taken;
    shown = 0;
    read = 0
}

/* A call ends, whenever it likes. */
active proctype service()
{
end:
    do
    :: atomic {
        under_way > 0 ->
        assert(distance(put, cq_taken) < PLACES);
        under_way--;
        if
        :: cq[put % PLACES] = held[under_way]
        :: cq[put % PLACES] = held[0]; held[0] = held[under_way]
        fi;
        put++;
        cq_put = put;
        if
        :: waiting && put == wait_for -> waiting = false
        :: else
        fi;
#if BUG != 3
        if
        :: blocked -> visit()
        :: else
        fi
#endif
        }
    od
}

active proctype program()
{
    byte next = 0, got = 0, least, one;
    do
    :: got == TOTAL -> break
    :: got < TOTAL ->
        do
        :: next < TOTAL && distance(sq_put, sq_taken) < PLACES ->
#if BUG == 2
            sq_put++;
            sq[(sq_put - 1) % PLACES] = next;
#else
            sq[sq_put % PLACES] = next;
            sq_put++;
#endif
            next++
        :: next > got -> break
        od;
        if
        :: true -> atomic { visit() } /* notify */
        :: true -> /* wait */
            if :: least = 1 :: least = 2 :: least = 4 fi;
            atomic {
                visit();
                if
                :: here >= least || never_come(least) -> skip
                :: else -> wait_for = (cq_taken + least) & 255; waiting = true
                fi
            }
            (!waiting)
        fi;
        do
        :: here > 0 ->
#if BUG == 4
            cq_taken++;
            one = cq[(cq_taken - 1) % PLACES];
#else
            one = cq[cq_taken % PLACES];
            cq_taken++;
#endif
            assert((seen & (1 << one)) == 0);
            seen = seen | (1 << one);
            got++
        :: true -> break
        od
    od;
    assert(seen == (1 << TOTAL) - 1)
}
