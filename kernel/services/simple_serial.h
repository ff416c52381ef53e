/* simple_serial.h — the board's one serial line as a service.
 *
 * A board's main gives its driver's line to this, and whoever runs ports over the
 * line takes it from here: once, because two writers would mix their frames. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MN_SERVICES_SIMPLE_SERIAL_H
#define MN_SERVICES_SIMPLE_SERIAL_H
#include "kernel/services/link.h"

/* Register the service and start its task. Once, after mn_registry_start().
 * Errors   those of mn_service_register() */
MN_MUST_USE mn_err mn_simple_serial_start(struct mn_link *link);

/* Have the line before any task runs. NULL: somebody has it. */
struct mn_link *mn_simple_serial_take(void);
#endif
