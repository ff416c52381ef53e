/* error.h — one list of errors for kernel, SDK and host tool. Generated from abi/schema/errors.toml
 * by tools/abigen: edit that file, not this one. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MNEMOS_ABI_ERROR_H
#define MNEMOS_ABI_ERROR_H
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* 0 is success. The numbers are for ever. */
enum {
    MNEMOS_ERR_BUSY = -1, /* someone else holds it; try again */
    MNEMOS_ERR_NO_PORT = -2, /* no such port is open */
    MNEMOS_ERR_FULL = -3, /* there is no room and waiting would not help */
    MNEMOS_ERR_TOO_BIG = -4, /* larger than it could ever be */
    MNEMOS_ERR_TOO_SMALL = -5, /* the output slice is too small for the reply */
    MNEMOS_ERR_MALFORMED = -6, /* the bytes are not a valid message */
    MNEMOS_ERR_NO_MEMORY = -7, /* the kernel's heap has no room now */
    MNEMOS_ERR_NO_ROOM = -8, /* no hole in the program arena is large enough */
    MNEMOS_ERR_GONE = -9, /* the other side has gone away */
    MNEMOS_ERR_TIMED_OUT = -10, /* the deadline passed first */
    MNEMOS_ERR_WOULD_WAIT = -11, /* it would have to wait, and the caller asked not to */
    MNEMOS_ERR_BAD_HANDLE = -12, /* the handle was never given out or is closed */
    MNEMOS_ERR_NOT_SUPPORTED = -13, /* this kernel does not offer it */
    MNEMOS_ERR_BAD_ARGUMENT = -14, /* an argument is outside its documented range */
    MNEMOS_ERR_CANCELLED = -15, /* the wait was given up */
    MNEMOS_ERR_IMAGE_SHORT = -32, /* the file ends before the image does */
    MNEMOS_ERR_IMAGE_MAGIC = -33, /* not an app image (no MNA1 header) */
    MNEMOS_ERR_IMAGE_HEAD = -34, /* the header's length is out of range or not a multiple of 8 */
    MNEMOS_ERR_IMAGE_HEAD_CRC = -35, /* the header is damaged (CRC-32 differs) */
    MNEMOS_ERR_IMAGE_FLAGS = -36, /* the image has a flag this kernel does not know */
    /* a record after the header is malformed, doubled or not understood */
    MNEMOS_ERR_IMAGE_TLV = -37,
    MNEMOS_ERR_IMAGE_ARCH = -38, /* the image is built for another processor */
    MNEMOS_ERR_IMAGE_FLOAT = -39, /* the image's float ABI does not suit this board */
    MNEMOS_ERR_IMAGE_ABI = -40, /* the image needs an ABI this kernel does not offer */
    MNEMOS_ERR_IMAGE_PAYLOAD = -41, /* the payload's length is zero or does not match the file */
    MNEMOS_ERR_IMAGE_DATA = -42, /* the initialised data lies outside the payload */
    MNEMOS_ERR_IMAGE_SIZES = -43, /* the memory sizes contradict each other or overflow */
    MNEMOS_ERR_IMAGE_STACK = -44, /* the stack is smaller than the least that works */
    MNEMOS_ERR_IMAGE_ENTRY = -45, /* the entry point is odd or outside the payload */
    MNEMOS_ERR_IMAGE_RELOC = -46, /* a relocation is malformed or outside the image */
    MNEMOS_ERR_IMAGE_PAYLOAD_CRC = -47, /* the payload is damaged (checksum differs) */
    MNEMOS_ERR_NO_PROGRAM = -64, /* no such program is loaded */
    MNEMOS_ERR_NOT_READY = -65, /* the program is not in a state that allows this */
    MNEMOS_ERR_TOO_MANY_PROGRAMS = -66, /* every program slot is taken */
    MNEMOS_ERR_NO_UPLOAD = -67, /* no upload is under way */
    MNEMOS_ERR_UPLOAD_INCOMPLETE = -68, /* parts of the image are still missing */
    MNEMOS_ERR_UPLOAD_CRC = -69, /* what arrived is not what was announced (checksum differs) */
    MNEMOS_ERR_NO_SERVICE = -96, /* no such service is there */
    MNEMOS_ERR_SERVICE_GONE = -97, /* the service has gone away; connect again when it is back */
    /* the service knows fewer calls than the client was built for */
    MNEMOS_ERR_SERVICE_TOO_OLD = -98,
    MNEMOS_ERR_SHAPE_DIFFERS = -99, /* the service's calls are not those the client was built for */
    MNEMOS_ERR_SERVICE_EXISTS = -100, /* a service of this UUID is registered already */
    MNEMOS_ERR_REGISTRY_FULL = -101, /* the registry has no room for another service */
    MNEMOS_ERR_SERVICE_CYCLE = -102, /* services would wait for each other in a circle */
    MNEMOS_ERR_REFUSED = -103, /* the service does not accept this client */
    /* the image requires a service that this board does not offer to programs */
    MNEMOS_ERR_SERVICE_MISSING = -104,
};

/* How a program can end. */
enum {
    MNEMOS_END_EXIT = 0, /* main returned or exit() was called */
    MNEMOS_END_FAULT = 1, /* the processor or the kernel stopped it */
    MNEMOS_END_PANIC = 2, /* abort(), a failed assertion or mnemos_panic() */
    MNEMOS_END_STOPPED = 3, /* stopped from the host */
    MNEMOS_END_KILLED = 4, /* killed from the host */
};

/* One sentence without a full stop; never NULL. */
const char *mnemos_strerror(int32_t error);

/* The name as in the schema, `ok` for 0, `unknown` for a number that is not in the list. */
const char *mnemos_error_name(int32_t error);

#ifdef __cplusplus
}
#endif
#endif
