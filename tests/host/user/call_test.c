/* call_test.c — every system call, called rightly and wrongly. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/user/machine.h"
#include "rig.h"

/* The calls that these tests know, from the first. */
enum { CALLS = MNEMOS_SYS_CALL_HEAP_PEAK + 1 };

static struct mn_prog *prog;

static int running(void **state)
{
    (void)rig_fresh(state);
    prog = rig_started("prog");
    (void)rig_started("other");
    assert_ptr_equal(rig_switch(), prog);
    return 0;
}
#define CALL_TEST(test) cmocka_unit_test_setup(test, running)

/* ---- A serial service that does what the test says ---- */

static struct {
    mn_err          answer;
    uint32_t        used, cancels;
    struct mn_call *held;
} fake;

static void fake_cancel(struct mn_call *call)
{
    assert_ptr_equal(call, fake.held);
    fake.held = NULL;
    fake.cancels++;
}

static mn_err fake_transfer(struct mn_call *call, uint32_t *used)
{
    *used = fake.used;
    if (fake.answer == MN_PENDING) {
        fake.held = call;
        call->cancel = fake_cancel;
    }
    return fake.answer;
}

static mn_err fake_open(struct mn_prog *who, uint16_t port, uint32_t *handle)
{
    (void)who;
    *handle = 0x100u + port;
    return fake.answer;
}

static mn_err fake_close(struct mn_prog *who, uint32_t handle)
{
    (void)who;
    return handle == 0x105 ? MN_OK : MNEMOS_ERR_BAD_HANDLE;
}

static const struct mn_serial_ops fake_serial = { fake_open, fake_transfer, fake_transfer, fake_close };

static void use_fake(mn_err answer, uint32_t used)
{
    fake.answer = answer;
    fake.used = used;
    fake.cancels = 0;
    fake.held = NULL;
    mn_call_set_serial(&fake_serial);
}

/* ---- Messages ---- */

/* Right arguments of each call, so that only the slices are wrong. */
static uint32_t arguments(uint32_t number, uint8_t bytes[RIG_SLICE])
{
    struct mnemos_writer w = { bytes, bytes + RIG_SLICE };
    struct mnemos_span   span = { rig_out() + 64, 8 };
    switch (number) {
    case MNEMOS_SYS_CALL_ECHO: (void)mnemos_sys_echo_args_put(&w, &(struct mnemos_sys_echo_args){ 77 }); break;
    case MNEMOS_SYS_CALL_SLEEP: (void)mnemos_sys_sleep_args_put(&w, &(struct mnemos_sys_sleep_args){ 0 }); break;
    case MNEMOS_SYS_CALL_EXIT: (void)mnemos_sys_exit_args_put(&w, &(struct mnemos_sys_exit_args){ 3 }); break;
    case MNEMOS_SYS_CALL_PANIC: (void)mnemos_sys_panic_args_put(&w, &(struct mnemos_sys_panic_args){ span }); break;
    case MNEMOS_SYS_CALL_RANDOM: (void)mnemos_sys_random_args_put(&w, &(struct mnemos_sys_random_args){ span }); break;
    case MNEMOS_SYS_CALL_SERIAL_OPEN:
        (void)mnemos_sys_serial_open_args_put(&w, &(struct mnemos_sys_serial_open_args){ 5 });
        break;
    case MNEMOS_SYS_CALL_SERIAL_READ:
        (void)mnemos_sys_serial_read_args_put(&w, &(struct mnemos_sys_serial_read_args){ 1, span });
        break;
    case MNEMOS_SYS_CALL_SERIAL_WRITE:
        (void)mnemos_sys_serial_write_args_put(&w, &(struct mnemos_sys_serial_write_args){ 1, span });
        break;
    case MNEMOS_SYS_CALL_SERIAL_CLOSE:
        (void)mnemos_sys_serial_close_args_put(&w, &(struct mnemos_sys_serial_close_args){ 0x105 });
        break;
    case MNEMOS_SYS_CALL_HEAP_PEAK:
        (void)mnemos_sys_heap_peak_args_put(&w, &(struct mnemos_sys_heap_peak_args){ 9 });
        break;
    default: break;
    }
    return (uint32_t)(w.at - bytes);
}

