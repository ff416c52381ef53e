/* crash_on_demand.c — deliberate faults of the kernel, in a task. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "crash_on_demand.h"
#include "kernel/core/port.h"
#include "kernel/services/gen/serial_mux_service.h"
#include "kernel/services/mux.h"

#define NOTHING_HERE 0xa0000000u

/* The compiler must not see that these are null. */
static void (*volatile null_function)(void);
static const volatile uint32_t *volatile null_pointer;
static volatile uint32_t zero;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Winfinite-recursion"
static uint32_t __attribute__((noinline)) overflow(volatile uint32_t *above)
{
    volatile uint32_t mine[16];
    mine[0] = *above + 1;
    return overflow(mine) + mine[0];
}
#pragma GCC diagnostic pop

static void receive(struct mn_mux_messages *self, const uint8_t *data, uint32_t len)
{
    (void)self;
    switch (len ? data[0] : 0) {
    case 'n': null_function(); break;
    case 'r': zero = *null_pointer; break;
    case 'a': MN_ASSERT(zero == 1); break;
    case 's': zero = overflow(&zero); break;
    case 'u': __asm volatile("udf #0"); break;
    case 'd': zero = 7 / zero; break;
    case 'b': zero = *(volatile uint32_t *)NOTHING_HERE; break;
    default: break;
    }
}

static uint8_t                frame[16 + MN_MUX_FRAME_OVERHEAD];
static struct mn_mux_messages port = {
    .port = CRASH_ON_DEMAND_PORT, .frame = frame, .frame_cap = sizeof frame, .receive = receive,
};
static struct mnemos_serial_mux_attach_args attach = { .messages = &port };
static struct mn_client                     mux;

static mn_err attach_poll(struct mn_task *task, struct mn_cx *cx)
{
    MN_BEGIN(&task->co);
    MN_TRY(serial_mux_connect_poll(&mux, cx));
    MN_TRY(serial_mux_attach_poll(&mux, cx, &attach));
    MN_END();
}

void crash_on_demand_start(void)
{
    static struct mn_task task;
    mn_task_start(&task, "crash on demand", attach_poll);
}
