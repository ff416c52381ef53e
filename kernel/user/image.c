/* image.c — checks an image. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "image.h"
#include <mnemos/abi/error.h>
#include <mnemos/abi/svc.h>

#define RECORD_HEAD     4u
#define MUST_UNDERSTAND 0x8000u
#define MEMORY_MAX      0x40000000u /* no sum of sizes beyond this */
#define NAME_MAX        24u

/*@ requires \valid_read(head);
    assigns \nothing; */
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

/* What holds of a header that passed, whatever was in it: no sum overflows, each part lies in its whole. */
/*@ predicate sizes_fit(struct mnemos_image_header *head) =
        0 < head->payload_len <= MEMORY_MAX &&
        head->data_off + head->data_len <= head->payload_len &&
        head->data_len <= head->static_len &&
        head->static_len + head->stack_len + head->heap_len <= MEMORY_MAX &&
        head->stack_len >= MNEMOS_IMAGE_STACK_MIN && head->stack_len % 8 == 0 &&
        head->entry_off < head->payload_len && head->entry_off % 2 == 0 &&
        4 * head->n_relocs <= head->payload_len;
    predicate head_fits(struct mnemos_image_header *head) =
        MNEMOS_IMAGE_HEADER <= head->head_len <= MNEMOS_IMAGE_HEAD_MAX && head->head_len % 8 == 0; */

/*@ requires \valid_read(head);
    assigns \nothing;
    ensures \result == MN_OK <==> sizes_fit(head); */
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

/*@ requires \valid_read(head);
    assigns \nothing;
    ensures \result == MN_OK ==> sizes_fit(head) && head_fits(head); */
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
/*@ predicate run(uint8_t *at, uint8_t *end) =
        \base_addr(at) == \base_addr(end) && at <= end && \valid_read(at + (0 .. end - at - 1)); */

/*@ requires \valid(relocs) && \valid(entry) && \separated(relocs, entry) && run(relocs->at, relocs->end);
    assigns relocs->at, *entry;
    ensures run(relocs->at, relocs->end) && relocs->at >= \old(relocs->at); */
