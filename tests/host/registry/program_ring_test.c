/* program_ring_test.c — programs with several calls of services under way, through a ring. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "../user/rig.h"
#include "probe.h"
#include <mnemos/abi/ring.h>

#define PLACES  16u
#define SQ_AT   0u /* in the program's heap behind the rig's slices: the queues, ... */
#define CQ_AT   (SQ_AT + 8 + PLACES * 32)
#define IN_AT   1024u /* ... and for each call its arguments ... */
#define OUT_AT  1536u /* ... and its reply */
#define OUT_CAP 32u

static struct probe probe;
static struct mn_prog *self;

static uint32_t address(uint32_t at)
{
    return ((mn_prog_heap_addr(self) + 2 * RIG_SLICE + 7) & ~7u) + at;
}

static uint8_t *memory(uint32_t at)
{
    return mn_memory(address(at));
}

static void turn_to_self(void)
{
    for (uint32_t i = 0; i < 50 && mn_sched.current != self; i++) {
        mn_host_advance(6000);
        (void)rig_switch();
    }
    assert_ptr_equal(mn_sched.current, self);
}

static struct mnemos_ring_indices *queue(uint32_t at)
{
    return (void *)memory(at);
}

static void open_ring(void)
{
    struct mnemos_span spans[2] = {{address(SQ_AT), 8 + PLACES * 32}, {address(CQ_AT), 8 + PLACES * 16}};
    assert_int_equal(rig_message(MNEMOS_SYS_CALL_RING_OPEN, spans, sizeof spans, NULL, 0).err,
                     MN_OK);
}

static int begin(void **state)
{
    static struct rig_image image;
    (void)rig_fresh(state);
    rig_begin();
    rig_image(&image);
    image.head.heap_len = 8192;
    rig_seal(&image);
    self = rig_load(&image, "self");
    assert_int_equal(mn_prog_start(self, NULL, 0), MN_OK);
    (void)rig_started("other");
    turn_to_self();
    probe_start(&probe);
    turn_to_self();
    return 0;
}

static int end(void **state)
{
    (void)state;
    mn_sched.current = NULL;
    for (uint32_t i = 0; i < MN_MAX_PROGRAMS; i++)
        if (mn_prog_at(i)) mn_prog_unload(mn_prog_at(i));
    probe.deaf = false;
    if (probe.service.state != MN_SERVICE_GONE) {
        mn_task_wake(&probe.task);
        mn_host_settle();
        mn_service_drop(&probe.service);
    }
    probe.service.state = MN_SERVICE_GONE;
    probe.held_count = 0;
    struct mn_registry_stats stats = mn_registry_stats();
    /* What is left are the registry's two tables. */
    return stats.connections || stats.requests || mn_heap_stats().allocations != 2 ? -1 : 0;
}

#define RING_TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)

/* ---- Calls ---- */

/* The error, or 0 and the handle. */
static mn_err try_connect(uint8_t at_once, uint32_t *handle)
{
    static const char who[] = {1, 'x'};
    struct mnemos_sys_service_connect_args args = {.uuid = MNEMOS_PROBE_UUID,
                                                   .calls = MNEMOS_PROBE_CALL_COUNT,
                                                   .shape = MNEMOS_PROBE_SHAPE,
                                                   .hello = {address(OUT_AT), 2},
                                                   .at_once = at_once};
    uint8_t bytes[64], reply[8];
    struct mnemos_writer w = {bytes, bytes + sizeof bytes};
    memcpy(memory(OUT_AT), who, 2);
    assert_true(mnemos_sys_service_connect_args_put(&w, &args));
    mn_err err = rig_message(MNEMOS_SYS_CALL_SERVICE_CONNECT, bytes, (uint32_t)(w.at - bytes), reply,
                             sizeof reply)
                     .err;
    if (!self->call.pending) return err;
    (void)rig_switch();
    turn_to_self();
    struct mnemos_reader reader = {mn_memory(rig_out()), mn_memory(rig_out()) + rig_frame()->r1};
    struct mnemos_sys_service_connect_reply answer;
    assert_int_equal(rig_frame()->r0, MN_OK);
    assert_true(mnemos_sys_service_connect_reply_get(&reader, &answer));
    *handle = answer.handle;
    return MN_OK;
}

