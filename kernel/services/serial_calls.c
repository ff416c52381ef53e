/* serial_calls.c — see serial_calls.h. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/services/serial_calls.h"
#include "kernel/core/heap.h"
#include "kernel/services/mux.h"
#include "kernel/user/prog.h"
#include <mnemos/abi/error.h>
#include <stddef.h>
#include <string.h>

#define PRIVATE_PORTS 16u     /* ports 0..15 of a program are its own */
#define PORTS         0x1000u /* ports a program may name */
#define STDIO         0u
#define STDERR        1u
#define COPY_LEN      128u /* between ring and program, through the kernel's stack */

_Static_assert(MN_SERIAL_HANDLES <= sizeof((struct mnemos_loader_ending){0}.ports.items) /
                                        sizeof((struct mnemos_loader_ending){0}.ports.items[0]),
               "every handle's total fits into `ending`");

/* One open port of a program. A handle is its index and the generation; the generation outlives
 * the program. */
struct handle {
    struct mn_mux_port *port; /* NULL: closed */
    uint16_t number;
    uint32_t generation; /* 24 bits */
    struct mn_call *waiting[2]; /* reads, and writes, in the order in which they came */
};

static struct handle handles[MN_MAX_PROGRAMS][MN_SERIAL_HANDLES];

static struct handle *find(const struct mn_prog *prog, uint32_t handle)
{
    uint32_t at = handle & 0xffu;
    if (at >= MN_SERIAL_HANDLES) return NULL;
    struct handle *found = &handles[prog->index][at];
    return found->port && found->generation == handle >> 8 ? found : NULL;
}

static mn_err read_now(struct handle *handle, struct mn_call *call, uint32_t *used)
{
    uint8_t copy[COPY_LEN];
    struct mnemos_span out = call->args.serial_read.out;
    while (*used < out.len) {
        uint32_t want = out.len - *used < COPY_LEN ? out.len - *used : COPY_LEN;
        uint32_t got = mn_mux_read(handle->port, copy, want);
        if (!got) break;
        mn_err err = mn_user_write(call->who, out, *used, copy, got);
        if (err) return err;
        *used += got;
    }
    return *used || !out.len || mn_mux_at_eof(handle->port) ? MN_OK : MN_PENDING;
}

/* Through a ring: until all is taken, so that what is submitted next does not come in between. */
static mn_err write_now(struct handle *handle, struct mn_call *call, uint32_t *used)
{
    uint8_t copy[COPY_LEN];
    struct mnemos_span data = call->args.serial_write.data;
    uint32_t enough = call->ring || !data.len ? data.len : 1;
    while (*used < data.len) {
        uint32_t left = data.len - *used, room = mn_mux_writable(handle->port);
        uint32_t want = left < COPY_LEN ? left : COPY_LEN;
        if (mn_mux_discard(handle->port, left)) {
            *used = data.len;
            break;
        }
        if (want > room) want = room;
        if (!want) break;
        mn_err err = mn_user_read(call->who, data, *used, copy, want);
        if (err) return err;
        *used += mn_mux_write(handle->port, copy, want);
    }
    return *used >= enough ? MN_OK : MN_PENDING;
}

static bool is_write(const struct mn_call *call)
{
    return call->number == MNEMOS_SYS_CALL_SERIAL_WRITE;
}

static mn_err try_now(struct handle *handle, struct mn_call *call)
{
    return is_write(call) ? write_now(handle, call, &call->used)
                          : read_now(handle, call, &call->used);
}

static struct mn_call *take_first(struct mn_call **queue)
{
    struct mn_call *call = *queue;
    *queue = call->next;
    return call;
}

/* Bytes, room or end-of-file appeared on a port. */
static void port_event(struct mn_mux_port *port, void *owner)
{
    struct handle *handle = owner;
    (void)port;
    for (uint32_t way = 0; way < 2; way++) {
        struct mn_call **queue = &handle->waiting[way];
        while (*queue) {
            mn_err err = try_now(handle, *queue);
            if (err == MN_PENDING) break;
            struct mn_call *call = take_first(queue);
            mn_call_done(call, err, call->used);
        }
    }
}

static void forget(struct mn_call *call)
{
    struct handle *row = handles[call->who.index];
    for (uint32_t i = 0; i < MN_SERIAL_HANDLES; i++) {
        struct mn_call **link = &row[i].waiting[is_write(call)];
        while (*link && *link != call) link = &(*link)->next;
        if (*link) *link = call->next;
    }
}

static void append(struct mn_call **queue, struct mn_call *call)
{
    while (*queue) queue = &(*queue)->next;
    *queue = call;
    call->next = NULL;
}

