/* hello_test.c — the hello service, asked by a kernel task. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/services/hello.h"
#include "kernel/arch/host/host.h"
#include "kernel/core/heap.h"
#include "kernel/services/gen/hello_service.h"
#include "seeds.h"
#include <mnemos/abi/error.h>
#include <string.h>

static _Alignas(8) uint8_t heap[8192];

/* A task that asks once. */
struct guest {
    struct mn_task task;
    struct mn_client client;
    struct mnemos_hello_greet_args args;
    struct mnemos_hello_greet_reply reply;
    mn_err err;
};

static mn_err guest_poll(struct mn_task *task, struct mn_cx *cx)
{
    struct guest *self = MN_CONTAINER_OF(task, struct guest, task);
    MN_BEGIN(&task->co);
    MN_TRY(hello_connect_poll(&self->client, cx));
    MN_AWAIT(self->err = hello_greet_poll(&self->client, cx, &self->args, &self->reply));
    mn_client_close(&self->client);
    MN_END();
}

static void ask(struct guest *guest, const char *name)
{
    *guest = (struct guest){.err = MN_PENDING, .args.name.len = (uint32_t)strlen(name)};
    memcpy(guest->args.name.data, name, guest->args.name.len);
    mn_task_start(&guest->task, "guest", guest_poll);
    mn_host_settle();
}

static void begin(void)
{
    mn_heap_reset(heap, sizeof heap);
    assert_int_equal(mn_registry_start(MN_REGISTRY_DEFAULTS), MN_OK);
    assert_int_equal(mn_hello_start(0), MN_OK);
}

static void everyone_is_greeted_by_name(uint32_t seed)
{
    struct guest guest;
    (void)seed;
    begin();
    ask(&guest, "Ferris");
    assert_int_equal(guest.err, MN_OK);
    assert_int_equal(guest.reply.text.len, strlen("Hello, Ferris"));
    assert_memory_equal(guest.reply.text.data, "Hello, Ferris", guest.reply.text.len);
    assert_int_equal(guest.reply.number, 1);
    ask(&guest, "a name of 24 characters.");
    assert_int_equal(guest.reply.number, 2);
}

static void a_guest_without_a_name_is_told(void **state)
{
    struct guest guest;
    (void)state;
    begin();
    ask(&guest, "");
    assert_int_equal(guest.err, MNEMOS_ERR_BAD_ARGUMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MN_SEEDED(everyone_is_greeted_by_name),
        MN_TEST(a_guest_without_a_name_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
