/* registry.h: the registry: which services there are. Generated from abi/schema/registry.toml by
 * tools/abigen: edit that file, not this one. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MNEMOS_SERVICES_REGISTRY_H
#define MNEMOS_SERVICES_REGISTRY_H
#include <mnemos/service.h>
#include <mnemos/abi/registry.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Connect. Waits until the service is there. Errors: service_too_old, shape_differs, full. */
int mnemos_registry_connect(mnemos_service *out);

/* The services in the order in which they came. A program is shown those that it may use. Waits for
 * the service. Errors: bad_handle, service_gone. */
int mnemos_registry_list(mnemos_service registry, const struct mnemos_registry_list_args *args,
                         struct mnemos_registry_list_reply *reply);

#ifdef __cplusplus
}
#endif
#endif
