/* simple_serial.h — simple serial: the board's one serial line. Generated from
 * abi/schema/simple_serial.toml by tools/abigen: edit that file, not this one. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MNEMOS_ABI_SIMPLE_SERIAL_H
#define MNEMOS_ABI_SIMPLE_SERIAL_H
#include <mnemos/abi/wire.h>

#ifdef __cplusplus
extern "C" {
#endif

#define MNEMOS_SIMPLE_SERIAL_UUID \
    { 0xf0, 0x6a, 0xac, 0x01, 0x27, 0x73, 0x42, 0x66, 0x86, 0x81, 0x58, 0x3f, 0xfe, 0x75, 0x65, 0x54 }

/* The calls: the position is the number, for ever. */
enum mnemos_simple_serial_call {
    MNEMOS_SIMPLE_SERIAL_CALL_GET_PORT = 0,
    MNEMOS_SIMPLE_SERIAL_CALL_COUNT = 1,
};

/* What the first n calls look like on the wire, for each n up to all of them; see docs/abi. */
#define MNEMOS_SIMPLE_SERIAL_SHAPE 0x77e909b1u
#define MNEMOS_SIMPLE_SERIAL_SHAPES \
    { 0x775e6ffeu, 0x77e909b1u }

#ifdef __cplusplus
}
#endif
#endif
