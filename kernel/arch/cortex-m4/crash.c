/* crash.c — faults: a program's go to kernel/user; the kernel's own are recorded, told and end in a reset.
 *
 * The record lies in memory that a reset leaves alone. It is told twice: at once
 * by polling, for who is listening, and after the reset to who asks. Nothing here
 * trusts a task, a stack or an interrupt. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "arch.h"
#include "registers.h"
#include "kernel/core/port.h"
#include "kernel/core/task.h"
#include "kernel/user/fault.h"
#include "kernel/user/machine.h"
#include "kernel/user/sched.h"
#include "kernel/user/text.h"
#include <mnemos/abi/link.h>

#define RECORD_MAGIC 0x4352534du
#define REASON_MAX   64u
#define FILE_MAX     48u
#define TASK_MAX     16u
#define TEXT_MAX     256u

enum { SP = 13, LR = 14, PC = 15, XPSR = 16 };

struct record {
    uint32_t magic, crc; /* crc of what follows */
    struct record_body {
        char     reason[REASON_MAX], file[FILE_MAX], task[TASK_MAX];
        uint32_t line;
        uint32_t regs[17];
        struct mn_fault_status status;
        uint32_t at_us[2];
    } body;
};

static struct record record __attribute__((section(".noinit")));
static bool          panicking;

void mn_fault_of_program(void);
_Noreturn void mn_fault_of_kernel(const struct mn_frame *frame, const uint32_t r4_r11[8]);

/* ---- The record ---- */

/* Keep the beginning of a text, or its end. */
static void keep(char *to, uint32_t max, const char *text, bool its_end)
{
    uint32_t len = mn_text_length(text, TEXT_MAX);
    __builtin_memset(to, 0, max);
    if (len > max && its_end)
        text += len - max;
    __builtin_memcpy(to, text, len < max ? len : max);
}

static struct mnemos_bytes bytes_of(const char *text, uint32_t max)
{
    return (struct mnemos_bytes){ (const uint8_t *)text, mn_text_length(text, max) };
}

static struct mnemos_loader_crash crash_of(const struct record_body *body)
{
    struct mnemos_loader_crash crash = {
        .reason = bytes_of(body->reason, REASON_MAX),
        .file = bytes_of(body->file, FILE_MAX),
        .line = body->line,
        .task = bytes_of(body->task, TASK_MAX),
        .cfsr = body->status.cfsr,
        .hfsr = body->status.hfsr,
        .mmfar = body->status.mmfar,
        .bfar = body->status.bfar,
        .at_us = body->at_us[0] | (uint64_t)body->at_us[1] << 32,
    };
    __builtin_memcpy(crash.regs, body->regs, sizeof crash.regs);
    return crash;
}

const struct mnemos_loader_crash *mn_crash_last(void)
{
    static struct mnemos_loader_crash last;
    static bool looked, found;
    if (!looked) {
        looked = true;
        found = record.magic == RECORD_MAGIC && record.crc == mnemos_crc32(0, &record.body, sizeof record.body);
        record.magic = 0;
        if (found)
            last = crash_of(&record.body);
    }
    return found ? &last : NULL;
}

/* ---- Telling ---- */

static void write_text(const char *text)
{
    mn_board_panic_write((const uint8_t *)text, mn_text_length(text, TEXT_MAX));
}

static void write_hex(const char *label, uint32_t value)
{
    char digits[9];
    for (uint32_t i = 0; i < 8; i++)
        digits[i] = "0123456789abcdef"[value >> (28 - 4 * i) & 15];
    digits[8] = 0;
    write_text(label);
    write_text(digits);
}

static void write_line(const struct record_body *body)
{
    char decimal[11], *digit = decimal + sizeof decimal - 1;
    uint32_t line = body->line;
    *digit = 0;
    do {
        *--digit = (char)('0' + line % 10);
        line /= 10;
    } while (line);
    write_text("\r\nmnemOS: the kernel crashed: ");
    mn_board_panic_write((const uint8_t *)body->reason, mn_text_length(body->reason, REASON_MAX));
    if (body->file[0]) {
        write_text(" at ");
        mn_board_panic_write((const uint8_t *)body->file, mn_text_length(body->file, FILE_MAX));
        write_text(":");
        write_text(digit);
    }
    if (body->task[0]) {
        write_text(" in task ");
        mn_board_panic_write((const uint8_t *)body->task, mn_text_length(body->task, TASK_MAX));
    }
    write_hex(", pc ", body->regs[PC]);
    write_hex(", lr ", body->regs[LR]);
    write_hex(", status ", body->status.cfsr);
    write_text("\r\n");
}

#define PLAIN_MAX (2u + MNEMOS_LOADER_CRASH_MAX + 4u)
#define CODED_MAX (MNEMOS_COBS_MAX(PLAIN_MAX) + 1u)
_Static_assert(PLAIN_MAX + CODED_MAX <= MN_HEAP_LEAST, "the heap has room for both");

/* The heap is nobody's any more. */
static void write_frame(const struct record_body *body)
{
    uint8_t *const plain = mn_heap_start, *const coded = plain + PLAIN_MAX;
    struct mnemos_loader_crash crash = crash_of(body);
    struct mnemos_writer       out = { plain + 2, plain + PLAIN_MAX - 4 };

    plain[0] = (uint8_t)(MNEMOS_LINK_PORT_CRASH & 0xff);
    plain[1] = (uint8_t)(MNEMOS_LINK_PORT_CRASH >> 8);
    if (!mnemos_loader_crash_put(&out, &crash))
        return;
    uint32_t crc = mnemos_crc32(0, plain, (size_t)(out.at - plain));
    __builtin_memcpy(out.at, &crc, sizeof crc);
    size_t len = mnemos_cobs_encode(coded, plain, (size_t)(out.at - plain) + sizeof crc);
    coded[len] = 0;
    mn_board_panic_write(coded, (uint32_t)len + 1);
}

