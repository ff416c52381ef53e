# test_link.py: session, ports and loader against a fake device, over lines that lose, change, double and cut.
# SPDX-License-Identifier: MIT OR Apache-2.0
import os
import random
import socket
import time

import images
import pytest
from fake_device import PROGRAMS, FakeDevice, Program
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mnemos_load.abi.link import Control
from mnemos_load.abi.loader import AnswerBody
from mnemos_load.errors import LinkLost, Refused, ToolError
from mnemos_load.link import Link
from mnemos_load.loader import Loader
from mnemos_load.transport import Transport

PAYLOAD = bytes(random.Random(1).randbytes(9000))


class Rig:
    """A link, a loader and a fake device, connected by a socket pair."""

    def __init__(self, **device):
        ours, theirs = socket.socketpair()
        self.device = FakeDevice(**device)
        self.device.serve(theirs.detach())
        handle = ours.detach()
        self.link = Link(Transport(handle, "test", 0, lambda: os.close(handle)), silence=2.0)
        self.loader = Loader(self.link)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.link.close()
        if self.device.line is not None:
            self.device.close()

    def until(self, condition, limit=5.0):
        with self.link.changed:
            assert self.link.changed.wait_for(lambda: condition() or self.link.failure, limit), "nothing more happens"
        self.link.check()


def mangler(seed, percent):
    """Drops, flips and doubles frames."""
    generator = random.Random(seed)

    def mangle(frame):
        dice = generator.random() * 100
        if not frame or dice >= percent:
            return [frame]
        if dice < percent / 3:
            return []
        if dice < percent * 2 / 3:
            return [frame, frame]
        changed = bytearray(frame)
        changed[generator.randrange(len(frame))] ^= 1 << generator.randrange(8)
        return [bytes(changed)]

    return mangle


def test_an_upload_arrives_byte_for_byte():
    with Rig() as rig:
        rig.link.connect()
        seen = []
        raw = images.make("spin", PAYLOAD)
        program = rig.loader.upload(raw, "spin", lambda done, total: seen.append((done, total)))
        assert rig.device.programs[0].image == raw
        assert program.name == "spin" and seen[-1] == (len(raw), len(raw))


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32), percent=st.integers(1, 25))
def test_a_lossy_line_gives_an_identical_image_and_the_whole_life_of_a_program(seed, percent):
    with Rig() as rig:
        rig.link.connect()
        rig.link.keep_new = True
        rig.device.to_host, rig.device.to_device = mangler(seed, percent), mangler(seed + 1, percent)
        raw = images.make("echo", PAYLOAD)
        program = rig.loader.upload(raw, "echo")
        assert rig.device.programs[0].image == raw
        started = rig.loader.start(program.handle, [b"5"])
        port = rig.link.keep_for_input(started.port_base)
        rig.until(lambda: port.room > 0)
        assert rig.link.write(port, b"x" * 300)
        rig.link.end(port)
        end = time.monotonic() + 10
        ending = None
        while ending is None and time.monotonic() < end:
            ending = rig.loader.ending(started.handle)
        assert ending is not None and (ending.reason, ending.status) == (0, 5)
        rig.loader.unload(started.handle)
        assert rig.device.programs == {}
        assert rig.device.seen.count("Start") == 1 and rig.device.seen.count("Unload") == 1


class Slow(Program):
    """Writes 60,000 numbered bytes at once."""

    def started(self, args):
        self.write(bytes(i % 251 for i in range(60000)))
        self.end()


