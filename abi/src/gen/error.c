/* error.c — names and sentences of error.h. Generated from abi/schema/errors.toml by tools/abigen:
 * edit that file, not this one. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include <mnemos/abi/error.h>

const char *mnemos_strerror(int32_t error)
{
    switch (error) {
    case 0: return "done";
    case MNEMOS_ERR_BUSY:
        return "someone else holds it; try again";
    case MNEMOS_ERR_NO_PORT:
        return "no such port is open";
    case MNEMOS_ERR_FULL:
        return "there is no room and waiting would not help";
    case MNEMOS_ERR_TOO_BIG:
        return "larger than it could ever be";
    case MNEMOS_ERR_TOO_SMALL:
        return "the output slice is too small for the reply";
    case MNEMOS_ERR_MALFORMED:
        return "the bytes are not a valid message";
    case MNEMOS_ERR_NO_MEMORY:
        return "the kernel's heap has no room now";
    case MNEMOS_ERR_NO_ROOM:
        return "no hole in the program arena is large enough";
    case MNEMOS_ERR_GONE:
        return "the other side has gone away";
    case MNEMOS_ERR_TIMED_OUT:
        return "the deadline passed first";
    case MNEMOS_ERR_WOULD_WAIT:
        return "it would have to wait, and the caller asked not to";
    case MNEMOS_ERR_BAD_HANDLE:
        return "the handle was never given out or is closed";
    case MNEMOS_ERR_NOT_SUPPORTED:
        return "this kernel does not offer it";
    case MNEMOS_ERR_BAD_ARGUMENT:
        return "an argument is outside its documented range";
    case MNEMOS_ERR_CANCELLED:
        return "the wait was given up";
    case MNEMOS_ERR_IMAGE_SHORT:
        return "the file ends before the image does";
    case MNEMOS_ERR_IMAGE_MAGIC:
        return "not an app image (no MNA1 header)";
    case MNEMOS_ERR_IMAGE_HEAD:
        return "the header's length is out of range or not a multiple of 8";
    case MNEMOS_ERR_IMAGE_HEAD_CRC:
        return "the header is damaged (CRC-32 differs)";
    case MNEMOS_ERR_IMAGE_FLAGS:
        return "the image has a flag this kernel does not know";
    case MNEMOS_ERR_IMAGE_TLV:
        return "a record after the header is malformed, doubled or not understood";
    case MNEMOS_ERR_IMAGE_ARCH:
        return "the image is built for another processor";
    case MNEMOS_ERR_IMAGE_FLOAT:
        return "the image's float ABI does not suit this board";
    case MNEMOS_ERR_IMAGE_ABI:
        return "the image needs an ABI this kernel does not offer";
    case MNEMOS_ERR_IMAGE_PAYLOAD:
        return "the payload's length is zero or does not match the file";
    case MNEMOS_ERR_IMAGE_DATA:
        return "the initialised data lies outside the payload";
    case MNEMOS_ERR_IMAGE_SIZES:
        return "the memory sizes contradict each other or overflow";
    case MNEMOS_ERR_IMAGE_STACK:
        return "the stack is smaller than the least that works";
    case MNEMOS_ERR_IMAGE_ENTRY:
        return "the entry point is odd or outside the payload";
    case MNEMOS_ERR_IMAGE_RELOC:
        return "a relocation is malformed or outside the image";
    case MNEMOS_ERR_IMAGE_PAYLOAD_CRC:
        return "the payload is damaged (checksum differs)";
    case MNEMOS_ERR_NO_PROGRAM:
        return "no such program is loaded";
    case MNEMOS_ERR_NOT_READY:
        return "the program is not in a state that allows this";
    case MNEMOS_ERR_TOO_MANY_PROGRAMS:
        return "every program slot is taken";
    case MNEMOS_ERR_NO_UPLOAD:
        return "no upload is under way";
    case MNEMOS_ERR_UPLOAD_INCOMPLETE:
        return "parts of the image are still missing";
    case MNEMOS_ERR_UPLOAD_CRC:
        return "what arrived is not what was announced (checksum differs)";
    case MNEMOS_ERR_NO_SERVICE:
        return "no such service is there";
    case MNEMOS_ERR_SERVICE_GONE:
        return "the service has gone away; connect again when it is back";
    case MNEMOS_ERR_SERVICE_TOO_OLD:
        return "the service knows fewer calls than the client was built for";
    case MNEMOS_ERR_SHAPE_DIFFERS:
        return "the service's calls are not those the client was built for";
    case MNEMOS_ERR_SERVICE_EXISTS:
        return "a service of this UUID is registered already";
    case MNEMOS_ERR_REGISTRY_FULL:
        return "the registry has no room for another service";
    case MNEMOS_ERR_SERVICE_CYCLE:
        return "services would wait for each other in a circle";
    case MNEMOS_ERR_REFUSED:
        return "the service does not accept this client";
    case MNEMOS_ERR_SERVICE_MISSING:
        return "the image requires a service that this board does not offer to programs";
    default: return "an unknown error";
    }
}

const char *mnemos_error_name(int32_t error)
{
    switch (error) {
    case 0: return "ok";
    case MNEMOS_ERR_BUSY:
        return "busy";
    case MNEMOS_ERR_NO_PORT:
        return "no_port";
    case MNEMOS_ERR_FULL:
        return "full";
    case MNEMOS_ERR_TOO_BIG:
        return "too_big";
    case MNEMOS_ERR_TOO_SMALL:
        return "too_small";
    case MNEMOS_ERR_MALFORMED:
        return "malformed";
    case MNEMOS_ERR_NO_MEMORY:
        return "no_memory";
    case MNEMOS_ERR_NO_ROOM:
        return "no_room";
    case MNEMOS_ERR_GONE:
        return "gone";
    case MNEMOS_ERR_TIMED_OUT:
        return "timed_out";
    case MNEMOS_ERR_WOULD_WAIT:
        return "would_wait";
    case MNEMOS_ERR_BAD_HANDLE:
        return "bad_handle";
    case MNEMOS_ERR_NOT_SUPPORTED:
        return "not_supported";
    case MNEMOS_ERR_BAD_ARGUMENT:
        return "bad_argument";
    case MNEMOS_ERR_CANCELLED:
        return "cancelled";
    case MNEMOS_ERR_IMAGE_SHORT:
        return "image_short";
    case MNEMOS_ERR_IMAGE_MAGIC:
        return "image_magic";
    case MNEMOS_ERR_IMAGE_HEAD:
        return "image_head";
    case MNEMOS_ERR_IMAGE_HEAD_CRC:
        return "image_head_crc";
    case MNEMOS_ERR_IMAGE_FLAGS:
        return "image_flags";
    case MNEMOS_ERR_IMAGE_TLV:
        return "image_tlv";
    case MNEMOS_ERR_IMAGE_ARCH:
        return "image_arch";
    case MNEMOS_ERR_IMAGE_FLOAT:
        return "image_float";
    case MNEMOS_ERR_IMAGE_ABI:
        return "image_abi";
    case MNEMOS_ERR_IMAGE_PAYLOAD:
        return "image_payload";
    case MNEMOS_ERR_IMAGE_DATA:
        return "image_data";
    case MNEMOS_ERR_IMAGE_SIZES:
        return "image_sizes";
    case MNEMOS_ERR_IMAGE_STACK:
        return "image_stack";
    case MNEMOS_ERR_IMAGE_ENTRY:
        return "image_entry";
    case MNEMOS_ERR_IMAGE_RELOC:
        return "image_reloc";
    case MNEMOS_ERR_IMAGE_PAYLOAD_CRC:
        return "image_payload_crc";
    case MNEMOS_ERR_NO_PROGRAM:
        return "no_program";
    case MNEMOS_ERR_NOT_READY:
        return "not_ready";
    case MNEMOS_ERR_TOO_MANY_PROGRAMS:
        return "too_many_programs";
    case MNEMOS_ERR_NO_UPLOAD:
        return "no_upload";
    case MNEMOS_ERR_UPLOAD_INCOMPLETE:
        return "upload_incomplete";
    case MNEMOS_ERR_UPLOAD_CRC:
        return "upload_crc";
    case MNEMOS_ERR_NO_SERVICE:
        return "no_service";
    case MNEMOS_ERR_SERVICE_GONE:
        return "service_gone";
    case MNEMOS_ERR_SERVICE_TOO_OLD:
        return "service_too_old";
    case MNEMOS_ERR_SHAPE_DIFFERS:
        return "shape_differs";
    case MNEMOS_ERR_SERVICE_EXISTS:
        return "service_exists";
    case MNEMOS_ERR_REGISTRY_FULL:
        return "registry_full";
    case MNEMOS_ERR_SERVICE_CYCLE:
        return "service_cycle";
    case MNEMOS_ERR_REFUSED:
        return "refused";
    case MNEMOS_ERR_SERVICE_MISSING:
        return "service_missing";
    default: return "unknown";
    }
}
