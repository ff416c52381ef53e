/* connection_test.c — connections without a helper around them: hellos of programs, and who comes or goes in between. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/core/connection.h"
#include "probe.h"

static struct mn_task nobody = {.name = "nobody", .state = MN_TASK_READY};
static struct mn_cx cx = {&nobody};

/* What a client is told. */
static uint32_t told_connected, told_answered, told_gone;
static mn_err told_err;

static void connected(struct mn_connection *connection, mn_err err)
{
    (void)connection;
    told_connected++;
    told_err = err;
}

static void answered(struct mn_request *request, mn_err err, const void *reply)
{
    (void)request, (void)reply;
    told_answered++;
    told_err = err;
}

static void gone(struct mn_connection *connection)
{
    (void)connection;
    told_gone++;
}

static const struct mn_client_ops of_program = {
    .program = true, .connected = connected, .answered = answered, .gone = gone};
static const struct mn_client_ops of_kernel = {
    .connected = connected, .answered = answered, .gone = gone};

static void begin(void)
{
    told_connected = told_answered = told_gone = 0;
    told_err = MN_OK;
    rig_begin();
}

static struct mn_wish wish_for(const struct mn_service_type *type)
{
    return (struct mn_wish){.uuid = type->uuid,
                            .calls = type->calls,
                            .shape = type->shapes[type->calls],
                            .slots = 2};
}

/* ---- The hello of a program ---- */

static bool two_bytes(uint16_t call, struct mnemos_reader *reader, void *args)
{
    uint8_t *to = args;
    assert_int_equal(call, MN_CALL_HELLO);
    if (reader->end - reader->at < 2) return false;
    to[0] = *reader->at++;
    to[1] = *reader->at++;
    return to[0] == 7;
}

static mn_err say_as(const struct mn_client_ops *ops, struct mn_service_type *type,
                     const void *hello, uint16_t len)
{
    struct mn_service service;
    struct mn_connection *connection;
    struct mn_wish wish = wish_for(type);
    wish.hello = hello;
    wish.hello_len = len;
    assert_int_equal(
        mn_service_register(&service, type, (struct mn_service_terms){.for_programs = true}),
        MN_OK);
    mn_err err = mn_connection_open(&wish, ops, NULL, &connection);
    if (!err) mn_connection_close(connection);
    mn_service_drop(&service);
    return err;
}

static mn_err say(struct mn_service_type *type, const void *hello, uint16_t len)
{
    return say_as(&of_program, type, hello, len);
}

static void the_hello_of_a_program_is_what_the_service_expects(void **state)
{
    (void)state;
    static const uint32_t shapes[] = {1};
    static const uint8_t good[] = {7, 8, 9}, bad[] = {6, 8}, longest[MN_REQUEST_ARGS_MAX + 1];
    struct mn_service_type type = {.name = "t", .uuid = {{1}}, .shapes = shapes};
    begin();
    assert_int_equal(say(&type, NULL, 0), MN_OK);
    assert_int_equal(say(&type, good, 1), MNEMOS_ERR_MALFORMED); /* none is expected */
    type.hello_size = 2;
    assert_int_equal(say(&type, good, 2), MNEMOS_ERR_MALFORMED); /* nobody can read it */
    type.get = two_bytes;
    assert_int_equal(say(&type, good, 2), MN_OK);
    assert_int_equal(say(&type, bad, 2), MNEMOS_ERR_MALFORMED);
    assert_int_equal(say(&type, good, 1), MNEMOS_ERR_MALFORMED); /* too short */
    assert_int_equal(say(&type, good, 3), MNEMOS_ERR_MALFORMED); /* something follows */
    assert_int_equal(say(&type, longest, sizeof longest), MNEMOS_ERR_MALFORMED);
    assert_int_equal(say_as(&of_kernel, &type, good, 2), MN_OK); /* the struct as it is */
    assert_int_equal(say_as(&of_kernel, &type, good, 3), MNEMOS_ERR_MALFORMED);
    rig_end();
}

/* ---- Waiting for a service ---- */

