# test_hostile_input.py: wrong images, a bad line, a cut line, noise: a named error each, and the board stays well.
# SPDX-License-Identifier: MIT OR Apache-2.0
import random
import re
import select
import socket
import struct
import threading
import zlib

import pytest
from conftest import Connection, image, wait_until
from mnemos_load.abi import link as abi_link
from mnemos_load.abi import loader as abi
from mnemos_load.abi.link import Control
from mnemos_load.abi.loader import AnswerBody, RequestBody
from mnemos_load.errors import LinkLost, Refused
from mnemos_load.framing import encode
from mnemos_load.transport import from_socket

HEAD_LEN, HEAD_CRC, FILE_HEAD = 8, 4, 88


def field(name):
    """Offset and format of a header field."""
    return {
        "head_len": (8, "<H"), "arch": (10, "<B"), "float_abi": (11, "<B"), "abi_major": (12, "<H"), "abi_minor": (14, "<H"),
        "flags": (16, "<I"), "payload_len": (20, "<I"), "payload_crc": (24, "<I"), "payload_adler": (28, "<I"), "data_off": (32, "<I"),
        "data_len": (36, "<I"), "static_len": (40, "<I"), "stack_len": (44, "<I"), "heap_len": (48, "<I"), "entry_off": (52, "<I"),
        "n_relocs": (84, "<I"),
    }[name]  # fmt: skip


def changed(**fields):
    """hello.mna with other header fields and a header checksum that is right."""
    raw = bytearray(image("hello").read_bytes())
    for name, value in fields.items():
        at, form = field(name)
        struct.pack_into(form, raw, at, value)
    return with_checksum(raw)


def with_checksum(raw):
    head_len = struct.unpack_from("<H", raw, HEAD_LEN)[0]
    struct.pack_into("<I", raw, HEAD_CRC, zlib.crc32(raw[8:head_len]))
    return bytes(raw)


def with_reloc_table(table):
    """hello.mna with another relocation table in place of its own."""
    raw = image("hello").read_bytes()
    head_len = struct.unpack_from("<H", raw, HEAD_LEN)[0]
    records = (
        struct.pack("<HH", 1, 5)
        + b"hello\0\0\0"
        + struct.pack("<HH", 0x8010, len(table))
        + table
        + bytes(-len(table) % 4)
    )
    records += bytes(-len(records) % 8)
    head = bytearray(raw[:FILE_HEAD])
    struct.pack_into("<H", head, HEAD_LEN, FILE_HEAD + len(records))
    return with_checksum(head + records + raw[head_len:])


def refusal(board, raw, total=None):
    """The name under which the kernel refuses an image that no check of the tool has seen."""
    with board.connect() as connection:
        with pytest.raises(Refused) as caught:
            if total is None:
                connection.loader.upload(raw, "hello")
            else:
                connection.loader.ask(
                    RequestBody.Begin(head=raw[:FILE_HEAD], total=total, name="hello"), AnswerBody.Begun
                )
        return caught.value


@pytest.mark.parametrize(
    "name,fields",
    [
        ("image_head", {"head_len": 84}),
        ("image_head", {"head_len": 4104}),
        ("image_flags", {"flags": 0x80000000}),
        ("image_arch", {"arch": 2}),
        ("image_float", {"float_abi": 7}),
        ("image_abi", {"abi_major": 2}),
        ("image_abi", {"abi_minor": 1}),
        ("image_payload", {"payload_len": 0}),
        ("image_payload", {"payload_len": 5000}),
        ("image_data", {"data_off": 0xFFFFFFF0}),
        ("image_data", {"data_len": 0xFFFF}),
        ("image_stack", {"stack_len": 8}),
        ("image_entry", {"entry_off": 1}),
        ("image_entry", {"entry_off": 0x7FFFFFFE}),
        ("image_payload_crc", {"payload_crc": 1}),
        ("image_payload_crc", {"payload_adler": 1}),
        ("image_reloc", {"n_relocs": 100000}),
    ],
)
def test_a_wrong_header_field_is_refused_by_name(board, name, fields):
    assert refusal(board, changed(**fields)).name == name


def test_sizes_that_overflow_are_refused(board):
    assert refusal(board, changed(heap_len=0xFFFFFFFF)).name in ("image_sizes", "too_big")
    assert refusal(board, changed(static_len=0xFFFFFFF0, heap_len=0x20)).name in ("image_sizes", "too_big")


def test_a_program_larger_than_the_arena_is_refused_with_both_sizes(board):
    caught = refusal(board, changed(heap_len=300 * 1024))
    assert caught.name in ("no_room", "too_big") and caught.want > caught.have > 0


@pytest.mark.parametrize(
    "table",
    [b"\xff\xff\xff\xff\xff\xff", b"\xfe\xff\xff\xff\x0f", b"\x00\x00\x00", b"\x08\x80"],
    ids=["too long", "far outside", "not increasing", "cut off"],
)
def test_a_wrong_relocation_is_refused(board, table):
    assert refusal(board, with_reloc_table(table)).name == "image_reloc"


