/* program_test.c — programs as clients of services. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "../user/rig.h"
#include "probe.h"

#define HELLO_AT 0u  /* in the program's stack, below what it uses: the hello, ... */
#define IN_AT    32u /* ... a call's arguments, ... */
#define OUT_AT   96u /* ... and its reply */
#define OUT_CAP  256u
#define BULK_AT  400u

static struct probe probe;
static struct mn_prog *self; /* the one whose system calls these are; another runs beside it */

static void turn_to(struct mn_prog *prog)
{
    for (uint32_t i = 0; i < 50 && mn_sched.current != prog; i++) {
        mn_host_advance(1000);
        (void)rig_switch();
    }
    assert_ptr_equal(mn_sched.current, prog);
}

static int begin(void **state)
{
    (void)rig_fresh(state);
    rig_begin();
    (void)rig_started("other");
    self = rig_started("self");
    turn_to(self);
    return 0;
}

/* Whatever the test did: once both programs are gone the registry holds nothing of theirs. */
static int end(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < MN_MAX_PROGRAMS; i++)
        if (mn_prog_at(i)) mn_prog_unload(mn_prog_at(i));
    mn_host_settle();
    if (probe.service.state != MN_SERVICE_GONE) mn_service_drop(&probe.service);
    probe.service.state = MN_SERVICE_GONE;
    probe.held_count = 0;
    struct mn_registry_stats stats = mn_registry_stats();
    return stats.connections || stats.requests ? -1 : 0;
}

#define PROGRAM_TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)

static uint8_t *memory(uint32_t at)
{
    return mn_memory(self->rw_addr + at);
}

static struct mnemos_span span(uint32_t at, uint32_t len)
{
    return (struct mnemos_span){self->rw_addr + at, len};
}

/* ---- The four calls ---- */

static uint32_t put_hello(const char *who)
{
    struct mnemos_probe_hello hello = {.who.len = (uint32_t)strlen(who)};
    struct mnemos_writer w = {memory(HELLO_AT), memory(HELLO_AT) + 32};
    memcpy(hello.who.data, who, hello.who.len);
    assert_true(mnemos_probe_hello_put(&w, &hello));
    return (uint32_t)(w.at - memory(HELLO_AT));
}

static struct mnemos_sys_service_connect_args wish_for(const char *who)
{
    struct mnemos_sys_service_connect_args args = {
        .uuid = MNEMOS_PROBE_UUID,
        .calls = MNEMOS_PROBE_CALL_COUNT,
        .shape = MNEMOS_PROBE_SHAPE,
        .hello = span(HELLO_AT, put_hello(who)),
        .at_once = 1,
    };
    return args;
}

static uint32_t with_deadline(uint32_t flags, uint8_t *bytes)
{
    uint64_t deadline = mn_port_now_us() + 5000;
    if (!(flags & MNEMOS_CALL_DEADLINE)) return 0;
    memcpy(bytes, &deadline, sizeof deadline);
    return sizeof deadline;
}

static mn_err result_of_connect(uint32_t *handle)
{
    const struct mn_frame *frame = rig_frame();
    struct mnemos_reader reader = {mn_memory(rig_out()), mn_memory(rig_out()) + frame->r1};
    struct mnemos_sys_service_connect_reply reply;
    if (frame->r0) return (mn_err)frame->r0;
    assert_true(mnemos_sys_service_connect_reply_get(&reader, &reply));
    *handle = reply.handle;
    return MN_OK;
}

/* MN_PENDING: the program waits, and another one runs. */
static mn_err connect(uint32_t flags, const struct mnemos_sys_service_connect_args *args,
                      uint32_t *handle)
{
    uint8_t bytes[64], reply[8];
    uint32_t at = with_deadline(flags, bytes);
    struct mnemos_writer w = {bytes + at, bytes + sizeof bytes};
    assert_true(mnemos_sys_service_connect_args_put(&w, args));
    (void)rig_message(MNEMOS_SYS_CALL_SERVICE_CONNECT | flags, bytes, (uint32_t)(w.at - bytes),
                      reply, sizeof reply);
    return self->call.pending ? MN_PENDING : result_of_connect(handle);
}