static bool take_entry(struct mn_relocs *relocs, uint32_t *entry)
{
    uint32_t value = 0;
    /*@ loop invariant shift <= 35 && shift % 7 == 0;
        loop invariant run(relocs->at, relocs->end) && relocs->at >= \at(relocs->at, Pre);
        loop assigns shift, value, relocs->at;
        loop variant 35 - shift; */
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

/*@ requires \valid(relocs) && \valid(offset) && \valid(data) && run(relocs->at, relocs->end);
    requires \separated(relocs, offset, data);
    assigns relocs->at, relocs->begun, relocs->left, relocs->offset, *offset, *data;
    ensures run(relocs->at, relocs->end);
    ensures \result == MN_OK ==> *offset + 4 <= relocs->payload_len && relocs->offset == *offset &&
                                 relocs->left == \old(relocs->left) - 1 && relocs->begun &&
                                 *offset >= \old(relocs->offset) + (\old(relocs->begun) ? 4 : 0); */
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

/*@ requires run(relocs.at, relocs.end);
    assigns \nothing; */
static mn_err check_relocs(struct mn_relocs relocs)
{
    uint32_t offset;
    bool     data;
    /*@ loop invariant run(relocs.at, relocs.end);
        loop assigns relocs, offset, data;
        loop variant relocs.left; */
    while (relocs.left) {
        mn_err err = mn_relocs_next(&relocs, &offset, &data);
        if (err)
            return err;
    }
    return relocs.at == relocs.end ? MN_OK : MNEMOS_ERR_IMAGE_RELOC;
}

/*@ requires \valid_read(text + (0 .. len - 1));
    assigns \nothing;
    ensures \result ==> 1 <= len <= NAME_MAX; */
static bool is_name(const uint8_t *text, uint32_t len)
{
    /*@ loop invariant i <= len;
        loop assigns i;
        loop variant len - i; */
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

/*@ requires \valid(seen);
    assigns *seen; */
static bool is_first(uint32_t *seen, uint32_t which)
{
    bool first = !(*seen & which);
    *seen |= which;
    return first;
}

/*@ predicate bytes_of(struct mnemos_bytes *some, uint8_t *at, uint8_t *end) =
        some->len == 0 ||
        (\base_addr(some->data) == \base_addr(at) && at <= some->data && some->data + some->len <= end);
    predicate table_of(struct mn_relocs *relocs, uint8_t *at, uint8_t *end) =
        \base_addr(relocs->at) == \base_addr(at) && \base_addr(relocs->end) == \base_addr(at) &&
        at <= relocs->at <= relocs->end <= end; */

/*@ requires \valid_read(body + (0 .. len - 1)) && \valid(image) && \valid(seen);
    requires \separated(image, seen, body + (0 .. len - 1));
    assigns *seen, image->name, image->relocs.at, image->relocs.end;
    ensures \result == MN_OK ==>
        (image->name == \old(image->name) || (image->name.data == body && 1 <= image->name.len == len <= NAME_MAX)) &&
        ((image->relocs.at == \old(image->relocs.at) && image->relocs.end == \old(image->relocs.end)) ||
         (image->relocs.at == body && image->relocs.end == body + len)); */
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

/*@ requires run(at, end);
    requires \valid(image) && \separated(image, at + (0 .. end - at - 1));
    requires image->name.len == 0;
    requires run(image->relocs.at, image->relocs.end) && image->relocs.at == image->relocs.end;
    assigns image->name, image->relocs.at, image->relocs.end;
    ensures \result == MN_OK ==> image->name.len <= NAME_MAX && bytes_of(&image->name, at, end);
    ensures \result == MN_OK ==> table_of(&image->relocs, at, end) ||
        (image->relocs.at == \old(image->relocs.at) && image->relocs.end == \old(image->relocs.end)); */
static mn_err take_records(struct mn_image *image, const uint8_t *at, const uint8_t *end)
{
    uint32_t seen = 0;
    /*@ loop invariant \base_addr(at) == \base_addr(end) && \at(at, Pre) <= at <= end;
        loop invariant image->name.len <= NAME_MAX && bytes_of(&image->name, \at(at, Pre), end);
        loop invariant table_of(&image->relocs, \at(at, Pre), end) ||
            (image->relocs.at == \at(image->relocs.at, Pre) && image->relocs.end == \at(image->relocs.end, Pre));
        loop assigns at, seen, image->name, image->relocs.at, image->relocs.end;
        loop variant end - at; */
    while (at < end) {
        if (end - at < (ptrdiff_t)RECORD_HEAD)
            return MNEMOS_ERR_IMAGE_TLV;
        uint32_t type = at[0] + 256u * at[1];
        uint32_t len = at[2] + 256u * at[3];
        uint32_t padded = (len + 3u) / 4 * 4;
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

/*@ requires \valid_read(bytes + (0 .. MNEMOS_IMAGE_HEADER - 1)) && \valid(head);
    assigns *head; */
static void copy_header(struct mnemos_image_header *head, const uint8_t *bytes)
{
    __builtin_memcpy(head, bytes, sizeof *head);
}

/*@ requires \valid_read(bytes + (0 .. len - 1)) && \valid(image) && \separated(image, bytes + (0 .. len - 1));
    assigns *image;
    ensures \result == MN_OK ==> sizes_fit(&image->head) && head_fits(&image->head) && image->head.head_len <= len &&
        image->name.len <= NAME_MAX && bytes_of(&image->name, bytes, bytes + len) &&
        table_of(&image->relocs, bytes, bytes + len); */
mn_err mn_image_check(const uint8_t *bytes, uint32_t len, struct mn_image *image)
{
    if (len < MNEMOS_IMAGE_HEADER)
        return MNEMOS_ERR_IMAGE_SHORT;
    copy_header(&image->head, bytes);
    image->relocs = (struct mn_relocs){ .at = bytes, .end = bytes };
    image->name.data = NULL;
    image->name.len = 0;
    const struct mnemos_image_header *head = &image->head;
    if (head->magic != MNEMOS_IMAGE_MAGIC)
        return MNEMOS_ERR_IMAGE_MAGIC;
    if (head->head_len < MNEMOS_IMAGE_HEADER || head->head_len > MNEMOS_IMAGE_HEAD_MAX || head->head_len % 8)
        return MNEMOS_ERR_IMAGE_HEAD;
    if (len < head->head_len)
        return MNEMOS_ERR_IMAGE_SHORT;
    //@ assert run(bytes + MNEMOS_IMAGE_HEADER, bytes + head->head_len);
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
