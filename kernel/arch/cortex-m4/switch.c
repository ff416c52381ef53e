/* switch.c — the ways between programs and the kernel: SVC, PendSV, faults.
 *
 * Thread mode is always a program on PSP, so nobody asks where an exception came
 * from, but the fault entry. SVC has the lower exception number and the same
 * priority as PendSV: the two exclude each other and a pending SVC is served for
 * the program that made it. CONTROL.nPRIV is set in handler mode and never
 * cleared. All words are read and written through the struct offsets below.
 *
 * PendSV and, for a yield, SVC change PSP and the value they return with. No
 * other handler does, and nothing more urgent than these two looks at either of
 * them but the fault entry, which is entered from a handler only when the kernel
 * is broken. So in both, lr is what the program's own exception entry made:
 * - An interrupt that arrives late, or is served before a pending SVC, returns
 *   with the lr that it was given. The call finds its number in the frame, and
 *   r4 to r11 and PSP as the program left them.
 * - What becomes pending while SVC switches, PendSV for a woken task above all,
 *   is served when SVC returns, with the next program's lr and PSP and with that
 *   program in `current`: as if that one had been interrupted before its first
 *   instruction.
 * - A stacking error at the call is a fault before SVC begins. It takes the
 *   pending call back (mn_machine_drop_pending()), so SVC never begins for a
 *   program that has ended, and `current` is never NULL there.
 * - A frame that cannot be unstacked is a fault of the program that it is of:
 *   `current`, set before. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "arch.h"
#include "registers.h"
#include "kernel/core/port.h"
#include "kernel/user/call_priv.h"
#include "kernel/user/sched.h"

#define NAKED __attribute__((naked))

_Static_assert(offsetof(struct mn_prog, context) == 0, "the context is found at the program's address");
_Static_assert(offsetof(struct mn_prog_context, psp) == 0 && offsetof(struct mn_prog_context, r4_r11) == 4
               && offsetof(struct mn_prog_context, exc_return) == 36, "stored in one run");
_Static_assert(offsetof(struct mn_frame, r0) == 0 && offsetof(struct mn_frame, r1) == 4, "stored as a pair");
_Static_assert(offsetof(struct mn_sched, slice_used) == 0 && offsetof(struct mn_sched, last) == 4
               && offsetof(struct mn_sched, current) == 8 && offsetof(struct mn_sched, mpu_owner) == 12
               && offsetof(struct mn_sched, ran) == 16 && offsetof(struct mn_sched, since) == 20, "stored in one run");

/* mn_port_stamp() in r7; r0 and r8 to r11 may change. A board with a shorter way has it beside its inline one. */
#ifndef MN_STAMP_ASM
#define MN_STAMP_ASM             \
    "push   {r1, r3}         \n" \
    "bl     mn_port_stamp    \n" \
    "mov    r7, r0           \n" \
    "pop    {r1, r3}         \n"
#endif

/* One system call: find its handler by the *stacked* r12 (a more urgent exception may have changed the live one), call
 * it with frame and program, put its answer into the frame. A program that the call has ended gets none. The handler's
 * frame is writable by the program: the stacking itself, with the program's rights, has proved it.
 *
 * A yield has a way of its own from 4 on, when nothing speaks against it (see mn_sched.detour): both slices empty, the
 * program without floating-point registers. It is what call_yield() and mn_schedule() would do: the time that has
 * passed is the program's, who is the last of the ring now; the one after it begins a slice. Whatever is pending comes
 * after that. An alarm for the end of the old slice is early enough for the new one's. */
NAKED void SVC_Handler(void)
{
    __asm volatile(
        ".fpu   fpv4-sp-d16             \n"
        "mrs    r0, psp                 \n"
        "ldr    r3, =mn_sched           \n"
        "ldr    r2, [r0, %[r12]]        \n"
        "ldr    r1, [r3, %[current]]    \n"
        "cmp    r2, %[yield]            \n"
        "beq    4f                      \n"
        "1:                             \n"
        "cmp    r2, %[count]            \n"
        "bhs    3f                      \n"
        "2:                             \n"
        "ldr    r12, =mn_calls          \n"
        "push   {r0, r2, r3, lr}        \n"
        "ldr    r12, [r12, r2, lsl #2]  \n"
        "blx    r12                     \n"
        "pop    {r2, r3, r12, lr}       \n" /* the frame, the number, mn_sched */
        "ldr    r3, [r12, %[current]]   \n"
        "cbz    r3, 7f                  \n"
        "strd   r0, r1, [r2]            \n"
        "dsb                            \n" /* erratum 838869: no store may be under way at the return */
        "7:                             \n"
        "bx     lr                      \n"
        "3:                             \n"
        "movs   r2, %[count]            \n"
        "b      2b                      \n"

        "4:                             \n"
        "ldr    r2, [r0, %[r1]]         \n"
        "ldr    r12, [r0, %[r3]]        \n"
        "orr    r2, r2, r12             \n"
        "ldr    r12, [r3, %[detour]]    \n"
        "orrs   r2, r2, r12             \n"
        "bne    5f                      \n"
        "tst    lr, %[no_fp]            \n"
        "beq    5f                      \n"
        "strd   r2, r2, [r0]            \n"
        "stm    r1, {r0, r4-r11, lr}    \n"
        MN_STAMP_ASM
        "ldr    r4, [r1, %[next]]       \n"
        "ldr    r0, [r3, %[since]]      \n"
        "ldrd   r8, r9, [r1, %[run]]    \n"
        "subs   r0, r7, r0              \n"
        "adds   r8, r8, r0              \n"
        "adc    r9, r9, #0              \n"
        "strd   r8, r9, [r1, %[run]]    \n"
        "mov    r5, r4                  \n"
        "mov    r6, r4                  \n"
        "movs   r0, #0                  \n"
        "stm    r3, {r0, r1, r4-r7}     \n" /* slice_used, last, current, mpu_owner, ran, since */
        "mov    r2, r4                  \n"
        "add    r0, r4, %[mpu]          \n"
        "ldr    r1, =%[rbar]            \n"
        "ldm    r0, {r4-r11}            \n"
        "stm    r1, {r4-r11}            \n"
        "dsb                            \n"
        "isb                            \n"
        "ldm    r2, {r0, r4-r11, lr}    \n"
        "msr    psp, r0                 \n"
        "tst    lr, %[no_fp]            \n"
        "beq    6f                      \n"
        "bx     lr                      \n"
        "5:                             \n"
        "movs   r2, %[yield]            \n"
        "b      2b                      \n"
        "6:                             \n"
        "add    r0, r2, %[s16]          \n"
        "vldm   r0, {s16-s31}           \n"
        "bx     lr                      \n"
        ".ltorg                         \n"
        :: [current] "i"(offsetof(struct mn_sched, current)), [r12] "i"(offsetof(struct mn_frame, r12)),
           [count] "i"(MNEMOS_SYS_CALL_COUNT), [yield] "i"(MNEMOS_SYS_CALL_YIELD),
           [r1] "i"(offsetof(struct mn_frame, r1)), [r3] "i"(offsetof(struct mn_frame, r3)),
           [detour] "i"(offsetof(struct mn_sched, detour)), [no_fp] "i"(MN_EXC_RETURN_NO_FP),
           [next] "i"(offsetof(struct mn_prog, next)), [since] "i"(offsetof(struct mn_sched, since)),
           [run] "i"(offsetof(struct mn_prog, run)), [mpu] "i"(offsetof(struct mn_prog_context, mpu)),
           [rbar] "i"(MPU_RBAR_ADDR), [s16] "i"(offsetof(struct mn_prog_context, s16_s31)));
}

