# upload.py: which bytes of a file to send next over a line that loses some.
# SPDX-License-Identifier: MIT OR Apache-2.0
"""The sending side of a windowed transfer with selective repeat. Pure logic: no line, no thread; times are arguments.

The line keeps order. So when a piece arrived, everything sent before it either arrived or is lost, and a probe
that was answered tells the fate of all that was sent before the probe.
"""

from __future__ import annotations

from collections.abc import Iterator

from .abi import loader as abi_loader

UNIT: int = abi_loader.UNIT
WINDOW: int = abi_loader.WINDOW
PAYLOAD_MAX: int = abi_loader.DATA_MAX
ACK_BITS = 32
TIMER_FIRST_S = 0.5
TIMER_MIN_S = 0.02
TIMER_MAX_S = 2.0
_OVERHEAD = 18  # bytes on the line beside a piece's own: port, session, seq, tag, offset, length, CRC, COBS, zero
_FLIGHT_MIN = 2048  # bytes: an acknowledgement each KiB, a piece on the line, a piece behind it
_MEMORY = 40_000  # bytes over which losses are remembered
_PAYLOADS = (512, 256, 128)

_MISSING, _HERE = -1, -2  # states of a unit; 0 and up: under way, number of the sending


class Upload:
    """What has been sent, what has arrived, what must go again."""

    def __init__(self, total: int, round_trip: float = 0.0) -> None:
        """`total` bytes over a line that answers after `round_trip` seconds when it has nothing else to do."""
        if total <= 0:
            raise ValueError("nothing to send")
        self.total = total
        self.payload = PAYLOAD_MAX
        self.repeated = 0  # bytes sent again
        self.timer = TIMER_FIRST_S
        self._units = [_MISSING] * ((total + UNIT - 1) // UNIT)
        self._hole = 0  # first unit that is not known to be there
        self._sendings: dict[int, tuple[float, int, bool]] = {}  # number: when, bytes, sent before
        self._number = 0
        self._ever_sent = 0  # units below were sent at least once
        self._judged = 0.0  # bytes on the line whose fate is known, older ones count less
        self._lost = 0.0  # pieces of them that were lost
        self._idle_round_trip = round_trip
        self._round_trip = 0.0
        self._variation = 0.0
        self._began: float | None = None
        self._flight = WINDOW  # bytes to have under way at a time
        self._acknowledged = 0

    @property
    def complete(self) -> bool:
        """The device has every byte."""
        return self._hole == len(self._units)

    @property
    def arrived(self) -> int:
        """Bytes from the start of the file that the device has without a gap."""
        return min(self._hole * UNIT, self.total)

    def _under_way_len(self) -> int:
        return sum(length for _, length, _ in self._sendings.values())

    def _window(self) -> Iterator[int]:
        return iter(self._units[self._hole : self._hole + WINDOW // UNIT])

    def next(self) -> tuple[int, int] | None:
        """Offset and length of the piece to send now; None when the window is full or all is sent."""
        if self._under_way_len() >= self._flight:
            return None
        end = min(self._hole + WINDOW // UNIT, len(self._units))
        first = next((u for u in range(self._hole, end) if self._units[u] == _MISSING), None)
        if first is None:
            return None
        last = first + 1
        while last < end and last - first < self.payload // UNIT and self._units[last] == _MISSING:
            last += 1
        return first * UNIT, min(last * UNIT, self.total) - first * UNIT

    def sent(self, offset: int, length: int, now: float) -> None:
        """The piece that `next` named went out at `now`."""
        first, last = offset // UNIT, (offset + length + UNIT - 1) // UNIT
        again = first < self._ever_sent
        self._ever_sent = max(self._ever_sent, last)
        self.repeated += length if again else 0
        number = self.probe()
        self._sendings[number] = (now, length, again)
        self._began = now if self._began is None else self._began
        for unit in range(first, last):
            self._units[unit] = number

    def probe(self) -> int:
        """A number for a question that is sent now, see `probed`."""
        self._number += 1
        return self._number - 1

    def probed(self, number: int) -> None:
        """The device answered the question `number` and acknowledged afterwards: older pieces are there or lost."""
        self._lose_before(number)

    def acknowledged(self, hole: int, bits: int, now: float) -> None:
        """The device has every byte before `hole`, and of the units behind the hole's own those in `bits`."""
        hole_unit = (min(hole, self.total) + UNIT - 1) // UNIT
        units = [*range(self._hole, hole_unit), *(hole_unit + 1 + i for i in range(ACK_BITS) if bits >> i & 1)]
        newest = -1
        for unit in units:
            if unit < len(self._units) and self._units[unit] != _HERE:
                newest = max(newest, self._units[unit])
                self._units[unit] = _HERE
                self._acknowledged += UNIT
        while self._hole < len(self._units) and self._units[self._hole] == _HERE:
            self._hole += 1
        if newest >= 0:
            self._measure(newest, now)
            self._limit_flight(now)
            self._lose_before(newest)
        alive = {state for state in self._window() if state >= 0}
        for number in [n for n in self._sendings if n not in alive]:
            self._judge(number, lost=False)

    def _measure(self, number: int, now: float) -> None:
        when, _, again = self._sendings.get(number, (now, 0, True))
        if again:
            return
        sample = now - when
        if self._round_trip == 0:
            self._round_trip, self._variation = sample, sample / 2
        else:
            self._variation += (abs(sample - self._round_trip) - self._variation) / 4
            self._round_trip += (sample - self._round_trip) / 8
        self.timer = min(max(self._round_trip + 4 * self._variation, TIMER_MIN_S), TIMER_MAX_S)

    def _limit_flight(self, now: float) -> None:
        """Enough under way to keep the line busy, and no more: what queues up before the line delays repairs."""
        rate = self._acknowledged / max(now - (self._began or now), 0.001)
        self._flight = min(WINDOW, int(_FLIGHT_MIN + 1.25 * rate * self._idle_round_trip))

    def missed(self) -> None:
        """Nothing was heard for `timer` seconds: wait longer next time."""
        self.timer = min(self.timer * 2, TIMER_MAX_S)

    def _lose_before(self, number: int) -> None:
        lost = {state for state in self._window() if 0 <= state < number}
        for unit in range(self._hole, min(self._hole + WINDOW // UNIT, len(self._units))):
            if self._units[unit] in lost:
                self._units[unit] = _MISSING
        for gone in lost:
            self._judge(gone, lost=True)

    def _judge(self, number: int, lost: bool) -> None:
        """The fate of a sending is known: choose the size of pieces that gets most through at this rate of errors."""
        _, length, _ = self._sendings.pop(number)
        self._judged += length + _OVERHEAD
        self._lost += lost
        if self._judged > _MEMORY:
            self._judged /= 2
            self._lost /= 2
        rate = self._lost / max(self._judged, _MEMORY / 8)  # lost pieces per byte: nearly the share of wrong bytes
        self.payload = max(_PAYLOADS, key=lambda size: size / (size + _OVERHEAD) * (1 - rate) ** (size + _OVERHEAD))
