/* ring_test.c — calls through a ring, with a program that may write anything into its queues at any time. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/core/heap.h"
#include "kernel/user/fault.h"
#include "rig.h"
#include <mnemos/abi/ring.h>

#define PLACES   16u
#define HELD_MAX 64u
#define PORT     7u /* the fake's only handle */

static struct mn_prog *prog;
static uint32_t        heap_free;
static uint32_t        sq, cq; /* addresses of the queues */

/* ---- A serial service that keeps what the test wants kept ---- */

static struct {
    mn_err          answer;
    uint32_t        used, taken, cancels, held_count;
    struct mn_call *held[HELD_MAX];
    struct mnemos_span seen; /* of the last call */
} fake;

static uint32_t place_of(const struct mn_call *call)
{
    uint32_t at = 0;
    while (at < fake.held_count && fake.held[at] != call)
        at++;
    assert_true(at < fake.held_count);
    return at;
}

static void forget(struct mn_call *call)
{
    uint32_t at = place_of(call);
    memmove(&fake.held[at], &fake.held[at + 1], (--fake.held_count - at) * sizeof *fake.held);
}

static void fake_cancel(struct mn_call *call)
{
    forget(call);
    fake.cancels++;
}

static mn_err fake_transfer(struct mn_call *call, uint32_t *used)
{
    fake.taken++;
    fake.seen = call->args.serial_write.data; /* a read's arguments look the same */
    if (call->args.serial_write.handle != PORT)
        return MNEMOS_ERR_BAD_HANDLE;
    if (fake.answer == MN_PENDING) {
        assert_true(fake.held_count < HELD_MAX);
        fake.held[fake.held_count++] = call;
        call->cancel = fake_cancel;
    }
    *used = fake.used;
    return fake.answer;
}

static mn_err fake_open(struct mn_prog *who, uint16_t port, uint32_t *handle)
{
    (void)who;
    *handle = port;
    return MN_OK;
}

static mn_err fake_close(struct mn_prog *who, uint32_t handle)
{
    (void)who;
    (void)handle;
    return MN_OK;
}

static void answers(mn_err answer, uint32_t used)
{
    fake.answer = answer;
    fake.used = used;
}

/* A task answers a call that is held. */
static void finish(uint32_t at, mn_err err, uint32_t used)
{
    struct mn_call *call = fake.held[at];
    mn_sched.current = NULL;
    forget(call);
    mn_call_done(call, err, used);
}

/* ---- The program ---- */

static void turn_to_prog(void)
{
    for (uint32_t i = 0; i < 20 && mn_sched.current != prog; i++) {
        mn_host_advance(6000);
        (void)rig_switch();
    }
    assert_ptr_equal(mn_sched.current, prog);
}

static int begin(void **state)
{
    static const struct mn_serial_ops ops = { fake_open, fake_transfer, fake_transfer, fake_close };
    static struct rig_image image;
    (void)rig_fresh(state);
    memset(&fake, 0, sizeof fake);
    mn_call_set_serial(&ops);
    rig_image(&image);
    image.head.heap_len = 4096;
    rig_seal(&image);
    prog = rig_load(&image, "prog");
    assert_int_equal(mn_prog_start(prog, NULL, 0), MN_OK);
    (void)rig_started("other");
    turn_to_prog();
    sq = (mn_prog_heap_addr(prog) + 512 + 7) & ~7u;
    cq = sq + 8 + PLACES * 32;
    heap_free = (uint32_t)mn_heap_stats().free;
    return 0;
}

/* Whatever the test did: nothing of the program is left in the kernel once it is gone. */
static int end(void **state)
{
    (void)state;
    mn_sched.current = NULL;
    if (mn_prog_at(prog->index))
        mn_prog_unload(prog);
    mn_heap_drain();
    return fake.held_count == 0 && mn_heap_stats().free == heap_free && mn_timer_next_us() == MN_TIME_NEVER ? 0 : -1;
}
#define RING_TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)

static struct mnemos_ring_indices *submissions(void)
{
    return (void *)mn_memory(sq);
}

static struct mnemos_ring_indices *completions(void)
{
    return (void *)mn_memory(cq);
}

static mn_err open_with(struct mnemos_span one, struct mnemos_span other)
{
    uint8_t bytes[16];
    memcpy(bytes, &one, 8);
    memcpy(bytes + 8, &other, 8);
    return rig_message(MNEMOS_SYS_CALL_RING_OPEN, bytes, sizeof bytes, NULL, 0).err;
}

static struct mnemos_span queue_of(uint32_t addr, uint32_t places, uint32_t entry_len)
{
    return (struct mnemos_span){ addr, 8 + places * entry_len };
}

static uint32_t sq_places, cq_places;

static void opened(uint32_t submission_places, uint32_t completion_places)
{
    sq_places = submission_places;
    cq_places = completion_places;
    assert_int_equal(open_with(queue_of(sq, sq_places, 32), queue_of(cq, cq_places, 16)), MN_OK);
}

static struct mnemos_ring_submission *place(uint32_t index)
{
    return (struct mnemos_ring_submission *)(void *)(submissions() + 1) + index % sq_places;
}

static struct mnemos_ring_submission a_read(uint32_t nonce)
{
    return (struct mnemos_ring_submission){
        .nonce = nonce, .handle = PORT, .operation = MNEMOS_SYS_CALL_SERIAL_READ, .out = { rig_out(), 16 },
    };
}

