# ui.py: what the tool itself says, on the standard error.
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Lines with a tag, a progress bar on a terminal (rich, when it is installed), plain lines anywhere else."""

from __future__ import annotations

import os
import sys
import time
from typing import Any, TextIO

from .errors import ToolError
from .text import kib, printable

QUIET, NORMAL, VERBOSE = -1, 0, 1
RULE = "─" * 70
_STYLES = {"error": "1;31", "warn": "33", "tag": "36", "dim": "2"}


class Ui:
    """Where tool lines go. `level`: QUIET shows errors only, VERBOSE also what is usually not worth a line."""

    def __init__(self, level: int = NORMAL, color: str = "auto", stream: TextIO | None = None) -> None:
        self.level = level
        self.stream = stream or sys.stderr
        self.terminal = self.stream.isatty()
        no_color = bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"
        self.color = color == "always" or (color == "auto" and self.terminal and not no_color)

    def _put(self, text: str) -> None:
        try:
            encoding = self.stream.encoding or "utf-8"
            self.stream.write(text.encode(encoding, "replace").decode(encoding) + "\n")
            self.stream.flush()
        except (OSError, ValueError):
            pass  # nobody listens; what the command does matters more than its remarks

    def _styled(self, text: str, style: str) -> str:
        return f"\033[{_STYLES[style]}m{text}\033[0m" if self.color else text

    def line(self, tag: str, text: str) -> None:
        """One remark, as in `  upload  1.7/1.7 KiB`."""
        if self.level > QUIET:
            self._put(f"  {self._styled(tag.ljust(7), 'tag')} {text}")

    def detail(self, tag: str, text: str) -> None:
        """A remark for -v."""
        if self.level >= VERBOSE:
            self.line(tag, text)

    def note(self, text: str) -> None:
        """A remark between the program's lines, as in `-- 12 bytes lost --`."""
        if self.level > QUIET:
            self._put(self._styled(f"-- {text} --", "warn"))

    def rule(self) -> None:
        """The line between tool and program, on a terminal only."""
        if self.level > QUIET and self.terminal:
            self._put(self._styled("  " + RULE, "dim"))

    def plain(self, text: str) -> None:
        """Lines without decoration, shown even with -q: reports of faults."""
        for line in text.split("\n"):
            self._put(line)

    def error(self, error: ToolError) -> None:
        """An error in full, shown always."""
        code, rest = error.text().split(" ", 1)
        self._put(self._styled(code, "error") + " " + rest)

    def raw(self, text: str) -> None:
        """Text from the line that belongs to no frame: boot messages, a panic of another firmware."""
        for line in text.splitlines():
            if line.strip():
                self._put(self._styled("raw> ", "dim") + printable(line))

    def choose(self, title: str, lines: list[str]) -> int | None:
        """Let a person pick one of `lines`: its index; None without a terminal or without an answer."""
        if not self.terminal or not sys.stdin.isatty():
            return None
        self._put(title)
        for index, line in enumerate(lines, 1):
            self._put(f"  {index}  {line}")
        self.stream.write(f"number (1-{len(lines)}): ")
        self.stream.flush()
        answer = sys.stdin.readline().strip()
        return int(answer) - 1 if answer.isdecimal() and 1 <= int(answer) <= len(lines) else None

    def progress(self, what: str) -> Progress:
        """A progress report for `what`; use as a context manager."""
        if self.level == QUIET:
            return Progress()
        if self.terminal:
            try:
                return RichProgress(self, what)
            except ImportError:
                pass
        return LineProgress(self, what)


class Progress:
    """Reports nothing; base of those that do."""

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def update(self, done: int, total: int) -> None:
        """`done` of `total` bytes."""


class LineProgress(Progress):
    """A line each 10 %, for files and pipes, once it takes longer than a second."""

    def __init__(self, ui: Ui, what: str) -> None:
        self._ui = ui
        self._what = what
        self._next = 0.1
        self._began = time.monotonic()

    def update(self, done: int, total: int) -> None:
        if done >= total or done / total < self._next or time.monotonic() - self._began < 1.0:
            return
        self._next = done * 10 // total / 10 + 0.1
        self._ui.line(self._what, f"{kib(done)}/{kib(total)} KiB  {done * 100 // total} %")


class RichProgress(Progress):
    """A bar that disappears when it is full. Raises ImportError without rich."""

    def __init__(self, ui: Ui, what: str) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress as Bar, TextColumn

        console = Console(file=ui.stream, no_color=not ui.color, highlight=False)
        self._bar: Any = Bar(
            TextColumn("  {task.description}"),
            BarColumn(28),
            TextColumn("{task.fields[shown]}"),
            console=console,
            transient=True,
        )
        self._task = self._bar.add_task(what.ljust(7), total=1, shown="")
        self._began = time.monotonic()

    def __enter__(self) -> Progress:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def update(self, done: int, total: int) -> None:
        speed = kib(int(done / max(time.monotonic() - self._began, 0.001)))
        self._bar.update(self._task, completed=done, total=total, shown=f"{kib(done)}/{kib(total)} KiB   {speed} KiB/s")
