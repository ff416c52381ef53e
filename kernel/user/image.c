/* image.c — checks an image. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "image.h"
#include <mnemos/abi/error.h>
#include <mnemos/abi/svc.h>

#define RECORD_HEAD     4u
#define MUST_UNDERSTAND 0x8000u
#define MEMORY_MAX      0x40000000u /* no sum of sizes beyond this */
#define NAME_MAX        24u

static mn_err check_kind(const struct mnemos_image_header *head)
{
    if (head->flags)
        return MNEMOS_ERR_IMAGE_FLAGS;
    if (head->arch != MNEMOS_ARCH_ARMV7EM)
        return MNEMOS_ERR_IMAGE_ARCH;
    if (head->float_abi != MNEMOS_FLOAT_SOFT && head->float_abi != MNEMOS_FLOAT_HARD)
        return MNEMOS_ERR_IMAGE_FLOAT;
    if (head->abi_major != MNEMOS_ABI_MAJOR || head->abi_minor > MNEMOS_ABI_MINOR)
        return MNEMOS_ERR_IMAGE_ABI;
    return MN_OK;
}

static mn_err check_sizes(const struct mnemos_image_header *head)
{
    if (head->payload_len == 0 || head->payload_len > MEMORY_MAX)
        return MNEMOS_ERR_IMAGE_PAYLOAD;
    if (head->data_off > head->payload_len || head->data_len > head->payload_len - head->data_off)
        return MNEMOS_ERR_IMAGE_DATA;
    if (head->data_len > head->static_len)
        return MNEMOS_ERR_IMAGE_SIZES;
    if ((uint64_t)head->static_len + head->stack_len + head->heap_len > MEMORY_MAX)
        return MNEMOS_ERR_IMAGE_SIZES;
    if (head->stack_len < MNEMOS_IMAGE_STACK_MIN || head->stack_len % 8)
        return MNEMOS_ERR_IMAGE_STACK;
    if (head->entry_off % 2 || head->entry_off >= head->payload_len)
        return MNEMOS_ERR_IMAGE_ENTRY;
    if (head->n_relocs > head->payload_len / 4)
        return MNEMOS_ERR_IMAGE_RELOC;
    return MN_OK;
}

mn_err mn_image_check_header(const struct mnemos_image_header *head)
{
    if (head->magic != MNEMOS_IMAGE_MAGIC)
        return MNEMOS_ERR_IMAGE_MAGIC;
    if (head->head_len < MNEMOS_IMAGE_HEADER || head->head_len > MNEMOS_IMAGE_HEAD_MAX || head->head_len % 8)
        return MNEMOS_ERR_IMAGE_HEAD;
    mn_err err = check_kind(head);
    return err ? err : check_sizes(head);
}

/* The gap and class of one entry. Answers whether it is a varint of at most 32 bits. */
static bool take_entry(struct mn_relocs *relocs, uint32_t *entry)
{
    uint32_t value = 0;
    for (uint32_t shift = 0; shift < 35 && relocs->at < relocs->end; shift += 7) {
        uint32_t byte = *relocs->at++;
        if (shift == 28 && byte > 0x0f)
            return false;
        value |= (byte & 0x7f) << shift;
        if (byte < 0x80) {
            *entry = value;
            return true;
        }
    }
    return false;
}

mn_err mn_relocs_next(struct mn_relocs *relocs, uint32_t *offset, bool *data)
{
    uint32_t entry;
    if (!relocs->left || !take_entry(relocs, &entry))
        return MNEMOS_ERR_IMAGE_RELOC;
    uint32_t gap = entry >> 1;
    if (relocs->begun && gap < 4)
        return MNEMOS_ERR_IMAGE_RELOC; /* it would change the word before it */
    uint64_t at = (uint64_t)relocs->offset + gap;
    if (at + 4 > relocs->payload_len)
        return MNEMOS_ERR_IMAGE_RELOC;
    relocs->begun = true;
    relocs->left--;
    relocs->offset = (uint32_t)at;
    *offset = (uint32_t)at;
    *data = entry & 1;
    return MN_OK;
}

