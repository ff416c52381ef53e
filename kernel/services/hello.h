/* hello.h — the hello service: greets by name, and says hello on port 1 of the line.
 *
 * docs/write-a-service.md goes through it. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MN_SERVICES_HELLO_H
#define MN_SERVICES_HELLO_H
#include "kernel/core/await.h"

/* Register the service, for programs too, and start its tasks. Every `period_us`, once there is a
 * serial mux, it says hello there; 0: never. Once, after mn_registry_start().
 * Errors   those of mn_service_register() */
MN_MUST_USE mn_err mn_hello_start(uint32_t period_us);
#endif
