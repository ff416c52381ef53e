/* crash_report.c — see crash_report.h. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/services/crash_report.h"
#include "kernel/core/port.h"
#include "kernel/services/mux.h"

static struct {
    struct mn_mux_messages port;
    uint8_t frame[MNEMOS_LOADER_CRASH_MAX + MN_MUX_FRAME_OVERHEAD];
    const struct mnemos_loader_crash *crash; /* NULL once it is on its way to a host */
} self;

static void session_began(struct mn_mux_messages *port)
{
    uint8_t coded[MNEMOS_LOADER_CRASH_MAX];
    struct mnemos_writer writer = {coded, coded + sizeof coded};
    if (!self.crash || !mnemos_loader_crash_put(&writer, self.crash)) return;
    mn_err err = mn_mux_send(port, coded, (uint32_t)(writer.at - coded));
    MN_ASSERT(!err); /* a new session forgets what waited */
}

static void sent(struct mn_mux_messages *port)
{
    (void)port;
    self.crash = NULL;
}

void mn_crash_report_start(const struct mnemos_loader_crash *crash)
{
    self.crash = crash;
    self.port = (struct mn_mux_messages){
        .port = MNEMOS_LINK_PORT_CRASH,
        .frame = self.frame,
        .frame_cap = sizeof self.frame,
        .sent = sent,
        .session = session_began,
    };
    mn_err err = mn_mux_attach_messages(&self.port);
    MN_ASSERT(!err); /* nobody else has its port */
}