static void a_service_for_the_kernel_lets_a_program_wait_on(void **state)
{
    (void)state;
    static const uint32_t shapes[] = {1};
    struct mn_service_type type = {.name = "t", .uuid = {{1}}, .shapes = shapes};
    struct mn_service service;
    struct mn_connection *program, *kernel;
    struct mn_wish wish = wish_for(&type);
    wish.wait = true;
    begin();
    assert_int_equal(mn_connection_open(&wish, &of_program, NULL, &program), MN_PENDING);
    assert_int_equal(mn_connection_open(&wish, &of_kernel, NULL, &kernel), MN_PENDING);
    assert_int_equal(mn_service_register(&service, &type, (struct mn_service_terms){0}), MN_OK);
    assert_int_equal(told_connected, 1); /* the kernel's */
    mn_connection_close(kernel);
    mn_service_drop(&service);
    struct mn_service_terms terms = {.for_programs = true, .max_clients = 1};
    assert_int_equal(mn_service_register(&service, &type, terms), MN_OK);
    assert_int_equal(told_connected, 2);
    assert_int_equal(told_err, MN_OK);
    mn_connection_close(program);
    mn_service_drop(&service);
    rig_end();
}

static void who_waited_is_told_why_the_service_that_came_is_none_for_it(void **state)
{
    (void)state;
    static const uint32_t shapes[] = {1}, others[] = {2};
    struct mn_service_type type = {.name = "t", .uuid = {{1}}, .shapes = shapes}, other = type;
    struct mn_service service;
    struct mn_connection *first, *second, *third;
    struct mn_wish wish = wish_for(&type);
    begin();
    wish.wait = true;
    assert_int_equal(mn_connection_open(&wish, &of_kernel, NULL, &first), MN_PENDING);
    assert_int_equal(mn_connection_open(&wish, &of_kernel, NULL, &second), MN_PENDING);
    other.shapes = others;
    wish.shape = others[0];
    assert_int_equal(mn_connection_open(&wish, &of_kernel, NULL, &third), MN_PENDING);
    struct mn_service_terms terms = {.max_clients = 1};
    assert_int_equal(mn_service_register(&service, &other, terms), MN_OK);
    assert_int_equal(told_connected, 3);
    assert_int_equal(told_err, MN_OK); /* the last one */
    assert_int_equal(mn_registry_stats().connections, 1);
    mn_connection_close(third);
    mn_service_drop(&service);
    rig_end();
}

/* ---- Leaving ---- */

/* With a request that was taken and not submitted, one in the inbox, and one that the service holds. */
static void a_client_leaves_with_requests_in_every_state(void **state)
{
    (void)state;
    struct probe probe;
    struct mn_connection *connection;
    struct mn_request *taken, *held, *queued;
    struct mn_wish wish = wish_for(&probe_type);
    struct mnemos_probe_hello hello = {.who = {1, "x"}};
    wish.slots = 3;
    wish.hello = &hello;
    wish.hello_len = sizeof hello;
    begin();
    assert_int_equal(probe_register(&probe, &probe_type, (struct mn_service_terms){0}), MN_OK);
    assert_int_equal(mn_connection_open(&wish, &of_kernel, NULL, &connection), MN_PENDING);
    assert_null(mn_connection_type(connection)); /* not yet */
    assert_int_equal(probe_next_poll(&probe.service, &cx, &probe.message), MN_OK);
    probe_accept(probe.message.request);
    assert_ptr_equal(mn_connection_type(connection), &probe_type);

    assert_int_equal(mn_request_take(connection, MNEMOS_PROBE_CALL_HOLD, NULL, &held), MN_OK);
    mn_request_submit(held);
    assert_int_equal(probe_next_poll(&probe.service, &cx, &probe.message), MN_OK);
    assert_int_equal(mn_request_take(connection, MNEMOS_PROBE_CALL_HOLD, NULL, &queued), MN_OK);
    mn_request_submit(queued);
    assert_int_equal(mn_request_take(connection, MNEMOS_PROBE_CALL_HOLD, NULL, &taken), MN_OK);
    mn_connection_close(connection);
    assert_int_equal(told_answered, 2); /* not the one that was never sent */
    assert_int_equal(told_err, MNEMOS_ERR_CANCELLED);
    assert_int_equal(mn_registry_stats().requests, 1);
    probe_reply_hold(held, &(struct mnemos_probe_hold_reply){0});
    assert_int_equal(mn_registry_stats().requests, 0);
    mn_service_drop(&probe.service);
    rig_end();
}

