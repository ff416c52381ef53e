# fake_device.py: a device in Python, for tests of the host tool.
# SPDX-License-Identifier: MIT OR Apache-2.0
"""The device's end of the link and a loader whose programs are Python objects.

It follows the schema and the rules of the link by itself and shares only the generated messages with the tool.
"""
import os
import select
import socket
import threading
import time
import tty
import zlib

from mnemos_load.abi import link as abi_link
from mnemos_load.abi import loader as abi
from mnemos_load.abi.link import Control
from mnemos_load.abi.loader import AnswerBody, RequestBody
from mnemos_load.abi.wire import WireError, cobs_decode, cobs_encode

MASK = 0xFFFF_FFFF
WINDOW = 512
FRAME_DATA = 128
UNIT = abi.UNIT


def signed(value):
    return ((value + 0x8000_0000) & MASK) - 0x8000_0000


class Program:
    """A program of the fake device. Subclasses override what happens."""

    name = "program"

    def __init__(self, device, slot):
        self.device, self.slot = device, slot
        self.generation, self.state, self.starts, self.base = 1, 1, 0, 0
        self.build_id = bytes(20)
        self.ending = self.fault = None

    @property
    def handle(self):
        return self.slot | self.generation << 8

    def write(self, data, port=0):
        self.device.ports[self.base + port].out += data

    def end(self, reason=0, status=0, message=""):
        if self.state not in (3, 4):
            return
        self.state = 5
        ports = [p for n, p in self.device.ports.items() if self.base <= n < self.base + 16]
        for port in ports:
            port.close_when_empty = True
        totals = [abi.PortTotal(port=p.number, sent=(p.sent + len(p.out)) & MASK) for p in ports]
        self.ending = abi.Ending(self.handle, reason, status, message, totals, 100, 0, 4000)
        self.device.event(AnswerBody.Ended(ending=self.ending))

    def started(self, args):
        """It runs."""

    def received(self, data):
        """Bytes on its stdin."""

    def at_eof(self):
        """Its stdin has ended."""


class Hello(Program):
    def started(self, args):
        self.write(b"Hello, mnemOS!\n")
        self.end()


class Echo(Program):
    """Says what it hears, exits at end of file with the number in its first argument."""

    def started(self, args):
        self.status = int(args[0]) if args else 0

    def received(self, data):
        self.write(data)

    def at_eof(self):
        self.end(status=self.status)


class Args(Program):
    def started(self, args):
        self.write(b"".join(b"[" + arg + b"]" for arg in args))
        self.write(b"a word on stderr\n", port=1)
        self.end(status=len(args))


class Crash(Program):
    def started(self, args):
        regs = [0] * 17
        regs[15], regs[14], regs[13] = 0x20000010, 0x20000021, 0x20001F00
        self.fault = abi.Fault(
            self.handle,
            0,
            True,
            regs,
            0x82,
            0,
            0x10,
            0,
            0,
            0x20000000,
            0x400,
            0x20001C00,
            0x800,
            0x400,
            0x20002000,
            self.build_id,
            12_481_000,
            b"",
        )
        self.write(b"about to crash\n")
        self.end(reason=1, status=0)


class Panic(Program):
    def started(self, args):
        self.end(reason=2, message="assertion failed: x > 0 \x1b[31m")


class Spin(Program):
    """Runs until it is stopped."""


class Flood(Program):
    """Fills its stdout for ever."""

    def started(self, args):
        self.received = lambda data: None

    def turn(self):
        port = self.device.ports[self.base]
        if len(port.out) < 4096:
            port.out += b"0123456789abcde\n" * 64


PROGRAMS = {"hello": Hello, "echo": Echo, "args": Args, "crash": Crash, "panic": Panic, "spin": Spin, "flood": Flood}


class Port:
    def __init__(self, number, name):
        self.number, self.name = number, name
        self.out = b""
        self.close_when_empty = False
        self.reset()

    def reset(self):
        self.sent = self.limit = self.received = self.lost = 0
        self.eof_told = False


