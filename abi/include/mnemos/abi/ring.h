/* ring.h — the queues through which a program has several calls under way at once.
 *
 * Both lie in the program's own writable memory, 8-aligned and apart from each
 * other: two indices, then 2, 4, 8 or 16 entries. The program puts submissions,
 * tells the kernel by `ring_notify`, and takes completions in the order in which
 * the calls ended. An index counts entries modulo 2^32, from where both indices of
 * its queue stand when the ring is opened: entry i lies at place i modulo the
 * number of places. Each index has one writer. The kernel keeps its own two in
 * its memory and only shows them here, so a program that writes there confuses
 * itself; one whose index says what cannot be is stopped (fault `ring_corrupt`). */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MNEMOS_ABI_RING_H
#define MNEMOS_ABI_RING_H
#include <mnemos/abi/wire.h>

#define MNEMOS_RING_MIN   2u  /* entries of a queue: a power of two */
#define MNEMOS_RING_MAX   16u
#define MNEMOS_RING_CALLS 8u  /* calls under way at once, at most; fewer where completions have fewer places */

/* How a queue begins. */
struct mnemos_ring_indices {
    uint32_t put;   /* by who fills the queue: the program for submissions, the kernel for completions */
    uint32_t taken; /* by who empties it */
};

/* One call. It is copied when the kernel takes it; its slices are used until it is completed. */
struct mnemos_ring_submission {
    uint32_t           nonce;     /*  0 comes back with the completion; the kernel does not look at it */
    uint32_t           handle;    /*  4 of a connection or a port */
    uint16_t           operation; /*  8 number of the system call that it stands for, see below */
    uint16_t           call;      /* 10 service_call: number of the service's call; else 0 */
    uint32_t           zero;      /* 12 for later: 0 */
    struct mnemos_span in;        /* 16 service_call: arguments; serial_write: the bytes, all of which are taken */
    struct mnemos_span out;       /* 24 service_call: the reply; serial_read: where the bytes go */
};

/* How it ended. A completion has its place from the moment its submission is taken, so it never waits for one. */
struct mnemos_ring_completion {
    uint32_t nonce; /*  0 */
    int32_t  error; /*  4 0, or a number of errors.toml */
    uint32_t used;  /*  8 bytes of the reply; bytes read, or written; with too_small: bytes needed */
    uint32_t zero;  /* 12 */
};

/* What can be submitted: service_call, serial_read, serial_write. Anything else is completed with `bad_argument`. A slice
 * outside the program's memory is a fault, as in a system call. */

#ifndef __cplusplus
_Static_assert(sizeof(struct mnemos_ring_indices) == 8, "frozen layout");
_Static_assert(sizeof(struct mnemos_ring_submission) == 32, "frozen layout");
_Static_assert(sizeof(struct mnemos_ring_completion) == 16, "frozen layout");
#endif
#endif
