/* loader_requests.c — what each request of the host does, and what a refusal says. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/core/heap.h"
#include "kernel/core/service.h"
#include "kernel/core/port.h"
#include "kernel/services/loader_priv.h"
#include "kernel/core/port.h"
#include <mnemos/abi/error.h>
#include <mnemos/abi/svc.h>
#include <string.h>

#define GRANULE 1024u

void mn_loader_refuse(struct loader *loader, mn_err err, uint32_t have, uint32_t want)
{
    loader->body.tag = MNEMOS_LOADER_ANSWER_BODY_REFUSED;
    loader->body.refused.error = err;
    loader->body.refused.have = have;
    loader->body.refused.want = want;
}

static struct mnemos_bytes text(const char *from)
{
    uint32_t len = 0;
    while (from[len] && len < MN_PROG_NAME_MAX) len++;
    return (struct mnemos_bytes){(const uint8_t *)from, len};
}

void mn_loader_describe(struct mnemos_loader_program *out, const struct mn_prog *prog)
{
    *out = (struct mnemos_loader_program){
        .handle = mn_prog_handle(prog),
        .name = text(prog->name),
        .state = prog->state,
        .rx_addr = prog->rx_addr,
        .rx_len = prog->rx_len,
        .rw_addr = prog->rw_addr,
        .rw_len = prog->rw_len,
        .stack_len = prog->head.stack_len,
        .data_addr = mn_prog_data_addr(prog),
        .port_base = prog->port_base,
        .starts = prog->starts,
        .run_us = mn_prog_run_us(prog),
        .late = prog->late,
    };
    memcpy(out->build_id, prog->head.build_id, sizeof out->build_id);
}

void mn_loader_drop_upload(struct loader *loader)
{
    loader->finishing = false;
    if (!loader->uploading) return;
    mn_prog_unload(loader->uploading);
    loader->uploading = NULL;
}

static uint32_t round_up(uint64_t len)
{
    uint64_t rounded = (len + GRANULE - 1u) / GRANULE * GRANULE;
    return rounded > UINT32_MAX ? UINT32_MAX : (uint32_t)rounded;
}

/* The larger of the two blocks that an image asks for. */
static uint32_t largest_block(const struct mnemos_image_header *head, uint32_t scratch)
{
    uint64_t rw = (uint64_t)head->stack_len + head->static_len + head->heap_len;
    if (rw < scratch) rw = scratch;
    return round_up(rw > head->payload_len ? rw : head->payload_len);
}

static mn_err refuse_image(struct loader *loader, mn_err err,
                           const struct mnemos_image_header *head, uint32_t scratch)
{
    uint32_t have = 0, want = 0;
    if (err == MNEMOS_ERR_NO_ROOM || err == MNEMOS_ERR_TOO_BIG) {
        have = mn_prog_arena().largest;
        want = largest_block(head, scratch);
    } else if (err == MNEMOS_ERR_TOO_MANY_PROGRAMS) {
        have = MN_MAX_PROGRAMS;
        want = have + 1u;
    } else if (err == MNEMOS_ERR_IMAGE_ABI) {
        bool same = head->abi_major == MNEMOS_ABI_MAJOR;
        have = same ? MNEMOS_ABI_MINOR : MNEMOS_ABI_MAJOR;
        want = same ? head->abi_minor : head->abi_major;
    } else if (err == MNEMOS_ERR_IMAGE_ARCH) {
        have = MNEMOS_ARCH_ARMV7EM;
        want = head->arch;
    } else if (err == MNEMOS_ERR_IMAGE_FLOAT) {
        have = mn_board.fpu;
        want = head->float_abi;
    } else if (err == MNEMOS_ERR_IMAGE_STACK) {
        have = head->stack_len;
        want = MNEMOS_IMAGE_STACK_MIN;
    }
    mn_loader_refuse(loader, err, have, want);
    return MN_OK;
}

static bool name_ok(struct mnemos_bytes name)
{
    for (uint32_t i = 0; i < name.len; i++) {
        uint8_t c = name.data[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!letter && c != '.' && c != '_' && c != '-') return false;
    }
    return name.len >= 1 && name.len <= MN_PROG_NAME_MAX;
}

/* The first units of the RW block hold the bitmap and, behind it, the head; the program's own
 * memory begins only when it starts. */
static void open_upload(struct loader *loader, struct mn_prog *prog, uint32_t head_len,
                        uint32_t total)
{
    uint32_t bitmap_len = (mn_upload_bitmap_len(total) + 7u) / 8u * 8u;
    loader->uploading = prog;
    loader->upload = (struct mn_upload){
        .bitmap = mn_prog_rw(prog),
        .head = mn_prog_rw(prog) + bitmap_len,
        .payload = mn_prog_rx(prog),
        .head_len = head_len,
        .total = total,
    };
    mn_upload_begin(&loader->upload);
}

