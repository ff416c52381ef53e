# monitor.py: watch every channel of a device.
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Lines of all ports with their channel's name; typed text goes to one of them; a lost device is waited for."""

from __future__ import annotations

import datetime
import os
import select
import signal
import sys
import time
from dataclasses import dataclass, field
from typing import BinaryIO

from . import device
from .errors import INTERRUPTED, LinkLost, ToolError
from .keys import HELP, Key, Keys, RawTerminal
from .ports import Port, is_program_port
from .session import Options, Session, ending_text, number
from .text import duration, printable
from .ui import Ui

TIMES = ("rel", "abs", "utc")
RECONNECT_S = 0.5
_NAMES_S = 2.0  # how often the list of programs is asked for new names
_LINE_MAX = 2000


@dataclass
class View:
    """What the command line asks for."""

    channels: list[str]  # names or numbers; empty: all
    times: str  # "", "rel", "abs" or "utc"
    raw: bool  # bytes as they are, without names and times
    save: BinaryIO | None
    reconnect: bool


@dataclass
class Channel:
    """A port and its half-received line."""

    port: Port
    name: str
    line: bytearray = field(default_factory=bytearray)


class Monitor:
    """One connection; `watch` returns when the user leaves and raises LinkLost when the device goes."""

    def __init__(self, session: Session, ui: Ui, view: View, began: float) -> None:
        self._session = session
        self._link = session.link
        self._ui = ui
        self._view = view
        self._began = began
        self._channels: dict[int, Channel] = {}
        self._programs: dict[int, str] = {}  # first port: name
        self._asked = 0.0
        self._told: set[int] = set()
        self._typed_to: int | None = None
        self._keys = Keys()

    def watch(self, terminal: RawTerminal) -> None:
        """Show what comes until Ctrl-C (a KeyboardInterrupt without a terminal), Ctrl-] or Ctrl-T x."""
        wake_out, wake_in = os.pipe()
        os.set_blocking(wake_in, False)
        os.set_blocking(wake_out, False)

        def wake() -> None:
            try:
                os.write(wake_in, b"\0")
            except OSError:
                pass

        self._link.wake = wake
        try:
            while True:
                self._link.check()
                self._names()
                self._show()
                handles = [wake_out, 0] if terminal.active else [wake_out]
                ready = select.select(handles, [], [], _NAMES_S)[0]
                if wake_out in ready:
                    try:
                        os.read(wake_out, 4096)
                    except BlockingIOError:
                        pass
                if 0 in ready and not self._type(os.read(0, 4096)):
                    return
        finally:
            self._link.wake = lambda: None
            os.close(wake_in)
            os.close(wake_out)
            self._show(flush=True)

    def _names(self) -> None:
        now = time.monotonic()
        unknown = any(n not in self._channels for n, port in list(self._link.ports.items()) if port.waiting)
        if now - self._asked < (0.2 if unknown else _NAMES_S):
            return
        self._asked = now
        self._programs = {p.port_base: p.name for p in self._session.loader.programs() if p.port_base}

    def _channel(self, port: Port) -> Channel:
        found = self._channels.get(port.number)
        if found is None:
            found = self._channels[port.number] = Channel(port, self._name(port))
        return found

    def _name(self, port: Port) -> str:
        name = printable(port.name) or f"port {port.number}"
        if not is_program_port(port.number):
            return name
        base = port.number & ~15
        program = printable(self._programs.get(base, f"{base:#x}"))
        index = port.number - base
        return program if index == 0 else f"{program}.{'stderr' if index == 1 else index}"

    def _wanted(self, channel: Channel) -> bool:
        wanted = self._view.channels
        return not wanted or any(
            w == str(channel.port.number) or w in channel.name.split(".") or w == channel.name for w in wanted
        )

    # Out.

    def _show(self, flush: bool = False) -> None:
        with self._link.changed:
            ports = list(self._link.ports.values())
        for port in ports:
            while port.waiting:
                channel = self._channel(port)
                data = self._link.read(port, 4096)
                if self._view.save:
                    self._view.save.write(data)
                if self._wanted(channel):
                    self._out(channel, data)
        if flush:
            for channel in self._channels.values():
                self._lines(channel, True)
        for handle, ending in list(self._session.loader.endings.items()):
            if handle not in self._told:
                self._told.add(handle)
                self._ui.note(f"#{number(handle)} {ending_text(ending)}")

    def _out(self, channel: Channel, data: bytes) -> None:
        if self._view.raw:
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
            return
        channel.line += data
        self._lines(channel, len(channel.line) > _LINE_MAX)

    def _lines(self, channel: Channel, rest: bool) -> None:
        *lines, last = bytes(channel.line).split(b"\n")
        channel.line[:] = last
        if rest and last:
            lines.append(last)
            channel.line.clear()
        for line in lines:
            text = printable(line.removesuffix(b"\r"), _LINE_MAX)
            print(f"{self._time()}{channel.name:<12} {text}", flush=True)

    def _time(self) -> str:
        if self._view.times == "rel":
            return f"{time.monotonic() - self._began:8.3f}  "
        if self._view.times:
            zone = datetime.timezone.utc if self._view.times == "utc" else None
            return datetime.datetime.now(zone).strftime("%H:%M:%S.%f")[:-3] + "  "
        return ""

    # In.

    def _type(self, typed: bytes) -> bool:
        """Typed bytes; False when the user wants to leave."""
        if not typed:
            return False
        for item in self._keys.split(typed):
            if item in (Key.STOP, Key.LEAVE):
                return False
            if item is Key.TIMES:
                self._view.times = "" if self._view.times else "rel"
            elif item is Key.CHANNEL:
                self._next_channel()
            elif isinstance(item, Key):
                self._ui.plain("  Ctrl-C, Ctrl-] or Ctrl-T x leave\n  " + HELP)
            else:
                self._send(item)
        return True

    def _input_ports(self) -> list[int]:
        with self._link.changed:
            return sorted(
                n for n, port in self._link.ports.items() if not port.closed and (not is_program_port(n) or n % 16 == 0)
            )

    def _next_channel(self) -> None:
        ports = self._input_ports()
        if not ports:
            self._ui.note("no channel takes input")
            return
        later = [n for n in ports if self._typed_to is not None and n > self._typed_to]
        self._typed_to = later[0] if later else ports[0]
        self._ui.note(f"typing goes to {self._channel(self._link.port(self._typed_to)).name}")

    def _send(self, data: bytes) -> None:
        if self._typed_to not in self._input_ports():
            self._typed_to = None
            self._next_channel()
        if self._typed_to is not None:
            self._link.write(self._link.port(self._typed_to), data)


