/* end_test.c — services that close, die, come back; clients that die. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "probe.h"

static void a_closing_service_answers_everyone(uint32_t seed)
{
    (void)seed;
    struct probe probe, second;
    struct caller held, queued, greeting, idle, waits;
    rig_begin();
    probe_start(&probe);
    caller_start(&held, "held");
    caller_start(&queued, "queued");
    caller_start(&idle, "idle");
    caller_call(&held, MNEMOS_PROBE_CALL_HOLD, 1);
    caller_start(&greeting, "later");
    probe.deaf = true;
    caller_call(&queued, MNEMOS_PROBE_CALL_ADD, 1);
    assert_int_equal(probe.held_count, 2);

    mn_service_close(&probe.service);
    mn_service_close(&probe.service); /* again is nothing */
    mn_host_settle();
    assert_int_equal(held.answered, MNEMOS_ERR_SERVICE_GONE);
    assert_int_equal(queued.answered, MNEMOS_ERR_SERVICE_GONE);
    assert_int_equal(greeting.connected, MNEMOS_ERR_SERVICE_GONE);
    caller_call(&idle, MNEMOS_PROBE_CALL_ADD, 1);
    assert_int_equal(idle.answered, MNEMOS_ERR_SERVICE_GONE);
    assert_int_equal(probe.service.state, MN_SERVICE_CLOSING);
    assert_int_equal(probe_register(&second, &probe_type, (struct mn_service_terms){0}),
                     MNEMOS_ERR_SERVICE_EXISTS);
    caller_start(&waits, "waits");
    assert_int_equal(waits.connected, MN_PENDING);

    probe_let_go(&probe, 0);
    assert_int_equal(probe.service.state, MN_SERVICE_CLOSING);
    probe_let_go(&probe, 0);
    assert_int_equal(probe.service.state, MN_SERVICE_GONE);
    assert_int_equal(mn_registry_stats().orphans, 2);

    probe_start(&second);
    assert_int_equal(waits.connected, MN_OK);
    held.connected = MN_PENDING; /* and connects again */
    caller_call(&held, MNEMOS_PROBE_CALL_ADD, 7);
    assert_int_equal(held.answered, MN_OK);
    caller_stop(&held);
    caller_stop(&queued);
    caller_stop(&greeting);
    caller_stop(&idle);
    caller_stop(&waits);
    mn_service_drop(&second.service);
    rig_end();
}

static void a_service_that_dies_leaves_no_request_behind(uint32_t seed)
{
    (void)seed;
    struct probe probe;
    struct caller callers[6];
    rig_begin();
    probe_start(&probe);
    for (uint32_t i = 0; i < 6; i++) {
        caller_start(&callers[i], i == 5 ? "later" : "x");
        probe.deaf = i >= 3; /* with the later ones it is dead and nobody has noticed */
        caller_call(&callers[i], MNEMOS_PROBE_CALL_HOLD, i);
    }
    mn_service_drop(&probe.service);
    assert_int_equal(probe.service.state, MN_SERVICE_GONE);
    memset(&probe.service, 0xee, sizeof probe.service); /* nothing points there */
    probe.service.state = MN_SERVICE_GONE;
    mn_host_settle();
    for (uint32_t i = 0; i < 5; i++) {
        if (callers[i].connected == MN_OK)
            assert_int_equal(callers[i].answered, MNEMOS_ERR_SERVICE_GONE);
        else
            assert_int_equal(callers[i].connected, MNEMOS_ERR_SERVICE_GONE);
    }
    for (uint32_t i = 0; i < 6; i++) caller_stop(&callers[i]);
    rig_end();
}

static mn_err waits_for_the_end(struct mn_task *task, struct mn_cx *cx);

struct mourner {
    struct mn_task task;
    struct mn_service *service;
    struct mn_client *client;
    mn_err err;
};

static mn_err waits_for_the_end(struct mn_task *task, struct mn_cx *cx)
{
    struct mourner *self = MN_CONTAINER_OF(task, struct mourner, task);
    self->err = self->service ? mn_service_gone_poll(self->service, cx)
                              : mn_client_gone_poll(self->client, cx);
    return self->err;
}