static void put(struct mnemos_ring_submission entry)
{
    *place(submissions()->put) = entry;
    submissions()->put++;
}

static void put_read(uint32_t nonce)
{
    put(a_read(nonce));
}

static mn_err notify(void)
{
    return rig_call(MNEMOS_SYS_CALL_RING_NOTIFY, 0, 0, 0, 0).err;
}

/* The error, or MN_PENDING when the program waits now. */
static mn_err wait_for(uint32_t flags, uint64_t deadline, uint8_t least)
{
    uint8_t bytes[9];
    uint32_t len = 0;
    if (flags & MNEMOS_CALL_DEADLINE) {
        memcpy(bytes, &deadline, 8);
        len = 8;
    }
    bytes[len++] = least;
    mn_err err = rig_message(MNEMOS_SYS_CALL_RING_WAIT | flags, bytes, len, NULL, 0).err;
    return prog->call.pending ? MN_PENDING : err;
}

static void sleep_for(uint32_t us)
{
    uint8_t              bytes[MNEMOS_SYS_SLEEP_ARGS_MAX];
    struct mnemos_writer w = { bytes, bytes + sizeof bytes };
    (void)mnemos_sys_sleep_args_put(&w, &(struct mnemos_sys_sleep_args){ mn_port_now_us() + us });
    (void)rig_message(MNEMOS_SYS_CALL_SLEEP, bytes, (uint32_t)(w.at - bytes), NULL, 0);
    assert_int_equal(prog->state, MN_PROG_WAITING);
}

static uint32_t there(void)
{
    return completions()->put - completions()->taken;
}

static struct mnemos_ring_completion take(void)
{
    assert_true(there() > 0);
    return ((struct mnemos_ring_completion *)(void *)(completions() + 1))[completions()->taken++ % cq_places];
}

static void assert_taken(uint32_t nonce, mn_err err, uint32_t used)
{
    struct mnemos_ring_completion completion = take();
    assert_int_equal(completion.nonce, nonce);
    assert_int_equal(completion.error, err);
    assert_int_equal(completion.used, used);
    assert_int_equal(completion.zero, 0);
}

/* The program was found out, by a system call of its own or by the kernel's task. */
static void assert_stopped(uint8_t kind, uint32_t call)
{
    for (uint32_t i = 0; i < 20 && prog->state != MN_PROG_ENDED; i++)
        (void)rig_switch();
    assert_int_equal(prog->state, MN_PROG_ENDED);
    assert_int_equal(prog->ending.reason, MNEMOS_END_FAULT);
    assert_int_equal(prog->fault.kind, kind);
    assert_int_equal(prog->fault.call, call);
    assert_null(prog->ring);
}

static void start_again(void)
{
    assert_int_equal(mn_prog_start(prog, NULL, 0), MN_OK);
    turn_to_prog();
}

static void start_with_empty_queues(void)
{
    start_again();
    memset(mn_memory(sq), 0, 8);
    memset(mn_memory(cq), 0, 8);
}

/* ---- What it is for ---- */

static void calls_are_completed_as_they_end(void **state)
{
    (void)state;
    opened(16, 16);
    answers(MN_PENDING, 0);
    for (uint32_t i = 0; i < 3; i++)
        put_read(100 + i);
    assert_int_equal(fake.taken, 0); /* not before it is said */
    assert_int_equal(notify(), MN_OK);
    assert_int_equal(fake.taken, 3);
    assert_int_equal(submissions()->taken, 3);
    assert_int_equal(there(), 0);
    finish(1, MN_OK, 5);
    finish(0, MNEMOS_ERR_TIMED_OUT, 0);
    turn_to_prog();
    assert_int_equal(there(), 2);
    assert_taken(101, MN_OK, 5);
    assert_taken(100, MNEMOS_ERR_TIMED_OUT, 0);
    finish(0, MN_OK, 16);
    assert_taken(102, MN_OK, 16);
}

static void what_can_be_done_at_once_is_complete_when_notify_returns(void **state)
{
    (void)state;
    opened(4, 8);
    answers(MN_OK, 12);
    put((struct mnemos_ring_submission){
        .nonce = 1, .handle = PORT, .operation = MNEMOS_SYS_CALL_SERIAL_WRITE, .in = { prog->rx_addr, 12 } });
    assert_int_equal(notify(), MN_OK);
    assert_int_equal(fake.seen.addr, prog->rx_addr);
    assert_int_equal(fake.seen.len, 12);
    assert_taken(1, MN_OK, 12);
    assert_int_equal(notify(), MN_OK); /* nothing new */
    assert_int_equal(fake.taken, 1);
}

static void waiting_ends_with_the_completion_that_was_missing(void **state)
{
    (void)state;
    opened(8, 8);
    answers(MN_PENDING, 0);
    for (uint32_t i = 0; i < 4; i++)
        put_read(i);
    assert_int_equal(wait_for(0, 0, 3), MN_PENDING); /* submits too */
    assert_int_equal(fake.held_count, 4);
    finish(0, MN_OK, 1);
    finish(0, MN_OK, 2);
    assert_int_equal(prog->state, MN_PROG_WAITING);
    finish(0, MN_OK, 3);
    assert_int_equal(prog->state, MN_PROG_RUNNABLE);
    turn_to_prog();
    assert_int_equal(rig_frame()->r0, MN_OK);
    assert_int_equal(rig_frame()->r1, 0);
    assert_int_equal(wait_for(0, 0, 3), MN_OK); /* nothing was taken yet */
    assert_int_equal(wait_for(0, 0, 0), MN_OK);
    for (uint32_t i = 0; i < 3; i++)
        assert_taken(i, MN_OK, i + 1);
    assert_int_equal(wait_for(0, 0, 1), MN_PENDING);
    finish(0, MN_OK, 4);
    turn_to_prog();
    assert_taken(3, MN_OK, 4);
}