static uint32_t connected(uint8_t at_once)
{
    uint32_t handle = 0;
    assert_int_equal(try_connect(at_once, &handle), MN_OK);
    return handle;
}

/* Call n has arguments and a reply of its own; n is its nonce too. */
static struct mnemos_ring_submission call_of(uint32_t n, uint32_t handle, uint16_t number,
                                             uint32_t in_len)
{
    return (struct mnemos_ring_submission){.nonce = n,
                                           .handle = handle,
                                           .operation = MNEMOS_SYS_CALL_SERVICE_CALL,
                                           .call = number,
                                           .in = {address(IN_AT + n * 16), in_len},
                                           .out = {address(OUT_AT + n * OUT_CAP), OUT_CAP}};
}

static void put(struct mnemos_ring_submission entry)
{
    struct mnemos_ring_indices *submissions = queue(SQ_AT);
    ((struct mnemos_ring_submission *)(void *)(submissions + 1))[submissions->put % PLACES] = entry;
    submissions->put++;
}

static void put_hold(uint32_t n, uint32_t handle)
{
    *memory(IN_AT + n * 16) = (uint8_t)n;
    put(call_of(n, handle, MNEMOS_PROBE_CALL_HOLD, 1));
}

static void notify(void)
{
    assert_int_equal(rig_call(MNEMOS_SYS_CALL_RING_NOTIFY, 0, 0, 0, 0).err, MN_OK);
}

/* Let the service look, and come back. */
static void serve(void)
{
    (void)rig_switch();
    turn_to_self();
}

static uint32_t there(void)
{
    return queue(CQ_AT)->put - queue(CQ_AT)->taken;
}

static struct mnemos_ring_completion take(void)
{
    struct mnemos_ring_indices *completions = queue(CQ_AT);
    assert_true(there() > 0);
    return ((struct mnemos_ring_completion *)(void *)(completions + 1))[completions->taken++ % PLACES];
}

static void assert_taken(uint32_t nonce, mn_err err, uint32_t used)
{
    struct mnemos_ring_completion completion = take();
    assert_int_equal(completion.nonce, nonce);
    assert_int_equal(completion.error, err);
    assert_int_equal(completion.used, used);
}

/* The service answers a call that it holds. */
static void let_go(uint32_t at)
{
    mn_sched.current = NULL;
    probe_let_go(&probe, at);
    turn_to_self();
}

static mn_err close_service(uint32_t handle)
{
    uint8_t bytes[8];
    struct mnemos_writer w = {bytes, bytes + sizeof bytes};
    (void)mnemos_sys_service_close_args_put(&w, &(struct mnemos_sys_service_close_args){handle});
    return rig_message(MNEMOS_SYS_CALL_SERVICE_CLOSE, bytes, (uint32_t)(w.at - bytes), NULL, 0).err;
}

static void assert_stopped(uint8_t kind)
{
    for (uint32_t i = 0; i < 20 && self->state != MN_PROG_ENDED; i++) (void)rig_switch();
    assert_int_equal(self->state, MN_PROG_ENDED);
    assert_int_equal(self->ending.reason, MNEMOS_END_FAULT);
    assert_int_equal(self->fault.kind, kind);
}

/* ---- Tests ---- */

