/* ring.c: mnemos/ring.h. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "call.h"
#include "runtime.h"
#include <mnemos/ring.h>
#include <string.h>

int mnemos_ring_open(struct mnemos_ring *ring)
{
    uint8_t in[MNEMOS_SYS_RING_OPEN_ARGS_MAX];
    struct mnemos_writer writer = {in, in + sizeof in};
    uint32_t places = ring->places;
    struct mnemos_sys_ring_open_args args = {
        .submissions = span_of(ring->submissions, sizeof(struct mnemos_ring_indices) +
                                                      places * sizeof(struct mnemos_ring_submission)),
        .completions = span_of(ring->completions, sizeof(struct mnemos_ring_indices) +
                                                      places * sizeof(struct mnemos_ring_completion)),
    };
    if (places > MNEMOS_RING_MAX || !mnemos_sys_ring_open_args_put(&writer, &args))
        return MNEMOS_ERR_BAD_ARGUMENT;
    return call_kernel(MNEMOS_SYS_CALL_RING_OPEN, in, (uint32_t)(writer.at - in), NULL, 0).err;
}

int mnemos_ring_close(struct mnemos_ring *ring)
{
    int err = call_kernel(MNEMOS_SYS_CALL_RING_CLOSE, NULL, 0, NULL, 0).err;
    if (err) return err;
    ring->submissions->put = ring->submissions->taken;
    ring->completions->taken = ring->completions->put;
    return 0;
}

int mnemos_ring_notify(struct mnemos_ring *ring)
{
    (void)ring;
    return call_kernel(MNEMOS_SYS_CALL_RING_NOTIFY, NULL, 0, NULL, 0).err;
}

/* `flags` are those of r12; `moment` counts with MNEMOS_CALL_DEADLINE. */
static int wait_for(unsigned least, uint32_t flags, uint64_t moment)
{
    uint8_t in[sizeof moment + MNEMOS_SYS_RING_WAIT_ARGS_MAX];
    struct mnemos_writer writer = {in, in + sizeof in};
    if (least > MNEMOS_RING_MAX) return MNEMOS_ERR_BAD_ARGUMENT;
    if (flags & MNEMOS_CALL_DEADLINE) {
        memcpy(in, &moment, sizeof moment);
        writer.at += sizeof moment;
    }
    mnemos_sys_ring_wait_args_put(&writer,
                                  &(struct mnemos_sys_ring_wait_args){.least = (uint8_t)least});
    runtime_before_wait();
    return call_kernel(MNEMOS_SYS_CALL_RING_WAIT | flags, in, (uint32_t)(writer.at - in), NULL, 0)
        .err;
}

int mnemos_ring_wait(struct mnemos_ring *ring, unsigned least)
{
    (void)ring;
    return wait_for(least, 0, 0);
}

int mnemos_ring_wait_until(struct mnemos_ring *ring, unsigned least, uint64_t moment)
{
    (void)ring;
    return wait_for(least, MNEMOS_CALL_DEADLINE, moment);
}
