/* serial_mux.h — the mux as a service: ports for kernel tasks, a list of them for programs too.
 *
 * A port that a client opened is used with mn_mux_read() and its neighbours, a
 * port of messages that it attached with mn_mux_send() (mux.h). Both are given
 * back with their client at the latest. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MN_SERVICES_SERIAL_MUX_H
#define MN_SERVICES_SERIAL_MUX_H
#include "kernel/core/await.h"

/* Register the service and start its task. Once, after mn_registry_start() and mn_mux_start().
 * Errors   those of mn_service_register() */
MN_MUST_USE mn_err mn_serial_mux_start(void);
#endif
