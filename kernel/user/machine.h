/* machine.h — what running programs needs from the processor, beyond core/port.h.
 *
 * kernel/arch/cortex-m4 implements it; kernel/arch/host does for tests. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MN_USER_MACHINE_H
#define MN_USER_MACHINE_H
#include "kernel/core/port.h"
#include <stdbool.h>
#include <stdint.h>

/* What an exception leaves on a program's stack. */
struct mn_frame { uint32_t r0, r1, r2, r3, r12, lr, pc, xpsr; };

#define MN_FRAME_FP_WORDS   18u         /* more words of a frame that holds floating-point registers */
#define MN_XPSR_THUMB       0x01000000u
#define MN_XPSR_PADDED      0x00000200u /* one word was left free above the frame */
#define MN_EXC_RETURN_START 0xfffffffdu /* to a program, without floating-point state */
#define MN_EXC_RETURN_NO_FP 0x00000010u /* set: the frame holds no floating-point registers */

/* The running program has ended: forget the exceptions that it left pending. */
void mn_machine_drop_pending(void);

/* The executor is about to look for work: requests for a pass that were made before now are served by it. */
void mn_machine_wakes_seen(void);
#endif