static uint32_t reply_max(uint32_t number)
{
    switch (number) {
    case MNEMOS_SYS_CALL_ECHO: return MNEMOS_SYS_ECHO_REPLY_MAX;
    case MNEMOS_SYS_CALL_INFO: return MNEMOS_SYS_INFO_REPLY_MAX;
    case MNEMOS_SYS_CALL_TIME: return MNEMOS_SYS_TIME_REPLY_MAX;
    case MNEMOS_SYS_CALL_MEMORY: return MNEMOS_SYS_MEMORY_REPLY_MAX;
    case MNEMOS_SYS_CALL_SERIAL_OPEN:
    case MNEMOS_SYS_CALL_SERIAL_READ:
    case MNEMOS_SYS_CALL_SERIAL_WRITE: return 5;
    default: return 0;
    }
}

static bool ends_the_program(uint32_t number)
{
    return number == MNEMOS_SYS_CALL_EXIT || number == MNEMOS_SYS_CALL_PANIC;
}

static struct rig_answer call_rightly(uint32_t number, uint32_t cap)
{
    uint8_t  bytes[RIG_SLICE], reply[RIG_SLICE];
    uint32_t len = arguments(number, bytes);
    return rig_message(number, bytes, len, reply, cap);
}

/* The program of the last call was condemned for it; carry that out and start it again. */
static void assert_condemned(uint8_t kind)
{
    struct mn_prog *guilty = mn_sched.current;
    uint32_t        r0 = rig_frame()->r0, r2 = rig_frame()->r2, r12 = rig_frame()->r12;
    assert_ptr_equal(guilty, prog);
    assert_ptr_not_equal(rig_switch(), guilty);
    assert_int_equal(guilty->state, MN_PROG_ENDED);
    assert_int_equal(guilty->ending.reason, MNEMOS_END_FAULT);
    assert_int_equal(guilty->ending.status, kind);
    assert_int_equal(guilty->fault.call, r12);
    assert_true(guilty->fault.regs[0] == r0 && guilty->fault.regs[2] == r2);
    (void)running(NULL);
}

/* ---- Right calls ---- */

static void calls_without_waiting_answer_at_once(void **state)
{
    (void)state;
    use_fake(MN_OK, 3);
    for (uint32_t number = 0; number < CALLS; number++) {
        if (ends_the_program(number))
            continue;
        struct rig_answer answer = call_rightly(number, RIG_SLICE);
        assert_int_equal(answer.err, MN_OK);
        assert_int_equal(answer.used != 0, reply_max(number) != 0);
        assert_true(answer.used <= reply_max(number));
        assert_int_equal(prog->condemned, 0);
    }
}

static void echo_gives_back_every_value(void **state)
{
    (void)state;
    for (uint32_t shift = 0; shift <= 32; shift++) {
        uint32_t value = (uint32_t)((1ull << shift) - 1);
        struct mnemos_sys_echo_args  args = { value };
        struct mnemos_sys_echo_reply back = { 0 };
        uint8_t bytes[8], reply[8];
        struct mnemos_writer w = { bytes, bytes + sizeof bytes };
        assert_true(mnemos_sys_echo_args_put(&w, &args));
        struct rig_answer answer = rig_message(MNEMOS_SYS_CALL_ECHO, bytes, (uint32_t)(w.at - bytes), reply, 5);
        assert_int_equal(answer.err, MN_OK);
        struct mnemos_reader r = { reply, reply + answer.used };
        assert_true(mnemos_sys_echo_reply_get(&r, &back) && r.at == r.end);
        assert_int_equal(back.value, value);
    }
}