static void whoever_waits_for_the_end_is_woken(uint32_t seed)
{
    (void)seed;
    struct probe probe;
    struct caller caller, other;
    struct mourner owner = {.err = MN_PENDING, .service = &probe.service},
                   client = {.err = MN_PENDING};
    rig_begin();
    probe_start(&probe);
    caller_start(&caller, "x");
    caller_start(&other, "y");
    caller_call(&other, MNEMOS_PROBE_CALL_HOLD, 1);
    client.client = &caller.client;
    mn_task_start(&owner.task, "owner", waits_for_the_end);
    mn_task_start(&client.task, "client", waits_for_the_end);
    mn_host_settle();
    assert_int_equal(owner.err, MN_PENDING);
    assert_int_equal(client.err, MN_PENDING);
    mn_service_close(&probe.service);
    mn_host_settle();
    assert_int_equal(client.err, MN_OK);
    assert_int_equal(probe.ended, MNEMOS_ERR_SERVICE_GONE);
    assert_int_equal(owner.err, MN_PENDING);
    probe_release(&probe);
    assert_int_equal(owner.err, MN_OK);
    caller_stop(&caller);
    caller_stop(&other);
    rig_end();
}

static void the_loop_of_a_closed_service_ends(void **state)
{
    (void)state;
    struct probe probe;
    rig_begin();
    probe_start(&probe);
    mn_service_close(&probe.service);
    mn_host_settle();
    assert_int_equal(probe.ended, MNEMOS_ERR_SERVICE_GONE);
    assert_true(probe.task.done);
    rig_end();
}

/* A service that works until it is told to stop, with a request in hand. */
struct mortal {
    struct mn_service service;
    struct probe_message message;
    bool dies;
};

static mn_err mortal_poll(struct mn_task *task, struct mn_cx *cx)
{
    struct mortal *self = MN_CONTAINER_OF(task, struct mortal, service.task);
    mn_err err;
    MN_BEGIN(&task->co);
    for (;;) {
        MN_AWAIT(err = probe_next_poll(&self->service, cx, &self->message));
        if (self->dies) return MNEMOS_ERR_CANCELLED;
        if (self->message.event == PROBE_CONNECT) probe_accept(self->message.request);
    }
    MN_END();
}

static void a_service_ends_with_its_task(uint32_t seed)
{
    (void)seed;
    struct mortal mortal = {.dies = false};
    struct caller first, second;
    rig_begin();
    assert_int_equal(mn_service_start(&mortal.service, &probe_type, (struct mn_service_terms){0},
                                      mortal_poll),
                     MN_OK);
    assert_string_equal(mortal.service.task.name, "probe");
    caller_start(&first, "x");
    caller_start(&second, "y");
    caller_call(&first, MNEMOS_PROBE_CALL_HOLD, 1);
    assert_int_equal(first.answered, MN_PENDING);
    mortal.dies = true;
    caller_call(&second, MNEMOS_PROBE_CALL_HOLD, 2);
    assert_int_equal(first.answered, MNEMOS_ERR_SERVICE_GONE);
    assert_int_equal(second.answered, MNEMOS_ERR_SERVICE_GONE);
    assert_int_equal(mortal.service.state, MN_SERVICE_GONE);
    assert_true(mortal.service.task.done);
    caller_stop(&first);
    caller_stop(&second);
    rig_end();
}

static void a_service_ends_when_its_task_is_cancelled(void **state)
{
    (void)state;
    struct mortal mortal = {.dies = false};
    struct caller caller;
    rig_begin();
    assert_int_equal(mn_service_start(&mortal.service, &probe_type, (struct mn_service_terms){0},
                                      mortal_poll),
                     MN_OK);
    caller_start(&caller, "x");
    caller_call(&caller, MNEMOS_PROBE_CALL_HOLD, 1);
    mn_task_cancel(&mortal.service.task);
    mn_host_settle();
    assert_int_equal(caller.answered, MNEMOS_ERR_SERVICE_GONE);
    assert_int_equal(mortal.service.state, MN_SERVICE_GONE);
    caller_stop(&caller);
    rig_end();
}

/* ---- Clients ---- */

static void the_death_of_a_client_is_told_even_when_nothing_else_moves(uint32_t seed)
{
    (void)seed;
    struct probe probe;
    struct caller held, idle;
    rig_begin();
    probe_start(&probe);
    caller_start(&held, "x");
    caller_start(&idle, "y");
    caller_call(&held, MNEMOS_PROBE_CALL_HOLD, 1);
    mn_client_close(&idle.client);
    mn_host_settle();
    assert_int_equal(probe.gone, 1);
    mn_client_close(&held.client);
    mn_host_settle();
    assert_int_equal(probe.gone, 2);
    assert_int_equal(probe.cancelled, 1);
    assert_int_equal(mn_registry_stats().connections, 0);
    caller_stop(&held);
    caller_stop(&idle);
    mn_service_drop(&probe.service);
    rig_end();
}

