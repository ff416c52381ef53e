#!/usr/bin/python3
# paced_link.py: a serial line between two endpoints, with a speed, a delay and errors chosen by a seed.
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Run between the host tool and a device that is too fast and too good:

    paced_link.py --baud 115200 --delay-ms 1 --flip 1e-4 --seed 7  unix:/tmp/line  unix:/tmp/device

The host connects to the first place, the second is connected to when it does. Places: unix:PATH, tcp:HOST:PORT,
pty:PATH (first: made there; second: an existing terminal). Rates are per byte. A side that sends faster than the line
is held back, as by a full transmit buffer of a few bytes.
"""

from __future__ import annotations

import argparse
import os
import random
import selectors
import socket
import sys
import termios
import time
import tty
from collections import deque
from dataclasses import dataclass

BITS_PER_BYTE = 10
AHEAD_S = 0.004  # bytes taken from a sender before the line is free: its transmit buffer


@dataclass(frozen=True)
class Conditions:
    """What the line does to each direction."""

    baud: int = 115200  # 0: no limit
    delay_s: float = 0.0
    flip: float = 0.0  # one bit changes
    drop: float = 0.0
    insert: float = 0.0  # a random byte comes in between
    double: float = 0.0
    seed: int = 1


class Direction:
    """Bytes from one endpoint to the other."""

    def __init__(self, conditions: Conditions, number: int) -> None:
        self._conditions = conditions
        self._random = random.Random(conditions.seed * 2 + number)
        self._on_way: deque[tuple[float, bytes]] = deque()
        self._free_at = 0.0
        self._late = b""  # due, but the receiver did not take it yet
        self.carried = 0
        self.errors = 0
        self.chunk = 4096 if not conditions.baud else max(1, conditions.baud // BITS_PER_BYTE // 1000)

    def wants(self, now: float) -> bool:
        """May the sender hand over more?"""
        return not self._late and self._free_at - now < AHEAD_S

    def wait(self, now: float) -> float | None:
        """Seconds until something happens by itself; None: nothing will."""
        times = []
        if self._on_way and not self._late:
            times.append(self._on_way[0][0])
        if self._free_at - now >= AHEAD_S:
            times.append(self._free_at - AHEAD_S)
        return max(0.0, min(times) - now) if times else None

    def take(self, data: bytes, now: float) -> None:
        """Put bytes on the line."""
        conditions = self._conditions
        self.carried += len(data)
        start = max(now, self._free_at)
        self._free_at = start + (len(data) * BITS_PER_BYTE / conditions.baud if conditions.baud else 0.0)
        if conditions.flip or conditions.drop or conditions.insert or conditions.double:
            data = b"".join(self._damage(byte) for byte in data)
        self._on_way.append((self._free_at + conditions.delay_s, data))

    def _damage(self, byte: int) -> bytes:
        conditions = self._conditions
        chance = self._random.random()
        for rate, result in (
            (conditions.flip, lambda: bytes([byte ^ 1 << self._random.randrange(8)])),
            (conditions.drop, lambda: b""),
            (conditions.insert, lambda: bytes([self._random.randrange(256), byte])),
            (conditions.double, lambda: bytes([byte, byte])),
        ):
            if chance < rate:
                self.errors += 1
                return result()
            chance -= rate
        return bytes([byte])

    def due(self, now: float) -> bytes:
        """Bytes that have arrived."""
        parts = [self._late]
        while self._on_way and self._on_way[0][0] <= now:
            parts.append(self._on_way.popleft()[1])
        return b"".join(parts)

    def keep(self, rest: bytes) -> None:
        """The receiver did not take these."""
        self._late = rest

    @property
    def stuck(self) -> bool:
        """The receiver holds the line up."""
        return bool(self._late)


def listen(place: str) -> socket.socket | int:
    """A listening socket, or the master of a new terminal."""
    kind, _, where = place.partition(":")
    if kind == "pty":
        master, slave = os.openpty()  # the slave stays open, or the master would see a hang-up
        tty.setraw(slave, termios.TCSANOW)
        if os.path.islink(where):
            os.unlink(where)
        os.symlink(os.ttyname(slave), where)
        return master
    if kind == "unix":
        listener = socket.socket(socket.AF_UNIX)
        if os.path.exists(where):
            os.unlink(where)
        listener.bind(where)
    elif kind == "tcp":
        host, _, port = where.rpartition(":")
        listener = socket.create_server((host or "127.0.0.1", int(port)))
    else:
        raise SystemExit(f"paced_link: {place}: not unix:, tcp: or pty:")
    listener.listen(1)
    return listener


def connect(place: str) -> int:
    """A connected file descriptor."""
    kind, _, where = place.partition(":")
    if kind == "pty":
        handle = os.open(where, os.O_RDWR | os.O_NOCTTY)
        tty.setraw(handle, termios.TCSANOW)
        return handle
    if kind == "unix":
        line = socket.socket(socket.AF_UNIX)
        line.connect(where)
    else:
        host, _, port = where.rpartition(":")
        line = socket.create_connection((host, int(port)))
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return line.detach()


def carry(ends: tuple[int, int], directions: tuple[Direction, Direction]) -> None:
    """Move bytes until one end hangs up. directions[i] leads away from ends[i]."""
    selector = selectors.DefaultSelector()
    for end in ends:
        os.set_blocking(end, False)
    registered = {end: 0 for end in ends}
    while True:
        now = time.monotonic()
        waits = [wait for wait in (direction.wait(now) for direction in directions) if wait is not None]
        for i, end in enumerate(ends):
            wanted = selectors.EVENT_READ if directions[i].wants(now) else 0
            wanted |= selectors.EVENT_WRITE if directions[1 - i].stuck else 0
            if wanted != registered[end]:
                if registered[end]:
                    selector.unregister(end)
                if wanted:
                    selector.register(end, wanted)
                registered[end] = wanted
        ready = {key.fd: events for key, events in selector.select(min(waits) if waits else 1.0)}
        now = time.monotonic()
        for i, end in enumerate(ends):
            if ready.get(end, 0) & selectors.EVENT_READ:
                try:
                    data = os.read(end, directions[i].chunk)
                except BlockingIOError:
                    continue
                except OSError:
                    return
                if not data:
                    return
                directions[i].take(data, now)
        for i, direction in enumerate(directions):
            data = direction.due(now)
            if not data:
                continue
            try:
                sent = os.write(ends[1 - i], data)
            except BlockingIOError:
                sent = 0
            except OSError:
                return
            direction.keep(data[sent:])


def parse(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--baud", type=int, default=115200, help="bits per second, ten to a byte; 0: no limit")
    parser.add_argument("--delay-ms", type=float, default=0.0, help="in each direction")
    for name in ("flip", "drop", "insert", "double"):
        parser.add_argument(f"--{name}", type=float, default=0.0, metavar="RATE", help="per byte")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("host_side", help="where the host connects")
    parser.add_argument("device_side", help="where the device listens")
    return parser.parse_args(argv)


def main(argv: list[str]) -> int:
    args = parse(argv)
    conditions = Conditions(args.baud, args.delay_ms / 1000, args.flip, args.drop, args.insert, args.double, args.seed)
    listener = listen(args.host_side)
    print(args.host_side, flush=True)
    while True:
        host = listener if isinstance(listener, int) else listener.accept()[0].detach()
        device = connect(args.device_side)
        directions = (Direction(conditions, 0), Direction(conditions, 1))
        carry((host, device), directions)
        carried = ", ".join(f"{d.carried:,} bytes {d.errors} errors" for d in directions)
        print(f"host to device and back: {carried}", file=sys.stderr, flush=True)
        os.close(device)
        if isinstance(listener, int):
            return 0
        os.close(host)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