static void info_time_and_memory_tell_the_truth(void **state)
{
    (void)state;
    uint8_t reply[RIG_SLICE];
    struct mnemos_sys_info_reply   info;
    struct mnemos_sys_time_reply   time;
    struct mnemos_sys_memory_reply memory;

    struct rig_answer    answer = rig_message(MNEMOS_SYS_CALL_INFO, NULL, 0, reply, sizeof reply);
    struct mnemos_reader r = { reply, reply + answer.used };
    assert_true(mnemos_sys_info_reply_get(&r, &info) && r.at == r.end);
    assert_int_equal(info.abi_major, MNEMOS_ABI_MAJOR);
    assert_int_equal(info.handle, mn_prog_handle(prog));
    assert_string_equal((const char *)info.board, mn_board.name);

    mn_host_advance(123456789012);
    answer = rig_message(MNEMOS_SYS_CALL_TIME, NULL, 0, reply, sizeof reply);
    r = (struct mnemos_reader){ reply, reply + answer.used };
    assert_true(mnemos_sys_time_reply_get(&r, &time));
    assert_int_equal(time.us, 123456789012);

    memset(mn_memory(prog->rw_addr + 1024 - 512), 1, 512 - 100);
    answer = rig_message(MNEMOS_SYS_CALL_MEMORY, NULL, 0, reply, sizeof reply);
    r = (struct mnemos_reader){ reply, reply + answer.used };
    assert_true(mnemos_sys_memory_reply_get(&r, &memory) && r.at == r.end);
    assert_int_equal(memory.rx_addr, prog->rx_addr);
    assert_int_equal(memory.rw_len, prog->rw_len);
    assert_int_equal(memory.stack_len, 1024);
    assert_int_equal(memory.stack_peak, 512);
    assert_int_equal(memory.heap_addr + memory.heap_len, prog->rw_addr + prog->rw_len);
}

static void exit_ends_the_program_with_its_status(void **state)
{
    (void)state;
    (void)call_rightly(MNEMOS_SYS_CALL_EXIT, 0);
    assert_null(mn_sched.current);
    assert_int_equal(prog->state, MN_PROG_ENDED);
    assert_int_equal(prog->ending.reason, MNEMOS_END_EXIT);
    assert_int_equal(prog->ending.status, 3);
    assert_string_equal(rig_switch()->name, "other");
}

static void panic(const char *text, uint32_t len)
{
    uint32_t addr = rig_out();
    memcpy(mn_memory(addr), text, len);
    const uint32_t words[2] = { addr, len };
    (void)rig_message(MNEMOS_SYS_CALL_PANIC, words, sizeof words, NULL, 0);
    assert_int_equal(prog->state, MN_PROG_ENDED);
    assert_int_equal(prog->ending.reason, MNEMOS_END_PANIC);
}

static void a_panic_message_is_kept_clipped_and_readable(void **state)
{
    (void)state;
    char text[100];
    panic("oh dear", 7);
    assert_int_equal(prog->ending.message.len, 7);
    assert_memory_equal(prog->ending.message.data, "oh dear", 7);
    (void)running(NULL);
    memset(text, 'a', sizeof text);
    panic(text, sizeof text);
    assert_int_equal(prog->ending.message.len, 96);
    (void)running(NULL);
    memcpy(text + 94, "\xe2\x82\xac", 3);
    panic(text, sizeof text);
    assert_int_equal(prog->ending.message.len, 94);
    (void)running(NULL);
    memset(text, 0x80, sizeof text);
    panic(text, sizeof text);
    assert_true(prog->ending.message.len > 90 && prog->ending.message.data[90] == '?');
    (void)running(NULL);
    panic("a\xff" "b\xc3\xa4\xe2\x82", 7);
    assert_true(mnemos_utf8_ok(prog->ending.message.data, prog->ending.message.len));
    assert_memory_equal(prog->ending.message.data, "a?b\xc3\xa4", 5);
    (void)running(NULL);
    panic("", 0);
    assert_int_equal(prog->ending.message.len, 0);
    assert_int_equal(mn_prog_start(prog, NULL, 0), MN_OK);
    mn_prog_end(prog, MNEMOS_END_STOPPED, 0);
    assert_int_equal(prog->ending.message.len, 0);
}

