# conftest.py: the emulated board, the tool and the examples, for tests of the whole system.
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Needs what `cmake --preset default && cmake --build build` makes: kernel and examples in build/."""
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "tools/mnemos-load"))

from mnemos_load import transport  # noqa: E402
from mnemos_load.link import Link  # noqa: E402
from mnemos_load.loader import Loader  # noqa: E402

TOOL = ROOT / "tools/mnemos-load/mnemos-load"
BUILD = Path(os.environ.get("MNEMOS_TEST_BUILD", ROOT / "build"))
KERNEL = BUILD / "qemu-mps2/mnemos.elf"


def image(name):
    """The image of an example."""
    path = BUILD / "examples" / name / f"{name}.mna"
    assert path.is_file(), f"{path} is missing: build it first (cmake -S . -B build -G Ninja && ninja -C build)"
    return path


def wait_until(condition, limit=20):
    end = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.02)


class Connection:
    """The tool's link and loader, without the command line."""

    def __init__(self, line):
        self.link = Link(line, silence=10.0)
        self.link.keep_new = True
        self.loader = Loader(self.link)

    def __enter__(self):
        self.link.connect()
        return self

    def __exit__(self, *_):
        self.link.close()

    def output(self, started, limit=30):
        """What a started program says until it ends, and how it ends."""
        port = self.link.keep(started.port_base)
        got, end = b"", time.monotonic() + limit
        while True:
            ending = self.loader.ending(started.handle)
            while port.waiting:
                got += self.link.read(port, 16384)
            if (
                ending
                and port.complete(next((t.sent for t in ending.ports if t.port == port.number), 0))
                and not port.waiting
            ):
                return got, ending
            assert time.monotonic() < end, f"no end; so far {got!r}"
            with self.link.changed:
                self.link.changed.wait(0.05)


class Board:
    """An emulated board of its own, with the tool to drive it."""

    def __init__(self, folder, kernel=KERNEL):
        assert kernel.is_file(), f"{kernel} is missing: build it first (cmake -S . -B build -G Ninja && ninja -C build)"
        self.kernel = folder / "kernel.elf"  # a copy: a build meanwhile must not restart the board
        shutil.copy(kernel, self.kernel)
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("MNEMOS_", "XDG_"))}
        self.folder = folder
        self.environment = {
            **kept, "MNEMOS_CACHE": str(folder / "cache"), "MNEMOS_DEVICE": "emu", "MNEMOS_EMU_KERNEL": str(self.kernel), "LANG": "C.UTF-8",
        }  # fmt: skip

    def tool(self, *words, stdin=b"", limit=60, cwd=None):
        """Run the tool to its end."""
        return subprocess.run(
            [str(TOOL), *map(str, words)],
            input=stdin,
            capture_output=True,
            timeout=limit,
            env=self.environment,
            cwd=cwd or self.folder,
        )

    def start(self, *words, **streams):
        """Start the tool and come back at once."""
        streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **streams}
        return subprocess.Popen([str(TOOL), *map(str, words)], env=self.environment, cwd=self.folder, **streams)

    def run(self, name, *args, **more):
        """Run an example."""
        return self.tool("-q", "run", image(name), "--", *args, **more)

    @property
    def address(self):
        return str(self.folder / "cache/emu/line.sock")

    def socket(self):
        """A raw line to the board."""
        if not os.path.exists(self.address):
            assert self.tool("emu", "start").returncode == 0
        return transport.connect_unix(self.address, 5.0)

    def connect(self):
        """Talk to the board without the command line; no other command may run meanwhile."""
        return Connection(transport.from_socket(self.socket(), "emu"))

    def is_well(self):
        """A program runs as if nothing had happened."""
        done = self.run("hello")
        assert (done.returncode, done.stdout) == (0, b"Hello, mnemOS!\n"), done.stderr.decode()

    def empty(self):
        """Unload everything and run a program as if nothing had happened; how much room there is for programs."""
        with self.connect() as connection:
            for program in connection.loader.programs():
                connection.loader.unload(program.handle)
            handle = connection.loader.upload(image("hello").read_bytes(), "hello").handle
            started = connection.loader.start(handle, [])
            assert connection.output(started)[0] == b"Hello, mnemOS!\n"
            connection.loader.unload(started.handle)
            return connection.loader.info().largest

    def stop(self):
        self.tool("emu", "stop")


@pytest.fixture(scope="session")
def running_board(tmp_path_factory):
    board = Board(tmp_path_factory.mktemp("board"))
    board.room = board.empty()
    yield board
    board.stop()


@pytest.fixture
def board(running_board):
    """The board that all tests share, empty; afterwards it must still be well and have lost no memory."""
    yield running_board
    assert running_board.empty() == running_board.room