static mn_err do_begin(struct loader *loader, struct mnemos_bytes head_bytes, uint32_t total,
                       struct mnemos_bytes name)
{
    struct mnemos_image_header head;
    struct mn_prog *prog;
    char name_text[MN_PROG_NAME_MAX + 1] = {0};
    mn_loader_drop_upload(loader);
    if (head_bytes.len != sizeof head) {
        mn_loader_refuse(loader, MNEMOS_ERR_IMAGE_SHORT, head_bytes.len, sizeof head);
        return MN_OK;
    }
    if (!name_ok(name)) {
        mn_loader_refuse(loader, MNEMOS_ERR_BAD_ARGUMENT, name.len, MN_PROG_NAME_MAX);
        return MN_OK;
    }
    memcpy(&head, head_bytes.data, sizeof head);
    memcpy(name_text, name.data, name.len);
    uint64_t file = (uint64_t)head.head_len + head.payload_len;
    uint32_t bitmap_len = mn_upload_bitmap_len(file > UINT32_MAX ? UINT32_MAX : (uint32_t)file);
    uint32_t scratch = (bitmap_len + 7u) / 8u * 8u + head.head_len;
    mn_err err = mn_prog_reserve(&head, name_text, scratch, &prog);
    if (err) return refuse_image(loader, err, &head, scratch);
    if (file != total) {
        mn_prog_unload(prog);
        mn_loader_refuse(loader, MNEMOS_ERR_IMAGE_PAYLOAD, total, (uint32_t)file);
        return MN_OK;
    }
    open_upload(loader, prog, head.head_len, total);
    loader->body.tag = MNEMOS_LOADER_ANSWER_BODY_BEGUN;
    loader->body.begun.handle = mn_prog_handle(prog);
    return MN_OK;
}

static mn_err do_end(struct loader *loader, uint32_t crc32, uint32_t adler32)
{
    if (!loader->uploading) {
        mn_loader_refuse(loader, MNEMOS_ERR_NO_UPLOAD, 0, 0);
        return MN_OK;
    }
    if (!mn_upload_complete(&loader->upload)) {
        loader->owes_ack = true;
        mn_loader_refuse(loader, MNEMOS_ERR_UPLOAD_INCOMPLETE, loader->upload.hole,
                         loader->upload.total);
        return MN_OK;
    }
    loader->finishing = true;
    loader->end_crc32 = crc32;
    loader->end_adler32 = adler32;
    loader->checked = 0;
    loader->crc32 = 0;
    loader->adler32 = 1;
    return MN_PENDING;
}

static void done(struct loader *loader)
{
    loader->body.tag = MNEMOS_LOADER_ANSWER_BODY_DONE;
}

static void do_abort(struct loader *loader)
{
    if (!loader->uploading) {
        mn_loader_refuse(loader, MNEMOS_ERR_NO_UPLOAD, 0, 0);
        return;
    }
    mn_loader_drop_upload(loader);
    done(loader);
}

static void do_map(struct loader *loader)
{
    if (!loader->uploading) {
        mn_loader_refuse(loader, MNEMOS_ERR_NO_UPLOAD, 0, 0);
        return;
    }
    loader->owes_ack = true;
    done(loader);
}

/* The program a request names, or NULL after a refusal. */
static const struct mn_prog *named(struct loader *loader, uint32_t handle)
{
    const struct mn_prog *prog = mn_prog_find(handle);
    if (!prog) mn_loader_refuse(loader, MNEMOS_ERR_NO_PROGRAM, 0, handle);
    return prog;
}

/* What was to be done with a program is done, or refused with what its state says. */
static void done_or_refused(struct loader *loader, mn_err err, uint32_t handle)
{
    const struct mn_prog *prog = err ? named(loader, handle) : NULL;
    if (prog) mn_loader_refuse(loader, err, prog->state, 0);
    if (!err) done(loader);
}

static void do_start(struct loader *loader, uint32_t handle, struct mnemos_bytes args)
{
    const struct mn_prog *prog = mn_prog_find(handle);
    mn_err err = mn_loader_start_program(handle, args.data, args.len, &prog);
    if (err == MNEMOS_ERR_TOO_BIG) {
        mn_loader_refuse(loader, err, prog->head.stack_len, args.len);
        return;
    }
    if (err) {
        done_or_refused(loader, err, handle);
        return;
    }
    loader->body.tag = MNEMOS_LOADER_ANSWER_BODY_STARTED;
    loader->body.started.handle = mn_prog_handle(prog);
    loader->body.started.port_base = prog->port_base;
}

static void do_stop(struct loader *loader, uint32_t handle, bool kill)
{
    done_or_refused(loader, mn_loader_stop_program(handle, kill), handle);
}

static void do_unload(struct loader *loader, uint32_t handle)
{
    done_or_refused(loader, mn_loader_unload_program(loader, handle), handle);
}

static void do_list(struct loader *loader, uint8_t slot)
{
    const struct mn_prog *prog = mn_prog_at(slot);
    if (slot >= MN_MAX_PROGRAMS) {
        mn_loader_refuse(loader, MNEMOS_ERR_BAD_ARGUMENT, MN_MAX_PROGRAMS, slot);
        return;
    }
    loader->body.tag = MNEMOS_LOADER_ANSWER_BODY_LISTED;
    loader->body.listed.program.some = prog != NULL;
    if (prog) mn_loader_describe(&loader->body.listed.program.value, prog);
}

