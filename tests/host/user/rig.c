/* rig.c — programs on a PC. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "rig.h"

static uint8_t    arena[RIG_ARENA_LEN], heap[8192];
struct mn_kernel *rig_kernel;

int rig_fresh(void **state)
{
    (void)mn_fresh_host(state);
    memset(arena, 0xee, sizeof arena);
    mn_memory_map(arena, RIG_ARENA, RIG_ARENA_LEN);
    mn_prog_reset(RIG_ARENA, RIG_ARENA_LEN);
    rig_kernel = mn_kernel_new(&MN_KERNEL_DEFAULTS, (struct mn_kernel_memory){ heap, sizeof heap },
                               (struct mn_kernel_clock){ .name = "virtual" });
    mn_sched_start(rig_kernel);
    mn_call_set_serial(NULL);
    return 0;
}

/* ---- Images ---- */

void rig_image(struct rig_image *image)
{
    memset(image, 0, sizeof *image);
    image->head = (struct mnemos_image_header){
        .magic = MNEMOS_IMAGE_MAGIC,
        .arch = MNEMOS_ARCH_ARMV7EM,
        .float_abi = MNEMOS_FLOAT_HARD,
        .abi_major = MNEMOS_ABI_MAJOR,
        .abi_minor = MNEMOS_ABI_MINOR,
        .payload_len = 600,
        .data_off = 400,
        .data_len = 40,
        .static_len = 100,
        .stack_len = 1024,
        .heap_len = 256,
        .entry_off = 16,
        .text_base = 0x10000000,
        .data_base = 0x18000000,
    };
    for (uint32_t i = 0; i < sizeof image->head.build_id; i++)
        image->head.build_id[i] = (uint8_t)(0x40 + i);
    for (uint32_t i = 0; i < sizeof image->payload; i++)
        image->payload[i] = (uint8_t)(i * 7 + 1);
}

void rig_record(struct rig_image *image, uint16_t type, const void *body, uint32_t len)
{
    uint8_t *at = image->records + image->records_len;
    uint16_t head[2] = { type, (uint16_t)len };
    memcpy(at, head, sizeof head);
    memcpy(at + sizeof head, body, len);
    image->records_len += 4 + ((len + 3) & ~3u);
}

void rig_relocs(struct rig_image *image, const struct rig_reloc *relocs, uint32_t count)
{
    uint8_t  table[2048];
    uint32_t len = 0, last = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t entry = (relocs[i].offset - last) << 1 | relocs[i].data;
        for (; entry >= 0x80; entry >>= 7)
            table[len++] = (uint8_t)(entry | 0x80);
        table[len++] = (uint8_t)entry;
        last = relocs[i].offset;
    }
    image->head.n_relocs = count;
    rig_record(image, MNEMOS_RECORD_RELOCS, table, len);
}

void rig_seal(struct rig_image *image)
{
    struct mnemos_image_header *head = &image->head;
    uint32_t head_len = MNEMOS_IMAGE_HEADER + ((image->records_len + 7) & ~7u);
    uint32_t sum_len = head->payload_len < sizeof image->payload ? head->payload_len : (uint32_t)sizeof image->payload;
    if (!head->head_len)
        head->head_len = (uint16_t)head_len;
    head->payload_crc32 = mnemos_crc32(0, image->payload, sum_len);
    head->payload_adler = mnemos_adler32(1, image->payload, sum_len);
    memset(image->bytes, 0, sizeof image->bytes);
    memcpy(image->bytes, head, sizeof *head);
    memcpy(image->bytes + sizeof *head, image->records, head_len - sizeof *head);
    if (head->head_len >= sizeof *head && head->head_len <= MNEMOS_IMAGE_HEAD_MAX)
        head->head_crc = mnemos_crc32(0, image->bytes + 8, head->head_len - 8u);
    memcpy(image->bytes, head, sizeof *head);
    memcpy(image->bytes + head_len, image->payload, sum_len);
    image->len = head_len + sum_len;
}

mn_err rig_finish(struct mn_prog *prog, const struct rig_image *image)
{
    struct mn_task task = { .state = MN_TASK_READY }; /* and so it stays: nobody but this loop polls it */
    struct mn_cx   cx = { &task };
    mn_err         err;
    do
        err = mn_prog_finish_poll(prog, &cx, image->bytes);
    while (err == MN_PENDING);
    return err;
}

struct mn_prog *rig_load(const struct rig_image *image, const char *name)
{
    struct mn_prog *prog;
    assert_int_equal(mn_prog_reserve(&image->head, name, 0, &prog), MN_OK);
    memcpy(mn_prog_rx(prog), image->bytes + image->head.head_len, image->head.payload_len);
    assert_int_equal(rig_finish(prog, image), MN_OK);
    return prog;
}

struct mn_prog *rig_loaded(const char *name)
{
    static struct rig_image image;
    rig_image(&image);
    rig_seal(&image);
    return rig_load(&image, name);
}

struct mn_prog *rig_started(const char *name)
{
    struct mn_prog *prog = rig_loaded(name);
    assert_int_equal(mn_prog_start(prog, NULL, 0), MN_OK);
    return prog;
}

/* ---- The processor ---- */

struct mn_prog *rig_switch(void)
{
    mn_sched.current = NULL;
    mn_sched.current = mn_schedule();
    (void)mn_host_pended();
    return mn_sched.current;
}

struct mn_frame *rig_frame(void)
{
    return (struct mn_frame *)(void *)mn_memory(mn_sched.current->context.psp);
}

struct rig_answer rig_call(uint32_t r12, uint32_t in, uint32_t in_len, uint32_t out, uint32_t out_len)
{
    struct mn_frame *frame = rig_frame();
    frame->r0 = in;
    frame->r1 = in_len;
    frame->r2 = out;
    frame->r3 = out_len;
    frame->r12 = r12;
    (void)mn_host_pended();
    uint32_t       number = r12 < MNEMOS_SYS_CALL_COUNT ? r12 : (uint32_t)MNEMOS_SYS_CALL_COUNT;
    mn_call_result result = mn_calls[number](frame, mn_sched.current);
    if (mn_sched.current) {
        frame->r0 = (uint32_t)result;
        frame->r1 = (uint32_t)(result >> 32);
    }
    return (struct rig_answer){ (mn_err)frame->r0, frame->r1, mn_host_pended() };
}

uint32_t rig_in(void)
{
    return mn_prog_heap_addr(mn_sched.current);
}

uint32_t rig_out(void)
{
    return rig_in() + RIG_SLICE;
}

struct rig_answer rig_message(uint32_t r12, const void *message, uint32_t len, void *reply, uint32_t cap)
{
    if (len)
        memcpy(mn_memory(rig_in()), message, len);
    struct rig_answer answer = rig_call(r12, rig_in(), len, rig_out(), cap);
    if (mn_sched.current && answer.err == MN_OK && answer.used && answer.used <= cap && !mn_sched.current->call.pending)
        memcpy(reply, mn_memory(rig_out()), answer.used);
    return answer;
}
