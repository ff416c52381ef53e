/* program.c: mnemos/program.h. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "call.h"
#include "runtime.h"
#include <mnemos/program.h>
#include <string.h>

/* Bytes of a message the kernel takes. */
enum { MESSAGE_MAX = 96 };

static void report_heap(void)
{
    if (runtime_heap_peak == 0) return;
    uint8_t in[MNEMOS_SYS_HEAP_PEAK_ARGS_MAX];
    struct mnemos_writer writer = {in, in + sizeof in};
    mnemos_sys_heap_peak_args_put(&writer,
                                  &(struct mnemos_sys_heap_peak_args){.bytes = runtime_heap_peak});
    call_kernel(MNEMOS_SYS_CALL_HEAP_PEAK, in, (uint32_t)(writer.at - in), NULL, 0);
}

void mnemos_exit(int status)
{
    report_heap();
    uint8_t in[MNEMOS_SYS_EXIT_ARGS_MAX];
    struct mnemos_writer writer = {in, in + sizeof in};
    mnemos_sys_exit_args_put(&writer, &(struct mnemos_sys_exit_args){.status = status});
    call_kernel(MNEMOS_SYS_CALL_EXIT, in, (uint32_t)(writer.at - in), NULL, 0);
    __builtin_trap();
}

void mnemos_panic(const char *message)
{
    if (runtime_flush) runtime_flush();
    report_heap();
    size_t len = strnlen(message, MESSAGE_MAX);
    uint8_t in[MNEMOS_SYS_PANIC_ARGS_MAX];
    struct mnemos_writer writer = {in, in + sizeof in};
    mnemos_sys_panic_args_put(&writer,
                              &(struct mnemos_sys_panic_args){.message = span_of(message, len)});
    call_kernel(MNEMOS_SYS_CALL_PANIC, in, (uint32_t)(writer.at - in), NULL, 0);
    __builtin_trap();
}

void mnemos_info(struct mnemos_info *info)
{
    uint8_t out[MNEMOS_SYS_INFO_REPLY_MAX];
    struct call_result result = call_kernel(MNEMOS_SYS_CALL_INFO, NULL, 0, out, sizeof out);
    struct mnemos_reader reader = {out, out + result.used};
    struct mnemos_sys_info_reply reply;
    memset(info, 0, sizeof *info);
    if (result.err || !mnemos_sys_info_reply_get(&reader, &reply)) return;
    info->abi_major = reply.abi_major;
    info->abi_minor = reply.abi_minor;
    info->program = reply.handle;
    memcpy(info->kernel, reply.kernel, sizeof reply.kernel);
    memcpy(info->board, reply.board, sizeof reply.board);
}

void mnemos_memory(struct mnemos_memory *memory)
{
    uint8_t out[MNEMOS_SYS_MEMORY_REPLY_MAX];
    struct call_result result = call_kernel(MNEMOS_SYS_CALL_MEMORY, NULL, 0, out, sizeof out);
    struct mnemos_reader reader = {out, out + result.used};
    struct mnemos_sys_memory_reply reply;
    memset(memory, 0, sizeof *memory);
    if (result.err || !mnemos_sys_memory_reply_get(&reader, &reply)) return;
    *memory = (struct mnemos_memory){
        .text_start = reply.rx_addr,
        .text_len = reply.rx_len,
        .data_start = reply.rw_addr,
        .data_len = reply.rw_len,
        .stack_len = reply.stack_len,
        .stack_peak = reply.stack_peak,
        .heap_start = reply.heap_addr,
        .heap_len = reply.heap_len,
        .heap_used = runtime_heap_used,
        .heap_peak = runtime_heap_peak,
    };
}
