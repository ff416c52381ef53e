/* upload_test.c — collecting a file from pieces in any order. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/services/upload.h"
#include "kernel/arch/host/host.h"
#include "seeds.h"
#include <mnemos/abi/loader.h>
#include <stdlib.h>
#include <string.h>

enum { HEAD = 96, TOTAL = 5000 };

struct target {
    struct mn_upload upload;
    uint8_t *bitmap, *head,
        *payload; /* each exactly as long as needed: the sanitizer sees a byte too many */
    uint8_t file[TOTAL];
};

static void target_open(struct target *target)
{
    target->bitmap = malloc(mn_upload_bitmap_len(TOTAL));
    target->head = malloc(HEAD);
    target->payload = malloc(TOTAL - HEAD);
    memset(target->bitmap, 0xff, mn_upload_bitmap_len(TOTAL));
    for (size_t i = 0; i < TOTAL; i++) target->file[i] = (uint8_t)(i * 31 + i / 256);
    target->upload = (struct mn_upload){.bitmap = target->bitmap,
                                        .head = target->head,
                                        .payload = target->payload,
                                        .head_len = HEAD,
                                        .total = TOTAL};
    mn_upload_begin(&target->upload);
}

static void target_close(struct target *target)
{
    free(target->bitmap);
    free(target->head);
    free(target->payload);
}

static bool give(struct target *target, uint32_t offset, uint32_t len)
{
    return mn_upload_data(&target->upload, offset,
                          (struct mnemos_bytes){target->file + offset, len});
}

static void assert_complete(struct target *target)
{
    assert_true(mn_upload_complete(&target->upload));
    assert_memory_equal(target->head, target->file, HEAD);
    assert_memory_equal(target->payload, target->file + HEAD, TOTAL - HEAD);
}

static void pieces_in_order_are_acknowledged_every_kib_and_at_the_end(void **state)
{
    (void)state;
    struct target target;
    uint32_t acks = 0;
    target_open(&target);
    for (uint32_t at = 0; at < TOTAL; at += 512) {
        bool ack = give(&target, at, at + 512 <= TOTAL ? 512 : TOTAL - at);
        assert_int_equal(ack, at / 512 % 2 == 1 || at + 512 >= TOTAL);
        if (!ack) continue;
        acks++;
        assert_int_equal(mn_upload_ack_bits(&target.upload), 0);
    }
    assert_int_equal(acks, 5);
    assert_complete(&target);
    target_close(&target);
}

static void a_gap_is_acknowledged_at_once_and_named(void **state)
{
    (void)state;
    struct target target;
    target_open(&target);
    assert_false(give(&target, 0, 512));
    assert_true(give(&target, 1024, 256));
    assert_int_equal(target.upload.hole, 512);
    /* the hole's own unit is unit 4; bit 0 is unit 5; units 8 and 9 are here */
    assert_int_equal(mn_upload_ack_bits(&target.upload), 1u << 3 | 1u << 4);
    assert_true(give(&target, 512, 128)); /* a repair is acknowledged at once */
    assert_int_equal(target.upload.hole, 640);
    target_close(&target);
}

static void a_piece_that_came_twice_is_acknowledged_again_and_not_written(void **state)
{
    (void)state;
    struct target target;
    target_open(&target);
    give(&target, 0, 512);
    static const uint8_t other[512];
    assert_true(mn_upload_data(&target.upload, 0, (struct mnemos_bytes){other, 512}));
    assert_memory_equal(target.head, target.file, HEAD);
    assert_memory_equal(target.payload, target.file + HEAD, 512 - HEAD);
    target_close(&target);
}

