# run.py: stay with a running program: its output, its input, its end.
# SPDX-License-Identifier: MIT OR Apache-2.0
"""One loop over file descriptors: the program's ports, our standard streams, the keyboard, signals.

Output is written only when its reader takes it. A slow reader holds back the program, never this loop, so that
Ctrl-C always works.
"""

from __future__ import annotations

import enum
import os
import select
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType

from . import faults, symbols
from .abi import error as abi_error
from .abi import loader as abi
from .errors import INTERRUPTED, OUTPUT_CLOSED, STATUS_MAX, LinkLost, Refused, ToolError
from .keys import HELP, Key, Keys, RawTerminal, in_foreground
from .ports import Port
from .session import Session, ending_text, number
from .text import duration, printable
from .ui import Ui

STDIN, STDOUT, STDERR = 0, 1, 2
KEYS = "Ctrl-C stop · Ctrl-] or Ctrl-T x leave · Ctrl-T h help"
_PIECE = 4096  # a pipe that is ready for writing takes this much without waiting
_ASK_S = 2.0  # how often to ask for an ending whose event may have been lost
_LAST_BYTES_S = 1.5  # silence after the end, while output is missing, that means it was lost
_LAST_WORDS = 80


class Leave(enum.Enum):
    """Why the loop ended before the program did."""

    KEY = "left"
    TWICE = "interrupted twice"
    TIMEOUT = "timed out"
    CLOSED = "output closed"


@dataclass
class Result:
    """What `attend` saw: the ending, or why it left."""

    ending: abi.Ending | None
    left: Leave | None
    interrupted: bool
    signal: int


class Sink:
    """One of our output descriptors, fed by one port."""

    def __init__(self, handle: int, port: Port) -> None:
        self.handle = handle
        self.port = port
        self.pending = b""
        self.broken = False