static void waiting_for_what_never_comes_is_refused(void **state)
{
    (void)state;
    opened(8, 4);
    answers(MN_PENDING, 0);
    assert_int_equal(wait_for(0, 0, 1), MNEMOS_ERR_BAD_ARGUMENT);
    put_read(0);
    put_read(1);
    assert_int_equal(wait_for(0, 0, 3), MNEMOS_ERR_BAD_ARGUMENT);
    assert_int_equal(wait_for(MNEMOS_CALL_NO_WAIT, 0, 2), MNEMOS_ERR_WOULD_WAIT);
    for (uint32_t i = 0; i < 6; i++)
        put_read(i);
    assert_int_equal(wait_for(0, 0, 5), MNEMOS_ERR_BAD_ARGUMENT); /* more than there is room for */
    assert_int_equal(wait_for(0, 0, 255), MNEMOS_ERR_BAD_ARGUMENT);
    assert_int_equal(wait_for(0, 0, 4), MN_PENDING);
}

static void a_wait_has_a_deadline(void **state)
{
    (void)state;
    opened(8, 8);
    answers(MN_PENDING, 0);
    put_read(9);
    uint64_t now = mn_port_now_us();
    assert_int_equal(wait_for(MNEMOS_CALL_DEADLINE, now, 1), MNEMOS_ERR_TIMED_OUT);
    assert_int_equal(wait_for(MNEMOS_CALL_DEADLINE, now + 5000, 1), MN_PENDING);
    (void)rig_switch();
    turn_to_prog();
    assert_int_equal((mn_err)rig_frame()->r0, MNEMOS_ERR_TIMED_OUT);
    sleep_for(50000); /* the call itself went on, and is nothing that this wait waits for */
    finish(0, MN_OK, 1);
    assert_int_equal(prog->state, MN_PROG_WAITING);
    (void)rig_switch();
    mn_host_advance(60000);
    turn_to_prog();
    assert_taken(9, MN_OK, 1);
    put_read(10);
    assert_int_equal(wait_for(MNEMOS_CALL_DEADLINE, mn_port_now_us() + 500000, 1), MN_PENDING);
    finish(0, MN_OK, 1);
    assert_int_equal(mn_timer_next_us(), MN_TIME_NEVER);
}

static void completions_come_while_the_program_waits_for_something_else(void **state)
{
    (void)state;
    opened(8, 8);
    answers(MN_PENDING, 0);
    put_read(1);
    assert_int_equal(notify(), MN_OK);
    sleep_for(50000);
    finish(0, MN_OK, 3);
    assert_int_equal(prog->state, MN_PROG_WAITING);
    (void)rig_switch();
    mn_host_advance(60000);
    turn_to_prog();
    assert_int_equal(rig_frame()->r0, MN_OK);
    assert_taken(1, MN_OK, 3);
}

/* ---- Room ---- */

static void more_than_fits_is_taken_when_calls_end(void **state)
{
    (void)state;
    opened(16, 16);
    answers(MN_PENDING, 0);
    for (uint32_t i = 0; i < 16; i++)
        put_read(i);
    assert_int_equal(notify(), MN_OK);
    assert_int_equal(fake.held_count, MNEMOS_RING_CALLS);
    assert_int_equal(submissions()->taken, MNEMOS_RING_CALLS);
    for (uint32_t i = 0; i < 8; i++) {
        finish(0, MN_OK, i);
        (void)rig_switch();
        assert_int_equal(fake.held_count, MNEMOS_RING_CALLS); /* without another word of the program */
        assert_int_equal(submissions()->taken, MNEMOS_RING_CALLS + 1 + i);
    }
    turn_to_prog();
    for (uint32_t i = 0; i < 8; i++)
        assert_taken(i, MN_OK, i);
}

static void who_takes_no_completions_blocks_only_itself(void **state)
{
    (void)state;
    opened(16, 4);
    answers(MN_OK, 1);
    for (uint32_t i = 0; i < 16; i++)
        put_read(i);
    assert_int_equal(notify(), MN_OK);
    assert_int_equal(there(), 4);
    for (uint32_t i = 0; i < 100; i++) {
        assert_int_equal(notify(), MN_OK);
        (void)rig_switch();
        turn_to_prog();
    }
    assert_int_equal(fake.taken, 4);
    assert_int_equal(there(), 4);
    assert_int_equal(wait_for(0, 0, 4), MN_OK);
    assert_taken(0, MN_OK, 1);
    assert_taken(1, MN_OK, 1);
    assert_int_equal(notify(), MN_OK);
    assert_int_equal(fake.taken, 6);
    for (uint32_t i = 2; i < 16; i++) {
        assert_taken(i, MN_OK, 1);
        assert_int_equal(notify(), MN_OK);
    }
}

