/* programs.c — the rows that need programs: system calls, switches, and the way of an interrupt to a task and to a
 * program. The program (bench/programs) is part of this image; its argument says what it does. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "bench/bench.h"
#include "bench/kernel/device.h"
#include "bench/kernel/memory.h"
#include "bench/kernel/rows.h"
#include "bench/kernel/stack.h"
#include "bench/programs/ports.h"
#include "kernel/core/bbq.h"
#include "kernel/core/port.h"
#include "kernel/user/prog.h"
#include <mnemos/abi/error.h>
#include <string.h>

#define SLEEPS   50u /* interrupts from sleep that are measured */
#define PROGRAMS 2u

extern const uint8_t bench_program[];

/* What is run, and the row that its markers make when it does not name its own. */
struct run {
    const char *argument;
    uint32_t argument_len, programs;
    const char *row;
};

#define ARGUMENT(text) text, sizeof text

static const struct run runs[] = {
    {ARGUMENT("calls"), 1, NULL},
    {ARGUMENT("yield"), 2, "call.yield"},
    {ARGUMENT("sleep"), 1, "irq.to_program"},
    {ARGUMENT("spin"), 1, "irq.to_task"},
    {ARGUMENT("rings"), 1, NULL},
};

static struct {
    struct mn_task task;
    uint32_t at, loaded, running, sleeps;
    struct mn_prog *progs[PROGRAMS];
    struct mn_event ended, rung;
} control;

/* ---- The ports, instead of the serial service ---- */

static struct {
    struct mn_task task;
    struct mn_event event;
    struct mn_call *call;
} answerer;

static struct {
    struct mn_task task;
    struct mn_event event;
} listener;

static struct mn_bbq ring;
static uint8_t ring_bytes[256];

static mn_err open(struct mn_prog *prog, uint16_t port, uint32_t *handle)
{
    (void)prog;
    (void)port;
    *handle = 0;
    return MN_OK;
}

static mn_err close(struct mn_prog *prog, uint32_t handle)
{
    (void)prog;
    (void)handle;
    mn_bbq_init(&ring, ring_bytes, sizeof ring_bytes);
    return MN_OK;
}

static void forget(struct mn_call *call)
{
    (void)call;
    answerer.call = NULL;
}

/* Waits for the device. */
static mn_err read(struct mn_call *call, uint32_t *used)
{
    (void)used;
    answerer.call = call;
    call->cancel = forget;
    device_arm(&answerer.event);
    return MN_PENDING;
}

/* Arms the device, or copies into a ring of the kernel. */
static mn_err write(struct mn_call *call, uint32_t *used)
{
    struct mnemos_span data = call->args.serial_write.data;
    if (call->args.serial_write.handle == BENCH_PORT_DEVICE) {
        device_arm(&listener.event);
        *used = data.len;
        return MN_OK;
    }
    struct mn_grant grant = mn_bbq_write_grant(&ring, data.len);
    mn_err err = mn_user_read(call->who, data, 0, grant.buf, data.len);
    if (err) return err;
    mn_bbq_commit(&grant, data.len);
    *used = data.len;
    return MN_OK;
}

static const struct mn_serial_ops ports = {open, read, write, close};

/* ---- Who waits for the device ---- */

/* A program's call is answered. */
static mn_err answerer_poll(struct mn_task *task, struct mn_cx *cx)
{
    MN_BEGIN(&task->co)
        ;
        for (;;) {
            MN_AWAIT(mn_event_wait_poll(&answerer.event, cx));
            if (answerer.call) mn_call_done(answerer.call, MN_OK, 0);
        }
    MN_END();
}

/* A sample ends where the task's poll is entered. */
static mn_err listener_poll(struct mn_task *task, struct mn_cx *cx)
{
    BENCH_STOP();
    MN_BEGIN(&task->co)
        ;
        for (;;) {
            MN_AWAIT(mn_event_wait_poll(&listener.event, cx));
            mn_event_raise(&control.rung);
        }
    MN_END();
}

/* ---- One run after the other ---- */

static void ended(struct mn_prog *prog)
{
    if (prog->ending.reason != MNEMOS_END_EXIT || prog->ending.status) {
        bench_print("a program failed\n");
        bench_exit(1);
    }
    if (--control.running == 0) mn_event_raise(&control.ended);
}

static void load(struct mn_prog **prog)
{
    struct mnemos_image_header head;
    memcpy(&head, bench_program, sizeof head);
    MN_ASSERT(!mn_prog_reserve(&head, "bench", head.head_len, prog));
    memcpy(mn_prog_rw(*prog), bench_program, head.head_len);
    memcpy(mn_prog_rx(*prog), bench_program + head.head_len, head.payload_len);
}

/* Finish loading the next one: its head is still where load() put it. */
static mn_err finish_poll(struct mn_cx *cx)
{
    struct mn_prog *prog = control.progs[control.loaded];
    return mn_prog_finish_poll(prog, cx, mn_prog_rw(prog));
}

static void start_all(const struct run *run)
{
    for (uint32_t i = 0; i < run->programs; i++)
        MN_ASSERT(
            !mn_prog_start(control.progs[i], (const uint8_t *)run->argument, run->argument_len));
}

static void unload_all(const struct run *run)
{
    for (uint32_t i = 0; i < run->programs; i++) mn_prog_unload(control.progs[i]);
}

static mn_err control_poll(struct mn_task *task, struct mn_cx *cx)
{
    MN_BEGIN(&task->co)
        ;
        for (control.at = 0; control.at < sizeof runs / sizeof *runs; control.at++) {
            control.running = runs[control.at].programs;
            for (control.loaded = 0; control.loaded < runs[control.at].programs; control.loaded++) {
                load(&control.progs[control.loaded]);
                MN_TRY(finish_poll(cx));
            }
            start_all(&runs[control.at]);
            MN_AWAIT(mn_event_wait_poll(&control.ended, cx));
            if (runs[control.at].row) bench_row(runs[control.at].row);
            unload_all(&runs[control.at]);
        }
        /* With no program loaded the processor sleeps until the device wakes it. */
        mn_event_raise(&control.rung);
        MN_AWAIT(mn_event_wait_poll(&control.rung, cx));
        for (control.sleeps = 0; control.sleeps < SLEEPS; control.sleeps++) {
            device_arm(&listener.event);
            MN_AWAIT(mn_event_wait_poll(&control.rung, cx));
        }
        bench_row("irq.sleep_to_task");
        bench_value("stack.kernel", stack_deepest());
        bench_exit(0);
    MN_END();
}

void programs_start(void)
{
    static struct mn_prog_watcher watcher = {.ended = ended};
    mn_bbq_init(&ring, ring_bytes, sizeof ring_bytes);
    mn_call_set_serial(&ports);
    mn_prog_watch(&watcher);
    mn_task_start(&answerer.task, "answerer", answerer_poll);
    mn_task_start(&listener.task, "listener", listener_poll);
    mn_task_start(&control.task, "control", control_poll);
}
