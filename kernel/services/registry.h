/* registry.h — the list of services, as a service. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MN_SERVICES_REGISTRY_H
#define MN_SERVICES_REGISTRY_H
#include "kernel/core/await.h"

/* Register the service, for programs too, and start its task. Once, after mn_registry_start().
 * Errors   those of mn_service_register() */
MN_MUST_USE mn_err mn_registry_service_start(void);
#endif
