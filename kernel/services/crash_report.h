/* crash_report.h — hands the record of a kernel crash to the first host that comes after the
 * reset. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MN_SERVICES_CRASH_REPORT_H
#define MN_SERVICES_CRASH_REPORT_H
#include <mnemos/abi/loader.h>

/* Owner    the service keeps `crash` and all it points to. After mn_mux_start(). */
void mn_crash_report_start(const struct mnemos_loader_crash *crash);
#endif