static uint32_t connected_as(const char *who)
{
    struct mnemos_sys_service_connect_args args = wish_for(who);
    uint32_t handle = 0;
    mn_err err = connect(0, &args, &handle);
    if (err == MN_PENDING) {
        (void)rig_switch();
        turn_to(self);
        err = result_of_connect(&handle);
    }
    assert_int_equal(err, MN_OK);
    return handle;
}

static struct mnemos_sys_service_call_args call_of(uint32_t handle, uint16_t number,
                                                   uint32_t in_len)
{
    return (struct mnemos_sys_service_call_args){handle, number, span(IN_AT, in_len),
                                                 span(OUT_AT, OUT_CAP)};
}

static mn_err make_call(uint32_t flags, const struct mnemos_sys_service_call_args *args,
                        uint32_t *used)
{
    uint8_t bytes[64], reply[8];
    uint32_t at = with_deadline(flags, bytes);
    struct mnemos_writer w = {bytes + at, bytes + sizeof bytes};
    assert_true(mnemos_sys_service_call_args_put(&w, args));
    struct rig_answer answer = rig_message(MNEMOS_SYS_CALL_SERVICE_CALL | flags, bytes,
                                           (uint32_t)(w.at - bytes), reply, sizeof reply);
    *used = answer.used;
    return self->call.pending ? MN_PENDING : answer.err;
}

/* Wait for the answer of the call that is pending. */
static mn_err result_of_call(uint32_t *used)
{
    if (mn_sched.current == self) (void)rig_switch();
    turn_to(self);
    const struct mn_frame *frame = rig_frame();
    struct mnemos_reader reader = {mn_memory(rig_out()), mn_memory(rig_out()) + frame->r1};
    struct mnemos_sys_service_call_reply reply;
    if (frame->r0) return (mn_err)frame->r0;
    assert_true(mnemos_sys_service_call_reply_get(&reader, &reply));
    *used = reply.used;
    return MN_OK;
}

static uint32_t put_add(uint32_t a, uint32_t b)
{
    struct mnemos_writer w = {memory(IN_AT), memory(IN_AT) + 64};
    assert_true(mnemos_probe_add_args_put(&w, &(struct mnemos_probe_add_args){a, b}));
    return (uint32_t)(w.at - memory(IN_AT));
}

static mn_err add(uint32_t handle, uint32_t a, uint32_t b, uint64_t *sum)
{
    struct mnemos_sys_service_call_args args =
        call_of(handle, MNEMOS_PROBE_CALL_ADD, put_add(a, b));
    uint32_t used = 0;
    mn_err err = make_call(0, &args, &used);
    if (err == MN_PENDING) err = result_of_call(&used);
    struct mnemos_reader reader = {memory(OUT_AT), memory(OUT_AT) + used};
    struct mnemos_probe_add_reply reply;
    if (err) return err;
    assert_true(mnemos_probe_add_reply_get(&reader, &reply) && reader.at == reader.end);
    *sum = reply.sum;
    return MN_OK;
}

/* A call that the service holds. */
static void hold(uint32_t handle, uint32_t flags)
{
    uint32_t used;
    *memory(IN_AT) = 7;
    struct mnemos_sys_service_call_args args = call_of(handle, MNEMOS_PROBE_CALL_HOLD, 1);
    assert_int_equal(make_call(flags, &args, &used), MN_PENDING);
    mn_sched.current = NULL;
    mn_host_settle();
    assert_int_equal(probe.held_count, 1);
}

static mn_err close_service(uint32_t handle)
{
    uint8_t bytes[8];
    struct mnemos_writer w = {bytes, bytes + sizeof bytes};
    assert_true(
        mnemos_sys_service_close_args_put(&w, &(struct mnemos_sys_service_close_args){handle}));
    return rig_message(MNEMOS_SYS_CALL_SERVICE_CLOSE, bytes, (uint32_t)(w.at - bytes), NULL, 0).err;
}

