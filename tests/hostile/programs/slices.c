/* slices.c — H08: any system call with any two slices, and calls whose message names a span. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "hostile.h"

/* A call that must be stopped cannot answer; one that is answered gives its error back as exit status below HOSTILE_USAGE. */
static int status_of(int32_t err)
{
    return err == 0 ? 0 : err < 0 && err > -HOSTILE_USAGE ? -err : HOSTILE_WRONG;
}

/* numbers: call and flags, input address and length, output address and length */
static int raw(const uint32_t *numbers)
{
    struct hostile_registers registers = {numbers[1], numbers[2], numbers[3], numbers[4], numbers[0]};
    hostile_svc(&registers);
    if (registers.r2 != numbers[3] || registers.r3 != numbers[4] || registers.r12 != numbers[0])
        return HOSTILE_WRONG;
    return status_of((int32_t)registers.r0);
}

/* A message that is a span and, before it, maybe a handle. */
static int32_t with_span(uint32_t number, const uint32_t *handle, uint32_t address, uint32_t len)
{
    uint8_t in[16], out[16], *at = in;
    if (handle)
        at = mnemos_store_u32(at, *handle);
    for (int shift = 0; shift < 32; shift += 8)
        *at++ = (uint8_t)(address >> shift);
    for (int shift = 0; shift < 32; shift += 8)
        *at++ = (uint8_t)(len >> shift);
    struct hostile_registers registers = {(uint32_t)(uintptr_t)in, (uint32_t)(at - in), (uint32_t)(uintptr_t)out,
                                          sizeof out, number};
    hostile_svc(&registers);
    return (int32_t)registers.r0;
}

/* numbers: call and flags, span address and length */
static int span(const uint32_t *numbers)
{
    return status_of(with_span(numbers[0], NULL, numbers[1], numbers[2]));
}

/* The same with the handle of port 0 before it. */
static int span_of_port(const uint32_t *numbers)
{
    uint32_t handle;
    if (!hostile_port(&handle))
        return HOSTILE_WRONG;
    return status_of(with_span(numbers[0], &handle, numbers[1], numbers[2]));
}

int main(int argc, char **argv)
{
    static const struct hostile_variant variants[] = {
        {"raw", raw}, {"span", span}, {"span-of-port", span_of_port},
    };
    return hostile_run(argc, argv, variants, sizeof variants / sizeof variants[0]);
}
