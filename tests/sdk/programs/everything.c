/* everything.c: calls each function of mnemos/ and each one the C library needs of it, so that all of them link. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include <assert.h>
#include <malloc.h>
#include <mnemos/mnemos.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>
#include <sys/times.h>
#include <time.h>
#include <unistd.h>

static void serial(void)
{
    mnemos_serial port;
    char buf[8];
    if (mnemos_serial_open(2, &port) < 0) return;
    mnemos_serial_write(port, "a", 1);
    mnemos_serial_write_all(port, "b", 1);
    mnemos_serial_write_now(port, "c", 1);
    mnemos_serial_write_until(port, "d", 1, 1);
    mnemos_serial_read(port, buf, sizeof buf);
    mnemos_serial_read_now(port, buf, sizeof buf);
    mnemos_serial_read_until(port, buf, sizeof buf, 1);
    mnemos_serial_close(port);
}

MNEMOS_RING(ring, 2);

static void services_and_rings(void)
{
    static const struct mnemos_interface interface = {{0}, 0, 0};
    struct mnemos_ring_completion done;
    mnemos_service service;
    size_t used;
    if (mnemos_service_find(&interface) || mnemos_service_connect(&interface, NULL, 0, &service)) return;
    if (mnemos_service_connect_now(&interface, NULL, 0, &service)) return;
    if (mnemos_service_connect_for(2, &interface, NULL, 0, &service) || mnemos_ring_open(&ring)) return;
    mnemos_service_call(service, 0, NULL, 0, NULL, 0, &used);
    mnemos_service_call_until(service, 0, NULL, 0, NULL, 0, &used, 1);
    mnemos_ring_call(&ring, 1, service, 0, NULL, 0, NULL, 0);
    mnemos_ring_read(&ring, 2, 0, NULL, 0);
    mnemos_ring_write(&ring, 3, 0, NULL, 0);
    mnemos_ring_notify(&ring);
    mnemos_ring_wait(&ring, 1);
    mnemos_ring_wait_until(&ring, 1, 1);
    mnemos_ring_next(&ring, &done);
    mnemos_ring_close(&ring);
    mnemos_service_close(service);
}

static void times_and_names(void)
{
    struct mnemos_info info;
    struct mnemos_memory memory;
    struct timeval now;
    struct timespec moment;
    struct tms used;
    char noise[16];
    mnemos_info(&info);
    mnemos_memory(&memory);
    mnemos_yield();
    mnemos_sleep_ms(1);
    mnemos_random(noise, sizeof noise);
    getentropy(noise, sizeof noise);
    gettimeofday(&now, NULL);
    clock_gettime(CLOCK_MONOTONIC, &moment);
    nanosleep(&(struct timespec){.tv_nsec = 1}, NULL);
    times(&used);
    usleep(1);
    sleep(0);
    printf("%ld %lu %s %lu\n", (long)time(NULL), (unsigned long)clock(), mnemos_strerror(-1),
           (unsigned long)mnemos_random_u32());
}

static void memory(void)
{
    void *aligned = NULL;
    if (posix_memalign(&aligned, 64, 10) == 0) free(aligned);
    free(reallocarray(NULL, 2, 2));
    free(aligned_alloc(32, 32));
    free(memalign(16, 1));
    free(valloc(1));
    free(pvalloc(1));
    cfree(calloc(2, 2));
    char *text = NULL;
    if (asprintf(&text, "%d", (int)malloc_usable_size(NULL)) >= 0) free(text);
}

int main(int argc, char **argv)
{
    char line[10];
    serial();
    services_and_rings();
    times_and_names();
    memory();
    fputs("x", stderr);
    perror("y");
    if (fgets(line, sizeof line, stdin) && scanf("%9s", line) == 1) puts(line);
    if (argc > 3) mnemos_panic(argv[1]);
    if (argc > 2) raise(SIGTERM);
    if (argc > 1) _Exit(1);
    assert(argc == 0);
    abort();
}
