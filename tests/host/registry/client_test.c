/* client_test.c — kernel clients: cancelled at every wait, several calls at once, everything at
 * random. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "probe.h"

static void a_client_is_cancelled_at_every_wait(uint32_t seed)
{
    (void)seed;
    struct probe probe;
    struct caller caller;
    rig_begin();

    caller_start(&caller, "x"); /* waits for the service */
    mn_client_cancel(&caller.client);
    assert_int_equal(mn_registry_stats().connections, 0);
    caller_stop(&caller);

    probe_start(&probe);
    probe.deaf = true;
    caller_start(&caller, "x"); /* its hello is in the inbox */
    mn_client_cancel(&caller.client);
    assert_int_equal(mn_registry_stats().connections, 0);
    caller_stop(&caller);

    probe.deaf = false;
    caller_start(&caller, "later"); /* its hello is held */
    assert_int_equal(probe.held_count, 1);
    caller.stopped = true;
    mn_client_cancel(&caller.client);
    mn_host_settle();
    assert_int_equal(probe.cancelled, 1);
    assert_int_equal(mn_registry_stats().connections, 0);
    caller_stop(&caller);

    caller_start(&caller, "x");
    probe.deaf = true;
    caller_call(&caller, MNEMOS_PROBE_CALL_HOLD, 1); /* its request is in the inbox */
    caller.call = CALLER_IDLE;
    mn_client_cancel(&caller.client);
    assert_int_equal(mn_registry_stats().requests, 0);

    probe.deaf = false;
    caller_call(&caller, MNEMOS_PROBE_CALL_HOLD, 2); /* it is held */
    caller.call = CALLER_IDLE;
    mn_client_cancel(&caller.client);
    mn_host_settle();
    assert_int_equal(probe.cancelled, 2);
    assert_int_equal(mn_registry_stats().requests, 0);

    caller_call(&caller, MNEMOS_PROBE_CALL_HOLD, 3); /* it is answered, and nobody has looked */
    caller.call = CALLER_IDLE;
    probe_release(&probe);
    mn_client_cancel(&caller.client);

    caller_call(&caller, MNEMOS_PROBE_CALL_ADD, 4);
    assert_int_equal(caller.answered, MN_OK);
    assert_int_equal(caller.reply.add.sum, 5);
    caller_stop(&caller);
    mn_service_drop(&probe.service);
    rig_end();
}

static void who_is_not_connected_cannot_call(void **state)
{
    (void)state;
    struct mn_client client = {0};
    struct mn_task task = {.name = "x", .state = MN_TASK_READY};
    struct mn_cx cx = {&task};
    struct mnemos_probe_add_reply reply;
    rig_begin();
    assert_int_equal(probe_add_poll(&client, &cx, &(struct mnemos_probe_add_args){0}, &reply),
                     MNEMOS_ERR_BAD_HANDLE);
    assert_int_equal(mn_client_gone_poll(&client, &cx), MNEMOS_ERR_BAD_HANDLE);
    mn_client_close(&client);
    mn_client_cancel(&client);
    rig_end();
}

/* ---- Several calls at once ---- */

struct sender {
    struct mn_task task;
    struct mn_client client;
    struct mn_replies replies;
    struct mn_answer answers[4];
    struct mnemos_probe_hold_reply values[4];
    uint32_t came[8], came_count;
    mn_err errs[8], connected;
};

static mn_err sender_poll(struct mn_task *task, struct mn_cx *cx)
{
    struct sender *self = MN_CONTAINER_OF(task, struct sender, task);
    struct mn_answer *answer;
    if (self->connected == MN_PENDING)
        self->connected = probe_connect_poll(&self->client, cx, &(struct mnemos_probe_hello){0});
    while (mn_replies_next_poll(&self->replies, cx, &answer) == MN_OK) {
        self->errs[self->came_count] = answer->err;
        self->came[self->came_count++] = answer->nonce;
    }
    return MN_PENDING;
}

static mn_err send(struct sender *self, uint32_t index)
{
    self->answers[index].nonce = index;
    return mn_client_send(&self->client, MNEMOS_PROBE_CALL_HOLD,
                          &(struct mnemos_probe_hold_args){10 + index}, NULL, &self->values[index],
                          &self->answers[index], &self->replies);
}

static void sender_start(struct sender *self, struct probe *probe, uint32_t sends)
{
    rig_begin();
    probe_start(probe);
    memset(self, 0, sizeof *self);
    self->connected = MN_PENDING;
    self->client.slots = 4;
    mn_task_start(&self->task, "sender", sender_poll);
    mn_host_settle();
    assert_int_equal(self->connected, MN_OK);
    for (uint32_t i = 0; i < sends; i++) assert_int_equal(send(self, i), MN_OK);
    mn_host_settle();
}

