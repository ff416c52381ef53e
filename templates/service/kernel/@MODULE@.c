/* @MODULE@: the service. Its calls are in ../schema/@MODULE@.toml; mnemos_add_service() in CMakeLists.txt makes the rest.
 *
 * Tasks share one stack: locals do not outlive a wait, so everything is in the struct. */
#include "kernel/services/gen/@MODULE@_service.h"
#include <mnemos/abi/error.h>

static struct @MODULE@ {
    struct mn_service service;
    struct @MODULE@_message message;
    uint64_t total;
} @MODULE@;

static void add(struct @MODULE@ *self)
{
    uint32_t by = self->message.args.add->by;
    if (!by) {
        mn_request_fail(self->message.request, MNEMOS_ERR_BAD_ARGUMENT);
        return;
    }
    self->total += by;
    struct mnemos_@MODULE@_add_reply reply = {.total = self->total};
    @MODULE@_reply_add(self->message.request, &reply);
}

static void total(struct @MODULE@ *self)
{
    struct mnemos_@MODULE@_total_reply reply = {.total = self->total};
    @MODULE@_reply_total(self->message.request, &reply);
}

static mn_err serve_poll(struct mn_task *task, struct mn_cx *cx)
{
    struct @MODULE@ *self = MN_CONTAINER_OF(task, struct @MODULE@, service.task);
    MN_BEGIN(&task->co);
    for (;;) {
        MN_TRY(@MODULE@_next_poll(&self->service, cx, &self->message));
        switch (self->message.event) {
        case @UPPER@_ADD:
            add(self);
            break;
        case @UPPER@_TOTAL:
            total(self);
            break;
        }
    }
    MN_END();
}

/* The kernel calls it when the board starts. */
mn_err mn_@MODULE@_start(void)
{
    @MODULE@ = (struct @MODULE@){0};
    struct mn_service_terms terms = {.for_programs = true};
    return mn_service_start(&@MODULE@.service, &@MODULE@_type, terms, serve_poll);
}