static void random_fills_what_it_should_and_no_more(void **state)
{
    (void)state;
    const uint32_t words[2] = { rig_out() + 1, 32 };
    memset(mn_memory(rig_out()), 0, 64);
    assert_int_equal(rig_message(MNEMOS_SYS_CALL_RANDOM, words, sizeof words, NULL, 0).err, MN_OK);
    const uint8_t *bytes = mn_memory(rig_out());
    uint32_t zeros = 0;
    for (uint32_t i = 1; i < 33; i++)
        zeros += bytes[i] == 0;
    assert_true(zeros < 8 && bytes[0] == 0 && bytes[33] == 0);
}

/* ---- Wrong calls ---- */

static void slices_outside_the_program_are_faults(void **state)
{
    (void)state;
    use_fake(MN_OK, 0);
    for (uint32_t number = 0; number < CALLS; number++) {
        const struct mn_prog *other = mn_prog_at(1);
        const struct mnemos_span bad[] = {
            { 0, 1 }, { UINT32_MAX, 1 }, { UINT32_MAX, 2 }, { 0, UINT32_MAX }, { prog->rx_addr - 1, 2 },
            { prog->rw_addr + prog->rw_len - 1, 2 }, { prog->rw_addr + prog->rw_len, 1 }, { other->rw_addr, 4 },
            { prog->rw_addr, UINT32_MAX }, { prog->rw_addr, 0u - prog->rw_addr }, { 0x20034000, 16 }, { 0xe000ed00, 4 },
        };
        for (uint32_t i = 0; i < sizeof bad / sizeof *bad; i++) {
            (void)rig_call(number, bad[i].addr, bad[i].len, rig_out(), RIG_SLICE);
            assert_condemned(MNEMOS_LOADER_FAULT_KIND_BAD_SLICE);
            uint32_t len = arguments(number, mn_memory(rig_in()));
            (void)rig_call(number, rig_in(), len, bad[i].addr, bad[i].len);
            assert_condemned(MNEMOS_LOADER_FAULT_KIND_BAD_SLICE);
        }
        uint32_t len = arguments(number, mn_memory(rig_in()));
        (void)rig_call(number, rig_in(), len, prog->rx_addr, 64); /* output into its own text */
        assert_condemned(MNEMOS_LOADER_FAULT_KIND_BAD_SLICE);
    }
}

static void empty_slices_are_never_looked_at(void **state)
{
    (void)state;
    assert_int_equal(rig_call(MNEMOS_SYS_CALL_NOP, 0xffffffff, 0, 0x1234, 0).err, MN_OK);
    assert_int_equal(rig_call(MNEMOS_SYS_CALL_TIME, 0xffffffff, 0, rig_out(), 10).err, MN_OK);
    assert_int_equal(rig_call(MNEMOS_SYS_CALL_ECHO, 0xffffffff, 0, rig_out(), 10).err, MNEMOS_ERR_MALFORMED);
}

static void input_may_lie_in_text(void **state)
{
    (void)state;
    *mn_memory(prog->rx_addr + 40) = 9;
    struct rig_answer answer = rig_call(MNEMOS_SYS_CALL_ECHO, prog->rx_addr + 40, 1, rig_out(), 5);
    assert_int_equal(answer.err, MN_OK);
    assert_int_equal(*mn_memory(rig_out()), 9);
}

