# image.py: read and check a program image (.mna).
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Program images as the file format says (abi/include/mnemos/abi/image.h).

A file can be anything: wrong in every byte, a pipe, a device, huge. Every defect gets the kernel's name for it.
"""

from __future__ import annotations

import os
import stat
import struct
import zlib
from dataclasses import dataclass, field

from .errors import ToolError, no_file
from .text import printable

MAGIC = b"MNA1"
HEADER = struct.Struct("<4sIHBBHHIIIIIIIIIIII20sI")
HEAD_MAX = 4096
STACK_MIN = 512
MEMORY_MAX = 1 << 30  # no sum of sizes beyond this, as in the kernel
FILE_MAX = 4 << 20  # far above any board's memory
ARCH_NAMES = {1: "ARMv7E-M (Cortex-M4)"}
FLOAT_SOFT, FLOAT_HARD = 0, 1

RECORD_NAME, RECORD_VERSION, RECORD_TITLE = 1, 2, 3
RECORD_RELOCS, RECORD_REQUIRES = 0x8010, 0x8011
_MUST_UNDERSTAND = 0x8000
_ONCE = {RECORD_NAME, RECORD_VERSION, RECORD_TITLE, RECORD_RELOCS}
_NAME_CHARACTERS = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-")
_NAME_MAX = 24
_REQUIRES = struct.Struct("<16sIH")  # uuid, shape, calls; then the name
assert HEADER.size == 88


class ImageError(ToolError):
    """E11 with the kernel's name for the defect in `name`."""

    def __init__(self, path: str, name: str, fact: str) -> None:
        super().__init__(
            "E11",
            f"{printable(path)} is not an app image ({fact})",
            f"defect: {name}",
            "use build/device/NAME.mna, made by mnemos_add_app()",
        )
        self.name = name


@dataclass(frozen=True)
class Requirement:
    """A service the program needs."""

    uuid: bytes
    shape: int  # of its first `calls` calls
    calls: int
    name: str


@dataclass(frozen=True)
class Image:
    """A checked image. Sizes and offsets in bytes."""

    path: str
    raw: bytes = field(repr=False)
    head_len: int
    arch: int
    float_abi: int
    abi: tuple[int, int]
    payload_len: int
    data_off: int
    data_len: int
    static_len: int
    stack_len: int
    heap_len: int
    entry_off: int
    text_base: int
    data_base: int
    build_id: bytes
    relocs: list[tuple[int, int]] = field(repr=False)  # (offset in the payload, class)
    name: str
    version: str
    title: str
    requires: list[Requirement]

    @property
    def payload(self) -> bytes:
        """Text, read-only data and initialisers, as linked."""
        return self.raw[self.head_len :]

    @property
    def memory(self) -> tuple[int, int]:
        """Bytes of the two blocks it takes in the device: read-only, writable."""
        return _granules(self.payload_len), _granules(self.static_len + self.stack_len + self.heap_len)

    @property
    def header(self) -> bytes:
        """The fixed header that announces an upload."""
        return self.raw[: HEADER.size]


def _granules(count: int) -> int:
    return (count + 1023) // 1024 * 1024


def read(path: str) -> Image:
    """Read and check an image file.

    Raises ToolError E22 when it cannot be read and ImageError (E11) when it is no valid image.
    """
    return parse(read_file(path), path)


