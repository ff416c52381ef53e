# ports.py: one virtual serial port, seen from the host: credits, losses, end of file.
# SPDX-License-Identifier: MIT OR Apache-2.0
"""The arithmetic of a port, without any line or clock. All counters are bytes of data modulo 2^32."""

from __future__ import annotations

from .abi import link as abi_link

WINDOW = 16384  # bytes the host buffers for a port
_MASK = 0xFFFF_FFFF
_HALF = 0x8000_0000


def ahead(a: int, b: int) -> int:
    """How far counter `a` is ahead of `b`; negative when behind."""
    return ((a - b + _HALF) & _MASK) - _HALF


class Port:
    """A port of the device. The link guards it; see Link for who may call what."""

    def __init__(self, number: int, name: str = "") -> None:
        self.number = number
        self.name = name
        self.discard = False  # nobody reads it: its bytes are taken and thrown away
        self.wants_room = False  # somebody has bytes for it, or will have
        self.announced = False
        self._buffer = bytearray()
        self._reset()

    def _reset(self) -> None:
        """All counters start at 0. Bytes that nobody has read yet stay, outside the counting."""
        self._uncounted = len(self._buffer)
        self.received = 0
        self.lost = 0  # bytes the line lost on their way to us
        self.final: int | None = None  # what the device will have sent in all, once it said so
        self.closed = False
        self.granted = 0
        self.consumed = 0
        self.sent = 0
        self.limit = 0
        self.ended = False  # we sent end of file
        self.peer_lost = 0  # bytes the device missed

    # Device to host.

    def take(self, data: bytes) -> int:
        """Bytes from the line: how many were dropped because they exceed what was granted."""
        if self.discard:
            self.received = (self.received + len(data)) & _MASK
            self.consumed = self.received
            return 0
        room = WINDOW + self._uncounted - len(self._buffer)
        kept = data[:room]
        self._buffer += kept
        self.received = (self.received + len(data)) & _MASK
        dropped = len(data) - len(kept)
        self.lost = (self.lost + dropped) & _MASK
        self.consumed = (self.consumed + dropped) & _MASK
        return dropped

    def catch_up(self, sent: int) -> int:
        """The device says it had sent `sent` bytes before this message: how many of them the line lost."""
        missing = ahead(sent, self.received)
        if missing <= 0:
            return 0
        self.received = sent & _MASK
        self.consumed = (self.consumed + missing) & _MASK
        self.lost = (self.lost + missing) & _MASK
        return missing

    def grant(self, minimum: int = WINDOW // 4) -> int | None:
        """The new limit to announce; None while it grew by less than `minimum`."""
        limit = (self.consumed + WINDOW) & _MASK
        if ahead(limit, self.granted) < minimum:
            return None
        self.granted = limit
        return limit

    @property
    def waiting(self) -> int:
        """Bytes ready to read."""
        return len(self._buffer)

    def read(self, most: int = WINDOW) -> bytes:
        """Take up to `most` received bytes."""
        data = bytes(self._buffer[:most])
        del self._buffer[:most]
        uncounted = min(self._uncounted, len(data))
        self._uncounted -= uncounted
        self.consumed = (self.consumed + len(data) - uncounted) & _MASK
        return data

    def throw_away(self) -> None:
        """From now on nobody reads this port."""
        self.discard = True
        self.read(len(self._buffer))

    def complete(self, total: int | None = None) -> bool:
        """Whether everything up to `total` (default: what the device announced) has arrived or is known to be lost."""
        total = self.final if total is None else total
        return total is not None and ahead(self.received, total) >= 0

    # Host to device.

    def opened(self, window: int) -> None:
        """The device announced the port: all its counters are 0 and it takes `window` bytes.

        It says so again until it hears from us. Such a repetition may cross our first bytes and must not undo them.
        """
        if self.announced and not self.closed and self.received == 0:
            self.allow(window)
            return
        self._reset()
        self.announced = True
        self.limit = window & _MASK

    def allow(self, limit: int) -> None:
        """The device takes bytes up to `limit`. An older limit than the known one changes nothing."""
        if ahead(limit, self.limit) > 0:
            self.limit = limit & _MASK

    @property
    def room(self) -> int:
        """Bytes that may be sent now."""
        return 0 if self.ended or self.closed else max(0, ahead(self.limit, self.sent))

    def count_sent(self, count: int) -> None:
        """`count` bytes go out; at most `room`."""
        self.sent = (self.sent + count) & _MASK


def is_program_port(number: int) -> bool:
    """Whether a port belongs to a program rather than to the board."""
    return abi_link.PORT_PROGRAM <= number < abi_link.PORT_PROGRAM_END