static void a_short_output_slice_gets_nothing_but_the_size(void **state)
{
    (void)state;
    use_fake(MN_OK, 7);
    for (uint32_t number = 0; number < CALLS; number++) {
        for (uint32_t cap = 0; cap < reply_max(number); cap++) {
            memset(mn_memory(rig_out()), 0x5a, 32);
            struct rig_answer answer = call_rightly(number, cap);
            assert_int_equal(answer.err, MNEMOS_ERR_TOO_SMALL);
            assert_int_equal(answer.used, reply_max(number));
            for (uint32_t i = 0; i < 32; i++)
                assert_int_equal(mn_memory(rig_out())[i], 0x5a);
        }
        if (reply_max(number))
            assert_int_equal(call_rightly(number, reply_max(number)).err, MN_OK);
    }
}

static void every_truncation_and_every_extra_byte_is_malformed(void **state)
{
    (void)state;
    use_fake(MN_OK, 0);
    for (uint32_t number = 0; number < CALLS; number++) {
        uint8_t  bytes[RIG_SLICE] = { 0 }, reply[RIG_SLICE];
        uint32_t len = arguments(number, bytes);
        for (uint32_t cut = 0; cut <= len + 2; cut++) {
            if (cut == len)
                continue;
            struct rig_answer answer = rig_message(number, bytes, cut, reply, sizeof reply);
            if (answer.err != MNEMOS_ERR_MALFORMED)
                fail_msg("call %u, %u of %u bytes: %d", number, cut, len, answer.err);
            assert_int_equal(answer.used, 0);
            assert_int_equal(prog->state, MN_PROG_RUNNABLE);
        }
    }
}

static void unknown_numbers_and_flags_are_faults(void **state)
{
    (void)state;
    const uint32_t bad[] = { MNEMOS_SYS_CALL_COUNT, 0xffff, 0x40000, 0x80000001, UINT32_MAX, 0x10000u | MNEMOS_SYS_CALL_COUNT,
                             0x7fffffff, 0x40000u | MNEMOS_SYS_CALL_NOP };
    for (uint32_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        (void)rig_call(bad[i], 0, 0, 0, 0);
        assert_condemned(MNEMOS_LOADER_FAULT_KIND_UNKNOWN_CALL);
    }
}

static void every_number_is_answered(void **state)
{
    (void)state;
    for (uint32_t number = 0; number <= MNEMOS_SYS_CALL_COUNT; number++)
        assert_non_null(mn_calls[number]);
}

static void spans_outside_the_program_are_faults(void **state)
{
    (void)state;
    use_fake(MN_OK, 0);
    const struct mnemos_span bad[] = { { 0, 1 }, { 0x20034000, 4 }, { prog->rw_addr + prog->rw_len - 2, 4 }, { UINT32_MAX - 1, 8 } };
    for (uint32_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        for (int way = 0; way < 4; way++) {
            uint8_t bytes[RIG_SLICE];
            struct mnemos_writer w = { bytes, bytes + sizeof bytes };
            static const uint32_t numbers[] = { MNEMOS_SYS_CALL_PANIC, MNEMOS_SYS_CALL_RANDOM, MNEMOS_SYS_CALL_SERIAL_READ,
                                                MNEMOS_SYS_CALL_SERIAL_WRITE };
            if (way >= 2)
                w.at = mnemos_store_u32(w.at, 1);
            w.at = mnemos_store_span(w.at, bad[i]);
            (void)rig_message(numbers[way], bytes, (uint32_t)(w.at - bytes), NULL, 32);
            assert_condemned(MNEMOS_LOADER_FAULT_KIND_BAD_SLICE);
        }
    }
    /* What is written must be writable; what is read need not. */
    const uint32_t text[2] = { prog->rx_addr, 8 };
    (void)rig_message(MNEMOS_SYS_CALL_RANDOM, text, sizeof text, NULL, 0);
    assert_condemned(MNEMOS_LOADER_FAULT_KIND_BAD_SLICE);
    (void)rig_message(MNEMOS_SYS_CALL_PANIC, text, sizeof text, NULL, 0);
    assert_int_equal(prog->ending.reason, MNEMOS_END_PANIC);
}

