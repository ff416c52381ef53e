/* submit.c — where every call of a program that a service serves begins. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "call_priv.h"
#include "span.h"
#include <mnemos/abi/error.h>

const struct mn_serial_ops *mn_serial;

void mn_call_set_serial(const struct mn_serial_ops *ops)
{
    mn_serial = ops;
}

static mn_err submit_serial(const struct mn_prog *prog, struct mn_call *call, struct mnemos_span span, bool read)
{
    if (!mn_span_ok(prog, span.addr, span.len, read))
        return MN_CALL_BAD_SLICE;
    if (!mn_serial)
        return MNEMOS_ERR_NOT_SUPPORTED;
    return (read ? mn_serial->read : mn_serial->write)(call, &call->used);
}

mn_err mn_call_submit(struct mn_prog *prog, struct mn_call *call, uint64_t deadline_us)
{
    call->used = 0;
    switch (call->number) {
    case MNEMOS_SYS_CALL_SERIAL_READ:
        return submit_serial(prog, call, call->args.serial_read.out, true);
    case MNEMOS_SYS_CALL_SERIAL_WRITE:
        return submit_serial(prog, call, call->args.serial_write.data, false);
    case MNEMOS_SYS_CALL_SERVICE_CALL:
        return mn_service_call_submit(prog, call, deadline_us);
    default:
        return MNEMOS_ERR_BAD_ARGUMENT;
    }
}
