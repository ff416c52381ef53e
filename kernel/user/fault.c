/* fault.c — what a program did, and the record of it. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "fault.h"
#include "machine.h"
#include "memory.h"
#include "sched.h"
#include "span.h"
#include "kernel/core/port.h"
#include <mnemos/abi/error.h>

/* Bits of the status registers. */
#define CFSR_STACKING   0x1010u /* MSTKERR, STKERR: the frame was not written */
#define CFSR_UNSTACKING 0x0808u /* MUNSTKERR, UNSTKERR: nor could it be read back */
#define CFSR_IACCVIOL   0x0001u
#define CFSR_DACCVIOL   0x0002u
#define CFSR_BUS        0x0700u /* IBUSERR, PRECISERR, IMPRECISERR */
#define CFSR_UNDEFINSTR 0x00010000u
#define CFSR_INVSTATE   0x00020000u
#define CFSR_INVPC      0x00040000u
#define CFSR_NOCP       0x00080000u
#define CFSR_UNALIGNED  0x01000000u
#define CFSR_DIVBYZERO  0x02000000u

enum { R12 = 12, SP = 13, LR = 14, PC = 15, XPSR = 16 };

uint8_t mn_fault_kind(const struct mn_fault_status *status)
{
    static const struct { uint32_t bits; uint8_t kind; } kinds[] = {
        { CFSR_STACKING | CFSR_UNSTACKING, MNEMOS_LOADER_FAULT_KIND_STACK_OVERFLOW },
        { CFSR_IACCVIOL | CFSR_INVSTATE | CFSR_INVPC, MNEMOS_LOADER_FAULT_KIND_EXECUTE },
        { CFSR_DACCVIOL, MNEMOS_LOADER_FAULT_KIND_ACCESS },
        { CFSR_BUS, MNEMOS_LOADER_FAULT_KIND_BUS },
        { CFSR_UNDEFINSTR | CFSR_NOCP, MNEMOS_LOADER_FAULT_KIND_UNDEFINED },
        { CFSR_UNALIGNED, MNEMOS_LOADER_FAULT_KIND_UNALIGNED },
        { CFSR_DIVBYZERO, MNEMOS_LOADER_FAULT_KIND_DIVIDE },
    };
    for (uint32_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (status->cfsr & kinds[i].bits)
            return kinds[i].kind;
    /* A breakpoint has no bit of its own: it escalates. */
    return status->hfsr && !status->cfsr ? MNEMOS_LOADER_FAULT_KIND_BREAKPOINT : MNEMOS_LOADER_FAULT_KIND_OTHER;
}

void mn_fault_processor(const struct mn_fault_status *status)
{
    struct mn_prog *prog = mn_sched.current;
    prog->condemned = (uint8_t)(mn_fault_kind(status) + 1);
    mn_sched.held |= MN_HELD_CONDEMNED;
    prog->fault = (struct mnemos_loader_fault){
        .cfsr = status->cfsr, .hfsr = status->hfsr, .mmfar = status->mmfar, .bfar = status->bfar,
    };
    mn_sched.current = NULL;
    mn_machine_drop_pending();
    mn_port_pend();
}

void mn_fault_call(struct mn_prog *prog, uint8_t kind)
{
    prog->condemned = (uint8_t)(kind + 1);
    mn_sched.held |= MN_HELD_CONDEMNED;
    prog->fault = (struct mnemos_loader_fault){ 0 };
    mn_port_pend();
}

void mn_fault_ring(struct mn_prog *prog, uint8_t kind, uint32_t number)
{
    mn_fault_call(prog, kind);
    prog->fault.call = number;
}

static void record_registers(struct mnemos_loader_fault *fault, const struct mn_prog_context *context)
{
    const struct mn_frame *frame = (const struct mn_frame *)(const void *)mn_memory(context->psp);
    __builtin_memcpy(fault->regs, frame, 4 * sizeof *fault->regs);
    __builtin_memcpy(fault->regs + 4, context->r4_r11, sizeof context->r4_r11);
    fault->regs[R12] = frame->r12;
    fault->regs[LR] = frame->lr;
    fault->regs[PC] = frame->pc;
    fault->regs[XPSR] = frame->xpsr;
    fault->regs[SP] += (uint32_t)sizeof *frame;
    if (!(context->exc_return & MN_EXC_RETURN_NO_FP))
        fault->regs[SP] += 4 * MN_FRAME_FP_WORDS;
    if (frame->xpsr & MN_XPSR_PADDED)
        fault->regs[SP] += 4;
}

/* Nobody writes there until it starts again. */
static void record_stack(struct mn_prog *prog, uint32_t sp)
{
    struct mnemos_loader_fault *fault = &prog->fault;
    uint32_t end = prog->rw_addr + prog->rw_len;
    if (!mn_in_block(sp, 0, prog->rw_addr, prog->rw_len))
        return;
    fault->stack = (struct mnemos_bytes){ mn_memory(sp), end - sp < MN_PROG_EXCERPT_MAX ? end - sp : MN_PROG_EXCERPT_MAX };
}

void mn_fault_execute(struct mn_prog *prog)
{
    struct mnemos_loader_fault *fault = &prog->fault;
    uint32_t psp = prog->context.psp;
    uint8_t  kind = (uint8_t)(prog->condemned - 1);

    fault->handle = mn_prog_handle(prog);
    fault->kind = kind;
    fault->rx_addr = prog->rx_addr;
    fault->rx_len = prog->rx_len;
    fault->rw_addr = prog->rw_addr;
    fault->rw_len = prog->rw_len;
    fault->stack_len = prog->head.stack_len;
    fault->data_addr = mn_prog_data_addr(prog);
    fault->at_us = mn_port_now_us();
    __builtin_memcpy(fault->build_id, prog->head.build_id, sizeof fault->build_id);
    fault->regs[SP] = psp;
    fault->regs_valid = !(fault->cfsr & (CFSR_STACKING | CFSR_UNSTACKING))
                        && mn_in_block(psp, sizeof(struct mn_frame), prog->rw_addr, prog->rw_len);
    if (fault->regs_valid)
        record_registers(fault, &prog->context);
    bool is_call = kind == MNEMOS_LOADER_FAULT_KIND_BAD_SLICE || kind == MNEMOS_LOADER_FAULT_KIND_UNKNOWN_CALL;
    if (is_call && !fault->call)
        fault->call = fault->regs[R12];
    record_stack(prog, kind == MNEMOS_LOADER_FAULT_KIND_STACK_OVERFLOW ? prog->rw_addr : fault->regs[SP]);
    prog->has_fault = true;
    mn_prog_end(prog, MNEMOS_END_FAULT, kind);
}
