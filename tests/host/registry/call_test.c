/* call_test.c — connecting, calling, replying. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "probe.h"

static void a_call_is_answered(uint32_t seed)
{
    (void)seed;
    struct probe probe;
    struct caller callers[4];
    rig_begin();
    probe_start(&probe);
    for (uint32_t i = 0; i < 4; i++) caller_start(&callers[i], "x");
    for (uint32_t i = 0; i < 4; i++) {
        caller_call(&callers[i], MNEMOS_PROBE_CALL_ADD, 40 + i);
        assert_int_equal(callers[i].answered, MN_OK);
        assert_int_equal(callers[i].reply.add.sum, 41 + i);
    }
    assert_int_equal(probe.service.served, 4);
    caller_call(&callers[0], MNEMOS_PROBE_CALL_NOTHING, 0);
    assert_int_equal(callers[0].answered, MN_OK);
    caller_call(&callers[0], MNEMOS_PROBE_CALL_SECRET, 0);
    assert_ptr_equal(callers[0].reply.secret.task, &callers[0].task);
    for (uint32_t i = 0; i < 4; i++) caller_stop(&callers[i]);
    assert_int_equal(probe.gone, 4);
    mn_service_drop(&probe.service);
    rig_end();
}

static void an_error_of_the_service_comes_as_it_is(void **state)
{
    (void)state;
    struct probe probe;
    struct caller caller;
    rig_begin();
    probe_start(&probe);
    caller_start(&caller, "x");
    caller_call(&caller, MNEMOS_PROBE_CALL_ADD, UINT32_MAX);
    assert_int_equal(caller.answered, MNEMOS_ERR_TOO_BIG);
    caller_stop(&caller);
    mn_service_drop(&probe.service);
    rig_end();
}

static void the_largest_reply_arrives(void **state)
{
    (void)state;
    struct probe probe;
    struct caller caller;
    rig_begin();
    probe_start(&probe);
    caller_start(&caller, "x");
    caller_call(&caller, MNEMOS_PROBE_CALL_LARGE, 254);
    assert_int_equal(caller.answered, MN_OK);
    assert_int_equal(caller.reply.large.data.len, 254);
    assert_int_equal(caller.reply.large.data.data[253], 0x5a);
    caller_stop(&caller);
    mn_service_drop(&probe.service);
    rig_end();
}

static void a_client_waits_for_its_service(uint32_t seed)
{
    struct probe probe;
    struct caller waits, tries;
    rig_begin();
    caller_start(&waits, "x");
    memset(&tries, 0, sizeof tries);
    assert_int_equal(waits.connected, MN_PENDING);
    struct mn_task task = {.name = "tries", .state = MN_TASK_READY};
    assert_int_equal(probe_try_connect_poll(&tries.client, &(struct mn_cx){&task}, &waits.hello),
                     MNEMOS_ERR_NO_SERVICE);
    assert_int_equal(tries.client.state, MN_CLIENT_CLOSED);
    probe_start(&probe);
    assert_int_equal(waits.connected, MN_OK);
    caller_call(&waits, MNEMOS_PROBE_CALL_ADD, seed);
    assert_int_equal(waits.reply.add.sum, seed + 1u);
    caller_stop(&waits);
    mn_service_drop(&probe.service);
    rig_end();
}

static void each_waits_for_its_own_service(void **state)
{
    (void)state;
    static const uint32_t shapes[] = {5};
    static const struct mn_service_type other_type = {
        .name = "other", .uuid = {{1}}, .shapes = shapes};
    struct probe probe;
    struct mn_service other;
    struct caller waits;
    rig_begin();
    caller_start(&waits, "x");
    assert_int_equal(mn_service_register(&other, &other_type, (struct mn_service_terms){0}), MN_OK);
    mn_host_settle();
    assert_int_equal(waits.connected, MN_PENDING);
    probe_start(&probe);
    assert_int_equal(waits.connected, MN_OK);
    caller_stop(&waits);
    mn_service_drop(&other);
    mn_service_drop(&probe.service);
    rig_end();
}

static void a_client_that_waited_for_the_wrong_shape_is_told(void **state)
{
    (void)state;
    struct probe probe;
    struct caller waits;
    struct mn_service_type older = probe_type;
    older.calls--;
    rig_begin();
    caller_start(&waits, "x");
    assert_int_equal(probe_register(&probe, &older, (struct mn_service_terms){0}), MN_OK);
    mn_host_settle();
    assert_int_equal(waits.connected, MNEMOS_ERR_SERVICE_TOO_OLD);
    assert_int_equal(mn_registry_stats().connections, 0);
    caller_stop(&waits);
    mn_service_drop(&probe.service);
    rig_end();
}

static void a_service_accepts_or_refuses(uint32_t seed)
{
    (void)seed;
    struct probe probe;
    struct caller nobody, somebody, later;
    rig_begin();
    probe_start(&probe);
    caller_start(&nobody, "nobody");
    caller_start(&somebody, "somebody");
    caller_start(&later, "later");
    assert_int_equal(nobody.connected, MNEMOS_ERR_REFUSED);
    assert_int_equal(somebody.connected, MN_OK);
    assert_int_equal(later.connected, MN_PENDING);
    assert_int_equal(mn_registry_stats().connections, 2);
    probe_release(&probe);
    assert_int_equal(later.connected, MN_OK);
    caller_stop(&nobody);
    caller_stop(&somebody);
    caller_stop(&later);
    assert_int_equal(probe.gone, 2); /* who was refused was never there */
    mn_service_drop(&probe.service);
    rig_end();
}

