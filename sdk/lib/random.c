/* random.c: mnemos/random.h. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "call.h"
#include <mnemos/random.h>

/* Bytes the kernel gives at a time. */
enum { PIECE = 256 };

void mnemos_random(void *out, size_t len)
{
    uint8_t *at = out;
    while (len > 0) {
        size_t piece = len < PIECE ? len : PIECE;
        uint8_t in[MNEMOS_SYS_RANDOM_ARGS_MAX];
        struct mnemos_writer writer = {in, in + sizeof in};
        mnemos_sys_random_args_put(&writer,
                                   &(struct mnemos_sys_random_args){.out = span_of(at, piece)});
        call_kernel(MNEMOS_SYS_CALL_RANDOM, in, (uint32_t)(writer.at - in), NULL, 0);
        at += piece;
        len -= piece;
    }
}

uint32_t mnemos_random_u32(void)
{
    uint32_t number;
    mnemos_random(&number, sizeof number);
    return number;
}
