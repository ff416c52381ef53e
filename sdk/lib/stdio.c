/* stdio.c: stdin, stdout and stderr on the program's ports 0 and 1, opened at first use.
 *
 * stdout goes out when its buffer is full, at a newline, before the program waits
 * (for input or for time) and at the end. stderr goes out at the end of each
 * fprintf() and fputs(), so that what was said before a fault is seen. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "runtime.h"
#include <mnemos/error.h>
#include <mnemos/serial.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

enum { PORT_STDIO = 0, PORT_STDERR = 1, OUT_BYTES = 128, IN_BYTES = 128, ERR_BYTES = 64 };

static struct {
    bool open;
    mnemos_serial serial;
} stdio_port, stderr_port;
static struct {
    uint32_t len;
    uint8_t bytes[OUT_BYTES];
} out;
static struct {
    uint32_t at, len;
    uint8_t bytes[IN_BYTES];
} in;
static struct {
    bool hold;
    uint32_t len;
    uint8_t bytes[ERR_BYTES];
} err;

static int flush_stdout(FILE *stream)
{
    (void)stream;
    uint32_t len = out.len;
    out.len = 0;
    if (len == 0) return 0;
    return mnemos_serial_write_all(stdio_port.serial, out.bytes, len) < 0 ? EOF : 0;
}

static int flush_stderr(FILE *stream)
{
    (void)stream;
    uint32_t len = err.len;
    err.len = 0;
    if (len == 0) return 0;
    return mnemos_serial_write_all(stderr_port.serial, err.bytes, len) < 0 ? EOF : 0;
}

static void flush_stdout_at_end(void)
{
    flush_stdout(stdout);
}

static bool stdio_opened(void)
{
    if (!stdio_port.open) stdio_port.open = mnemos_serial_open(PORT_STDIO, &stdio_port.serial) == 0;
    return stdio_port.open;
}

static int put_stdout(char c, FILE *stream)
{
    if (!stdio_opened()) return EOF;
    runtime_flush = flush_stdout_at_end;
    out.bytes[out.len++] = (uint8_t)c;
    if (out.len == sizeof out.bytes || c == '\n')
        if (flush_stdout(stream) < 0) return EOF;
    return (unsigned char)c;
}

static int put_stderr(char c, FILE *stream)
{
    if (!stderr_port.open)
        stderr_port.open = mnemos_serial_open(PORT_STDERR, &stderr_port.serial) == 0;
    if (!stderr_port.open) return EOF;
    err.bytes[err.len++] = (uint8_t)c;
    if (err.len == sizeof err.bytes || !err.hold)
        if (flush_stderr(stream) < 0) return EOF;
    return (unsigned char)c;
}

static int get_stdin(FILE *stream)
{
    if (in.at == in.len) {
        if (!stdio_opened()) return _FDEV_ERR;
        int got = mnemos_serial_read_now(stdio_port.serial, in.bytes, sizeof in.bytes);
        if (got == MNEMOS_ERR_WOULD_WAIT) {
            flush_stdout(stream);
            got = mnemos_serial_read(stdio_port.serial, in.bytes, sizeof in.bytes);
        }
        in.at = 0;
        in.len = got > 0 ? (uint32_t)got : 0;
        if (got <= 0) return got == 0 ? _FDEV_EOF : _FDEV_ERR;
    }
    return in.bytes[in.at++];
}

static FILE input = FDEV_SETUP_STREAM(NULL, get_stdin, NULL, _FDEV_SETUP_READ);
static FILE output = FDEV_SETUP_STREAM(put_stdout, NULL, flush_stdout, _FDEV_SETUP_WRITE);
static FILE errors = FDEV_SETUP_STREAM(put_stderr, NULL, flush_stderr, _FDEV_SETUP_WRITE);

/* `used`, or link-time optimisation of the program drops them. */
__attribute__((used)) FILE *const stdin = &input;
__attribute__((used)) FILE *const stdout = &output;
__attribute__((used)) FILE *const stderr = &errors;

/* The C library's own two are replaced so that a message on stderr travels as one piece. */
int fprintf(FILE *stream, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    err.hold = true;
    int count = vfprintf(stream, format, arguments);
    err.hold = false;
    flush_stderr(stderr);
    va_end(arguments);
    return count;
}

int fputs(const char *text, FILE *stream)
{
    int result = 0;
    err.hold = true;
    while (*text && result >= 0) result = putc(*text++, stream);
    err.hold = false;
    flush_stderr(stderr);
    return result < 0 ? EOF : 0;
}
