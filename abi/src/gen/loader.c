/* loader.c — codecs of loader.h. Generated from abi/schema/loader.toml by tools/abigen: edit that
 * file, not this one. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include <mnemos/abi/loader.h>

bool mnemos_loader_program_put(struct mnemos_writer *w, const struct mnemos_loader_program *m)
{
    uint8_t *at = w->at;
    if (m->name.len > 24u) return false;
    if (!mnemos_utf8_ok(m->name.data, m->name.len)) return false;
    if ((size_t)(w->end - at) < 80u + m->name.len) return false;
    at = mnemos_store_u32(at, m->handle);
    at = mnemos_store_bytes(at, m->name);
    at = mnemos_store_u8(at, m->state);
    at = mnemos_store_raw(at, m->build_id, sizeof m->build_id);
    at = mnemos_store_u32(at, m->rx_addr);
    at = mnemos_store_u32(at, m->rx_len);
    at = mnemos_store_u32(at, m->rw_addr);
    at = mnemos_store_u32(at, m->rw_len);
    at = mnemos_store_u32(at, m->stack_len);
    at = mnemos_store_u32(at, m->data_addr);
    at = mnemos_store_u16(at, m->port_base);
    at = mnemos_store_u32(at, m->starts);
    at = mnemos_store_u64(at, m->run_us);
    at = mnemos_store_u32(at, m->late);
    w->at = at;
    return true;
}

bool mnemos_loader_program_get(struct mnemos_reader *r, struct mnemos_loader_program *m)
{
    const uint8_t *at = r->at;
    const uint8_t *end = r->end;
    if ((size_t)(end - at) < 33u) return false;
    at = mnemos_load_u32(at, end - 32, &m->handle);
    if (!at) return false;
    at = mnemos_load_string(at, end - 31, 24u, &m->name);
    if (!at) return false;
    at = mnemos_load_u8(at, &m->state);
    at = mnemos_load_raw(at, m->build_id, sizeof m->build_id);
    at = mnemos_load_u32(at, end - 9, &m->rx_addr);
    if (!at) return false;
    at = mnemos_load_u32(at, end - 8, &m->rx_len);
    if (!at) return false;
    at = mnemos_load_u32(at, end - 7, &m->rw_addr);
    if (!at) return false;
    at = mnemos_load_u32(at, end - 6, &m->rw_len);
    if (!at) return false;
    at = mnemos_load_u32(at, end - 5, &m->stack_len);
    if (!at) return false;
    at = mnemos_load_u32(at, end - 4, &m->data_addr);
    if (!at) return false;
    at = mnemos_load_u16(at, end - 3, &m->port_base);
    if (!at) return false;
    at = mnemos_load_u32(at, end - 2, &m->starts);
    if (!at) return false;
    at = mnemos_load_u64(at, end - 1, &m->run_us);
    if (!at) return false;
    at = mnemos_load_u32(at, end, &m->late);
    if (!at) return false;
    r->at = at;
    return true;
}

bool mnemos_loader_ending_put(struct mnemos_writer *w, const struct mnemos_loader_ending *m)
{
    uint8_t *at = w->at;
    if (m->message.len > 96u) return false;
    if (!mnemos_utf8_ok(m->message.data, m->message.len)) return false;
    if ((size_t)(w->end - at) < 12u + m->message.len) return false;
    at = mnemos_store_u32(at, m->handle);
    at = mnemos_store_u8(at, m->reason);
    at = mnemos_store_i32(at, m->status);
    at = mnemos_store_bytes(at, m->message);
    if (m->ports.len > 4u) return false;
    if ((size_t)(w->end - at) < 1u) return false;
    at = mnemos_store_u32(at, m->ports.len);
    for (uint32_t i = 0; i < m->ports.len; i++) {
        w->at = at;
        if (!mnemos_loader_port_total_put(w, &m->ports.items[i])) return false;
        at = w->at;
    }
    if ((size_t)(w->end - at) < 20u) return false;
    at = mnemos_store_u32(at, m->stack_peak);
    at = mnemos_store_u32(at, m->heap_peak);
    at = mnemos_store_u64(at, m->life_us);
    w->at = at;
    return true;
}

bool mnemos_loader_ending_get(struct mnemos_reader *r, struct mnemos_loader_ending *m)
{
    const uint8_t *at = r->at;
    const uint8_t *end = r->end;
    if ((size_t)(end - at) < 4u) return false;
    at = mnemos_load_u32(at, end - 3, &m->handle);
    if (!at) return false;
    at = mnemos_load_u8(at, &m->reason);
    at = mnemos_load_i32(at, end - 1, &m->status);
    if (!at) return false;
    at = mnemos_load_string(at, end, 96u, &m->message);
    if (!at) return false;
    if (at == end) return false;
    at = mnemos_load_len(at, end, 4u, &m->ports.len);
    if (!at) return false;
    for (uint32_t i = 0; i < m->ports.len; i++) {
        r->at = at;
        if (!mnemos_loader_port_total_get(r, &m->ports.items[i])) return false;
        at = r->at;
    }
    if ((size_t)(end - at) < 3u) return false;
    at = mnemos_load_u32(at, end - 2, &m->stack_peak);
    if (!at) return false;
    at = mnemos_load_u32(at, end - 1, &m->heap_peak);
    if (!at) return false;
    at = mnemos_load_u64(at, end, &m->life_us);
    if (!at) return false;
    r->at = at;
    return true;
}

bool mnemos_loader_fault_put(struct mnemos_writer *w, const struct mnemos_loader_fault *m)
{
    uint8_t *at = w->at;
    if ((size_t)(w->end - at) < 7u) return false;
    at = mnemos_store_u32(at, m->handle);
    at = mnemos_store_u8(at, m->kind);
    at = mnemos_store_bool(at, m->regs_valid);
    if ((size_t)(w->end - at) < 17u * 5u) return false;
    for (uint32_t i = 0; i < 17u; i++) {
        at = mnemos_store_u32(at, m->regs[i]);
    }
    if (m->stack.len > 256u) return false;
    if ((size_t)(w->end - at) < 87u + m->stack.len) return false;
    at = mnemos_store_u32(at, m->cfsr);
    at = mnemos_store_u32(at, m->hfsr);
    at = mnemos_store_u32(at, m->mmfar);
    at = mnemos_store_u32(at, m->bfar);
    at = mnemos_store_u32(at, m->call);
    at = mnemos_store_u32(at, m->rx_addr);
    at = mnemos_store_u32(at, m->rx_len);
    at = mnemos_store_u32(at, m->rw_addr);
    at = mnemos_store_u32(at, m->rw_len);
    at = mnemos_store_u32(at, m->stack_len);
    at = mnemos_store_u32(at, m->data_addr);
    at = mnemos_store_raw(at, m->build_id, sizeof m->build_id);
    at = mnemos_store_u64(at, m->at_us);
    at = mnemos_store_bytes(at, m->stack);
    w->at = at;
    return true;
}

bool mnemos_loader_fault_get(struct mnemos_reader *r, struct mnemos_loader_fault *m)
{
    const uint8_t *at = r->at;
    const uint8_t *end = r->end;
    if ((size_t)(end - at) < 3u) return false;
    at = mnemos_load_u32(at, end - 2, &m->handle);
    if (!at) return false;
    at = mnemos_load_u8(at, &m->kind);
    at = mnemos_load_bool(at, &m->regs_valid);
    if (!at) return false;
    for (uint32_t i = 0; i < 17u; i++) {
        if (at == end) return false;
        at = mnemos_load_u32(at, end, &m->regs[i]);
        if (!at) return false;
    }
    if ((size_t)(end - at) < 33u) return false;
    at = mnemos_load_u32(at, end - 32, &m->cfsr);
    if (!at) return false;
    at = mnemos_load_u32(at, end - 31, &m->hfsr);
    if (!at) return false;
    at = mnemos_load_u32(at, end - 30, &m->mmfar);
    if (!at) return false;
    at = mnemos_load_u32(at, end - 29, &m->bfar);
    if (!at) return false;
    at = mnemos_load_u32(at, end - 28, &m->call);
    if (!at) return false;
    at = mnemos_load_u32(at, end - 27, &m->rx_addr);
    if (!at) return false;
    at = mnemos_load_u32(at, end - 26, &m->rx_len);
    if (!at) return false;
    at = mnemos_load_u32(at, end - 25, &m->rw_addr);
    if (!at) return false;
    at = mnemos_load_u32(at, end - 24, &m->rw_len);
    if (!at) return false;
    at = mnemos_load_u32(at, end - 23, &m->stack_len);
    if (!at) return false;
    at = mnemos_load_u32(at, end - 22, &m->data_addr);
    if (!at) return false;
    at = mnemos_load_raw(at, m->build_id, sizeof m->build_id);
    at = mnemos_load_u64(at, end - 1, &m->at_us);
    if (!at) return false;
    at = mnemos_load_bytes(at, end, 256u, &m->stack);
    if (!at) return false;
    r->at = at;
    return true;
}

bool mnemos_loader_crash_put(struct mnemos_writer *w, const struct mnemos_loader_crash *m)
{
    uint8_t *at = w->at;
    if (m->reason.len > 64u) return false;
    if (!mnemos_utf8_ok(m->reason.data, m->reason.len)) return false;
    if (m->file.len > 48u) return false;
    if (!mnemos_utf8_ok(m->file.data, m->file.len)) return false;
    if (m->task.len > 16u) return false;
    if (!mnemos_utf8_ok(m->task.data, m->task.len)) return false;
    if ((size_t)(w->end - at) < 8u + m->reason.len + m->file.len + m->task.len) return false;
    at = mnemos_store_bytes(at, m->reason);
    at = mnemos_store_bytes(at, m->file);
    at = mnemos_store_u32(at, m->line);
    at = mnemos_store_bytes(at, m->task);
    if ((size_t)(w->end - at) < 17u * 5u) return false;
    for (uint32_t i = 0; i < 17u; i++) {
        at = mnemos_store_u32(at, m->regs[i]);
    }
    if ((size_t)(w->end - at) < 30u) return false;
    at = mnemos_store_u32(at, m->cfsr);
    at = mnemos_store_u32(at, m->hfsr);
    at = mnemos_store_u32(at, m->mmfar);
    at = mnemos_store_u32(at, m->bfar);
    at = mnemos_store_u64(at, m->at_us);
    w->at = at;
    return true;
}

bool mnemos_loader_crash_get(struct mnemos_reader *r, struct mnemos_loader_crash *m)
{
    const uint8_t *at = r->at;
    const uint8_t *end = r->end;
    if ((size_t)(end - at) < 4u) return false;
    at = mnemos_load_string(at, end - 3, 64u, &m->reason);
    if (!at) return false;
    at = mnemos_load_string(at, end - 2, 48u, &m->file);
    if (!at) return false;
    at = mnemos_load_u32(at, end - 1, &m->line);
    if (!at) return false;
    at = mnemos_load_string(at, end, 16u, &m->task);
    if (!at) return false;
    for (uint32_t i = 0; i < 17u; i++) {
        if (at == end) return false;
        at = mnemos_load_u32(at, end, &m->regs[i]);
        if (!at) return false;
    }
    if ((size_t)(end - at) < 5u) return false;
    at = mnemos_load_u32(at, end - 4, &m->cfsr);
    if (!at) return false;
    at = mnemos_load_u32(at, end - 3, &m->hfsr);
    if (!at) return false;
    at = mnemos_load_u32(at, end - 2, &m->mmfar);
    if (!at) return false;
    at = mnemos_load_u32(at, end - 1, &m->bfar);
    if (!at) return false;
    at = mnemos_load_u64(at, end, &m->at_us);
    if (!at) return false;
    r->at = at;
    return true;
}

bool mnemos_loader_info_put(struct mnemos_writer *w, const struct mnemos_loader_info *m)
{
    uint8_t *at = w->at;
    if (m->kernel.len > 24u) return false;
    if (!mnemos_utf8_ok(m->kernel.data, m->kernel.len)) return false;
    if (m->board.len > 24u) return false;
    if (!mnemos_utf8_ok(m->board.data, m->board.len)) return false;
    if ((size_t)(w->end - at) < 77u + m->kernel.len + m->board.len) return false;
    at = mnemos_store_u16(at, m->abi_major);
    at = mnemos_store_u16(at, m->abi_minor);
    at = mnemos_store_bytes(at, m->kernel);
    at = mnemos_store_bytes(at, m->board);
    at = mnemos_store_u8(at, m->arch);
    at = mnemos_store_bool(at, m->fpu);
    at = mnemos_store_u32(at, m->baud);
    at = mnemos_store_u64(at, m->uptime_us);
    at = mnemos_store_u32(at, m->arena);
    at = mnemos_store_u32(at, m->free);
    at = mnemos_store_u32(at, m->largest);
    at = mnemos_store_u8(at, m->programs);
    at = mnemos_store_u8(at, m->max_programs);
    at = mnemos_store_u32(at, m->heap);
    at = mnemos_store_u32(at, m->heap_free);
    at = mnemos_store_u32(at, m->bad_frames);
    at = mnemos_store_u32(at, m->dropped);
    at = mnemos_store_u64(at, m->idle_us);
    at = mnemos_store_u32(at, m->wakeups);
    if (at == w->end) return false;
    at = mnemos_store_bool(at, m->crash.some);
    if (m->crash.some) {
        w->at = at;
        if (!mnemos_loader_crash_put(w, &m->crash.value)) return false;
        at = w->at;
    }
    w->at = at;
    return true;
}

bool mnemos_loader_info_get(struct mnemos_reader *r, struct mnemos_loader_info *m)
{
    const uint8_t *at = r->at;
    const uint8_t *end = r->end;
    if ((size_t)(end - at) < 19u) return false;
    at = mnemos_load_u16(at, end - 18, &m->abi_major);
    if (!at) return false;
    at = mnemos_load_u16(at, end - 17, &m->abi_minor);
    if (!at) return false;
    at = mnemos_load_string(at, end - 16, 24u, &m->kernel);
    if (!at) return false;
    at = mnemos_load_string(at, end - 15, 24u, &m->board);
    if (!at) return false;
    at = mnemos_load_u8(at, &m->arch);
    at = mnemos_load_bool(at, &m->fpu);
    if (!at) return false;
    at = mnemos_load_u32(at, end - 12, &m->baud);
    if (!at) return false;
    at = mnemos_load_u64(at, end - 11, &m->uptime_us);
    if (!at) return false;
    at = mnemos_load_u32(at, end - 10, &m->arena);
    if (!at) return false;
    at = mnemos_load_u32(at, end - 9, &m->free);
    if (!at) return false;
    at = mnemos_load_u32(at, end - 8, &m->largest);
    if (!at) return false;
    at = mnemos_load_u8(at, &m->programs);
    at = mnemos_load_u8(at, &m->max_programs);
    at = mnemos_load_u32(at, end - 5, &m->heap);
    if (!at) return false;
    at = mnemos_load_u32(at, end - 4, &m->heap_free);
    if (!at) return false;
    at = mnemos_load_u32(at, end - 3, &m->bad_frames);
    if (!at) return false;
    at = mnemos_load_u32(at, end - 2, &m->dropped);
    if (!at) return false;
    at = mnemos_load_u64(at, end - 1, &m->idle_us);
    if (!at) return false;
    at = mnemos_load_u32(at, end, &m->wakeups);
    if (!at) return false;
    if (at == end) return false;
    at = mnemos_load_bool(at, &m->crash.some);
    if (!at) return false;
    if (m->crash.some) {
        r->at = at;
        if (!mnemos_loader_crash_get(r, &m->crash.value)) return false;
        at = r->at;
    }
    r->at = at;
    return true;
}

bool mnemos_loader_request_body_put(struct mnemos_writer *w,
                                    const struct mnemos_loader_request_body *m)
{
    uint8_t *at = w->at;
    if (at == w->end) return false;
    *at++ = m->tag;
    switch (m->tag) {
    case MNEMOS_LOADER_REQUEST_BODY_INFO:
        break;
    case MNEMOS_LOADER_REQUEST_BODY_BEGIN:
        if (m->begin.head.len > 88u) return false;
        if (m->begin.name.len > 24u) return false;
        if (!mnemos_utf8_ok(m->begin.name.data, m->begin.name.len)) return false;
        if ((size_t)(w->end - at) < 7u + m->begin.head.len + m->begin.name.len) return false;
        at = mnemos_store_bytes(at, m->begin.head);
        at = mnemos_store_u32(at, m->begin.total);
        at = mnemos_store_bytes(at, m->begin.name);
        break;
    case MNEMOS_LOADER_REQUEST_BODY_DATA:
        if (m->data.bytes.len > 512u) return false;
        if ((size_t)(w->end - at) < 7u + m->data.bytes.len) return false;
        at = mnemos_store_u32(at, m->data.offset);
        at = mnemos_store_bytes(at, m->data.bytes);
        break;
    case MNEMOS_LOADER_REQUEST_BODY_END:
        if ((size_t)(w->end - at) < 10u) return false;
        at = mnemos_store_u32(at, m->end.crc32);
        at = mnemos_store_u32(at, m->end.adler32);
        break;
    case MNEMOS_LOADER_REQUEST_BODY_ABORT:
        break;
    case MNEMOS_LOADER_REQUEST_BODY_START:
        if (m->start.args.len > 256u) return false;
        if ((size_t)(w->end - at) < 7u + m->start.args.len) return false;
        at = mnemos_store_u32(at, m->start.handle);
        at = mnemos_store_bytes(at, m->start.args);
        break;
    case MNEMOS_LOADER_REQUEST_BODY_STOP:
        if ((size_t)(w->end - at) < 6u) return false;
        at = mnemos_store_u32(at, m->stop.handle);
        at = mnemos_store_bool(at, m->stop.kill);
        break;
    case MNEMOS_LOADER_REQUEST_BODY_UNLOAD:
        if ((size_t)(w->end - at) < 5u) return false;
        at = mnemos_store_u32(at, m->unload.handle);
        break;
    case MNEMOS_LOADER_REQUEST_BODY_LIST:
        if ((size_t)(w->end - at) < 1u) return false;
        at = mnemos_store_u8(at, m->list.slot);
        break;
    case MNEMOS_LOADER_REQUEST_BODY_ENDING:
        if ((size_t)(w->end - at) < 5u) return false;
        at = mnemos_store_u32(at, m->ending.handle);
        break;
    case MNEMOS_LOADER_REQUEST_BODY_FAULT:
        if ((size_t)(w->end - at) < 5u) return false;
        at = mnemos_store_u32(at, m->fault.handle);
        break;
    case MNEMOS_LOADER_REQUEST_BODY_MAP:
        break;
    case MNEMOS_LOADER_REQUEST_BODY_SERVICE:
        if ((size_t)(w->end - at) < 3u) return false;
        at = mnemos_store_u16(at, m->service.index);
        break;
    default:
        return false;
    }
    w->at = at;
    return true;
}

bool mnemos_loader_request_body_get(struct mnemos_reader *r, struct mnemos_loader_request_body *m)
{
    const uint8_t *at = r->at;
    const uint8_t *end = r->end;
    if (at == end) return false;
    at = mnemos_load_tag(at, end, 13, &m->tag);
    if (!at) return false;
    switch (m->tag) {
    case MNEMOS_LOADER_REQUEST_BODY_BEGIN:
        if ((size_t)(end - at) < 3u) return false;
        at = mnemos_load_bytes(at, end - 2, 88u, &m->begin.head);
        if (!at) return false;
        at = mnemos_load_u32(at, end - 1, &m->begin.total);
        if (!at) return false;
        at = mnemos_load_string(at, end, 24u, &m->begin.name);
        if (!at) return false;
        break;
    case MNEMOS_LOADER_REQUEST_BODY_DATA:
        if ((size_t)(end - at) < 2u) return false;
        at = mnemos_load_u32(at, end - 1, &m->data.offset);
        if (!at) return false;
        at = mnemos_load_bytes(at, end, 512u, &m->data.bytes);
        if (!at) return false;
        break;
    case MNEMOS_LOADER_REQUEST_BODY_END:
        if ((size_t)(end - at) < 2u) return false;
        at = mnemos_load_u32(at, end - 1, &m->end.crc32);
        if (!at) return false;
        at = mnemos_load_u32(at, end, &m->end.adler32);
        if (!at) return false;
        break;
    case MNEMOS_LOADER_REQUEST_BODY_START:
        if ((size_t)(end - at) < 2u) return false;
        at = mnemos_load_u32(at, end - 1, &m->start.handle);
        if (!at) return false;
        at = mnemos_load_bytes(at, end, 256u, &m->start.args);
        if (!at) return false;
        break;
    case MNEMOS_LOADER_REQUEST_BODY_STOP:
        if ((size_t)(end - at) < 2u) return false;
        at = mnemos_load_u32(at, end - 1, &m->stop.handle);
        if (!at) return false;
        at = mnemos_load_bool(at, &m->stop.kill);
        if (!at) return false;
        break;
    case MNEMOS_LOADER_REQUEST_BODY_UNLOAD:
        if (at == end) return false;
        at = mnemos_load_u32(at, end, &m->unload.handle);
        if (!at) return false;
        break;
    case MNEMOS_LOADER_REQUEST_BODY_LIST:
        if (at == end) return false;
        at = mnemos_load_u8(at, &m->list.slot);
        break;
    case MNEMOS_LOADER_REQUEST_BODY_ENDING:
        if (at == end) return false;
        at = mnemos_load_u32(at, end, &m->ending.handle);
        if (!at) return false;
        break;
    case MNEMOS_LOADER_REQUEST_BODY_FAULT:
        if (at == end) return false;
        at = mnemos_load_u32(at, end, &m->fault.handle);
        if (!at) return false;
        break;
    case MNEMOS_LOADER_REQUEST_BODY_SERVICE:
        if (at == end) return false;
        at = mnemos_load_u16(at, end, &m->service.index);
        if (!at) return false;
        break;
    default: /* nothing follows the tag */
        break;
    }
    r->at = at;
    return true;
}

