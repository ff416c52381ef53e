/* loader.h — loading and controlling programs from the host, over the mux's loader port.
 *
 * One request at a time: one that arrives while another is being answered is dropped, and the
 * host repeats it. The last answer is kept and sent again when its request comes again.
 * Everything arriving here may be wrong. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MN_SERVICES_LOADER_H
#define MN_SERVICES_LOADER_H
#include <mnemos/abi/loader.h>
#include <stdint.h>

/* Time asleep, and how often the processor woke from sleep. */
typedef void (*mn_sleep_stats)(uint64_t *idle_us, uint32_t *wakeups);

/* Start the loader. After mn_mux_start() and mn_prog_reset(). `crash` says why the last reset
 * happened (NULL: it was no crash), `sleep_stats` may be NULL.
 *
 * Owner    the loader keeps `crash` and all it points to. */
void mn_loader_start(const struct mnemos_loader_crash *crash, mn_sleep_stats sleep_stats);
#endif