static void calls_of_one_connection_overlap(void **state)
{
    (void)state;
    open_ring();
    uint32_t handle = connected(4);
    for (uint32_t n = 0; n < 4; n++) put_hold(n, handle);
    notify();
    serve();
    assert_int_equal(probe.held_count, 4);
    let_go(2);
    let_go(0);
    assert_taken(2, MN_OK, 1);
    assert_taken(0, MN_OK, 1);
    assert_int_equal(*memory(OUT_AT + 2 * OUT_CAP), 2); /* each in its own place */
    assert_int_equal(*memory(OUT_AT), 0);
    let_go(1);
    let_go(0);
    assert_taken(3, MN_OK, 1);
    assert_taken(1, MN_OK, 1);
    assert_int_equal(there(), 0);
}

static void a_connection_has_room_for_what_it_asked_for(void **state)
{
    (void)state;
    uint32_t handle;
    open_ring();
    assert_int_equal(try_connect(0, &handle), MNEMOS_ERR_BAD_ARGUMENT);
    assert_int_equal(try_connect(MNEMOS_RING_CALLS + 1, &handle), MNEMOS_ERR_BAD_ARGUMENT);
    handle = connected(2);
    for (uint32_t n = 0; n < 3; n++) put_hold(n, handle);
    notify();
    assert_taken(2, MNEMOS_ERR_BUSY, 0);
    serve();
    let_go(0);
    assert_taken(0, MN_OK, 1);
    put_hold(5, handle);
    notify();
    serve();
    assert_int_equal(probe.held_count, 2);
}

static void what_all_programs_ask_for_is_bounded(void **state)
{
    (void)state;
    uint32_t handles[8], count = 0, handle;
    mn_err err = MN_OK;
    while (count < 8 && !(err = try_connect(MNEMOS_RING_CALLS, &handles[count]))) count++;
    assert_int_equal(err, MNEMOS_ERR_FULL);
    assert_true(count >= 1);
    assert_int_equal(close_service(handles[0]), MN_OK);
    serve();
    handle = connected(MNEMOS_RING_CALLS);
    assert_true(handle != handles[0]);
}

static void errors_are_completions(void **state)
{
    (void)state;
    open_ring();
    uint32_t handle = connected(8);
    put(call_of(1, handle, MNEMOS_PROBE_CALL_HOLD, 0)); /* no arguments where there are some */
    put(call_of(2, handle, MNEMOS_PROBE_CALL_COUNT, 0));
    put(call_of(3, handle, MNEMOS_PROBE_CALL_SECRET, 0));
    put(call_of(4, handle, MN_CALL_HELLO, 0));
    put(call_of(5, handle ^ 0x10000, MNEMOS_PROBE_CALL_NOTHING, 0));
    put(call_of(6, handle, MNEMOS_PROBE_CALL_LARGE, 1));
    put(call_of(7, handle, MNEMOS_PROBE_CALL_NOTHING, 0));
    notify();
    assert_taken(1, MNEMOS_ERR_MALFORMED, 0);
    assert_taken(2, MNEMOS_ERR_BAD_ARGUMENT, 0);
    assert_taken(3, MNEMOS_ERR_BAD_ARGUMENT, 0);
    assert_taken(4, MNEMOS_ERR_BAD_ARGUMENT, 0);
    assert_taken(5, MNEMOS_ERR_BAD_HANDLE, 0);
    assert_taken(6, MNEMOS_ERR_TOO_SMALL, MNEMOS_PROBE_LARGE_REPLY_MAX);
    assert_int_equal(there(), 0);
    serve();
    assert_taken(7, MN_OK, 0);
    memset(memory(IN_AT + 8 * 16), 0xff, 5); /* 2^32 - 1 + 2^32 - 1, more than there is */
    memory(IN_AT + 8 * 16)[4] = 0x0f;
    memset(memory(IN_AT + 8 * 16) + 5, 0xff, 5);
    memory(IN_AT + 8 * 16)[9] = 0x0f;
    put(call_of(8, handle, MNEMOS_PROBE_CALL_ADD, 10));
    notify();
    serve();
    assert_taken(8, MNEMOS_ERR_TOO_BIG, 0);
    assert_int_equal(mn_registry_stats().requests, 0);
}