bool mnemos_loader_request_put(struct mnemos_writer *w, const struct mnemos_loader_request *m)
{
    uint8_t *at = w->at;
    if ((size_t)(w->end - at) < 2u) return false;
    at = mnemos_store_u8(at, m->session);
    at = mnemos_store_u8(at, m->seq);
    w->at = at;
    if (!mnemos_loader_request_body_put(w, &m->body)) return false;
    at = w->at;
    w->at = at;
    return true;
}

bool mnemos_loader_request_get(struct mnemos_reader *r, struct mnemos_loader_request *m)
{
    const uint8_t *at = r->at;
    const uint8_t *end = r->end;
    if ((size_t)(end - at) < 2u) return false;
    at = mnemos_load_u8(at, &m->session);
    at = mnemos_load_u8(at, &m->seq);
    r->at = at;
    if (!mnemos_loader_request_body_get(r, &m->body)) return false;
    at = r->at;
    r->at = at;
    return true;
}

bool mnemos_loader_service_put(struct mnemos_writer *w, const struct mnemos_loader_service *m)
{
    uint8_t *at = w->at;
    if (m->name.len > 24u) return false;
    if (!mnemos_utf8_ok(m->name.data, m->name.len)) return false;
    if ((size_t)(w->end - at) < 34u + m->name.len) return false;
    at = mnemos_store_raw(at, m->uuid, sizeof m->uuid);
    at = mnemos_store_bytes(at, m->name);
    at = mnemos_store_u16(at, m->calls);
    at = mnemos_store_u32(at, m->shape);
    at = mnemos_store_bool(at, m->programs);
    at = mnemos_store_u16(at, m->clients);
    at = mnemos_store_u32(at, m->served);
    w->at = at;
    return true;
}

