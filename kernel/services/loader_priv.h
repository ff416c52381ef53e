/* loader_priv.h — what the parts of the loader share.
 *
 * loader.c receives, remembers the last answer and sends; loader_requests.c does what a request
 * of the host asks for; loader_programs.c what host and kernel tasks both can do with programs, and
 * serves the kernel tasks. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MN_SERVICES_LOADER_PRIV_H
#define MN_SERVICES_LOADER_PRIV_H
#include "kernel/core/backoff.h"
#include "kernel/services/gen/programs_service.h"
#include "kernel/services/gen/serial_mux_service.h"
#include "kernel/services/loader.h"
#include "kernel/services/mux.h"
#include "kernel/services/upload.h"
#include "kernel/user/prog.h"

struct loader {
    struct mn_mux_messages port;
    uint8_t frame[MNEMOS_LOADER_ANSWER_MAX + MN_MUX_FRAME_OVERHEAD];
    struct mn_prog_watcher watcher;
    struct mn_task task;
    mn_co finisher; /* the part of the task that an upload's end sets going */
    struct mn_service service;
    struct programs_message message;
    struct mn_client mux;
    struct mnemos_serial_mux_attach_args attach;
    struct mn_backoff backoff;
    const struct mnemos_loader_crash *crash;
    mn_sleep_stats sleep_stats;

    struct mn_prog *uploading; /* NULL: no upload */
    struct mn_upload upload;
    bool finishing; /* `end` came and its checks are under way */
    mn_err finish_err;
    uint32_t end_crc32, end_adler32;  /* announced */
    uint32_t checked, crc32, adler32; /* computed over the first `checked` bytes */

    bool has_seq, answered; /* `seq` is of the last request; its answer is in `last` */
    uint8_t seq;
    bool owes_answer, owes_ack;
    struct {
        bool owes;
        uint32_t handle;
    } ended[MN_MAX_PROGRAMS];
    uint32_t last_len;
    uint8_t last[MNEMOS_LOADER_ANSWER_MAX];
    struct mnemos_loader_answer_body body; /* being made */
};

/* Do what a request asks for, its answer goes to loader->body. Answers MN_PENDING for `end`: the
 * answer comes later. */
mn_err mn_loader_perform(struct loader *loader, const struct mnemos_loader_request_body *request);

/* Make loader->body a refusal with the two numbers that go with the error. */
void mn_loader_refuse(struct loader *loader, mn_err err, uint32_t have, uint32_t want);

/* Describe a program in loader->body. */
void mn_loader_describe(struct mnemos_loader_program *out, const struct mn_prog *prog);

/* Give the upload under way up, if there is one. */
void mn_loader_drop_upload(struct loader *loader);

/* Serve kernel tasks. */
mn_err mn_loader_serve_poll(struct mn_task *task, struct mn_cx *cx);

/* Start the program of this handle, `args_len` bytes of arguments. Its new handle and its first
 * port are in *out.
 * Errors   no_program, and those of mn_prog_start() */
mn_err mn_loader_start_program(uint32_t handle, const uint8_t *args, uint32_t args_len,
                               const struct mn_prog **out);

/* End a program that runs and keep it loaded.
 * Errors   no_program, not_ready (it does not run) */
mn_err mn_loader_stop_program(uint32_t handle, bool kill);

/* Take a program away, in whatever state.
 * Errors   no_program, not_ready (the end of its upload is being checked) */
mn_err mn_loader_unload_program(struct loader *loader, uint32_t handle);
#endif
