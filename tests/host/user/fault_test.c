/* fault_test.c — faults of programs get the right name and a true record. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/user/fault.h"
#include "kernel/user/machine.h"
#include "rig.h"

#define KIND(name) MNEMOS_LOADER_FAULT_KIND_##name

static void status_bits_get_names(void **state)
{
    (void)state;
    static const struct { struct mn_fault_status status; uint8_t kind; } cases[] = {
        { { .cfsr = 0x82 }, KIND(ACCESS) },
        { { .cfsr = 0x01 }, KIND(EXECUTE) },
        { { .cfsr = 0x92 }, KIND(STACK_OVERFLOW) },
        { { .cfsr = 0x10 }, KIND(STACK_OVERFLOW) },
        { { .cfsr = 0x08 }, KIND(STACK_OVERFLOW) },
        { { .cfsr = 0x1000 }, KIND(STACK_OVERFLOW) },
        { { .cfsr = 0x0800 }, KIND(STACK_OVERFLOW) },
        { { .cfsr = 0x8200 }, KIND(BUS) },
        { { .cfsr = 0x0400 }, KIND(BUS) },
        { { .cfsr = 0x0100 }, KIND(BUS) },
        { { .cfsr = 0x00010000 }, KIND(UNDEFINED) },
        { { .cfsr = 0x00080000 }, KIND(UNDEFINED) },
        { { .cfsr = 0x00020000 }, KIND(EXECUTE) },
        { { .cfsr = 0x00040000 }, KIND(EXECUTE) },
        { { .cfsr = 0x01000000 }, KIND(UNALIGNED) },
        { { .cfsr = 0x02000000 }, KIND(DIVIDE) },
        { { .hfsr = 0x40000000 }, KIND(BREAKPOINT) },
        { { .hfsr = 0x80000000 }, KIND(BREAKPOINT) },
        { { .cfsr = 0x82, .hfsr = 0x40000000 }, KIND(ACCESS) },
        { { 0 }, KIND(OTHER) },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(mn_fault_kind(&cases[i].status), cases[i].kind);
}

static struct mn_prog *prog;

static int running(void **state)
{
    (void)rig_fresh(state);
    prog = rig_started("prog");
    (void)rig_started("other");
    assert_ptr_equal(rig_switch(), prog);
    for (uint32_t i = 0; i < 8; i++)
        prog->context.r4_r11[i] = 0x400 + i;
    *rig_frame() = (struct mn_frame){ 0x100, 0x101, 0x102, 0x103, 0x10c, 0x10e, prog->rx_addr + 20, MN_XPSR_THUMB };
    return 0;
}
#define FAULT_TEST(test) cmocka_unit_test_setup(test, running)

static const struct mnemos_loader_fault *fault_with(uint32_t cfsr)
{
    mn_host_advance(55);
    mn_fault_processor(&(struct mn_fault_status){ .cfsr = cfsr, .mmfar = 0x1234 });
    assert_null(mn_sched.current);
    assert_true(mn_host_pended());
    assert_string_equal(rig_switch()->name, "other");
    assert_int_equal(prog->state, MN_PROG_ENDED);
    assert_int_equal(prog->ending.reason, MNEMOS_END_FAULT);
    assert_int_equal(prog->ending.status, prog->fault.kind);
    assert_true(prog->has_fault);
    return &prog->fault;
}

static void the_record_has_registers_and_stack(void **state)
{
    (void)state;
    uint32_t sp = prog->context.psp + 32;
    memset(mn_memory(sp), 0x3c, 8);
    const struct mnemos_loader_fault *fault = fault_with(0x82);
    assert_int_equal(fault->handle, mn_prog_handle(prog));
    assert_int_equal(fault->kind, KIND(ACCESS));
    assert_true(fault->regs_valid);
    for (uint32_t i = 0; i < 4; i++)
        assert_int_equal(fault->regs[i], 0x100 + i);
    for (uint32_t i = 0; i < 8; i++)
        assert_int_equal(fault->regs[4 + i], 0x400 + i);
    assert_int_equal(fault->regs[12], 0x10c);
    assert_int_equal(fault->regs[13], sp);
    assert_int_equal(fault->regs[14], 0x10e);
    assert_int_equal(fault->regs[15], prog->rx_addr + 20);
    assert_int_equal(fault->regs[16], MN_XPSR_THUMB);
    assert_int_equal(fault->mmfar, 0x1234);
    assert_int_equal(fault->at_us, 55);
    assert_int_equal(fault->rx_addr, prog->rx_addr);
    assert_int_equal(fault->data_addr, mn_prog_data_addr(prog));
    assert_memory_equal(fault->build_id, prog->head.build_id, 20);
    assert_int_equal(fault->stack.len, 256);
    assert_memory_equal(fault->stack.data, mn_memory(sp), 256);
}

static void the_stack_pointer_counts_padding_and_floating_point(void **state)
{
    (void)state;
    uint32_t psp = prog->context.psp -= 256;
    *rig_frame() = (struct mn_frame){ .xpsr = MN_XPSR_THUMB | MN_XPSR_PADDED };
    prog->context.exc_return &= ~MN_EXC_RETURN_NO_FP;
    assert_int_equal(fault_with(0x82)->regs[13], psp + 104 + 4);
}

static void a_bad_stack_pointer_is_never_followed(void **state)
{
    (void)state;
    const uint32_t bad[] = { 0, 4, prog->rw_addr - 4, prog->rx_addr, prog->rw_addr + prog->rw_len - 4, 0x20034000, 0xe000ed00,
                             UINT32_MAX - 3 };
    for (uint32_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        static const uint32_t cfsr[] = { 0x10, 0x82, 0x1000 };
        for (uint32_t k = 0; k < 3; k++) {
            (void)running(NULL);
            prog->context.psp = bad[i];
            const struct mnemos_loader_fault *fault = fault_with(cfsr[k]);
            assert_false(fault->regs_valid);
            assert_int_equal(fault->regs[13], bad[i]);
            assert_int_equal(fault->regs[15], 0);
            if (fault->kind == KIND(STACK_OVERFLOW)) /* who filled the stack is at its lower end */
                assert_memory_equal(fault->stack.data, mn_memory(prog->rw_addr), fault->stack.len);
            else
                assert_true(fault->stack.len <= 4);
        }
    }
}

