/* image.h — the header of a program image (.mna).
 *
 * file = header (88 bytes, little-endian) | records (type u16, length u16, body
 * padded to 4) up to head_len | payload. The payload is text, read-only data and
 * the initialisers of .data and .tdata; no bss, stack or heap. The program is
 * linked once at text_base and data_base; `relocs` lists the words that hold
 * addresses. Everything here is untrusted: see mn_image_check(). */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MNEMOS_ABI_IMAGE_H
#define MNEMOS_ABI_IMAGE_H
#include <stdint.h>

#define MNEMOS_IMAGE_MAGIC     0x31414e4du /* "MNA1" */
#define MNEMOS_IMAGE_HEADER    88u
#define MNEMOS_IMAGE_HEAD_MAX  4096u
#define MNEMOS_IMAGE_STACK_MIN 512u /* an FP exception frame, the arguments and a little */

enum mnemos_image_arch { MNEMOS_ARCH_ARMV7EM = 1 };
enum mnemos_image_float { MNEMOS_FLOAT_SOFT = 0, MNEMOS_FLOAT_HARD = 1 };

struct mnemos_image_header {
    uint32_t magic;         /*  0 */
    uint32_t head_crc;      /*  4 CRC-32 of bytes [8, head_len) */
    uint16_t head_len;      /*  8 header and records; multiple of 8, at most HEAD_MAX */
    uint8_t  arch;          /* 10 */
    uint8_t  float_abi;     /* 11 */
    uint16_t abi_major;     /* 12 */
    uint16_t abi_minor;     /* 14 */
    uint32_t flags;         /* 16 none defined: any set bit is refused */
    uint32_t payload_len;   /* 20 */
    uint32_t payload_crc32; /* 24 */
    uint32_t payload_adler; /* 28 Adler-32 */
    uint32_t data_off;      /* 32 initialisers of .data and .tdata, in the payload */
    uint32_t data_len;      /* 36 */
    uint32_t static_len;    /* 40 data + bss, tdata and tbss included */
    uint32_t stack_len;     /* 44 multiple of 8 */
    uint32_t heap_len;      /* 48 at least this much */
    uint32_t entry_off;     /* 52 even: the kernel sets the Thumb bit */
    uint32_t text_base;     /* 56 link address of the payload's first byte */
    uint32_t data_base;     /* 60 link address of the first byte after the stack */
    uint8_t  build_id[20];  /* 64 */
    uint32_t n_relocs;      /* 84 */
};
#ifndef __cplusplus
_Static_assert(sizeof(struct mnemos_image_header) == MNEMOS_IMAGE_HEADER, "frozen layout");
#endif

/* Records. A type with the top bit set must be understood or the image is refused. */
enum mnemos_image_record {
    MNEMOS_RECORD_NAME    = 1,      /* UTF-8, 1..24 bytes of [A-Za-z0-9._-] */
    MNEMOS_RECORD_VERSION = 2,      /* UTF-8 */
    MNEMOS_RECORD_TITLE   = 3,      /* UTF-8 */
    /* varints: (byte gap << 1) | class; class 0 adds the text delta, 1 the data delta */
    MNEMOS_RECORD_RELOCS  = 0x8010,
    /* a service the program needs, any number of them: uuid 16, shape u32 of its first n calls,
     * n u16, name UTF-8 1..24 bytes; the kernel refuses the image when it has no such service */
    MNEMOS_RECORD_REQUIRES = 0x8011
};
#define MNEMOS_REQUIRES_SHAPE 16u /* where the fields are */
#define MNEMOS_REQUIRES_CALLS 20u
#define MNEMOS_REQUIRES_NAME  22u

/* What the kernel hands to the entry point, in r0..r3:
 * r0 argc, r1 argv (a zero-terminated array at the top of the stack, strings behind it),
 * r2 first byte of the heap, r3 bytes of heap. SP is 8-aligned, lr is 0. */
#endif