static void any_registers_are_survived(uint32_t seed)
{
    (void)running(NULL);
    use_fake(MN_OK, 1);
    for (uint32_t n = 0; n < 300; n++) {
        uint32_t r[5];
        for (uint32_t i = 0; i < 5; i++) {
            uint32_t kind = mn_host_random_next(&seed) % 6, value = mn_host_random_next(&seed);
            r[i] = kind == 0 ? value : kind == 1 ? value % 64 : kind == 2 ? prog->rw_addr + value % prog->rw_len
                 : kind == 3 ? prog->rx_addr + value % prog->rx_len : kind == 4 ? 0u - value % 64 : value % 3 << 16 | value % MNEMOS_SYS_CALL_COUNT;
        }
        (void)rig_call(r[4], r[0], r[1], r[2], r[3]);
        if (!mn_sched.current || prog->condemned || prog->state != MN_PROG_RUNNABLE || mn_host_pended())
            (void)running(NULL);
    }
}

/* ---- Waiting ---- */

static struct rig_answer sleep_until(uint32_t flags, uint64_t until, uint64_t deadline)
{
    uint8_t bytes[32];
    struct mnemos_writer w = { bytes, bytes + sizeof bytes };
    if (flags & MNEMOS_CALL_DEADLINE)
        w.at = mnemos_store_raw(w.at, &deadline, sizeof deadline);
    (void)mnemos_sys_sleep_args_put(&w, &(struct mnemos_sys_sleep_args){ until });
    return rig_message(MNEMOS_SYS_CALL_SLEEP | flags, bytes, (uint32_t)(w.at - bytes), NULL, 0);
}

/* Its frame, when it is not the current program. */
static struct mn_frame *frame_of(const struct mn_prog *of)
{
    return (struct mn_frame *)(void *)mn_memory(of->context.psp);
}

static void sleep_waits_until_its_time_and_not_longer(void **state)
{
    (void)state;
    mn_prog_unload(mn_prog_at(1));
    assert_true(sleep_until(0, 5000, 0).pended);
    assert_int_equal(prog->state, MN_PROG_WAITING);
    assert_ptr_equal(rig_switch(), prog); /* the clock goes to the next deadline: there is nothing else to do */
    assert_int_equal(mn_port_now_us(), 5000);
    assert_int_equal(rig_frame()->r0, MN_OK);
    assert_int_equal(rig_frame()->r1, 0);
    assert_int_equal(rig_kernel->stats.idle_us, 5000);
    assert_int_equal(rig_kernel->stats.wakeups, 1);
}

static void sleep_knows_past_flags_and_deadlines(void **state)
{
    (void)state;
    mn_prog_unload(mn_prog_at(1));
    mn_host_set_time(1000);
    assert_int_equal(sleep_until(0, 1000, 0).err, MN_OK);
    assert_int_equal(sleep_until(MNEMOS_CALL_NO_WAIT, 1001, 0).err, MNEMOS_ERR_WOULD_WAIT);
    assert_int_equal(sleep_until(MNEMOS_CALL_NO_WAIT, 999, 0).err, MN_OK);
    assert_int_equal(sleep_until(MNEMOS_CALL_DEADLINE, 2000, 1000).err, MNEMOS_ERR_TIMED_OUT);
    assert_int_equal(sleep_until(MNEMOS_CALL_DEADLINE, 900, 0).err, MN_OK);
    assert_int_equal(prog->state, MN_PROG_RUNNABLE);
    (void)sleep_until(MNEMOS_CALL_DEADLINE, 9000, 3000);
    (void)rig_switch();
    assert_int_equal(mn_port_now_us(), 3000);
    assert_int_equal((mn_err)rig_frame()->r0, MNEMOS_ERR_TIMED_OUT);
    (void)sleep_until(MNEMOS_CALL_DEADLINE, 4000, UINT64_MAX);
    (void)rig_switch();
    assert_int_equal(rig_frame()->r0, MN_OK);
}