static void a_place_is_kept_for_each_call_under_way(void **state)
{
    (void)state;
    opened(16, 4);
    answers(MN_PENDING, 0);
    for (uint32_t i = 0; i < 10; i++)
        put_read(i);
    assert_int_equal(notify(), MN_OK);
    assert_int_equal(fake.held_count, 4);
    finish(3, MN_OK, 0);
    (void)rig_switch();
    turn_to_prog();
    assert_int_equal(fake.held_count, 3); /* its completion has not been taken */
    (void)take();
    assert_int_equal(notify(), MN_OK);
    assert_int_equal(fake.held_count, 4);
}

static void a_visit_takes_eight_and_the_rest_comes_after_others(void **state)
{
    (void)state;
    opened(16, 16);
    answers(MN_OK, 1);
    for (uint32_t i = 0; i < 16; i++)
        put_read(i);
    assert_int_equal(notify(), MN_OK);
    assert_int_equal(fake.taken, 8);
    (void)rig_switch();
    assert_int_equal(fake.taken, 16);
    turn_to_prog();
    for (uint32_t i = 0; i < 16; i++)
        assert_taken(i, MN_OK, 1);
}

/* ---- Opening ---- */

static void a_ring_is_opened_once(void **state)
{
    (void)state;
    const uint32_t calls[] = { MNEMOS_SYS_CALL_RING_NOTIFY, MNEMOS_SYS_CALL_RING_CLOSE };
    for (uint32_t i = 0; i < 2; i++)
        assert_int_equal(rig_call(calls[i], 0, 0, 0, 0).err, MNEMOS_ERR_NOT_READY);
    assert_int_equal(wait_for(0, 0, 0), MNEMOS_ERR_NOT_READY);
    opened(8, 8);
    assert_int_equal(open_with(queue_of(sq, 8, 32), queue_of(cq, 8, 16)), MNEMOS_ERR_BUSY);
    answers(MN_PENDING, 0);
    put_read(1);
    assert_int_equal(notify(), MN_OK);
    assert_int_equal(open_with(queue_of(sq, 2, 32), queue_of(cq, 2, 16)), MNEMOS_ERR_BUSY);
    assert_int_equal(rig_call(MNEMOS_SYS_CALL_RING_CLOSE, 0, 0, 0, 0).err, MN_OK);
    assert_int_equal(fake.cancels, 1);
    assert_int_equal(there(), 0);
    assert_int_equal(notify(), MNEMOS_ERR_NOT_READY);
    opened(2, 2); /* and goes on from where the indices are */
    answers(MN_OK, 4);
    put_read(2);
    assert_int_equal(notify(), MN_OK);
    assert_int_equal(submissions()->taken, 2);
    assert_taken(2, MN_OK, 4);
}

static void queues_of_the_wrong_form_are_refused(void **state)
{
    (void)state;
    const struct mnemos_span good = queue_of(sq, 8, 32), other = queue_of(cq, 8, 16);
    for (uint32_t len = 0; len <= 8 + 16 * 32; len++) {
        uint32_t places = (len - 8) / 32;
        bool     fine = len > 8 && (len - 8) % 32 == 0 && (places == 2 || places == 4 || places == 8 || places == 16);
        mn_err   err = open_with((struct mnemos_span){ sq, len }, other);
        assert_int_equal(err, fine ? MN_OK : MNEMOS_ERR_BAD_ARGUMENT);
        if (fine)
            (void)rig_call(MNEMOS_SYS_CALL_RING_CLOSE, 0, 0, 0, 0);
    }
    for (uint32_t len = 0; len <= 8 + 16 * 16; len++) {
        uint32_t places = (len - 8) / 16;
        bool     fine = len > 8 && (len - 8) % 16 == 0 && (places == 2 || places == 4 || places == 8 || places == 16);
        mn_err   err = open_with(good, (struct mnemos_span){ cq, len });
        assert_int_equal(err, fine ? MN_OK : MNEMOS_ERR_BAD_ARGUMENT);
        if (fine)
            (void)rig_call(MNEMOS_SYS_CALL_RING_CLOSE, 0, 0, 0, 0);
    }
    assert_int_equal(open_with(queue_of(sq, 32, 32), other), MNEMOS_ERR_MALFORMED);
    for (uint32_t off = 1; off < 8; off++) {
        assert_int_equal(open_with(queue_of(sq + off, 8, 32), other), MNEMOS_ERR_BAD_ARGUMENT);
        assert_int_equal(open_with(good, queue_of(cq + off, 8, 16)), MNEMOS_ERR_BAD_ARGUMENT);
    }
    for (uint32_t addr = sq - 8 * 16; addr < sq + 8 + 8 * 32; addr += 8) /* apart only at both ends */
        assert_int_equal(open_with(good, queue_of(addr, 8, 16)), MNEMOS_ERR_BAD_ARGUMENT);
    submissions()->put = 1;
    assert_int_equal(open_with(good, other), MNEMOS_ERR_BAD_ARGUMENT);
    submissions()->taken = 1;
    completions()->taken = UINT32_MAX;
    assert_int_equal(open_with(good, other), MNEMOS_ERR_BAD_ARGUMENT);
    completions()->put = UINT32_MAX;
    assert_int_equal(open_with(good, other), MN_OK);
}

static void queues_that_touch_are_apart(void **state)
{
    (void)state;
    assert_int_equal(open_with(queue_of(sq, 8, 32), queue_of(sq + 8 + 8 * 32, 8, 16)), MN_OK);
    (void)rig_call(MNEMOS_SYS_CALL_RING_CLOSE, 0, 0, 0, 0);
    assert_int_equal(open_with(queue_of(sq, 8, 32), queue_of(sq - 8 - 8 * 16, 8, 16)), MN_OK);
}

