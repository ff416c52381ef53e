/* runtime.h: what the parts of libmnemos know of each other. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MNEMOS_LIB_RUNTIME_H
#define MNEMOS_LIB_RUNTIME_H
#include <stdint.h>

/* The heap, as the kernel gave it: set before any constructor runs. */
struct runtime_heap {
    uint8_t *start;
    uint32_t len;
};
extern struct runtime_heap runtime_heap;

/* Writes out what stdout holds back. Set by the first character printed, so that a program that
 * prints nothing carries no stdio. */
extern void (*runtime_flush)(void);

/* Prepares the heap for the first block. mkapp.py gives a heap to programs that contain it. */
__attribute__((noinline)) void runtime_heap_begin(void);

/* Bytes of the heap in use, and the most there ever were; 0 in a program without malloc. */
extern uint32_t runtime_heap_used, runtime_heap_peak;

/* Called before anything that may wait long. */
static inline void runtime_before_wait(void)
{
    if (runtime_flush) runtime_flush();
}
#endif