def read_file(path: str) -> bytes:
    """The content of a regular file of sensible size.

    Raises ToolError E22 (missing, unreadable), ImageError (anything that is no file, or too large).
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        raise no_file(path, getattr(error, "strerror", None) or str(error)) from None
    try:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode):
            raise ImageError(path, "image_magic", "not a regular file")
        if found.st_size > FILE_MAX:
            raise ImageError(path, "image_payload", f"{found.st_size:,} bytes, no image is larger than {FILE_MAX:,}")
        with os.fdopen(handle, "rb", closefd=False) as file:
            return file.read(FILE_MAX)
    except OSError as error:
        raise no_file(path, error.strerror or str(error)) from None
    finally:
        os.close(handle)


def parse(raw: bytes, path: str) -> Image:
    """Check every field of an image and take it apart.

    Raises ImageError; `path` is only for its text.
    """
    return _Parser(raw, path).image()


class _Parser:
    """Checks in the kernel's order, so that both name the same defect."""

    def __init__(self, raw: bytes, path: str) -> None:
        self.raw = raw
        self.path = path

    def refuse(self, name: str, fact: str) -> ImageError:
        return ImageError(self.path, name, fact)

    def image(self) -> Image:
        raw = self.raw
        if raw[:4] != MAGIC:
            raise self.refuse("image_magic", "no MNA1 header")
        if len(raw) < HEADER.size:
            raise self.refuse("image_short", f"{len(raw)} bytes, a header has {HEADER.size}")
        (_, head_crc, head_len, arch, float_abi, abi_major, abi_minor, flags, payload_len, payload_crc, payload_adler,
         data_off, data_len, static_len, stack_len, heap_len, entry_off, text_base, data_base, build_id,
         n_relocs) = HEADER.unpack_from(raw)  # fmt: skip
        if not HEADER.size <= head_len <= HEAD_MAX or head_len % 8:
            raise self.refuse(
                "image_head", f"header of {head_len} bytes; 88 to {HEAD_MAX}, a multiple of 8, are allowed"
            )
        if len(raw) < head_len:
            raise self.refuse("image_short", f"{len(raw)} bytes, the header alone says {head_len}")
        if zlib.crc32(raw[8:head_len]) != head_crc:
            raise self.refuse("image_head_crc", "the header is damaged, its CRC-32 differs")
        if flags:
            raise self.refuse("image_flags", f"unknown flags {flags:#x}")
        if arch not in ARCH_NAMES:
            raise self.refuse("image_arch", f"built for processor {arch}, which this tool does not know")
        if float_abi not in (FLOAT_SOFT, FLOAT_HARD):
            raise self.refuse("image_float", f"float ABI {float_abi} does not exist")
        have = len(raw) - head_len
        if payload_len == 0 or payload_len != have:
            raise self.refuse(
                "image_payload", f"the header says {payload_len:,} bytes of payload, the file has {have:,}"
            )
        if data_off + data_len > payload_len:
            raise self.refuse("image_data", f"initialised data at {data_off:,} + {data_len:,} of {payload_len:,} bytes")
        if data_len > static_len:
            raise self.refuse("image_sizes", f"{data_len:,} bytes of data in {static_len:,} of data and bss")
        if stack_len + static_len + heap_len > MEMORY_MAX:
            raise self.refuse("image_sizes", "stack, data and heap together exceed 1 GiB")
        if stack_len < STACK_MIN or stack_len % 8:
            raise self.refuse("image_stack", f"stack of {stack_len} bytes; a multiple of 8 from {STACK_MIN} on works")
        if entry_off % 2 or entry_off >= payload_len:
            raise self.refuse("image_entry", f"entry point {entry_off:#x} in {payload_len:,} bytes of payload")
        records, requires = self.records(raw[HEADER.size : head_len])
        relocs = self.relocations(records.get(RECORD_RELOCS, b""), n_relocs, payload_len)
        payload = raw[head_len:]
        if zlib.crc32(payload) != payload_crc or zlib.adler32(payload) != payload_adler:
            raise self.refuse("image_payload_crc", "the payload is damaged, its checksum differs")
        return Image(
            path=self.path, raw=raw, head_len=head_len, arch=arch, float_abi=float_abi, abi=(abi_major, abi_minor),
            payload_len=payload_len, data_off=data_off, data_len=data_len, static_len=static_len, stack_len=stack_len,
            heap_len=heap_len, entry_off=entry_off, text_base=text_base, data_base=data_base, build_id=build_id,
            relocs=relocs, name=self.program_name(records), version=self.words(records.get(RECORD_VERSION, b"")),
            title=self.words(records.get(RECORD_TITLE, b"")), requires=requires,
        )  # fmt: skip

    def records(self, area: bytes) -> tuple[dict[int, bytes], list[Requirement]]:
        known: dict[int, bytes] = {}
        requires: list[Requirement] = []
        at = 0
        while at < len(area):
            kind, length = struct.unpack_from("<HH", area, at)
            body = area[at + 4 : at + 4 + length]
            if len(body) < length:
                raise self.refuse("image_tlv", f"record {kind:#x} at {at} runs past the header")
            if kind == RECORD_REQUIRES:
                if not _REQUIRES.size < length <= _REQUIRES.size + _NAME_MAX:
                    raise self.refuse("image_tlv", f"record `requires` of {length} bytes")
                requires.append(Requirement(*_REQUIRES.unpack_from(body), self.words(body[_REQUIRES.size :])))
            elif kind in _ONCE:
                if kind in known:
                    raise self.refuse("image_tlv", f"record {kind:#x} appears twice")
                known[kind] = body
            elif kind & _MUST_UNDERSTAND:
                raise self.refuse("image_tlv", f"record {kind:#x} must be understood and is unknown")
            at += 4 + (length + 3) // 4 * 4
        return known, requires

    def relocations(self, table: bytes, count: int, payload_len: int) -> list[tuple[int, int]]:
        found: list[tuple[int, int]] = []
        at, offset = 0, 0
        while at < len(table):
            value, shift = 0, 0
            while True:
                if at == len(table) or shift > 28:
                    raise self.refuse("image_reloc", f"relocation {len(found)} is cut off or too long")
                byte = table[at]
                at += 1
                value |= (byte & 0x7F) << shift
                shift += 7
                if byte < 0x80:
                    break
            if found and value >> 1 < 4:
                raise self.refuse("image_reloc", f"relocation {len(found)} does not lie behind the one before")
            offset += value >> 1
            if offset + 4 > payload_len:
                raise self.refuse("image_reloc", f"relocation {len(found)} at {offset:#x} lies outside the payload")
            found.append((offset, value & 1))
        if len(found) != count:
            raise self.refuse("image_reloc", f"{len(found)} relocations, the header says {count}")
        return found

    def program_name(self, records: dict[int, bytes]) -> str:
        name = records.get(RECORD_NAME)
        if name is None:
            stem = os.path.basename(self.path).removesuffix(".mna").encode("utf-8", "replace")
            name = bytes(c for c in stem if c in _NAME_CHARACTERS)[:_NAME_MAX] or b"program"
        if not 1 <= len(name) <= _NAME_MAX or not _NAME_CHARACTERS.issuperset(name):
            raise self.refuse("image_tlv", "the program's name is empty, too long or has odd characters")
        return name.decode("ascii")

    def words(self, body: bytes) -> str:
        try:
            return body.decode("utf-8")
        except UnicodeDecodeError:
            raise self.refuse("image_tlv", "a text in the header is not UTF-8") from None