static void queues_outside_the_program_are_faults(void **state)
{
    (void)state;
    const struct mnemos_span good = queue_of(sq, 2, 32), other = queue_of(cq, 2, 16);
    const uint32_t bad[] = { 0, UINT32_MAX - 7, prog->rx_addr, prog->rw_addr - 8, prog->rw_addr + prog->rw_len - 8,
                             mn_prog_at(1)->rw_addr, 0x20034000, 0xe000ed00 };
    for (uint32_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        (void)open_with(queue_of(bad[i], 2, 32), other);
        assert_stopped(MNEMOS_LOADER_FAULT_KIND_BAD_SLICE, MNEMOS_SYS_CALL_RING_OPEN);
        start_again();
        (void)open_with(good, queue_of(bad[i], 2, 16));
        assert_stopped(MNEMOS_LOADER_FAULT_KIND_BAD_SLICE, MNEMOS_SYS_CALL_RING_OPEN);
        start_again();
    }
}

static void without_memory_there_is_no_ring_and_nothing_else_changes(void **state)
{
    (void)state;
    mn_host_fail_allocation(1, false);
    assert_int_equal(open_with(queue_of(sq, 16, 32), queue_of(cq, 16, 16)), MNEMOS_ERR_NO_MEMORY);
    assert_true(mn_host_allocation_failed());
    assert_null(prog->ring);
    assert_int_equal(mn_heap_stats().free, heap_free);
    assert_int_equal(notify(), MNEMOS_ERR_NOT_READY);
    mn_host_fail_allocation(0, false);
    opened(16, 16);
}

static void messages_can_be_cut_anywhere(void **state)
{
    (void)state;
    uint8_t bytes[20] = { 0 };
    for (uint32_t len = 0; len < 20; len++)
        if (len != 16)
            assert_int_equal(rig_message(MNEMOS_SYS_CALL_RING_OPEN, bytes, len, NULL, 0).err, MNEMOS_ERR_MALFORMED);
    opened(2, 2);
    assert_int_equal(rig_message(MNEMOS_SYS_CALL_RING_WAIT, bytes, 0, NULL, 0).err, MNEMOS_ERR_MALFORMED);
    assert_int_equal(rig_message(MNEMOS_SYS_CALL_RING_WAIT, bytes, 2, NULL, 0).err, MNEMOS_ERR_MALFORMED);
    assert_int_equal(rig_message(MNEMOS_SYS_CALL_RING_NOTIFY, bytes, 1, NULL, 0).err, MNEMOS_ERR_MALFORMED);
    assert_int_equal(rig_message(MNEMOS_SYS_CALL_RING_CLOSE, bytes, 1, NULL, 0).err, MNEMOS_ERR_MALFORMED);
    (void)rig_call(MNEMOS_SYS_CALL_RING_NOTIFY, 4, 4, 0, 0);
    assert_stopped(MNEMOS_LOADER_FAULT_KIND_BAD_SLICE, MNEMOS_SYS_CALL_RING_NOTIFY);
}

/* ---- Wrong entries ---- */

static void an_entry_can_be_wrong_in_every_field(void **state)
{
    (void)state;
    opened(2, 2);
    answers(MN_OK, 1);
    for (uint32_t operation = 0; operation <= 0xffff; operation++) {
        struct mnemos_ring_submission entry = a_read(operation);
        entry.operation = (uint16_t)operation;
        if (operation == MNEMOS_SYS_CALL_SERIAL_READ)
            continue;
        put(entry);
        assert_int_equal(notify(), MN_OK);
        mn_err err = operation == MNEMOS_SYS_CALL_SERVICE_CALL ? MNEMOS_ERR_BAD_HANDLE : MNEMOS_ERR_BAD_ARGUMENT;
        assert_taken(operation, err, 0); /* a write must not have an output */
    }
    for (uint32_t field = 0; field < 4; field++) {
        struct mnemos_ring_submission entry = a_read(field);
        switch (field) {
        case 0: entry.zero = 0x80000000; break;
        case 1: entry.call = 1; break;
        case 2: entry.in.len = 1; break;
        default: entry.handle = PORT ^ 0x10000; break;
        }
        put(entry);
        assert_int_equal(notify(), MN_OK);
        assert_taken(field, field < 3 ? MNEMOS_ERR_BAD_ARGUMENT : MNEMOS_ERR_BAD_HANDLE, field < 3 ? 0 : 0);
    }
    struct mnemos_ring_submission call = { .operation = MNEMOS_SYS_CALL_SERVICE_CALL, .zero = 1 };
    put(call);
    assert_int_equal(notify(), MN_OK);
    assert_taken(0, MNEMOS_ERR_BAD_ARGUMENT, 0);
    assert_int_equal(fake.taken, 1); /* the wrong handle */
}