/* H18: what was submitted counts, not what is there afterwards. */
static void arguments_count_as_they_were(void **state)
{
    (void)state;
    open_ring();
    uint32_t handle = connected(1);
    put_hold(3, handle);
    notify();
    memset(memory(IN_AT), 0xff, 512);
    memset(memory(SQ_AT) + 8, 0xff, PLACES * 32);
    serve();
    let_go(0);
    assert_taken(3, MN_OK, 1);
    assert_int_equal(*memory(OUT_AT + 3 * OUT_CAP), 3);
}

static void a_span_among_the_arguments_outside_is_a_fault(void **state)
{
    (void)state;
    open_ring();
    uint32_t handle = connected(2);
    struct mnemos_probe_copy_args copy = {{address(0), 4}, {self->rx_addr, 4}};
    struct mnemos_writer w = {memory(IN_AT), memory(IN_AT) + 16};
    assert_true(mnemos_probe_copy_args_put(&w, &copy));
    put_hold(1, handle);
    put(call_of(0, handle, MNEMOS_PROBE_CALL_COPY, 16));
    (void)rig_call(MNEMOS_SYS_CALL_RING_NOTIFY, 0, 0, 0, 0);
    assert_stopped(MNEMOS_LOADER_FAULT_KIND_BAD_SLICE);
    assert_int_equal(self->fault.call, MNEMOS_SYS_CALL_SERVICE_CALL);
}

/* Allowed, and harmful to nobody else. */
static void a_reply_over_the_rings_own_indices_hurts_its_program_alone(void **state)
{
    (void)state;
    open_ring();
    uint32_t handle = connected(2);
    struct mnemos_ring_submission call = call_of(0, handle, MNEMOS_PROBE_CALL_HOLD, 1);
    *memory(IN_AT) = 200 | 0x80; /* two bytes: a wrong index, whoever reads it */
    memory(IN_AT)[1] = 1;
    call.in.len = 2;
    call.out = (struct mnemos_span){address(SQ_AT), 8};
    put(call);
    notify();
    serve();
    let_go(0);
    assert_int_equal(there(), 1);
    (void)rig_call(MNEMOS_SYS_CALL_RING_NOTIFY, 0, 0, 0, 0);
    assert_stopped(MNEMOS_LOADER_FAULT_KIND_RING_CORRUPT);
}

static void a_service_that_leaves_completes_its_calls(void **state)
{
    (void)state;
    open_ring();
    uint32_t handle = connected(4);
    for (uint32_t n = 0; n < 3; n++) put_hold(n, handle);
    notify();
    serve();
    mn_sched.current = NULL;
    mn_service_drop(&probe.service);
    turn_to_self();
    for (uint32_t n = 0; n < 3; n++) assert_int_equal(take().error, MNEMOS_ERR_SERVICE_GONE);
    put_hold(9, handle);
    notify();
    assert_taken(9, MNEMOS_ERR_SERVICE_GONE, 0);
    assert_int_equal(close_service(handle), MN_OK);
}

static void closing_a_connection_completes_its_calls(void **state)
{
    (void)state;
    open_ring();
    uint32_t handle = connected(4), other = connected(4);
    put_hold(0, handle);
    put_hold(1, other);
    put_hold(2, handle);
    notify();
    serve();
    probe.deaf = true;
    put_hold(3, handle); /* the service has not seen this one */
    notify();
    assert_int_equal(close_service(handle), MN_OK);
    assert_int_equal(there(), 3);
    for (uint32_t n = 0; n < 3; n++) assert_int_equal(take().error, MNEMOS_ERR_CANCELLED);
    let_go(2); /* too late for call 2 */
    assert_int_equal(there(), 0);
    assert_int_equal(mn_registry_stats().orphans, 1);
    let_go(1);
    assert_taken(1, MN_OK, 1);
}

