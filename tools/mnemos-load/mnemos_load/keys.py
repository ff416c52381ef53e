# keys.py: what the user types, with the keys that are for the tool itself.
# SPDX-License-Identifier: MIT OR Apache-2.0
"""A terminal in raw mode, and the local keys: Ctrl-C, Ctrl-], and Ctrl-T followed by a letter."""

from __future__ import annotations

import enum
import os
import termios
from collections.abc import Iterator

CTRL_C, CTRL_T, CTRL_LEAVE = 0x03, 0x14, 0x1D
HELP = (
    "Ctrl-C stop the program (twice: leave now) · Ctrl-] or Ctrl-T x leave, it keeps running · Ctrl-T d end of input\n"
    "  Ctrl-T e echo what is typed · Ctrl-T t timestamps · Ctrl-T c next channel · Ctrl-T Ctrl-T send Ctrl-T"
)


class Key(enum.Enum):
    """A local key."""

    STOP = "c"
    LEAVE = "x"
    HELP = "h"
    END = "d"
    ECHO = "e"
    TIMES = "t"
    CHANNEL = "c2"
    UNKNOWN = "?"


_AFTER_PREFIX = {ord("x"): Key.LEAVE, ord("h"): Key.HELP, ord("?"): Key.HELP, ord("d"): Key.END, ord("e"): Key.ECHO,
                 ord("t"): Key.TIMES, ord("c"): Key.CHANNEL}  # fmt: skip


class Keys:
    """Splits typed bytes into text for the program and local keys; keeps a half-typed Ctrl-T."""

    def __init__(self) -> None:
        self._prefixed = False

    def split(self, typed: bytes) -> Iterator[bytes | Key]:
        """Runs of bytes for the program, and local keys, in order."""
        text = bytearray()
        for byte in typed:
            key: Key | None = None
            if self._prefixed:
                self._prefixed = False
                if byte == CTRL_T:
                    text.append(byte)
                    continue
                key = _AFTER_PREFIX.get(byte, Key.UNKNOWN)
            elif byte == CTRL_T:
                self._prefixed = True
                continue
            elif byte == CTRL_C:
                key = Key.STOP
            elif byte == CTRL_LEAVE:
                key = Key.LEAVE
            else:
                text.append(byte)
                continue
            if text:
                yield bytes(text)
                text.clear()
            yield key
        if text:
            yield bytes(text)


class RawTerminal:
    """A terminal whose input comes key by key, without echo; its output and its Enter key stay as they are.

    A context manager: the old state comes back at the end. Nothing happens when the descriptor is no terminal,
    or when this process is in the background and may not read it.
    """

    def __init__(self, handle: int) -> None:
        self._handle = handle
        self._before: list[int | list[bytes | int]] | None = None
        self.active = False

    def __enter__(self) -> RawTerminal:
        if os.isatty(self._handle) and in_foreground(self._handle):
            self._before = termios.tcgetattr(self._handle)
            mode = termios.tcgetattr(self._handle)
            mode[0] &= ~(termios.IXON | termios.BRKINT)
            mode[3] &= ~(termios.ICANON | termios.ECHO | termios.ISIG | termios.IEXTEN)
            mode[6][termios.VMIN], mode[6][termios.VTIME] = 1, 0
            termios.tcsetattr(self._handle, termios.TCSADRAIN, mode)
            self.active = True
        return self

    def __exit__(self, *_: object) -> None:
        if self._before is not None:
            try:
                termios.tcsetattr(self._handle, termios.TCSADRAIN, self._before)
            except termios.error:
                pass  # the terminal has gone
            self._before, self.active = None, False


def in_foreground(handle: int) -> bool:
    """Whether this process may read the terminal without being stopped."""
    try:
        return os.tcgetpgrp(handle) == os.getpgrp()
    except OSError:
        return False
