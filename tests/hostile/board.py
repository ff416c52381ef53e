"""board.py: an emulated board, its programs, and the neighbour that watches itself."""
# SPDX-License-Identifier: MIT OR Apache-2.0

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from pathlib import Path

from mnemos_load import device
from mnemos_load.abi import error, loader
from mnemos_load.link import Link
from mnemos_load.loader import Loader

# Far more than anything here takes; only a broken kernel uses it up.
PATIENCE_S = 20.0


@dataclass
class Life:
    """One life of a program, from start to end."""

    ending: loader.Ending
    fault: loader.Fault | None

    @property
    def end(self) -> str:
        """`exit STATUS`, `fault KIND`, or the name of another end."""
        name = error.ENDS[self.ending.reason].name
        if name == "exit":
            return f"exit {self.ending.status}"
        if name == "fault":
            return f"fault {loader.FaultKind(self.ending.status).name.lower()}"
        return name


class Board:
    """The link to a fresh emulator. `images` is the folder of the built programs."""

    def __init__(self, images: Path) -> None:
        self.images = images
        self._opened = device.open_target(device.emulated())
        self.link = Link(self._opened.line)
        self.link.keep_new = True
        self.link.connect()
        self.loader = Loader(self.link)

    def close(self) -> None:
        self.link.close()
        self._opened.close()

    def load(self, name: str) -> loader.Program:
        return self.loader.upload((self.images / f"{name}.mna").read_bytes(), name)

    def start(self, program: loader.Program | Running, *args: str | int) -> Running:
        """Start it, for the first time or again: each life has a handle of its own. Numbers travel in hexadecimal."""
        words = [f"{arg & 0xFFFFFFFF:x}" if isinstance(arg, int) else arg for arg in args]
        started = self.loader.start(program.handle, [word.encode() for word in words])
        return Running(self, started.handle, started.port_base)

    def free(self) -> dict[str, int]:
        """What must be as before when a program is gone."""
        info = self.loader.info()
        return {name: getattr(info, name) for name in ("free", "largest", "heap_free", "programs")}

    def settles_to(self, before: dict[str, int]) -> dict[str, int]:
        """The same once ports that are still being emptied are closed, or what it is after the patience."""
        end = time.monotonic() + 5.0
        while (now := self.free()) != before and time.monotonic() < end:
            time.sleep(0.02)
        return now


class Running:
    """A started program."""

    def __init__(self, board: Board, handle: int, port_base: int) -> None:
        self._board = board
        self.handle = handle
        self._stdio = board.link.port(port_base)

    def send(self, data: bytes) -> None:
        link = self._board.link
        end = time.monotonic() + PATIENCE_S
        while data:
            data = data[link.write(self._stdio, data) :]
            with link.changed:
                assert link.changed.wait_for(lambda: not data or self._stdio.room, end - time.monotonic()), "takes no input"

    def read_line(self) -> str:
        link = self._board.link
        line = b""
        end = time.monotonic() + PATIENCE_S
        while not line.endswith(b"\n"):
            with link.changed:
                assert link.changed.wait_for(lambda: self._stdio.waiting, end - time.monotonic()), f"no line, only {line!r}"
            line += link.read(self._stdio, 1)
        return line.decode().strip()

    def end_of_input(self) -> None:
        self._board.link.end(self._stdio)

    def wait(self, patience_s: float = PATIENCE_S) -> Life:
        """How it ended. A program that is not done after the patience is killed, and that is how it ended."""
        link, board_loader = self._board.link, self._board.loader
        with link.changed:
            link.changed.wait_for(lambda: self.handle in board_loader.endings or link.failure, patience_s)
        if self.handle not in board_loader.endings:
            board_loader.stop(self.handle, kill=True)
        ending = board_loader.ending(self.handle)
        assert ending is not None
        return Life(ending, board_loader.fault(self.handle) if ending.reason == error.END_FAULT else None)


class Neighbour:
    """The innocent program; see programs/neighbour.c."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self.program = board.load("neighbour")
        self._running = board.start(self.program)
        self.rounds = 0
        self.assert_intact()

    def says(self) -> str:
        self._running.send(b"?")
        return self._running.read_line()

    def assert_intact(self) -> int:
        """It is alive and nothing of it changed: the rounds it has watched since the last time."""
        said = self.says()
        match = re.fullmatch(r"intact (\d+)", said)
        assert match, f"the neighbour says: {said}"
        before, self.rounds = self.rounds, int(match.group(1))
        assert self.rounds > before
        return self.rounds - before

    def damage_itself(self) -> None:
        self._running.send(b"!")

    def finish(self) -> Life:
        """Ask it to end, and forget it."""
        self._running.end_of_input()
        life = self._running.wait()
        self._board.loader.unload(self._running.handle)
        return life
