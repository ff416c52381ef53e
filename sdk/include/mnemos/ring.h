/* ring.h: calls that are under way while the program goes on.
 *
 * A program submits calls, each with a number of its own choice (its nonce), and
 * takes the completions in the order in which the calls end: several calls at
 * once, one system call for all of them, and one place to wait for whichever
 * comes first.
 *
 *     MNEMOS_RING(ring, 8);
 *
 *     mnemos_ring_open(&ring);
 *     mnemos_ring_read(&ring, 1, keys, line, sizeof line);
 *     mnemos_ring_write(&ring, 2, log, text, sizeof text);
 *     mnemos_ring_wait(&ring, 1);
 *     while (mnemos_ring_next(&ring, &done)) ...
 *
 * What a call reads and writes stays the kernel's until its completion is there.
 * Calls of a service: the functions <service>_<call>_submit and _finish in
 * <mnemos/services/...>, and a connection made by <service>_connect_for, which
 * has room for several at once. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MNEMOS_RING_H
#define MNEMOS_RING_H
#include <mnemos/abi/ring.h>
#include <mnemos/abi/sys.h>
#include <mnemos/error.h>
#include <mnemos/serial.h>
#include <mnemos/service.h>
#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Both queues. Made by MNEMOS_RING; a program has one open at a time. */
struct mnemos_ring {
    struct mnemos_ring_indices *submissions, *completions; /* entries behind them */
    uint32_t places;                                       /* of each */
};

/* Define a ring with 2, 4, 8 or 16 places for submissions and as many for completions, 48 bytes
 * each. At most 8 calls are under way at once; what else is submitted waits for its turn. */
#define MNEMOS_RING(name, count)                                            \
    static struct {                                                         \
        struct mnemos_ring_indices indices;                                 \
        struct mnemos_ring_submission entry[count];                         \
    } name##_submissions __attribute__((aligned(8)));                       \
    static struct {                                                         \
        struct mnemos_ring_indices indices;                                 \
        struct mnemos_ring_completion entry[count];                         \
    } name##_completions __attribute__((aligned(8)));                       \
    static struct mnemos_ring name = {&name##_submissions.indices,          \
                                      &name##_completions.indices, (count)}

/* Have the kernel look at the ring.
 *
 * Errors   busy          a ring is open
 *          bad_argument  not 2, 4, 8 or 16 places
 *          no_memory     the kernel has no room for the calls now
 */
int mnemos_ring_open(struct mnemos_ring *ring);

/* Give it back, to be opened again. Calls under way are given up and never completed; completions
 * that were not taken are dropped. Errors: not_ready, none is open. */
int mnemos_ring_close(struct mnemos_ring *ring);

/* Have what was submitted begin. What finds no place among the calls under way begins when one of
 * them ends. A call waits for a place for its completion: take completions, and notify again.
 * Errors: not_ready. */
int mnemos_ring_notify(struct mnemos_ring *ring);

/* The same, then wait until at least so many completions can be taken.
 *
 * Waits    for calls to end
 * Errors   bad_argument  fewer than that are there, under way and submitted together
 *          not_ready     it is not open
 */
int mnemos_ring_wait(struct mnemos_ring *ring, unsigned least);

/* The same until a moment (see time.h). Errors also: timed_out. */
int mnemos_ring_wait_until(struct mnemos_ring *ring, unsigned least, uint64_t moment);

/* Take the next completion, if there is one: nonce, error (0: none) and bytes used. Does not enter
 * the kernel. */
static inline bool mnemos_ring_next(struct mnemos_ring *ring, struct mnemos_ring_completion *out)
{
    struct mnemos_ring_indices *queue = ring->completions;
    const struct mnemos_ring_completion *entry = (const struct mnemos_ring_completion *)(queue + 1);
    uint32_t taken = queue->taken;
    if (__atomic_load_n(&queue->put, __ATOMIC_RELAXED) == taken) return false;
    __atomic_signal_fence(__ATOMIC_ACQUIRE);
    *out = entry[taken & (ring->places - 1)];
    __atomic_signal_fence(__ATOMIC_RELEASE);
    __atomic_store_n(&queue->taken, taken + 1, __ATOMIC_RELAXED);
    return true;
}

/* Submit any call, see abi/ring.h; the following are made of this. It begins with the next notify or
 * wait. Errors: full, as many wait to begin as there are places; notify first. */
static inline int mnemos_ring_submit(struct mnemos_ring *ring, struct mnemos_ring_submission call)
{
    struct mnemos_ring_indices *queue = ring->submissions;
    struct mnemos_ring_submission *entry = (struct mnemos_ring_submission *)(queue + 1);
    uint32_t put = queue->put;
    if (put - __atomic_load_n(&queue->taken, __ATOMIC_RELAXED) == ring->places)
        return MNEMOS_ERR_FULL;
    entry[put & (ring->places - 1)] = call;
    __atomic_signal_fence(__ATOMIC_RELEASE);
    __atomic_store_n(&queue->put, put + 1, __ATOMIC_RELAXED);
    return 0;
}

/* As mnemos_serial_read(); several reads of one port are served one after the other. A completion
 * without error and with 0 bytes used is end of file. */
static inline int mnemos_ring_read(struct mnemos_ring *ring, uint32_t nonce, mnemos_serial serial,
                                   void *buf, size_t len)
{
    struct mnemos_ring_submission call = {nonce, serial, MNEMOS_SYS_CALL_SERIAL_READ, 0, 0,
                                          mnemos_span_of(0, 0), mnemos_span_of(buf, len)};
    return mnemos_ring_submit(ring, call);
}

/* As mnemos_serial_write_all(): complete when all bytes are taken, and those of the next write of
 * this port come behind them. */
static inline int mnemos_ring_write(struct mnemos_ring *ring, uint32_t nonce, mnemos_serial serial,
                                    const void *data, size_t len)
{
    struct mnemos_ring_submission call = {nonce, serial, MNEMOS_SYS_CALL_SERIAL_WRITE, 0, 0,
                                          mnemos_span_of(data, len), mnemos_span_of(0, 0)};
    return mnemos_ring_submit(ring, call);
}

/* As mnemos_service_call(). More than the connection has room for complete with `busy`. */
static inline int mnemos_ring_call(struct mnemos_ring *ring, uint32_t nonce, mnemos_service service,
                                   uint16_t number, const void *in, size_t len, void *out,
                                   size_t cap)
{
    struct mnemos_ring_submission call = {nonce, service, MNEMOS_SYS_CALL_SERVICE_CALL, number, 0,
                                          mnemos_span_of(in, len), mnemos_span_of(out, cap)};
    return mnemos_ring_submit(ring, call);
}

#ifdef __cplusplus
}
#endif
#endif
