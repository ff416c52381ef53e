/* codec.c — encoding and decoding of the two messages, and the stack it takes. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "bench/bench.h"
#include "bench/kernel/rows.h"
#include "kernel/core/port.h"
#include <mnemos/abi/bench.h>
#include <string.h>

#define PAINT       0xa5u
#define PAINTED_LEN 1024u

static uint8_t coded[MNEMOS_BENCH_MESSAGE_MAX], data[64];
static struct mnemos_bench_message message, decoded;
static uint32_t coded_len;

static void make_a(void)
{
    for (uint32_t i = 0; i < sizeof data; i++) data[i] = (uint8_t)(i * 7u);
    message.tag = MNEMOS_BENCH_MESSAGE_A;
    message.a.port = 0x1234;
    message.a.len = sizeof data;
    message.a.data = (struct mnemos_bytes){data, sizeof data};
}

/* Numbers of every encoded length, each at an edge. */
static void make_b(void)
{
    static const char name[] = "sixteen letters!";
    static const uint32_t values[] = {0, 127, 128, 16383, 16384, 2097151, 2097152, UINT32_MAX};
    message.tag = MNEMOS_BENCH_MESSAGE_B;
    message.b.time = 1700000000000000u;
    message.b.name = (struct mnemos_bytes){(const uint8_t *)name, sizeof name - 1};
    message.b.values.len = sizeof values / sizeof *values;
    memcpy(message.b.values.items, values, sizeof values);
}

static bool encode(void)
{
    struct mnemos_writer writer;
    bool ok;
    BENCH_START();
    writer = (struct mnemos_writer){coded, coded + sizeof coded};
    ok = mnemos_bench_message_put(&writer, &message);
    BENCH_STOP();
    coded_len = (uint32_t)(writer.at - coded);
    return ok;
}

static bool decode(void)
{
    struct mnemos_reader reader;
    bool ok;
    BENCH_START();
    reader = (struct mnemos_reader){coded, coded + coded_len};
    ok = mnemos_bench_message_get(&reader, &decoded);
    BENCH_STOP();
    return ok && reader.at == reader.end;
}

static bool put_once(void)
{
    return mnemos_bench_message_put(&(struct mnemos_writer){coded, coded + sizeof coded}, &message);
}

static bool get_once(void)
{
    return mnemos_bench_message_get(&(struct mnemos_reader){coded, coded + coded_len}, &decoded);
}

static bool nothing(void)
{
    return true;
}

/* Bytes of stack below this function's own that a call overwrites. */
static __attribute__((noinline)) uint32_t stack_used(bool (*call)(void))
{
    uint8_t *top, *at;
    __asm volatile("mov %0, sp" : "=r"(top));
    for (at = top - PAINTED_LEN; at < top; at++) *(volatile uint8_t *)at = PAINT;
    MN_ASSERT(call());
    for (at = top - PAINTED_LEN; at < top && *(volatile uint8_t *)at == PAINT; at++)
        ;
    return (uint32_t)(top - at);
}

static uint32_t more(uint32_t most, uint32_t value)
{
    return value > most ? value : most;
}

/* `frame` is what put_once() and get_once() use themselves: a reader or writer and the return address. */
static uint32_t deepest(uint32_t most)
{
    const uint32_t frame = 8u + sizeof(struct mnemos_writer);
    most = more(most, stack_used(put_once) - frame);
    return more(most, stack_used(get_once) - frame);
}

void rows_of_codec(void)
{
    make_a();
    MN_ASSERT(encode());
    bench_row("codec.a_enc");
    MN_ASSERT(decode() && decoded.a.port == message.a.port);
    bench_row("codec.a_dec");
    uint32_t stack = deepest(0);

    make_b();
    MN_ASSERT(encode());
    bench_row("codec.b_enc");
    MN_ASSERT(decode() && !memcmp(&decoded.b.values, &message.b.values, sizeof message.b.values));
    bench_row("codec.b_dec");
    MN_ASSERT(stack_used(nothing) <= 8u);
    bench_value("codec.stack", deepest(stack));
}