static mn_err find(uint16_t *calls)
{
    static const uint8_t uuid[16] = MNEMOS_PROBE_UUID;
    uint8_t reply[16];
    struct rig_answer answer =
        rig_message(MNEMOS_SYS_CALL_SERVICE_FIND, uuid, sizeof uuid, reply, sizeof reply);
    struct mnemos_reader reader = {reply, reply + answer.used};
    struct mnemos_sys_service_find_reply found;
    if (answer.err) return answer.err;
    assert_true(mnemos_sys_service_find_reply_get(&reader, &found));
    assert_int_equal(found.shape, MNEMOS_PROBE_SHAPE);
    *calls = found.calls;
    return MN_OK;
}

static void assert_faulted(void)
{
    if (mn_sched.current == self) (void)rig_switch();
    assert_int_equal(self->state, MN_PROG_ENDED);
    assert_int_equal(self->ending.reason, MNEMOS_END_FAULT);
    assert_int_equal(self->fault.kind, MNEMOS_LOADER_FAULT_KIND_BAD_SLICE);
}

/* ---- Finding and connecting ---- */

static void a_program_calls_a_service(void **state)
{
    (void)state;
    uint64_t sum;
    uint16_t calls;
    probe_start(&probe);
    assert_int_equal(find(&calls), MN_OK);
    assert_int_equal(calls, MNEMOS_PROBE_CALL_COUNT);
    uint32_t handle = connected_as("x");
    assert_int_equal(add(handle, 40, 2, &sum), MN_OK);
    assert_int_equal(sum, 42);
    assert_int_equal(add(handle, UINT32_MAX, 1, &sum), MNEMOS_ERR_TOO_BIG);
    assert_int_equal(close_service(handle), MN_OK);
    assert_int_equal(close_service(handle), MNEMOS_ERR_BAD_HANDLE);
    assert_int_equal(add(handle, 40, 2, &sum), MNEMOS_ERR_BAD_HANDLE);
    mn_host_settle();
    assert_int_equal(probe.gone, 1);
}

static void a_service_for_the_kernel_looks_like_none(void **state)
{
    (void)state;
    uint32_t handle;
    uint16_t calls;
    struct mnemos_sys_service_connect_args args = wish_for("x");
    for (uint32_t there = 0; there < 2; there++) {
        if (there)
            assert_int_equal(probe_register(&probe, &probe_type, (struct mn_service_terms){0}),
                             MN_OK);
        assert_int_equal(find(&calls), MNEMOS_ERR_NO_SERVICE);
        assert_int_equal(connect(MNEMOS_CALL_NO_WAIT, &args, &handle), MNEMOS_ERR_NO_SERVICE);
        assert_int_equal(connect(MNEMOS_CALL_DEADLINE, &args, &handle), MN_PENDING);
        (void)rig_switch();
        turn_to(self);
        assert_int_equal(result_of_connect(&handle), MNEMOS_ERR_TIMED_OUT);
    }
}

static void connecting_waits_for_the_service(void **state)
{
    (void)state;
    uint32_t handle;
    uint64_t sum;
    struct mnemos_sys_service_connect_args args = wish_for("x");
    assert_int_equal(connect(0, &args, &handle), MN_PENDING);
    memset(memory(HELLO_AT), 0xff, 32); /* it was taken when it was said */
    mn_sched.current = NULL;
    probe_start(&probe);
    turn_to(self);
    assert_int_equal(result_of_connect(&handle), MN_OK);
    assert_int_equal(add(handle, 1, 2, &sum), MN_OK);
}

