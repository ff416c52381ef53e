/* prog.c — the life of programs. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "prog.h"
#include "arena.h"
#include "call_priv.h"
#include "machine.h"
#include "memory.h"
#include "mpu_plan.h"
#include "rings.h"
#include "sched.h"
#include "text.h"
#include "kernel/core/port.h"
#include <mnemos/abi/error.h>
#include <mnemos/abi/link.h>

#define GENERATION_MASK   0xffffffu /* what fits into a handle */
#define CHECK_SLICE       4096u     /* bytes of the payload per poll */
#define RELOC_SLICE       64u       /* entries per poll */
#define STACK_LEFT_MIN    256u      /* for the program, after its arguments */
#define STACK_PAINT       0xc5u
#define PORTS_PER_PROGRAM 16u

static struct {
    struct mn_prog          progs[MN_MAX_PROGRAMS];
    struct mn_prog_watcher *watchers;
    uint16_t                next_port;
} table;

void mn_prog_reset(uint32_t arena_addr, uint32_t arena_len)
{
    mn_arena_reset(arena_addr, arena_len);
    mn_sched_reset();
    mn_service_calls_reset();
    mn_rings_reset();
    __builtin_memset(&table, 0, sizeof table);
    table.next_port = MNEMOS_LINK_PORT_PROGRAM;
    for (uint32_t i = 0; i < MN_MAX_PROGRAMS; i++)
        table.progs[i].index = (uint8_t)i;
}

struct mn_prog *mn_prog_at(uint32_t index)
{
    if (index >= MN_MAX_PROGRAMS || table.progs[index].state == MN_PROG_FREE)
        return NULL;
    return &table.progs[index];
}

struct mn_prog *mn_prog_find(uint32_t handle)
{
    struct mn_prog *prog = mn_prog_at(handle & 0xffu);
    return prog && prog->generation == handle >> 8 ? prog : NULL;
}

uint32_t mn_prog_handle(const struct mn_prog *prog)
{
    return prog->index | prog->generation << 8;
}

struct mn_prog *mn_prog_current(void)
{
    return mn_sched.current;
}

struct mn_arena_stats mn_prog_arena(void)
{
    return mn_arena_stats();
}

uint64_t mn_prog_run_us(const struct mn_prog *prog)
{
    return mn_port_stamp_total_us(prog->run);
}

void mn_prog_watch(struct mn_prog_watcher *watcher)
{
    struct mn_prog_watcher **end = &table.watchers;
    while (*end)
        end = &(*end)->next;
    watcher->next = NULL;
    *end = watcher;
}

static bool is_alive(const struct mn_prog *prog)
{
    return prog->state == MN_PROG_RUNNABLE || prog->state == MN_PROG_WAITING;
}

static void next_life(struct mn_prog *prog)
{
    prog->generation = (prog->generation + 1) & GENERATION_MASK;
}

/* ---- Memory ---- */

uint32_t mn_prog_data_addr(const struct mn_prog *prog)
{
    return prog->rw_addr + prog->head.stack_len;
}

uint32_t mn_prog_heap_addr(const struct mn_prog *prog)
{
    return mn_prog_data_addr(prog) + ((prog->head.static_len + 7u) & ~7u);
}

uint32_t mn_prog_heap_len(const struct mn_prog *prog)
{
    return prog->rw_addr + prog->rw_len - mn_prog_heap_addr(prog);
}

uint8_t *mn_prog_rx(struct mn_prog *prog)
{
    MN_ASSERT(prog->state == MN_PROG_LOADING);
    return mn_memory(prog->rx_addr);
}

uint8_t *mn_prog_rw(struct mn_prog *prog)
{
    MN_ASSERT(prog->state == MN_PROG_LOADING);
    return mn_memory(prog->rw_addr);
}

static struct mn_prog *free_slot(void)
{
    for (uint32_t i = 0; i < MN_MAX_PROGRAMS; i++)
        if (table.progs[i].state == MN_PROG_FREE)
            return &table.progs[i];
    return NULL;
}