static void a_deadline_needs_its_eight_bytes(void **state)
{
    (void)state;
    for (uint32_t len = 0; len < 8; len++)
        assert_int_equal(rig_call(MNEMOS_SYS_CALL_NOP | MNEMOS_CALL_DEADLINE, rig_in(), len, 0, 0).err, MNEMOS_ERR_MALFORMED);
    assert_int_equal(rig_call(MNEMOS_SYS_CALL_NOP | MNEMOS_CALL_DEADLINE, rig_in(), 8, 0, 0).err, MN_OK);
    (void)rig_call(MNEMOS_SYS_CALL_NOP | MNEMOS_CALL_DEADLINE, 0, 8, 0, 0);
    assert_condemned(MNEMOS_LOADER_FAULT_KIND_BAD_SLICE);
}

static struct rig_answer transfer(uint32_t flags, uint64_t deadline)
{
    uint8_t bytes[32];
    struct mnemos_writer w = { bytes, bytes + sizeof bytes };
    if (flags & MNEMOS_CALL_DEADLINE)
        w.at = mnemos_store_raw(w.at, &deadline, sizeof deadline);
    w.at = mnemos_store_u32(w.at, 1);
    w.at = mnemos_store_span(w.at, (struct mnemos_span){ rig_out() + 64, 16 });
    return rig_message(MNEMOS_SYS_CALL_SERIAL_READ | flags, bytes, (uint32_t)(w.at - bytes), NULL, 5);
}

static void a_parked_call_is_answered_later(void **state)
{
    (void)state;
    use_fake(MN_PENDING, 0);
    (void)transfer(0, 0);
    assert_int_equal(prog->state, MN_PROG_WAITING);
    assert_string_equal(rig_switch()->name, "other");
    assert_ptr_equal(fake.held, &prog->call);
    assert_int_equal(fake.held->args.serial_read.out.len, 16);
    mn_sched.current = NULL; /* a task answers */
    const uint8_t reply[] = { 12 };
    mn_call_reply(fake.held, MN_OK, reply, 1);
    assert_int_equal(prog->state, MN_PROG_RUNNABLE);
    assert_int_equal(frame_of(prog)->r0, MN_OK);
    assert_int_equal(frame_of(prog)->r1, 1);
    assert_int_equal(*mn_memory(prog->call.out.addr), 12);
    mn_call_reply(&prog->call, MNEMOS_ERR_BUSY, NULL, 0); /* a second answer is none */
    assert_int_equal(frame_of(prog)->r0, MN_OK);
}

static void no_wait_and_a_past_deadline_give_the_call_back(void **state)
{
    (void)state;
    use_fake(MN_PENDING, 0);
    mn_host_set_time(100);
    assert_int_equal(transfer(MNEMOS_CALL_NO_WAIT, 0).err, MNEMOS_ERR_WOULD_WAIT);
    assert_int_equal(transfer(MNEMOS_CALL_DEADLINE, 100).err, MNEMOS_ERR_TIMED_OUT);
    assert_int_equal(transfer(MNEMOS_CALL_NO_WAIT | MNEMOS_CALL_DEADLINE, 200).err, MNEMOS_ERR_WOULD_WAIT);
    assert_int_equal(fake.cancels, 3);
    assert_int_equal(prog->state, MN_PROG_RUNNABLE);
}

static void a_deadline_cancels_the_parked_call(void **state)
{
    (void)state;
    use_fake(MN_PENDING, 0);
    mn_prog_unload(mn_prog_at(1));
    (void)transfer(MNEMOS_CALL_DEADLINE, 700);
    assert_ptr_equal(rig_switch(), prog);
    assert_int_equal(mn_port_now_us(), 700);
    assert_int_equal(fake.cancels, 1);
    assert_int_equal((mn_err)rig_frame()->r0, MNEMOS_ERR_TIMED_OUT);
    assert_int_equal(rig_frame()->r1, 0);
}

