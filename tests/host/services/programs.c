/* programs.c — see programs.h. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "programs.h"
#include "kernel/services/loader.h"
#include "kernel/services/serial_calls.h"
#include "kernel/services/serial_mux.h"
#include "kernel/user/call_priv.h"
#include "kernel/user/memory.h"
#include "kernel/user/sched.h"
#include <mnemos/abi/svc.h>
#include <string.h>

#define HEARD_MAX 512

static uint8_t arena[ARENA_LEN];
static struct heard heard[HEARD_MAX];
static size_t heard_len;
static uint8_t next_seq;

static void listen(struct rig *rig, uint16_t port, const uint8_t *data, size_t len)
{
    assert_int_equal(port, MNEMOS_LINK_PORT_LOADER);
    assert_true(heard_len < HEARD_MAX);
    struct heard *slot = &heard[heard_len++];
    memcpy(slot->raw, data, len);
    slot->len = len;
    struct mnemos_reader reader = {slot->raw, slot->raw + len};
    assert_true(mnemos_loader_answer_get(&reader, &slot->answer) && reader.at == reader.end);
    if (slot->answer.session == (uint8_t)rig->session) return;
    assert_int_not_equal(rig->last_hello,
                         rig->session); /* left over from the old session: nothing after Hello is */
    heard_len--;
}

static uint32_t failing_allocation;

void programs_fail_allocation(uint32_t n)
{
    failing_allocation = n;
}

struct rig *programs_new(uint32_t baud)
{
    struct rig *rig = rig_new(baud);
    memset(arena, 0xa5, sizeof arena);
    mn_memory_map(arena, ARENA_ADDR, ARENA_LEN);
    mn_prog_reset(ARENA_ADDR, ARENA_LEN);
    mn_serial_calls_start();
    assert_int_equal(mn_registry_start(MN_REGISTRY_DEFAULTS), MN_OK);
    mn_host_fail_allocation(failing_allocation, false);
    failing_allocation = 0;
    assert_int_equal(mn_serial_mux_start(), MN_OK);
    assert_int_equal(mn_loader_start(NULL, NULL), MN_OK);
    rig->message = listen;
    host_forget();
    next_seq = 0;
    rig_settle(rig);
    return rig;
}

void programs_free(struct rig *rig)
{
    rig_free(rig);
}

/* ---- Images ---- */

struct mnemos_image_header *image_head(struct bytes *image)
{
    return (struct mnemos_image_header *)(void *)image->data;
}

void image_seal(struct bytes *image)
{
    struct mnemos_image_header *head = image_head(image);
    const uint8_t *payload = image->data + head->head_len;
    size_t payload_len = image->len - head->head_len;
    head->payload_crc32 = mnemos_crc32(0, payload, payload_len);
    head->payload_adler = mnemos_adler32(1, payload, payload_len);
    head->head_crc = mnemos_crc32(0, image->data + 8, head->head_len - 8u);
}

void image_make(struct bytes *image, uint32_t payload_len, uint32_t seed)
{
    static const uint8_t relocs[8] = {0x10, 0x80, 4, 0, 2 << 1, 4 << 1 | 1, 0, 0};
    struct mnemos_image_header head = {
        .magic = MNEMOS_IMAGE_MAGIC,
        .head_len = MNEMOS_IMAGE_HEADER + 8,
        .arch = MNEMOS_ARCH_ARMV7EM,
        .abi_major = 1,
        .payload_len = payload_len,
        .static_len = 16,
        .stack_len = 1024,
        .heap_len = PROG_BUFFER_LEN + 512,
        .text_base = 0x10000000,
        .data_base = 0x20000000,
        .n_relocs = 2,
    };
    head.build_id[0] = (uint8_t)seed;
    image->len = 0;
    bytes_put(image, &head, sizeof head);
    uint8_t records[8];
    memcpy(records, relocs, sizeof records);
    records[2] = 2; /* two one-byte entries; the rest is padding */
    bytes_put(image, records, sizeof records);
    for (uint32_t i = 0; i < payload_len; i++) {
        uint8_t byte = pattern(seed, i);
        bytes_put(image, &byte, 1);
    }
    image_seal(image);
}

