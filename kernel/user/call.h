/* call.h — a system call that could not be finished inside its handler.
 *
 * Each program has one. While it is pending the program waits and a service
 * holds the call; the service reads and writes the program's memory only through
 * these functions, which check program, generation and range at each use. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MN_USER_CALL_H
#define MN_USER_CALL_H
#include "kernel/core/task.h"
#include "kernel/core/timer.h"
#include <mnemos/abi/sys.h>
#include <mnemos/abi/wire.h>

struct mn_prog;
struct mn_connection;
struct mn_request;

struct mn_prog_ref { uint8_t index; uint32_t generation; };

struct mn_call {
    struct mn_call    *next;     /* for whoever holds it */
    struct mn_prog_ref who;
    struct mnemos_span out;      /* checked at submission and again at reply */
    uint32_t           number;   /* enum mnemos_sys_call */
    bool               pending;
    bool               no_wait;
    struct mn_timer    limit;    /* deadline, answers timed_out after `cancel`; end of a sleep */
    void (*cancel)(struct mn_call *call); /* the holder forgets the call: the program ended or the deadline passed */
    union {
        struct mnemos_sys_serial_read_args  serial_read;
        struct mnemos_sys_serial_write_args serial_write;
        struct mnemos_sys_sleep_args        sleep;
        struct mn_connection               *connecting;  /* service_connect: waits for this */
        struct { struct mn_request *request; struct mnemos_span reply; } service; /* service_call */
    } args;                      /* decoded once, by value */
};

/* Copy between kernel memory and a span of the calling program. `at` is an offset into the span.
 * Errors   gone        the program ended or was replaced
 *          bad_argument outside the span, or the span outside the program's memory (writable part for write) */
MN_MUST_USE mn_err mn_user_read(struct mn_prog_ref who, struct mnemos_span span, uint32_t at, uint8_t *to, uint32_t len);
MN_MUST_USE mn_err mn_user_write(struct mn_prog_ref who, struct mnemos_span span, uint32_t at, const uint8_t *from, uint32_t len);

/* Is a span inside the program's memory (RX or RW; `writable`: RW only)? Length 0 always is. */
bool mn_user_span_ok(const struct mn_prog *prog, struct mnemos_span span, bool writable);

/* Answer a pending call: `reply` are the encoded bytes of the reply (len 0 with an error). The program becomes runnable.
 * A program that is gone makes it a no-op. */
void mn_call_reply(struct mn_call *call, mn_err err, const uint8_t *reply, uint32_t len);

/* The serial service, as the system calls see it. Each function either finishes at once (any answer but MN_PENDING, the
 * result through the last pointer) or keeps `call` and answers MN_PENDING; then it has set call->cancel.
 * All are called inside the system call, where no task runs. */
struct mn_serial_ops {
    mn_err (*open)(struct mn_prog *prog, uint16_t port, uint32_t *handle);
    mn_err (*read)(struct mn_call *call, uint32_t *used);
    mn_err (*write)(struct mn_call *call, uint32_t *used);
    mn_err (*close)(struct mn_prog *prog, uint32_t handle);
};
void mn_call_set_serial(const struct mn_serial_ops *ops);
#endif
