/* image_test.c — images, good and bad in every way. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/user/image.h"
#include "rig.h"
#include <stdlib.h>

static struct rig_image image;

static void good_image(void)
{
    static const struct rig_reloc relocs[] = { { 0, false }, { 4, true }, { 9, false }, { 200, true }, { 596, false } };
    rig_image(&image);
    rig_record(&image, MNEMOS_RECORD_NAME, "demo", 4);
    rig_record(&image, MNEMOS_RECORD_VERSION, "1.0", 3);
    rig_relocs(&image, relocs, 5);
    rig_record(&image, 0x0123, "unknown but harmless", 20);
}

/* In a block of exactly that length, so that a look past the end is caught. */
static mn_err check(const uint8_t *bytes, uint32_t len)
{
    struct mn_image checked;
    uint8_t        *copy = malloc(len ? len : 1);
    memcpy(copy, bytes, len);
    mn_err err = mn_image_check(copy, len, &checked);
    free(copy);
    return err;
}

static mn_err check_sealed(void)
{
    rig_seal(&image);
    return check(image.bytes, image.len);
}

static bool is_named(mn_err err)
{
    return (err <= MNEMOS_ERR_IMAGE_SHORT && err >= MNEMOS_ERR_IMAGE_PAYLOAD_CRC) || err == MNEMOS_ERR_NOT_SUPPORTED;
}

static void a_good_image_is_understood(void **state)
{
    (void)state;
    struct mn_image checked;
    uint32_t        offset;
    bool            data;
    good_image();
    rig_seal(&image);
    assert_int_equal(mn_image_check(image.bytes, image.head.head_len, &checked), MN_OK);
    assert_memory_equal(&checked.head, &image.head, sizeof image.head);
    assert_int_equal(checked.name.len, 4);
    assert_memory_equal(checked.name.data, "demo", 4);
    assert_int_equal(checked.relocs.left, 5);
    assert_int_equal(mn_relocs_next(&checked.relocs, &offset, &data), MN_OK);
    assert_true(offset == 0 && !data);
    assert_int_equal(mn_relocs_next(&checked.relocs, &offset, &data), MN_OK);
    assert_true(offset == 4 && data);
    assert_int_equal(mn_relocs_next(&checked.relocs, &offset, &data), MN_OK);
    assert_true(offset == 9 && !data);
    assert_int_equal(mn_relocs_next(&checked.relocs, &offset, &data), MN_OK);
    assert_true(offset == 200 && data);
    assert_int_equal(mn_relocs_next(&checked.relocs, &offset, &data), MN_OK);
    assert_true(offset == 596 && !data && checked.relocs.left == 0);
    assert_int_equal(mn_relocs_next(&checked.relocs, &offset, &data), MNEMOS_ERR_IMAGE_RELOC);
}

static void every_truncation_is_refused(void **state)
{
    (void)state;
    good_image();
    rig_seal(&image);
    for (uint32_t len = 0; len < image.head.head_len; len++)
        assert_int_equal(check(image.bytes, len), MNEMOS_ERR_IMAGE_SHORT);
}