static void a_client_is_refused_by_name(void **state)
{
    (void)state;
    uint32_t handle;
    struct mnemos_sys_service_connect_args args = wish_for("nobody");
    probe_start(&probe);
    assert_int_equal(connect(0, &args, &handle), MN_PENDING);
    (void)rig_switch();
    turn_to(self);
    assert_int_equal(result_of_connect(&handle), MNEMOS_ERR_REFUSED);
    assert_int_equal(connect(MNEMOS_CALL_NO_WAIT, &args, &handle), MNEMOS_ERR_WOULD_WAIT);
    args = wish_for("later");
    assert_int_equal(connect(MNEMOS_CALL_DEADLINE, &args, &handle), MN_PENDING);
    (void)rig_switch();
    turn_to(self);
    assert_int_equal(result_of_connect(&handle), MNEMOS_ERR_TIMED_OUT);
    assert_int_equal(probe.cancelled, 1);
    args.calls++;
    assert_int_equal(connect(0, &args, &handle), MNEMOS_ERR_SERVICE_TOO_OLD);
    args.calls--;
    args.shape++;
    assert_int_equal(connect(0, &args, &handle), MNEMOS_ERR_SHAPE_DIFFERS);
}

static void a_hello_can_be_wrong_in_every_byte(void **state)
{
    (void)state;
    uint32_t handle;
    struct mnemos_sys_service_connect_args args = wish_for("abc");
    probe_start(&probe);
    for (uint32_t len = 0; len < 8; len++) {
        if (len == 4) continue; /* what it should be */
        args.hello.len = len;
        assert_int_equal(connect(0, &args, &handle), MNEMOS_ERR_MALFORMED);
    }
    args.hello.len = 4;
    *memory(HELLO_AT + 1) = 0xff; /* no text */
    assert_int_equal(connect(0, &args, &handle), MNEMOS_ERR_MALFORMED);
    args.hello.addr = RIG_ARENA - 2;
    (void)connect(0, &args, &handle);
    assert_faulted();
}

static void a_program_has_eight_connections(void **state)
{
    (void)state;
    uint32_t handles[8], handle;
    struct mnemos_sys_service_connect_args args = wish_for("x");
    probe_start(&probe);
    for (uint32_t i = 0; i < 8; i++) handles[i] = connected_as("x");
    assert_int_equal(connect(0, &args, &handle), MNEMOS_ERR_FULL);
    assert_int_equal(close_service(handles[3]), MN_OK);
    (void)rig_switch();
    turn_to(self);
    handle = connected_as("x");
    assert_int_equal(handle & 0xffff, 3);
    assert_true(handle != handles[3]); /* the old one stays dead */
    uint64_t sum;
    assert_int_equal(add(handles[3], 1, 1, &sum), MNEMOS_ERR_BAD_HANDLE);
    assert_int_equal(add(handle, 1, 1, &sum), MN_OK);
}

static void a_service_without_a_hello_is_open_at_once(void **state)
{
    (void)state;
    static const uint32_t shapes[] = {5};
    static const struct mn_service_type plain = {
        .name = "plain", .uuid = {{1}}, .shapes = shapes};
    struct mn_service service;
    uint32_t handle;
    struct mnemos_sys_service_connect_args args = {.uuid = {1}, .shape = 5, .at_once = 1};
    assert_int_equal(
        mn_service_register(&service, &plain, (struct mn_service_terms){.for_programs = true}),
        MN_OK);
    assert_int_equal(connect(MNEMOS_CALL_NO_WAIT, &args, &handle), MN_OK);
    assert_int_equal(service.clients, 1);
    assert_int_equal(close_service(handle), MN_OK);
    assert_int_equal(service.clients, 0);
    args.hello = span(HELLO_AT, 1); /* it does not want to hear anything */
    assert_int_equal(connect(0, &args, &handle), MNEMOS_ERR_MALFORMED);
    mn_service_drop(&service);
}