static void do_ending(struct loader *loader, uint32_t handle)
{
    const struct mn_prog *prog = named(loader, handle);
    if (!prog) return;
    if (prog->state != MN_PROG_ENDED) {
        mn_loader_refuse(loader, MNEMOS_ERR_NOT_READY, prog->state, 0);
        return;
    }
    loader->body.tag = MNEMOS_LOADER_ANSWER_BODY_ENDED;
    loader->body.ended.ending = prog->ending;
}

static void do_fault(struct loader *loader, uint32_t handle)
{
    const struct mn_prog *prog = named(loader, handle);
    if (!prog) return;
    loader->body.tag = MNEMOS_LOADER_ANSWER_BODY_FAULTED;
    loader->body.faulted.fault.some = prog->has_fault;
    if (prog->has_fault) loader->body.faulted.fault.value = prog->fault;
}

static uint8_t count_programs(void)
{
    uint8_t count = 0;
    for (uint32_t slot = 0; slot < MN_MAX_PROGRAMS; slot++) {
        if (mn_prog_at(slot)) count++;
    }
    return count;
}

static void do_info(struct loader *loader)
{
    struct mnemos_loader_info *info = &loader->body.info.info;
    struct mn_arena_stats arena = mn_prog_arena();
    struct mn_heap_stats heap = mn_heap_stats();
    struct mn_mux_stats mux = mn_mux_stats();
    loader->body.tag = MNEMOS_LOADER_ANSWER_BODY_INFO;
    *info = (struct mnemos_loader_info){
        .abi_major = MNEMOS_ABI_MAJOR,
        .abi_minor = MNEMOS_ABI_MINOR,
        .kernel = text(mn_board.version),
        .board = text(mn_board.name),
        .arch = MNEMOS_ARCH_ARMV7EM,
        .fpu = mn_board.fpu,
        .baud = mn_mux_baud(),
        .uptime_us = mn_port_now_us(),
        .arena = arena.total,
        .free = arena.free,
        .largest = arena.largest,
        .programs = count_programs(),
        .max_programs = MN_MAX_PROGRAMS,
        .heap = (uint32_t)heap.total,
        .heap_free = (uint32_t)heap.free,
        .bad_frames = mux.bad_frames,
        .dropped = mux.dropped,
        .crash.some = loader->crash != NULL,
    };
    if (loader->crash) info->crash.value = *loader->crash;
    if (loader->sleep_stats) loader->sleep_stats(&info->idle_us, &info->wakeups);
}

static void do_service(struct loader *loader, uint16_t index)
{
    struct mnemos_loader_service *out = &loader->body.service.service.value;
    const struct mn_service *service = mn_registry_after(NULL, false);
    while (service && index--) service = mn_registry_after(service, false);
    loader->body.tag = MNEMOS_LOADER_ANSWER_BODY_SERVICE;
    loader->body.service.service.some = service != NULL;
    if (!service) return;
    *out = (struct mnemos_loader_service){
        .name = text(service->type->name),
        .calls = service->type->calls,
        .shape = service->type->shapes[service->type->calls],
        .programs = service->terms.for_programs,
        .clients = service->clients,
        .served = service->served,
    };
    memcpy(out->uuid, service->type->uuid.bytes, sizeof out->uuid);
}

mn_err mn_loader_perform(struct loader *loader, const struct mnemos_loader_request_body *request)
{
    switch (request->tag) {
    case MNEMOS_LOADER_REQUEST_BODY_INFO:
        do_info(loader);
        break;
    case MNEMOS_LOADER_REQUEST_BODY_BEGIN:
        return do_begin(loader, request->begin.head, request->begin.total, request->begin.name);
    case MNEMOS_LOADER_REQUEST_BODY_END:
        return do_end(loader, request->end.crc32, request->end.adler32);
    case MNEMOS_LOADER_REQUEST_BODY_ABORT:
        do_abort(loader);
        break;
    case MNEMOS_LOADER_REQUEST_BODY_START:
        do_start(loader, request->start.handle, request->start.args);
        break;
    case MNEMOS_LOADER_REQUEST_BODY_STOP:
        do_stop(loader, request->stop.handle, request->stop.kill);
        break;
    case MNEMOS_LOADER_REQUEST_BODY_UNLOAD:
        do_unload(loader, request->unload.handle);
        break;
    case MNEMOS_LOADER_REQUEST_BODY_LIST:
        do_list(loader, request->list.slot);
        break;
    case MNEMOS_LOADER_REQUEST_BODY_ENDING:
        do_ending(loader, request->ending.handle);
        break;
    case MNEMOS_LOADER_REQUEST_BODY_FAULT:
        do_fault(loader, request->fault.handle);
        break;
    case MNEMOS_LOADER_REQUEST_BODY_MAP:
        do_map(loader);
        break;
    case MNEMOS_LOADER_REQUEST_BODY_SERVICE:
        do_service(loader, request->service.index);
        break;
    default:
        mn_loader_refuse(loader, MNEMOS_ERR_NOT_SUPPORTED, 0, 0);
        break;
    }
    return MN_OK;
}
