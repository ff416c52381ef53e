/* arch.h — the Cortex-M4 port, as a board's firmware sees it.
 *
 * The executor is the PendSV handler; thread mode belongs to programs. Exception
 * priorities: faults 0, devices MN_IRQ_PRIORITY_FIRST to _LAST, system calls and
 * the executor below all of them. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MN_ARCH_CORTEX_M4_ARCH_H
#define MN_ARCH_CORTEX_M4_ARCH_H
#include <mnemos/abi/loader.h>
#include <stdint.h>

#define MN_IRQ_PRIORITY_FIRST 0x20u /* most urgent */
#define MN_IRQ_PRIORITY_LAST  0xc0u

/* Set up priorities, fault handlers, MPU and FPU. First thing in main(). Interrupts stay out until mn_arch_run(). */
void mn_arch_init(void);

/* Let an interrupt through, at a priority. */
void mn_arch_enable_irq(uint32_t irq, uint32_t priority);

/* Have an interrupt's handler run as if the device had asked. */
void mn_arch_pend_irq(uint32_t irq);

/* Never zero. Any number is better than none. */
void mn_arch_seed_random(uint32_t seed);

/* Everything is set up: the executor takes over. */
_Noreturn void mn_arch_run(void);

/* Why the last reset happened, when it was a crash of the kernel; else NULL.
 * Owner    valid until the next crash. */
const struct mnemos_loader_crash *mn_crash_last(void);

/* ---- For the vector table ---- */

void SVC_Handler(void);
void PendSV_Handler(void);
void Fault_Handler(void); /* HardFault, MemManage, BusFault, UsageFault */
_Noreturn void Unexpected_Handler(void); /* every other vector */

/* ---- What the board provides ---- */

/* Write to the serial line with interrupts off, by polling; give up on a line that does not move. May be empty. */
void mn_board_panic_write(const uint8_t *data, uint32_t len);

/* From the linker script: the bottom of the kernel's stack, MN_STACK_GUARD bytes aligned to themselves that trap; the
 * stack on which a crash is handled; and the kernel's heap, at least so many bytes, where the report of a crash is made. */
#define MN_STACK_GUARD 512u
#define MN_HEAP_LEAST  1024u
extern uint8_t mn_stack_guard[], mn_panic_stack_top[], mn_heap_start[];
#endif