static void slices_outside_the_program_are_faults_at_once_and_later(void **state)
{
    (void)state;
    const struct mnemos_span bad[] = { { 0, 1 }, { UINT32_MAX, 1 }, { UINT32_MAX, 2 }, { prog->rx_addr, 8 },
                                       { prog->rw_addr, UINT32_MAX }, { prog->rw_addr + prog->rw_len - 1, 2 },
                                       { mn_prog_at(1)->rw_addr, 4 }, { 0x20034000, 16 }, { 0, 0x80000000 } };
    for (uint32_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        for (uint32_t later = 0; later < 2; later++) {
            struct mnemos_ring_submission entry = a_read(1);
            entry.out = bad[i];
            opened(16, 16);
            answers(MN_PENDING, 0);
            for (uint32_t n = 0; later && n < MNEMOS_RING_CALLS; n++)
                put_read(n);
            put(entry);
            (void)notify();
            if (later) {
                assert_int_equal(prog->condemned, 0);
                finish(0, MN_OK, 0); /* while it waits for its turn, or runs something else */
            }
            assert_stopped(MNEMOS_LOADER_FAULT_KIND_BAD_SLICE, MNEMOS_SYS_CALL_SERIAL_READ);
            assert_int_equal(fake.held_count, 0);
            start_with_empty_queues();
        }
    }
    struct mnemos_ring_submission entry = { .operation = MNEMOS_SYS_CALL_SERVICE_CALL, .in = { 4, 4 } };
    opened(2, 2);
    put(entry);
    (void)notify();
    assert_stopped(MNEMOS_LOADER_FAULT_KIND_BAD_SLICE, MNEMOS_SYS_CALL_SERVICE_CALL);
}

/* The kernel has copied it: what becomes of the place is nobody's concern. */
static void an_entry_counts_as_it_was_when_it_was_taken(void **state)
{
    (void)state;
    opened(4, 4);
    answers(MN_PENDING, 0);
    put_read(77);
    assert_int_equal(notify(), MN_OK);
    memset(place(0), 0xff, sizeof *place(0));
    assert_int_equal(fake.held[0]->args.serial_read.out.addr, rig_out());
    assert_int_equal(fake.held[0]->args.serial_read.out.len, 16);
    finish(0, MN_OK, 2);
    turn_to_prog();
    assert_taken(77, MN_OK, 2);
}

/* ---- Wrong indices ---- */

static void indices_that_cannot_be_are_faults(void **state)
{
    (void)state;
    const uint32_t wrong[] = { 5, 6, 100, 0x7fffffff, 0x80000000, 0xfffffff0, UINT32_MAX };
    for (uint32_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        for (uint32_t way = 0; way < 4; way++) {
            opened(4, 4);
            if (way & 1)
                completions()->taken -= wrong[i]; /* so much were to be taken */
            else
                submissions()->put += wrong[i];
            (void)(way & 2 ? wait_for(0, 0, 0) : notify());
            assert_stopped(MNEMOS_LOADER_FAULT_KIND_RING_CORRUPT, 0);
            assert_int_equal(fake.taken, 0);
            start_again();
        }
    }
    opened(4, 4);
    completions()->taken++; /* one that was never put */
    (void)notify();
    assert_stopped(MNEMOS_LOADER_FAULT_KIND_RING_CORRUPT, 0);
}

static void every_index_that_can_be_is_fine(void **state)
{
    (void)state;
    for (uint32_t count = 0; count <= 4; count++) {
        opened(4, 4);
        answers(MN_PENDING, 0);
        for (uint32_t i = 0; i < count; i++)
            put_read(i);
        assert_int_equal(notify(), MN_OK);
        assert_int_equal(fake.held_count, count);
        for (uint32_t i = 0; i < count; i++)
            finish(0, MN_OK, 0);
        turn_to_prog();
        assert_int_equal(there(), count);
        for (uint32_t i = 0; i < count; i++) {
            assert_int_equal(notify(), MN_OK);
            (void)take();
        }
        assert_int_equal(rig_call(MNEMOS_SYS_CALL_RING_CLOSE, 0, 0, 0, 0).err, MN_OK);
    }
}

static void the_kernels_task_looks_as_closely(void **state)
{
    (void)state;
    for (uint32_t way = 0; way < 2; way++) {
        opened(16, 16);
        answers(MN_PENDING, 0);
        for (uint32_t i = 0; i < 10; i++)
            put_read(i);
        assert_int_equal(notify(), MN_OK);
        if (way)
            submissions()->put = submissions()->taken + 17;
        else
            completions()->taken = 2; /* of the one that will have been put then */
        finish(0, MN_OK, 0);
        assert_ptr_not_equal(rig_switch(), prog); /* it does not run once more */
        assert_stopped(MNEMOS_LOADER_FAULT_KIND_RING_CORRUPT, 0);
        assert_int_equal(fake.cancels, 7);
        fake.cancels = 0;
        start_with_empty_queues();
    }
}

/* What the kernel shows is not what it believes. */
static void the_kernels_indices_are_only_shown(void **state)
{
    (void)state;
    opened(4, 4);
    answers(MN_OK, 3);
    for (uint32_t i = 0; i < 20; i++) {
        submissions()->taken = i * 0x1357911;
        completions()->put = ~i;
        *place(i) = a_read(i);
        submissions()->put = i + 1;
        assert_int_equal(notify(), MN_OK);
        assert_int_equal(submissions()->taken, i + 1);
        assert_int_equal(completions()->put, i + 1);
        assert_taken(i, MN_OK, 3);
    }
}