/* A free slot keeps nothing but its number. */
static void wipe(struct mn_prog *prog)
{
    uint8_t  index = prog->index;
    uint32_t generation = prog->generation;
    __builtin_memset(prog, 0, sizeof *prog);
    prog->index = index;
    prog->generation = generation;
}

static mn_err place(struct mn_prog *prog, uint32_t scratch)
{
    const struct mnemos_image_header *head = &prog->head;
    uint32_t        rw_len = head->stack_len + ((head->static_len + 7u) & ~7u) + head->heap_len;
    struct mn_place at;
    mn_err          err = mn_arena_take(head->payload_len, rw_len > scratch ? rw_len : scratch, &at, prog->context.mpu);
    if (err)
        return err;
    prog->rx_addr = at.rx_addr;
    prog->rx_len = at.rx_len;
    prog->rw_addr = at.rw_addr;
    prog->rw_len = at.rw_len;
    return MN_OK;
}

mn_err mn_prog_reserve(const struct mnemos_image_header *head, const char *name, uint32_t scratch, struct mn_prog **out)
{
    mn_err err = mn_image_check_header(head);
    if (!err && head->float_abi == MNEMOS_FLOAT_HARD && !mn_board.fpu)
        err = MNEMOS_ERR_IMAGE_FLOAT;
    if (err)
        return err;
    uint32_t name_len = mn_text_length(name, MN_PROG_NAME_MAX + 1);
    if (!name_len || name_len > MN_PROG_NAME_MAX)
        return MNEMOS_ERR_BAD_ARGUMENT;
    struct mn_prog *prog = free_slot();
    if (!prog)
        return MNEMOS_ERR_TOO_MANY_PROGRAMS;

    wipe(prog);
    prog->head = *head;
    err = place(prog, scratch);
    if (err)
        return err;
    __builtin_memcpy(prog->name, name, name_len);
    __builtin_memset(mn_memory(prog->rx_addr), 0, prog->rx_len);
    next_life(prog);
    prog->state = MN_PROG_LOADING;
    mn_sched_forget_map(prog);
    *out = prog;
    return MN_OK;
}

void mn_prog_unload(struct mn_prog *prog)
{
    if (is_alive(prog))
        mn_prog_end(prog, MNEMOS_END_STOPPED, 0);
    __builtin_memset(mn_memory(prog->rx_addr), 0, prog->rx_len);
    __builtin_memset(mn_memory(prog->rw_addr), 0, prog->rw_len);
    mn_arena_give(&(struct mn_place){ prog->rx_addr, prog->rx_len, prog->rw_addr, prog->rw_len });
    mn_sched_forget_map(prog);
    wipe(prog);
}

/* ---- Load ---- */

static mn_err check_head(struct mn_prog *prog, const uint8_t *head)
{
    struct mn_image image;
    mn_err          err = mn_image_check(head, prog->head.head_len, &image);
    prog->check.lack = (struct mn_requires_lack){ 0 };
    if (err)
        return err;
    if (__builtin_memcmp(&image.head, &prog->head, sizeof prog->head) != 0)
        return MNEMOS_ERR_UPLOAD_CRC;
    prog->check.relocs = image.relocs;
    return mn_requires_check(head + MNEMOS_IMAGE_HEADER, head + image.head.head_len, &prog->check.lack);
}

static void sum_slice(struct mn_prog *prog)
{
    struct mn_prog_check *check = &prog->check;
    uint32_t              left = prog->head.payload_len - check->at;
    uint32_t              len = left < CHECK_SLICE ? left : CHECK_SLICE;
    const uint8_t        *bytes = mn_memory(prog->rx_addr + check->at);
    check->crc32 = mnemos_crc32(check->crc32, bytes, len);
    check->adler32 = mnemos_adler32(check->adler32, bytes, len);
    check->at += len;
}