/* ---- The host ---- */

void host_forget(void)
{
    heard_len = 0;
}

const struct heard *host_last(void)
{
    return heard_len ? &heard[heard_len - 1] : NULL;
}

void host_ask_again(struct rig *rig, const struct mnemos_loader_request_body *body, uint8_t seq)
{
    uint8_t coded[MNEMOS_LOADER_REQUEST_MAX];
    struct mnemos_writer writer = {coded, coded + sizeof coded};
    struct mnemos_loader_request request = {
        .session = (uint8_t)rig->session, .seq = seq, .body = *body};
    assert_true(mnemos_loader_request_put(&writer, &request));
    rig_send_frame(rig, MNEMOS_LINK_PORT_LOADER, coded, (size_t)(writer.at - coded), true);
}

uint8_t host_ask(struct rig *rig, const struct mnemos_loader_request_body *body)
{
    next_seq = (uint8_t)(next_seq % 255u + 1u);
    host_ask_again(rig, body, next_seq);
    return next_seq;
}

uint8_t host_ask_tag(struct rig *rig, uint8_t tag)
{
    return host_ask(rig, &(struct mnemos_loader_request_body){.tag = tag});
}

void host_data(struct rig *rig, const struct bytes *image, uint32_t offset, uint32_t len)
{
    struct mnemos_loader_request_body body = {.tag = MNEMOS_LOADER_REQUEST_BODY_DATA};
    body.data.offset = offset;
    body.data.bytes = (struct mnemos_bytes){image->data + offset, len};
    host_ask_again(rig, &body, 0);
}

static bool is_event(const struct mnemos_loader_answer *answer)
{
    return answer->seq == 0;
}

const struct mnemos_loader_answer_body *host_answer(uint8_t seq)
{
    for (size_t i = heard_len; i-- > 0;) {
        if (!is_event(&heard[i].answer) && heard[i].answer.seq == seq) return &heard[i].answer.body;
    }
    return NULL;
}

const struct mnemos_loader_answer_body *host_event(uint8_t tag)
{
    for (size_t i = heard_len; i-- > 0;) {
        if (is_event(&heard[i].answer) && heard[i].answer.body.tag == tag)
            return &heard[i].answer.body;
    }
    return NULL;
}

uint32_t host_count(uint8_t tag)
{
    uint32_t count = 0;
    for (size_t i = 0; i < heard_len; i++) count += heard[i].answer.body.tag == tag;
    return count;
}

const struct mnemos_loader_answer_body *host_do(struct rig *rig,
                                                const struct mnemos_loader_request_body *body)
{
    uint8_t seq = host_ask(rig, body);
    for (uint32_t ms = 0; ms < 5000 && !host_answer(seq); ms++) {
        if (ms % 200 == 199) host_ask_again(rig, body, seq);
        rig_run_ms(rig, 1);
    }
    const struct mnemos_loader_answer_body *answer = host_answer(seq);
    assert_non_null(answer);
    return answer;
}

const struct mnemos_loader_answer_body *host_do_tag(struct rig *rig, uint8_t tag)
{
    return host_do(rig, &(struct mnemos_loader_request_body){.tag = tag});
}

const struct mnemos_loader_answer_body *host_do_handle(struct rig *rig, uint8_t tag,
                                                       uint32_t handle)
{
    struct mnemos_loader_request_body body = {.tag = tag};
    body.start.handle = handle; /* the first field of them all */
    return host_do(rig, &body);
}

