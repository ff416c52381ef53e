# images.py: make .mna files for tests, right ones and wrong ones.
# SPDX-License-Identifier: MIT OR Apache-2.0
"""An independent writer of the image format, from its description in abi/include/mnemos/abi/image.h."""
import struct
import zlib


def record(kind, body):
    return struct.pack("<HH", kind, len(body)) + body + bytes(-len(body) % 4)


def varint(value):
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(out) + bytes([value])


def relocations(entries):
    """entries: (offset, class), in order."""
    out, last = b"", 0
    for offset, kind in entries:
        out += varint((offset - last) << 1 | kind)
        last = offset
    return out


def make(name="hello", payload=b"\xfe\xe7" * 100, relocs=((0, 0), (10, 1)), records=b"", **fields):
    """A valid image; `fields` override header fields by name, whatever that breaks."""
    area = record(1, name.encode()) + record(0x8010, relocations(relocs)) + records
    area += bytes(-len(area) % 8)
    head = {
        "magic": b"MNA1", "head_crc": None, "head_len": 88 + len(area), "arch": 1, "float_abi": 0, "abi_major": 1, "abi_minor": 0,
        "flags": 0, "payload_len": len(payload), "payload_crc": zlib.crc32(payload), "payload_adler": zlib.adler32(payload),
        "data_off": 0, "data_len": 0, "static_len": 64, "stack_len": 1024, "heap_len": 0, "entry_off": 0,
        "text_base": 0x10000000, "data_base": 0x20000400, "build_id": bytes(range(20)), "n_relocs": len(relocs),
    }  # fmt: skip
    head.update(fields)
    packed = struct.pack("<HBBHHIIIIIIIIIIII20sI", *list(head.values())[2:])
    crc = zlib.crc32(packed + area) if head["head_crc"] is None else head["head_crc"]
    return head["magic"] + struct.pack("<I", crc) + packed + area + payload
