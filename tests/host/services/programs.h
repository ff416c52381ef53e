/* programs.h — a rig with programs and the loader in it, and the host's side of the loader's
 * messages.
 *
 * Programs cannot run on a PC; a test makes their system calls for them. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef TESTS_SERVICES_PROGRAMS_H
#define TESTS_SERVICES_PROGRAMS_H
#include "kernel/user/prog.h"
#include "rig.h"

#define ARENA_ADDR 0x20000000u
#define ARENA_LEN  (64u * 1024u)

/* Everything the loader said, newest last. Strings and bytes of `answer` point into `raw`. */
struct heard {
    struct mnemos_loader_answer answer;
    uint8_t raw[MNEMOS_LINK_MAX_FRAME];
    size_t len;
};

/* A rig with arena, serial calls and loader started; nobody has said hello. One at a time. */
struct rig *programs_new(uint32_t baud);
/* In the next programs_new() the n-th allocation of the services, and of all that comes later, fails. */
void programs_fail_allocation(uint32_t n);
void programs_free(struct rig *rig);

/* ---- Images ---- */

/* A valid image with `payload_len` bytes of payload and room for a small stack and heap. */
void image_make(struct bytes *image, uint32_t payload_len, uint32_t seed);
/* After changing the header or the payload: make the checksums right again. */
void image_seal(struct bytes *image);
struct mnemos_image_header *image_head(struct bytes *image);

/* ---- The host ---- */

/* Send a request; answers its sequence number. */
uint8_t host_ask(struct rig *rig, const struct mnemos_loader_request_body *body);
void host_ask_again(struct rig *rig, const struct mnemos_loader_request_body *body, uint8_t seq);
uint8_t host_ask_tag(struct rig *rig, uint8_t tag);
void host_data(struct rig *rig, const struct bytes *image, uint32_t offset, uint32_t len);

/* The answer to the request, or NULL; the newest event of a kind, or NULL; how many there were. */
const struct mnemos_loader_answer_body *host_answer(uint8_t seq);
const struct mnemos_loader_answer_body *host_event(uint8_t tag);
uint32_t host_count(uint8_t tag);
void host_forget(void);
const struct heard *host_last(void);

/* Ask and wait for the answer; it must come within 5 s. */
const struct mnemos_loader_answer_body *host_do(struct rig *rig,
                                                const struct mnemos_loader_request_body *body);
const struct mnemos_loader_answer_body *host_do_tag(struct rig *rig, uint8_t tag);
/* The same for a request that is a handle only, or begins with one. */
const struct mnemos_loader_answer_body *host_do_handle(struct rig *rig, uint8_t tag,
                                                       uint32_t handle);
const struct mnemos_loader_answer_body *host_begin(struct rig *rig, const struct bytes *image,
                                                   const char *name);
const struct mnemos_loader_answer_body *host_end(struct rig *rig, const struct bytes *image);
void assert_refused(const struct mnemos_loader_answer_body *answer, int32_t error);

/* Load and start; answers the handle of the running program. */
uint32_t host_load(struct rig *rig, const struct bytes *image, const char *name);
uint32_t host_start(struct rig *rig, uint32_t handle);

/* ---- A program ---- */

/* A system call of `prog`: input and output are copied to and from its heap. *used gets r1.
 * MN_PENDING: it waits now. */
mn_err prog_call(struct mn_prog *prog, uint32_t number, const void *in, uint32_t in_len, void *out,
                 uint32_t out_cap, uint32_t *used);
/* What a call that waited has answered, once the program is runnable again; MN_PENDING before. */
mn_err prog_result(struct mn_prog *prog, uint32_t *used);

mn_err prog_open(struct mn_prog *prog, uint16_t port, uint32_t *handle);
mn_err prog_close(struct mn_prog *prog, uint32_t handle);
/* `flags` of the call; with a deadline it is 1 s from now. Read into / write from prog_buffer(). */
mn_err prog_read(struct mn_prog *prog, uint32_t flags, uint32_t handle, uint32_t len,
                 uint32_t *used);
mn_err prog_write(struct mn_prog *prog, uint32_t flags, uint32_t handle, uint32_t len,
                  uint32_t *used);
/* `used` of a read or write that waited. */
mn_err prog_transferred(struct mn_prog *prog, uint32_t *used);
uint8_t *prog_buffer(struct mn_prog *prog);
#define PROG_BUFFER_LEN 2048u
#endif