static void every_flipped_bit_is_noticed(void **state)
{
    (void)state;
    good_image();
    rig_seal(&image);
    for (uint32_t bit = 0; bit < image.head.head_len * 8u; bit++) {
        image.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_true(is_named(check(image.bytes, image.head.head_len)));
        image.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    assert_int_equal(check(image.bytes, image.head.head_len), MN_OK);
}

/* What an accepted image must fulfil, whatever its bytes are. */
static void assert_harmless(const struct mn_image *checked)
{
    const struct mnemos_image_header *head = &checked->head;
    struct mn_relocs relocs = checked->relocs;
    uint64_t         last = 0;
    assert_true(head->payload_len && head->entry_off < head->payload_len && head->entry_off % 2 == 0);
    assert_true((uint64_t)head->data_off + head->data_len <= head->payload_len && head->data_len <= head->static_len);
    assert_true(head->stack_len >= MNEMOS_IMAGE_STACK_MIN && head->stack_len % 8 == 0);
    for (uint32_t count = 0; relocs.left; count++) {
        uint32_t offset;
        bool     data;
        assert_int_equal(mn_relocs_next(&relocs, &offset, &data), MN_OK);
        assert_true((uint64_t)offset + 4 <= head->payload_len);
        assert_true(count == 0 || offset >= last + 4);
        last = offset;
    }
}

/* Damage with a right checksum: refused by name, or harmless. */
static void forged_heads_are_refused_or_harmless(uint32_t seed)
{
    struct mn_image checked;
    good_image();
    rig_seal(&image);
    for (uint32_t n = 0; n < 200; n++) {
        uint8_t bytes[MNEMOS_IMAGE_HEAD_MAX];
        memcpy(bytes, image.bytes, image.head.head_len);
        for (uint32_t changes = 1 + n % 3; changes; changes--) {
            uint32_t at = 8 + mn_host_random_next(&seed) % (image.head.head_len - 8u);
            static const uint8_t values[] = { 0, 1, 0x7f, 0x80, 0xff };
            uint32_t r = mn_host_random_next(&seed);
            bytes[at] = r & 0x100 ? (uint8_t)r : values[r % sizeof values];
        }
        uint16_t head_len;
        memcpy(&head_len, bytes + 8, sizeof head_len);
        uint32_t covered = head_len >= MNEMOS_IMAGE_HEADER && head_len <= image.head.head_len ? head_len : image.head.head_len;
        uint32_t crc = mnemos_crc32(0, bytes + 8, covered - 8u);
        memcpy(bytes + 4, &crc, sizeof crc);
        uint8_t *copy = malloc(image.head.head_len);
        memcpy(copy, bytes, image.head.head_len);
        mn_err err = mn_image_check(copy, image.head.head_len, &checked);
        if (err)
            assert_true(is_named(err));
        else
            assert_harmless(&checked);
        free(copy);
    }
}

#define FIELD(name, value, expected) { #name, offsetof(struct mnemos_image_header, name), \
                                       sizeof((struct mnemos_image_header *)0)->name, value, MNEMOS_ERR_IMAGE_##expected }
#define ACCEPTED(name, value) { #name, offsetof(struct mnemos_image_header, name), \
                                sizeof((struct mnemos_image_header *)0)->name, value, MN_OK }

static void every_field_at_its_limits_has_its_own_error(void **state)
{
    (void)state;
    static const struct { const char *name; size_t at, size; uint32_t value; mn_err err; } cases[] = {
        FIELD(magic, 0, MAGIC), FIELD(magic, 1, MAGIC), FIELD(magic, UINT32_MAX, MAGIC),
        FIELD(head_len, 1, HEAD), FIELD(head_len, 80, HEAD), FIELD(head_len, 90, HEAD),
        FIELD(head_len, 4104, HEAD), FIELD(head_len, UINT16_MAX, HEAD),
        FIELD(arch, 0, ARCH), FIELD(arch, 2, ARCH), FIELD(arch, 255, ARCH), ACCEPTED(arch, 1),
        ACCEPTED(float_abi, 0), ACCEPTED(float_abi, 1), FIELD(float_abi, 2, FLOAT), FIELD(float_abi, 255, FLOAT),
        FIELD(abi_major, 0, ABI), FIELD(abi_major, MNEMOS_ABI_MAJOR + 1, ABI), FIELD(abi_major, UINT16_MAX, ABI),
        FIELD(abi_minor, MNEMOS_ABI_MINOR + 1, ABI), FIELD(abi_minor, UINT16_MAX, ABI),
        FIELD(flags, 1, FLAGS), FIELD(flags, 0x80000000, FLAGS), FIELD(flags, UINT32_MAX, FLAGS),
        FIELD(payload_len, 0, PAYLOAD), FIELD(payload_len, 1, DATA), FIELD(payload_len, UINT32_MAX, PAYLOAD),
        FIELD(payload_len, 439, DATA), FIELD(payload_len, 599, RELOC),
        ACCEPTED(data_off, 0), ACCEPTED(data_off, 560), FIELD(data_off, 561, DATA), FIELD(data_off, UINT32_MAX, DATA),
        ACCEPTED(data_len, 0), ACCEPTED(data_len, 100), FIELD(data_len, 101, SIZES), FIELD(data_len, 201, DATA),
        FIELD(data_len, UINT32_MAX, DATA),
        FIELD(static_len, 0, SIZES), FIELD(static_len, 39, SIZES), ACCEPTED(static_len, 40),
        FIELD(static_len, UINT32_MAX, SIZES),
        FIELD(stack_len, 0, STACK), FIELD(stack_len, 1, STACK), FIELD(stack_len, 504, STACK), ACCEPTED(stack_len, 512),
        FIELD(stack_len, 516, STACK), FIELD(stack_len, UINT32_MAX, SIZES),
        ACCEPTED(heap_len, 0), ACCEPTED(heap_len, 1), FIELD(heap_len, UINT32_MAX, SIZES),
        ACCEPTED(entry_off, 0), FIELD(entry_off, 1, ENTRY), ACCEPTED(entry_off, 598), FIELD(entry_off, 600, ENTRY),
        FIELD(entry_off, UINT32_MAX, ENTRY), FIELD(entry_off, UINT32_MAX - 1, ENTRY),
        ACCEPTED(text_base, 0), ACCEPTED(text_base, UINT32_MAX), ACCEPTED(data_base, 0), ACCEPTED(data_base, UINT32_MAX),
        FIELD(n_relocs, 0, RELOC), FIELD(n_relocs, 1, RELOC), FIELD(n_relocs, 4, RELOC), FIELD(n_relocs, 6, RELOC),
        FIELD(n_relocs, UINT32_MAX, RELOC),
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        good_image();
        rig_seal(&image);
        memcpy((uint8_t *)&image.head + cases[i].at, &cases[i].value, cases[i].size);
        mn_err err = check_sealed();
        if (err != cases[i].err)
            fail_msg("%s = %u: %d, not %d", cases[i].name, cases[i].value, err, cases[i].err);
    }
}