const struct mnemos_loader_answer_body *host_begin(struct rig *rig, const struct bytes *image,
                                                   const char *name)
{
    struct mnemos_loader_request_body body = {.tag = MNEMOS_LOADER_REQUEST_BODY_BEGIN};
    body.begin.head =
        (struct mnemos_bytes){image->data, image->len < 88 ? (uint32_t)image->len : 88};
    body.begin.total = (uint32_t)image->len;
    body.begin.name = (struct mnemos_bytes){(const uint8_t *)name, (uint32_t)strlen(name)};
    return host_do(rig, &body);
}

const struct mnemos_loader_answer_body *host_end(struct rig *rig, const struct bytes *image)
{
    struct mnemos_loader_request_body body = {.tag = MNEMOS_LOADER_REQUEST_BODY_END};
    body.end.crc32 = mnemos_crc32(0, image->data, image->len);
    body.end.adler32 = mnemos_adler32(1, image->data, image->len);
    return host_do(rig, &body);
}

void assert_refused(const struct mnemos_loader_answer_body *answer, int32_t error)
{
    assert_int_equal(answer->tag, MNEMOS_LOADER_ANSWER_BODY_REFUSED);
    if (answer->refused.error != error)
        print_error("%s\n", mnemos_error_name(answer->refused.error));
    assert_int_equal(answer->refused.error, error);
}

uint32_t host_load(struct rig *rig, const struct bytes *image, const char *name)
{
    assert_int_equal(host_begin(rig, image, name)->tag, MNEMOS_LOADER_ANSWER_BODY_BEGUN);
    for (uint32_t at = 0; at < image->len; at += 512) {
        host_data(rig, image, at, at + 512 <= image->len ? 512 : (uint32_t)image->len - at);
        rig_settle(rig);
    }
    const struct mnemos_loader_answer_body *answer = host_end(rig, image);
    assert_int_equal(answer->tag, MNEMOS_LOADER_ANSWER_BODY_LOADED);
    return answer->loaded.program.handle;
}

uint32_t host_start(struct rig *rig, uint32_t handle)
{
    const struct mnemos_loader_answer_body *answer =
        host_do_handle(rig, MNEMOS_LOADER_REQUEST_BODY_START, handle);
    assert_int_equal(answer->tag, MNEMOS_LOADER_ANSWER_BODY_STARTED);
    return answer->started.handle;
}

/* ---- A program ---- */

#define IN_ROOM  64u
#define OUT_ROOM 64u

static struct mn_frame *frame_of(struct mn_prog *prog)
{
    return (struct mn_frame *)(void *)mn_memory(prog->context.psp);
}

static uint32_t in_addr(const struct mn_prog *prog)
{
    return mn_prog_heap_addr(prog);
}

static uint32_t buffer_addr(const struct mn_prog *prog)
{
    return mn_prog_heap_addr(prog) + IN_ROOM + OUT_ROOM;
}

uint8_t *prog_buffer(struct mn_prog *prog)
{
    return mn_memory(buffer_addr(prog));
}

mn_err prog_call(struct mn_prog *prog, uint32_t number, const void *in, uint32_t in_len, void *out,
                 uint32_t out_cap, uint32_t *used)
{
    struct mn_frame *frame = frame_of(prog);
    uint32_t call = number & MNEMOS_CALL_NUMBER;
    assert_true(in_len <= IN_ROOM && out_cap <= OUT_ROOM);
    if (in_len) memcpy(mn_memory(in_addr(prog)), in, in_len);
    *frame = (struct mn_frame){.r0 = in_addr(prog),
                               .r1 = in_len,
                               .r2 = in_addr(prog) + IN_ROOM,
                               .r3 = out_cap,
                               .r12 = number};
    mn_sched.current = prog;
    mn_call_result result = mn_calls[number == call ? call : MNEMOS_SYS_CALL_COUNT](frame, prog);
    mn_sched.current = NULL;
    if (prog->state == MN_PROG_WAITING) return MN_PENDING;
    frame->r0 = (uint32_t)result;
    frame->r1 = (uint32_t)(result >> 32);
    if (out_cap) memcpy(out, mn_memory(in_addr(prog) + IN_ROOM), out_cap);
    *used = frame->r1;
    return (mn_err)frame->r0;
}

