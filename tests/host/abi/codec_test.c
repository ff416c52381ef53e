/* codec_test.c — the generated codecs: golden vectors, truncation, trailing bytes, random damage. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "golden.h"
#include "random.h"
#include "seeds.h"
#include <mnemos/abi/every_type.h>
#include <mnemos/abi/every_type_by_value.h>
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

/* Values of the rarer types that no reader would take. */
static void refuses_values_that_a_type_does_not_have(void **state)
{
    (void)state;
    uint8_t out[MNEMOS_EVERY_TYPE_MAPS_MAX + MNEMOS_EVERY_TYPE_WORDS_MAX];
    struct mnemos_writer w = {out, out + sizeof out};
#define TRIED(name, ...) \
    mnemos_every_type_##name##_put(&w, &(struct mnemos_every_type_##name){__VA_ARGS__})
    assert_true(TRIED(words, .char_ = 0x10ffff));
    assert_false(TRIED(words, .char_ = 0x110000));
    assert_false(TRIED(words, .char_ = 0xd800));
    assert_false(TRIED(words, .chars = {'a', 0xdfff, 'c'}));
    assert_true(TRIED(times, .one = {1, 999999999}));
    assert_false(TRIED(times, .one = {1, 1000000000}));
    assert_false(TRIED(times, .more = {{0, 0}, {0, UINT32_MAX}}));
    assert_true(TRIED(marks, .access = MNEMOS_EVERY_TYPE_ACCESS_ALL, .full = 0xff));
    assert_false(TRIED(marks, .access = MNEMOS_EVERY_TYPE_ACCESS_ALL + 1));
    assert_false(TRIED(marks, .wide = MNEMOS_EVERY_TYPE_WIDE_ALL + 1));
    assert_false(TRIED(marks, .several = {0, 8}));
    assert_false(TRIED(marks, .colour = 3));
    assert_true(TRIED(maps, .numbers = {2, {{1, 0}, {2, 0}}}));
    assert_false(TRIED(maps, .numbers = {2, {{1, 0}, {1, 5}}}));
    assert_false(TRIED(maps, .numbers = {5, {{1, 0}}}));
    static const uint8_t one[] = "one", also[] = "one";
    assert_false(TRIED(maps, .texts = {2, {{{one, 3}, {NULL, 0}}, {{also, 3}, {NULL, 0}}}}));
    assert_true(TRIED(maps, .texts = {2, {{{one, 3}, {NULL, 0}}, {{NULL, 0}, {NULL, 0}}}}));
    assert_false(TRIED(results, .nothing = {.ok = false, .error = {one, 6}}));
#undef TRIED
}

/* Both codecs of a message of the schema with every type. */
#define BOTH(name)                                                                       \
    static bool name##_taken(const uint8_t *bytes, size_t len)                           \
    {                                                                                    \
        struct mnemos_every_type_##name message;                                         \
        struct mnemos_every_type_by_value_##name by_value;                               \
        struct mnemos_reader r = {bytes, bytes + len}, s = r;                            \
        bool taken = mnemos_every_type_##name##_get(&r, &message);                       \
        assert_int_equal(taken, mnemos_every_type_by_value_##name##_get(&s, &by_value)); \
        return taken;                                                                    \
    }
BOTH(words)
BOTH(times)
BOTH(marks)
BOTH(results)
BOTH(maps)

/* Behind each bad beginning stand ones, with which every one of these messages could go on. */
static void refuses_bytes_that_a_type_does_not_have(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        bool (*taken)(const uint8_t *bytes, size_t len);
        size_t len;
        const char *bytes;
    } bad[] = {
        {"a character of no bytes", words_taken, 1, "\0"},
        {"two characters in one", words_taken, 3, "\2aa"},
        {"five bytes", words_taken, 6, "\5aaaaa"},
        {"a surrogate", words_taken, 4, "\3\xed\xa0\x80"},
        {"half a character", words_taken, 2, "\1\xc3"},
        {"a second of nanoseconds", times_taken, 6, "\0\x80\x94\xeb\xdc\x03"},
        {"a bit without a name", marks_taken, 1, "\x08"},
        {"a high bit without a name", marks_taken, 4, "\0\x80\x80\x10"},
        {"neither ok nor error", results_taken, 1, "\2"},
        {"a number twice", maps_taken, 5, "\2\5\0\5\0"},
        {"a text twice", maps_taken, 8, "\0\2\1a\0\1a\0"},
        {"too many keys", maps_taken, 1, "\5"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        uint8_t bytes[200];
        memset(bytes, 1, sizeof bytes);
        assert_true(bad[i].taken(bytes, sizeof bytes));
        memcpy(bytes, bad[i].bytes, bad[i].len);
        if (bad[i].taken(bytes, sizeof bytes)) fail_msg("%s: accepted", bad[i].what);
    }
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
        cmocka_unit_test(refuses_values_that_a_type_does_not_have),
        cmocka_unit_test(refuses_bytes_that_a_type_does_not_have),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
