# test_image.py: images that are right, wrong in one field, cut off, flipped, or no files at all.
# SPDX-License-Identifier: MIT OR Apache-2.0
import os
import struct

import images
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mnemos_load.abi.error import ERRORS
from mnemos_load.errors import ToolError
from mnemos_load.image import ImageError, Requirement, parse, read

GOOD = images.make("hello")


def test_a_good_image_says_all_it_has():
    requires = images.record(0x8011, bytes(range(16)) + struct.pack("<IH", 7, 2) + b"serial")
    records = (
        images.record(2, b"1.2") + images.record(3, b"A title") + images.record(99, b"unknown, harmless") + requires
    )
    image = parse(images.make("hello", records=records, heap_len=4096), "hello.mna")
    assert (image.name, image.version, image.title, image.abi) == ("hello", "1.2", "A title", (1, 0))
    assert image.relocs == [(0, 0), (10, 1)]
    assert image.memory == (1024, 6144)
    assert image.requires == [Requirement(bytes(range(16)), 7, 2, "serial")]
    assert image.header + image.raw[88:] == image.raw


@pytest.mark.parametrize(
    "name,fields",
    [
        ("image_magic", {"magic": b"ELF\x7f"}),
        ("image_head", {"head_len": 84}),
        ("image_head", {"head_len": 5000}),
        ("image_head", {"head_len": 100}),
        ("image_short", {"head_len": 4096}),
        ("image_head_crc", {"head_crc": 1}),
        ("image_flags", {"flags": 1}),
        ("image_arch", {"arch": 9}),
        ("image_float", {"float_abi": 2}),
        ("image_payload", {"payload_len": 0}),
        ("image_payload", {"payload_len": 201}),
        ("image_data", {"data_off": 150, "data_len": 100, "static_len": 100}),
        ("image_data", {"data_off": 0xFFFFFFFF, "data_len": 0xFFFFFFFF, "static_len": 0xFFFFFFFF}),
        ("image_sizes", {"data_len": 65}),
        ("image_sizes", {"heap_len": 0xFFFFFFFF}),
        ("image_sizes", {"heap_len": 0x40000000}),
        ("image_sizes", {"heap_len": 0x40000000, "stack_len": 8}),
        ("image_stack", {"stack_len": 504}),
        ("image_stack", {"stack_len": 1025}),
        ("image_entry", {"entry_off": 1}),
        ("image_entry", {"entry_off": 200}),
        ("image_reloc", {"n_relocs": 3}),
        ("image_reloc", {"relocs": ((197, 0),)}),
        ("image_reloc", {"relocs": ((0, 0), (3, 1))}),
        ("image_tlv", {"records": images.record(0x8123, b"")}),
        ("image_tlv", {"records": images.record(1, b"twice")}),
        ("image_tlv", {"records": b"\x02\x00\xff\x00more"}),
        ("image_tlv", {"records": images.record(3, b"\xff\xfe")}),
        ("image_tlv", {"name": "a/b"}),
        ("image_tlv", {"name": ""}),
        ("image_tlv", {"name": "x" * 25}),
        ("image_tlv", {"name": "esc\x1b[31m"}),
        ("image_payload_crc", {"payload_crc": 5}),
        ("image_payload_crc", {"payload_adler": 5}),
    ],
)
def test_each_defect_has_its_name(name, fields):
    with pytest.raises(ImageError) as caught:
        parse(images.make(**fields), "x.mna")
    assert caught.value.name == name
    assert name in {info.name for info in ERRORS.values()}
    assert caught.value.exit_status == 126


@given(st.integers(0, len(GOOD) - 1))
def test_every_truncation_is_refused(length):
    with pytest.raises(ImageError):
        parse(GOOD[:length], "cut.mna")


@given(st.integers(0, len(GOOD) * 8 - 1))
def test_every_flipped_bit_is_noticed(bit):
    raw = bytearray(GOOD)
    raw[bit // 8] ^= 1 << bit % 8
    with pytest.raises(ImageError):
        parse(bytes(raw), "flipped.mna")


@given(st.binary(max_size=300))
def test_noise_is_refused_by_name(noise):
    with pytest.raises(ImageError):
        parse(noise, "noise")
    with pytest.raises(ImageError):
        parse(b"MNA1" + noise, "noise")


@given(st.binary(max_size=400))
def test_any_record_area_is_refused_by_name_or_taken(area):
    area += bytes(-len(area) % 8)
    packed = images.make(records=area)
    try:
        parse(packed, "records")
    except ImageError as error:
        assert error.name in ("image_tlv", "image_head", "image_short")


def test_what_is_no_file_is_refused_without_waiting(tmp_path):
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    huge = tmp_path / "huge"
    with open(huge, "wb") as file:
        file.truncate(4 << 30)
    for path, status in (
        (fifo, 126),
        (tmp_path, 126),
        (huge, 126),
        ("/dev/zero", 126),
        (tmp_path / "none", 127),
        ("a\0b", 127),
    ):
        with pytest.raises(ToolError) as caught:
            read(str(path))
        assert caught.value.exit_status == status
        assert "\x1b" not in caught.value.text()


def test_a_name_with_terminal_commands_is_shown_escaped(tmp_path):
    path = tmp_path / "a\x1b[31m\nb.mna"
    path.write_bytes(b"no image")
    with pytest.raises(ImageError) as caught:
        read(str(path))
    assert "\x1b" not in caught.value.text() and "\\x1b" in caught.value.text()
