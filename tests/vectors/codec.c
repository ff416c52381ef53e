/* codec.c — the C codec behind a pipe, for tests/vectors/run.
 *
 * One request per line: `encode TYPE TOKEN...` answers the bytes in hex, `decode
 * TYPE HEX` answers the count of bytes left over and the tokens, both answer
 * `refused` where the codec does. TYPE cobs takes and gives hex. Tokens are
 * decimal numbers (floats as their bits) and .HEX for bytes and text; a sequence
 * begins with its length, an option with 0 or 1, an enum with its tag. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vectors.h"

/* Where the tokens of a request are read; `bad` sticks. */
struct tokens {
    char *at;
    bool bad;
};

static char *token_next(struct tokens *t)
{
    char *found = t->at ? strsep(&t->at, " ") : NULL;
    static char nothing[] = "";
    if (!found) t->bad = true;
    return found ? found : nothing;
}

static uint64_t token_unsigned(struct tokens *t, uint64_t max)
{
    char *text = token_next(t), *end;
    errno = 0;
    uint64_t value = strtoull(text, &end, 10);
    if (errno || *end || text[0] < '0' || text[0] > '9' || value > max) t->bad = true;
    return value;
}

static int64_t token_signed(struct tokens *t, int64_t min, int64_t max)
{
    char *text = token_next(t), *end;
    errno = 0;
    int64_t value = strtoll(text, &end, 10);
    if (errno || *end || end == text || value < min || value > max) t->bad = true;
    return value;
}

/* Hex to bytes, in a block of exactly that size so that the sanitizer sees one byte too far. */
static bool hex_read(const char *hex, struct mnemos_bytes *out)
{
    size_t len = strlen(hex) / 2;
    if (strlen(hex) % 2) return false;
    uint8_t *data = malloc(len);
    for (size_t i = 0; i < len; i++) {
        unsigned byte;
        int used;
        if (sscanf(hex + 2 * i, "%2x%n", &byte, &used) != 1 || used != 2) return false;
        data[i] = (uint8_t)byte;
    }
    *out = (struct mnemos_bytes){data, (uint32_t)len};
    return true;
}

static void hex_print(const uint8_t *data, size_t len)
{
    for (size_t i = 0; i < len; i++) printf("%02x", data[i]);
}

/* Allocated for the life of the process: one request's worth, freed by the next. */
static struct mnemos_bytes token_data;

static struct mnemos_bytes token_bytes(struct tokens *t)
{
    char *text = token_next(t);
    free((void *)(uintptr_t)token_data.data);
    token_data = (struct mnemos_bytes){NULL, 0};
    if (text[0] != '.' || !hex_read(text + 1, &token_data)) t->bad = true;
    return token_data;
}

static void print_unsigned(uint64_t value)
{
    printf(" %" PRIu64, value);
}

static void print_signed(int64_t value)
{
    printf(" %" PRId64, value);
}

static void print_bytes(struct mnemos_bytes value)
{
    printf(" .");
    hex_print(value.data, value.len);
}

static float float_of(uint64_t bits)
{
    uint32_t low = (uint32_t)bits;
    float value;
    memcpy(&value, &low, sizeof value);
    return value;
}