def test_unknown_records_are_refused_when_they_must_be_understood(board):
    raw = image("hello").read_bytes()
    head_len = struct.unpack_from("<H", raw, HEAD_LEN)[0]
    for records in (struct.pack("<HH", 0x8123, 4) + bytes(4), struct.pack("<HH", 2, 400) + bytes(4)):
        head = bytearray(raw[:head_len] + records)
        struct.pack_into("<H", head, HEAD_LEN, len(head))
        assert refusal(board, with_checksum(head + raw[head_len:])).name == "image_tlv"


def test_a_damaged_head_is_refused(board):
    raw = bytearray(image("hello").read_bytes())
    raw[HEAD_CRC] ^= 1
    assert refusal(board, bytes(raw)).name == "image_head_crc"


def test_no_image_at_all(board):
    assert refusal(board, b"\x7fELF" + bytes(200)).name == "image_magic"
    assert refusal(board, b"MNA1", total=4).name == "image_short"
    assert refusal(board, image("hello").read_bytes(), total=10).name == "image_payload"


def test_random_heads_are_refused_by_name(board):
    generator = random.Random(11)
    with board.connect() as connection:
        for _ in range(60):
            raw = bytearray(image("hello").read_bytes())
            for _ in range(generator.randrange(1, 4)):
                raw[generator.randrange(8, FILE_HEAD)] = generator.randrange(256)
            raw = with_checksum(raw) if struct.unpack_from("<H", raw, HEAD_LEN)[0] <= len(raw) else bytes(raw)
            try:
                program = connection.loader.upload(raw, "fuzz")
                connection.loader.unload(program.handle)
            except Refused as caught:
                assert caught.name.startswith("image_") or caught.name in ("no_room", "too_big", "bad_argument"), caught


def test_the_tool_names_what_the_user_can_do(board, tmp_path):
    cases = [
        (changed(abi_minor=7), 126, r"E08 hello needs ABI 1\.7, the kernel offers 1\.0"),
        (changed(heap_len=300 * 1024), 126, r"E09 hello needs 30\d\.\d KiB, the largest free area is 208\.0 KiB"),
        (b"#!/bin/sh\n", 126, r"E11 \S+ is not an app image \(no MNA1 header\)"),
        (image("hello").read_bytes()[:-1], 126, r"E11 \S+ is not an app image \(the header says"),
    ]
    for raw, status, text in cases:
        path = tmp_path / "case.mna"
        path.write_bytes(raw)
        done = board.tool("run", path)
        assert done.returncode == status and re.search(text, done.stderr.decode()), done.stderr.decode()


def test_no_room_and_no_slot(board, tmp_path):
    big = tmp_path / "big.mna"
    big.write_bytes(changed(heap_len=150 * 1024))
    assert board.tool("load", "--another", big).returncode == 0
    done = board.tool("load", "--another", big)
    assert done.returncode == 125 and re.search(
        r"^E13 no room: hello needs 15\d\.\d KiB, the largest hole is", done.stderr.decode(), re.M
    )
    board.empty()
    for _ in range(8):
        assert board.tool("load", "--another", image("hello")).returncode == 0
    done = board.tool("load", "--another", image("hello"))
    assert done.returncode == 126 and b"E25" in done.stderr


def test_requests_out_of_order_are_refused(board):
    with board.connect() as connection:
        ask = connection.loader.ask
        for body, name in (
            (RequestBody.End(crc32=0, adler32=0), "no_upload"), (RequestBody.Map(), "no_upload"), (RequestBody.Abort(), "no_upload"),
            (RequestBody.Start(handle=0xFFFFFFFF, args=b""), "no_program"), (RequestBody.Stop(handle=7, kill=True), "no_program"),
            (RequestBody.Unload(handle=0), "no_program"), (RequestBody.Fault(handle=0x80), "no_program"), (RequestBody.List(slot=200), "bad_argument"),
        ):  # fmt: skip
            with pytest.raises(Refused) as caught:
                ask(body, AnswerBody)
            assert caught.value.name == name
        raw = image("hello").read_bytes()
        handle = ask(RequestBody.Begin(head=raw[:FILE_HEAD], total=len(raw), name="hello"), AnswerBody.Begun).handle
        for body, name in (
            (RequestBody.End(crc32=0, adler32=0), "upload_incomplete"),
            (RequestBody.Start(handle=handle, args=b""), "not_ready"),
        ):
            with pytest.raises(Refused) as caught:
                ask(body, AnswerBody)
            assert caught.value.name == name
        connection.loader.transfer(raw, lambda done, total: None)
        with pytest.raises(Refused) as caught:
            ask(RequestBody.End(crc32=1, adler32=2), AnswerBody.Loaded)
        assert caught.value.name == "upload_crc"
        with pytest.raises(Refused) as caught:
            ask(RequestBody.Start(handle=handle, args=b""), AnswerBody.Started)
        assert caught.value.name == "no_program", "a failed upload can never be started"