static void a_frame_that_was_not_written_is_not_read(void **state)
{
    (void)state;
    const struct mnemos_loader_fault *fault = fault_with(0x92);
    assert_false(fault->regs_valid);
    assert_int_equal(fault->kind, KIND(STACK_OVERFLOW));
    assert_int_equal(fault->regs[0], 0);
}

static void the_excerpt_ends_with_the_memory(void **state)
{
    (void)state;
    prog->context.psp = prog->rw_addr + prog->rw_len - 32 - 12;
    *rig_frame() = (struct mn_frame){ .xpsr = MN_XPSR_THUMB };
    assert_int_equal(fault_with(0x82)->stack.len, 12);
    (void)running(NULL);
    prog->context.psp = prog->rw_addr + prog->rw_len - 32;
    *rig_frame() = (struct mn_frame){ .xpsr = MN_XPSR_THUMB };
    assert_int_equal(fault_with(0x82)->stack.len, 0);
}

static void the_next_fault_replaces_the_last(void **state)
{
    (void)state;
    (void)fault_with(0x82);
    assert_int_equal(mn_prog_start(prog, NULL, 0), MN_OK);
    assert_true(prog->has_fault); /* it stays to be asked for */
    while (rig_switch() != prog)
        mn_prog_yield();
    assert_int_equal(fault_with(0x02000000)->kind, KIND(DIVIDE));
    assert_int_equal(prog->fault.handle, mn_prog_handle(prog));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIG_TEST(status_bits_get_names),
        FAULT_TEST(the_record_has_registers_and_stack),
        FAULT_TEST(the_stack_pointer_counts_padding_and_floating_point),
        FAULT_TEST(a_bad_stack_pointer_is_never_followed),
        FAULT_TEST(a_frame_that_was_not_written_is_not_read),
        FAULT_TEST(the_excerpt_ends_with_the_memory),
        FAULT_TEST(the_next_fault_replaces_the_last),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
