/* registry_test.c — which services there are, and whether a client fits. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/core/connection.h"
#include "probe.h"

/* Services that only have a UUID. */
static const uint32_t one_shape[] = {7};

static struct mn_service_type named(const char *name, uint8_t first)
{
    return (struct mn_service_type){.name = name, .uuid = {{first}}, .shapes = one_shape};
}

static void a_service_is_found_by_its_uuid(void **state)
{
    (void)state;
    struct probe probe;
    rig_begin();
    assert_null(mn_registry_find(&probe_type.uuid, false));
    assert_int_equal(probe_register(&probe, &probe_type, (struct mn_service_terms){0}), MN_OK);
    assert_ptr_equal(mn_registry_find(&probe_type.uuid, false), &probe_type);
    mn_service_drop(&probe.service);
    assert_null(mn_registry_find(&probe_type.uuid, false));
    rig_end();
}

static void a_service_for_the_kernel_is_not_there_for_programs(void **state)
{
    (void)state;
    struct mn_service a, b;
    struct mn_service_type kernel = named("kernel", 1), both = named("both", 2);
    rig_begin();
    assert_int_equal(mn_service_register(&a, &kernel, (struct mn_service_terms){0}), MN_OK);
    assert_int_equal(
        mn_service_register(&b, &both, (struct mn_service_terms){.for_programs = true}), MN_OK);
    assert_null(mn_registry_find(&kernel.uuid, true));
    assert_ptr_equal(mn_registry_find(&both.uuid, true), &both);
    assert_ptr_equal(mn_registry_after(NULL, true), &b);
    assert_null(mn_registry_after(&b, true));
    assert_ptr_equal(mn_registry_after(NULL, false), &a);
    assert_ptr_equal(mn_registry_after(&a, false), &b);
    mn_service_drop(&a);
    mn_service_drop(&b);
    rig_end();
}

static void a_uuid_is_registered_once(void **state)
{
    (void)state;
    struct probe first, second;
    rig_begin();
    assert_int_equal(probe_register(&first, &probe_type, (struct mn_service_terms){0}), MN_OK);
    assert_int_equal(probe_register(&second, &probe_type, (struct mn_service_terms){0}),
                     MNEMOS_ERR_SERVICE_EXISTS);
    mn_service_drop(&first.service);
    assert_int_equal(probe_register(&second, &probe_type, (struct mn_service_terms){0}), MN_OK);
    mn_service_drop(&second.service);
    rig_end();
}

static void a_full_registry_says_so(void **state)
{
    (void)state;
    struct mn_service services[3];
    struct mn_service_type types[3] = {named("a", 1), named("b", 2), named("c", 3)};
    rig_begin_with((struct mn_registry_settings){.services = 2, .connections = 1, .requests = 1});
    assert_int_equal(mn_service_register(&services[0], &types[0], (struct mn_service_terms){0}),
                     MN_OK);
    assert_int_equal(mn_service_register(&services[1], &types[1], (struct mn_service_terms){0}),
                     MN_OK);
    assert_int_equal(mn_service_register(&services[2], &types[2], (struct mn_service_terms){0}),
                     MNEMOS_ERR_REGISTRY_FULL);
    mn_service_drop(&services[0]);
    assert_int_equal(mn_service_register(&services[2], &types[2], (struct mn_service_terms){0}),
                     MN_OK);
    mn_service_drop(&services[1]);
    mn_service_drop(&services[2]);
    rig_end();
}

static void a_registry_without_memory_says_so_and_is_empty(void **state)
{
    (void)state;
    static _Alignas(8) uint8_t small[4096];
    struct mn_registry_settings settings = MN_REGISTRY_DEFAULTS;
    mn_heap_reset(small, 256);
    assert_int_equal(mn_registry_start(settings), MNEMOS_ERR_NO_MEMORY);
    assert_int_equal(mn_heap_stats().allocations, 0);
    mn_heap_reset(small, sizeof small); /* enough for connections, not for requests too */
    settings.requests = 100;
    assert_int_equal(mn_registry_start(settings), MNEMOS_ERR_NO_MEMORY);
    assert_int_equal(mn_heap_stats().allocations, 0);

    struct mn_service service;
    struct mn_service_type type = named("a", 1);
    assert_int_equal(mn_service_register(&service, &type, (struct mn_service_terms){0}),
                     MNEMOS_ERR_REGISTRY_FULL);
    assert_null(mn_registry_find(&type.uuid, false));
    rig_end();
}

static void each_allocation_of_a_registry_may_fail(void **state)
{
    (void)state;
    static _Alignas(8) uint8_t memory[8192];
    uint32_t failing = 1;
    for (;; failing++) {
        mn_heap_reset(memory, sizeof memory);
        mn_host_fail_allocation(failing, false);
        mn_err err = mn_registry_start(MN_REGISTRY_DEFAULTS);
        if (!mn_host_allocation_failed()) {
            assert_int_equal(err, MN_OK);
            break;
        }
        assert_int_equal(err, MNEMOS_ERR_NO_MEMORY);
        assert_int_equal(mn_heap_stats().allocations, 0);
    }
    assert_int_equal(failing, 3);
    rig_end();
}