bool mnemos_loader_service_get(struct mnemos_reader *r, struct mnemos_loader_service *m)
{
    const uint8_t *at = r->at;
    const uint8_t *end = r->end;
    if ((size_t)(end - at) < 22u) return false;
    at = mnemos_load_raw(at, m->uuid, sizeof m->uuid);
    at = mnemos_load_string(at, end - 5, 24u, &m->name);
    if (!at) return false;
    at = mnemos_load_u16(at, end - 4, &m->calls);
    if (!at) return false;
    at = mnemos_load_u32(at, end - 3, &m->shape);
    if (!at) return false;
    at = mnemos_load_bool(at, &m->programs);
    if (!at) return false;
    at = mnemos_load_u16(at, end - 1, &m->clients);
    if (!at) return false;
    at = mnemos_load_u32(at, end, &m->served);
    if (!at) return false;
    r->at = at;
    return true;
}

bool mnemos_loader_answer_body_put(struct mnemos_writer *w,
                                   const struct mnemos_loader_answer_body *m)
{
    uint8_t *at = w->at;
    if (at == w->end) return false;
    *at++ = m->tag;
    switch (m->tag) {
    case MNEMOS_LOADER_ANSWER_BODY_DONE:
        break;
    case MNEMOS_LOADER_ANSWER_BODY_REFUSED:
        if ((size_t)(w->end - at) < 15u) return false;
        at = mnemos_store_i32(at, m->refused.error);
        at = mnemos_store_u32(at, m->refused.have);
        at = mnemos_store_u32(at, m->refused.want);
        break;
    case MNEMOS_LOADER_ANSWER_BODY_INFO:
        w->at = at;
        if (!mnemos_loader_info_put(w, &m->info.info)) return false;
        at = w->at;
        break;
    case MNEMOS_LOADER_ANSWER_BODY_BEGUN:
        if ((size_t)(w->end - at) < 5u) return false;
        at = mnemos_store_u32(at, m->begun.handle);
        break;
    case MNEMOS_LOADER_ANSWER_BODY_LOADED:
        w->at = at;
        if (!mnemos_loader_program_put(w, &m->loaded.program)) return false;
        at = w->at;
        break;
    case MNEMOS_LOADER_ANSWER_BODY_STARTED:
        if ((size_t)(w->end - at) < 8u) return false;
        at = mnemos_store_u32(at, m->started.handle);
        at = mnemos_store_u16(at, m->started.port_base);
        break;
    case MNEMOS_LOADER_ANSWER_BODY_LISTED:
        if (at == w->end) return false;
        at = mnemos_store_bool(at, m->listed.program.some);
        if (m->listed.program.some) {
            w->at = at;
            if (!mnemos_loader_program_put(w, &m->listed.program.value)) return false;
            at = w->at;
        }
        break;
    case MNEMOS_LOADER_ANSWER_BODY_ENDED:
        w->at = at;
        if (!mnemos_loader_ending_put(w, &m->ended.ending)) return false;
        at = w->at;
        break;
    case MNEMOS_LOADER_ANSWER_BODY_FAULTED:
        if (at == w->end) return false;
        at = mnemos_store_bool(at, m->faulted.fault.some);
        if (m->faulted.fault.some) {
            w->at = at;
            if (!mnemos_loader_fault_put(w, &m->faulted.fault.value)) return false;
            at = w->at;
        }
        break;
    case MNEMOS_LOADER_ANSWER_BODY_ACK:
        if ((size_t)(w->end - at) < 10u) return false;
        at = mnemos_store_u32(at, m->ack.hole);
        at = mnemos_store_u32(at, m->ack.bits);
        break;
    case MNEMOS_LOADER_ANSWER_BODY_SERVICE:
        if (at == w->end) return false;
        at = mnemos_store_bool(at, m->service.service.some);
        if (m->service.service.some) {
            w->at = at;
            if (!mnemos_loader_service_put(w, &m->service.service.value)) return false;
            at = w->at;
        }
        break;
    default:
        return false;
    }
    w->at = at;
    return true;
}

