/* hello.h — the hello service: greets by name.
 *
 * docs/write-a-service.md goes through it line by line. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MN_SERVICES_HELLO_H
#define MN_SERVICES_HELLO_H
#include "kernel/core/await.h"

/* Register the service, for programs too, and start its task. Once, after mn_registry_start().
 * Errors   those of mn_service_register() */
MN_MUST_USE mn_err mn_hello_start(void);
#endif
