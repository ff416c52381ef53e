/* registry.h — the registry: which services there are. Generated from abi/schema/registry.toml by
 * tools/abigen: edit that file, not this one. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MNEMOS_ABI_REGISTRY_H
#define MNEMOS_ABI_REGISTRY_H
#include <mnemos/abi/wire.h>

#ifdef __cplusplus
extern "C" {
#endif

#define MNEMOS_REGISTRY_UUID \
    { 0xae, 0x78, 0x89, 0xe9, 0xb7, 0x15, 0x44, 0x74, 0xae, 0x23, 0x3c, 0x3c, 0x9d, 0xe3, 0xcf, 0xe6 }

/* The calls: the position is the number, for ever. */
enum mnemos_registry_call {
    MNEMOS_REGISTRY_CALL_LIST = 0,
    MNEMOS_REGISTRY_CALL_COUNT = 1,
};

/* What the first n calls look like on the wire, for each n up to all of them; see docs/abi. */
#define MNEMOS_REGISTRY_SHAPE 0xd434426cu
#define MNEMOS_REGISTRY_SHAPES \
    { 0x872491a3u, 0xd434426cu }

/* A service that is open. */
struct mnemos_registry_entry {
    uint8_t uuid[16];
    /* at most 24 bytes */
    struct {
        uint32_t len;
        uint8_t data[24];
    } name;
    uint16_t calls; /* how many calls it knows */
    uint32_t shape; /* what they look like */
    bool programs; /* programs may use it */
    uint16_t clients; /* connected now */
    uint32_t served; /* requests it answered */
};
#define MNEMOS_REGISTRY_ENTRY_MIN 22u /* bytes */
#define MNEMOS_REGISTRY_ENTRY_MAX 58u /* bytes */
bool mnemos_registry_entry_put(struct mnemos_writer *w, const struct mnemos_registry_entry *m);
bool mnemos_registry_entry_get(struct mnemos_reader *r, struct mnemos_registry_entry *m);

/* list: The services in the order in which they came. A program is shown those that it may use. */
/* Arguments of `list`. */
struct mnemos_registry_list_args {
    uint16_t first; /* how many to pass over */
};
#define MNEMOS_REGISTRY_LIST_ARGS_MIN 1u /* bytes */
#define MNEMOS_REGISTRY_LIST_ARGS_MAX 3u /* bytes */
static inline bool mnemos_registry_list_args_put(struct mnemos_writer *w,
                                                 const struct mnemos_registry_list_args *m)
{
    uint8_t *at = w->at;
    if ((size_t)(w->end - at) < 3u) return false;
    at = mnemos_store_u16(at, m->first);
    w->at = at;
    return true;
}
static inline bool mnemos_registry_list_args_get(struct mnemos_reader *r,
                                                 struct mnemos_registry_list_args *m)
{
    const uint8_t *at = r->at;
    const uint8_t *end = r->end;
    if (at == end) return false;
    at = mnemos_load_u16(at, end, &m->first);
    if (!at) return false;
    r->at = at;
    return true;
}

/* Reply of `list`. */
struct mnemos_registry_list_reply {
    /* empty: there are no more */
    struct {
        uint32_t len;
        struct mnemos_registry_entry items[4];
    } services;
};
#define MNEMOS_REGISTRY_LIST_REPLY_MIN 1u /* bytes */
#define MNEMOS_REGISTRY_LIST_REPLY_MAX 233u /* bytes */
bool mnemos_registry_list_reply_put(struct mnemos_writer *w,
                                    const struct mnemos_registry_list_reply *m);
bool mnemos_registry_list_reply_get(struct mnemos_reader *r, struct mnemos_registry_list_reply *m);

#ifdef __cplusplus
}
#endif
#endif
