# test_link.py: the real host tool's link and loader against the real kernel parts, over lines good and bad.
# SPDX-License-Identifier: MIT OR Apache-2.0
import os
import random
import sys
import time
import zlib
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import throughput  # noqa: E402
from mnemos_load.abi import link as abi_link  # noqa: E402
from mnemos_load.errors import LinkLost, Refused  # noqa: E402
from mnemos_load.framing import encode  # noqa: E402
from throughput import Bench, image  # noqa: E402

SIM = Path(os.environ.get("MNEMOS_SIM", throughput.SIM))
FAST = 2_000_000


def bench(baud=FAST, delay_ms=0.5, **rates):
    return Bench(baud, delay_ms, SIM, **rates)


def eventually(check, limit_s=10.0):
    """Wait until `check()` is true."""
    end = time.monotonic() + limit_s
    while not check():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_program_echoes_what_it_is_sent():
    data = random.Random(1).randbytes(50_000)
    with bench() as device:
        handle, port = device.start(device.upload(image(3000), "echo"))
        device.send(port, data[:100])
        assert device.receive(port, handle) == data[:100]
        handle, port = device.start(handle)
        sender = device.link.port(port)
        received = bytearray()
        at = 0
        while len(received) < len(data):
            at += device.link.write(sender, data[at:])
            received += device.link.read(device.link.keep(port), 65536)
            device.link.check()
        assert received == data


def test_arguments_and_status_travel():
    with bench() as device:
        handle, port = device.start(device.upload(image(100), "hello"), b"42")
        assert device.receive(port, handle) == b"hello from hello\n"
        assert device.loader.endings[handle].status == 42


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_an_upload_over_a_bad_line_is_identical(seed):
    with bench(flip=2e-4, drop=1e-4, insert=1e-4, double=1e-4, seed=seed) as device:
        raw = image(40_000, seed)
        program = device.loader.upload(raw, "sink")  # the device has checked both sums of the whole file
        assert program.rx_len >= 40_000
        assert device.loader.info().bad_frames > 0
        handle, port = device.start(program.handle)
        device.loader.stop(handle)


@pytest.mark.parametrize("seed", [1, 2])
def test_bytes_lost_on_a_bad_line_are_counted_on_both_sides(seed):
    data = random.Random(seed).randbytes(30_000)
    with bench(flip=2e-4, seed=seed) as device:
        sink = device.upload(image(500), "sink")
        handle, port = device.start(sink)
        device.send(port, data)
        said = device.receive(port, handle)
        lost = device.link.port(port).peer_lost
        if device.link.port(port).lost == 0:  # its one line came through
            assert int(said.split()[0]) + lost == len(data)
        if not lost:
            assert said == b"%d bytes, crc32 %08x\n" % (len(data), zlib.crc32(data))


def test_stop_and_list_work_while_a_program_floods_a_host_that_does_not_read():
    with bench(baud=115200) as device:
        handle, port = device.start(device.upload(image(200), "flood"))
        eventually(lambda: device.link.port(port).waiting >= 16384, 20)
        assert [program.state for program in device.loader.programs()] == [4]
        began = time.monotonic()
        device.loader.stop(handle)
        assert time.monotonic() - began < 1.0
        total = {t.port: t.sent for t in device.loader.ending(handle).ports}[port]
        written = device.receive(port, handle)
        assert len(written) == total
        assert all(byte == i % 251 for i, byte in enumerate(written))


def test_a_busy_program_and_a_flooding_one_leave_room_for_a_third():
    with bench() as device:
        device.start(device.upload(image(200), "spin"))
        _, flood = device.start(device.upload(image(200), "flood"))
        device.link.port(flood).discard = True
        for _ in range(5):
            handle = device.upload(image(2000), "echo")
            handle, port = device.start(handle)
            device.send(port, b"here I am\n")
            assert device.receive(port, handle, 10) == b"here I am\n"
            device.loader.unload(handle)


def test_a_cable_pulled_in_an_upload_leaves_nothing_behind():
    with bench() as device:
        raw = image(60_000)
        began = []

        def pull(done, total):
            if done > 20_000 and not began:
                began.append(done)
                device.pull()

        with pytest.raises(LinkLost):
            device.loader.upload(raw, "torn", pull)
        device.plug()
        info = device.loader.info()
        assert (info.programs, info.free) == (0, info.arena)
        assert device.loader.upload(raw, "whole").name == "whole"


def test_noise_and_text_before_hello_do_no_harm():
    with bench() as device:
        device.pull()
        device.plug(b"\xff" * 5000 + b"hello? anybody?\r\n" + random.Random(7).randbytes(3000))
        assert device.loader.info().bad_frames > 0


def test_frames_for_nobody_are_counted_and_nothing_else_happens():
    with bench() as device:
        before = device.loader.info().bad_frames
        for number in (0x0777, 0xE000, abi_link.PORT_CRASH):
            device.link.transport.write(encode(number, b"nobody", True), 1.0)
        assert device.loader.info().bad_frames == before + 3


def test_what_does_not_fit_is_refused_with_both_numbers():
    with bench() as device:
        with pytest.raises(Refused) as refusal:
            device.loader.upload(image(400_000), "giant")
        assert refusal.value.name == "no_room"
        assert (refusal.value.have, refusal.value.want) == (208 * 1024, 391 * 1024)
