/* registry_services_test.c — the first services: list, line, ports, loopback, sign of life. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/services/gen/loopback_service.h"
#include "kernel/services/gen/registry_service.h"
#include "kernel/services/gen/serial_mux_service.h"
#include "kernel/services/gen/simple_serial_service.h"
#include "kernel/services/hello.h"
#include "kernel/services/loopback.h"
#include "kernel/services/registry.h"
#include "kernel/services/serial_mux.h"
#include "kernel/services/simple_serial.h"
#include "rig.h"
#include <string.h>

static struct rig *start(uint32_t hello_us)
{
    struct rig *rig = rig_new(0);
    assert_int_equal(mn_registry_start(MN_REGISTRY_DEFAULTS), MN_OK);
    assert_int_equal(mn_loopback_start(), MN_OK); /* before the mux: it waits for it */
    assert_int_equal(mn_hello_start(hello_us), MN_OK);
    assert_int_equal(mn_registry_service_start(), MN_OK);
    assert_int_equal(mn_simple_serial_start(&rig->link), MN_OK);
    assert_int_equal(mn_serial_mux_start(), MN_OK);
    return rig;
}

static struct rig *begin(uint32_t hello_us)
{
    struct rig *rig = start(hello_us);
    rig_settle(rig);
    return rig;
}

/* A client without a task of its own: poll until there is an answer. */
static struct mn_task nobody = {.name = "client", .state = MN_TASK_READY};
static struct mn_cx cx = {&nobody};

#define WAIT_FOR(err, poll)                                      \
    do {                                                         \
        while (((err) = (poll)) == MN_PENDING) mn_host_settle(); \
    } while (0)

static void the_line_is_given_once(void **state)
{
    (void)state;
    struct rig *rig = begin(0);
    struct mn_client client = {0};
    struct mnemos_simple_serial_get_port_reply reply;
    mn_err err;
    WAIT_FOR(err, simple_serial_connect_poll(&client, &cx));
    assert_int_equal(err, MN_OK);
    WAIT_FOR(err, simple_serial_get_port_poll(&client, &cx, &reply));
    assert_int_equal(err, MN_OK);
    assert_ptr_equal(reply.link, &rig->link);
    WAIT_FOR(err, simple_serial_get_port_poll(&client, &cx, &reply));
    assert_int_equal(err, MNEMOS_ERR_BUSY);
    assert_null(mn_simple_serial_take());
    mn_client_close(&client);
    rig_free(rig);
}

static void the_list_has_every_service(void **state)
{
    (void)state;
    struct rig *rig = begin(0);
    struct mn_client client = {0};
    struct mnemos_registry_list_reply reply;
    char names[128] = "";
    mn_err err;
    uint16_t first = 0;
    WAIT_FOR(err, registry_connect_poll(&client, &cx));
    for (;;) {
        struct mnemos_registry_list_args args = {first};
        WAIT_FOR(err, registry_list_poll(&client, &cx, &args, &reply));
        assert_int_equal(err, MN_OK);
        if (!reply.services.len) break;
        for (uint32_t i = 0; i < reply.services.len; i++) {
            const struct mnemos_registry_entry *entry = &reply.services.items[i];
            strncat(names, (const char *)entry->name.data, entry->name.len);
            strcat(names, entry->programs ? "+ " : " ");
        }
        first = (uint16_t)(first + reply.services.len);
    }
    assert_string_equal(names, "loopback+ hello+ registry+ simple serial serial mux+ ");
    mn_client_close(&client);
    rig_free(rig);
}

static struct mnemos_serial_mux_open_args port_args(uint16_t number, const char *name)
{
    struct mnemos_serial_mux_open_args args = {.number = number,
                                               .rx_len = 32,
                                               .tx_len = 32,
                                               .name.len = (uint32_t)strlen(name),
                                               .task = &nobody};
    memcpy(args.name.data, name, args.name.len);
    return args;
}

static void ports_are_closed_with_their_client(void **state)
{
    (void)state;
    struct rig *rig = begin(0);
    struct mn_client first = {0}, second = {0};
    struct mnemos_serial_mux_open_args args = port_args(20, "twenty");
    struct mnemos_serial_mux_open_reply port, other;
    struct mnemos_serial_mux_close_args shut;
    mn_err err;
    rig_attach(rig, 7);
    WAIT_FOR(err, serial_mux_connect_poll(&first, &cx));
    WAIT_FOR(err, serial_mux_connect_poll(&second, &cx));
    WAIT_FOR(err, serial_mux_open_poll(&first, &cx, &args, &port));
    assert_int_equal(err, MN_OK);
    WAIT_FOR(err, serial_mux_open_poll(&second, &cx, &args, &other));
    assert_int_equal(err, MNEMOS_ERR_BUSY);
    args = port_args(21, "");
    WAIT_FOR(err, serial_mux_open_poll(&second, &cx, &args, &other));
    assert_int_equal(err, MN_OK);
    args.rx_len = 1u << 20;
    args.number = 22;
    WAIT_FOR(err, serial_mux_open_poll(&second, &cx, &args, &other));
    assert_int_equal(err, MNEMOS_ERR_NO_MEMORY);

    shut.port = port.port; /* not this client's */
    WAIT_FOR(err, serial_mux_close_poll(&second, &cx, &shut));
    assert_int_equal(err, MNEMOS_ERR_BAD_HANDLE);
    shut.port = NULL;
    WAIT_FOR(err, serial_mux_close_poll(&first, &cx, &shut));
    assert_int_equal(err, MNEMOS_ERR_BAD_HANDLE);
    shut.port = port.port;
    WAIT_FOR(err, serial_mux_close_poll(&first, &cx, &shut));
    assert_int_equal(err, MN_OK);
    rig_run_ms(rig, 50);
    assert_true(rig_port(rig, 20)->closed);
    assert_false(rig_port(rig, 21)->closed);
    mn_client_close(&second);
    rig_run_ms(rig, 50);
    assert_true(rig_port(rig, 21)->closed);
    mn_client_close(&first);
    rig_free(rig);
}