class FakeDevice:
    """`mangle(frame) -> list of frames` may lose, change or double frames on the way out (`to_host`) and in (`to_device`)."""

    def __init__(self, info=None, silent=False):
        self.to_host = self.to_device = lambda frame: [frame]
        self.silent = silent  # answers nothing
        self.greeting = b""
        self.session = 0
        self.programs = {}
        self.ports = {}
        self.base = 0x1000
        self.upload = None
        self.last = (None, None)
        self.seen = []  # requests, in order
        self.cut_after = None  # bytes received after which the line is cut
        self.received = 0
        self.frames_in = 0
        self.line = None
        self.info = {
            "abi_major": 1,
            "abi_minor": 0,
            "arena": 208 * 1024,
            "largest": 208 * 1024,
            "fpu": True,
            **(info or {}),
        }
        self._listener = None
        self._stop = threading.Event()
        self._pending = b""
        self._closing = []

    # The line.

    def listen(self, path):
        """Serve one host after the other on a Unix socket."""
        self.selector = f"unix:{path}"
        self._listener = socket.socket(socket.AF_UNIX)
        folder = os.open(path.parent, os.O_PATH)  # the path itself may be too long for a socket
        self._listener.bind(f"/proc/self/fd/{folder}/{path.name}")
        os.close(folder)
        self._listener.listen(1)
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def serve(self, line):
        """Serve one host on an open descriptor, in a thread."""
        self.line = line
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def serve_pty(self):
        """Serve on a new pseudo-terminal."""
        master, slave = os.openpty()
        tty.setraw(slave)
        self.selector = f"pty:{os.ttyname(slave)}"
        self._slave = slave
        self.serve(master)

    def close(self):
        self._stop.set()
        self._thread.join()
        for line in (self.line, getattr(self, "_slave", None)):
            if line is not None:
                os.close(line)
        if self._listener:
            self._listener.close()

    def _accept(self):
        while not self._stop.is_set():
            if select.select([self._listener], [], [], 0.02)[0]:
                connection, _ = self._listener.accept()
                self.line = connection.detach()
                self._pending = b""
                self._run()
                if self.line is not None:
                    os.close(self.line)
                    self.line = None

    def _run(self):
        if self.greeting:
            os.write(self.line, self.greeting)
        while not self._stop.is_set():
            try:
                if select.select([self.line], [], [], 0.005)[0]:
                    data = os.read(self.line, 4096)
                    if not data:
                        return
                    self._receive(data)
                    if self.cut_after is not None and self.received >= self.cut_after:
                        os.close(self.line)
                        self.line = None
                        return
                self._pump()
            except OSError:
                return

    def _receive(self, data):
        self.received += len(data)
        *frames, self._pending = (self._pending + data).split(b"\0")
        for raw in frames:
            for frame in self.to_device(raw):
                self._frame(frame)

    def _frame(self, raw):
        try:
            body = cobs_decode(raw)
        except WireError:
            return
        if len(body) < 7 or zlib.crc32(body[:-4]) != int.from_bytes(body[-4:], "little") or self.silent:
            return
        self.frames_in += 1
        port, data = int.from_bytes(body[:2], "little"), body[2:-4]
        if port == abi_link.PORT_CONTROL:
            self._control(Control.decode(data))
        elif port == abi_link.PORT_LOADER:
            self._request(abi.Request.decode(data))
        elif port in self.ports:
            self._input(self.ports[port], data)

    def send(self, port, data):
        body = port.to_bytes(2, "little") + data
        for frame in self.to_host(cobs_encode(body + zlib.crc32(body).to_bytes(4, "little"))):
            os.write(self.line, frame + b"\0")

    def control(self, message):
        self.send(abi_link.PORT_CONTROL, message.encode())

    # Ports.

    def _control(self, message):
        if isinstance(message, Control.Hello):
            self.session = message.session
            self.upload, self.last = None, (None, None)
            self.control(Control.Hello(1, message.session, abi_link.MAX_FRAME, abi_link.FEATURE_CRC))
            for port in self.ports.values():
                port.reset()
                self.control(Control.Open(port.number, port.name, 0, WINDOW))
        elif isinstance(message, Control.Ping):
            self.control(Control.Pong(message.value))
        elif isinstance(message, Control.Credit | Control.Blocked | Control.Eof) and message.port in self.ports:
            port = self.ports[message.port]
            if isinstance(message, Control.Credit):
                port.limit = message.limit if signed(message.limit - port.limit) > 0 else port.limit
            else:
                missing = max(0, signed(message.sent - port.received))
                port.received = (port.received + missing) & MASK
                port.lost += missing
                if missing:
                    self.control(Control.Lost(port.number, port.lost))
                self.control(Control.Credit(port.number, port.received + WINDOW & MASK))
            if isinstance(message, Control.Eof) and not port.eof_told:
                port.eof_told = True
                self._owner(port).at_eof()

    def _owner(self, port):
        return next(p for p in self.programs.values() if p.base <= port.number < p.base + 16)

    def _input(self, port, data):
        port.received = (port.received + len(data)) & MASK
        self._owner(port).received(data)
        self.control(Control.Credit(port.number, port.received + WINDOW & MASK))

    def _pump(self):
        if not self.session:
            return
        for program in list(self.programs.values()):
            if program.state == 3 and hasattr(program, "turn"):
                program.turn()
        for port in list(self.ports.values()):
            while port.out and signed(port.limit - port.sent) > 0:
                piece = port.out[: min(FRAME_DATA, signed(port.limit - port.sent))]
                port.out = port.out[len(piece) :]
                port.sent = (port.sent + len(piece)) & MASK
                self.send(port.number, piece)
            if port.out and time.monotonic() - getattr(port, "complained", 0) > 0.25:
                port.complained = time.monotonic()
                self.control(Control.Blocked(port.number, port.sent))
            if port.close_when_empty and not port.out:
                self.control(Control.Close(port.number, port.sent))
                del self.ports[port.number]

    # Loader.

    def event(self, body):
        self._answer(0, body)

    def _answer(self, seq, body):
        self.send(abi_link.PORT_LOADER, abi.Answer(self.session & 0xFF, seq, body).encode())

    def _request(self, request):
        if request.session != self.session & 0xFF:
            return
        body = request.body
        if isinstance(body, RequestBody.Data):
            self._data(body)
            return
        if request.seq == self.last[0]:
            self._answer(*self.last)
            return
        self.seen.append(type(body).__name__)
        answer = getattr(self, "_do_" + type(body).__name__.lower())(body)
        self.last = (request.seq, answer)
        self._answer(*self.last)
        if isinstance(body, RequestBody.Map):
            self._ack()
        if isinstance(body, RequestBody.Start) and isinstance(answer, AnswerBody.Started):
            program = self._named(answer.handle)
            program.started([arg for arg in body.args.split(b"\0")[:-1]])

    def _refuse(self, error, have=0, want=0):
        return AnswerBody.Refused(error, have, want)

    def _named(self, handle):
        return next((p for p in self.programs.values() if p.handle == handle), None)

    def _do_info(self, body):
        values = dict.fromkeys((name for name, _ in abi.Info.FIELDS), 0)
        values.update(
            kernel="0.3.0",
            board="fake",
            arch=1,
            max_programs=8,
            programs=len(self.programs),
            crash=None,
            uptime_us=1_000_000,
        )
        values.update(self.info)
        return AnswerBody.Info(abi.Info(**values))

    def _do_begin(self, body):
        slot = next((s for s in range(8) if s not in self.programs), None)
        if slot is None:
            return self._refuse(-66, 8, 9)
        self.upload = {
            "total": body.total,
            "name": body.name,
            "bytes": bytearray(body.total),
            "have": set(),
            "slot": slot,
            "fresh": 0,
            "high": 0,
        }
        self.upload["id"] = body.head[64:84]
        return AnswerBody.Begun(slot | 1 << 8)

    def _data(self, body):
        up = self.upload
        if not up or body.offset % UNIT:
            return
        first, last = body.offset // UNIT, (body.offset + len(body.bytes) + UNIT - 1) // UNIT
        fresh = [unit for unit in range(first, last) if unit not in up["have"]]
        up["bytes"][body.offset : body.offset + len(body.bytes)] = body.bytes
        up["have"].update(fresh)
        odd = body.offset != up["high"] or not fresh
        up["high"] = max(up["high"], body.offset + len(body.bytes))
        up["fresh"] += len(body.bytes)
        if odd or up["fresh"] >= 1024 or len(up["have"]) == (up["total"] + UNIT - 1) // UNIT:
            self._ack()

    def _ack(self):
        up = self.upload
        if not up:
            return
        up["fresh"] = 0
        hole = next(unit for unit in range(len(up["have"]) + 1) if unit not in up["have"])
        bits = sum(1 << i for i in range(32) if hole + 1 + i in up["have"])
        self.event(AnswerBody.Ack(min(hole * UNIT, up["total"]), bits))

    def _do_end(self, body):
        up = self.upload
        if not up:
            return self._refuse(-67)
        if len(up["have"]) < (up["total"] + UNIT - 1) // UNIT:
            return self._refuse(-68)
        if (zlib.crc32(up["bytes"]), zlib.adler32(up["bytes"])) != (body.crc32, body.adler32):
            self.upload = None
            return self._refuse(-69, zlib.crc32(up["bytes"]), body.crc32)
        program = PROGRAMS.get(up["name"], Spin)(self, up["slot"])
        program.name, program.state, program.build_id, program.image = (
            up["name"],
            2,
            bytes(up["id"]),
            bytes(up["bytes"]),
        )
        self.programs[up["slot"]] = program
        self.upload = None
        return AnswerBody.Loaded(self._describe(program))

    def _describe(self, p):
        return abi.Program(
            p.handle,
            p.name,
            p.state,
            p.build_id,
            0x20000000,
            1024,
            0x20001C00,
            2048,
            1024,
            0x20002000,
            p.base,
            p.starts,
            1234,
            0,
        )

    def _do_abort(self, body):
        self.upload = None
        return AnswerBody.Done()

    def _do_start(self, body):
        program = self._named(body.handle)
        if not program:
            return self._refuse(-64)
        if program.state not in (2, 5):
            return self._refuse(-65, program.state)
        program.state, program.starts, program.generation, program.base = (
            3,
            program.starts + 1,
            program.generation + 1,
            self.base,
        )
        self.base += 16
        for index, name in enumerate(("stdio", "stderr")):
            port = self.ports[program.base + index] = Port(program.base + index, name)
            self.control(Control.Open(port.number, name, 0, WINDOW))
        return AnswerBody.Started(program.handle, program.base)

    def _do_stop(self, body):
        program = self._named(body.handle)
        if not program:
            return self._refuse(-64)
        if program.state != 3:
            return self._refuse(-65)
        program.end(reason=4 if body.kill else 3)
        return AnswerBody.Done()

    def _do_unload(self, body):
        program = self._named(body.handle)
        if not program:
            return self._refuse(-64)
        program.end(reason=3)
        del self.programs[program.slot]
        return AnswerBody.Done()

    def _do_list(self, body):
        program = self.programs.get(body.slot)
        return AnswerBody.Listed(self._describe(program) if program else None)

    def _do_ending(self, body):
        program = self._named(body.handle)
        if not program:
            return self._refuse(-64)
        return AnswerBody.Ended(program.ending) if program.state == 5 else self._refuse(-65)

    def _do_fault(self, body):
        program = self._named(body.handle)
        return AnswerBody.Faulted(program.fault) if program else self._refuse(-64)

    def _do_map(self, body):
        return AnswerBody.Done() if self.upload else self._refuse(-67)
