/* codec_test.c — the generated codecs: golden vectors, truncation, trailing bytes, random damage. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "golden.h"
#include "random.h"
#include "seeds.h"
#include <mnemos/abi/link.h>
#include <mnemos/abi/loader.h>
#include <mnemos/abi/sys.h>
#include <stdlib.h>
#include <string.h>

/* A copy in a block of exactly that size: the sanitizer sees a read of one byte too many. */
static uint8_t *exactly(const uint8_t *bytes, size_t len)
{
    uint8_t *copy = malloc(len ? len : 1);
    memcpy(copy, bytes, len);
    if (len) return copy;
    free(copy);
    return malloc(0);
}

/* Put into a block of exactly `room` bytes. Answers the length, 0 for refused. */
static size_t put_into(const struct golden *golden, const void *value, size_t room, uint8_t **out)
{
    *out = malloc(room);
    struct mnemos_writer w = {*out, *out + room};
    if (!golden->put(&w, value)) return 0;
    assert_true(w.at <= w.end);
    return (size_t)(w.at - *out);
}

static void expect_bytes(const struct golden *golden, const void *value, const uint8_t *bytes,
                         size_t len)
{
    uint8_t *out;
    size_t got = put_into(golden, value, golden->max, &out);
    if (got != len || memcmp(out, bytes, len) != 0)
        fail_msg("%s: other bytes than expected", golden->name);
    free(out);
}

static void produces_the_golden_bytes(void **state)
{
    (void)state;
    for (size_t i = 0; i < golden_count; i++) {
        const struct golden *golden = &goldens[i];
        assert_in_range(golden->len, golden->min, golden->max);
        expect_bytes(golden, golden->value, golden->bytes, golden->len);
    }
}

static void accepts_the_golden_bytes(void **state)
{
    (void)state;
    for (size_t i = 0; i < golden_count; i++) {
        const struct golden *golden = &goldens[i];
        uint8_t *bytes = exactly(golden->bytes, golden->len);
        void *value = malloc(golden->size);
        struct mnemos_reader r = {bytes, bytes + golden->len};
        if (!golden->get(&r, value)) fail_msg("%s: refused", golden->name);
        assert_ptr_equal(r.at, r.end);
        expect_bytes(golden, value, golden->bytes, golden->len);
        free(value);
        free(bytes);
    }
}

static void refuses_every_truncation(void **state)
{
    (void)state;
    for (size_t i = 0; i < golden_count; i++) {
        const struct golden *golden = &goldens[i];
        void *value = malloc(golden->size);
        for (size_t len = 0; len < golden->len; len++) {
            uint8_t *bytes = exactly(golden->bytes, len);
            struct mnemos_reader r = {bytes, bytes + len};
            if (golden->get(&r, value))
                fail_msg("%s: accepted its first %zu bytes", golden->name, len);
            free(bytes);
        }
        free(value);
    }
}

static void leaves_trailing_bytes_to_the_caller(void **state)
{
    (void)state;
    for (size_t i = 0; i < golden_count; i++) {
        const struct golden *golden = &goldens[i];
        uint8_t *bytes = malloc(golden->len + 3);
        memcpy(bytes, golden->bytes, golden->len);
        memset(bytes + golden->len, 0xff, 3);
        void *value = malloc(golden->size);
        struct mnemos_reader r = {bytes, bytes + golden->len + 3};
        assert_true(golden->get(&r, value));
        assert_int_equal(r.end - r.at, 3);
        free(value);
        free(bytes);
    }
}

static void never_writes_past_the_end(void **state)
{
    (void)state;
    for (size_t i = 0; i < golden_count; i++) {
        const struct golden *golden = &goldens[i];
        for (size_t room = 0; room < golden->max; room++) {
            uint8_t *out;
            size_t len = put_into(golden, golden->value, room, &out);
            if (len && (len != golden->len || room < len))
                fail_msg("%s: into %zu bytes", golden->name, room);
            free(out);
        }
    }
}