static mn_err relocate_slice(struct mn_prog *prog)
{
    uint32_t text_delta = prog->rx_addr - prog->head.text_base;
    uint32_t data_delta = mn_prog_data_addr(prog) - prog->head.data_base;
    for (uint32_t i = 0; i < RELOC_SLICE && prog->check.relocs.left; i++) {
        uint32_t offset, word;
        bool     data;
        mn_err   err = mn_relocs_next(&prog->check.relocs, &offset, &data);
        if (err)
            return err;
        uint8_t *at = mn_memory(prog->rx_addr + offset);
        __builtin_memcpy(&word, at, sizeof word);
        word += data ? data_delta : text_delta;
        __builtin_memcpy(at, &word, sizeof word);
    }
    return MN_OK;
}

mn_err mn_prog_finish_poll(struct mn_prog *prog, struct mn_cx *cx, const uint8_t *head)
{
    struct mn_prog_check *check = &prog->check;
    mn_err                err;

    MN_BEGIN(&check->co);
    err = check_head(prog, head);
    if (err)
        return err;
    check->at = 0;
    check->crc32 = 0;
    check->adler32 = 1;
    while (check->at < prog->head.payload_len) {
        sum_slice(prog);
        MN_YIELD(cx);
    }
    if (check->crc32 != prog->head.payload_crc32 || check->adler32 != prog->head.payload_adler) {
        check->co.at = 0;
        return MNEMOS_ERR_IMAGE_PAYLOAD_CRC;
    }
    while (check->relocs.left) {
        err = relocate_slice(prog);
        if (err) {
            check->co.at = 0;
            return err;
        }
        MN_YIELD(cx);
    }
    prog->state = MN_PROG_LOADED;
    MN_END();
}

/* ---- Start ---- */

static bool is_port_in_use(uint16_t port_base)
{
    for (uint32_t i = 0; i < MN_MAX_PROGRAMS; i++)
        if (is_alive(&table.progs[i]) && table.progs[i].port_base == port_base)
            return true;
    return false;
}

static uint16_t take_ports(void)
{
    uint16_t port_base;
    do {
        port_base = table.next_port;
        table.next_port = (uint16_t)(table.next_port + PORTS_PER_PROGRAM);
        if (table.next_port >= MNEMOS_LINK_PORT_PROGRAM_END)
            table.next_port = MNEMOS_LINK_PORT_PROGRAM;
    } while (is_port_in_use(port_base));
    return port_base;
}

/* What the arguments need at the top of the stack: the strings, the name's among them, and the array that points at
 * them with its zero at the end. */
struct arguments { uint32_t count, text_len, strings, array; };

static mn_err lay_out(const struct mn_prog *prog, const uint8_t *args, uint32_t args_len, struct arguments *out)
{
    uint32_t stack_top = mn_prog_data_addr(prog);
    if (args_len && args[args_len - 1] != 0)
        return MNEMOS_ERR_BAD_ARGUMENT;
    out->count = 1;
    for (uint32_t i = 0; i < args_len; i++)
        out->count += args[i] == 0;
    uint64_t text_len = (uint64_t)mn_text_length(prog->name, MN_PROG_NAME_MAX) + 1 + args_len;
    uint64_t needed = text_len + 4ull * (out->count + 1) + 2 * 8 + sizeof(struct mn_frame) + STACK_LEFT_MIN;
    if (needed > prog->head.stack_len)
        return MNEMOS_ERR_TOO_BIG;
    out->text_len = (uint32_t)text_len;
    out->strings = (stack_top - out->text_len) & ~7u;
    out->array = (out->strings - 4 * (out->count + 1)) & ~7u;
    return MN_OK;
}

static void store_word(uint32_t addr, uint32_t word)
{
    __builtin_memcpy(mn_memory(addr), &word, sizeof word);
}

static void write_arguments(const struct mn_prog *prog, const uint8_t *args, uint32_t args_len,
                            const struct arguments *layout)
{
    uint32_t name_len = layout->text_len - args_len;
    uint8_t *strings = mn_memory(layout->strings);
    uint32_t at = layout->array;
    __builtin_memcpy(strings, prog->name, name_len);
    if (args_len)
        __builtin_memcpy(strings + name_len, args, args_len);
    for (uint32_t i = 0; i < layout->text_len; i++) {
        if (i == 0 || strings[i - 1] == 0) {
            store_word(at, layout->strings + i);
            at += 4;
        }
    }
    store_word(at, 0);
}