static void waiting_in_a_call_and_calls_under_way_are_apart(void **state)
{
    (void)state;
    open_ring();
    uint32_t handle = connected(1), other = connected(1);
    put_hold(0, handle);
    notify();
    struct mnemos_sys_service_call_args args = {other, MNEMOS_PROBE_CALL_HOLD, {address(IN_AT), 1},
                                                {address(OUT_AT + OUT_CAP), OUT_CAP}};
    uint8_t bytes[64];
    struct mnemos_writer w = {bytes, bytes + sizeof bytes};
    assert_true(mnemos_sys_service_call_args_put(&w, &args));
    (void)rig_message(MNEMOS_SYS_CALL_SERVICE_CALL, bytes, (uint32_t)(w.at - bytes), NULL, 8);
    assert_int_equal(self->state, MN_PROG_WAITING);
    (void)rig_switch();
    assert_int_equal(probe.held_count, 2);
    mn_sched.current = NULL;
    probe_let_go(&probe, 0);
    assert_int_equal(self->state, MN_PROG_WAITING);
    assert_int_equal(there(), 1);
    probe_let_go(&probe, 0);
    turn_to_self();
    assert_int_equal(rig_frame()->r0, MN_OK);
    assert_taken(0, MN_OK, 1);
}

/* H21 */
static void late_replies_never_reach_the_next_life(void **state)
{
    (void)state;
    static uint8_t before[4096];
    for (uint32_t way = 0; way < 3; way++) {
        uint32_t orphans = mn_registry_stats().orphans;
        open_ring();
        uint32_t handle = connected(MNEMOS_RING_CALLS);
        for (uint32_t n = 0; n < 16; n++) put_hold(n, handle);
        notify();
        serve();
        assert_int_equal(probe.held_count, MNEMOS_RING_CALLS);
        probe.deaf = true; /* it does not hear that nobody waits any more */
        if (way == 0) {
            mn_prog_end(self, MNEMOS_END_KILLED, 0);
        } else if (way == 1) {
            (void)rig_message(MNEMOS_SYS_CALL_EXIT, "", 1, NULL, 0);
            assert_int_equal(self->state, MN_PROG_ENDED);
        } else {
            queue(SQ_AT)->put += 17;
            (void)rig_call(MNEMOS_SYS_CALL_RING_NOTIFY, 0, 0, 0, 0);
            assert_stopped(MNEMOS_LOADER_FAULT_KIND_RING_CORRUPT);
        }
        mn_sched.current = NULL;
        assert_int_equal(mn_prog_start(self, NULL, 0), MN_OK);
        turn_to_self();
        open_ring();
        memcpy(before, memory(0), sizeof before);
        for (uint32_t n = 0; n < MNEMOS_RING_CALLS; n++) let_go(0);
        assert_memory_equal(before, memory(0), sizeof before);
        assert_int_equal(mn_registry_stats().orphans, orphans + MNEMOS_RING_CALLS);
        assert_int_equal(rig_call(MNEMOS_SYS_CALL_RING_CLOSE, 0, 0, 0, 0).err, MN_OK);
        probe.deaf = false;
        mn_sched.current = NULL;
        mn_task_wake(&probe.task);
        turn_to_self();
    }
}

static void closing_the_ring_gives_its_calls_up(void **state)
{
    (void)state;
    open_ring();
    uint32_t handle = connected(2);
    put_hold(0, handle);
    put_hold(1, handle);
    notify();
    serve();
    probe.deaf = true;
    assert_int_equal(rig_call(MNEMOS_SYS_CALL_RING_CLOSE, 0, 0, 0, 0).err, MN_OK);
    open_ring();
    put_hold(2, handle);
    notify();
    assert_taken(2, MNEMOS_ERR_BUSY, 0); /* the service still has both */
    let_go(0);
    assert_int_equal(there(), 0);
    put_hold(3, handle);
    notify();
    probe.deaf = false;
    mn_task_wake(&probe.task);
    serve();
    let_go(0);
    assert_taken(3, MN_OK, 1);
}