static mn_err transfer(struct mn_call *call, uint32_t number, uint32_t *used)
{
    struct mn_prog *prog = mn_prog_at(call->who.index);
    struct handle *handle = prog ? find(prog, number) : NULL;
    if (!handle) return MNEMOS_ERR_BAD_HANDLE;
    struct mn_call **queue = &handle->waiting[is_write(call)];
    mn_err err = *queue ? MN_PENDING : try_now(handle, call);
    *used = call->used;
    if (err != MN_PENDING) return err;
    if (call->no_wait) return MNEMOS_ERR_WOULD_WAIT;
    append(queue, call);
    call->cancel = forget;
    return MN_PENDING;
}

static mn_err serial_read(struct mn_call *call, uint32_t *used)
{
    return transfer(call, call->args.serial_read.handle, used);
}

static mn_err serial_write(struct mn_call *call, uint32_t *used)
{
    return transfer(call, call->args.serial_write.handle, used);
}

static uint32_t put_decimal(char *out, uint32_t value)
{
    uint32_t digits = value < 10u ? 0 : put_decimal(out, value / 10u);
    out[digits] = (char)('0' + value % 10u);
    return digits + 1u;
}

/* The port's name on the wire: "stdio", "stderr", "port N". */
static void name_port(char name[16], uint16_t port)
{
    memset(name, 0, 16);
    if (port == STDIO)
        memcpy(name, "stdio", 5);
    else if (port == STDERR)
        memcpy(name, "stderr", 6);
    else {
        memcpy(name, "port ", 5);
        put_decimal(name + 5, port);
    }
}

static uint32_t rx_len(uint16_t port)
{
    if (port == STDERR) return 0;
    bool plenty = mn_heap_stats().free >= MN_CONFIG_STDIN_LEAVES + MN_CONFIG_STDIN_LEN;
    return port == STDIO && plenty ? MN_CONFIG_STDIN_LEN : MN_CONFIG_PROGRAM_RX_LEN;
}

/* Closed ports keep their place until their bytes are out, so a program's share of the heap is bounded. */
static bool is_free(const struct handle *handle)
{
    return !handle->port && !mn_mux_is_closing(handle);
}

static mn_err serial_open(struct mn_prog *prog, uint16_t port, uint32_t *out)
{
    char name[16];
    struct handle *handle = handles[prog->index];
    struct handle *end = handle + MN_SERIAL_HANDLES;
    if (port >= PORTS) return MNEMOS_ERR_BAD_ARGUMENT;
    while (handle < end && !is_free(handle)) handle++;
    if (handle == end) return MNEMOS_ERR_FULL;

    uint16_t number = port < PRIVATE_PORTS ? (uint16_t)(prog->port_base + port) : port;
    bool console = port == STDIO || port == STDERR;
    name_port(name, port);
    mn_err err =
        mn_mux_open(number, name, console ? MN_PORT_INTERACTIVE : MN_PORT_BULK, rx_len(port),
                    port == STDERR ? MN_CONFIG_PROGRAM_STDERR_LEN : MN_CONFIG_PROGRAM_TX_LEN,
                    port_event, handle, &handle->port);
    if (err) return err;
    handle->number = number;
    handle->generation = (handle->generation + 1u) & 0xffffffu;
    *out = (uint32_t)(handle - handles[prog->index]) | handle->generation << 8;
    return MN_OK;
}

/* Calls that came through a ring may wait while their program closes the port. */
static void close_handle(struct handle *handle)
{
    mn_mux_close(handle->port);
    handle->port = NULL;
    for (uint32_t way = 0; way < 2; way++) {
        while (handle->waiting[way]) {
            struct mn_call *call = take_first(&handle->waiting[way]);
            mn_call_done(call, MNEMOS_ERR_CANCELLED, call->used);
        }
    }
}

static mn_err serial_close(struct mn_prog *prog, uint32_t number)
{
    struct handle *handle = find(prog, number);
    if (!handle) return MNEMOS_ERR_BAD_HANDLE;
    close_handle(handle);
    return MN_OK;
}

static void note_total(struct mnemos_loader_ending *ending, const struct handle *handle)
{
    struct mnemos_loader_port_total *total = &ending->ports.items[ending->ports.len++];
    total->port = handle->number;
    total->sent = mn_mux_total(handle->port);
}

static void ended(struct mn_prog *prog)
{
    prog->ending.ports.len = 0;
    for (uint32_t i = 0; i < MN_SERIAL_HANDLES; i++) {
        struct handle *handle = &handles[prog->index][i];
        if (handle->port) {
            note_total(&prog->ending, handle);
            close_handle(handle);
        }
        mn_mux_disown(handle); /* the next life has its own share */
    }
}

void mn_serial_calls_start(void)
{
    static const struct mn_serial_ops ops = {serial_open, serial_read, serial_write, serial_close};
    static struct mn_prog_watcher watcher;
    watcher = (struct mn_prog_watcher){.ended = ended};
    memset(handles, 0, sizeof handles);
    mn_call_set_serial(&ops);
    mn_prog_watch(&watcher);
}