class Attendant:
    """The loop. `attend` runs it once."""

    def __init__(self, session: Session, ui: Ui, name: str, handle: int, base: int, timeout: float | None) -> None:
        self._session = session
        self._link = session.link
        self._ui = ui
        self._name = name
        self._handle = handle
        self._deadline = None if timeout is None else time.monotonic() + timeout
        self._stdio = self._link.keep_for_input(base)
        self._sinks = [Sink(STDOUT, self._stdio), Sink(STDERR, self._link.keep(base + 1))]
        self._link.discard_rest({base, base + 1})
        self._keys = Keys()
        self._terminal = RawTerminal(STDIN)
        self._echo = False
        self._input = b""
        self._input_open = True
        self._stops = 0
        self._stop_sent = False
        self._signal = 0
        self._left: Leave | None = None
        self._last_output = time.monotonic()
        self._last_words = b""
        self.output_error: OSError | None = None
        self._wake_out, self._wake_in = os.pipe()
        os.set_blocking(self._wake_in, False)
        os.set_blocking(self._wake_out, False)

    def attend(self) -> Result:
        """Stream until the program has ended and its last byte is out, or until the user leaves. Raises LinkLost."""
        restore = self._catch_signals()
        self._link.wake = self._wake
        try:
            with self._terminal:
                keys = f"    {KEYS}" if self._terminal.active else ""
                self._ui.line("run", f"{printable(self._name)} #{number(self._handle)}{keys}")
                self._ui.rule()
                ending = self._loop()
                if ending:
                    self._finish(ending)
        finally:
            self._link.wake = lambda: None
            restore()
            os.close(self._wake_in)
            os.close(self._wake_out)
        self._report_losses()
        return Result(ending, self._left, self._stops > 0, self._signal)

    def _wake(self) -> None:
        try:
            os.write(self._wake_in, b"\0")
        except OSError:
            pass  # full: a wake is on its way already; closed: nobody waits any more

    def _catch_signals(self) -> Callable[[], None]:
        def caught(which: int, frame: FrameType | None) -> None:
            self._stops += 1
            self._signal = which
            self._wake()

        before = {which: signal.signal(which, caught) for which in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}

        def restore() -> None:
            for which, handler in before.items():
                signal.signal(which, handler)

        return restore

    # The loop.

    def _loop(self) -> abi.Ending | None:
        asked = time.monotonic()
        while self._left is None:
            self._link.check()
            now = time.monotonic()
            known = self._session.loader.endings.get(self._handle)
            if known is None and now - asked >= _ASK_S:
                asked = now
                known = self._session.loader.ending(self._handle)
            if known:
                return known
            if self._stops and not self._stop_sent:
                self._stop_sent = True
                self._stop()
            if self._stops > 1:
                self._left = Leave.TWICE
            elif self._deadline is not None and now >= self._deadline:
                self._left = Leave.TIMEOUT
            else:
                self._turn(self._pause(now, asked))
        return None

    def _pause(self, now: float, asked: float) -> float:
        until = asked + _ASK_S
        if self._deadline is not None:
            until = min(until, self._deadline)
        return max(0.0, until - now)

    def _turn(self, pause: float) -> None:
        """Move what can be moved, waiting at most `pause` seconds for something to move."""
        self._fetch()
        reading = [self._wake_out]
        if self._wants_input():
            reading.append(STDIN)
        writing = [sink.handle for sink in self._sinks if sink.pending and not sink.broken]
        readable, writable, _ = select.select(reading, writing, [], pause)
        if self._wake_out in readable:
            try:
                while os.read(self._wake_out, 512):
                    pass
            except BlockingIOError:
                pass
        for sink in self._sinks:
            if sink.handle in writable:
                self._put(sink)
        if STDIN in readable:
            self._read_input()
        self._send_input()

    def _fetch(self) -> None:
        for sink in self._sinks:
            if not sink.pending and sink.port.waiting:
                sink.pending = self._link.read(sink.port, _PIECE)
                self._last_output = time.monotonic()
                if sink.handle == STDOUT:
                    self._last_words = (self._last_words + sink.pending)[-_LAST_WORDS:]
            if sink.broken:
                sink.pending = b""

    def _put(self, sink: Sink) -> None:
        try:
            count = os.write(sink.handle, sink.pending[:_PIECE])
        except BlockingIOError:
            return
        except OSError as error:
            sink.broken = True
            sink.pending = b""
            if sink.handle == STDOUT:
                self._left = Leave.CLOSED
                self.output_error = error
            return
        sink.pending = sink.pending[count:]

    # Input.

    def _wants_input(self) -> bool:
        if not self._input_open or self._input:
            return False
        if self._terminal.active:
            return True
        if os.isatty(STDIN) and not in_foreground(STDIN):
            return False
        return self._stdio.room > 0

    def _read_input(self) -> None:
        try:
            data = os.read(STDIN, _PIECE if self._terminal.active else min(_PIECE, max(1, self._stdio.room)))
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._input_open = False
        elif self._terminal.active:
            for item in self._keys.split(data):
                if isinstance(item, Key):
                    self._key(item)
                elif self._input_open:
                    self._input += item
                    if self._echo:
                        self._sinks[0].pending += item
        else:
            self._input = data

    def _key(self, key: Key) -> None:
        if key is Key.STOP:
            self._stops += 1
            self._signal = signal.SIGINT
        elif key is Key.LEAVE:
            self._left = Leave.KEY
        elif key is Key.END:
            self._input_open = False
            self._ui.note("end of input")
        elif key is Key.ECHO:
            self._echo = not self._echo
            self._ui.note(f"echo {'on' if self._echo else 'off'}")
        else:
            self._ui.plain("  " + HELP)

    def _send_input(self) -> None:
        while self._input and self._stdio.room:
            count = self._link.write(self._stdio, self._input)
            self._input = self._input[count:]
        if not self._input_open and not self._input and not self._stdio.ended:
            self._link.end(self._stdio)

    # The end.

    def _stop(self) -> None:
        self._ui.note(f"stopping {printable(self._name)} (once more: leave now)")
        try:
            self._session.loader.stop(self._handle)
        except Refused:
            pass  # it ended by itself meanwhile

    def _finish(self, ending: abi.Ending) -> None:
        """Wait until everything the program wrote is out, or known to be lost."""
        totals = {total.port: total.sent for total in ending.ports}
        stops = self._stops
        heard, seen = time.monotonic(), -1
        while self._left is None:
            self._link.check()
            ports = [sink.port for sink in self._sinks]
            missing = [port for port in ports if not port.complete(totals.get(port.number, 0))]
            unwritten = any(sink.pending or sink.port.waiting for sink in self._sinks if not sink.broken)
            if not missing and not unwritten:
                return
            received = sum(port.received for port in ports)
            now = time.monotonic()
            if received != seen or unwritten:
                heard, seen = now, received
            elif now - heard > _LAST_BYTES_S:
                with self._link.changed:
                    for port in missing:
                        port.catch_up(totals[port.number])
                return
            if self._stops > max(stops, 1):
                self._left = Leave.TWICE
                return
            self._input_open = False
            self._turn(0.1)

    def _report_losses(self) -> None:
        for sink in self._sinks:
            if sink.port.lost:
                what = "stdout" if sink.handle == STDOUT else "stderr"
                self._ui.note(f"{sink.port.lost:,} bytes of {what} were lost on the line")
        if self._stdio.peer_lost:
            self._ui.note(f"{self._stdio.peer_lost:,} bytes of stdin were lost on the line")

    def silence(self) -> str:
        """For E15: when the program last said something, and what."""
        since = duration(time.monotonic() - self._last_output)
        words = self._last_words.decode("utf-8", "replace").strip().rsplit("\n", 1)[-1]
        return f'last output {since} ago: "{printable(words)}"' if words else "no output so far"


