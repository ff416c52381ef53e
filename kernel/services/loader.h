/* loader.h — loading and controlling programs: from the host over the mux's loader port, and from
 * kernel tasks as a service (schema programs.toml).
 *
 * One request at a time: one that arrives while another is being answered is dropped, and the
 * host repeats it. The last answer is kept and sent again when its request comes again.
 * Everything arriving here may be wrong. What both the host and kernel tasks can do is done by the
 * same functions, see loader_programs.c. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MN_SERVICES_LOADER_H
#define MN_SERVICES_LOADER_H
#include "kernel/core/await.h"
#include <mnemos/abi/loader.h>
#include <stdint.h>

/* Time asleep, and how often the processor woke from sleep. */
typedef void (*mn_sleep_stats)(uint64_t *idle_us, uint32_t *wakeups);

/* Register the service and start its tasks. The loader port is there once there is a serial mux.
 * Once, after mn_registry_start() and mn_prog_reset(). `crash` says why the last reset happened
 * (NULL: it was no crash), `sleep_stats` may be NULL.
 *
 * Owner    the loader keeps `crash` and all it points to.
 * Errors   those of mn_service_register() */
MN_MUST_USE mn_err mn_loader_start(const struct mnemos_loader_crash *crash,
                                   mn_sleep_stats sleep_stats);
#endif
