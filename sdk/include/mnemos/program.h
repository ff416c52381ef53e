/* program.h: the running program itself. How it ends, what it runs on, the memory it has.
 *
 * A program begins in main(argc, argv) and ends by returning from it or by exit():
 * both run what atexit() registered, write out stdout and stderr and hand the
 * status to the host, which reports 0 to 123 as its own exit status. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MNEMOS_PROGRAM_H
#define MNEMOS_PROGRAM_H
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* End this program now, with nothing run and nothing written out. exit() is the polite way. */
__attribute__((noreturn)) void mnemos_exit(int status);

/* End this program because it found itself broken: the host shows the first 96 bytes of `message`
 * and exits with 134. What was printed before is written out first. abort() and a failed assert()
 * end here. */
__attribute__((noreturn)) void mnemos_panic(const char *message);

/* What this program runs on. */
struct mnemos_info {
    uint16_t abi_major, abi_minor; /* of the kernel; the major is the program's own */
    char kernel[17];               /* version, "0.3.0" */
    char board[17];                /* "mps2-an386" */
    uint32_t program;              /* this program's number, as `mnemos-load ps` shows it */
};
void mnemos_info(struct mnemos_info *info);

/* Where this program lies and how much of its memory it has used. Sizes in bytes. */
struct mnemos_memory {
    uintptr_t text_start;
    uint32_t text_len;
    uintptr_t data_start; /* the stack comes first, then data and heap */
    uint32_t data_len;
    uint32_t stack_len, stack_peak;
    uintptr_t heap_start;
    uint32_t heap_len, heap_used, heap_peak;
};
void mnemos_memory(struct mnemos_memory *memory);

#ifdef __cplusplus
}
#endif
#endif
