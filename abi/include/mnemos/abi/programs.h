/* programs.h — the loader as a service: which programs there are, and starting and ending them.
 * Generated from abi/schema/programs.toml by tools/abigen: edit that file, not this one. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MNEMOS_ABI_PROGRAMS_H
#define MNEMOS_ABI_PROGRAMS_H
#include <mnemos/abi/wire.h>

#ifdef __cplusplus
extern "C" {
#endif

#define MNEMOS_PROGRAMS_UUID \
    { 0x58, 0xd2, 0x28, 0xd9, 0x9f, 0x0c, 0x44, 0x36, 0x9f, 0xbd, 0xa7, 0xb3, 0x43, 0x6d, 0xae, 0x2c }

/* The calls: the position is the number, for ever. */
enum mnemos_programs_call {
    MNEMOS_PROGRAMS_CALL_LIST = 0,
    MNEMOS_PROGRAMS_CALL_START = 1,
    MNEMOS_PROGRAMS_CALL_STOP = 2,
    MNEMOS_PROGRAMS_CALL_UNLOAD = 3,
    MNEMOS_PROGRAMS_CALL_COUNT = 4,
};

/* What the first n calls look like on the wire, for each n up to all of them; see docs/abi. */
#define MNEMOS_PROGRAMS_SHAPE 0x50b64c44u
#define MNEMOS_PROGRAMS_SHAPES \
    { 0xfdebae30u, 0x284374d4u, 0x3fe3dac2u, 0xe16708e0u, 0x50b64c44u }

/* A program that is loaded. */
struct mnemos_programs_entry {
    uint32_t handle; /* slot in the low byte, generation above */
    /* at most 24 bytes */
    struct {
        uint32_t len;
        uint8_t data[24];
    } name;
    uint8_t state; /* 1 loading, 2 loaded, 3 runnable, 4 waiting, 5 ended */
    uint16_t port_base; /* its port 0 on the link in its current or last life */
    uint32_t starts;
    uint64_t run_us; /* processor time in all */
};
#define MNEMOS_PROGRAMS_ENTRY_MIN 6u /* bytes */
#define MNEMOS_PROGRAMS_ENTRY_MAX 49u /* bytes */
bool mnemos_programs_entry_put(struct mnemos_writer *w, const struct mnemos_programs_entry *m);
bool mnemos_programs_entry_get(struct mnemos_reader *r, struct mnemos_programs_entry *m);

#ifdef __cplusplus
}
#endif
#endif
