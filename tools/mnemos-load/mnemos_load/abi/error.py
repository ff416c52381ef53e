"""One list of errors for kernel, SDK and host tool. Generated from abi/schema/errors.toml by tools/abigen: edit that file, not this one."""
# SPDX-License-Identifier: MIT OR Apache-2.0
from typing import NamedTuple


class Info(NamedTuple):
    """A line of ERRORS or ENDS."""
    name: str
    says: str  # one sentence without a full stop
    exit: int  # exit status of the host tool; 0: never ends a command, -1: the program's own


class Host(NamedTuple):
    """A line of HOST."""
    name: str
    exit: int


ERR_BUSY = -1
ERR_NO_PORT = -2
ERR_FULL = -3
ERR_TOO_BIG = -4
ERR_TOO_SMALL = -5
ERR_MALFORMED = -6
ERR_NO_MEMORY = -7
ERR_NO_ROOM = -8
ERR_GONE = -9
ERR_TIMED_OUT = -10
ERR_WOULD_WAIT = -11
ERR_BAD_HANDLE = -12
ERR_NOT_SUPPORTED = -13
ERR_BAD_ARGUMENT = -14
ERR_CANCELLED = -15
ERR_IMAGE_SHORT = -32
ERR_IMAGE_MAGIC = -33
ERR_IMAGE_HEAD = -34
ERR_IMAGE_HEAD_CRC = -35
ERR_IMAGE_FLAGS = -36
ERR_IMAGE_TLV = -37
ERR_IMAGE_ARCH = -38
ERR_IMAGE_FLOAT = -39
ERR_IMAGE_ABI = -40
ERR_IMAGE_PAYLOAD = -41
ERR_IMAGE_DATA = -42
ERR_IMAGE_SIZES = -43
ERR_IMAGE_STACK = -44
ERR_IMAGE_ENTRY = -45
ERR_IMAGE_RELOC = -46
ERR_IMAGE_PAYLOAD_CRC = -47
ERR_NO_PROGRAM = -64
ERR_NOT_READY = -65
ERR_TOO_MANY_PROGRAMS = -66
ERR_NO_UPLOAD = -67
ERR_UPLOAD_INCOMPLETE = -68
ERR_UPLOAD_CRC = -69
ERR_NO_SERVICE = -96
ERR_SERVICE_GONE = -97
ERR_SERVICE_TOO_OLD = -98
ERR_SHAPE_DIFFERS = -99
ERR_SERVICE_EXISTS = -100
ERR_REGISTRY_FULL = -101
ERR_SERVICE_CYCLE = -102
ERR_REFUSED = -103
ERR_SERVICE_MISSING = -104

ERRORS = {
    -1: Info("busy", "someone else holds it; try again", 125),
    -2: Info("no_port", "no such port is open", 125),
    -3: Info("full", "there is no room and waiting would not help", 125),
    -4: Info("too_big", "larger than it could ever be", 126),
    -5: Info("too_small", "the output slice is too small for the reply", 125),
    -6: Info("malformed", "the bytes are not a valid message", 125),
    -7: Info("no_memory", "the kernel's heap has no room now", 125),
    -8: Info("no_room", "no hole in the program arena is large enough", 126),
    -9: Info("gone", "the other side has gone away", 125),
    -10: Info("timed_out", "the deadline passed first", 125),
    -11: Info("would_wait", "it would have to wait, and the caller asked not to", 125),
    -12: Info("bad_handle", "the handle was never given out or is closed", 125),
    -13: Info("not_supported", "this kernel does not offer it", 125),
    -14: Info("bad_argument", "an argument is outside its documented range", 125),
    -15: Info("cancelled", "the wait was given up", 125),
    -32: Info("image_short", "the file ends before the image does", 126),
    -33: Info("image_magic", "not an app image (no MNA1 header)", 126),
    -34: Info("image_head", "the header's length is out of range or not a multiple of 8", 126),
    -35: Info("image_head_crc", "the header is damaged (CRC-32 differs)", 126),
    -36: Info("image_flags", "the image has a flag this kernel does not know", 126),
    -37: Info("image_tlv", "a record after the header is malformed, doubled or not understood", 126),
    -38: Info("image_arch", "the image is built for another processor", 126),
    -39: Info("image_float", "the image's float ABI does not suit this board", 126),
    -40: Info("image_abi", "the image needs an ABI this kernel does not offer", 126),
    -41: Info("image_payload", "the payload's length is zero or does not match the file", 126),
    -42: Info("image_data", "the initialised data lies outside the payload", 126),
    -43: Info("image_sizes", "the memory sizes contradict each other or overflow", 126),
    -44: Info("image_stack", "the stack is smaller than the least that works", 126),
    -45: Info("image_entry", "the entry point is odd or outside the payload", 126),
    -46: Info("image_reloc", "a relocation is malformed or outside the image", 126),
    -47: Info("image_payload_crc", "the payload is damaged (checksum differs)", 126),
    -64: Info("no_program", "no such program is loaded", 127),
    -65: Info("not_ready", "the program is not in a state that allows this", 125),
    -66: Info("too_many_programs", "every program slot is taken", 126),
    -67: Info("no_upload", "no upload is under way", 125),
    -68: Info("upload_incomplete", "parts of the image are still missing", 125),
    -69: Info("upload_crc", "what arrived is not what was announced (checksum differs)", 125),
    -96: Info("no_service", "no such service is there", 126),
    -97: Info("service_gone", "the service has gone away; connect again when it is back", 125),
    -98: Info("service_too_old", "the service knows fewer calls than the client was built for", 126),
    -99: Info("shape_differs", "the service's calls are not those the client was built for", 126),
    -100: Info("service_exists", "a service of this UUID is registered already", 125),
    -101: Info("registry_full", "the registry has no room for another service", 125),
    -102: Info("service_cycle", "services would wait for each other in a circle", 125),
    -103: Info("refused", "the service does not accept this client", 125),
    -104: Info("service_missing", "the image requires a service that this board does not offer to programs", 126),
}

END_EXIT = 0
END_FAULT = 1
END_PANIC = 2
END_STOPPED = 3
END_KILLED = 4

ENDS = {
    0: Info("exit", "main returned or exit() was called", -1),
    1: Info("fault", "the processor or the kernel stopped it", 139),
    2: Info("panic", "abort(), a failed assertion or mnemos_panic()", 134),
    3: Info("stopped", "stopped from the host", 143),
    4: Info("killed", "killed from the host", 137),
}

HOST = {
    "E01": Host("no_device", 127),
    "E02": Host("several_devices", 125),
    "E03": Host("no_permission", 125),
    "E04": Host("device_in_use", 125),
    "E05": Host("stopped_answering", 125),
    "E06": Host("in_bootloader", 125),
    "E07": Host("not_mnemos", 125),
    "E08": Host("abi_mismatch", 126),
    "E09": Host("no_memory", 126),
    "E10": Host("needs_fpu", 126),
    "E11": Host("not_an_image", 126),
    "E12": Host("verify_failed", 125),
    "E13": Host("no_hole", 125),
    "E14": Host("program_faulted", 139),
    "E15": Host("timed_out", 124),
    "E16": Host("no_toolchain", 125),
    "E17": Host("no_sdk", 125),
    "E18": Host("other_build", 125),
    "E19": Host("service_missing", 126),
    "E20": Host("bad_link", 125),
    "E21": Host("usage", 125),
    "E22": Host("no_file", 127),
    "E23": Host("build_failed", 125),
    "E24": Host("no_program", 127),
    "E25": Host("too_many_programs", 126),
    "E26": Host("refused", 126),
}
