/* rings.c — calls of a service, and calls through a ring, between markers; see bench/kernel/service.c for the service. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "rings.h"
#include "bench/bench.h"
#include "call.h"
#include "ports.h"
#include <mnemos/ring.h>

#define REPEATS 100u
#define AT_ONCE 4u

MNEMOS_RING(ring, 8);

static bool take(uint32_t nonce, uint32_t used)
{
    struct mnemos_ring_completion done;
    return mnemos_ring_next(&ring, &done) && done.nonce == nonce && !done.error && done.used == used;
}

/* The kernel's ring holds three; closing the port empties it. */
static bool send_64(void)
{
    static const uint8_t data[64];
    for (uint32_t i = 0; i < REPEATS; i++) {
        if (i % 3 == 0 && mnemos_serial_close(BENCH_PORT_RING)) return false;
        BENCH_START();
        (void)mnemos_ring_write(&ring, i, BENCH_PORT_RING, data, sizeof data);
        (void)mnemos_ring_notify(&ring);
        BENCH_STOP();
        if (!take(i, sizeof data)) return false;
    }
    bench_row("ring.send_64");
    return true;
}

/* Several in one system call, and their completions taken. */
static bool send_3_of_64(void)
{
    static const uint8_t data[64];
    for (uint32_t i = 0; i < REPEATS; i++) {
        if (mnemos_serial_close(BENCH_PORT_RING)) return false;
        BENCH_START();
        for (uint32_t n = 0; n < 3; n++)
            (void)mnemos_ring_write(&ring, n, BENCH_PORT_RING, data, sizeof data);
        (void)mnemos_ring_notify(&ring);
        bool all = take(0, sizeof data) && take(1, sizeof data) && take(2, sizeof data);
        BENCH_STOP();
        if (!all) return false;
    }
    bench_row("ring.send_3_of_64");
    return true;
}

static bool call_service(mnemos_service service)
{
    for (uint32_t i = 0; i < REPEATS; i++) {
        uint8_t in[1] = {(uint8_t)i}, out[MNEMOS_SYS_ECHO_REPLY_MAX];
        size_t used;
        BENCH_START();
        int err = mnemos_service_call(service, 0, in, sizeof in, out, sizeof out, &used);
        BENCH_STOP();
        if (err || used != 1 || out[0] != in[0]) return false;
    }
    bench_row("call.service");
    return true;
}

/* The same four times at once. */
static bool call_service_through_ring(mnemos_service service)
{
    static uint8_t in[AT_ONCE], out[AT_ONCE][MNEMOS_SYS_ECHO_REPLY_MAX];
    for (uint32_t i = 0; i < REPEATS; i++) {
        bool fine = true;
        BENCH_START();
        for (uint32_t n = 0; n < AT_ONCE; n++)
            (void)mnemos_ring_call(&ring, n, service, 0, &in[n], 1, out[n], sizeof out[n]);
        (void)mnemos_ring_wait(&ring, AT_ONCE);
        for (uint32_t n = 0; n < AT_ONCE; n++) fine = fine && take(n, 1);
        BENCH_STOP();
        if (!fine) return false;
    }
    bench_row("ring.4_services");
    return true;
}

int rings(void)
{
    static const struct mnemos_interface interface = {BENCH_SERVICE_UUID, 1, BENCH_SERVICE_SHAPE};
    mnemos_service service;
    if (mnemos_ring_open(&ring) ||
        mnemos_service_connect_for(AT_ONCE, &interface, NULL, 0, &service))
        return 11;
    if (!send_64() || !send_3_of_64()) return 12;
    return call_service(service) && call_service_through_ring(service) ? 0 : 13;
}