static void a_client_may_die_while_the_service_looks_away(void **state)
{
    (void)state;
    struct probe probe;
    struct caller caller;
    rig_begin();
    probe_start(&probe);
    caller_start(&caller, "x");
    caller_call(&caller, MNEMOS_PROBE_CALL_HOLD, 1);
    struct mn_request *request = probe.held[0];
    probe.deaf = true;
    mn_client_close(&caller.client);
    /* Its news of the cancellation waits in the inbox when it replies. */
    uint8_t byte;
    assert_int_equal(mn_request_read(request, (struct mnemos_span){0, 1}, 0, &byte, 1),
                     MNEMOS_ERR_GONE);
    assert_int_equal(mn_request_write(request, (struct mnemos_span){0, 1}, 0, &byte, 1),
                     MNEMOS_ERR_GONE);
    probe_let_go(&probe, 0);
    assert_int_equal(probe.service.orphans, 1);
    probe.deaf = false;
    mn_task_wake(&probe.task);
    mn_host_settle();
    assert_int_equal(probe.cancelled, 0);
    assert_int_equal(probe.gone, 1);
    caller_stop(&caller);
    mn_service_drop(&probe.service);
    rig_end();
}

static void a_service_closes_with_news_still_in_its_inbox(void **state)
{
    (void)state;
    struct probe probe;
    struct caller a, b;
    rig_begin();
    probe_start(&probe);
    caller_start(&a, "a");
    caller_start(&b, "b");
    caller_call(&a, MNEMOS_PROBE_CALL_HOLD, 1);
    probe.deaf = true;
    mn_client_close(&a.client);
    mn_client_close(&b.client);
    mn_service_close(&probe.service);
    assert_int_equal(probe.service.state, MN_SERVICE_CLOSING);
    probe_let_go(&probe, 0);
    assert_int_equal(probe.service.state, MN_SERVICE_GONE);
    caller_stop(&a);
    caller_stop(&b);
    rig_end();
}

static void a_service_that_never_replies_harms_nobody_else(uint32_t seed)
{
    (void)seed;
    struct probe silent, good;
    struct mn_service_type other = probe_type;
    struct caller stuck, again, fine;
    other.uuid.bytes[0] ^= 1;
    rig_begin_with((struct mn_registry_settings){.services = 2, .connections = 4, .requests = 4});
    probe_start(&silent);
    silent.service.terms.max_clients = 2;
    assert_int_equal(probe_register(&good, &other, (struct mn_service_terms){0}), MN_OK);
    caller_start(&stuck, "x");
    caller_start(&fine, "z");
    silent.deaf = true;
    caller_call(&stuck, MNEMOS_PROBE_CALL_HOLD, 1);
    mn_client_cancel(&stuck.client); /* it had not even looked */
    stuck.call = CALLER_IDLE;
    silent.deaf = false;
    caller_call(&stuck, MNEMOS_PROBE_CALL_HOLD, 2);
    silent.deaf = true; /* it holds one and never lets go */
    mn_client_cancel(&stuck.client);
    caller_call(&stuck, MNEMOS_PROBE_CALL_ADD, 3);
    assert_int_equal(stuck.answered, MNEMOS_ERR_BUSY);
    caller_stop(&stuck);
    caller_start(&again, "y"); /* what it sits on counts against itself */
    assert_int_equal(again.connected, MNEMOS_ERR_FULL);
    caller_stop(&again);
    caller_stop(&fine);
    mn_service_drop(&silent.service);
    mn_service_drop(&good.service);
    rig_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MN_SEEDED(a_closing_service_answers_everyone),
        MN_SEEDED(a_service_that_dies_leaves_no_request_behind),
        MN_SEEDED(whoever_waits_for_the_end_is_woken),
        MN_TEST(the_loop_of_a_closed_service_ends),
        MN_SEEDED(a_service_ends_with_its_task),
        MN_TEST(a_service_ends_when_its_task_is_cancelled),
        MN_SEEDED(the_death_of_a_client_is_told_even_when_nothing_else_moves),
        MN_TEST(a_client_may_die_while_the_service_looks_away),
        MN_TEST(a_service_closes_with_news_still_in_its_inbox),
        MN_SEEDED(a_service_that_never_replies_harms_nobody_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
