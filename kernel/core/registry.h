/* registry.h — which services there are.
 *
 * A service is known by its UUID and by the shape of its calls: a chain of hashes
 * in which shapes[n] stands for the first n calls. A client says how many calls it
 * knows and their shape, so it fits every later service that only appended calls.
 * One service per UUID. The tables have a fixed size; what does not fit is refused
 * by name and disturbs nobody. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MN_CORE_REGISTRY_H
#define MN_CORE_REGISTRY_H
#include "await.h"
#include "kernel/config.h"
#include <mnemos/abi/wire.h>

#define MN_REQUEST_ARGS_MAX 64u  /* bytes of a call's arguments as a C struct, and of a hello */
#define MN_REPLY_MAX        256u /* bytes of an encoded reply */
#define MN_CALL_SPANS       2u
#define MN_CALL_HELLO       0xffffu /* the number of the request by which a client connects */

struct mn_service;

struct mn_uuid {
    uint8_t bytes[16];
};

/* A run of a client's memory among the arguments of a call. */
struct mn_call_span {
    uint16_t offset; /* of the struct mnemos_span in the arguments */
    bool out;        /* the service writes there */
};

struct mn_service_call {
    const char *name;
    uint16_t args_size, reply_size; /* of the C structs; 0: none */
    uint16_t reply_max;             /* encoded */
    bool kernel_only;
    uint8_t spans;
    struct mn_call_span span[MN_CALL_SPANS];
};

/* What a service can do: constant, made by tools/abigen from a schema. */
struct mn_service_type {
    const char *name;
    struct mn_uuid uuid;
    uint16_t calls;
    const struct mn_service_call *call; /* `calls` of them */
    const uint32_t *shapes;             /* calls + 1 of them */
    bool greets;                        /* the service accepts or refuses each client itself */
    bool told_cancelled, told_gone;     /* events it wants, see service.h */
    uint16_t hello_size;                /* of the C struct; 0: none */
    /* Decode arguments (or a hello) that a program sent, encode a reply for it. NULL: only kernel
     * clients. */
    bool (*get)(uint16_t call, struct mnemos_reader *reader, void *args);
    bool (*put)(uint16_t call, struct mnemos_writer *writer, const void *reply);
};

/* How many there may be at once. Each request of a client has its place from the moment it
 * connects. Programs leave one place of MN_REGISTRY_KEPT to kernel tasks. */
#define MN_REGISTRY_KEPT 4u
struct mn_registry_settings {
    uint16_t services, connections, requests;
};
#define MN_REGISTRY_DEFAULTS                              \
    (struct mn_registry_settings)                         \
    {                                                     \
        .services = MN_CONFIG_SERVICES, .connections = MN_CONFIG_CONNECTIONS, \
        .requests = MN_CONFIG_REQUESTS            \
    }

struct mn_registry_stats {
    uint16_t services, connections, requests; /* in use now */
    uint32_t orphans;                         /* replies that nobody waited for any more */
};

/* Begin with no service. Takes memory from the heap, once after mn_heap_reset().
 * Errors   no_memory */
MN_MUST_USE mn_err mn_registry_start(struct mn_registry_settings settings);

/* What the service of this UUID that is open now can do, or NULL. A program sees only services for
 * programs. */
const struct mn_service_type *mn_registry_find(const struct mn_uuid *uuid, bool program);

/* Does a client that knows the first `calls` calls, of this shape, understand the service?
 * Errors   service_too_old  it has fewer
 *          shape_differs */
MN_MUST_USE mn_err mn_service_type_fits(const struct mn_service_type *type, uint16_t calls,
                                        uint32_t shape);

/* Walk the open services in the order of their registration: NULL begins, NULL ends. */
const struct mn_service *mn_registry_after(const struct mn_service *service, bool program);

struct mn_registry_stats mn_registry_stats(void);
#endif
