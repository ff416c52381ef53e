# test_emulator.py: the emulator's own life, and a kernel that crashes.
# SPDX-License-Identifier: MIT OR Apache-2.0
import os
import re
import stat

import pytest
from conftest import BUILD, Board, image
from mnemos_load.errors import LinkLost

CRASH_PORT = 0x0FF0


@pytest.fixture
def own(tmp_path):
    """A board that no other test uses."""
    board = Board(tmp_path)
    yield board
    board.stop()


def pid(board):
    found = re.search(rb"pid (\d+)", board.tool("emu", "ls").stdout)
    return int(found[1]) if found else None


def test_it_starts_on_demand_stays_and_stops(own):
    assert pid(own) is None
    own.is_well()
    first = pid(own)
    own.is_well()
    assert pid(own) == first
    assert stat.S_IMODE(os.stat(own.address).st_mode) & 0o077 == 0
    assert b"emulator  -       emu  mnemOS" in own.tool("devices").stdout
    assert own.tool("emu", "stop").returncode == 0
    assert pid(own) is None and not os.path.exists(own.address)


def test_it_restarts_when_the_kernel_changed(own):
    own.is_well()
    first = pid(own)
    with open(own.kernel, "ab") as file:
        file.write(b"\0")
    own.is_well()
    assert pid(own) not in (first, None)


def test_a_killed_emulator_is_started_again(own):
    own.is_well()
    os.kill(pid(own), 9)
    own.is_well()


def test_what_is_missing_is_said(own, tmp_path):
    own.environment["MNEMOS_EMU_KERNEL"] = str(tmp_path / "none.elf")
    done = own.tool("ps")
    assert done.returncode == 127 and b"E22" in done.stderr and b"MNEMOS_EMU_KERNEL" in done.stderr
    own.environment["MNEMOS_EMU_KERNEL"] = str(own.kernel)
    (tmp_path / "bin").mkdir()
    own.environment["PATH"] = str(tmp_path / "bin")
    done = own.tool("ps")
    assert done.returncode == 127
    assert (
        b"E01 the emulator needs qemu-system-arm, which is not installed\n    sudo apt install --no-install-recommends qemu-system-arm\n"
        == done.stderr
    )


def test_a_kernel_that_is_none(own):
    (own.kernel).write_bytes(b"no ELF file")
    done = own.tool("ps")
    assert done.returncode in (125, 127) and re.search(rb"^E0[15] ", done.stderr)


@pytest.mark.skipif(
    not (BUILD / "qemu-mps2/mnemos-test.elf").is_file(), reason="the kernel that crashes on demand is not built"
)
@pytest.mark.parametrize(
    "how,reason",
    [
        ("a", "zero == 1 at firmware/qemu-mps2/crash_on_demand.c:"),
        ("r", ""),
        ("n", ""),
        ("u", ""),
        ("s", ""),
        ("b", ""),
    ],
)
def test_a_crash_of_the_kernel_is_reported_and_it_comes_back(tmp_path, how, reason):
    board = Board(tmp_path, BUILD / "qemu-mps2/mnemos-test.elf")
    try:
        with board.connect() as connection:
            connection.loader.upload(image("hello").read_bytes(), "hello")
            with pytest.raises(LinkLost):
                connection.link.send(CRASH_PORT, how.encode())
                with connection.link.changed:
                    connection.link.changed.wait_for(lambda: connection.link.failure, 15)
                connection.link.check()
        info = board.tool("info")
        assert info.returncode == 0 and b"the kernel crashed and restarted: " in info.stdout, (info.stdout, info.stderr)
        assert reason.encode() in info.stdout
        board.is_well()
    finally:
        board.stop()
