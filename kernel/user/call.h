/* call.h — a call of a program that could not be finished at once.
 *
 * Each program has one for the system call in which it waits, and some more once
 * it has opened a ring. While a call is pending a service holds it; the service
 * reads and writes the program's memory only through these functions, which
 * check program, generation and range at each use. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MN_USER_CALL_H
#define MN_USER_CALL_H
#include "kernel/core/task.h"
#include "kernel/core/timer.h"
#include <mnemos/abi/sys.h>
#include <mnemos/abi/wire.h>

struct mn_prog;
struct mn_ring;
struct mn_connection;
struct mn_request;

struct mn_prog_ref { uint8_t index; uint32_t generation; };

struct mn_call {
    struct mn_call    *next;     /* for whoever holds it */
    struct mn_prog_ref who;
    struct mnemos_span out;      /* of the system call: checked at submission and again at reply */
    struct mn_ring    *ring;     /* it was submitted through this; NULL: it is a system call */
    uint32_t           number;   /* enum mnemos_sys_call */
    uint32_t           used;     /* what it answers when it is finished at once; bytes that a serial port has moved */
    bool               pending;
    bool               no_wait;
    void (*cancel)(struct mn_call *call); /* the holder forgets the call: the program ended or the deadline passed */
    union {
        struct mnemos_sys_serial_read_args  serial_read;
        struct mnemos_sys_serial_write_args serial_write;
        struct mnemos_sys_service_call_args service_call;
        struct mnemos_sys_sleep_args        sleep;
        struct mn_connection               *connecting;  /* service_connect: waits for this */
        struct { struct mn_request *request; struct mnemos_span reply; } service; /* service_call, under way */
    } args;                      /* taken once, by value */
};

/* Copy between kernel memory and a span of the calling program. `at` is an offset into the span.
 * Errors   gone        the program ended or was replaced
 *          bad_argument outside the span, or the span outside the program's memory (writable part for write) */
MN_MUST_USE mn_err mn_user_read(struct mn_prog_ref who, struct mnemos_span span, uint32_t at, uint8_t *to, uint32_t len);
MN_MUST_USE mn_err mn_user_write(struct mn_prog_ref who, struct mnemos_span span, uint32_t at, const uint8_t *from, uint32_t len);

/* Is a span inside the program's memory (RX or RW; `writable`: RW only)? Length 0 always is. */
bool mn_user_span_ok(const struct mn_prog *prog, struct mnemos_span span, bool writable);

/* Answer a pending call of serial_read, serial_write or service_call: an error, or the bytes that it used. The program
 * becomes runnable, or finds a completion in its ring. A program that is gone makes it a no-op. */
void mn_call_done(struct mn_call *call, mn_err err, uint32_t used);

/* The serial service, as calls see it. Each function either finishes at once (any answer but MN_PENDING, the result
 * through the last pointer) or keeps `call` and answers MN_PENDING; then it has set call->cancel. A write that came
 * through a ring is finished when all its bytes are taken.
 * All are called inside a system call, where no task runs, or from the task that visits rings. */
struct mn_serial_ops {
    mn_err (*open)(struct mn_prog *prog, uint16_t port, uint32_t *handle);
    mn_err (*read)(struct mn_call *call, uint32_t *used);
    mn_err (*write)(struct mn_call *call, uint32_t *used);
    mn_err (*close)(struct mn_prog *prog, uint32_t handle);
};
void mn_call_set_serial(const struct mn_serial_ops *ops);
#endif
