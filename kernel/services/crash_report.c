/* crash_report.c — see crash_report.h. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/services/crash_report.h"
#include "kernel/services/mux.h"

static struct {
    struct mn_mux_messages            port;
    const struct mnemos_loader_crash *crash; /* NULL once a host has it */
} self;

static void session_began(struct mn_mux_messages *port)
{
    uint8_t              coded[MNEMOS_LOADER_CRASH_MAX];
    struct mnemos_writer writer = {coded, coded + sizeof coded};
    if (!self.crash || !mnemos_loader_crash_put(&writer, self.crash)) return;
    if (mn_mux_send(port, coded, (uint32_t)(writer.at - coded)) == MN_OK) self.crash = NULL;
}

void mn_crash_report_start(const struct mnemos_loader_crash *crash)
{
    self.crash = crash;
    self.port = (struct mn_mux_messages){.port = MNEMOS_LINK_PORT_CRASH, .session = session_began};
    mn_mux_attach_messages(&self.port);
}