def test_output_waits_for_its_reader_and_nothing_is_lost(monkeypatch):
    monkeypatch.setitem(PROGRAMS, "slow", Slow)
    with Rig() as rig:
        rig.link.connect()
        rig.link.keep_new = True
        started = rig.loader.start(rig.loader.upload(images.make("slow"), "slow").handle, [])
        port = rig.link.keep(started.port_base)
        rig.until(lambda: started.handle in rig.loader.endings)
        assert port.waiting <= 16384
        total = rig.loader.endings[started.handle].ports[0].sent
        assert total == 60000
        rig.until(lambda: port.waiting == 16384)
        got = rig.link.read(port, 5000)
        for _ in range(5):
            rig.loader.info()  # time enough for the device to send what it may
        assert port.waiting <= 16384 and port.lost == 0
        while len(got) < total:
            rig.until(lambda: port.waiting > 0)
            got += rig.link.read(port, 1000)
        assert got == bytes(i % 251 for i in range(60000)) and port.lost == 0
        rig.until(lambda: port.complete(total))


def test_a_port_nobody_reads_does_not_hold_its_program(monkeypatch):
    monkeypatch.setitem(PROGRAMS, "slow", Slow)
    with Rig() as rig:
        rig.link.connect()
        started = rig.loader.start(rig.loader.upload(images.make("slow"), "slow").handle, [])
        rig.until(lambda: started.port_base in rig.link.ports and rig.link.ports[started.port_base].received == 60000)


def test_lost_output_is_counted_and_does_not_stop_the_stream(monkeypatch):
    monkeypatch.setitem(PROGRAMS, "slow", Slow)
    with Rig() as rig:
        rig.link.connect()
        rig.link.keep_new = True
        generator = random.Random(4)
        rig.device.to_host = lambda frame: [] if len(frame) > 100 and generator.random() < 0.1 else [frame]
        started = rig.loader.start(rig.loader.upload(images.make("slow"), "slow").handle, [])
        port = rig.link.keep(started.port_base)
        got = b""
        while not port.complete(60000):
            rig.until(lambda: port.waiting > 0 or port.complete(60000))
            got += rig.link.read(port, 1000)
        got += rig.link.read(port, 16384)
        assert port.lost > 0 and len(got) + port.lost == 60000


def test_a_lost_ending_is_asked_for():
    with Rig() as rig:
        rig.link.connect()
        rig.device.event = (
            lambda body: None if isinstance(body, AnswerBody.Ended) else FakeDevice.event(rig.device, body)
        )
        started = rig.loader.start(rig.loader.upload(images.make("hello"), "hello").handle, [])
        assert rig.loader.ending(started.handle).status == 0
        assert started.handle not in rig.loader.endings


def test_a_refusal_carries_name_and_facts():
    with Rig() as rig:
        rig.link.connect()
        with pytest.raises(Refused) as caught:
            rig.loader.start(12345, [])
        assert caught.value.name == "no_program"


def test_an_answer_to_another_request_is_ignored():
    with Rig() as rig:
        rig.link.connect()
        original, asked = rig.device._answer, []

        def answer(seq, body):
            """The first time another request's answer, when it is repeated the right one."""
            if seq in asked:
                original(seq, body)
            else:
                original((seq + 100) % 256, AnswerBody.Done())
            asked.append(seq)

        rig.device._answer = answer
        assert rig.loader.info().board == "fake"


def test_a_damaged_upload_is_refused_and_kept_nowhere():
    with Rig() as rig:
        rig.link.connect()
        original = rig.device._data
        rig.device._data = lambda body: original(type(body)(body.offset, bytes(body.bytes[:-1]) + b"\x55"))
        with pytest.raises(Refused) as caught:
            rig.loader.upload(images.make("hello", bytes(4000)), "hello")
        assert caught.value.name == "upload_crc"
        assert rig.device.programs == {} and rig.device.upload is None


def test_silence_is_reported_in_time():
    with Rig(silent=True) as rig:
        began = time.monotonic()
        with pytest.raises(ToolError) as caught:
            rig.link.connect()
        assert caught.value.code == "E05" and 2.5 < time.monotonic() - began < 5


def test_another_firmware_is_recognised_and_quoted():
    with Rig(silent=True) as rig:
        os.write(rig.device.line, b"MicroPython v1.2\x1b[0m\r\n>>> \0")
        with pytest.raises(ToolError) as caught:
            rig.link.connect()
        assert caught.value.code == "E07"
        assert "MicroPython v1.2\\x1b" in caught.value.text()