static void a_service_ends_and_another_keeps_its_requests(void **state)
{
    (void)state;
    struct probe ending, staying;
    struct caller caller, leaving;
    struct mn_service_type type = probe_type;
    type.uuid.bytes[0] ^= 1;
    begin();
    probe_start(&staying);
    caller_start(&caller, "x");
    caller_call(&caller, MNEMOS_PROBE_CALL_HOLD, 1);
    caller_start(&leaving, "x");
    caller_call(&leaving, MNEMOS_PROBE_CALL_HOLD, 2);
    assert_int_equal(staying.held_count, 2);
    staying.deaf = true; /* it does not see that the second gives up */
    caller_stop(&leaving);
    assert_int_equal(probe_register(&ending, &type, (struct mn_service_terms){0}), MN_OK);
    struct mn_connection *connection;
    struct mn_request *held;
    struct mn_wish wish = wish_for(&type);
    struct mnemos_probe_hello hello = {.who = {1, "x"}};
    wish.hello = &hello;
    wish.hello_len = sizeof hello;
    assert_int_equal(mn_connection_open(&wish, &of_kernel, NULL, &connection), MN_PENDING);
    assert_int_equal(probe_next_poll(&ending.service, &cx, &ending.message), MN_OK);
    probe_accept(ending.message.request);
    assert_int_equal(mn_request_take(connection, MNEMOS_PROBE_CALL_HOLD, NULL, &held), MN_OK);
    mn_request_submit(held);
    assert_int_equal(probe_next_poll(&ending.service, &cx, &ending.message), MN_OK);
    mn_service_drop(&ending.service);
    assert_int_equal(told_answered, 1);
    assert_int_equal(told_err, MNEMOS_ERR_SERVICE_GONE);
    assert_int_equal(told_gone, 1);
    mn_connection_close(connection);
    staying.deaf = false;
    mn_task_wake(&staying.task);
    mn_host_settle();
    assert_int_equal(staying.held_count, 1); /* as if nothing had been */
    probe_release(&staying);
    assert_int_equal(caller.answered, MN_OK);
    caller_stop(&caller);
    mn_service_drop(&staying.service);
    rig_end();
}

static mn_err never_poll(struct mn_task *task, struct mn_cx *context)
{
    (void)task, (void)context;
    fail();
    return MN_OK;
}

static void a_service_that_finds_the_registry_full_starts_no_task(void **state)
{
    (void)state;
    static const uint32_t shapes[] = {1};
    struct mn_service_type type = {.name = "t", .uuid = {{1}}, .shapes = shapes};
    struct mn_service service;
    rig_begin_with((struct mn_registry_settings){.connections = 1, .requests = 1});
    assert_int_equal(mn_service_start(&service, &type, (struct mn_service_terms){0}, never_poll),
                     MNEMOS_ERR_REGISTRY_FULL);
    mn_host_settle();
    assert_null(mn_task_after(NULL));
    rig_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MN_TEST(the_hello_of_a_program_is_what_the_service_expects),
        MN_TEST(a_service_for_the_kernel_lets_a_program_wait_on),
        MN_TEST(who_waited_is_told_why_the_service_that_came_is_none_for_it),
        MN_TEST(a_client_leaves_with_requests_in_every_state),
        MN_TEST(a_service_ends_and_another_keeps_its_requests),
        MN_TEST(a_service_that_finds_the_registry_full_starts_no_task),
    };
    return cmocka_run_group_tests_name("connection", tests, NULL, NULL);
}
