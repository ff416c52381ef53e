/* undefined.c — H29: instructions that do not exist, and an exception frame that the program had the kernel forge. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "hostile.h"

static int udf(const uint32_t *numbers)
{
    (void)numbers;
    __asm volatile("udf #0");
    return HOSTILE_SURVIVED;
}

static int udf_wide(const uint32_t *numbers)
{
    (void)numbers;
    __asm volatile("udf.w #0");
    return HOSTILE_SURVIVED;
}

static int bkpt(const uint32_t *numbers)
{
    (void)numbers;
    __asm volatile("bkpt #0");
    return HOSTILE_SURVIVED;
}

/* A request to a debugger that would end the emulator if it were heard. */
static int semihosting(const uint32_t *numbers)
{
    (void)numbers;
    __asm volatile("movs r0, #0x18\n ldr r1, =0x20026\n bkpt #0xab" : : : "r0", "r1");
    return HOSTILE_SURVIVED;
}

static int arm_state(const uint32_t *numbers)
{
    (void)numbers;
    uint32_t even = (uint32_t)(uintptr_t)&arm_state & ~1u;
    __asm volatile("bx %0" : : "r"(even));
    return HOSTILE_SURVIVED;
}

static int coprocessor(const uint32_t *numbers)
{
    (void)numbers;
    __asm volatile("mcr p7, 0, r0, c0, c0, 0");
    return HOSTILE_SURVIVED;
}

/* numbers: word of the frame (0 r0 ... 5 lr, 6 pc, 7 xpsr). Has the kernel read that word's new value, four bytes from
 * port 0, into the exception frame of the very call that reads it. */
static int frame(const uint32_t *numbers)
{
    uint32_t handle, sp, control;
    uint8_t  in[MNEMOS_SYS_SERIAL_READ_ARGS_MAX], out[MNEMOS_SYS_SERIAL_READ_REPLY_MAX];
    if (!hostile_port(&handle))
        return HOSTILE_WRONG;
    __asm volatile("mov %0, sp\n mrs %1, control" : "=r"(sp), "=r"(control));
    uint32_t exception_frame = (sp & ~7u) - ((control & 4) ? 104 : 32);
    struct mnemos_writer writer = {in, in + sizeof in};
    struct mnemos_sys_serial_read_args args = {handle, {exception_frame + 4 * numbers[0], 4}};
    if (!mnemos_sys_serial_read_args_put(&writer, &args))
        return HOSTILE_WRONG;
    struct hostile_registers registers = {(uint32_t)(uintptr_t)in, (uint32_t)(writer.at - in), (uint32_t)(uintptr_t)out,
                                          sizeof out, MNEMOS_SYS_CALL_SERIAL_READ};
    hostile_svc(&registers);
    return 0;
}

int main(int argc, char **argv)
{
    static const struct hostile_variant variants[] = {
        {"udf", udf},   {"udf-wide", udf_wide},   {"bkpt", bkpt}, {"semihosting", semihosting},
        {"arm", arm_state}, {"coprocessor", coprocessor}, {"frame", frame},
    };
    return hostile_run(argc, argv, variants, sizeof variants / sizeof variants[0]);
}