static void a_damaged_head_is_told_from_a_wrong_one(void **state)
{
    (void)state;
    good_image();
    rig_seal(&image);
    image.bytes[4] ^= 1;
    assert_int_equal(check(image.bytes, image.head.head_len), MNEMOS_ERR_IMAGE_HEAD_CRC);
}

static void records_are_checked(void **state)
{
    (void)state;
    static const struct { uint16_t type; const char *body; uint32_t len; mn_err err; } cases[] = {
        { MNEMOS_RECORD_NAME, "", 0, MNEMOS_ERR_IMAGE_TLV },
        { MNEMOS_RECORD_NAME, "a", 1, MN_OK },
        { MNEMOS_RECORD_NAME, "abcdefghijklmnopqrstuvwx", 24, MN_OK },
        { MNEMOS_RECORD_NAME, "abcdefghijklmnopqrstuvwxy", 25, MNEMOS_ERR_IMAGE_TLV },
        { MNEMOS_RECORD_NAME, "a/b", 3, MNEMOS_ERR_IMAGE_TLV },
        { MNEMOS_RECORD_NAME, "a\0b", 3, MNEMOS_ERR_IMAGE_TLV },
        { MNEMOS_RECORD_NAME, "a\x80", 2, MNEMOS_ERR_IMAGE_TLV },
        { MNEMOS_RECORD_NAME, "A.z_0-9", 7, MN_OK },
        { 0x7fff, "x", 1, MN_OK },
        { 0x8000, "x", 1, MNEMOS_ERR_IMAGE_TLV },
        { 0xffff, "", 0, MNEMOS_ERR_IMAGE_TLV },
        { MNEMOS_RECORD_REQUIRES, "0123456789abcdef000011clock", 27, MN_OK },
        { MNEMOS_RECORD_REQUIRES, "0123456789abcdef000011abcdefghijklmnopqrstuvwx", 46, MN_OK },
        { MNEMOS_RECORD_REQUIRES, "0123456789abcdef000011abcdefghijklmnopqrstuvwxy", 47, MNEMOS_ERR_IMAGE_TLV },
        { MNEMOS_RECORD_REQUIRES, "0123456789abcdef000011", 22, MNEMOS_ERR_IMAGE_TLV },
        { MNEMOS_RECORD_REQUIRES, "", 0, MNEMOS_ERR_IMAGE_TLV },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        rig_image(&image);
        rig_record(&image, cases[i].type, cases[i].body, cases[i].len);
        assert_int_equal(check_sealed(), cases[i].err);
    }
}

