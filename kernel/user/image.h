/* image.h — checks an image, byte by byte; nothing in it is trusted.
 *
 * Pure functions over bytes. Each finds the first thing that is wrong and names
 * it by one of the image_* errors. See mnemos/abi/image.h for the format. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MN_USER_IMAGE_H
#define MN_USER_IMAGE_H
#include "kernel/core/await.h"
#include <mnemos/abi/image.h>
#include <mnemos/abi/wire.h>
#include <stdbool.h>

/* The table of words that hold addresses. A copy walks it. */
struct mn_relocs {
    const uint8_t *at, *end;
    uint32_t       offset;      /* of the word found last */
    uint32_t       left;        /* words still to come */
    uint32_t       payload_len;
    bool           begun;
};

/* What a complete head says. Points into the checked bytes. */
struct mn_image {
    struct mnemos_image_header head;
    struct mnemos_bytes        name; /* len 0: none */
    struct mn_relocs           relocs;
};

/* Check the header alone, all but its CRC: what can be refused before the rest arrives.
 * Errors   image_short, image_magic, image_head, image_flags, image_arch, image_float, image_abi, image_payload,
 *          image_data, image_sizes, image_stack, image_entry, image_reloc */
MN_MUST_USE mn_err mn_image_check_header(const struct mnemos_image_header *head);

/* Check header and records, `len` bytes of them, up to the last relocation.
 * Errors   those above, image_head_crc, image_tlv */
MN_MUST_USE mn_err mn_image_check(const uint8_t *bytes, uint32_t len, struct mn_image *image);

/* The next word to relocate: its offset in the payload, unaligned maybe, 4 bytes inside it; and whether it holds a
 * data address. `left` says when to stop.
 * Errors   image_reloc */
MN_MUST_USE mn_err mn_relocs_next(struct mn_relocs *relocs, uint32_t *offset, bool *data);
#endif