def test_a_kernel_that_crashes_at_each_boot_is_told_from_another_firmware():
    with Rig(silent=True) as rig:
        os.write(rig.device.line, b"\r\nmnemOS: the kernel crashed: mn_x_start() failed at x.c:1\r\n\0")
        with pytest.raises(ToolError) as caught:
            rig.link.connect()
        assert caught.value.code == "E07" and "crashes whenever it boots" in str(caught.value)


def test_a_device_that_falls_silent_is_noticed_after_two_seconds():
    with Rig() as rig:
        rig.link.connect()
        rig.device.silent = True
        began = time.monotonic()
        with pytest.raises(LinkLost):
            rig.loader.info()
        assert 1.5 < time.monotonic() - began < 4


def test_a_cut_line_ends_an_upload_at_once():
    with Rig() as rig:
        rig.link.connect()
        rig.device.cut_after = rig.device.received + 5000
        with pytest.raises(LinkLost):
            rig.loader.upload(images.make("spin", bytes(30000)), "spin")


def test_a_restarted_device_is_noticed():
    with Rig() as rig:
        rig.link.connect()
        rig.device.control(Control.Hello(1, 0, 576, 1))
        with pytest.raises(LinkLost, match="began anew"):
            rig.until(lambda: False)


def test_text_between_frames_is_shown_and_harms_nothing():
    with Rig() as rig:
        shown = []
        rig.link.on_noise = lambda noise: shown.append(noise.text)
        rig.link.connect()
        os.write(rig.device.line, b"PANIC at main.c:12\n\0" + bytes(range(1, 256)) * 20 + b"\0")
        assert rig.loader.info().board == "fake"
        assert "PANIC at main.c:12\n" in shown


@settings(max_examples=15, deadline=None)
@given(garbage=st.lists(st.binary(max_size=700), max_size=30))
def test_garbage_of_any_kind_leaves_the_session_alive(garbage):
    with Rig() as rig:
        rig.link.connect()
        for piece in garbage:
            os.write(rig.device.line, piece)
        os.write(rig.device.line, b"\0")
        assert rig.loader.info().board == "fake"


def test_hostile_control_messages_do_no_harm():
    with Rig() as rig:
        rig.link.connect()
        for message in (
            Control.Credit(5, 0xFFFFFFFF), Control.Open(7, "x\x1b]0;", 200, 0xFFFFFFFF), Control.Close(9, 77), Control.Lost(1, 5),
            Control.Blocked(0x1000, 0x80000000), Control.Eof(0xFFFE, 3), Control.Pong(99), Control.Ping(3), Control.Open(0xFFFF, "", 0, 0),
        ):  # fmt: skip
            rig.device.control(message)
        rig.device.send(0xFFFE, b"\xff\xff\xff")
        rig.device.send(0xFFFF, b"\x63")
        assert rig.loader.info().board == "fake"


@pytest.mark.parametrize("max_frame", [0, 5, 6, 63])
def test_a_device_that_takes_no_frames_is_refused(max_frame):
    """Its limit would leave no room for data, and a write would go on for ever."""
    with Rig() as rig:
        control = rig.device.control
        rig.device.control = lambda m: control(
            Control.Hello(1, m.session, max_frame, 1) if isinstance(m, Control.Hello) else m
        )
        with pytest.raises(LinkLost, match=f"frames of {max_frame} bytes"):
            rig.link.connect()


def test_absurd_losses_are_counted_round_and_end_nothing():
    with Rig() as rig:
        rig.link.connect()
        for sent in (0x7FFF_FFFF, 0xFFFF_FFFE, 0x7FFF_FFFD, 0xFFFF_FFFC):
            rig.device.control(Control.Blocked(0x1000, sent))
        rig.until(lambda: 0x1000 in rig.link.ports and rig.link.ports[0x1000].received == 0xFFFF_FFFC)
        assert rig.loader.info().board == "fake"