mn_err prog_result(struct mn_prog *prog, uint32_t *used)
{
    if (prog->state == MN_PROG_WAITING) return MN_PENDING;
    *used = frame_of(prog)->r1;
    return (mn_err)frame_of(prog)->r0;
}

mn_err prog_open(struct mn_prog *prog, uint16_t port, uint32_t *handle)
{
    uint8_t in[8], out[MNEMOS_SYS_SERIAL_OPEN_REPLY_MAX];
    uint32_t used;
    struct mnemos_writer writer = {in, in + sizeof in};
    struct mnemos_sys_serial_open_args args = {.port = port};
    assert_true(mnemos_sys_serial_open_args_put(&writer, &args));
    mn_err err = prog_call(prog, MNEMOS_SYS_CALL_SERIAL_OPEN, in, (uint32_t)(writer.at - in), out,
                           sizeof out, &used);
    if (err) return err;
    struct mnemos_reader reader = {out, out + used};
    struct mnemos_sys_serial_open_reply reply;
    assert_true(mnemos_sys_serial_open_reply_get(&reader, &reply));
    *handle = reply.handle;
    return MN_OK;
}

mn_err prog_close(struct mn_prog *prog, uint32_t handle)
{
    uint8_t in[8];
    uint32_t used;
    struct mnemos_writer writer = {in, in + sizeof in};
    struct mnemos_sys_serial_close_args args = {.handle = handle};
    assert_true(mnemos_sys_serial_close_args_put(&writer, &args));
    return prog_call(prog, MNEMOS_SYS_CALL_SERIAL_CLOSE, in, (uint32_t)(writer.at - in), NULL, 0,
                     &used);
}

static mn_err transfer(struct mn_prog *prog, uint32_t number, uint32_t handle, uint32_t len,
                       uint32_t *used)
{
    uint8_t in[32], out[MNEMOS_SYS_SERIAL_READ_REPLY_MAX];
    uint64_t deadline = mn_port_now_us() + 1000000;
    struct mnemos_writer writer = {in, in + sizeof in};
    struct mnemos_span span = {buffer_addr(prog), len};
    if (number & MNEMOS_CALL_DEADLINE) {
        memcpy(writer.at, &deadline, 8);
        writer.at += 8;
    }
    struct mnemos_sys_serial_read_args args = {.handle = handle,
                                               .out = span}; /* encoded as the write's */
    assert_true(mnemos_sys_serial_read_args_put(&writer, &args));
    mn_err err = prog_call(prog, number, in, (uint32_t)(writer.at - in), out, sizeof out, used);
    if (err) return err;
    struct mnemos_reader reader = {out, out + *used};
    struct mnemos_sys_serial_read_reply reply;
    assert_true(mnemos_sys_serial_read_reply_get(&reader, &reply));
    *used = reply.used;
    return MN_OK;
}

mn_err prog_read(struct mn_prog *prog, uint32_t flags, uint32_t handle, uint32_t len,
                 uint32_t *used)
{
    return transfer(prog, MNEMOS_SYS_CALL_SERIAL_READ | flags, handle, len, used);
}

mn_err prog_write(struct mn_prog *prog, uint32_t flags, uint32_t handle, uint32_t len,
                  uint32_t *used)
{
    return transfer(prog, MNEMOS_SYS_CALL_SERIAL_WRITE | flags, handle, len, used);
}

mn_err prog_transferred(struct mn_prog *prog, uint32_t *used)
{
    uint32_t coded_len;
    mn_err err = prog_result(prog, &coded_len);
    if (err) return err;
    const uint8_t *coded = mn_memory(in_addr(prog) + IN_ROOM);
    struct mnemos_reader reader = {coded, coded + coded_len};
    struct mnemos_sys_serial_read_reply reply;
    assert_true(mnemos_sys_serial_read_reply_get(&reader, &reply) && reader.at == reader.end);
    *used = reply.used;
    return MN_OK;
}
