/* loader_programs.c — what can be done with programs that are loaded, and kernel tasks who ask for
 * it. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/services/loader_priv.h"
#include <mnemos/abi/error.h>
#include <string.h>

/* ---- For the host and for kernel tasks ---- */

mn_err mn_loader_start_program(uint32_t handle, const uint8_t *args, uint32_t args_len,
                               const struct mn_prog **out)
{
    struct mn_prog *prog = mn_prog_find(handle);
    if (!prog) return MNEMOS_ERR_NO_PROGRAM;
    *out = prog;
    return mn_prog_start(prog, args, args_len);
}

mn_err mn_loader_stop_program(uint32_t handle, bool kill)
{
    struct mn_prog *prog = mn_prog_find(handle);
    if (!prog) return MNEMOS_ERR_NO_PROGRAM;
    bool runs = prog->state == MN_PROG_RUNNABLE || prog->state == MN_PROG_WAITING;
    if (!runs) return MNEMOS_ERR_NOT_READY;
    mn_prog_end(prog, kill ? MNEMOS_END_KILLED : MNEMOS_END_STOPPED, 0);
    return MN_OK;
}

mn_err mn_loader_unload_program(struct loader *loader, uint32_t handle)
{
    struct mn_prog *prog = mn_prog_find(handle);
    if (!prog) return MNEMOS_ERR_NO_PROGRAM;
    if (prog != loader->uploading)
        mn_prog_unload(prog);
    else if (loader->finishing)
        return MNEMOS_ERR_NOT_READY;
    else
        mn_loader_drop_upload(loader);
    return MN_OK;
}

/* ---- The service ---- */

static void describe(struct mnemos_programs_entry *out, const struct mn_prog *prog)
{
    *out = (struct mnemos_programs_entry){
        .handle = mn_prog_handle(prog),
        .state = prog->state,
        .port_base = prog->port_base,
        .starts = prog->starts,
        .run_us = mn_prog_run_us(prog),
    };
    while (out->name.len < sizeof out->name.data && prog->name[out->name.len]) out->name.len++;
    memcpy(out->name.data, prog->name, out->name.len);
}

static void list(struct mn_request *request, uint32_t slot)
{
    struct mnemos_programs_list_reply reply = {0};
    const uint32_t most = sizeof reply.programs.items / sizeof reply.programs.items[0];
    for (; slot < MN_MAX_PROGRAMS && reply.programs.len < most; slot++) {
        const struct mn_prog *prog = mn_prog_at(slot);
        if (prog) describe(&reply.programs.items[reply.programs.len++], prog);
    }
    programs_reply_list(request, &reply);
}

static void start(struct mn_request *request, const struct mnemos_programs_start_args *args)
{
    uint8_t copy[MNEMOS_LOADER_ARGS_MAX];
    const struct mn_prog *prog;
    mn_err err = MNEMOS_ERR_TOO_BIG;
    if (args->args.len <= sizeof copy)
        err = mn_request_read(request, args->args, 0, copy, args->args.len);
    if (!err) err = mn_loader_start_program(args->handle, copy, args->args.len, &prog);
    if (err) {
        mn_request_fail(request, err);
        return;
    }
    struct mnemos_programs_start_reply reply = {
        .handle = mn_prog_handle(prog),
        .port_base = prog->port_base,
    };
    programs_reply_start(request, &reply);
}

static void stop(struct mn_request *request, const struct mnemos_programs_stop_args *args)
{
    mn_err err = mn_loader_stop_program(args->handle, args->kill);
    if (err)
        mn_request_fail(request, err);
    else
        programs_reply_stop(request);
}

static void unload(struct loader *loader, struct mn_request *request, uint32_t handle)
{
    mn_err err = mn_loader_unload_program(loader, handle);
    if (err)
        mn_request_fail(request, err);
    else
        programs_reply_unload(request);
}

static void handle(struct loader *loader, const struct programs_message *message)
{
    switch (message->event) {
    case PROGRAMS_LIST:
        list(message->request, message->args.list->first);
        break;
    case PROGRAMS_START:
        start(message->request, message->args.start);
        break;
    case PROGRAMS_STOP:
        stop(message->request, message->args.stop);
        break;
    case PROGRAMS_UNLOAD:
        unload(loader, message->request, message->args.unload->handle);
        break;
    }
}

mn_err mn_loader_serve_poll(struct mn_task *task, struct mn_cx *cx)
{
    struct loader *self = MN_CONTAINER_OF(task, struct loader, service.task);
    MN_BEGIN(&task->co);
    for (;;) {
        MN_TRY(programs_next_poll(&self->service, cx, &self->message));
        handle(self, &self->message);
    }
    MN_END();
}
