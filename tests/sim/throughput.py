#!/usr/bin/python3
# throughput.py: what share of a line's rate an upload, stdin and stdout get, through mnemos-sim and the real host tool.
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Measure each combination of speed, delay and errors once and print a table. Build first: ninja -C build/host mnemos-sim

The rate is what the line carries in bytes (baud / 10); a share counts only the bytes that the user wanted to move.
"""

from __future__ import annotations

import argparse
import random
import struct
import subprocess
import sys
import tempfile
import time
import zlib
from contextlib import ExitStack
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "tools/mnemos-load"))

from mnemos_load.link import Link  # noqa: E402
from mnemos_load.loader import Loader  # noqa: E402
from mnemos_load.transport import open_pty, open_unix  # noqa: E402

SIM = ROOT / "build/host/sim/mnemos-sim"
PACED_LINK = Path(__file__).with_name("paced_link.py")
HEADER = struct.Struct("<4sIHBBHH12I20sI")


def image(payload_len: int, seed: int = 1) -> bytes:
    """A valid image whose payload cannot be guessed."""
    payload = random.Random(seed).randbytes(payload_len)
    sums = zlib.crc32(payload), zlib.adler32(payload)

    def head(crc: int) -> bytes:
        sizes = (0, payload_len, *sums, 0, 0, 16, 1024, 2048, 0, 0x10000000, 0x20000000)
        return HEADER.pack(b"MNA1", crc, HEADER.size, 1, 0, 1, 0, *sizes, bytes(20), 0)

    return head(zlib.crc32(head(0)[8:])) + payload


class Bench:
    """A simulated device behind a paced line, and a link to it. A context manager."""

    def __init__(self, baud: int, delay_ms: float = 0.0, sim: Path = SIM, pty: bool = False, **rates: float) -> None:
        self._pty = pty
        self.rate = baud / 10
        self._words = [f"--baud={baud}", f"--delay-ms={delay_ms}", *(f"--{name}={rate}" for name, rate in rates.items())]
        self._sim = [str(sim), "--baud", str(baud)]
        self._stack = ExitStack()
        self._place = ""
        self.link: Link
        self.loader: Loader

    def _start(self, words: list[str]) -> None:
        process = self._stack.enter_context(subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL))
        self._stack.callback(process.kill)
        assert process.stdout and process.stdout.readline(), f"{words[0]} did not start"

    def __enter__(self) -> Bench:
        folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory()))
        self._place = f"{folder}/line"
        try:
            self._start([*self._sim, f"unix:{folder}/device"])
            near = f"{'pty' if self._pty else 'unix'}:{self._place}"
            self._start([sys.executable, str(PACED_LINK), *self._words, near, f"unix:{folder}/device"])
            self.plug()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, *reason: object) -> None:
        self.pull()
        self._stack.close()

    def plug(self, first: bytes = b"") -> None:
        """Connect and say hello, after `first` has gone over the line."""
        self.link = Link(open_pty(self._place) if self._pty else open_unix(self._place, 5.0))
        self.link.transport.write(first, 10.0)
        self.loader = Loader(self.link)
        self.link.keep_new = True
        self.link.connect()
        self.loader.info()

    def pull(self) -> None:
        """Cut the line."""
        self.link.close()

    def upload(self, raw: bytes, name: str) -> int:
        """Load an image; answers its handle."""
        return self.loader.upload(raw, name).handle

    def start(self, handle: int, *args: bytes) -> tuple[int, int]:
        """Start a program: its handle and the number of its stdio port."""
        started = self.loader.start(handle, list(args))
        return started.handle, started.port_base

    def send(self, number: int, data: bytes) -> None:
        """All of `data` to a port, then end of file."""
        port, at = self.link.port(number), 0
        while at < len(data):
            at += self.link.write(port, data[at:])
            with self.link.changed:
                self.link.changed.wait_for(lambda: port.room > 0 or self.link.failure is not None, 1.0)
        self.link.end(port)

    def receive(self, number: int, handle: int, limit_s: float = 120.0) -> bytes:
        """Everything a program writes to a port until it has ended."""
        port, data, end = self.link.keep(number), bytearray(), time.monotonic() + limit_s
        while time.monotonic() < end:
            data += self.link.read(port, 65536)
            ending = self.loader.endings.get(handle)
            if ending and port.complete(dict((total.port, total.sent) for total in ending.ports)[number]) and not port.waiting:
                return bytes(data)
            with self.link.changed:
                self.link.changed.wait_for(lambda: port.waiting > 0 or self.link.failure is not None, 0.05)
            self.link.check()
        raise TimeoutError(f"{len(data)} bytes after {limit_s} s")


def measure(bench: Bench, seconds: float) -> tuple[float, float, float]:
    """Shares of upload, stdin and stdout, each of about `seconds` of line time."""
    count = min(int(bench.rate * seconds), 150_000)
    raw = image(count)
    began = time.monotonic()
    sink = bench.upload(raw, "sink")
    upload = len(raw) / (time.monotonic() - began)

    data = random.Random(2).randbytes(count)
    handle, port = bench.start(sink)
    began = time.monotonic()
    bench.send(port, data)
    said = bench.receive(port, handle)
    stdin = count / (time.monotonic() - began)
    lost = bench.link.port(port).peer_lost
    if not lost and said != b"%d bytes, crc32 %08x\n" % (len(data), zlib.crc32(data)):
        raise AssertionError(f"stdin was not what was sent: {said!r}")

    bench.loader.unload(handle)
    flood = bench.upload(image(200), "flood")
    handle, port = bench.start(flood, b"%d" % count)
    began = time.monotonic()
    written = bench.receive(port, handle)
    stdout = len(written) / (time.monotonic() - began)
    if len(written) + bench.link.port(port).lost != count:
        raise AssertionError(f"stdout: {len(written)} of {count} bytes came, {bench.link.port(port).lost} are known as lost")
    return upload / bench.rate, stdin / bench.rate, stdout / bench.rate


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sim", type=Path, default=SIM)
    parser.add_argument("--seconds", type=float, default=2.5, help="line time of each measurement")
    parser.add_argument("--pty", action="store_true", help="the tool's end of the line is a terminal, not a socket")
    args = parser.parse_args(argv)
    print(f"{'baud':>9} {'delay':>6} {'errors':>7}   {'upload':>7} {'stdin':>7} {'stdout':>7}")
    for baud in (115200, 1000000):
        for delay_ms in (1.0, 8.0):
            for flip in (0.0, 1e-4):
                with Bench(baud, delay_ms, args.sim, args.pty, flip=flip) as bench:
                    shares = measure(bench, args.seconds)
                line = "   " + " ".join(f"{share:6.1%} " for share in shares)
                print(f"{baud:>9,} {delay_ms:>4.0f}ms {flip:>7g}{line}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
