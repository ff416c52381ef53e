/* serial.h: virtual serial ports, streams of bytes to and from the host.
 *
 * One cable carries many ports. 0 to 15 belong to each program alone; stdin and
 * stdout are port 0, stderr is port 1, and the C library opens them itself at
 * first use, so a program takes 2 to 15. From 16 up (below 4096) a port is the
 * same for the whole board and one program holds it at a time.
 *
 * A slow host makes a writer wait; without a host what is written is dropped and
 * counted by the kernel, and a program never hangs because no cable is plugged in. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MNEMOS_SERIAL_H
#define MNEMOS_SERIAL_H
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef uint32_t mnemos_serial; /* an open port */

/* Open a port.
 *
 * Errors   busy          somebody has it open
 *          bad_argument  4096 or more
 *          full          this program has as many ports open as it may
 *          no_memory     the kernel has no room for another port now
 */
int mnemos_serial_open(uint16_t port, mnemos_serial *out);

/* Take what has arrived, at most `len` bytes, and answer how many; 0 is end of file.
 *
 * Waits    for the first byte or end of file
 * Errors   bad_handle  not open
 */
int mnemos_serial_read(mnemos_serial serial, void *buf, size_t len);

/* The same until a moment (see time.h). Errors also: timed_out. */
int mnemos_serial_read_until(mnemos_serial serial, void *buf, size_t len, uint64_t moment);

/* The same without waiting. Errors also: would_wait, nothing has arrived. */
int mnemos_serial_read_now(mnemos_serial serial, void *buf, size_t len);

/* Hand bytes to the link and answer how many were taken, at least 1 unless `len` is 0.
 *
 * Waits    for room for the first byte
 * Errors   bad_handle  not open
 */
int mnemos_serial_write(mnemos_serial serial, const void *data, size_t len);

/* The same until a moment. Errors also: timed_out. */
int mnemos_serial_write_until(mnemos_serial serial, const void *data, size_t len, uint64_t moment);

/* The same without waiting. Errors also: would_wait, there is no room. */
int mnemos_serial_write_now(mnemos_serial serial, const void *data, size_t len);

/* Hand over all of it and answer 0.
 *
 * Waits    for room, as often as it takes
 * Errors   bad_handle  not open
 */
int mnemos_serial_write_all(mnemos_serial serial, const void *data, size_t len);

/* Give a port back. What was written is still sent, what was not read is dropped.
 * Errors   bad_handle  not open */
int mnemos_serial_close(mnemos_serial serial);

#ifdef __cplusplus
}
#endif
#endif
