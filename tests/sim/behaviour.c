/* behaviour.c — see behaviour.h. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "behaviour.h"
#include "kernel/user/call_priv.h"
#include "kernel/user/memory.h"
#include <mnemos/abi/error.h>
#include <mnemos/abi/sys.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MESSAGE_LEN 32u /* room for an input or output slice */
#define BUFFER_MAX  1024u

struct behaviour {
    mn_co co, calling;
    uint32_t life; /* the generation all of this belongs to */
    struct mn_prog *prog;
    uint32_t handle, used, crc;
    uint32_t at, len;
    uint64_t total, wanted;
};

static struct behaviour behaviours[MN_MAX_PROGRAMS];

/* ---- System calls ---- */

static uint32_t message_addr(const struct mn_prog *prog)
{
    return mn_prog_heap_addr(prog);
}

static uint32_t buffer_addr(const struct mn_prog *prog)
{
    return mn_prog_heap_addr(prog) + 2 * MESSAGE_LEN;
}

static uint8_t *buffer(const struct mn_prog *prog)
{
    return mn_memory(buffer_addr(prog));
}

static uint32_t buffer_len(const struct mn_prog *prog)
{
    uint32_t len = mn_prog_heap_len(prog);
    if (len <= 2 * MESSAGE_LEN) return 0;
    return len - 2 * MESSAGE_LEN < BUFFER_MAX ? len - 2 * MESSAGE_LEN : BUFFER_MAX;
}

static struct mn_frame *frame_of(const struct mn_prog *prog)
{
    return (struct mn_frame *)(void *)mn_memory(prog->context.psp);
}

/* Make the system call whose arguments stand at message_addr(); its result is in the frame when
 * the program goes on. */
static void submit(struct mn_prog *prog, uint32_t number, const struct mnemos_writer *args)
{
    struct mn_frame *frame = frame_of(prog);
    uint32_t len = (uint32_t)(args->at - mn_memory(message_addr(prog)));
    *frame = (struct mn_frame){.r0 = message_addr(prog),
                               .r1 = len,
                               .r2 = message_addr(prog) + MESSAGE_LEN,
                               .r3 = MESSAGE_LEN,
                               .r12 = number};
    mn_call_result result = mn_calls[number](frame, prog);
    if (prog->state != MN_PROG_RUNNABLE) return; /* it waits, or has ended */
    frame->r0 = (uint32_t)result;
    frame->r1 = (uint32_t)(result >> 32);
}

static struct mnemos_writer arguments(const struct mn_prog *prog)
{
    uint8_t *at = mn_memory(message_addr(prog));
    return (struct mnemos_writer){at, at + MESSAGE_LEN};
}

/* Both calls that wait answer how many bytes went; serial_open answers a handle. All are one
 * u32. */
static mn_err result_of(struct behaviour *self)
{
    const struct mn_frame *frame = frame_of(self->prog);
    const uint8_t *coded = mn_memory(message_addr(self->prog) + MESSAGE_LEN);
    struct mnemos_reader reader = {coded, coded + frame->r1};
    struct mnemos_sys_serial_read_reply reply;
    if (frame->r0) return (mn_err)frame->r0;
    if (!mnemos_sys_serial_read_reply_get(&reader, &reply)) abort();
    self->used = reply.used;
    return MN_OK;
}

/* One system call a step, so that other programs have their turn; its result comes with the next
 * step. */
static mn_err open_poll(struct behaviour *self, uint16_t port)
{
    if (!self->calling.at) {
        struct mnemos_writer args = arguments(self->prog);
        struct mnemos_sys_serial_open_args open = {.port = port};
        (void)mnemos_sys_serial_open_args_put(&args, &open);
        submit(self->prog, MNEMOS_SYS_CALL_SERIAL_OPEN, &args);
        self->calling.at = 1;
        return MN_PENDING;
    }
    self->calling.at = 0;
    mn_err err = result_of(self);
    self->handle = self->used;
    return err;
}

static mn_err transfer_poll(struct behaviour *self, uint32_t number, uint32_t at, uint32_t len)
{
    if (!self->calling.at) {
        struct mnemos_writer args = arguments(self->prog);
        struct mnemos_sys_serial_read_args read = {self->handle,
                                                   {buffer_addr(self->prog) + at, len}};
        (void)mnemos_sys_serial_read_args_put(&args, &read);
        submit(self->prog, number, &args);
        self->calling.at = 1;
        return MN_PENDING;
    }
    self->calling.at = 0;
    return result_of(self);
}