def test_arguments_that_are_no_list_or_leave_no_stack(board):
    with board.connect() as connection:
        handle = connection.loader.upload(image("argv").read_bytes(), "argv").handle
        with pytest.raises(Refused):
            connection.loader.ask(RequestBody.Start(handle=handle, args=b"without its zero"), AnswerBody.Started)
        started = connection.loader.start(handle, [b"\xff" * 255])
        output, ending = connection.output(started)
        assert ending.reason == 0 and b"\xff" * 255 in output


def test_a_line_cut_in_the_middle_of_an_upload(board):
    raw = image("primes").read_bytes()
    before = board.empty()
    for share in (0.0, 0.3, 0.9):
        with board.connect() as connection:

            def cut(done, total, connection=connection, share=share):
                if done >= share * total:
                    connection.link.transport.close()

            with pytest.raises(LinkLost):
                connection.loader.upload(raw, "primes", cut)
        assert board.empty() == before


def test_a_line_cut_while_a_program_runs_leaves_it_running(board):
    process = board.start("run", image("spin"))
    wait_until(lambda: b"run     spin" in process.stderr.readline())
    process.kill()
    process.communicate()
    assert b"spin  running" in board.tool("ps").stdout


def feed(connection, data):
    """Write all, reading away what the board says."""
    rest = memoryview(data)
    while rest:
        readable, writable, _ = select.select([connection], [connection], [], 10)
        assert readable or writable, "the board takes no bytes any more"
        if readable:
            connection.recv(65536)
        if writable:
            rest = rest[connection.send(rest[:512]) :]


def test_garbage_of_many_kinds_in_the_stream(board):
    board.is_well()
    generator = random.Random(5)
    hello = encode(abi_link.PORT_CONTROL, Control.Hello(1, 77, 576, 1).encode(), True)
    loader = [
        abi.Request(77, seq, body).encode()
        for seq, body in enumerate((RequestBody.Info(), RequestBody.Map(), RequestBody.List(slot=0)), 1)
    ]
    pieces = [b"plain text, such as a boot message\r\n\0", b"\0" * 300, b"\xff" * 3000, b"\x01" * 700 + b"\0", hello]
    for _ in range(150):
        kind = generator.randrange(5)
        if kind == 0:
            pieces.append(generator.randbytes(generator.randrange(1, 900)))
        elif kind == 1:
            good = encode(abi_link.PORT_LOADER, generator.choice(loader), True)
            pieces.append(good[: generator.randrange(len(good))] + b"\0")
        elif kind == 2:
            pieces.append(
                encode(abi_link.PORT_LOADER, bytes([77]) + generator.randbytes(generator.randrange(0, 40)), True)
            )
        elif kind == 3:
            pieces.append(encode(abi_link.PORT_CONTROL, generator.randbytes(generator.randrange(1, 20)), True))
        else:
            pieces.append(encode(generator.randrange(0x10000), generator.randbytes(generator.randrange(1, 560)), True))
    line = board.socket()
    line.setblocking(False)
    try:
        feed(line, b"".join(pieces) + b"\0")
    finally:
        line.close()
    with board.connect() as connection:
        assert connection.loader.info().bad_frames > 10


class Proxy:
    """A line between the tool and the board that changes bytes now and then."""

    def __init__(self, board, seed, one_in):
        self.generator, self.one_in, self.changed = random.Random(seed), one_in, 0
        self.far = board.socket()
        self.end, self.near = socket.socketpair()
        self.stopped = False
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def mangled(self, data):
        out = bytearray(data)
        for at in range(len(out)):
            if self.generator.randrange(self.one_in) == 0:
                out[at] ^= 1 << self.generator.randrange(8)
                self.changed += 1
        return bytes(out)

    def run(self):
        near, far = self.near, self.far
        with near, far:
            while not self.stopped:
                for source in select.select([near, far], [], [], 0.1)[0]:
                    data = source.recv(4096)
                    if not data:
                        return
                    (far if source is near else near).sendall(self.mangled(data))

    def close(self):
        self.stopped = True
        self.thread.join()


@pytest.mark.parametrize("one_in", [3000, 600])
def test_a_bad_line_still_gives_an_identical_image(board, one_in):
    proxy = Proxy(board, one_in, one_in)
    try:
        with Connection(from_socket(proxy.end, "bad line")) as connection:
            program = connection.loader.upload(image("primes").read_bytes(), "primes")
            assert program.name == "primes"
            started = connection.loader.start(program.handle, [b"20"])
            _, ending = connection.output(started, 60)
            assert (ending.reason, ending.status) == (0, 0)
        assert proxy.changed > 0
    finally:
        proxy.close()