static void indices_wrap_around(void **state)
{
    (void)state;
    submissions()->put = submissions()->taken = UINT32_MAX - 9;
    completions()->put = completions()->taken = UINT32_MAX - 4;
    opened(16, 8);
    for (uint32_t i = 0; i < 40; i++) {
        answers(i % 3 ? MN_PENDING : MN_OK, 1);
        put_read(i);
        assert_int_equal(notify(), MN_OK);
        if (i % 3) {
            assert_int_equal(wait_for(0, 0, 1), MN_PENDING);
            finish(0, MN_OK, i);
            assert_int_equal(prog->state, MN_PROG_RUNNABLE);
            turn_to_prog();
        }
        assert_taken(i, MN_OK, i % 3 ? i : 1);
    }
    assert_int_equal(submissions()->put, 30);
    assert_int_equal(completions()->put, 35);
    completions()->taken += 1;
    (void)notify();
    assert_stopped(MNEMOS_LOADER_FAULT_KIND_RING_CORRUPT, 0);
}

/* ---- Ends ---- */

static void fill_up(void)
{
    opened(16, 16);
    answers(MN_PENDING, 0);
    for (uint32_t i = 0; i < 16; i++)
        put_read(i);
    assert_int_equal(notify(), MN_OK);
    assert_int_equal(fake.held_count, MNEMOS_RING_CALLS);
}

static void whatever_ends_the_program_takes_its_calls_back(void **state)
{
    (void)state;
    for (uint32_t way = 0; way < 5; way++) {
        struct mn_prog *other = mn_prog_at(1);
        fill_up();
        switch (way) {
        case 0: mn_prog_end(prog, MNEMOS_END_KILLED, 0); break;
        case 1: {
            const uint8_t status = 0;
            (void)rig_message(MNEMOS_SYS_CALL_EXIT, &status, 1, NULL, 0);
            break;
        }
        case 2:
            mn_fault_call(prog, MNEMOS_LOADER_FAULT_KIND_UNKNOWN_CALL);
            break;
        case 3:
            assert_int_equal(wait_for(0, 0, 1), MN_PENDING);
            mn_sched.current = NULL;
            mn_prog_end(prog, MNEMOS_END_STOPPED, 0);
            break;
        default:
            finish(0, MN_OK, 0); /* a visit is asked for, and never comes */
            mn_prog_end(prog, MNEMOS_END_STOPPED, 0);
            assert_int_equal(fake.cancels, MNEMOS_RING_CALLS - 1);
            fake.cancels++;
            break;
        }
        assert_ptr_equal(rig_switch(), other);
        assert_int_equal(prog->state, MN_PROG_ENDED);
        assert_int_equal(fake.cancels, MNEMOS_RING_CALLS);
        assert_int_equal(fake.held_count, 0);
        assert_int_equal(mn_heap_stats().free, heap_free);
        mn_host_settle();
        fake.cancels = 0;
        start_with_empty_queues();
    }
}

/* Reloaded or started again, with a ring in the same place: of the old calls nothing arrives. */
static void a_new_life_hears_nothing_of_the_old_one(void **state)
{
    (void)state;
    fill_up();
    mn_prog_end(prog, MNEMOS_END_KILLED, 0);
    start_again();
    opened(16, 16);
    put_read(500);
    assert_int_equal(notify(), MN_OK);
    assert_int_equal(fake.held_count, 1);
    assert_int_equal(fake.held[0]->who.generation, prog->generation);
    (void)rig_switch();
    turn_to_prog();
    assert_int_equal(there(), 0);
    finish(0, MN_OK, 1);
    turn_to_prog();
    assert_int_equal(there(), 1);
    assert_taken(500, MN_OK, 1);
}

static void all_programs_may_have_full_rings(void **state)
{
    (void)state;


    fill_up();
    struct mn_prog *first = prog, *second = mn_prog_at(1);
    assert_ptr_not_equal(rig_switch(), NULL);
    prog = second;
    turn_to_prog();
    uint32_t sq_before = sq, cq_before = cq;
    sq = (mn_prog_heap_addr(second) + 256 + 7) & ~7u;
    cq = sq + 8 + 2 * 32;
    opened(2, 2);
    put_read(1);
    assert_int_equal(notify(), MN_OK);
    assert_int_equal(fake.held_count, MNEMOS_RING_CALLS + 1);
    finish(MNEMOS_RING_CALLS, MN_OK, 9);
    assert_int_equal(there(), 1);
    mn_prog_end(second, MNEMOS_END_STOPPED, 0);
    assert_int_equal(fake.held_count, MNEMOS_RING_CALLS);
    sq = sq_before;
    cq = cq_before;
    prog = first;
    turn_to_prog();
}

/* ---- Seeds ---- */

enum { ROUNDS = 200 };

/* An honest program: every call is completed once, whatever the order in which calls end. */
static void each_submission_is_completed_once(uint32_t seed)
{
    static uint8_t completed[4 * ROUNDS];
    (void)begin(NULL);
    memset(completed, 0, sizeof completed);
    submissions()->put = submissions()->taken = mn_host_random_next(&seed);
    completions()->put = completions()->taken = mn_host_random_next(&seed);
    opened(2u << mn_host_random_next(&seed) % 4, 2u << mn_host_random_next(&seed) % 4);
    uint32_t nonce = 0, done = 0;
    for (uint32_t round = 0; round < ROUNDS || done < nonce; round++) {
        uint32_t dice = mn_host_random_next(&seed);
        turn_to_prog();
        answers(dice & 1 ? MN_OK : MN_PENDING, dice % 17);
        while (round < ROUNDS && nonce < sizeof completed && dice % 3
               && submissions()->put - submissions()->taken < sq_places) {
            put_read(nonce++);
            dice /= 3;
        }
        mn_err err = dice % 5 ? notify() : wait_for(0, 0, (uint8_t)(dice % 3));
        assert_true(err == MN_OK || err == MN_PENDING || err == MNEMOS_ERR_BAD_ARGUMENT);
        for (uint32_t i = mn_host_random_next(&seed) % 4 + (err == MN_PENDING ? 4 : 0); i && fake.held_count; i--)
            finish(mn_host_random_next(&seed) % fake.held_count, MN_OK, 1);
        (void)rig_switch();
        turn_to_prog();
        while (there() && mn_host_random_next(&seed) % 4) {
            uint32_t one = take().nonce;
            assert_true(one < nonce);
            assert_int_equal(completed[one]++, 0);
            done++;
        }
    }
    assert_int_equal(end(NULL), 0);
}

