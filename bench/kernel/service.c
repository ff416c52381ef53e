/* service.c — the least service there is: it gives its argument back. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "bench/kernel/rows.h"
#include "bench/programs/ports.h"
#include "kernel/core/port.h"
#include "kernel/core/service.h"
#include <mnemos/abi/sys.h>

static struct mn_service service;

static bool get(uint16_t call, struct mnemos_reader *reader, void *args)
{
    (void)call;
    return mnemos_sys_echo_args_get(reader, args);
}

static bool put(uint16_t call, struct mnemos_writer *writer, const void *reply)
{
    (void)call;
    return mnemos_sys_echo_reply_put(writer, reply);
}

static mn_err serve_poll(struct mn_task *task, struct mn_cx *cx)
{
    struct mn_service_event event;
    mn_err err;
    (void)task;
    while ((err = mn_service_next_poll(&service, cx, &event)) == MN_OK) {
        const struct mnemos_sys_echo_args *args = mn_request_args(event.request);
        mn_request_reply(event.request, &(struct mnemos_sys_echo_reply){.value = args->value});
    }
    return err;
}

void service_start(void)
{
    static const struct mn_service_call call = {
        .name = "echo",
        .args_size = sizeof(struct mnemos_sys_echo_args),
        .reply_size = sizeof(struct mnemos_sys_echo_reply),
        .reply_max = MNEMOS_SYS_ECHO_REPLY_MAX,
    };
    static const uint32_t shapes[] = {0, BENCH_SERVICE_SHAPE};
    static const struct mn_service_type type = {.name = "bench",
                                                .uuid = {BENCH_SERVICE_UUID},
                                                .calls = 1,
                                                .call = &call,
                                                .shapes = shapes,
                                                .get = get,
                                                .put = put};
    MN_ASSERT(!mn_service_start(&service, &type, (struct mn_service_terms){.for_programs = true},
                                serve_poll));
}
