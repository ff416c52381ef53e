/* loader_priv.h — what the two parts of the loader share.
 *
 * loader.c receives, remembers the last answer and sends; loader_requests.c does what a request
 * asks for. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MN_SERVICES_LOADER_PRIV_H
#define MN_SERVICES_LOADER_PRIV_H
#include "kernel/services/loader.h"
#include "kernel/services/mux.h"
#include "kernel/services/upload.h"
#include "kernel/user/prog.h"

struct loader {
    struct mn_mux_messages port;
    uint8_t frame[MNEMOS_LOADER_ANSWER_MAX + MN_MUX_FRAME_OVERHEAD];
    struct mn_prog_watcher watcher;
    struct mn_task task;
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
#endif