/* What the floating-point registers are cleared with. */
__attribute__((used)) static const uint32_t zeros[32];

/* The kernel loop. Saves the current program, if there is one (not after boot, nor when it has ended), lets
 * mn_schedule() work and choose, loads the MPU when its owner changes, and goes to the chosen program.
 *
 * lr tells whether the program's frame holds floating-point registers. They stay in the FPU for the next one to see,
 * unless it has its own, so a program without gets zeros: while one without runs, they hold nobody's. */
NAKED void PendSV_Handler(void)
{
    __asm volatile(
        ".fpu   fpv4-sp-d16             \n"
        "ldr    r3, =mn_sched           \n"
        "ldr    r1, [r3, %[current]]    \n"
        "mrs    r0, psp                 \n"
        "cbz    r1, 5f                  \n"
        "tst    lr, %[no_fp]            \n"
        "beq    6f                      \n"
        "1:                             \n"
        "stm    r1, {r0, r4-r11, lr}    \n"
        "movs   r2, #0                  \n"
        "str    r2, [r3, %[current]]    \n"
        "2:                             \n"
        "bl     mn_schedule             \n"
        "ldr    r3, =mn_sched           \n"
        "mov    r2, r0                  \n"
        "ldr    r1, [r3, %[owner]]      \n"
        "str    r0, [r3, %[current]]    \n"
        "cmp    r1, r0                  \n"
        "beq    3f                      \n"
        "str    r0, [r3, %[owner]]      \n"
        "add    r0, r0, %[mpu]          \n"
        "ldr    r1, =%[rbar]            \n"
        "ldm    r0, {r4-r11}            \n"
        "stm    r1, {r4-r11}            \n"
        "dsb                            \n"
        "isb                            \n"
        "3:                             \n"
        "ldm    r2, {r0, r4-r11, lr}    \n"
        "msr    psp, r0                 \n"
        "tst    lr, %[no_fp]            \n"
        "beq    7f                      \n"
        "ldr    r1, [r3, %[fp_used]]    \n"
        "cbnz   r1, 8f                  \n"
        "bx     lr                      \n"

        "5:                             \n"
        "tst    lr, %[no_fp]            \n"
        "it     eq                      \n"
        "streq  lr, [r3, %[fp_used]]    \n" /* any value but 0 */
        "movs   r1, #1                  \n" /* nPRIV */
        "msr    control, r1             \n"
        "isb                            \n"
        "b      2b                      \n"
        "6:                             \n"
        "str    lr, [r3, %[fp_used]]    \n"
        "add    r2, r1, %[s16]          \n"
        "vstm   r2, {s16-s31}           \n"
        "b      1b                      \n"
        "7:                             \n"
        "add    r0, r2, %[s16]          \n"
        "vldm   r0, {s16-s31}           \n"
        "bx     lr                      \n"
        "8:                             \n"
        "movs   r1, #0                  \n"
        "str    r1, [r3, %[fp_used]]    \n"
        "vmsr   fpscr, r1               \n"
        "ldr    r2, =zeros              \n"
        "vldm   r2, {s0-s31}            \n"
        "bx     lr                      \n"
        ".ltorg                         \n"
        :: [no_fp] "i"(MN_EXC_RETURN_NO_FP), [current] "i"(offsetof(struct mn_sched, current)),
           [fp_used] "i"(offsetof(struct mn_sched, fp_used)),
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
        "ldr    r1, [r1, %[current]]    \n"
        "cbz    r1, 2f                  \n"
        "mrs    r0, psp                 \n"
        "stm    r1, {r0, r4-r11, lr}    \n"
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
        ".ltorg                         \n"
        :: [current] "i"(offsetof(struct mn_sched, current)));
}
