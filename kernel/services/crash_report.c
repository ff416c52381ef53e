/* crash_report.c — see crash_report.h. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/services/crash_report.h"
#include "kernel/core/backoff.h"
#include "kernel/core/port.h"
#include "kernel/services/gen/serial_mux_service.h"
#include "kernel/services/mux.h"

static struct report {
    struct mn_task task;
    struct mn_client mux;
    struct mnemos_serial_mux_attach_args attach;
    struct mn_backoff backoff;
    struct mn_mux_messages port;
    uint8_t frame[MNEMOS_LOADER_CRASH_MAX + MN_MUX_FRAME_OVERHEAD];
    const struct mnemos_loader_crash *crash; /* NULL once it is on its way to a host */
} report;

static void session_began(struct mn_mux_messages *port)
{
    uint8_t coded[MNEMOS_LOADER_CRASH_MAX];
    struct mnemos_writer writer = {coded, coded + sizeof coded};
    if (!report.crash || !mnemos_loader_crash_put(&writer, report.crash)) return;
    mn_err err = mn_mux_send(port, coded, (uint32_t)(writer.at - coded));
    MN_ASSERT(err >= 0); /* pending: it is for this session, which forgot what waited before */
}

static void sent(struct mn_mux_messages *port)
{
    (void)port;
    report.crash = NULL;
    mn_task_wake(&report.task);
}

static mn_err report_poll(struct mn_task *task, struct mn_cx *cx)
{
    struct report *self = MN_CONTAINER_OF(task, struct report, task);
    MN_BEGIN(&task->co);
    MN_AWAIT(MN_RETRY(&self->backoff, cx, serial_mux_connect_poll(&self->mux, cx)));
    MN_AWAIT(MN_RETRY(&self->backoff, cx, serial_mux_attach_poll(&self->mux, cx, &self->attach)));
    if (mn_mux_stats().session) session_began(&self->port); /* the host was faster */
    MN_AWAIT(self->crash ? MN_PENDING : MN_OK);
    mn_client_close(&self->mux);
    MN_END();
}

void mn_crash_report_start(const struct mnemos_loader_crash *crash)
{
    if (!crash) return;
    report = (struct report){
        .crash = crash,
        .attach.messages = &report.port,
        .port = {.port = MNEMOS_LINK_PORT_CRASH,
                 .frame = report.frame,
                 .frame_cap = sizeof report.frame,
                 .sent = sent,
                 .session = session_began},
    };
    mn_task_start(&report.task, "crash report", report_poll);
}