/* ---- Circles ---- */

static void services_that_wait_for_each_other_are_refused(void **state)
{
    (void)state;
    struct mn_service a, b, c, d;
    struct mn_service_type ta = named("a", 1), tb = named("b", 2), tc = named("c", 3),
                           td = named("d", 4);
    const struct mn_service_type *const uses_a[] = {&ta, NULL}, *const uses_b[] = {&tb, NULL},
                                        *const uses_c[] = {&tc, NULL},
                                        *const uses_ab[] = {&ta, &tb, NULL};
    rig_begin();
    assert_int_equal(mn_service_register(&a, &ta, (struct mn_service_terms){.uses = uses_a}),
                     MNEMOS_ERR_SERVICE_CYCLE);
    assert_int_equal(mn_service_register(&a, &ta, (struct mn_service_terms){.uses = uses_b}),
                     MN_OK);
    assert_int_equal(mn_service_register(&b, &tb, (struct mn_service_terms){.uses = uses_a}),
                     MNEMOS_ERR_SERVICE_CYCLE);
    assert_int_equal(mn_service_register(&b, &tb, (struct mn_service_terms){.uses = uses_c}),
                     MN_OK);
    assert_int_equal(mn_service_register(&c, &tc, (struct mn_service_terms){.uses = uses_a}),
                     MNEMOS_ERR_SERVICE_CYCLE);
    assert_int_equal(mn_service_register(&c, &tc, (struct mn_service_terms){0}), MN_OK);
    assert_int_equal(mn_service_register(&d, &td, (struct mn_service_terms){.uses = uses_ab}),
                     MN_OK); /* two ways to c */
    mn_service_drop(&d);
    mn_service_drop(&c);
    mn_service_drop(&b);
    mn_service_drop(&a);
    rig_end();
}

static void try_undeclared(void *owner)
{
    struct mn_task task = {.name = "client"};
    struct mn_cx cx = {&task};
    assert_int_equal(probe_try_connect_poll(owner, &cx, &(struct mnemos_probe_hello){0}),
                     MN_PENDING);
}

static void a_use_that_was_not_declared_stops_the_kernel(void **state)
{
    (void)state;
    struct probe probe;
    struct mn_service service;
    struct mn_service_type type = named("a", 1), other = named("b", 2);
    const struct mn_service_type *const none[] = {NULL}, *const one[] = {&other, NULL};
    const struct mn_service_type *const *const wrong[] = {NULL, none, one};
    const struct mn_service_type *const uses[] = {&other, &probe_type, NULL};
    struct mn_client client = {.by = &service};
    rig_begin();
    probe_start(&probe);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct mn_service_terms terms = {.uses = wrong[i]};
        assert_int_equal(mn_service_register(&service, &type, terms), MN_OK);
        assert_non_null(mn_host_panic_of(try_undeclared, &client));
        mn_service_drop(&service);
    }
    assert_int_equal(mn_service_register(&service, &type, (struct mn_service_terms){.uses = uses}),
                     MN_OK);
    client.state = MN_CLIENT_CLOSED;
    assert_null(mn_host_panic_of(try_undeclared, &client));
    mn_client_close(&client);
    mn_service_drop(&service);
    mn_service_drop(&probe.service);
    rig_end();
}

/* ---- Shapes ---- */

static mn_err connect_as(const struct mn_service_type *type)
{
    struct mn_task task = {.name = "client", .state = MN_TASK_READY};
    struct mn_cx cx = {&task};
    struct mn_client client = {0};
    mn_err err;
    struct mnemos_probe_hello hello = {.who = {1, "x"}};
    while ((err = mn_client_try_connect_poll(&client, &cx, type, &hello)) == MN_PENDING)
        mn_host_settle();
    mn_client_close(&client);
    mn_host_settle();
    return err;
}

static void a_kernel_client_knows_exactly_the_calls_of_the_service(void **state)
{
    (void)state;
    struct probe probe;
    uint32_t shapes[MNEMOS_PROBE_CALL_COUNT + 2] = MNEMOS_PROBE_SHAPES;
    struct mn_service_type older = probe_type, newer = probe_type, other = probe_type;
    older.calls--;
    newer.calls++;
    newer.shapes = shapes;
    uint32_t other_shapes[] = MNEMOS_PROBE_SHAPES;
    other_shapes[MNEMOS_PROBE_CALL_COUNT] ^= 1;
    other.shapes = other_shapes;
    rig_begin();
    probe_start(&probe);
    assert_int_equal(connect_as(&probe_type), MN_OK);
    assert_int_equal(connect_as(&older), MNEMOS_ERR_SHAPE_DIFFERS);
    assert_int_equal(connect_as(&newer), MNEMOS_ERR_SERVICE_TOO_OLD);
    assert_int_equal(connect_as(&other), MNEMOS_ERR_SHAPE_DIFFERS);
    mn_service_drop(&probe.service);
    rig_end();
}

