/* upload.c — see upload.h. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/services/upload.h"
#include <mnemos/abi/loader.h>
#include <string.h>

#define UNIT      MNEMOS_LOADER_UNIT
#define ACK_EVERY 1024u

static uint32_t units(uint32_t total)
{
    return total / UNIT + (total % UNIT != 0);
}

uint32_t mn_upload_bitmap_len(uint32_t total)
{
    return (units(total) + 7u) / 8u;
}

void mn_upload_begin(struct mn_upload *upload)
{
    memset(upload->bitmap, 0, mn_upload_bitmap_len(upload->total));
    upload->hole = upload->high = upload->fresh = 0;
}

static bool have(const struct mn_upload *upload, uint32_t unit)
{
    return unit < units(upload->total) && (upload->bitmap[unit / 8u] & 1u << unit % 8u) != 0;
}

/* Copy file bytes which may straddle the end of the head. */
static void store(struct mn_upload *upload, uint32_t at, const uint8_t *data, uint32_t len)
{
    uint32_t in_head = at < upload->head_len ? upload->head_len - at : 0;
    if (in_head > len) in_head = len;
    if (in_head) memcpy(upload->head + at, data, in_head);
    if (len > in_head)
        memcpy(upload->payload + (at + in_head - upload->head_len), data + in_head, len - in_head);
}

/* Keep one unit unless it is here; answer how many bytes were new. */
static uint32_t keep_unit(struct mn_upload *upload, uint32_t at, const uint8_t *data, uint32_t len)
{
    uint32_t unit = at / UNIT;
    if (have(upload, unit)) return 0;
    store(upload, at, data, len);
    upload->bitmap[unit / 8u] |= (uint8_t)(1u << unit % 8u);
    return len;
}

static void advance_hole(struct mn_upload *upload)
{
    while (upload->hole < upload->total && have(upload, upload->hole / UNIT)) upload->hole += UNIT;
    if (upload->hole > upload->total) upload->hole = upload->total;
}

static bool piece_ok(const struct mn_upload *upload, uint32_t offset, uint32_t len)
{
    if (offset % UNIT || !len || offset >= upload->total || len > upload->total - offset)
        return false;
    return len % UNIT == 0 || len == upload->total - offset;
}

bool mn_upload_data(struct mn_upload *upload, uint32_t offset, struct mnemos_bytes piece)
{
    if (!piece_ok(upload, offset, piece.len)) return false;
    bool gap = offset > upload->high;
    bool repair = offset < upload->high;
    uint32_t fresh = 0;
    for (uint32_t at = 0; at < piece.len; at += UNIT) {
        uint32_t len = piece.len - at < UNIT ? piece.len - at : UNIT;
        fresh += keep_unit(upload, offset + at, piece.data + at, len);
    }
    if (offset + piece.len > upload->high) upload->high = offset + piece.len;
    advance_hole(upload);
    upload->fresh += fresh;
    return gap || repair || !fresh || upload->fresh >= ACK_EVERY || mn_upload_complete(upload);
}

uint32_t mn_upload_ack_bits(struct mn_upload *upload)
{
    uint32_t bits = 0;
    for (uint32_t i = 0; i < 32u; i++) {
        if (have(upload, upload->hole / UNIT + 1u + i)) bits |= 1u << i;
    }
    upload->fresh = 0;
    return bits;
}

const uint8_t *mn_upload_part(const struct mn_upload *upload, uint32_t at, uint32_t *len)
{
    if (at < upload->head_len) {
        *len = upload->head_len - at;
        return upload->head + at;
    }
    *len = upload->total - at;
    return upload->payload + (at - upload->head_len);
}
