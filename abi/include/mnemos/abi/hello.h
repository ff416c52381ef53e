/* hello.h — the hello service: greets by name. Generated from abi/schema/hello.toml by
 * tools/abigen: edit that file, not this one. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MNEMOS_ABI_HELLO_H
#define MNEMOS_ABI_HELLO_H
#include <mnemos/abi/wire.h>

#ifdef __cplusplus
extern "C" {
#endif

#define MNEMOS_HELLO_UUID \
    { 0x0e, 0x11, 0x87, 0xd6, 0xe2, 0x5c, 0x4d, 0x56, 0x9d, 0x63, 0xc0, 0x60, 0xa2, 0xc2, 0x39, 0x60 }

/* The calls: the position is the number, for ever. */
enum mnemos_hello_call {
    MNEMOS_HELLO_CALL_GREET = 0,
    MNEMOS_HELLO_CALL_COUNT = 1,
};

/* What the first n calls look like on the wire, for each n up to all of them; see docs/abi. */
#define MNEMOS_HELLO_SHAPE 0xa906ab02u
#define MNEMOS_HELLO_SHAPES \
    { 0x2cf24dbau, 0xa906ab02u }

/* greet: Be greeted. Errors: bad_argument. */
/* Arguments of `greet`. */
struct mnemos_hello_greet_args {
    /* who asks; at most 24 bytes */
    struct {
        uint32_t len;
        uint8_t data[24];
    } name;
};
#define MNEMOS_HELLO_GREET_ARGS_MIN 1u /* bytes */
#define MNEMOS_HELLO_GREET_ARGS_MAX 25u /* bytes */
bool mnemos_hello_greet_args_put(struct mnemos_writer *w, const struct mnemos_hello_greet_args *m);
bool mnemos_hello_greet_args_get(struct mnemos_reader *r, struct mnemos_hello_greet_args *m);

/* Reply of `greet`. */
struct mnemos_hello_greet_reply {
    /* the greeting; at most 40 bytes */
    struct {
        uint32_t len;
        uint8_t data[40];
    } text;
    uint32_t number; /* how many have been greeted since boot, this one included */
};
#define MNEMOS_HELLO_GREET_REPLY_MIN 2u /* bytes */
#define MNEMOS_HELLO_GREET_REPLY_MAX 46u /* bytes */
bool mnemos_hello_greet_reply_put(struct mnemos_writer *w,
                                  const struct mnemos_hello_greet_reply *m);
bool mnemos_hello_greet_reply_get(struct mnemos_reader *r, struct mnemos_hello_greet_reply *m);

#ifdef __cplusplus
}
#endif
#endif