/* Anything in queues and entries, at any time: the program is stopped or lives, and only its own bytes change. */
static void any_queue_is_survived(uint32_t seed)
{
    (void)begin(NULL);
    struct mn_prog *other = mn_prog_at(1);
    static uint8_t  before[2048];
    memcpy(before, mn_memory(other->rx_addr), other->rx_len < sizeof before ? other->rx_len : sizeof before);
    opened(2u << mn_host_random_next(&seed) % 4, 2u << mn_host_random_next(&seed) % 4);
    for (uint32_t round = 0; round < 300 && prog->state != MN_PROG_ENDED; round++) {
        uint32_t dice = mn_host_random_next(&seed), len = 8 + (dice & 64 ? sq_places * 32 : cq_places * 16);
        uint8_t *queue = mn_memory(dice & 64 ? sq : cq);
        turn_to_prog();
        answers(dice & 1 ? MN_OK : MN_PENDING, dice);
        if (dice % 5)
            put(a_read(dice));
        if (dice % 5 == 1)
            queue[mn_host_random_next(&seed) % len] = (uint8_t)mn_host_random_next(&seed);
        if (dice % 5 == 2)
            ((uint8_t *)place(mn_host_random_next(&seed)))[mn_host_random_next(&seed) % 32] ^= (uint8_t)(1u << dice % 8);
        if (dice % 5 == 3)
            completions()->taken = completions()->put;
        if (dice % 7)
            (void)notify();
        else
            (void)wait_for(dice & 2 ? MNEMOS_CALL_NO_WAIT : 0, 0, (uint8_t)(dice % 4));
        bool waits = prog->call.pending;
        while (fake.held_count && (waits || mn_host_random_next(&seed) % 3))
            finish(mn_host_random_next(&seed) % fake.held_count, (mn_err)(0u - dice % 3), dice);
        (void)rig_switch();
        if (prog->call.pending) /* the completions that it waits for lie behind what it overwrote */
            break;
    }
    assert_memory_equal(before, mn_memory(other->rx_addr), other->rx_len < sizeof before ? other->rx_len : sizeof before);
    if (prog->state == MN_PROG_ENDED) {
        assert_int_equal(prog->ending.reason, MNEMOS_END_FAULT);
        assert_true(prog->fault.kind == MNEMOS_LOADER_FAULT_KIND_RING_CORRUPT
                    || prog->fault.kind == MNEMOS_LOADER_FAULT_KIND_BAD_SLICE);
        assert_int_equal(fake.held_count, 0);
        assert_int_equal(mn_heap_stats().free, heap_free);
    }
    assert_int_equal(end(NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RING_TEST(calls_are_completed_as_they_end),
        RING_TEST(what_can_be_done_at_once_is_complete_when_notify_returns),
        RING_TEST(waiting_ends_with_the_completion_that_was_missing),
        RING_TEST(waiting_for_what_never_comes_is_refused),
        RING_TEST(a_wait_has_a_deadline),
        RING_TEST(completions_come_while_the_program_waits_for_something_else),
        RING_TEST(more_than_fits_is_taken_when_calls_end),
        RING_TEST(who_takes_no_completions_blocks_only_itself),
        RING_TEST(a_place_is_kept_for_each_call_under_way),
        RING_TEST(a_visit_takes_eight_and_the_rest_comes_after_others),
        RING_TEST(a_ring_is_opened_once),
        RING_TEST(queues_of_the_wrong_form_are_refused),
        RING_TEST(queues_that_touch_are_apart),
        RING_TEST(queues_outside_the_program_are_faults),
        RING_TEST(without_memory_there_is_no_ring_and_nothing_else_changes),
        RING_TEST(messages_can_be_cut_anywhere),
        RING_TEST(an_entry_can_be_wrong_in_every_field),
        RING_TEST(slices_outside_the_program_are_faults_at_once_and_later),
        RING_TEST(an_entry_counts_as_it_was_when_it_was_taken),
        RING_TEST(indices_that_cannot_be_are_faults),
        RING_TEST(every_index_that_can_be_is_fine),
        RING_TEST(the_kernels_task_looks_as_closely),
        RING_TEST(the_kernels_indices_are_only_shown),
        RING_TEST(indices_wrap_around),
        RING_TEST(whatever_ends_the_program_takes_its_calls_back),
        RING_TEST(a_new_life_hears_nothing_of_the_old_one),
        RING_TEST(all_programs_may_have_full_rings),
        MN_SEEDED(each_submission_is_completed_once),
        MN_SEEDED(any_queue_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