static void messages_can_be_cut_anywhere(void **state)
{
    (void)state;
    static const uint8_t ends[] = {15, 25, 16, 0}; /* one byte less than the least */
    uint8_t bytes[64] = {0};
    for (uint32_t i = 0; i < 4; i++) {
        uint32_t number = MNEMOS_SYS_CALL_SERVICE_FIND + i;
        for (uint32_t len = 0; len <= ends[i]; len++)
            assert_int_equal(rig_message(number, bytes, len, bytes + 32, 16).err,
                             MNEMOS_ERR_MALFORMED);
        assert_int_equal(rig_message(number, bytes, 60, bytes + 32, 16).err, MNEMOS_ERR_MALFORMED);
        if (i < 3) {
            assert_int_equal(rig_message(number, bytes, ends[i] + 1, NULL, 0).err,
                             MNEMOS_ERR_TOO_SMALL);
        }
    }
}

/* ---- Calls ---- */

static void arguments_can_be_wrong_in_every_byte(void **state)
{
    (void)state;
    uint32_t used, handle;
    probe_start(&probe);
    handle = connected_as("x");
    uint32_t len = put_add(300, 70000);
    for (uint32_t cut = 0; cut <= len + 1; cut++) {
        struct mnemos_sys_service_call_args args = call_of(handle, MNEMOS_PROBE_CALL_ADD, cut);
        if (cut != len) assert_int_equal(make_call(0, &args, &used), MNEMOS_ERR_MALFORMED);
    }
    struct mnemos_sys_service_call_args args = call_of(handle, MNEMOS_PROBE_CALL_COUNT, 0);
    assert_int_equal(make_call(0, &args, &used), MNEMOS_ERR_BAD_ARGUMENT);
    args.number = MNEMOS_PROBE_CALL_SECRET;
    assert_int_equal(make_call(0, &args, &used), MNEMOS_ERR_BAD_ARGUMENT);
    args.number = MN_CALL_HELLO;
    assert_int_equal(make_call(0, &args, &used), MNEMOS_ERR_BAD_ARGUMENT);
    args.number = MNEMOS_PROBE_CALL_NOTHING;
    assert_int_equal(make_call(0, &args, &used), MN_PENDING);
    assert_int_equal(result_of_call(&used), MN_OK);
    assert_int_equal(used, 0);
    args.handle ^= 0x10000;
    assert_int_equal(make_call(0, &args, &used), MNEMOS_ERR_BAD_HANDLE);
    args.handle = 0xffff;
    assert_int_equal(make_call(0, &args, &used), MNEMOS_ERR_BAD_HANDLE);
    assert_int_equal(mn_registry_stats().requests, 0);
}

static void a_reply_needs_room_for_the_longest(void **state)
{
    (void)state;
    uint32_t used, handle;
    probe_start(&probe);
    handle = connected_as("x");
    uint32_t seen = probe.seen;
    struct mnemos_sys_service_call_args args = call_of(handle, MNEMOS_PROBE_CALL_LARGE, 1);
    *memory(IN_AT) = 3;
    args.reply.len = MNEMOS_PROBE_LARGE_REPLY_MAX - 1;
    assert_int_equal(make_call(0, &args, &used), MNEMOS_ERR_TOO_SMALL);
    assert_int_equal(used, MNEMOS_PROBE_LARGE_REPLY_MAX);
    mn_host_settle();
    assert_int_equal(probe.seen, seen); /* nothing was done */
}

static void the_largest_reply_arrives_whole(void **state)
{
    (void)state;
    uint32_t used, handle;
    probe_start(&probe);
    handle = connected_as("x");
    struct mnemos_sys_service_call_args args = call_of(handle, MNEMOS_PROBE_CALL_LARGE, 2);
    memory(IN_AT)[0] = 254;
    args.args.len = 1;
    args.reply.len = MNEMOS_PROBE_LARGE_REPLY_MAX;
    assert_int_equal(make_call(0, &args, &used), MN_PENDING);
    assert_int_equal(result_of_call(&used), MN_OK);
    assert_int_equal(used, MNEMOS_PROBE_LARGE_REPLY_MAX);
    assert_int_equal(used,
                     MN_REPLY_MAX); /* the largest that a kernel takes, length prefix included */
    assert_int_equal(*memory(OUT_AT + 255), 0x5a);
}

