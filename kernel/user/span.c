/* span.c — is this a program's own memory? Checked at each use. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "span.h"
#include "memory.h"
#include "prog.h"
#include <mnemos/abi/error.h>

bool mn_user_span_ok(const struct mn_prog *prog, struct mnemos_span span, bool writable)
{
    return mn_span_ok(prog, span.addr, span.len, writable);
}

/* Find the program that lives under this reference, and a part of one of its spans. */
static mn_err locate(struct mn_prog_ref who, struct mnemos_span span, uint32_t at, uint32_t len, bool writable,
                     uint8_t **memory)
{
    const struct mn_prog *prog = mn_prog_at(who.index);
    if (!prog || prog->generation != who.generation)
        return MNEMOS_ERR_GONE;
    if (prog->state != MN_PROG_RUNNABLE && prog->state != MN_PROG_WAITING)
        return MNEMOS_ERR_GONE;
    if (at > span.len || len > span.len - at || !mn_user_span_ok(prog, span, writable))
        return MNEMOS_ERR_BAD_ARGUMENT;
    *memory = len ? mn_memory(span.addr + at) : NULL;
    return MN_OK;
}

mn_err mn_user_read(struct mn_prog_ref who, struct mnemos_span span, uint32_t at, uint8_t *to, uint32_t len)
{
    uint8_t *memory;
    mn_err   err = locate(who, span, at, len, false, &memory);
    if (!err && len)
        __builtin_memcpy(to, memory, len);
    return err;
}

mn_err mn_user_write(struct mn_prog_ref who, struct mnemos_span span, uint32_t at, const uint8_t *from, uint32_t len)
{
    uint8_t *memory;
    mn_err   err = locate(who, span, at, len, true, &memory);
    if (!err && len)
        __builtin_memcpy(memory, from, len);
    return err;
}
