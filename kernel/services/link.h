/* link.h — the physical serial line under the mux.
 *
 * A board's driver fills `rx` and empties `tx` from its interrupts; the mux is
 * the only other side of both. What lies in `tx` cannot be overtaken by anything
 * urgent: it should hold a frame or two, 256 to 512 bytes. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MN_SERVICES_LINK_H
#define MN_SERVICES_LINK_H
#include "kernel/core/bbq.h"

struct mn_link {
    struct mn_bbq rx;                      /* driver writes, mux reads */
    struct mn_bbq tx;                      /* mux writes, driver reads */
    void (*kick)(struct mn_link *link);    /* mux: there is something in tx; task context */
    void (*drained)(struct mn_link *link); /* mux: there is room in rx; held-back bytes may come */
    uint32_t baud;                         /* 0: not a UART */
    _Atomic uint32_t overruns;             /* bytes the hardware lost */
};
#endif