/* Each allocation that a ring needs fails once; what was there before is there afterwards. */
static void a_ring_that_cannot_be_had_leaves_nothing(void **state)
{
    (void)state;
    struct mnemos_span spans[2] = {{address(SQ_AT), 8 + PLACES * 32}, {address(CQ_AT), 8 + PLACES * 16}};
    uint32_t allocations = mn_heap_stats().allocations, failing = 1;
    mn_err err;
    do {
        mn_host_fail_allocation(failing++, false);
        err = rig_message(MNEMOS_SYS_CALL_RING_OPEN, spans, sizeof spans, NULL, 0).err;
        if (err) assert_int_equal(mn_heap_stats().allocations, allocations);
    } while (mn_host_allocation_failed() && failing < 9);
    mn_host_fail_allocation(0, false);
    assert_int_equal(err, MN_OK);
    assert_int_equal(failing, 3);
}

/* Anything in any order: nothing is left in the end, and no call is completed twice. */
static void nothing_is_left_whatever_happens(uint32_t seed)
{
    (void)begin(NULL);
    uint32_t handles[2] = {0, 0};
    bool under_way[64] = {false};
    for (uint32_t round = 0; round < 150; round++) {
        uint32_t dice = mn_host_random_next(&seed), n = dice >> 8 & 15;
        turn_to_self();
        if (!self->ring) open_ring();
        for (uint32_t i = 0; i < 2; i++)
            if (!handles[i]) handles[i] = connected((uint8_t)(1 + dice % 4));
        switch (dice % 8) {
        case 0:
        case 1:
        case 2:
        case 3:
            if (under_way[n] || queue(SQ_AT)->put - queue(SQ_AT)->taken == PLACES) break;
            under_way[n] = true;
            put_hold(n, handles[dice >> 4 & 1]);
            notify();
            break;
        case 4:
            if (probe.held_count) let_go(dice % probe.held_count);
            break;
        case 5:
            if (dice & 256) (void)close_service(handles[0]), handles[0] = 0;
            break;
        case 6:
            if ((dice >> 8) % 7) break;
            (void)rig_call(MNEMOS_SYS_CALL_RING_CLOSE, 0, 0, 0, 0);
            memset(memory(0), 0, 1024);
            memset(under_way, 0, sizeof under_way);
            break;
        default:
            if ((dice >> 8) % 7) break;
            mn_prog_end(self, MNEMOS_END_KILLED, 0);
            mn_sched.current = NULL;
            assert_int_equal(mn_prog_start(self, NULL, 0), MN_OK);
            memset(under_way, 0, sizeof under_way);
            memset(handles, 0, sizeof handles);
            break;
        }
        if (mn_sched.current == self) serve();
        turn_to_self();
        while (self->ring && there()) {
            uint32_t one = take().nonce;
            assert_true(one < 16 && under_way[one]);
            under_way[one] = false;
        }
    }
    assert_int_equal(end(NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RING_TEST(calls_of_one_connection_overlap),
        RING_TEST(a_connection_has_room_for_what_it_asked_for),
        RING_TEST(what_all_programs_ask_for_is_bounded),
        RING_TEST(errors_are_completions),
        RING_TEST(arguments_count_as_they_were),
        RING_TEST(a_span_among_the_arguments_outside_is_a_fault),
        RING_TEST(a_reply_over_the_rings_own_indices_hurts_its_program_alone),
        RING_TEST(a_service_that_leaves_completes_its_calls),
        RING_TEST(closing_a_connection_completes_its_calls),
        RING_TEST(waiting_in_a_call_and_calls_under_way_are_apart),
        RING_TEST(late_replies_never_reach_the_next_life),
        RING_TEST(closing_the_ring_gives_its_calls_up),
        RING_TEST(a_ring_that_cannot_be_had_leaves_nothing),
        MN_SEEDED(nothing_is_left_whatever_happens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
