/* registry.c — see registry.h. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/services/registry.h"
#include "kernel/services/gen/registry_service.h"
#include <string.h>

static struct listing {
    struct mn_service service;
    struct registry_message message;
} listing;

static void describe(const struct mn_service *service, struct mnemos_registry_entry *entry)
{
    const struct mn_service_type *type = service->type;
    memcpy(entry->uuid, type->uuid.bytes, sizeof entry->uuid);
    while (entry->name.len < sizeof entry->name.data && type->name[entry->name.len]) {
        entry->name.data[entry->name.len] = (uint8_t)type->name[entry->name.len];
        entry->name.len++;
    }
    entry->calls = type->calls;
    entry->shape = type->shapes[type->calls];
    entry->programs = service->terms.for_programs;
    entry->clients = service->clients;
    entry->served = service->served;
}

static void list(struct mn_request *request, uint16_t first)
{
    struct mnemos_registry_list_reply reply = {0};
    const uint32_t most = sizeof reply.services.items / sizeof reply.services.items[0];
    bool program = mn_request_of_program(request);
    const struct mn_service *service = mn_registry_after(NULL, program);
    for (; service && reply.services.len < most; service = mn_registry_after(service, program)) {
        if (first)
            first--;
        else
            describe(service, &reply.services.items[reply.services.len++]);
    }
    registry_reply_list(request, &reply);
}

static mn_err listing_poll(struct mn_task *task, struct mn_cx *cx)
{
    struct listing *self = MN_CONTAINER_OF(task, struct listing, service.task);
    MN_BEGIN(&task->co);
    for (;;) {
        MN_TRY(registry_next_poll(&self->service, cx, &self->message));
        switch (self->message.event) {
        case REGISTRY_LIST:
            list(self->message.request, self->message.args.list->first);
            break;
        }
    }
    MN_END();
}

mn_err mn_registry_service_start(void)
{
    listing = (struct listing){0};
    struct mn_service_terms terms = {.for_programs = true};
    return mn_service_start(&listing.service, &registry_type, terms, listing_poll);
}
