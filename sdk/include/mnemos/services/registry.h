/* registry.h: the registry: which services there are. Generated from abi/schema/registry.toml by
 * tools/abigen: edit that file, not this one. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MNEMOS_SERVICES_REGISTRY_H
#define MNEMOS_SERVICES_REGISTRY_H
#include <mnemos/ring.h>
#include <mnemos/service.h>
#include <mnemos/abi/registry.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Connect. Waits until the service is there. Errors: service_too_old, shape_differs, full. */
int mnemos_registry_connect(mnemos_service *out);

/* The same, with room for so many calls under way at once, 1 to 8: see ring.h. */
int mnemos_registry_connect_for(unsigned at_once, mnemos_service *out);

/* The services in the order in which they came. A program is shown those that it may use. Waits for
 * the service. Errors: bad_handle, service_gone. */
int mnemos_registry_list(mnemos_service registry, const struct mnemos_registry_list_args *args,
                         struct mnemos_registry_list_reply *reply);

/* The same through a ring. `pending` is the kernel's until the completion. Errors: full,
 * bad_argument. */
struct mnemos_registry_list_pending {
    uint8_t in[MNEMOS_REGISTRY_LIST_ARGS_MAX];
    uint8_t out[MNEMOS_REGISTRY_LIST_REPLY_MAX];
};
int mnemos_registry_list_submit(struct mnemos_ring *ring, uint32_t nonce, mnemos_service registry,
                                const struct mnemos_registry_list_args *args,
                                struct mnemos_registry_list_pending *pending);
/* Its error, or its reply. */
int mnemos_registry_list_finish(const struct mnemos_ring_completion *completion,
                                const struct mnemos_registry_list_pending *pending,
                                struct mnemos_registry_list_reply *reply);

#ifdef __cplusplus
}
#endif
#endif
