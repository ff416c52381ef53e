# test_parts.py: frames, ports, texts, keys, errors, new projects: the small parts alone.
# SPDX-License-Identifier: MIT OR Apache-2.0
import socket
import threading
import zlib
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mnemos_load import device, errors, image, new, text
from mnemos_load.abi import error as abi_error
from mnemos_load.framing import Frame, Noise, Splitter, encode
from mnemos_load.keys import Key, Keys
from mnemos_load.ports import WINDOW, Port


@given(
    st.lists(st.tuples(st.integers(0, 0xFFFF), st.binary(min_size=1, max_size=560)), max_size=8),
    st.integers(1, 50),
    st.booleans(),
)
def test_frames_survive_any_cutting(frames, cut, checked):
    stream = b"".join(encode(port, data, checked) for port, data in frames)
    splitter = Splitter()
    splitter.checked = checked
    seen = [item for at in range(0, len(stream), cut) for item in splitter.feed(stream[at : at + cut])]
    assert seen == [Frame(port, data) for port, data in frames]


@given(st.binary(max_size=5000))
def test_any_bytes_are_frames_or_noise_and_the_next_frame_is_found(noise):
    splitter = Splitter()
    list(splitter.feed(noise + b"\0"))
    assert list(splitter.feed(encode(3, b"after", False)))[-1] == Frame(3, b"after")


def test_a_wrong_checksum_is_noise_where_a_checksum_is_due():
    body = (0xFFFE).to_bytes(2, "little") + b"data"
    from mnemos_load.abi.wire import cobs_encode

    bad = cobs_encode(body + (zlib.crc32(body) ^ 1).to_bytes(4, "little")) + b"\0"
    assert isinstance(next(Splitter().feed(bad)), Noise)


def test_an_endless_frame_costs_no_memory():
    splitter = Splitter()
    for _ in range(100):
        list(splitter.feed(b"x" * 10_000))
    assert len(splitter._pending) < 2000


@given(st.integers(0, 2**32 - 1), st.integers(1, WINDOW))
def test_counters_wrap(start, count):
    port = Port(1)
    port.received = port.consumed = port.sent = port.limit = start
    port.granted = (start + WINDOW) & 0xFFFFFFFF
    port.take(bytes(count))
    assert port.catch_up(start + count) == 0 and port.complete(start + count) and not port.complete(start + count + 1)
    assert len(port.read()) == count and port.lost == 0
    assert port.grant(1) == (start + count + WINDOW) & 0xFFFFFFFF
    port.allow(start + 100)
    assert port.room == 100
    port.allow(start + 50)
    assert port.room == 100


def test_more_than_granted_is_dropped_and_counted():
    port = Port(1)
    assert port.take(bytes(WINDOW + 5)) == 5
    assert (port.waiting, port.lost) == (WINDOW, 5)


def test_bytes_nobody_read_survive_a_reopened_port():
    port = Port(1)
    port.take(b"old")
    port.opened(100)
    port.take(b"new")
    assert (port.read(), port.consumed, port.received) == (b"oldnew", 3, 3)


def test_an_announcement_said_again_does_not_undo_what_was_sent():
    port = Port(1)
    port.opened(512)
    port.count_sent(100)
    port.opened(512)
    assert (port.sent, port.room) == (100, 412)
    port.closed = True
    port.opened(512)
    assert (port.sent, port.room, port.closed) == (0, 512, False)


def test_what_a_device_says_cannot_command_the_terminal():
    assert text.printable("a\x1b]52;c;x\x07\nb\u202e") == "a\\x1b]52;c;x\\x07\\nb\\u202e"
    assert text.printable("x" * 500).endswith("...")


def test_keys_are_split_from_text():
    keys = Keys()
    assert list(keys.split(b"ab\x03c\x14")) == [b"ab", Key.STOP, b"c"]
    assert list(keys.split(b"x\x1d\x14\x14q\x14h\x14Z")) == [Key.LEAVE, Key.LEAVE, b"\x14q", Key.HELP, Key.UNKNOWN]


def test_statuses_come_from_the_schema():
    assert errors.no_file("x", "y").exit_status == 127
    assert {code: info.exit for code, info in abi_error.HOST.items()}["E15"] == 124
    assert errors.refused("x", errors.Refused(abi_error.ERR_NO_PROGRAM, 0, 0)).exit_status == 127
    assert "9999" in errors.refused("x", errors.Refused(-9999, 1, 2)).text()
    assert {code for code, info in abi_error.HOST.items()} >= {f"E{n:02}" for n in range(1, 27)}


def test_every_image_defect_exists_in_the_schema():
    known = {info.name for info in abi_error.ERRORS.values() if info.name.startswith("image_")}
    assert {"image_short", "image_magic", "image_reloc"} <= known
    assert image.HEADER.size == 88


