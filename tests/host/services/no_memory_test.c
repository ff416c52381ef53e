/* no_memory_test.c — each allocation in the life of a device fails once: everything else works, and nothing leaks. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/core/heap.h"
#include "kernel/services/gen/serial_mux_service.h"
#include "kernel/services/hello.h"
#include "kernel/services/loopback.h"
#include "programs.h"

struct client {
    struct mn_task task;
    struct mn_client mux;
    struct mnemos_serial_mux_open_args open;
    struct mnemos_serial_mux_open_reply port;
    mn_err err;
};

/* A kernel task that opens a port, once, and gives it back. */
static mn_err client_poll(struct mn_task *task, struct mn_cx *cx)
{
    struct client *self = MN_CONTAINER_OF(task, struct client, task);
    MN_BEGIN(&task->co);
    MN_TRY(serial_mux_connect_poll(&self->mux, cx));
    MN_AWAIT(self->err = serial_mux_open_poll(&self->mux, cx, &self->open, &self->port));
    mn_client_close(&self->mux);
    MN_END();
}

static uint32_t refusals; /* what was answered no_memory, each by its name */

static void note(mn_err err)
{
    if (!err) return;
    assert_int_equal(err, MNEMOS_ERR_NO_MEMORY);
    refusals++;
}

static void use_the_mux(struct rig *rig)
{
    struct client client = {
        .open = {.number = 0x30, .name = {2, "me"}, .rx_len = 64, .tx_len = 64, .task = &client.task}};
    mn_task_start(&client.task, "client", client_poll);
    rig_settle(rig);
    assert_true(client.task.done);
    note(client.err);
}

/* A program with two ports of its own, as a program has that reads, writes and complains. */
static void run_a_program(struct rig *rig)
{
    struct bytes image = {0};
    uint32_t handle[2], used;
    image_make(&image, 3000, 1);
    uint32_t running = host_start(rig, host_load(rig, &image, "program"));
    struct mn_prog *prog = mn_prog_find(running);
    for (uint16_t port = 0; port < 2; port++) {
        mn_err err = prog_open(prog, port, &handle[port]);
        note(err);
        if (err) continue;
        assert_int_equal(prog_write(prog, 0, handle[port], 100, &used), MN_OK);
        assert_int_equal(used, 100);
    }
    host_do_handle(rig, MNEMOS_LOADER_REQUEST_BODY_STOP, running);
    rig_settle(rig);
    assert_non_null(host_event(MNEMOS_LOADER_ANSWER_BODY_ENDED));
    host_do_handle(rig, MNEMOS_LOADER_REQUEST_BODY_UNLOAD, running);
    bytes_free(&image);
}

static struct mn_heap_stats live(uint32_t failing)
{
    refusals = 0;
    programs_fail_allocation(failing);
    struct rig *rig = programs_new(0);
    assert_int_equal(mn_loopback_start(), MN_OK);
    assert_int_equal(mn_hello_start(100000), MN_OK);
    rig_run_ms(rig, 100);
    rig_attach(rig, 5);
    use_the_mux(rig);
    run_a_program(rig);
    rig_run_ms(rig, 1000);
    assert_true(rig_port(rig, MNEMOS_SERIAL_MUX_PORT_HELLO)->in.len >= 7 * 5);
    assert_int_equal(rig_port(rig, MNEMOS_SERIAL_MUX_PORT_LOOPBACK)->opens, 1);
    struct mn_heap_stats stats = mn_heap_stats();
    programs_free(rig);
    return stats;
}

static void each_allocation_may_fail_once(void **state)
{
    (void)state;
    struct mn_heap_stats whole = live(0);
    uint32_t refused = 0, failing = 1;
    assert_int_equal(refusals, 0);
    for (;; failing++) {
        mn_host_reset();
        struct mn_heap_stats stats = live(failing);
        if (!mn_host_allocation_failed()) break;
        assert_int_equal(stats.allocations, whole.allocations);
        assert_int_equal(stats.free, whole.free);
        refused += refusals;
    }
    assert_true(failing > 15);   /* three ports with their buffers and claims, a client's, a program's */
    assert_int_equal(refused, 9); /* of the client and the program; the others ask again by themselves */
}

int main(void)
{
    const struct CMUnitTest tests[] = {MN_TEST(each_allocation_may_fail_once)};
    return cmocka_run_group_tests_name("no memory", tests, NULL, NULL);
}
