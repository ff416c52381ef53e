/* rig.h — programs on a PC: an arena in a buffer, images made to order, and a processor that only makes system calls. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MN_TESTS_USER_RIG_H
#define MN_TESTS_USER_RIG_H
#include "kernel/arch/host/host.h"
#include "kernel/user/call_priv.h"
#include "kernel/user/memory.h"
#include "kernel/user/prog.h"
#include "kernel/user/sched.h"
#include "seeds.h"
#include <mnemos/abi/error.h>
#include <mnemos/abi/svc.h>
#include <string.h>

#define RIG_ARENA     0x20000000u
#define RIG_ARENA_LEN 0x34000u
#define RIG_IMAGE_MAX 8192u

extern struct mn_kernel *rig_kernel;

/* An empty arena, no programs. Each test begins with it. */
int rig_fresh(void **state);
#define RIG_TEST(test) cmocka_unit_test_setup(test, rig_fresh)

/* ---- Images ---- */

struct rig_reloc { uint32_t offset; bool data; };

/* A good image: change what the test is about, then seal it. */
struct rig_image {
    struct mnemos_image_header head;
    uint8_t  records[MNEMOS_IMAGE_HEAD_MAX], payload[RIG_IMAGE_MAX];
    uint32_t records_len;
    uint8_t  bytes[MNEMOS_IMAGE_HEAD_MAX + RIG_IMAGE_MAX]; /* after rig_seal(): head, then payload */
    uint32_t len;
};
void rig_image(struct rig_image *image);
void rig_record(struct rig_image *image, uint16_t type, const void *body, uint32_t len);
void rig_relocs(struct rig_image *image, const struct rig_reloc *relocs, uint32_t count);
/* Compute lengths and checksums. */
void rig_seal(struct rig_image *image);

/* Reserve, copy, finish. */
struct mn_prog *rig_load(const struct rig_image *image, const char *name);
mn_err          rig_finish(struct mn_prog *prog, const struct rig_image *image);
/* A loaded program with defaults, and one that runs already. */
struct mn_prog *rig_loaded(const char *name);
struct mn_prog *rig_started(const char *name);

/* ---- The processor ---- */

/* What PendSV does: save, let the kernel choose, go on with it. */
struct mn_prog *rig_switch(void);

/* The current program's frame, where its next system call finds its arguments. */
struct mn_frame *rig_frame(void);

/* The current program makes a system call, number and flags in r12. Its answer is in the frame; `pended` says whether
 * the kernel wants to look, which rig_switch() does. */
struct rig_answer { mn_err err; uint32_t used; bool pended; };
struct rig_answer rig_call(uint32_t r12, uint32_t in, uint32_t in_len, uint32_t out, uint32_t out_len);

/* Addresses in the current program for its slices, RIG_SLICE bytes each. */
#define RIG_SLICE 128u
uint32_t rig_in(void);
uint32_t rig_out(void);

/* The whole call: message in, reply out. */
struct rig_answer rig_message(uint32_t r12, const void *message, uint32_t len, void *reply, uint32_t cap);
#endif