static void ports_of_messages_are_taken_back_with_their_client(void **state)
{
    (void)state;
    struct rig *rig = begin(0);
    static uint8_t frame[64];
    struct mn_mux_messages messages = {
        .port = MNEMOS_LINK_PORT_LOADER, .frame = frame, .frame_cap = sizeof frame};
    struct mn_mux_messages same = messages, control = messages;
    struct mnemos_serial_mux_attach_args args = {&messages}, again = {&same}, mute = {&control};
    struct mn_client first = {0}, second = {0};
    mn_err err;
    control.port = MNEMOS_LINK_PORT_CONTROL;
    WAIT_FOR(err, serial_mux_connect_poll(&first, &cx));
    WAIT_FOR(err, serial_mux_connect_poll(&second, &cx));
    WAIT_FOR(err, serial_mux_attach_poll(&first, &cx, &args));
    assert_int_equal(err, MN_OK);
    WAIT_FOR(err, serial_mux_attach_poll(&second, &cx, &again));
    assert_int_equal(err, MNEMOS_ERR_BUSY);
    WAIT_FOR(err, serial_mux_attach_poll(&second, &cx, &mute));
    assert_int_equal(err, MNEMOS_ERR_BUSY);
    mn_client_close(&first);
    rig_settle(rig);
    WAIT_FOR(err, serial_mux_attach_poll(&second, &cx, &again));
    assert_int_equal(err, MN_OK);
    mn_client_close(&second);
    rig_free(rig);
}

static void open_ports_are_listed_in_order(void **state)
{
    (void)state;
    struct rig *rig = begin(0);
    struct mn_client client = {0};
    struct mnemos_serial_mux_open_reply port;
    struct mnemos_serial_mux_list_reply reply;
    mn_err err;
    WAIT_FOR(err, serial_mux_connect_poll(&client, &cx));
    for (uint16_t number = 40; number > 30; number = (uint16_t)(number - 2)) {
        struct mnemos_serial_mux_open_args args = port_args(number, "even");
        WAIT_FOR(err, serial_mux_open_poll(&client, &cx, &args, &port));
        assert_int_equal(err, MN_OK);
    }
    struct mnemos_serial_mux_list_args from = {0};
    WAIT_FOR(err, serial_mux_list_poll(&client, &cx, &from, &reply));
    assert_int_equal(reply.ports.len, 4);
    assert_int_equal(reply.ports.items[0].number, MNEMOS_SERIAL_MUX_PORT_LOOPBACK);
    assert_memory_equal(reply.ports.items[0].name.data, "loopback", 8);
    assert_true(reply.ports.items[0].bulk);
    assert_int_equal(reply.ports.items[3].number, 36);
    assert_false(reply.ports.items[3].bulk);
    from.first = 37;
    WAIT_FOR(err, serial_mux_list_poll(&client, &cx, &from, &reply));
    assert_int_equal(reply.ports.len, 2);
    assert_int_equal(reply.ports.items[1].number, 40);
    from.first = 65535;
    WAIT_FOR(err, serial_mux_list_poll(&client, &cx, &from, &reply));
    assert_int_equal(reply.ports.len, 0);
    mn_client_close(&client);
    rig_free(rig);
}

static void port_0_gives_back_what_it_is_given(void **state)
{
    (void)state;
    struct rig *rig = begin(0);
    uint8_t data[2000];
    for (size_t i = 0; i < sizeof data; i++) data[i] = pattern(3, i);
    rig_attach(rig, 9);
    rig_write(rig, MNEMOS_SERIAL_MUX_PORT_LOOPBACK, data, sizeof data);
    rig_run_ms(rig, 1000);
    const struct bytes *in = &rig_port(rig, MNEMOS_SERIAL_MUX_PORT_LOOPBACK)->in;
    assert_int_equal(in->len, sizeof data);
    assert_memory_equal(in->data, data, sizeof data);
    rig_free(rig);
}