def monitor(options: Options, ui: Ui, view: View) -> int:
    """Watch until the user leaves; reconnects unless told not to. The exit status."""
    began = time.monotonic()
    target = device.select(options.selector, options.baud, ui.choose)
    gone_since = 0.0
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with RawTerminal(0) as terminal:
            while True:
                try:
                    with Session(options, ui, target, announce=not gone_since, keep=True) as session:
                        if gone_since:
                            ui.note(f"{target.at} is back after {duration(time.monotonic() - gone_since)}")
                        elif terminal.active:
                            ui.line("keys", "Ctrl-C or Ctrl-] leave · Ctrl-T h help")
                        gone_since = 0.0
                        Monitor(session, ui, view, began).watch(terminal)
                        return 0
                except (ToolError, LinkLost) as error:
                    lost = isinstance(error, LinkLost) or error.code in ("E01", "E05", "E07")
                    if not view.reconnect or not lost or (not gone_since and not _was_connected(error)):
                        raise
                    if not gone_since:
                        gone_since = time.monotonic()
                        why = error.headline if isinstance(error, ToolError) else error
                        ui.note(f"{why}; waiting for {target.at} (Ctrl-C to give up)")
                    time.sleep(RECONNECT_S)
    except KeyboardInterrupt:
        return INTERRUPTED


def _was_connected(error: ToolError | LinkLost) -> bool:
    return isinstance(error, ToolError) and error.code == "E05" and "during" in error.headline