def test_new_fills_in_the_name(tmp_path, monkeypatch):
    root = tmp_path / "tree"
    template = root / "templates/hello"
    (template / "src").mkdir(parents=True)
    (root / "sdk/cmake").mkdir(parents=True)
    (root / "sdk/cmake/mnemos.cmake").write_text("")
    (template / "CMakeLists.txt").write_text("project(@NAME@ LANGUAGES C)\n")
    (template / "src/@NAME@.c").write_text("/* @NAME@ */\n")
    monkeypatch.setattr(new.paths, "tree", lambda: root)
    monkeypatch.chdir(tmp_path)
    new.create("foo", "hello")
    assert (tmp_path / "foo/CMakeLists.txt").read_text() == "project(foo LANGUAGES C)\n"
    assert (tmp_path / "foo/src/foo.c").read_text() == "/* foo */\n"
    for name, why in (
        ("foo", "exists already"),
        ("1x", "no project name"),
        ("a b", "no project name"),
        ("..", "no project name"),
        ("clean", "CMake keeps it"),
    ):
        with pytest.raises(errors.ToolError, match=why):
            new.create(name, "hello")
    with pytest.raises(errors.ToolError, match="no template nosuch"):
        new.create("bar", "nosuch")


def test_new_without_an_sdk_says_where_it_looked_and_what_to_set(monkeypatch):
    monkeypatch.setattr(new.paths, "tree", lambda: None)
    monkeypatch.setenv("MNEMOS_SDK", "/nowhere")
    with pytest.raises(errors.ToolError, match="E17") as caught:
        new.create("foo", "hello")
    assert "$MNEMOS_SDK (/nowhere)" in caught.value.text() and "export MNEMOS_SDK=" in caught.value.text()


@pytest.mark.parametrize("there,why", [("file", "File exists"), ("file/below", "Not a directory")])
def test_a_cache_folder_that_cannot_be_is_named(tmp_path, monkeypatch, there, why):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("MNEMOS_CACHE", str(tmp_path / there))
    with pytest.raises(errors.ToolError, match=f"E21 cannot use {tmp_path / there}: {why}"):
        new.paths.cache()


@pytest.mark.parametrize("file", ["/dev/null", __file__])
def test_what_is_no_serial_port_is_called_so(tmp_path, monkeypatch, file):
    monkeypatch.setenv("MNEMOS_CACHE", str(tmp_path))
    with pytest.raises(errors.ToolError, match=f"E01 cannot open {file}: it is no serial port"):
        device.open_target(device.parse(file, 115200))


def test_several_devices_are_listed_and_a_person_may_choose(monkeypatch, tmp_path):
    found = [
        device.Target("Feather", "/dev/ttyACM0", "E6614C311B", "a", None),
        device.Target("emulator", "emu", "", "b", None),
    ]
    monkeypatch.setattr(device, "present", lambda baud: found)
    monkeypatch.delenv("MNEMOS_DEVICE", raising=False)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(errors.ToolError) as caught:
        device.select(None, 115200, lambda title, lines: None)
    assert caught.value.text() == (
        "E02 2 mnemOS devices found - choose one\n    -d /dev/ttyACM0   Feather  E6614C311B\n    -d emu            emulator"
    )
    assert device.select(None, 115200, lambda title, lines: 1) is found[1]


@pytest.mark.parametrize(
    "group,mode,fix",
    [
        (5, 0o20660, "sudo usermod -aG tty "),
        (0, 0o20660, "may not open it either"),
        (5, 0o20600, "may not open it either"),
    ],
)
def test_no_permission_names_the_group_and_the_command(monkeypatch, group, mode, fix):
    def refuse():
        raise PermissionError(13, "Permission denied")

    class Lock:
        def __init__(self, *_):
            pass

        def release(self):
            pass

    monkeypatch.setattr(device, "DeviceLock", Lock)
    with monkeypatch.context() as patch:
        patch.setattr(device.os, "stat", lambda path: SimpleNamespace(st_uid=0, st_gid=group, st_mode=mode))
        with pytest.raises(errors.ToolError) as caught:
            device.open_target(device.Target("x", "/dev/null", "", "/dev/null", refuse))
    said = caught.value.text()
    assert said.startswith(f"E03 no permission to open /dev/null   (owner root:{'tty' if group else 'root'}, mode crw-")
    assert fix in said


def test_an_emulator_that_does_not_listen_yet_is_waited_for(tmp_path, monkeypatch):
    """Its socket is there a moment before anybody listens."""
    address = str(tmp_path / "line.sock")
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(address)
    monkeypatch.setattr(device.emulator, "ensure", lambda: SimpleNamespace(socket=address))
    threading.Timer(0.2, listener.listen).start()
    device.emulated().open().close()
    listener.close()
    monkeypatch.setattr(device, "CONNECT_S", 0.1)
    with pytest.raises(ConnectionRefusedError):
        device.emulated().open()