static mn_err check_relocs(struct mn_relocs relocs)
{
    uint32_t offset;
    bool     data;
    while (relocs.left) {
        mn_err err = mn_relocs_next(&relocs, &offset, &data);
        if (err)
            return err;
    }
    return relocs.at == relocs.end ? MN_OK : MNEMOS_ERR_IMAGE_RELOC;
}

static bool is_name(const uint8_t *text, uint32_t len)
{
    for (uint32_t i = 0; i < len; i++) {
        uint8_t c = text[i];
        bool    letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!letter && !(c >= '0' && c <= '9') && c != '.' && c != '_' && c != '-')
            return false;
    }
    return len >= 1 && len <= NAME_MAX;
}

/* The records that may come only once. */
enum { SEEN_NAME = 1, SEEN_VERSION = 2, SEEN_TITLE = 4, SEEN_RELOCS = 8 };

static bool is_first(uint32_t *seen, uint32_t which)
{
    bool first = !(*seen & which);
    *seen |= which;
    return first;
}

static mn_err take_record(struct mn_image *image, uint32_t type, const uint8_t *body, uint32_t len, uint32_t *seen)
{
    bool good = true;
    switch (type) {
    case MNEMOS_RECORD_NAME:
        good = is_first(seen, SEEN_NAME) && is_name(body, len);
        image->name = (struct mnemos_bytes){ body, len };
        break;
    case MNEMOS_RECORD_VERSION:
        good = is_first(seen, SEEN_VERSION);
        break;
    case MNEMOS_RECORD_TITLE:
        good = is_first(seen, SEEN_TITLE);
        break;
    case MNEMOS_RECORD_RELOCS:
        good = is_first(seen, SEEN_RELOCS);
        image->relocs.at = body;
        image->relocs.end = body + len;
        break;
    case MNEMOS_RECORD_REQUIRES:
        good = len > MNEMOS_REQUIRES_NAME && len <= MNEMOS_REQUIRES_NAME + NAME_MAX;
        break;
    default:
        good = !(type & MUST_UNDERSTAND);
    }
    return good ? MN_OK : MNEMOS_ERR_IMAGE_TLV;
}

static mn_err take_records(struct mn_image *image, const uint8_t *at, const uint8_t *end)
{
    uint32_t seen = 0;
    while (at < end) {
        if (end - at < (ptrdiff_t)RECORD_HEAD)
            return MNEMOS_ERR_IMAGE_TLV;
        uint32_t type = (uint32_t)at[0] | (uint32_t)at[1] << 8;
        uint32_t len = (uint32_t)at[2] | (uint32_t)at[3] << 8;
        uint32_t padded = (len + 3u) & ~3u;
        at += RECORD_HEAD;
        if (end - at < (ptrdiff_t)padded)
            return MNEMOS_ERR_IMAGE_TLV;
        mn_err err = take_record(image, type, at, len, &seen);
        if (err)
            return err;
        at += padded;
    }
    return MN_OK;
}

mn_err mn_image_check(const uint8_t *bytes, uint32_t len, struct mn_image *image)
{
    if (len < MNEMOS_IMAGE_HEADER)
        return MNEMOS_ERR_IMAGE_SHORT;
    *image = (struct mn_image){ .relocs = { .at = bytes, .end = bytes } };
    __builtin_memcpy(&image->head, bytes, MNEMOS_IMAGE_HEADER);
    const struct mnemos_image_header *head = &image->head;
    if (head->magic != MNEMOS_IMAGE_MAGIC)
        return MNEMOS_ERR_IMAGE_MAGIC;
    if (head->head_len < MNEMOS_IMAGE_HEADER || head->head_len > MNEMOS_IMAGE_HEAD_MAX || head->head_len % 8)
        return MNEMOS_ERR_IMAGE_HEAD;
    if (len < head->head_len)
        return MNEMOS_ERR_IMAGE_SHORT;
    if (mnemos_crc32(0, bytes + 8, head->head_len - 8u) != head->head_crc)
        return MNEMOS_ERR_IMAGE_HEAD_CRC;
    mn_err err = mn_image_check_header(head);
    if (!err)
        err = take_records(image, bytes + MNEMOS_IMAGE_HEADER, bytes + head->head_len);
    if (err)
        return err;
    image->relocs.left = head->n_relocs;
    image->relocs.payload_len = head->payload_len;
    return check_relocs(image->relocs);
}
