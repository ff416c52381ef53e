/* switch.c — the ways between programs and the kernel: SVC, PendSV, faults.
 *
 * Thread mode is always a program on PSP, so nobody asks where an exception came
 * from, but the fault entry. SVC has the lower exception number and the same
 * priority as PendSV: the two exclude each other and a pending SVC is served for
 * the program that made it. CONTROL.nPRIV is set in handler mode and never
 * cleared. All words are read and written through the struct offsets below. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "arch.h"
#include "registers.h"
#include "kernel/user/call_priv.h"
#include "kernel/user/sched.h"

#define NAKED __attribute__((naked))

_Static_assert(offsetof(struct mn_prog, context) == 0, "the context is found at the program's address");
_Static_assert(offsetof(struct mn_prog_context, psp) == 0 && offsetof(struct mn_prog_context, r4_r11) == 4
               && offsetof(struct mn_prog_context, exc_return) == 36, "stored in one run");
_Static_assert(offsetof(struct mn_sched, current) == 0, "loaded without an offset");
_Static_assert(offsetof(struct mn_frame, r0) == 0 && offsetof(struct mn_frame, r1) == 4, "stored as a pair");

/* One system call: find its handler by the *stacked* r12 (a more urgent exception may have changed the live one), call
 * it with frame and program, put its answer into the frame. A program that the call has ended gets none. The handler's
 * frame is writable by the program: the stacking itself, with the program's rights, has proved it. */
NAKED void SVC_Handler(void)
{
    __asm volatile(
        "mrs    r0, psp                 \n"
        "ldr    r3, =mn_sched           \n"
        "ldr    r1, [r3]                \n"
        "ldr    r2, [r0, %[r12]]        \n"
        "cmp    r2, %[count]            \n"
        "it     hs                      \n"
        "movhs  r2, %[count]            \n"
        "ldr    r3, =mn_calls           \n"
        "push   {r0, lr}                \n"
        "ldr    r3, [r3, r2, lsl #2]    \n"
        "blx    r3                      \n"
        "pop    {r2, lr}                \n"
        "ldr    r3, =mn_sched           \n"
        "ldr    r3, [r3]                \n"
        "cbz    r3, 1f                  \n"
        "strd   r0, r1, [r2]            \n"
        "1:                             \n"
        "bx     lr                      \n"
        ".ltorg                         \n"
        :: [r12] "i"(offsetof(struct mn_frame, r12)), [count] "i"(MNEMOS_SYS_CALL_COUNT));
}

/* What the floating-point registers are cleared with. */
__attribute__((used)) static const uint32_t zeros[32];

/* The kernel loop. Saves the current program, if there is one (not after boot, nor when it has ended), lets
 * mn_schedule() work and choose, loads the MPU when its owner changes, and goes to the chosen program.
 *
 * lr tells whether the program's frame holds floating-point registers. They stay in the FPU for the next one to see,
 * unless it has its own, so a program without gets zeros. */
NAKED void PendSV_Handler(void)
{
    __asm volatile(
        ".fpu   fpv4-sp-d16             \n"
        "ldr    r3, =mn_sched           \n"
        "ldr    r0, [r3]                \n"
        "tst    lr, %[no_fp]            \n"
        "it     eq                      \n"
        "streq  lr, [r3, %[fp_used]]    \n" /* any value but 0 */
        "cbz    r0, 1f                  \n"
        "mrs    r1, psp                 \n"
        "itt    eq                      \n"
        "addeq  r2, r0, %[s16]          \n"
        "vstmeq r2, {s16-s31}           \n"
        "str    r1, [r0], #4            \n"
        "stm    r0, {r4-r11, lr}        \n"
        "movs   r1, #0                  \n"
        "str    r1, [r3]                \n"
        "b      2f                      \n"
        "1:                             \n"
        "movs   r1, #1                  \n" /* nPRIV */
        "msr    control, r1             \n"
        "isb                            \n"
        "2:                             \n"
        "bl     mn_schedule             \n"
        "ldr    r3, =mn_sched           \n"
        "ldr    r1, [r3, %[owner]]      \n"
        "str    r0, [r3]                \n"
        "cmp    r1, r0                  \n"
        "beq    3f                      \n"
        "str    r0, [r3, %[owner]]      \n"
        "add    r1, r0, %[mpu]          \n"
        "ldm    r1, {r4-r11}            \n"
        "ldr    r1, =%[rbar]            \n"
        "stm    r1, {r4-r11}            \n"
        "dsb                            \n"
        "isb                            \n"
        "3:                             \n"
        "mov    r2, r0                  \n"
        "ldr    r1, [r2], #4            \n"
        "msr    psp, r1                 \n"
        "ldm    r2, {r4-r11, lr}        \n"
        "tst    lr, %[no_fp]            \n"
        "bne    4f                      \n"
        "add    r0, r0, %[s16]          \n"
        "vldm   r0, {s16-s31}           \n"
        "bx     lr                      \n"
        "4:                             \n"
        "ldr    r1, [r3, %[fp_used]]    \n"
        "cbz    r1, 5f                  \n"
        "movs   r1, #0                  \n"
        "str    r1, [r3, %[fp_used]]    \n"
        "vmsr   fpscr, r1               \n"
        "ldr    r2, =zeros              \n"
        "vldm   r2, {s0-s31}            \n"
        "5:                             \n"
        "bx     lr                      \n"
        ".ltorg                         \n"
        :: [no_fp] "i"(MN_EXC_RETURN_NO_FP), [fp_used] "i"(offsetof(struct mn_sched, fp_used)),
           [owner] "i"(offsetof(struct mn_sched, mpu_owner)), [s16] "i"(offsetof(struct mn_prog_context, s16_s31)),
           [mpu] "i"(offsetof(struct mn_prog_context, mpu)), [rbar] "i"(MPU_RBAR_ADDR));
}

/* Any fault. Bit 2 of lr alone says whose: set, a program's on PSP, whose registers go into its context; clear, the
 * kernel's, handled on a stack of its own because the usual one may be what is broken. A program that has ended
 * already cannot fault again: what comes late is forgotten. */
NAKED void Fault_Handler(void)
{
    __asm volatile(
        "tst    lr, #4                  \n"
        "beq    1f                      \n"
        "ldr    r1, =mn_sched           \n"
        "ldr    r1, [r1]                \n"
        "cbz    r1, 2f                  \n"
        "mrs    r0, psp                 \n"
        "str    r0, [r1], #4            \n"
        "stm    r1, {r4-r11, lr}        \n"
        "2:                             \n"
        "push   {r0, lr}                \n"
        "bl     mn_fault_of_program     \n"
        "pop    {r0, lr}                \n"
        "bx     lr                      \n"
        "1:                             \n"
        "mov    r0, sp                  \n"
        "ldr    r1, =mn_panic_stack_top \n"
        "mov    sp, r1                  \n"
        "push   {r4-r11}                \n"
        "mov    r1, sp                  \n"
        "bl     mn_fault_of_kernel      \n"
        ".ltorg                         \n");
}