/* ---- The end ---- */

static _Noreturn void reset(void)
{
    __asm volatile("dsb" ::: "memory");
    SCB_AIRCR = AIRCR_RESET;
    for (;;)
        __asm volatile("dsb" ::: "memory");
}

/* From here on nothing else runs. A crash while crashing resets without a word. */
static struct record_body *begin(const char *reason, const char *file, uint32_t line)
{
    (void)mn_port_lock();
    if (panicking)
        reset();
    panicking = true;
    const struct mn_task *task = mn_task_current();
    uint64_t              now = mn_port_now_us();
    struct record_body   *body = &record.body;
    keep(body->reason, REASON_MAX, reason, false);
    keep(body->file, FILE_MAX, file, true);
    keep(body->task, TASK_MAX, task ? task->name : "", false);
    body->line = line;
    body->at_us[0] = (uint32_t)now;
    body->at_us[1] = (uint32_t)(now >> 32);
    body->status = (struct mn_fault_status){ 0 };
    __builtin_memset(body->regs, 0, sizeof body->regs);
    return body;
}

static _Noreturn void finish(void)
{
    static const uint8_t zero[1];
    record.crc = mnemos_crc32(0, &record.body, sizeof record.body);
    record.magic = RECORD_MAGIC;
    mn_board_panic_write(zero, 1); /* ends the frame that was under way */
    write_line(&record.body);
    mn_board_panic_write(zero, 1); /* what a machine reads begins here */
    write_frame(&record.body);
    reset();
}

void mn_port_panic(const char *reason, const char *file, uint32_t line)
{
    struct record_body *body = begin(reason, file, line);
    body->regs[SP] = (uint32_t)__builtin_frame_address(0);
    body->regs[LR] = (uint32_t)__builtin_return_address(0);
    body->regs[PC] = (uint32_t)__builtin_return_address(0);
    finish();
}

/* ---- Faults ---- */

/* Read the status and clear it, or the next report lies. */
static struct mn_fault_status take_status(void)
{
    struct mn_fault_status status = { .cfsr = SCB_CFSR, .hfsr = SCB_HFSR };
    if (status.cfsr & CFSR_MMARVALID)
        status.mmfar = SCB_MMFAR;
    if (status.cfsr & CFSR_BFARVALID)
        status.bfar = SCB_BFAR;
    SCB_CFSR = status.cfsr;
    SCB_HFSR = status.hfsr;
    return status;
}

__attribute__((used)) void mn_fault_of_program(void)
{
    struct mn_fault_status status = take_status();
    if (mn_sched.current)
        mn_fault_processor(&status);
    else
        mn_machine_drop_pending();
}

static bool is_in_guard(uint32_t addr)
{
    return addr - (uint32_t)mn_stack_guard < MN_STACK_GUARD;
}

static const char *reason_for(const struct mn_fault_status *status, uint32_t sp)
{
    static const char *const reasons[] = {
        [MNEMOS_LOADER_FAULT_KIND_ACCESS] = "access to forbidden memory",
        [MNEMOS_LOADER_FAULT_KIND_EXECUTE] = "jump to what is not code",
        [MNEMOS_LOADER_FAULT_KIND_STACK_OVERFLOW] = "stack pointer out of range",
        [MNEMOS_LOADER_FAULT_KIND_BUS] = "bus error",
        [MNEMOS_LOADER_FAULT_KIND_UNDEFINED] = "undefined instruction",
        [MNEMOS_LOADER_FAULT_KIND_DIVIDE] = "division by zero",
        [MNEMOS_LOADER_FAULT_KIND_UNALIGNED] = "unaligned access",
        [MNEMOS_LOADER_FAULT_KIND_BREAKPOINT] = "breakpoint",
        [MNEMOS_LOADER_FAULT_KIND_OTHER] = "hard fault",
    };
    if (is_in_guard(sp) || (status->cfsr & CFSR_MMARVALID && is_in_guard(status->mmfar)))
        return "kernel stack overflow";
    const char *reason = reasons[mn_fault_kind(status)];
    return reason ? reason : "hard fault";
}

__attribute__((used)) _Noreturn void mn_fault_of_kernel(const struct mn_frame *frame, const uint32_t r4_r11[8])
{
    struct mn_fault_status status = take_status();
    uint32_t               sp = (uint32_t)frame;
    struct record_body    *body = begin(reason_for(&status, sp), "", 0);
    bool readable = mn_fault_kind(&status) != MNEMOS_LOADER_FAULT_KIND_STACK_OVERFLOW && !is_in_guard(sp);

    body->status = status;
    body->regs[SP] = sp;
    __builtin_memcpy(body->regs + 4, r4_r11, 8 * sizeof *r4_r11);
    if (readable) {
        __builtin_memcpy(body->regs, frame, 4 * sizeof *body->regs);
        body->regs[12] = frame->r12;
        body->regs[SP] = sp + (uint32_t)sizeof *frame;
        body->regs[LR] = frame->lr;
        body->regs[PC] = frame->pc;
        body->regs[XPSR] = frame->xpsr;
    }
    finish();
}

_Noreturn void Unexpected_Handler(void)
{
    mn_port_panic("unexpected interrupt", "", 0);
}
