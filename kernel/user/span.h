/* span.h — the range check, inline because every system call makes it twice. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MN_USER_SPAN_H
#define MN_USER_SPAN_H
#include "prog.h"

/*@ predicate inside(integer addr, integer len, integer block, integer block_len) =
        block <= addr && addr + len <= block + block_len; */

/* Are `len` bytes from `addr` inside a block? Right for every value, wrapping ones included. */
/*@ requires block + block_len < 0x100000000;
    assigns \nothing;
    ensures \result <==> inside(addr, len, block, block_len); */
static inline bool mn_in_block(uint32_t addr, uint32_t len, uint32_t block, uint32_t block_len)
{
    uint32_t room; /* from addr to the end of the block */
    return !__builtin_sub_overflow(block_len, addr - block, &room) && len <= room;
}

/* Inside the program's memory (`writable`: its writable part)? Length 0 always is. */
/*@ requires \valid_read(prog);
    requires prog->rw_addr + prog->rw_len < 0x100000000 && prog->rx_addr + prog->rx_len < 0x100000000;
    assigns \nothing;
    ensures \result <==> len == 0 || inside(addr, len, prog->rw_addr, prog->rw_len) ||
                         (!writable && inside(addr, len, prog->rx_addr, prog->rx_len)); */
static inline bool mn_span_ok(const struct mn_prog *prog, uint32_t addr, uint32_t len, bool writable)
{
    if (!len || mn_in_block(addr, len, prog->rw_addr, prog->rw_len))
        return true;
    return !writable && mn_in_block(addr, len, prog->rx_addr, prog->rx_len);
}
#endif