static void an_answer_before_the_deadline_disarms_it(void **state)
{
    (void)state;
    use_fake(MN_PENDING, 0);
    (void)transfer(MNEMOS_CALL_DEADLINE, 700);
    (void)rig_switch();
    mn_sched.current = NULL;
    mn_call_reply(&prog->call, MN_OK, (const uint8_t *)"\x01", 1);
    assert_int_equal(mn_timer_next_us(), MN_TIME_NEVER);
    assert_int_equal(fake.cancels, 0);
}

static void ending_a_waiting_program_takes_its_call_back(void **state)
{
    (void)state;
    use_fake(MN_PENDING, 0);
    (void)transfer(MNEMOS_CALL_DEADLINE, 700);
    (void)rig_switch();
    struct mn_call *call = fake.held;
    mn_prog_end(prog, MNEMOS_END_STOPPED, 0);
    assert_int_equal(fake.cancels, 1);
    assert_int_equal(mn_timer_next_us(), MN_TIME_NEVER);
    mn_call_reply(call, MN_OK, (const uint8_t *)"\x01", 1); /* too late: nothing happens */
    assert_int_equal(prog->state, MN_PROG_ENDED);
    assert_int_equal(mn_prog_start(prog, NULL, 0), MN_OK);
    mn_call_reply(call, MNEMOS_ERR_BUSY, NULL, 0);
    assert_int_equal(frame_of(prog)->r0, 1); /* its argc */
}

static void without_a_serial_service_there_is_none(void **state)
{
    (void)state;
    assert_int_equal(call_rightly(MNEMOS_SYS_CALL_SERIAL_OPEN, 5).err, MNEMOS_ERR_NOT_SUPPORTED);
    assert_int_equal(call_rightly(MNEMOS_SYS_CALL_SERIAL_READ, 5).err, MNEMOS_ERR_NOT_SUPPORTED);
    assert_int_equal(call_rightly(MNEMOS_SYS_CALL_SERIAL_CLOSE, 5).err, MNEMOS_ERR_NOT_SUPPORTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CALL_TEST(calls_without_waiting_answer_at_once),
        CALL_TEST(echo_gives_back_every_value),
        CALL_TEST(info_time_and_memory_tell_the_truth),
        CALL_TEST(exit_ends_the_program_with_its_status),
        CALL_TEST(a_panic_message_is_kept_clipped_and_readable),
        CALL_TEST(random_fills_what_it_should_and_no_more),
        CALL_TEST(slices_outside_the_program_are_faults),
        CALL_TEST(empty_slices_are_never_looked_at),
        CALL_TEST(input_may_lie_in_text),
        CALL_TEST(a_short_output_slice_gets_nothing_but_the_size),
        CALL_TEST(every_truncation_and_every_extra_byte_is_malformed),
        CALL_TEST(unknown_numbers_and_flags_are_faults),
        CALL_TEST(every_number_is_answered),
        CALL_TEST(spans_outside_the_program_are_faults),
        MN_SEEDED(any_registers_are_survived),
        CALL_TEST(sleep_waits_until_its_time_and_not_longer),
        CALL_TEST(sleep_knows_past_flags_and_deadlines),
        CALL_TEST(a_deadline_needs_its_eight_bytes),
        CALL_TEST(a_parked_call_is_answered_later),
        CALL_TEST(no_wait_and_a_past_deadline_give_the_call_back),
        CALL_TEST(a_deadline_cancels_the_parked_call),
        CALL_TEST(an_answer_before_the_deadline_disarms_it),
        CALL_TEST(ending_a_waiting_program_takes_its_call_back),
        CALL_TEST(without_a_serial_service_there_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