static void bulk_bytes_go_both_ways(void **state)
{
    (void)state;
    struct probe probe;
    struct caller caller;
    uint8_t from[100], to[100];
    for (uint32_t i = 0; i < sizeof from; i++) from[i] = (uint8_t)i;
    rig_begin();
    probe_start(&probe);
    caller_start(&caller, "x");
    caller.loans[0] = (struct mn_loan){from, sizeof from};
    caller.loans[1] = (struct mn_loan){to, sizeof to};
    caller_call(&caller, MNEMOS_PROBE_CALL_COPY, 0);
    assert_int_equal(caller.answered, MN_OK);
    assert_int_equal(caller.reply.copy.used, sizeof from);
    assert_int_equal(to[99], 100);
    caller.loans[1].len = 99; /* the service may not write behind it */
    caller_call(&caller, MNEMOS_PROBE_CALL_COPY, 0);
    assert_int_equal(caller.answered, MNEMOS_ERR_BAD_ARGUMENT);
    caller.loans[0] = caller.loans[1] = (struct mn_loan){NULL, 0};
    caller_call(&caller, MNEMOS_PROBE_CALL_COPY, 0);
    assert_int_equal(caller.answered, MN_OK);
    caller_stop(&caller);
    mn_service_drop(&probe.service);
    rig_end();
}

static void calls_of_one_client_do_not_wait_for_those_of_another(uint32_t seed)
{
    (void)seed;
    struct probe probe;
    struct caller waits, asks;
    rig_begin();
    probe_start(&probe);
    caller_start(&waits, "x");
    caller_start(&asks, "y");
    caller_call(&waits, MNEMOS_PROBE_CALL_HOLD, 5);
    caller_call(&asks, MNEMOS_PROBE_CALL_ADD, 1);
    assert_int_equal(asks.answered, MN_OK);
    assert_int_equal(waits.answered, MN_PENDING);
    probe_release(&probe);
    assert_int_equal(waits.answered, MN_OK);
    assert_int_equal(waits.reply.hold.number, 5);
    caller_stop(&waits);
    caller_stop(&asks);
    mn_service_drop(&probe.service);
    rig_end();
}

/* ---- Limits ---- */

static void a_registry_without_places_for_clients_says_so(void **state)
{
    (void)state;
    struct probe probe;
    struct caller a, b;
    rig_begin_with((struct mn_registry_settings){.services = 1, .connections = 1, .requests = 1});
    probe_start(&probe);
    caller_start(&a, "a");
    caller_start(&b, "b");
    assert_int_equal(a.connected, MN_OK);
    assert_int_equal(b.connected, MNEMOS_ERR_FULL);
    caller_stop(&a);
    caller_stop(&b);
    caller_start(&b, "b");
    assert_int_equal(b.connected, MN_OK);
    caller_stop(&b);
    mn_service_drop(&probe.service);
    rig_end();
}