static void memory_comes_back_through_a_call(void **state)
{
    (void)state;
    struct rig *rig = begin(0);
    static uint8_t source[10000], target[9000];
    struct mn_client client = {0};
    struct mnemos_loopback_echo_reply reply;
    struct mn_loan loans[] = {{source, sizeof source}, {target, sizeof target}};
    mn_err err;
    for (size_t i = 0; i < sizeof source; i++) source[i] = pattern(4, i);
    WAIT_FOR(err, loopback_connect_poll(&client, &cx));
    WAIT_FOR(err, loopback_echo_poll(&client, &cx, &(struct mnemos_loopback_echo_args){0}, loans,
                                     &reply));
    assert_int_equal(err, MN_OK);
    assert_int_equal(reply.used, sizeof target);
    assert_memory_equal(source, target, sizeof target);
    mn_client_close(&client);
    rig_free(rig);
}

static void a_copy_that_nobody_waits_for_any_more_stops(void **state)
{
    (void)state;
    struct rig *rig = begin(0);
    static uint8_t source[20000], target[20000];
    struct mn_client client = {0};
    struct mnemos_loopback_echo_reply reply;
    struct mn_loan loans[] = {{source, sizeof source}, {target, sizeof target}};
    mn_err err;
    memset(source, 1, sizeof source);
    memset(target, 0, sizeof target);
    WAIT_FOR(err, loopback_connect_poll(&client, &cx));
    while (!target[0]) { /* until it has begun */
        assert_int_equal(loopback_echo_poll(&client, &cx, &(struct mnemos_loopback_echo_args){0},
                                            loans, &reply),
                         MN_PENDING);
        mn_executor_tick();
    }
    mn_client_cancel(&client);
    mn_host_settle();
    assert_int_equal(target[sizeof target - 1], 0);
    assert_int_equal(mn_registry_stats().requests, 0);
    assert_int_equal(mn_registry_stats().orphans, 1);
    loans[0].len = 100; /* and it serves on */
    WAIT_FOR(err, loopback_echo_poll(&client, &cx, &(struct mnemos_loopback_echo_args){0}, loans,
                                     &reply));
    assert_int_equal(err, MN_OK);
    assert_int_equal(reply.used, 100);
    mn_client_close(&client);
    rig_free(rig);
}

static void services_say_that_the_registry_is_full_and_start_nothing(void **state)
{
    (void)state;
    struct rig *rig = rig_new(0);
    struct mn_registry_settings none = {.connections = 4, .requests = 4};
    assert_int_equal(mn_registry_start(none), MN_OK);
    const struct mn_task *mux = mn_task_after(NULL);
    assert_int_equal(mn_registry_service_start(), MNEMOS_ERR_REGISTRY_FULL);
    assert_int_equal(mn_simple_serial_start(&rig->link), MNEMOS_ERR_REGISTRY_FULL);
    assert_int_equal(mn_serial_mux_start(), MNEMOS_ERR_REGISTRY_FULL);
    assert_int_equal(mn_loopback_start(), MNEMOS_ERR_REGISTRY_FULL);
    assert_int_equal(mn_hello_start(1000), MNEMOS_ERR_REGISTRY_FULL);
    assert_ptr_equal(mn_task_after(NULL), mux);
    rig_free(rig);
}

static void port_1_says_hello_as_often_as_it_should(void **state)
{
    (void)state;
    struct rig *rig = begin(100000);
    rig_attach(rig, 11);
    rig_run_ms(rig, 1050);
    const struct bytes *in = &rig_port(rig, MNEMOS_SERIAL_MUX_PORT_HELLO)->in;
    assert_in_range(in->len, 10 * 7, 12 * 7);
    assert_memory_equal(in->data, "hello\r\nhello\r\n", 14);
    rig_free(rig);
}

static void ports_open_as_soon_as_there_is_memory(void **state)
{
    (void)state;
    struct rig *rig = start(100000);
    mn_host_fail_allocation(1, true);
    rig_run_ms(rig, 3000);
    rig_attach(rig, 11);
    assert_int_equal(rig_port(rig, MNEMOS_SERIAL_MUX_PORT_HELLO)->opens, 0);
    mn_host_fail_allocation(0, false);
    rig_run_ms(rig, 2100); /* no pause is longer than 2 s */
    assert_int_equal(rig_port(rig, MNEMOS_SERIAL_MUX_PORT_HELLO)->opens, 1);
    assert_int_equal(rig_port(rig, MNEMOS_SERIAL_MUX_PORT_LOOPBACK)->opens, 1);
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MN_TEST(the_line_is_given_once),
        MN_TEST(the_list_has_every_service),
        MN_TEST(ports_are_closed_with_their_client),
        MN_TEST(ports_of_messages_are_taken_back_with_their_client),
        MN_TEST(open_ports_are_listed_in_order),
        MN_TEST(port_0_gives_back_what_it_is_given),
        MN_TEST(memory_comes_back_through_a_call),
        MN_TEST(port_1_says_hello_as_often_as_it_should),
        MN_TEST(ports_open_as_soon_as_there_is_memory),
        MN_TEST(a_copy_that_nobody_waits_for_any_more_stops),
        MN_TEST(services_say_that_the_registry_is_full_and_start_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
