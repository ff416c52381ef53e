# test_settings.py: kernels with other settings than the board's own are built from a board file, boot and work.
# SPDX-License-Identifier: MIT OR Apache-2.0
import subprocess

import pytest
from conftest import BUILD, ROOT, Board
from mnemos_load.abi import loopback

SMALL = {
    "RAM_LEN": 0x10000, "ARENA_LEN": 0x8000, "STACK_LEN": 3072, "PANIC_STACK_LEN": 768,
    "PROGRAMS": 2, "PROGRAM_CONNECTIONS": 2, "PROGRAM_PORTS": 2,
    "PROGRAM_RX_LEN": 64, "PROGRAM_TX_LEN": 64, "PROGRAM_STDERR_LEN": 64, "STDIN_LEN": 64,
    "SERVICES": 6, "CONNECTIONS": 8, "REQUESTS": 8, "HELLO_PERIOD_US": 0, "LOOPBACK_PORT": 7, "LOOPBACK_LEN": 16,
}  # fmt: skip


def build(name, settings):
    """Configure and build the firmware with a board file of these settings: the kernel, and what was said."""
    folder = BUILD / "settings" / name
    folder.mkdir(parents=True, exist_ok=True)
    lines = [f"#define MN_CONFIG_{key} {value}" for key, value in settings.items()]
    text = "\n".join(["#ifndef SETTINGS_H", "#define SETTINGS_H", *lines, "#endif", ""])
    board_config = folder / "board_config.h"
    if not board_config.is_file() or board_config.read_text() != text:
        board_config.write_text(text)
    said = ""
    for command in (
        ["cmake", "-G", "Ninja", "-S", ROOT / "firmware/qemu-mps2", "-B", folder, f"-DMN_BOARD_CONFIG={board_config}",
         "-DMN_TEST_FAULTS=OFF"],
        ["ninja", "--quiet", "-C", folder],
    ):  # fmt: skip
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300)
        said += done.stdout.decode()
        if done.returncode != 0:
            return None, " ".join(said.split())[-3000:]
    return folder / "mnemos.elf", said


@pytest.fixture(scope="module")
def small_board(tmp_path_factory):
    kernel, said = build("small", SMALL)
    assert kernel, said
    board = Board(tmp_path_factory.mktemp("small"), kernel)
    yield board
    board.stop()


def test_a_kernel_with_small_settings_boots_and_runs_programs(small_board):
    small_board.is_well()
    done = small_board.run("services", "Ferris")
    assert done.returncode == 0 and done.stdout.endswith(b"Hello, Ferris!\n"), done.stderr.decode()
    done = small_board.run("wc", stdin=b"a b\n" * 500, limit=120)
    assert done.stdout.split()[:3] == [b"500", b"1000", b"2000"], done.stderr.decode()


def test_the_settings_are_what_the_kernel_has(small_board):
    with small_board.connect() as connection:
        info = connection.loader.info()
        assert (info.max_programs, info.arena) == (2, 0x8000)
        port = connection.link.keep(7)
        connection.link.write(port, b"loop")
        with connection.link.changed:
            connection.link.changed.wait_for(lambda: port.waiting >= 4, 20)
        assert connection.link.read(port, 16) == b"loop"


@pytest.mark.parametrize(
    "name,settings,says",
    [
        ("heap", {**SMALL, "LOOPBACK_LEN": 65536}, "board file: the kernel's heap is too small for what the settings need"),
        ("arena", {**SMALL, "ARENA_LEN": 0xf000}, "board file: the kernel's heap is too small for what the settings need"),
        ("range", {"PROGRAMS": 33}, "board file: MN_CONFIG_PROGRAMS must be from 1 to 32"),
        ("name", {"PROGRAMMS": 4}, "MN_CONFIG_PROGRAMMS is no setting: those that exist are in kernel/config.h"),
    ],
)
def test_settings_that_cannot_work_stop_the_build(name, settings, says):
    kernel, said = build(f"wrong-{name}", settings)
    assert kernel is None and says in said, said