static void malformed_pieces_are_ignored(void **state)
{
    (void)state;
    struct target target;
    target_open(&target);
    static const uint8_t data[512];
    static const struct {
        uint32_t offset, len;
    } bad[] = {
        {1, 128},          {64, 128},         {0, 0},      {0, 127},    {0, 129},
        {TOTAL, 128},      {4992, 128},       {4992, 7},   {4864, 135}, {0xffffff80, 128},
        {0xffffff80, 512}, {0x80000000, 128}, {5120, 128},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(
            mn_upload_data(&target.upload, bad[i].offset, (struct mnemos_bytes){data, bad[i].len}));
        assert_int_equal(target.upload.hole, 0);
    }
    assert_int_equal(mn_upload_ack_bits(&target.upload), 0);
    target_close(&target);
}

static void a_file_shorter_than_a_unit_is_complete_with_one_piece(void **state)
{
    (void)state;
    uint8_t bitmap, head[HEAD], payload[4], file[HEAD + 4] = "short";
    struct mn_upload upload = {
        .bitmap = &bitmap, .head = head, .payload = payload, .head_len = HEAD, .total = HEAD + 4};
    mn_upload_begin(&upload);
    assert_true(mn_upload_data(&upload, 0, (struct mnemos_bytes){file, sizeof file}));
    assert_true(mn_upload_complete(&upload));
}

/* Pieces of one to four units, in any order, some twice, some beyond the file. */
static void any_order_gives_the_same_file(uint32_t seed)
{
    struct target target;
    uint32_t random = seed * 2246822519u | 1u;
    target_open(&target);
    for (uint32_t tries = 0; !mn_upload_complete(&target.upload); tries++) {
        assert_true(tries < 10000);
        uint32_t offset = mn_host_random_next(&random) % (TOTAL + 1000) / 128 * 128;
        uint32_t len = (1 + mn_host_random_next(&random) % 4) * 128;
        if (offset >= TOTAL) continue;
        if (len > TOTAL - offset) len = TOTAL - offset;
        uint32_t hole = target.upload.hole;
        give(&target, offset, len);
        assert_true(target.upload.hole >= hole);
    }
    assert_complete(&target);
    target_close(&target);
}

static void a_head_of_several_units_and_its_border_land_where_they_belong(void **state)
{
    (void)state;
    enum { LONG_HEAD = 300, ALL = 1000 };
    uint8_t bitmap[1], head[LONG_HEAD], payload[ALL - LONG_HEAD], file[ALL];
    struct mn_upload upload = {
        .bitmap = bitmap, .head = head, .payload = payload, .head_len = LONG_HEAD, .total = ALL};
    for (size_t i = 0; i < ALL; i++) file[i] = (uint8_t)(i * 7 + i / 256);
    mn_upload_begin(&upload);
    static const uint32_t order[] = {384, 128, 896, 256, 0, 768, 512, 640};
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        uint32_t len = ALL - order[i] < 128 ? ALL - order[i] : 128;
        mn_upload_data(&upload, order[i], (struct mnemos_bytes){file + order[i], len});
    }
    assert_true(mn_upload_complete(&upload));
    assert_memory_equal(head, file, LONG_HEAD);
    assert_memory_equal(payload, file + LONG_HEAD, ALL - LONG_HEAD);
    uint32_t len;
    assert_ptr_equal(mn_upload_part(&upload, 0, &len), head);
    assert_int_equal(len, LONG_HEAD);
    assert_ptr_equal(mn_upload_part(&upload, 299, &len), head + 299);
    assert_int_equal(len, 1);
    assert_ptr_equal(mn_upload_part(&upload, 300, &len), payload);
    assert_int_equal(len, 700);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MN_TEST(pieces_in_order_are_acknowledged_every_kib_and_at_the_end),
        MN_TEST(a_gap_is_acknowledged_at_once_and_named),
        MN_TEST(a_piece_that_came_twice_is_acknowledged_again_and_not_written),
        MN_TEST(malformed_pieces_are_ignored),
        MN_TEST(a_file_shorter_than_a_unit_is_complete_with_one_piece),
        MN_SEEDED(any_order_gives_the_same_file),
        MN_TEST(a_head_of_several_units_and_its_border_land_where_they_belong),
    };
    return cmocka_run_group_tests_name("upload", tests, NULL, NULL);
}