static void never_connected(struct mn_connection *connection, mn_err err)
{
    (void)connection, (void)err;
    fail();
}

static void a_program_may_know_fewer_calls_than_the_service(void **state)
{
    (void)state;
    static const struct mn_client_ops ops = {.program = true, .connected = never_connected};
    static const uint32_t shapes[] = {11, 22, 33};
    struct mn_service_type type = {.name = "later",
                                   .uuid = {{9}},
                                   .calls = 2,
                                   .shapes = shapes,
                                   .get = probe_type.get,
                                   .put = probe_type.put};
    struct mn_service service;
    struct mn_connection *connection;
    struct mn_wish wish = {.uuid = type.uuid, .slots = 1};
    rig_begin();
    assert_int_equal(
        mn_service_register(&service, &type, (struct mn_service_terms){.for_programs = true}),
        MN_OK);
    for (uint16_t calls = 0; calls <= 2; calls++) {
        wish.calls = calls;
        wish.shape = shapes[calls];
        assert_int_equal(mn_connection_open(&wish, &ops, NULL, &connection), MN_OK);
        mn_connection_close(connection);
        wish.shape++;
        assert_int_equal(mn_connection_open(&wish, &ops, NULL, &connection),
                         MNEMOS_ERR_SHAPE_DIFFERS);
    }
    wish.calls = 3;
    assert_int_equal(mn_connection_open(&wish, &ops, NULL, &connection),
                     MNEMOS_ERR_SERVICE_TOO_OLD);
    mn_service_drop(&service);
    rig_end();
}

static void programs_leave_places_to_the_kernel(void **state)
{
    (void)state;
    static const struct mn_client_ops program = {.program = true}, kernel = {.program = false};
    struct mn_service_type type = named("plain", 1);
    struct mn_service service;
    struct mn_connection *connections[8];
    struct mn_wish wish = {.uuid = type.uuid, .shape = one_shape[0], .slots = 1};
    rig_begin_with(
        (struct mn_registry_settings){.services = 1, .connections = 8, .requests = 16});
    assert_int_equal(
        mn_service_register(&service, &type, (struct mn_service_terms){.for_programs = true}),
        MN_OK);
    for (uint32_t i = 0; i < 6; i++)
        assert_int_equal(mn_connection_open(&wish, &program, NULL, &connections[i]), MN_OK);
    assert_int_equal(mn_connection_open(&wish, &program, NULL, &connections[6]), MNEMOS_ERR_FULL);
    assert_int_equal(mn_connection_open(&wish, &kernel, NULL, &connections[6]), MN_OK);
    assert_int_equal(mn_connection_open(&wish, &kernel, NULL, &connections[7]), MN_OK);
    for (uint32_t i = 0; i < 8; i++) mn_connection_close(connections[i]);
    wish.slots = 13; /* of 16 requests programs leave 4 */
    assert_int_equal(mn_connection_open(&wish, &program, NULL, &connections[0]), MNEMOS_ERR_FULL);
    assert_int_equal(mn_connection_open(&wish, &kernel, NULL, &connections[0]), MN_OK);
    mn_connection_close(connections[0]);
    mn_service_drop(&service);
    rig_end();
}

static void register_for_programs(void *service)
{
    struct mn_service_type type = probe_type;
    type.get = NULL;
    assert_int_equal(
        mn_service_register(service, &type, (struct mn_service_terms){.for_programs = true}), MN_OK);
}

static void a_service_without_a_codec_is_not_for_programs(void **state)
{
    (void)state;
    struct mn_service service;
    rig_begin();
    assert_non_null(mn_host_panic_of(register_for_programs, &service));
    rig_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MN_TEST(a_service_is_found_by_its_uuid),
        MN_TEST(a_service_for_the_kernel_is_not_there_for_programs),
        MN_TEST(a_uuid_is_registered_once),
        MN_TEST(a_full_registry_says_so),
        MN_TEST(a_registry_without_memory_says_so_and_is_empty),
        MN_TEST(each_allocation_of_a_registry_may_fail),
        MN_TEST(services_that_wait_for_each_other_are_refused),
        MN_TEST(a_use_that_was_not_declared_stops_the_kernel),
        MN_TEST(a_kernel_client_knows_exactly_the_calls_of_the_service),
        MN_TEST(a_program_may_know_fewer_calls_than_the_service),
        MN_TEST(programs_leave_places_to_the_kernel),
        MN_TEST(a_service_without_a_codec_is_not_for_programs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