static void bulk_bytes_stay_in_the_program(void **state)
{
    (void)state;
    uint32_t used, handle;
    probe_start(&probe);
    handle = connected_as("x");
    struct mnemos_probe_copy_args copy = {span(BULK_AT, 100), span(BULK_AT + 100, 100)};
    struct mnemos_writer w = {memory(IN_AT), memory(IN_AT) + 64};
    struct mnemos_sys_service_call_args args = call_of(handle, MNEMOS_PROBE_CALL_COPY, 16);
    assert_true(mnemos_probe_copy_args_put(&w, &copy));
    memset(memory(BULK_AT), 1, 100);
    assert_int_equal(make_call(0, &args, &used), MN_PENDING);
    assert_int_equal(result_of_call(&used), MN_OK);
    assert_int_equal(*memory(BULK_AT + 199), 2);
    copy.target.addr = self->rx_addr; /* its own code is not for writing */
    w.at = memory(IN_AT);
    assert_true(mnemos_probe_copy_args_put(&w, &copy));
    (void)make_call(0, &args, &used);
    assert_faulted();
    assert_int_equal(mn_registry_stats().requests, 0);
}

static void a_span_of_the_call_itself_outside_is_a_fault(void **state)
{
    (void)state;
    uint32_t used, handle;
    probe_start(&probe);
    handle = connected_as("x");
    struct mnemos_sys_service_call_args args = call_of(handle, MNEMOS_PROBE_CALL_NOTHING, 0);
    args.reply.addr = self->rx_addr;
    (void)make_call(0, &args, &used);
    assert_faulted();
}

static void flags_and_deadlines_hold(void **state)
{
    (void)state;
    uint32_t used, handle;
    uint64_t sum;
    probe_start(&probe);
    handle = connected_as("x");
    struct mnemos_sys_service_call_args args = call_of(handle, MNEMOS_PROBE_CALL_HOLD, 1);
    assert_int_equal(make_call(MNEMOS_CALL_NO_WAIT, &args, &used), MNEMOS_ERR_WOULD_WAIT);
    hold(handle, MNEMOS_CALL_DEADLINE);
    assert_int_equal(result_of_call(&used), MNEMOS_ERR_TIMED_OUT);
    assert_int_equal(probe.cancelled, 1);
    assert_int_equal(add(handle, 1, 1, &sum), MN_OK);
}

/* ---- Ends ---- */

static void a_program_dies_while_its_request_is_held(void **state)
{
    (void)state;
    uint32_t handle;
    probe_start(&probe);
    handle = connected_as("x");
    hold(handle, 0);
    struct mn_request *request = probe.held[0];
    uint8_t byte = 0;
    probe.deaf = true;
    mn_prog_end(self, MNEMOS_END_KILLED, 0);
    assert_int_equal(mn_request_write(request, (struct mnemos_span){self->rw_addr, 4}, 0, &byte, 1),
                     MNEMOS_ERR_GONE);

    /* Its slot and its memory belong to another life when the answer comes. */
    assert_int_equal(mn_prog_start(self, NULL, 0), MN_OK);
    turn_to(self);
    uint8_t before[64];
    memcpy(before, memory(OUT_AT), sizeof before);
    probe_let_go(&probe, 0);
    assert_memory_equal(before, memory(OUT_AT), sizeof before);
    assert_int_equal(mn_registry_stats().orphans, 1);
    probe.deaf = false;
    mn_task_wake(&probe.task);
    mn_host_settle();
    assert_int_equal(probe.gone, 1);
    uint64_t sum;
    assert_int_equal(add(handle, 1, 1, &sum), MNEMOS_ERR_BAD_HANDLE);
    handle = connected_as("x");
    assert_int_equal(add(handle, 1, 1, &sum), MN_OK);
}

