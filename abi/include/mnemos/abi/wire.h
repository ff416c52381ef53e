/* wire.h — postcard 1.x primitives, COBS, CRC-32 and Adler-32.
 *
 * The generated codecs are made of these. Writers and readers never go past
 * `end`; what does not fit or is malformed makes the function answer false and
 * leaves the position undefined. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MNEMOS_ABI_WIRE_H
#define MNEMOS_ABI_WIRE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mnemos_writer { uint8_t *at, *end; };
struct mnemos_reader { const uint8_t *at, *end; };

/* Bytes or text inside a message: points into the reader's memory. */
struct mnemos_bytes { const uint8_t *data; uint32_t len; };

/* A run of a program's memory, as the program claims. On the wire: address and
 * length as two fixed little-endian u32. Never a C pointer inside the kernel. */
struct mnemos_span { uint32_t addr, len; };
#endif
