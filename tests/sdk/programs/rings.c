/* rings.c: copies stdin to stdout through a ring, reading one buffer while the other is written. Before that it looks
 * at what the functions answer; the number of a wrong one is the exit status. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include <mnemos/mnemos.h>

enum { BUFFERS = 4, LEN = 300, WRITING = 16 };

MNEMOS_RING(ring, 8);
MNEMOS_RING(another, 2);
MNEMOS_RING(of_the_wrong_size, 3);

static char buffer[BUFFERS][LEN];

static int look(mnemos_serial port)
{
    struct mnemos_ring_completion done;
    char byte;
    if (mnemos_ring_notify(&ring) != MNEMOS_ERR_NOT_READY || mnemos_ring_close(&ring) != MNEMOS_ERR_NOT_READY) return 1;
    if (mnemos_ring_open(&of_the_wrong_size) != MNEMOS_ERR_BAD_ARGUMENT) return 2;
    if (mnemos_ring_open(&ring) || mnemos_ring_open(&another) != MNEMOS_ERR_BUSY) return 3;
    if (mnemos_ring_next(&ring, &done)) return 4;
    if (mnemos_ring_wait(&ring, 1) != MNEMOS_ERR_BAD_ARGUMENT || mnemos_ring_wait(&ring, 9) != MNEMOS_ERR_BAD_ARGUMENT ||
        mnemos_ring_wait(&ring, 1000) != MNEMOS_ERR_BAD_ARGUMENT)
        return 5;
    for (uint32_t i = 0; i < 8; i++)
        if (mnemos_ring_read(&ring, i, port, &byte, 1)) return 6;
    if (mnemos_ring_read(&ring, 8, port, &byte, 1) != MNEMOS_ERR_FULL) return 7;
    if (mnemos_ring_wait_until(&ring, 1, mnemos_time_us() + 1000) != MNEMOS_ERR_TIMED_OUT) return 8;
    if (mnemos_ring_write(&ring, 9, port, "", 0) || mnemos_ring_notify(&ring)) return 9;
    if (mnemos_ring_next(&ring, &done)) return 10; /* as many completions as there are places are spoken for */
    if (mnemos_ring_close(&ring) || mnemos_ring_open(&another)) return 11;
    if (mnemos_ring_call(&another, 7, 0xffff, 0, 0, 0, 0, 0) || mnemos_ring_wait(&another, 1)) return 12;
    if (!mnemos_ring_next(&another, &done) || done.nonce != 7 || done.error != MNEMOS_ERR_BAD_HANDLE) return 13;
    return mnemos_ring_close(&another) || mnemos_ring_open(&ring) ? 14 : 0;
}

/* Reads and writes go round the buffers; each is filled, emptied, and filled again. */
static int copy(mnemos_serial port)
{
    uint32_t read = 0, written = 0;
    bool reading = false, end = false;
    while (!end || written != read) {
        if (!end && !reading && read - written < BUFFERS) {
            if (mnemos_ring_read(&ring, read % BUFFERS, port, buffer[read % BUFFERS], LEN)) return 20;
            reading = true;
        }
        if (mnemos_ring_wait(&ring, 1)) return 21;
        for (struct mnemos_ring_completion done; mnemos_ring_next(&ring, &done);) {
            uint32_t which = done.nonce % WRITING;
            if (done.error) return 22;
            if (done.nonce >= WRITING) {
                if (which != written++ % BUFFERS) return 23;
                continue;
            }
            reading = false;
            end = !done.used;
            if (end) continue;
            read++;
            if (mnemos_ring_write(&ring, WRITING + which, port, buffer[which], done.used)) return 24;
        }
    }
    return 0;
}

int main(void)
{
    mnemos_serial other, port;
    if (mnemos_serial_open(2, &other) || mnemos_serial_open(0, &port)) return 30;
    int wrong = look(other);
    return wrong ? wrong : copy(port);
}
