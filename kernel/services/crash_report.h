/* crash_report.h — hands the record of a kernel crash to the first host that comes after the
 * reset. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MN_SERVICES_CRASH_REPORT_H
#define MN_SERVICES_CRASH_REPORT_H
#include <mnemos/abi/loader.h>

/* Start its task, which waits for a serial mux and ends when the record is out. NULL: there was no
 * crash, and nothing is started. Once, after mn_registry_start().
 * Owner    the task keeps `crash` and all it points to. */
void mn_crash_report_start(const struct mnemos_loader_crash *crash);
#endif