static void each_slot_is_reserved_when_connecting(void **state)
{
    (void)state;
    struct probe probe;
    struct mn_client client = {.slots = 3};
    struct mn_task task = {.name = "client", .state = MN_TASK_READY};
    struct mn_cx cx = {&task};
    struct mnemos_probe_hello hello = {0};
    mn_err err;
    rig_begin_with((struct mn_registry_settings){.services = 1, .connections = 3, .requests = 4});
    probe_start(&probe);
    while ((err = probe_connect_poll(&client, &cx, &hello)) == MN_PENDING) mn_host_settle();
    assert_int_equal(err, MN_OK);
    struct mn_client second = {.slots = 2};
    assert_int_equal(probe_connect_poll(&second, &cx, &hello), MNEMOS_ERR_FULL);
    mn_client_close(&client);
    mn_host_settle();
    while ((err = probe_connect_poll(&second, &cx, &hello)) == MN_PENDING) mn_host_settle();
    assert_int_equal(err, MN_OK);
    mn_client_close(&second);
    mn_host_settle();
    mn_service_drop(&probe.service);
    rig_end();
}

static void a_service_may_limit_its_clients(void **state)
{
    (void)state;
    struct probe probe;
    struct caller a, b;
    rig_begin();
    probe_start(&probe);
    probe.service.terms.max_clients = 1;
    caller_start(&a, "a");
    caller_start(&b, "b");
    assert_int_equal(a.connected, MN_OK);
    assert_int_equal(b.connected, MNEMOS_ERR_FULL);
    caller_stop(&a);
    caller_stop(&b);
    caller_start(&b, "b");
    assert_int_equal(b.connected, MN_OK);
    caller_stop(&b);
    mn_service_drop(&probe.service);
    rig_end();
}

/* ---- A service's own mistakes ---- */

static void reply_to(void *request)
{
    mn_request_fail(request, MNEMOS_ERR_BUSY);
}

static void replying_twice_stops_the_kernel(void **state)
{
    (void)state;
    struct probe probe;
    struct caller caller;
    rig_begin();
    probe_start(&probe);
    caller_start(&caller, "x");
    caller_call(&caller, MNEMOS_PROBE_CALL_HOLD, 1);
    struct mn_request *request = probe.held[0];
    probe_release(&probe);
    assert_int_equal(caller.answered, MN_OK);
    assert_non_null(mn_host_panic_of(reply_to, request));
    caller_stop(&caller);
    mn_service_drop(&probe.service);
    rig_end();
}

static void reply_with_another_calls_reply(void *request)
{
    probe_reply_add(request, &(struct mnemos_probe_add_reply){1});
}

static void replying_with_the_wrong_type_stops_the_kernel(void **state)
{
    (void)state;
    struct probe probe;
    struct caller caller;
    rig_begin();
    probe_start(&probe);
    caller_start(&caller, "x");
    caller_call(&caller, MNEMOS_PROBE_CALL_HOLD, 1);
    assert_non_null(mn_host_panic_of(reply_with_another_calls_reply, probe.held[0]));
    probe_release(&probe);
    caller_stop(&caller);
    mn_service_drop(&probe.service);
    rig_end();
}

static void fail_with_success(void *request)
{
    mn_request_fail(request, MN_OK);
}

static void failing_with_no_error_stops_the_kernel(void **state)
{
    (void)state;
    struct probe probe;
    struct caller caller;
    rig_begin();
    probe_start(&probe);
    caller_start(&caller, "x");
    caller_call(&caller, MNEMOS_PROBE_CALL_HOLD, 1);
    assert_non_null(mn_host_panic_of(fail_with_success, probe.held[0]));
    probe_release(&probe);
    caller_stop(&caller);
    mn_service_drop(&probe.service);
    rig_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MN_SEEDED(a_call_is_answered),
        MN_TEST(an_error_of_the_service_comes_as_it_is),
        MN_TEST(the_largest_reply_arrives),
        MN_SEEDED(a_client_waits_for_its_service),
        MN_TEST(each_waits_for_its_own_service),
        MN_TEST(a_client_that_waited_for_the_wrong_shape_is_told),
        MN_SEEDED(a_service_accepts_or_refuses),
        MN_TEST(bulk_bytes_go_both_ways),
        MN_SEEDED(calls_of_one_client_do_not_wait_for_those_of_another),
        MN_TEST(a_registry_without_places_for_clients_says_so),
        MN_TEST(each_slot_is_reserved_when_connecting),
        MN_TEST(a_service_may_limit_its_clients),
        MN_TEST(replying_twice_stops_the_kernel),
        MN_TEST(replying_with_the_wrong_type_stops_the_kernel),
        MN_TEST(failing_with_no_error_stops_the_kernel),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
