/* ring.pml — the byte ring of kernel/core/bbq.c: writer and reader may interrupt each other between any two accesses to
 * what they share. Every byte arrives, once, in order; nobody waits for ever.
 *
 * BUG 1: the writer enters a new lap before it has said where the old one ends.
 * BUG 2: the writer tells the reader of bytes before it has written them.
 * BUG 3: an index has no lap, so a full ring looks like an empty one. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef BUG
#define BUG 0
#endif
#define LEN   3
#define TOTAL 7 /* bytes that go through */

#if BUG == 3
#define LAP 0
#else
#define LAP 8
#endif
#define position(index) ((index) & 7)
#define same_lap(a, b)  ((((a) ^ (b)) & 8) == 0)
#define next_lap(index) (((index) & 8) ^ LAP)

byte buf[LEN], head = 0, tail = 0, wrap = LEN;

active proctype writer()
{
    byte written = 0, want, h, t, here, at_start, at, n, i;
    bool skip_rest;
    do
    :: written == TOTAL -> break
    :: written < TOTAL ->
        if :: want = 1 :: written + 2 <= TOTAL -> want = 2 fi;
        h = head;
        t = tail;
        if
        :: same_lap(h, t) -> here = LEN - position(h); at_start = position(t)
        :: else -> here = position(t) - position(h); at_start = 0
        fi;
        skip_rest = here < want && at_start >= want;
        if
        :: skip_rest -> at = 0; n = want
        :: else -> at = position(h); n = (here < want -> here : want)
        fi;
        if
        :: n == 0 -> (tail != t) /* the reader's release wakes it */
        :: else ->
            i = 0;
#if BUG != 2
            do :: i < n -> buf[at + i] = written + i; i++ :: else -> break od;
#endif
            t = h; /* where it was */
            if :: skip_rest -> h = next_lap(h) :: else fi;
            h = h + n;
            skip_rest = skip_rest || position(h) == LEN;
            at_start = (position(h) == LEN -> LEN : position(t)); /* the lap ends there */
            if :: position(h) == LEN -> h = next_lap(h) :: else fi;
#if BUG == 1
            head = h;
            if :: skip_rest -> wrap = at_start :: else fi;
#else
            if :: skip_rest -> wrap = at_start :: else fi;
            head = h;
#endif
#if BUG == 2
            do :: i < n -> buf[at + i] = written + i; i++ :: else -> break od;
#endif
            written = written + n
        fi
    od
}

active proctype reader()
{
    byte got = 0, h, t, w, here;
    do
    :: got == TOTAL -> break
    :: got < TOTAL ->
        t = tail;
        h = head;
        if
        :: same_lap(h, t) -> here = position(h) - position(t)
        :: else ->
            w = wrap;
            if
            :: position(t) < w -> here = w - position(t)
            :: else -> t = next_lap(t); tail = t; here = position(h)
            fi
        fi;
        if
        :: here == 0 -> (head != h) /* the writer's commit wakes it */
        :: else ->
            do /* some or all of it, released together */
            :: here > 0 -> assert(buf[position(t)] == got); got++; here--; t++
            :: true -> break
            od;
            if :: position(t) == LEN -> t = next_lap(t) :: else fi;
            tail = t
        fi
    od
}