static void answers_come_in_the_order_of_the_replies(uint32_t seed)
{
    (void)seed;
    struct probe probe;
    struct sender sender;
    sender_start(&sender, &probe, 4);
    assert_int_equal(probe.held_count, 4);
    probe_let_go(&probe, 2);
    probe_let_go(&probe, 0);
    mn_host_settle();
    probe_release(&probe);
    assert_int_equal(sender.came_count, 4);
    const uint32_t order[] = {2, 0, 1, 3};
    assert_memory_equal(sender.came, order, sizeof order);
    assert_int_equal(sender.values[3].number, 13);
    assert_int_equal(send(&sender, 0), MN_OK); /* an answer is used again */
    mn_host_settle();
    probe_release(&probe);
    assert_int_equal(sender.came_count, 5);
    mn_client_close(&sender.client);
    mn_host_settle();
    mn_service_drop(&probe.service);
    rig_end();
}

static void more_calls_than_slots_are_refused(void **state)
{
    (void)state;
    struct probe probe;
    struct sender sender;
    struct mn_answer fifth = {0};
    sender_start(&sender, &probe, 4);
    assert_int_equal(mn_client_send(&sender.client, MNEMOS_PROBE_CALL_NOTHING, NULL, NULL, NULL,
                                    &fifth, &sender.replies),
                     MNEMOS_ERR_BUSY);
    assert_int_equal(mn_client_send(&sender.client, 99, NULL, NULL, NULL, &fifth, &sender.replies),
                     MNEMOS_ERR_BAD_ARGUMENT);
    mn_client_close(&sender.client); /* all of them come back */
    mn_host_settle();
    assert_int_equal(sender.came_count, 4);
    for (uint32_t i = 0; i < 4; i++) assert_int_equal(sender.errs[i], MNEMOS_ERR_CANCELLED);
    assert_int_equal(probe.cancelled, 4);
    mn_service_drop(&probe.service);
    rig_end();
}

static void an_answer_is_taken_back(uint32_t seed)
{
    struct probe probe;
    struct sender sender;
    struct mn_answer *answer;
    struct mn_cx cx = {&sender.task};
    uint32_t victim = seed % 3;
    sender_start(&sender, &probe, 4);
    for (uint32_t i = 0; i < 3; i++) probe_let_go(&probe, 0); /* the sender has not looked yet */
    mn_answer_cancel(&sender.answers[victim]);
    probe_let_go(&probe, 0);
    for (uint32_t i = 0; i < 4; i++) {
        if (i == victim) continue;
        assert_int_equal(mn_replies_next_poll(&sender.replies, &cx, &answer), MN_OK);
        assert_int_equal(answer->nonce, i);
    }
    assert_int_equal(mn_replies_next_poll(&sender.replies, &cx, &answer), MN_PENDING);
    assert_int_equal(send(&sender, 1), MN_OK);
    mn_answer_cancel(&sender.answers[1]);
    mn_host_settle();
    assert_int_equal(sender.came_count, 0);
    mn_client_close(&sender.client);
    mn_host_settle();
    mn_service_drop(&probe.service);
    rig_end();
}

/* ---- Everything at random ---- */

#define CROWD 6u

struct crowd {
    struct caller callers[CROWD];
    struct probe probe;
    uint32_t random, calls, answers, refusals;
};

static uint32_t pick(struct crowd *crowd, uint32_t below)
{
    return mn_host_random_next(&crowd->random) % below;
}

/* A caller that has an answer counts it; one without a connection asks for one. */
static void tidy(struct crowd *crowd, struct caller *caller)
{
    if (caller->call == CALLER_IDLE && caller->answered < MN_PENDING) {
        crowd->answers++;
        if (caller->answered == MN_OK)
            assert_true(caller->reply.hold.number == caller->number ||
                        caller->reply.add.sum == caller->number + 1ull);
        else
            assert_true(caller->answered == MNEMOS_ERR_SERVICE_GONE ||
                        caller->answered == MNEMOS_ERR_BUSY);
        caller->answered = MN_PENDING;
    }
    if (caller->connected < 0) crowd->refusals++;
    if (caller->connected < 0 ||
        (caller->connected == MN_OK && caller->client.state == MN_CLIENT_CLOSED))
        caller->connected = MN_PENDING;
}

static void give_up(struct crowd *crowd, struct caller *caller)
{
    if (caller->call != CALLER_IDLE && caller->answered == MN_PENDING)
        crowd->calls--; /* nothing will come of it */
    caller->call = CALLER_IDLE;
    caller->answered = MN_PENDING;
}

static void begin_call(struct crowd *crowd, struct caller *caller)
{
    if (caller->call != CALLER_IDLE || caller->connected != MN_OK) return;
    caller->call = pick(crowd, 2) ? MNEMOS_PROBE_CALL_HOLD : MNEMOS_PROBE_CALL_ADD;
    caller->number = pick(crowd, 1000);
    caller->answered = MN_PENDING;
    crowd->calls++;
    mn_task_wake(&caller->task);
}

