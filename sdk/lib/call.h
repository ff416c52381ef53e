/* call.h: how libmnemos enters the kernel; see mnemos/abi/svc.h. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MNEMOS_LIB_CALL_H
#define MNEMOS_LIB_CALL_H
#include <mnemos/abi/svc.h>
#include <mnemos/abi/sys.h>
#include <stdint.h>

struct call_result {
    int32_t err;
    uint32_t used;
};

/* One system call. The number sits in r12: r7 is the frame pointer of unoptimised Thumb code. */
static inline struct call_result call_kernel(uint32_t number, const void *in, uint32_t in_len,
                                             void *out, uint32_t out_len)
{
    register uint32_t r0 __asm__("r0") = (uint32_t)in;
    register uint32_t r1 __asm__("r1") = in_len;
    register uint32_t r2 __asm__("r2") = (uint32_t)out;
    register uint32_t r3 __asm__("r3") = out_len;
    register uint32_t r12 __asm__("r12") = number;
    __asm__ volatile("svc 0" : "+r"(r0), "+r"(r1) : "r"(r2), "r"(r3), "r"(r12) : "memory");
    return (struct call_result){.err = (int32_t)r0, .used = r1};
}

/* A program's memory, as the kernel is told. */
static inline struct mnemos_span span_of(const void *start, size_t len)
{
    return (struct mnemos_span){.addr = (uint32_t)(uintptr_t)start, .len = (uint32_t)len};
}
#endif
