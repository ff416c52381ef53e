/* loopback.h — gives back what it is given: bytes on a port of the line, and memory of whoever
 * calls it. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MN_SERVICES_LOOPBACK_H
#define MN_SERVICES_LOOPBACK_H
#include "kernel/core/await.h"

/* Register the service, for programs too, and start its tasks. Its port opens once there is a serial
 * mux. Once, after mn_registry_start().
 * Errors   those of mn_service_register() */
MN_MUST_USE mn_err mn_loopback_start(void);
#endif