static void prepare_memory(const struct mn_prog *prog)
{
    const struct mnemos_image_header *head = &prog->head;
    __builtin_memset(mn_memory(prog->rw_addr), STACK_PAINT, head->stack_len);
    __builtin_memset(mn_memory(mn_prog_data_addr(prog)), 0, prog->rw_len - head->stack_len);
    __builtin_memcpy(mn_memory(mn_prog_data_addr(prog)), mn_memory(prog->rx_addr + head->data_off), head->data_len);
}

static void prepare_context(struct mn_prog *prog, const struct arguments *layout)
{
    struct mn_prog_context *context = &prog->context;
    struct mn_frame         frame = {
        .r0 = layout->count,
        .r1 = layout->array,
        .r2 = mn_prog_heap_addr(prog),
        .r3 = mn_prog_heap_len(prog),
        .pc = prog->rx_addr + prog->head.entry_off,
        .xpsr = MN_XPSR_THUMB,
    };
    context->psp = layout->array - (uint32_t)sizeof frame;
    __builtin_memset(context->r4_r11, 0, sizeof context->r4_r11);
    context->exc_return = MN_EXC_RETURN_START;
    __builtin_memcpy(mn_memory(context->psp), &frame, sizeof frame);
}

mn_err mn_prog_start(struct mn_prog *prog, const uint8_t *args, uint32_t args_len)
{
    struct arguments layout;
    if (prog->state != MN_PROG_LOADED && prog->state != MN_PROG_ENDED)
        return MNEMOS_ERR_NOT_READY;
    mn_err err = lay_out(prog, args, args_len, &layout);
    if (err)
        return err;

    prepare_memory(prog);
    write_arguments(prog, args, args_len, &layout);
    prepare_context(prog, &layout);
    next_life(prog);
    prog->condemned = 0;
    prog->message_len = 0;
    prog->fault.stack.len = 0;
    prog->port_base = take_ports();
    prog->starts++;
    prog->heap_peak = 0;
    prog->started_us = mn_port_now_us();
    prog->call = (struct mn_call){ .who = { prog->index, prog->generation } };
    mn_sched_forget_map(prog);
    mn_prog_ready(prog);
    for (struct mn_prog_watcher *watcher = table.watchers; watcher; watcher = watcher->next)
        if (watcher->started)
            watcher->started(prog);
    return MN_OK;
}

/* ---- End ---- */

uint32_t mn_prog_stack_peak(const struct mn_prog *prog)
{
    const uint8_t *stack = mn_memory(prog->rw_addr);
    uint32_t       untouched = 0, word;
    for (; untouched < prog->head.stack_len; untouched += (uint32_t)sizeof word) {
        __builtin_memcpy(&word, stack + untouched, sizeof word);
        if (word != STACK_PAINT * 0x01010101u)
            break;
    }
    return prog->head.stack_len - untouched;
}

void mn_prog_end(struct mn_prog *prog, uint8_t reason, int32_t status)
{
    if (!is_alive(prog))
        return;
    mn_call_abandon(&prog->call);
    mn_ring_end(prog);
    mn_service_calls_end(prog);
    mn_sched_remove(prog);
    mn_sched_forget_map(prog);
    if (mn_sched.current == prog) {
        mn_sched.current = NULL;
        mn_machine_drop_pending();
        mn_port_pend();
    }
    prog->state = MN_PROG_ENDED;
    prog->condemned = 0;
    prog->ending = (struct mnemos_loader_ending){
        .handle = mn_prog_handle(prog),
        .reason = reason,
        .status = status,
        .message = { prog->message, prog->message_len },
        .stack_peak = mn_prog_stack_peak(prog),
        .heap_peak = prog->heap_peak,
        .life_us = mn_port_now_us() - prog->started_us,
    };
    for (struct mn_prog_watcher *watcher = table.watchers; watcher; watcher = watcher->next)
        if (watcher->ended)
            watcher->ended(prog);
}