static uint32_t bits_of(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/* One pair of functions per plain type: read `m` from tokens, print `m` as tokens. */
#define UNSIGNED(name, ctype, max)                                             \
    static void name##_read(struct tokens *t, struct mnemos_vectors_##name *m) \
    {                                                                          \
        m->value = (ctype)token_unsigned(t, max);                              \
    }                                                                          \
    static void name##_print(const struct mnemos_vectors_##name *m)            \
    {                                                                          \
        print_unsigned(m->value);                                              \
    }
#define SIGNED(name, ctype, min, max)                                          \
    static void name##_read(struct tokens *t, struct mnemos_vectors_##name *m) \
    {                                                                          \
        m->value = (ctype)token_signed(t, min, max);                           \
    }                                                                          \
    static void name##_print(const struct mnemos_vectors_##name *m)            \
    {                                                                          \
        print_signed(m->value);                                                \
    }
#define BYTES(name)                                                            \
    static void name##_read(struct tokens *t, struct mnemos_vectors_##name *m) \
    {                                                                          \
        m->value = token_bytes(t);                                             \
    }                                                                          \
    static void name##_print(const struct mnemos_vectors_##name *m)            \
    {                                                                          \
        print_bytes(m->value);                                                 \
    }

UNSIGNED(of_u8, uint8_t, UINT8_MAX)
UNSIGNED(of_u16, uint16_t, UINT16_MAX)
UNSIGNED(of_u32, uint32_t, UINT32_MAX)
UNSIGNED(of_u64, uint64_t, UINT64_MAX)
UNSIGNED(of_bool, bool, 1)
UNSIGNED(of_char, uint32_t, UINT32_MAX)
SIGNED(of_i8, int8_t, INT8_MIN, INT8_MAX)
SIGNED(of_i16, int16_t, INT16_MIN, INT16_MAX)
SIGNED(of_i32, int32_t, INT32_MIN, INT32_MAX)
SIGNED(of_i64, int64_t, INT64_MIN, INT64_MAX)
BYTES(of_string)
BYTES(of_bytes)

static void of_f32_read(struct tokens *t, struct mnemos_vectors_of_f32 *m)
{
    m->value = float_of(token_unsigned(t, UINT32_MAX));
}

static void of_f32_print(const struct mnemos_vectors_of_f32 *m)
{
    print_unsigned(bits_of(m->value));
}

static void of_f64_read(struct tokens *t, struct mnemos_vectors_of_f64 *m)
{
    uint64_t bits = token_unsigned(t, UINT64_MAX);
    memcpy(&m->value, &bits, sizeof m->value);
}

static void of_f64_print(const struct mnemos_vectors_of_f64 *m)
{
    uint64_t bits;
    memcpy(&bits, &m->value, sizeof bits);
    print_unsigned(bits);
}

static void of_option_read(struct tokens *t, struct mnemos_vectors_of_option *m)
{
    m->value.some = token_unsigned(t, 1);
    if (m->value.some) m->value.value = (uint32_t)token_unsigned(t, UINT32_MAX);
}

static void of_option_print(const struct mnemos_vectors_of_option *m)
{
    print_unsigned(m->value.some);
    if (m->value.some) print_unsigned(m->value.value);
}

#define COUNT(items) (sizeof(items) / sizeof(items)[0])

static void of_seq_read(struct tokens *t, struct mnemos_vectors_of_seq *m)
{
    m->value.len = (uint32_t)token_unsigned(t, COUNT(m->value.items));
    for (uint32_t i = 0; i < m->value.len && !t->bad; i++)
        m->value.items[i] = (uint16_t)token_unsigned(t, UINT16_MAX);
}

static void of_seq_print(const struct mnemos_vectors_of_seq *m)
{
    print_unsigned(m->value.len);
    for (uint32_t i = 0; i < m->value.len; i++) print_unsigned(m->value.items[i]);
}

static void of_array_read(struct tokens *t, struct mnemos_vectors_of_array *m)
{
    for (size_t i = 0; i < COUNT(m->value); i++)
        m->value[i] = (uint16_t)token_unsigned(t, UINT16_MAX);
}

static void of_array_print(const struct mnemos_vectors_of_array *m)
{
    for (size_t i = 0; i < COUNT(m->value); i++) print_unsigned(m->value[i]);
}

static void of_raw_read(struct tokens *t, struct mnemos_vectors_of_raw *m)
{
    for (size_t i = 0; i < COUNT(m->value); i++)
        m->value[i] = (uint8_t)token_unsigned(t, UINT8_MAX);
}

static void of_raw_print(const struct mnemos_vectors_of_raw *m)
{
    for (size_t i = 0; i < COUNT(m->value); i++) print_unsigned(m->value[i]);
}

static void of_tuple_read(struct tokens *t, struct mnemos_vectors_of_tuple *m)
{
    m->value.item0 = (uint8_t)token_unsigned(t, UINT8_MAX);
    m->value.item1 = (int32_t)token_signed(t, INT32_MIN, INT32_MAX);
}

static void of_tuple_print(const struct mnemos_vectors_of_tuple *m)
{
    print_unsigned(m->value.item0);
    print_signed(m->value.item1);
}

/* Numbers of 128 bits travel between the processes as two of 64, the high half first. */
static void of_u128_read(struct tokens *t, struct mnemos_vectors_of_u128 *m)
{
    m->value.high = token_unsigned(t, UINT64_MAX);
    m->value.low = token_unsigned(t, UINT64_MAX);
}

static void of_u128_print(const struct mnemos_vectors_of_u128 *m)
{
    print_unsigned(m->value.high);
    print_unsigned(m->value.low);
}

static void of_i128_read(struct tokens *t, struct mnemos_vectors_of_i128 *m)
{
    m->value.high = token_signed(t, INT64_MIN, INT64_MAX);
    m->value.low = token_unsigned(t, UINT64_MAX);
}

static void of_i128_print(const struct mnemos_vectors_of_i128 *m)
{
    print_signed(m->value.high);
    print_unsigned(m->value.low);
}

static void inner_read(struct tokens *t, struct mnemos_vectors_inner *m)
{
    m->a = token_unsigned(t, 1);
    m->b = float_of(token_unsigned(t, UINT32_MAX));
    m->c.item0 = (uint8_t)token_unsigned(t, UINT8_MAX);
    m->c.item1 = (uint16_t)token_unsigned(t, UINT16_MAX);
    for (size_t i = 0; i < COUNT(m->d); i++) m->d[i] = (uint16_t)token_unsigned(t, UINT16_MAX);
}

static void inner_print(const struct mnemos_vectors_inner *m)
{
    print_unsigned(m->a);
    print_unsigned(bits_of(m->b));
    print_unsigned(m->c.item0);
    print_unsigned(m->c.item1);
    for (size_t i = 0; i < COUNT(m->d); i++) print_unsigned(m->d[i]);
}

static void shape_read(struct tokens *t, struct mnemos_vectors_shape *m)
{
    m->tag = (uint8_t)token_unsigned(t, UINT8_MAX);
    switch (m->tag) {
    case MNEMOS_VECTORS_SHAPE_ONE:
        m->one.value = (uint16_t)token_unsigned(t, UINT16_MAX);
        break;
    case MNEMOS_VECTORS_SHAPE_TUPLE:
        m->tuple.first = (uint8_t)token_unsigned(t, UINT8_MAX);
        m->tuple.second = (int32_t)token_signed(t, INT32_MIN, INT32_MAX);
        break;
    case MNEMOS_VECTORS_SHAPE_NAMED:
        m->named.port = (uint16_t)token_unsigned(t, UINT16_MAX);
        m->named.capacity = (uint32_t)token_unsigned(t, UINT32_MAX);
        break;
    case MNEMOS_VECTORS_SHAPE_BYTES:
        m->bytes.value = token_bytes(t);
        break;
    case MNEMOS_VECTORS_SHAPE_NESTED:
        inner_read(t, &m->nested.value);
        break;
    case MNEMOS_VECTORS_SHAPE_OPT:
        m->opt.value.some = token_unsigned(t, 1);
        if (m->opt.value.some) m->opt.value.value = token_unsigned(t, UINT64_MAX);
        break;
    case MNEMOS_VECTORS_SHAPE_LIST:
        m->list.value.len = (uint32_t)token_unsigned(t, COUNT(m->list.value.items));
        for (uint32_t i = 0; i < m->list.value.len && !t->bad; i++) {
            m->list.value.items[i] = (int16_t)token_signed(t, INT16_MIN, INT16_MAX);
        }
        break;
    case MNEMOS_VECTORS_SHAPE_TEXT:
        m->text.value = token_bytes(t);
        break;
    default:
        break;
    }
}

static void shape_print(const struct mnemos_vectors_shape *m)
{
    print_unsigned(m->tag);
    switch (m->tag) {
    case MNEMOS_VECTORS_SHAPE_ONE:
        print_unsigned(m->one.value);
        break;
    case MNEMOS_VECTORS_SHAPE_TUPLE:
        print_unsigned(m->tuple.first);
        print_signed(m->tuple.second);
        break;
    case MNEMOS_VECTORS_SHAPE_NAMED:
        print_unsigned(m->named.port);
        print_unsigned(m->named.capacity);
        break;
    case MNEMOS_VECTORS_SHAPE_BYTES:
        print_bytes(m->bytes.value);
        break;
    case MNEMOS_VECTORS_SHAPE_NESTED:
        inner_print(&m->nested.value);
        break;
    case MNEMOS_VECTORS_SHAPE_OPT:
        print_unsigned(m->opt.value.some);
        if (m->opt.value.some) print_unsigned(m->opt.value.value);
        break;
    case MNEMOS_VECTORS_SHAPE_LIST:
        print_unsigned(m->list.value.len);
        for (uint32_t i = 0; i < m->list.value.len; i++) print_signed(m->list.value.items[i]);
        break;
    case MNEMOS_VECTORS_SHAPE_TEXT:
        print_bytes(m->text.value);
        break;
    default:
        break;
    }
}

/* Encode and decode of each type behind one signature. The messages are static: some have a million
 * items. */
struct kind {
    const char *name;
    size_t max;
    bool (*encode)(struct tokens *t, struct mnemos_writer *w);
    bool (*decode)(struct mnemos_reader *r);
};

#define CODEC(name)                                                                  \
    static struct mnemos_vectors_##name name##_message;                              \
    static bool name##_encode(struct tokens *t, struct mnemos_writer *w)             \
    {                                                                                \
        name##_read(t, &name##_message);                                             \
        return !t->bad && !t->at && mnemos_vectors_##name##_put(w, &name##_message); \
    }                                                                                \
    static bool name##_decode(struct mnemos_reader *r)                               \
    {                                                                                \
        if (!mnemos_vectors_##name##_get(r, &name##_message)) return false;          \
        printf("%zu", (size_t)(r->end - r->at));                                     \
        name##_print(&name##_message);                                               \
        return true;                                                                 \
    }
#define KIND(name, upper)                                                 \
    {                                                                     \
#name, MNEMOS_VECTORS_##upper##_MAX, name##_encode, name##_decode \
    }

CODEC(of_u8)
CODEC(of_u16)
CODEC(of_u32)
CODEC(of_u64)
CODEC(of_i8)
CODEC(of_i16)
CODEC(of_i32)
CODEC(of_i64)
CODEC(of_bool)
CODEC(of_f32)
CODEC(of_f64)
CODEC(of_string)
CODEC(of_bytes)
CODEC(of_option)
CODEC(of_seq)
CODEC(of_array)
CODEC(of_raw)
CODEC(of_tuple)
CODEC(of_u128)
CODEC(of_i128)
CODEC(of_char)
CODEC(shape)

static const struct kind kinds[] = {
    KIND(of_u8, OF_U8),       KIND(of_u16, OF_U16),       KIND(of_u32, OF_U32),
    KIND(of_u64, OF_U64),     KIND(of_i8, OF_I8),         KIND(of_i16, OF_I16),
    KIND(of_i32, OF_I32),     KIND(of_i64, OF_I64),       KIND(of_bool, OF_BOOL),
    KIND(of_f32, OF_F32),     KIND(of_f64, OF_F64),       KIND(of_string, OF_STRING),
    KIND(of_bytes, OF_BYTES), KIND(of_option, OF_OPTION), KIND(of_seq, OF_SEQ),
    KIND(of_array, OF_ARRAY), KIND(of_raw, OF_RAW),       KIND(of_tuple, OF_TUPLE),
    KIND(of_u128, OF_U128),   KIND(of_i128, OF_I128),     KIND(of_char, OF_CHAR),
    KIND(shape, SHAPE),
};

static void encode(const struct kind *kind, char *rest)
{
    uint8_t *out = malloc(kind->max);
    struct mnemos_writer w = {out, out + kind->max};
    struct tokens t = {rest, false};
    if (kind->encode(&t, &w))
        hex_print(out, (size_t)(w.at - out));
    else
        printf("refused");
    free(out);
}

static void decode(const struct kind *kind, const char *hex)
{
    struct mnemos_bytes data;
    if (!hex_read(hex, &data)) {
        printf("bad request");
        return;
    }
    struct mnemos_reader r = {data.data, data.data + data.len};
    if (!kind->decode(&r)) printf("refused");
    free((void *)(uintptr_t)data.data);
}

static void cobs(bool to_wire, const char *hex)
{
    struct mnemos_bytes data;
    if (!hex_read(hex, &data)) {
        printf("bad request");
        return;
    }
    uint8_t *in = (uint8_t *)(uintptr_t)data.data;
    size_t len;
    if (to_wire) {
        uint8_t *out = malloc(MNEMOS_COBS_MAX(data.len));
        hex_print(out, mnemos_cobs_encode(out, in, data.len));
        free(out);
    } else if (mnemos_cobs_decode(in, data.len, &len)) {
        hex_print(in, len);
    } else {
        printf("refused");
    }
    free(in);
}

static void answer(char *line)
{
    char *rest = line;
    const char *verb = strsep(&rest, " ");
    const char *type = strsep(&rest, " ");
    bool to_wire = strcmp(verb, "encode") == 0;
    if (type && strcmp(type, "cobs") == 0) {
        cobs(to_wire, rest ? rest : "");
        return;
    }
    for (size_t i = 0; type && i < COUNT(kinds); i++) {
        if (strcmp(kinds[i].name, type) != 0) continue;
        if (to_wire)
            encode(&kinds[i], rest);
        else
            decode(&kinds[i], rest ? rest : "");
        return;
    }
    printf("bad request");
}

int main(void)
{
    char *line = NULL;
    size_t room = 0;
    for (ssize_t len; (len = getline(&line, &room, stdin)) > 0;) {
        if (line[len - 1] == '\n') line[len - 1] = 0;
        answer(line);
        putchar('\n');
        fflush(stdout);
    }
    free(line);
    free((void *)(uintptr_t)token_data.data);
    return 0;
}
