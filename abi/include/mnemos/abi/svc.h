/* svc.h — how a program enters the kernel.
 *
 * One SVC is one system call. The program puts the call's number and flags into
 * r12, an input slice into r0 (address) and r1 (length), an output slice into
 * r2 (address) and r3 (capacity), and executes `svc 0`. It comes back with the
 * error in r0 and the number of bytes written to the output slice in r1 (with
 * `too_small`: of bytes needed, and nothing is written); every other register is
 * unchanged. Numbers and slices are frozen per ABI major. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MNEMOS_ABI_SVC_H
#define MNEMOS_ABI_SVC_H

/* A program runs on a kernel of the same major and of the same or a later minor. */
#define MNEMOS_ABI_MAJOR 1u
#define MNEMOS_ABI_MINOR 0u

/* r12: the number is in the low half, flags above. Any other bit set is a fault. */
#define MNEMOS_CALL_NUMBER   0x0000ffffu
/* Answer `would_wait` instead of waiting. */
#define MNEMOS_CALL_NO_WAIT  0x00010000u
/* The input slice begins with 8 bytes: little-endian microseconds since boot at
 * which a wait ends with `timed_out`. The message follows them. */
#define MNEMOS_CALL_DEADLINE 0x00020000u
#define MNEMOS_CALL_FLAGS    (MNEMOS_CALL_NO_WAIT | MNEMOS_CALL_DEADLINE)

#endif
