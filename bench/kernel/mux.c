/* mux.c — a frame from the line's ring to its port, searching the delimiter included; and a frame out. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/services/mux.h"
#include "bench/bench.h"
#include "bench/kernel/memory.h"
#include "bench/kernel/rows.h"
#include "kernel/core/heap.h"
#include "kernel/core/port.h"
#include <mnemos/abi/wire.h>
#include <string.h>

#define PORT      16u
#define PORT_RING 1024u
#define LONGEST   240u
#define REPEATS   4u

static struct mn_link line;
static struct mn_mux_port *port;
static uint8_t received[PORT_RING];

static void event(struct mn_mux_port *from, void *owner)
{
    BENCH_STOP();
    (void)from;
    (void)owner;
}

static void settle(void)
{
    for (uint32_t i = 0; i < 100; i++) (void)mn_executor_tick();
    struct mn_grant grant = mn_bbq_read_grant(&line.tx);
    mn_bbq_release(&grant, grant.len);
}

/* Put a frame on the line, as the host would. */
static void frame(uint16_t number, const uint8_t *data, uint32_t len, bool crc)
{
    static uint8_t raw[LONGEST + 6u], coded[MNEMOS_COBS_MAX(sizeof raw) + 1u];
    raw[0] = (uint8_t)number;
    raw[1] = (uint8_t)(number >> 8);
    memcpy(raw + 2, data, len);
    len += 2;
    if (crc) {
        uint32_t sum = mnemos_crc32(0, raw, len);
        memcpy(raw + len, &sum, sizeof sum);
        len += sizeof sum;
    }
    uint32_t coded_len = (uint32_t)mnemos_cobs_encode(coded, raw, len);
    coded[coded_len++] = 0;
    MN_ASSERT(mn_bbq_put(&line.rx, coded, coded_len) == coded_len);
}

static void control(const struct mnemos_link_control *message)
{
    uint8_t coded[MNEMOS_LINK_CONTROL_MAX];
    struct mnemos_writer writer = {coded, coded + sizeof coded};
    MN_ASSERT(mnemos_link_control_put(&writer, message));
    frame(MNEMOS_LINK_PORT_CONTROL, coded, (uint32_t)(writer.at - coded), true);
    settle();
}

static void hello(void)
{
    struct mnemos_link_control message = {.tag = MNEMOS_LINK_CONTROL_HELLO};
    message.hello.proto = MNEMOS_LINK_PROTO;
    message.hello.session = 1;
    message.hello.max_frame = MNEMOS_LINK_MAX_FRAME;
    message.hello.features = MNEMOS_LINK_FEATURE_CRC;
    control(&message);
}

/* From the bytes in the line's ring to the port's owner being told, the executor's round included. */
static void receive(uint32_t len, bool crc, const char *row)
{
    uint8_t data[LONGEST];
    uint32_t state = 1;
    for (uint32_t i = 0; i < len; i++) data[i] = (uint8_t)(bench_random(&state) >> 11);
    for (uint32_t i = 0; i < REPEATS; i++) {
        frame(PORT, data, len, crc);
        BENCH_START();
        (void)mn_executor_tick();
        MN_ASSERT(mn_mux_read(port, received, sizeof received) == len &&
                  !memcmp(received, data, len));
        settle();
    }
    bench_row(row);
}

/* From the owner's bytes to the frame in the line's ring, the executor's round included. */
static void transmit(uint32_t len, const char *row)
{
    uint8_t data[LONGEST];
    uint32_t state = 1;
    for (uint32_t i = 0; i < len; i++) data[i] = (uint8_t)(bench_random(&state) >> 11);
    for (uint32_t i = 0; i < REPEATS; i++) {
        BENCH_START();
        uint32_t taken = mn_mux_write(port, data, len);
        (void)mn_executor_tick();
        BENCH_STOP();
        MN_ASSERT(taken == len && mn_bbq_used(&line.tx) > len);
        settle();
        MN_ASSERT(mn_bbq_used(&line.tx) == 0);
    }
    bench_row(row);
}

/* Let the device send this many bytes of the port. */
static void credit(uint32_t limit)
{
    control(&(struct mnemos_link_control){
        .tag = MNEMOS_LINK_CONTROL_CREDIT, .credit = {.port = PORT, .limit = limit}});
}

void rows_of_mux(void)
{
    mn_heap_reset(bench_memory(0), 16384);
    mn_executor_reset();
    mn_bbq_init(&line.rx, bench_memory(16384), 4096);
    mn_bbq_init(&line.tx, bench_memory(20480), 4096);
    mn_mux_start(&line);
    MN_ASSERT(
        !mn_mux_open(PORT, "bench", MN_PORT_INTERACTIVE, PORT_RING, PORT_RING, event, NULL, &port));
    settle();
    receive(64, false, "mux.rx_64");
    receive(LONGEST, false, "mux.rx_240");
    transmit(64, "mux.tx_64");
    transmit(LONGEST, "mux.tx_240");
    hello();
    receive(64, true, "mux.rx_64_crc");
    receive(LONGEST, true, "mux.rx_240_crc");
    credit(REPEATS * (64 + LONGEST));
    transmit(64, "mux.tx_64_crc");
    transmit(LONGEST, "mux.tx_240_crc");
}
