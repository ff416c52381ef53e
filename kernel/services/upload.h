/* upload.h — collects a file that arrives in pieces, in any order, some of them twice or never.
 *
 * The file is cut into units of 128 bytes. A piece covers whole units (the last unit ends with
 * the file). A bitmap tells which units are here; the first missing byte is the hole. A unit
 * that is here is never written again. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MN_SERVICES_UPLOAD_H
#define MN_SERVICES_UPLOAD_H
#include <mnemos/abi/wire.h>
#include <stdbool.h>
#include <stdint.h>

struct mn_upload {
    uint8_t *bitmap, *head, *payload; /* file [0, head_len) goes to head, the rest to payload */
    uint32_t head_len, total;
    uint32_t hole;  /* every byte before it is here */
    uint32_t high;  /* end of the furthest piece that came */
    uint32_t fresh; /* bytes that came since the last ack */
};

/* Bytes of bitmap for a file of `total` bytes. */
uint32_t mn_upload_bitmap_len(uint32_t total);

/* Start empty. `upload` has its pointers and lengths filled in; the bitmap is cleared.
 *
 * Owner    the memory stays with the upload until it is given up. */
void mn_upload_begin(struct mn_upload *upload);

/* Take one piece; a malformed one is ignored. Answers whether the host should get an ack now: 1
 * KiB came since the last, something is missing before this piece, this piece was here already
 * or filled the hole before later ones, or all is here. */
bool mn_upload_data(struct mn_upload *upload, uint32_t offset, struct mnemos_bytes piece);

/* What the ack says: which of the 32 units after the hole's own are here. Starts the count for
 * the next ack. */
uint32_t mn_upload_ack_bits(struct mn_upload *upload);

static inline bool mn_upload_complete(const struct mn_upload *upload)
{
    return upload->hole >= upload->total;
}

/* The contiguous part of the file at `at`, as memory; *len says how long it is. */
const uint8_t *mn_upload_part(const struct mn_upload *upload, uint32_t at, uint32_t *len);
#endif
