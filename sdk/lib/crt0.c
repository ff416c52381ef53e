/* crt0.c: where a program begins and how it ends.
 *
 * The kernel has already copied the initialisers of .data and .tdata and zeroed
 * the rest; see mnemos/abi/image.h for what it hands over. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "runtime.h"
#include <mnemos/program.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

typedef void (*initializer)(void);

extern const initializer __preinit_array_start[], __preinit_array_end[];
extern const initializer __init_array_start[], __init_array_end[];
extern const initializer __fini_array_start[], __fini_array_end[];
extern char __tls_base[];

/* Of the C library: sets what __aeabi_read_tp() answers; runs what atexit() registered (and is only
 * there if something was). */
void _set_tls(void *tls);
void __call_exitprocs(int status, void *unused) __attribute__((weak));

int main(int argc, char **argv);
__attribute__((noreturn)) void _mnemos_start(int argc, char **argv, uint8_t *heap,
                                             uint32_t heap_len);

/* Initialised, and in a section of its own, so that .data is never empty: see app.ld. */
__attribute__((section(".mnemos.data"))) struct runtime_heap runtime_heap = {NULL, 0};
void (*runtime_flush)(void);

static void run_all(const initializer *first, const initializer *end)
{
    while (first != end) (*first++)();
}

__attribute__((section(".mnemos.start"), used)) void _mnemos_start(int argc, char **argv,
                                                                   uint8_t *heap, uint32_t heap_len)
{
    runtime_heap = (struct runtime_heap){.start = heap, .len = heap_len};
    _set_tls(__tls_base);
    run_all(__preinit_array_start, __preinit_array_end);
    run_all(__init_array_start, __init_array_end);
    exit(main(argc, argv));
}

void exit(int status)
{
    if (__call_exitprocs) __call_exitprocs(status, NULL);
    for (const initializer *at = __fini_array_end; at != __fini_array_start;) (*--at)();
    _exit(status);
}

/* The C library does not flush streams that have no file behind them, so it happens here. */
void _exit(int status)
{
    if (runtime_flush) runtime_flush();
    mnemos_exit(status);
}