bool mnemos_loader_answer_body_get(struct mnemos_reader *r, struct mnemos_loader_answer_body *m)
{
    const uint8_t *at = r->at;
    const uint8_t *end = r->end;
    if (at == end) return false;
    at = mnemos_load_tag(at, end, 11, &m->tag);
    if (!at) return false;
    switch (m->tag) {
    case MNEMOS_LOADER_ANSWER_BODY_REFUSED:
        if ((size_t)(end - at) < 3u) return false;
        at = mnemos_load_i32(at, end - 2, &m->refused.error);
        if (!at) return false;
        at = mnemos_load_u32(at, end - 1, &m->refused.have);
        if (!at) return false;
        at = mnemos_load_u32(at, end, &m->refused.want);
        if (!at) return false;
        break;
    case MNEMOS_LOADER_ANSWER_BODY_INFO:
        r->at = at;
        if (!mnemos_loader_info_get(r, &m->info.info)) return false;
        at = r->at;
        break;
    case MNEMOS_LOADER_ANSWER_BODY_BEGUN:
        if (at == end) return false;
        at = mnemos_load_u32(at, end, &m->begun.handle);
        if (!at) return false;
        break;
    case MNEMOS_LOADER_ANSWER_BODY_LOADED:
        r->at = at;
        if (!mnemos_loader_program_get(r, &m->loaded.program)) return false;
        at = r->at;
        break;
    case MNEMOS_LOADER_ANSWER_BODY_STARTED:
        if ((size_t)(end - at) < 2u) return false;
        at = mnemos_load_u32(at, end - 1, &m->started.handle);
        if (!at) return false;
        at = mnemos_load_u16(at, end, &m->started.port_base);
        if (!at) return false;
        break;
    case MNEMOS_LOADER_ANSWER_BODY_LISTED:
        if (at == end) return false;
        at = mnemos_load_bool(at, &m->listed.program.some);
        if (!at) return false;
        if (m->listed.program.some) {
            r->at = at;
            if (!mnemos_loader_program_get(r, &m->listed.program.value)) return false;
            at = r->at;
        }
        break;
    case MNEMOS_LOADER_ANSWER_BODY_ENDED:
        r->at = at;
        if (!mnemos_loader_ending_get(r, &m->ended.ending)) return false;
        at = r->at;
        break;
    case MNEMOS_LOADER_ANSWER_BODY_FAULTED:
        if (at == end) return false;
        at = mnemos_load_bool(at, &m->faulted.fault.some);
        if (!at) return false;
        if (m->faulted.fault.some) {
            r->at = at;
            if (!mnemos_loader_fault_get(r, &m->faulted.fault.value)) return false;
            at = r->at;
        }
        break;
    case MNEMOS_LOADER_ANSWER_BODY_ACK:
        if ((size_t)(end - at) < 2u) return false;
        at = mnemos_load_u32(at, end - 1, &m->ack.hole);
        if (!at) return false;
        at = mnemos_load_u32(at, end, &m->ack.bits);
        if (!at) return false;
        break;
    case MNEMOS_LOADER_ANSWER_BODY_SERVICE:
        if (at == end) return false;
        at = mnemos_load_bool(at, &m->service.service.some);
        if (!at) return false;
        if (m->service.service.some) {
            r->at = at;
            if (!mnemos_loader_service_get(r, &m->service.service.value)) return false;
            at = r->at;
        }
        break;
    default: /* nothing follows the tag */
        break;
    }
    r->at = at;
    return true;
}

bool mnemos_loader_answer_put(struct mnemos_writer *w, const struct mnemos_loader_answer *m)
{
    uint8_t *at = w->at;
    if ((size_t)(w->end - at) < 2u) return false;
    at = mnemos_store_u8(at, m->session);
    at = mnemos_store_u8(at, m->seq);
    w->at = at;
    if (!mnemos_loader_answer_body_put(w, &m->body)) return false;
    at = w->at;
    w->at = at;
    return true;
}

bool mnemos_loader_answer_get(struct mnemos_reader *r, struct mnemos_loader_answer *m)
{
    const uint8_t *at = r->at;
    const uint8_t *end = r->end;
    if ((size_t)(end - at) < 2u) return false;
    at = mnemos_load_u8(at, &m->session);
    at = mnemos_load_u8(at, &m->seq);
    r->at = at;
    if (!mnemos_loader_answer_body_get(r, &m->body)) return false;
    at = r->at;
    r->at = at;
    return true;
}