static void act(struct crowd *crowd)
{
    struct caller *caller = &crowd->callers[pick(crowd, CROWD)];
    struct probe *probe = &crowd->probe;
    switch (pick(crowd, 12)) {
    case 0:
        mn_client_cancel(&caller->client);
        give_up(crowd, caller);
        break;
    case 1:
        mn_client_close(&caller->client);
        give_up(crowd, caller);
        break;
    case 2:
        if (probe->service.state == MN_SERVICE_OPEN && !pick(crowd, 3))
            mn_service_close(&probe->service);
        break;
    case 3:
        if (!pick(crowd, 3)) {
            mn_service_drop(&probe->service);
            probe->held_count = 0;
        }
        break;
    case 4:
        if (probe->service.state == MN_SERVICE_GONE && (probe->task.done || !probe->task.poll))
            probe_start(probe);
        break;
    case 5:
    case 6:
        if (probe->held_count) probe_let_go(probe, pick(crowd, probe->held_count));
        break;
    case 7:
        probe->deaf = !probe->deaf;
        mn_task_wake(&probe->task);
        break;
    default:
        begin_call(crowd, caller);
        break;
    }
}

static void every_call_gets_one_answer(uint32_t seed)
{
    struct crowd *crowd = test_calloc(1, sizeof *crowd);
    crowd->random = seed * 2654435761u | 1;
    rig_begin_with((struct mn_registry_settings){
        .services = 1, .connections = CROWD + 2, .requests = CROWD + 2});
    probe_start(&crowd->probe);
    for (uint32_t i = 0; i < CROWD; i++) {
        caller_start(&crowd->callers[i], i ? "x" : "later");
        crowd->callers[i].answered = MN_PENDING;
    }
    for (uint32_t step = 0; step < 400; step++) {
        act(crowd);
        if (pick(crowd, 3) == 0)
            mn_executor_tick();
        else if (pick(crowd, 3) == 0)
            mn_host_settle();
        for (uint32_t i = 0; i < CROWD; i++) tidy(crowd, &crowd->callers[i]);
        for (uint32_t i = 0; i < CROWD; i++) mn_task_wake(&crowd->callers[i].task);
    }
    crowd->probe.deaf = false;
    if (crowd->probe.task.poll && !crowd->probe.task.done) mn_task_wake(&crowd->probe.task);
    mn_host_settle();
    probe_release(&crowd->probe);
    mn_host_settle();
    for (uint32_t i = 0; i < CROWD; i++) tidy(crowd, &crowd->callers[i]);
    assert_int_equal(crowd->calls, crowd->answers);
    for (uint32_t i = 0; i < CROWD; i++) caller_stop(&crowd->callers[i]);
    mn_service_drop(&crowd->probe.service);
    rig_end();
    test_free(crowd);
}

static void an_answer_may_come_before_anybody_waits_for_it(void **state)
{
    (void)state;
    struct probe probe;
    struct caller caller;
    struct mn_replies replies = {0};
    struct mn_answer answer = {0}, *came;
    struct mnemos_probe_add_reply sum;
    struct mn_task task = {.name = "late", .state = MN_TASK_READY};
    struct mn_cx cx = {&task};
    rig_begin();
    probe_start(&probe);
    caller_start(&caller, "x");
    assert_int_equal(mn_client_send(&caller.client, MNEMOS_PROBE_CALL_ADD,
                                    &(struct mnemos_probe_add_args){3, 4}, NULL, &sum, &answer,
                                    &replies),
                     MN_OK);
    mn_host_settle();
    assert_int_equal(mn_replies_next_poll(&replies, &cx, &came), MN_OK);
    assert_ptr_equal(came, &answer);
    assert_int_equal(sum.sum, 7);
    caller_stop(&caller);
    mn_service_drop(&probe.service);
    rig_end();
}

static void a_service_may_say_service_gone_and_stay(void **state)
{
    (void)state;
    struct probe probe;
    struct caller caller;
    rig_begin();
    probe_start(&probe);
    caller_start(&caller, "x");
    caller_call(&caller, MNEMOS_PROBE_CALL_HOLD, 1);
    mn_request_fail(probe.held[0], MNEMOS_ERR_SERVICE_GONE); /* another one, behind it */
    probe.held_count = 0;
    mn_host_settle();
    assert_int_equal(caller.answered, MNEMOS_ERR_SERVICE_GONE);
    caller_call(&caller, MNEMOS_PROBE_CALL_ADD, 1);
    assert_int_equal(caller.answered, MN_OK);
    caller_stop(&caller);
    mn_service_drop(&probe.service);
    rig_end();
}

