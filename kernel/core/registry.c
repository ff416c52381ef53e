/* registry.c — the table of services. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "heap.h"
#include "port.h"
#include "registry_priv.h"
#include <mnemos/abi/error.h>

/* Where pointers are wider nothing reckons with these. */
_Static_assert(sizeof(void *) > 4 || sizeof(struct mn_connection) <= MN_COST_CONNECTION,
               "kernel/config.h: MN_COST_CONNECTION is less than a connection takes");
_Static_assert(sizeof(void *) > 4 || sizeof(struct mn_request) <= MN_COST_REQUEST,
               "kernel/config.h: MN_COST_REQUEST is less than a request takes");

struct registry mn_registry;

bool mn_uuid_equal(const struct mn_uuid *a, const struct mn_uuid *b)
{
    return __builtin_memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

mn_err mn_registry_start(struct mn_registry_settings settings)
{
    struct registry *self = &mn_registry;
    *self = (struct registry){.settings = settings, .free_requests_end = &self->free_requests};
    self->connections = mn_heap_try(settings.connections * sizeof *self->connections);
    self->requests = mn_heap_try(settings.requests * sizeof *self->requests);
    if (!self->connections || !self->requests) {
        mn_heap_free(self->connections);
        mn_heap_free(self->requests);
        *self = (struct registry){.free_requests_end = &self->free_requests};
        return MNEMOS_ERR_NO_MEMORY;
    }
    for (uint16_t i = 0; i < settings.connections; i++) {
        self->connections[i].next = self->free_connections;
        self->free_connections = &self->connections[i];
    }
    for (uint16_t i = 0; i < settings.requests; i++) {
        *self->free_requests_end = &self->requests[i];
        self->free_requests_end = &self->requests[i].next;
    }
    return MN_OK;
}

static bool is_visible(const struct mn_service *service, bool program)
{
    return service->state == MN_SERVICE_OPEN && (!program || service->terms.for_programs);
}

struct mn_service *mn_registry_lookup(const struct mn_uuid *uuid, bool program)
{
    for (struct mn_service *service = mn_registry.services; service; service = service->next)
        if (is_visible(service, program) && mn_uuid_equal(&service->type->uuid, uuid))
            return service;
    return NULL;
}

mn_err mn_service_type_fits(const struct mn_service_type *type, uint16_t calls, uint32_t shape)
{
    if (calls > type->calls) return MNEMOS_ERR_SERVICE_TOO_OLD;
    return shape == type->shapes[calls] ? MN_OK : MNEMOS_ERR_SHAPE_DIFFERS;
}

const struct mn_service_type *mn_registry_find(const struct mn_uuid *uuid, bool program)
{
    const struct mn_service *service = mn_registry_lookup(uuid, program);
    return service ? service->type : NULL;
}

const struct mn_service *mn_registry_after(const struct mn_service *service, bool program)
{
    const struct mn_service *next = service ? service->next : mn_registry.services;
    while (next && !is_visible(next, program)) next = next->next;
    return next;
}

struct mn_registry_stats mn_registry_stats(void)
{
    return (struct mn_registry_stats){mn_registry.service_count, mn_registry.connection_count,
                                      mn_registry.request_count, mn_registry.orphans};
}

/* ---- Registration ---- */

static struct mn_service *registered(const struct mn_uuid *uuid)
{
    struct mn_service *service = mn_registry.services;
    while (service && !mn_uuid_equal(&service->type->uuid, uuid)) service = service->next;
    return service;
}

/* Mark every service that the marked ones wait for, until no more are found. Each pass marks one or
 * is the last. */
static void mark_used(void)
{
    bool more = true;
    while (more) {
        more = false;
        for (struct mn_service *from = mn_registry.services; from; from = from->next) {
            const struct mn_service_type *const *uses = from->mark ? from->terms.uses : NULL;
            for (; uses && *uses; uses++) {
                struct mn_service *to = registered(&(*uses)->uuid);
                if (to && !to->mark) more = to->mark = true;
            }
        }
    }
}

/* Does what `uses` lists wait, itself or through others, for `uuid`? */
static bool closes_circle(const struct mn_service_type *const *uses, const struct mn_uuid *uuid)
{
    for (struct mn_service *service = mn_registry.services; service; service = service->next)
        service->mark = false;
    for (; uses && *uses; uses++) {
        struct mn_service *used = registered(&(*uses)->uuid);
        if (mn_uuid_equal(&(*uses)->uuid, uuid)) return true;
        if (used) used->mark = true;
    }
    mark_used();
    for (const struct mn_service *service = mn_registry.services; service;
         service = service->next) {
        const struct mn_service_type *const *their = service->mark ? service->terms.uses : NULL;
        for (; their && *their; their++)
            if (mn_uuid_equal(&(*their)->uuid, uuid)) return true;
    }
    return false;
}

mn_err mn_service_register(struct mn_service *service, const struct mn_service_type *type,
                           struct mn_service_terms terms)
{
    MN_ASSERT(!terms.for_programs || !type->calls || (type->get && type->put));
    if (registered(&type->uuid)) return MNEMOS_ERR_SERVICE_EXISTS;
    if (mn_registry.service_count == mn_registry.settings.services) return MNEMOS_ERR_REGISTRY_FULL;
    if (closes_circle(terms.uses, &type->uuid)) return MNEMOS_ERR_SERVICE_CYCLE;

    *service = (struct mn_service){
        .type = type, .terms = terms, .state = MN_SERVICE_OPEN, .inbox_end = &service->inbox};
    struct mn_service **end = &mn_registry.services;
    while (*end) end = &(*end)->next;
    *end = service;
    mn_registry.service_count++;
    mn_connections_welcome(service);
    return MN_OK;
}
