# test_services.py: services of the kernel, as programs and the host see them.
# SPDX-License-Identifier: MIT OR Apache-2.0
import re
import struct
import zlib

import pytest
from conftest import image, wait_until
from mnemos_load import image as images
from mnemos_load.abi import hello, loopback, programs, registry, serial_mux, simple_serial


def test_a_program_lists_services_and_calls_one(board):
    done = board.run("services", "Ferris")
    assert done.returncode == 0, done.stderr.decode()
    *listed, greeting = done.stdout.decode().splitlines()
    assert greeting == "Hello, Ferris!"
    found = dict(re.fullmatch(r"([0-9a-f-]{36})  (.*)", line).groups() for line in listed)
    for module in (hello, loopback, registry, serial_mux):
        assert found[module.UUID] == module.SERVICE
    assert simple_serial.UUID not in found and programs.UUID not in found  # for the kernel only


def test_an_error_of_a_service_reaches_the_program(board):
    done = board.run("services", "")
    assert done.returncode == 1 and b"services: an argument is outside its documented range" in done.stderr


def test_calls_of_a_service_overlap(board):
    names = ["Ana", "Ben", "Cleo", "Dora", "Eve", "Finn", "Gus", "Hans"]
    done = board.run("overlap", *names)
    assert done.returncode == 0, done.stderr.decode()
    assert sorted(done.stdout.decode().splitlines()) == [f"{n}: Hello, {name}!" for n, name in enumerate(names)]
    done = board.run("overlap", "Ana", "", "Cleo")
    assert done.returncode == 1 and b"overlap: an argument is outside its documented range" in done.stderr


def test_connections_of_ended_programs_are_given_back(board):
    for _ in range(30):  # more than the registry has room for
        assert board.run("services", "again").returncode == 0


def test_port_0_gives_back_what_it_is_given(board):
    with board.connect() as connection:
        port = connection.link.keep(serial_mux.PORT_LOOPBACK)
        data, got, at = bytes(range(256)) * 8, b"", 0
        while len(got) < len(data):
            at += connection.link.write(port, data[at : at + 200])
            wait_until(lambda: port.waiting or (port.room and at < len(data)))
            got += connection.link.read(port, 4096)
        assert got == data


def test_port_1_says_hello(board):
    with board.connect() as connection:
        port = connection.link.keep(serial_mux.PORT_HELLO)
        wait_until(lambda: port.waiting >= 14)
        assert connection.link.read(port, 4096).startswith(b"hello\r\nhello\r\n")


def test_info_lists_services_with_who_may_use_them(board):
    assert board.run("services", "Ferris").returncode == 0
    done = board.tool("info", "--services")
    assert done.returncode == 0, done.stderr.decode()
    head, *rows = (re.split(r"  +", line.strip()) for line in done.stdout.decode().splitlines())
    assert head == ["UUID", "NAME", "FOR", "CLIENTS", "SERVED"]
    found = {row[1]: row for row in rows}
    for module, who in ((registry, "programs"), (simple_serial, "kernel"), (serial_mux, "programs"), (programs, "kernel"),
                        (hello, "programs")):
        assert found[module.SERVICE][:3] == [module.UUID, module.SERVICE, who]
    assert found["serial mux"][3] == "3" and found["hello"][3] == "0"  # loader, loopback and hello are its clients
    assert int(found["hello"][4]) >= 1


@pytest.mark.parametrize(
    "at,bytes_there,says",
    [
        (0, b"\xff", 'no service "hello" (REQUIRES hello)'),
        (16, b"\xff\xff\xff\xff", 'the calls of service "hello" are not those the program was built for'),
        (20, b"\x09\x00", 'service "hello" knows 1 of the 9 calls that the program was built for'),
    ],
)
def test_a_program_whose_service_is_not_there_is_refused_by_name(board, tmp_path, at, bytes_there, says):
    raw = bytearray(image("services").read_bytes())
    need = next(need for need in images.parse(bytes(raw), "services").requires if need.name == "hello")
    at += raw.index(need.uuid + struct.pack("<IH", need.shape, need.calls) + b"hello")
    raw[at : at + len(bytes_there)] = bytes_there
    head_len = int.from_bytes(raw[8:10], "little")
    raw[4:8] = struct.pack("<I", zlib.crc32(raw[8:head_len]))
    wants_more = tmp_path / "wants_more.mna"
    wants_more.write_bytes(raw)
    done = board.tool("run", wants_more)
    said = done.stderr.decode()
    assert done.returncode == 126 and "E19 services cannot run here: " + says in said
    assert "this board offers: registry, serial mux, loopback, hello" in said
    assert "services" not in board.tool("ps").stdout.decode()