static void a_service_that_does_not_want_to_know_is_not_told_of_cancelled_calls(void **state)
{
    (void)state;
    struct probe probe;
    struct caller caller;
    struct mn_service_type quiet = probe_type;
    struct mn_task task = {.name = "quiet", .state = MN_TASK_READY};
    struct mn_cx cx = {&task};
    quiet.told_cancelled = false;
    rig_begin();
    assert_int_equal(probe_register(&probe, &quiet, (struct mn_service_terms){0}), MN_OK);
    caller_start(&caller, "x");
    assert_int_equal(probe_next_poll(&probe.service, &cx, &probe.message), MN_OK);
    probe_accept(probe.message.request);
    mn_host_settle();
    caller_call(&caller, MNEMOS_PROBE_CALL_HOLD, 1);
    assert_int_equal(probe_next_poll(&probe.service, &cx, &probe.message), MN_OK);
    caller.call = CALLER_IDLE;
    mn_client_cancel(&caller.client);
    struct mn_request *held = probe.message.request;
    assert_int_equal(probe_next_poll(&probe.service, &cx, &probe.message), MN_PENDING);
    assert_int_equal(mn_registry_stats().requests, 1); /* the service has it, for nobody */
    probe_reply_hold(held, &(struct mnemos_probe_hold_reply){0});
    assert_int_equal(mn_registry_stats().requests, 0);
    assert_int_equal(mn_registry_stats().orphans, 1);
    caller_stop(&caller);
    mn_service_drop(&probe.service);
    rig_end();
}

/* At the beginning, at the end and of memory that is not there: no bytes are no error. One is. */
static void no_bytes_can_be_copied_and_none_beyond_the_end(void **state)
{
    (void)state;
    struct probe probe;
    struct caller caller;
    uint8_t lent[4] = {1, 2, 3, 4}, byte = 9;
    struct mn_task task = {.name = "probe", .state = MN_TASK_READY};
    struct mn_cx cx = {&task};
    rig_begin();
    assert_int_equal(probe_register(&probe, &probe_type, (struct mn_service_terms){0}), MN_OK);
    caller_start(&caller, "x");
    assert_int_equal(probe_next_poll(&probe.service, &cx, &probe.message), MN_OK);
    probe_accept(probe.message.request);
    mn_host_settle();
    caller.loans[0] = (struct mn_loan){lent, sizeof lent};
    caller.loans[1] = (struct mn_loan){NULL, 0};
    caller_call(&caller, MNEMOS_PROBE_CALL_COPY, 0);
    assert_int_equal(probe_next_poll(&probe.service, &cx, &probe.message), MN_OK);
    struct mn_request *request = probe.message.request;
    const struct mnemos_probe_copy_args *args = probe.message.args.copy;
    assert_int_equal(mn_request_read(request, args->source, 0, NULL, 0), MN_OK);
    assert_int_equal(mn_request_read(request, args->source, 4, NULL, 0), MN_OK);
    assert_int_equal(mn_request_read(request, args->source, 4, &byte, 1),
                     MNEMOS_ERR_BAD_ARGUMENT);
    assert_int_equal(mn_request_read(request, args->source, 1, &byte, UINT32_MAX),
                     MNEMOS_ERR_BAD_ARGUMENT);
    assert_int_equal(mn_request_read(request, args->source, UINT32_MAX, &byte, 1),
                     MNEMOS_ERR_BAD_ARGUMENT);
    assert_int_equal(mn_request_write(request, args->target, 0, NULL, 0), MN_OK);
    assert_int_equal(mn_request_write(request, args->target, 0, &byte, 1),
                     MNEMOS_ERR_BAD_ARGUMENT);
    assert_int_equal(mn_request_write(request, args->target, 1, NULL, 0),
                     MNEMOS_ERR_BAD_ARGUMENT);
    assert_int_equal(mn_request_read(request, args->source, 3, &byte, 1), MN_OK);
    assert_int_equal(byte, 4);
    probe_reply_copy(request, &(struct mnemos_probe_copy_reply){0});
    caller_stop(&caller);
    mn_service_drop(&probe.service);
    rig_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MN_SEEDED(a_client_is_cancelled_at_every_wait),
        MN_TEST(who_is_not_connected_cannot_call),
        MN_SEEDED(answers_come_in_the_order_of_the_replies),
        MN_TEST(more_calls_than_slots_are_refused),
        MN_SEEDED(an_answer_is_taken_back),
        MN_SEEDED(every_call_gets_one_answer),
        MN_TEST(an_answer_may_come_before_anybody_waits_for_it),
        MN_TEST(a_service_may_say_service_gone_and_stay),
        MN_TEST(a_service_that_does_not_want_to_know_is_not_told_of_cancelled_calls),
        MN_TEST(no_bytes_can_be_copied_and_none_beyond_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
