/* hello.c — see hello.h. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/services/hello.h"
#include "kernel/services/gen/hello_service.h"
#include <mnemos/abi/error.h>
#include <string.h>

static const char greeting[] = "Hello, ";

static struct hello {
    struct mn_task       task;
    struct mn_service    service;
    struct hello_message message;
    uint32_t             greeted;
} hello;

static void greet(struct hello *self)
{
    const struct mnemos_hello_greet_args *args = self->message.args.greet;
    struct mnemos_hello_greet_reply       reply = { .number = self->greeted + 1 };
    if (!args->name.len) {
        mn_request_fail(self->message.request, MNEMOS_ERR_BAD_ARGUMENT);
        return;
    }
    self->greeted++;
    memcpy(reply.text.data, greeting, sizeof greeting - 1);
    memcpy(reply.text.data + sizeof greeting - 1, args->name.data, args->name.len);
    reply.text.len = (uint32_t)(sizeof greeting - 1) + args->name.len;
    hello_reply_greet(self->message.request, &reply);
}

static mn_err hello_poll(struct mn_task *task, struct mn_cx *cx)
{
    struct hello *self = MN_CONTAINER_OF(task, struct hello, task);
    MN_BEGIN(&task->co);
    for (;;) {
        MN_TRY(hello_next_poll(&self->service, cx, &self->message));
        switch (self->message.event) {
        case HELLO_GREET:
            greet(self);
            break;
        }
    }
    MN_END();
}

mn_err mn_hello_start(void)
{
    memset(&hello, 0, sizeof hello);
    mn_err err = mn_service_register(&hello.service, &hello_type, (struct mn_service_terms){ .for_programs = true });
    if (err)
        return err;
    mn_task_start(&hello.task, "hello", hello_poll);
    return MN_OK;
}