static void doubled_records_are_refused(void **state)
{
    (void)state;
    static const uint16_t types[] = { MNEMOS_RECORD_NAME, MNEMOS_RECORD_VERSION, MNEMOS_RECORD_TITLE, MNEMOS_RECORD_RELOCS };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        rig_image(&image);
        rig_record(&image, types[i], "x", types[i] == MNEMOS_RECORD_RELOCS ? 0 : 1);
        assert_int_equal(check_sealed(), MN_OK);
        rig_image(&image);
        rig_record(&image, types[i], "x", types[i] == MNEMOS_RECORD_RELOCS ? 0 : 1);
        rig_record(&image, types[i], "x", types[i] == MNEMOS_RECORD_RELOCS ? 0 : 1);
        assert_int_equal(check_sealed(), MNEMOS_ERR_IMAGE_TLV);
    }
}

static void a_record_may_not_leave_the_head(void **state)
{
    (void)state;
    rig_image(&image);
    rig_record(&image, 0x100, "0123", 4);
    image.records[2] = 5; /* says 5, has 4 */
    assert_int_equal(check_sealed(), MNEMOS_ERR_IMAGE_TLV);
    image.records[2] = 0xff;
    image.records[3] = 0xff;
    assert_int_equal(check_sealed(), MNEMOS_ERR_IMAGE_TLV);
}

static mn_err with_table(const char *table, uint32_t len, uint32_t count)
{
    rig_image(&image);
    rig_record(&image, MNEMOS_RECORD_RELOCS, table, len);
    image.head.n_relocs = count;
    return check_sealed();
}

static void relocations_stay_inside_and_apart(void **state)
{
    (void)state;
    static const struct rig_reloc last_word[] = { { 596, false } }, past_it[] = { { 597, false } };
    rig_image(&image);
    rig_relocs(&image, last_word, 1);
    assert_int_equal(check_sealed(), MN_OK);
    rig_image(&image);
    rig_relocs(&image, past_it, 1);
    assert_int_equal(check_sealed(), MNEMOS_ERR_IMAGE_RELOC);

    assert_int_equal(with_table("\x00\x08", 2, 2), MN_OK);                              /* 0, 4 */
    assert_int_equal(with_table("\x00\x00", 2, 2), MNEMOS_ERR_IMAGE_RELOC);             /* twice the same */
    assert_int_equal(with_table("\x00\x06", 2, 2), MNEMOS_ERR_IMAGE_RELOC);             /* overlapping */
    assert_int_equal(with_table("\x80\x80\x80\x80\x00", 5, 1), MN_OK);                  /* long, but 0 */
    assert_int_equal(with_table("\x80\x80\x80\x80\x10", 5, 1), MNEMOS_ERR_IMAGE_RELOC); /* 33 bits */
    assert_int_equal(with_table("\x80\x80\x80\x80\x80\x00", 6, 1), MNEMOS_ERR_IMAGE_RELOC);
    assert_int_equal(with_table("\xff\xff\xff\xff\x0f", 5, 1), MNEMOS_ERR_IMAGE_RELOC); /* far away */
    assert_int_equal(with_table("\x08\xff\xff\xff\xff\x0f", 6, 2), MNEMOS_ERR_IMAGE_RELOC);
    assert_int_equal(with_table("\x80", 1, 1), MNEMOS_ERR_IMAGE_RELOC);                 /* unfinished */
    assert_int_equal(with_table("\x00", 1, 2), MNEMOS_ERR_IMAGE_RELOC);                 /* fewer than announced */
    assert_int_equal(with_table("\x00\x08", 2, 1), MNEMOS_ERR_IMAGE_RELOC);             /* more */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIG_TEST(a_good_image_is_understood),
        RIG_TEST(every_truncation_is_refused),
        RIG_TEST(every_flipped_bit_is_noticed),
        MN_SEEDED(forged_heads_are_refused_or_harmless),
        RIG_TEST(every_field_at_its_limits_has_its_own_error),
        RIG_TEST(a_damaged_head_is_told_from_a_wrong_one),
        RIG_TEST(records_are_checked),
        RIG_TEST(doubled_records_are_refused),
        RIG_TEST(a_record_may_not_leave_the_head),
        RIG_TEST(relocations_stay_inside_and_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