static void a_program_dies_in_every_other_wait(void **state)
{
    (void)state;
    struct mnemos_sys_service_connect_args args = wish_for("later");
    uint32_t handle;
    assert_int_equal(connect(0, &args, &handle), MN_PENDING); /* for the service */
    mn_prog_unload(self);
    mn_host_settle();
    assert_int_equal(mn_registry_stats().connections, 0);
    probe_start(&probe);

    mn_sched.current = NULL;
    self = rig_started("again");
    turn_to(self);
    args = wish_for("later");
    assert_int_equal(connect(0, &args, &handle), MN_PENDING); /* for its answer */
    mn_host_settle();
    mn_prog_unload(self);
    mn_host_settle();
    assert_int_equal(probe.cancelled, 1);
    assert_int_equal(mn_registry_stats().connections, 0);

    mn_sched.current = NULL;
    self = rig_started("again");
    turn_to(self);
    handle = connected_as("x");
    probe.deaf = true;
    struct mnemos_sys_service_call_args call = call_of(handle, MNEMOS_PROBE_CALL_NOTHING, 0);
    uint32_t used;
    assert_int_equal(make_call(0, &call, &used), MN_PENDING); /* for the service to look */
    mn_prog_unload(self);
    assert_int_equal(mn_registry_stats().requests, 0);
    self = rig_started("last");
}

static void a_program_is_told_that_its_service_has_gone(void **state)
{
    (void)state;
    uint32_t used, handle, again;
    uint64_t sum;
    probe_start(&probe);
    handle = connected_as("x");
    hold(handle, 0);
    mn_service_drop(&probe.service);
    mn_host_settle();
    assert_int_equal(result_of_call(&used), MNEMOS_ERR_SERVICE_GONE);
    assert_int_equal(add(handle, 1, 1, &sum), MNEMOS_ERR_SERVICE_GONE);
    probe_start(&probe); /* it is back, but not for the old connection */
    assert_int_equal(add(handle, 1, 1, &sum), MNEMOS_ERR_SERVICE_GONE);
    again = connected_as("x");
    assert_int_equal(add(again, 1, 1, &sum), MN_OK);
    assert_int_equal(close_service(handle), MN_OK);
}

static void a_service_goes_while_it_thinks_about_a_client(void **state)
{
    (void)state;
    uint32_t handle;
    struct mnemos_sys_service_connect_args args = wish_for("later");
    probe_start(&probe);
    assert_int_equal(connect(0, &args, &handle), MN_PENDING);
    mn_sched.current = NULL;
    mn_host_settle();
    mn_service_close(&probe.service);
    turn_to(self);
    assert_int_equal(result_of_connect(&handle), MNEMOS_ERR_SERVICE_GONE);
    probe_let_go(&probe, 0);
    assert_int_equal(probe.service.state, MN_SERVICE_GONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PROGRAM_TEST(a_program_calls_a_service),
        PROGRAM_TEST(a_service_for_the_kernel_looks_like_none),
        PROGRAM_TEST(connecting_waits_for_the_service),
        PROGRAM_TEST(a_client_is_refused_by_name),
        PROGRAM_TEST(a_hello_can_be_wrong_in_every_byte),
        PROGRAM_TEST(a_program_has_eight_connections),
        PROGRAM_TEST(a_service_without_a_hello_is_open_at_once),
        PROGRAM_TEST(messages_can_be_cut_anywhere),
        PROGRAM_TEST(arguments_can_be_wrong_in_every_byte),
        PROGRAM_TEST(a_reply_needs_room_for_the_longest),
        PROGRAM_TEST(the_largest_reply_arrives_whole),
        PROGRAM_TEST(bulk_bytes_stay_in_the_program),
        PROGRAM_TEST(a_span_of_the_call_itself_outside_is_a_fault),
        PROGRAM_TEST(flags_and_deadlines_hold),
        PROGRAM_TEST(a_program_dies_while_its_request_is_held),
        PROGRAM_TEST(a_program_dies_in_every_other_wait),
        PROGRAM_TEST(a_program_is_told_that_its_service_has_gone),
        PROGRAM_TEST(a_service_goes_while_it_thinks_about_a_client),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
