/* port.h — everything the portable kernel needs from a processor and a board.
 *
 * kernel/arch/cortex-m4 and kernel/arch/host implement it; nothing else in
 * kernel/core, kernel/user and kernel/services touches hardware. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MN_CORE_PORT_H
#define MN_CORE_PORT_H
#include "await.h"
#include <stdbool.h>
#include <stdint.h>

/* The four that are called most often may be inline: then the build names the arch's header of them in MN_PORT_INLINE. */
#ifdef MN_PORT_INLINE
#include MN_PORT_INLINE
#else
/* Keep interrupts out. Nests: pass the answer to mn_port_unlock(). */
MN_ISR_OK uint32_t mn_port_lock(void);
MN_ISR_OK void     mn_port_unlock(uint32_t before);

/* Ask for a pass of the executor soon. */
MN_ISR_OK void mn_port_pend(void);

/* Is this a device interrupt? (Not a task, not a system call.) */
MN_ISR_OK bool mn_port_in_interrupt(void);
#endif

/* Microseconds since boot; never goes backwards. */
MN_ISR_OK uint64_t mn_port_now_us(void);

/* A counter of the board's own, to measure with for less than mn_port_now_us() costs: the kernel reads it at each switch
 * and after each poll, and books time in it. What a board promises: it counts up, at one rate, also while the processor
 * sleeps; 32 bits of it are used, which wrap no sooner than after 30 s; and the port has mn_port_pend() called at least
 * twice in that time, so that whoever reads it in each pass of the executor misses no wrap. Steps of 31 us will do: the
 * counter of a slow clock may be shifted to the left until it has 32 bits.
 *
 * A board whose counter is one load names the header with these three, inline, in MN_STAMP_INLINE. */
#ifdef MN_STAMP_INLINE
#include MN_STAMP_INLINE
#else
MN_ISR_OK uint32_t mn_port_stamp(void);

/* A difference of two in microseconds, rounded down; microseconds, at most a second, as a difference, rounded up. */
MN_ISR_OK uint32_t mn_port_stamp_us(uint32_t difference);
MN_ISR_OK uint32_t mn_port_stamps(uint32_t us);
#endif

/* A sum of many differences in microseconds, rounded down. */
uint64_t mn_port_stamp_total_us(uint64_t total);

/* Ask for mn_timer_alarm() in an interrupt, at an absolute time; replaces the previous wish. A time already past comes at
 * once; UINT64_MAX means never. Too early does no harm. */
void mn_port_alarm(uint64_t at_us);

/* Sleep until any interrupt, unless `ready()` answers true when looked at with interrupts kept out. */
void mn_port_idle(bool (*ready)(void));

/* Fill memory with random bytes. */
void mn_port_random(uint8_t *out, uint32_t len);

/* The board the kernel was built for. */
struct mn_board {
    const char *name;    /* at most 16 bytes */
    const char *version; /* of the kernel, at most 16 bytes */
    bool        fpu;
};
extern const struct mn_board mn_board;

/* Record, say so on the serial line where that is possible, reset. `detail` words go into the record. */
_Noreturn void mn_port_panic(const char *reason, const char *file, uint32_t line);

#define MN_ASSERT(cond) \
    do { if (!(cond)) mn_port_panic(#cond, __FILE__, __LINE__); } while (0)
#endif