/* Damage a golden message: flip, replace, cut, repeat. */
static size_t damage(struct random *random, uint8_t *bytes, size_t len, size_t room)
{
    for (uint32_t times = 1 + random_below(random, 4); times; times--) {
        uint32_t at = random_below(random, (uint32_t)len);
        switch (random_below(random, 5)) {
        case 0:
            bytes[at] ^= (uint8_t)(1u << random_below(random, 8));
            break;
        case 1:
            bytes[at] = (uint8_t)random_next(random);
            break;
        case 2:
            bytes[at] = (uint8_t[]){0, 1, 2, 0x7f, 0x80, 0xff}[random_below(random, 6)];
            break;
        case 3:
            len = at + 1;
            break;
        default:
            if (len < room) {
                memmove(bytes + at + 1, bytes + at, len - at);
                len++;
            }
            break;
        }
    }
    return len;
}

static void damage_one(struct random *random, const struct golden *golden)
{
    size_t room = golden->len + 8;
    uint8_t *damaged = malloc(room);
    memcpy(damaged, golden->bytes, golden->len);
    size_t len = damage(random, damaged, golden->len, room);
    uint8_t *bytes = exactly(damaged, len);
    free(damaged);
    void *value = malloc(golden->size);
    struct mnemos_reader r = {bytes, bytes + len};
    if (golden->get(&r, value)) {
        /* Whatever was accepted can be said again, and then says the same. */
        uint8_t *out, *again;
        size_t said = put_into(golden, value, golden->max, &out);
        assert_true(said > 0 && said <= len);
        void *other = malloc(golden->size);
        struct mnemos_reader second = {out, out + said};
        assert_true(golden->get(&second, other));
        assert_ptr_equal(second.at, second.end);
        assert_int_equal(put_into(golden, other, golden->max, &again), said);
        assert_memory_equal(out, again, said);
        free(again);
        free(other);
        free(out);
    }
    free(value);
    free(bytes);
}

static void survives_damage(uint32_t seed)
{
    struct random random = {seed};
    for (size_t i = 0; i < golden_count; i++) {
        for (int round = 0; round < 20; round++) damage_one(&random, &goldens[i]);
    }
}

/* A value that no reader would take is not written. */
static void refuses_values_out_of_bounds(void **state)
{
    (void)state;
    uint8_t out[MNEMOS_LOADER_ANSWER_MAX + 64];
    static const uint8_t text[64] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    struct mnemos_writer w = {out, out + sizeof out};

    struct mnemos_link_control open = {.tag = MNEMOS_LINK_CONTROL_OPEN,
                                       .open = {.name = {text, 24}}};
    assert_true(mnemos_link_control_put(&w, &open));
    open.open.name.len = 25;
    assert_false(mnemos_link_control_put(&w, &open));
    open.open.name = (struct mnemos_bytes){(const uint8_t *)"\xc3", 1};
    assert_false(mnemos_link_control_put(&w, &open));
    struct mnemos_link_control unknown = {.tag = MNEMOS_LINK_CONTROL_PONG + 1};
    assert_false(mnemos_link_control_put(&w, &unknown));

    struct mnemos_loader_ending ending = {.ports = {.len = 5}};
    assert_false(mnemos_loader_ending_put(&w, &ending));

    struct mnemos_sys_panic_args panic = {.message = {0x20000000, 97}};
    assert_false(mnemos_sys_panic_args_put(&w, &panic));
    panic.message.len = 96;
    w.at = out;
    assert_true(mnemos_sys_panic_args_put(&w, &panic));
    out[4] = 97;
    struct mnemos_reader r = {out, w.at};
    assert_false(mnemos_sys_panic_args_get(&r, &panic));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(produces_the_golden_bytes),
        cmocka_unit_test(accepts_the_golden_bytes),
        cmocka_unit_test(refuses_every_truncation),
        cmocka_unit_test(leaves_trailing_bytes_to_the_caller),
        cmocka_unit_test(never_writes_past_the_end),
        MN_SEEDED(survives_damage),
        cmocka_unit_test(refuses_values_out_of_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