static mn_err read_poll(struct behaviour *self)
{
    return transfer_poll(self, MNEMOS_SYS_CALL_SERIAL_READ, 0, buffer_len(self->prog));
}

/* All of buffer[0..len). */
static mn_err write_poll(struct behaviour *self)
{
    mn_err err = transfer_poll(self, MNEMOS_SYS_CALL_SERIAL_WRITE, self->at, self->len - self->at);
    if (err) return err;
    self->at += self->used;
    if (self->at < self->len) return MN_PENDING;
    self->at = 0;
    return MN_OK;
}

/* ---- Behaviours ---- */

static mn_err echo_poll(struct behaviour *self)
{
    MN_BEGIN(&self->co);
    MN_TRY(open_poll(self, 0));
    for (;;) {
        MN_TRY(read_poll(self));
        self->len = self->used;
        if (!self->len) break;
        MN_TRY(write_poll(self));
    }
    MN_END();
}

static void print_total(struct behaviour *self)
{
    self->len =
        (uint32_t)snprintf((char *)buffer(self->prog), buffer_len(self->prog),
                           "%llu bytes, crc32 %08x\n", (unsigned long long)self->total, self->crc);
}

static mn_err sink_poll(struct behaviour *self)
{
    MN_BEGIN(&self->co);
    MN_TRY(open_poll(self, 0));
    for (;;) {
        MN_TRY(read_poll(self));
        if (!self->used) break;
        self->crc = mnemos_crc32(self->crc, buffer(self->prog), self->used);
        self->total += self->used;
    }
    print_total(self);
    MN_TRY(write_poll(self));
    MN_END();
}

static void fill(struct behaviour *self)
{
    uint64_t left = self->wanted - self->total;
    self->len = left < buffer_len(self->prog) ? (uint32_t)left : buffer_len(self->prog);
    for (uint32_t i = 0; i < self->len; i++)
        buffer(self->prog)[i] = (uint8_t)((self->total + i) % 251u);
    self->total += self->len;
}

static mn_err flood_poll(struct behaviour *self)
{
    MN_BEGIN(&self->co);
    MN_TRY(open_poll(self, 0));
    while (self->total < self->wanted) {
        fill(self);
        MN_TRY(write_poll(self));
    }
    MN_END();
}

static void greet(struct behaviour *self)
{
    self->len = (uint32_t)snprintf((char *)buffer(self->prog), buffer_len(self->prog),
                                   "hello from %s\n", self->prog->name);
}

static mn_err greeting_poll(struct behaviour *self)
{
    MN_BEGIN(&self->co);
    MN_TRY(open_poll(self, 0));
    greet(self);
    MN_TRY(write_poll(self));
    MN_END();
}

/* ---- Life ---- */

static bool named(const struct mn_prog *prog, const char *prefix)
{
    return !strncmp(prog->name, prefix, strlen(prefix));
}

static mn_err go_on(struct behaviour *self)
{
    if (named(self->prog, "echo")) return echo_poll(self);
    if (named(self->prog, "sink")) return sink_poll(self);
    if (named(self->prog, "flood")) return flood_poll(self);
    if (named(self->prog, "spin")) {
        usleep(1000); /* as if it computed; the machine is not ours alone */
        return MN_PENDING;
    }
    return greeting_poll(self);
}

/* Its first argument as a number; `otherwise` without one. */
static uint64_t argument(const struct mn_prog *prog, uint64_t otherwise)
{
    const struct mn_frame *frame = frame_of(prog);
    uint32_t text;
    if (frame->r0 < 2) return otherwise;
    memcpy(&text, mn_memory(frame->r1 + 4), sizeof text);
    return strtoull((const char *)mn_memory(text), NULL, 10);
}

static void be_born(struct behaviour *self, struct mn_prog *prog)
{
    *self = (struct behaviour){.life = prog->generation, .prog = prog};
    self->wanted = argument(prog, named(prog, "flood") ? UINT64_MAX : 0);
}

static int32_t exit_status(const struct behaviour *self, mn_err err)
{
    if (err) return 1;
    bool counts = named(self->prog, "flood");
    return counts ? 0 : (int32_t)self->wanted;
}

void behaviour_step(struct mn_prog *prog)
{
    struct behaviour *self = &behaviours[prog->index];
    if (self->life != prog->generation || self->prog != prog) be_born(self, prog);
    mn_err err = buffer_len(prog) < 64 ? MNEMOS_ERR_NO_MEMORY : go_on(self);
    if (err != MN_PENDING) mn_prog_end(prog, MNEMOS_END_EXIT, exit_status(self, err));
}