def stay(
    session: Session,
    ui: Ui,
    name: str,
    started: abi.AnswerBody.Started,
    image: str,
    elf: str | None,
    timeout: float | None,
) -> int:
    """Stream a started program until it ends; unload it; the exit status of the command.

    Raises ToolError E15, LinkLost.
    """
    handle = started.handle
    attendant = Attendant(session, ui, name, handle, started.port_base, timeout)
    session.doing(f"the run of {printable(name)}")
    result = attendant.attend()
    title = f"{printable(name)} #{number(handle)}"
    if result.ending is None:
        return _left(session, ui, title, handle, result, attendant, timeout)
    ui.rule()
    status = _show_ending(session, ui, title, result, image, elf)
    session.loader.unload(handle)
    return status


def _left(
    session: Session, ui: Ui, title: str, handle: int, result: Result, attendant: Attendant, timeout: float | None
) -> int:
    if result.left is Leave.TIMEOUT:
        raise ToolError(
            "E15",
            f"{title} did not exit within {timeout:g} s (--timeout {timeout:g}); {attendant.silence()}",
            f"still running as #{number(handle)}: mnemos-load stop {number(handle)}",
        )
    if result.left is Leave.CLOSED:
        session.loader.unload(handle)
        error = attendant.output_error
        if error and not isinstance(error, BrokenPipeError):
            raise ToolError(
                "E21", f"cannot write the output of {title}: {error.strerror}", f"{title} is stopped and unloaded"
            )
        return OUTPUT_CLOSED
    ui.note(f"left; {title} keeps running, mnemos-load stop {number(handle)} ends it")
    return INTERRUPTED if result.left is Leave.TWICE else 0


def _show_ending(session: Session, ui: Ui, title: str, result: Result, image: str, elf: str | None) -> int:
    ending = result.ending
    assert ending is not None
    if ending.reason == abi_error.END_FAULT:
        _show_fault(session, ui, title, ending, image, elf)
    elif ending.reason == abi_error.END_PANIC:
        ui.plain(f"  ✗ {title} panicked: {printable(ending.message) or 'without a message'}")
    ui.line("end", ending_text(ending))
    if result.interrupted and ending.reason in (abi_error.END_STOPPED, abi_error.END_KILLED):
        return INTERRUPTED if result.signal in (0, signal.SIGINT) else 128 + result.signal
    return exit_status(ending)


def exit_status(ending: abi.Ending) -> int:
    """The status of the command for an ending: the program's own, clipped to 0..123, or that of the reason."""
    if ending.reason == abi_error.END_EXIT:
        return min(ending.status & 0xFF if ending.status < 0 else ending.status, STATUS_MAX)
    known = abi_error.ENDS.get(ending.reason)
    return known.exit if known else 125


def _show_fault(session: Session, ui: Ui, title: str, ending: abi.Ending, image: str, elf: str | None) -> None:
    try:
        fault = session.loader.fault(ending.handle)
    except (Refused, LinkLost):
        fault = None
    if fault is None:
        ui.plain(f"  ✗ {title} faulted: {faults.name(ending.status)} (its record is gone)")
        return
    found = symbols.find(fault.build_id, elf, image)
    if elf and found is None:
        ui.plain(
            f"E18 {printable(elf)} is not the build that runs (build id {fault.build_id.hex()[:8]}): no source lines"
        )
    ui.plain(faults.report(title, fault, found))
