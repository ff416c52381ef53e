# link.py: a session with a device over one line: virtual ports, credits, pings, losses.
# SPDX-License-Identifier: MIT OR Apache-2.0
"""The host's end of the serial mux (schema link.toml).

One thread reads the line, keeps the counters and the clockwork (pings, repeated credits, dead line). Every other
thread calls the public methods, which are thread-safe. `changed` is notified after whatever arrived; `wake` is called
too, for loops that wait on file descriptors.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable

from .abi import link as abi_link
from .abi.link import Control
from .abi.wire import WireError
from .errors import LinkLost, ToolError
from .framing import Frame, Noise, Splitter, encode
from .ports import Port
from .text import printable
from .transport import Transport

TICK_S = 0.05
TICK_BLOCKED_S = 0.01
PING_S = 1.0
PING_AGAIN_S = 0.25
BLOCKED_S = 0.25  # without room before the device is told; less on a line that answers fast
BLOCKED_MIN_S = 0.03
HELLO_WAITS_S = (0.1, 0.2, 0.4, 0.8, 1.5)
SILENCE_SERIAL_S = 2.0
SILENCE_SOCKET_S = 5.0
DATA_MAX = 512
FRAME_MIN = 64  # of a device; with less it is no partner, as the device thinks of us
_NOISE_KEPT = 200
_CRASHED = b"mnemOS: the kernel crashed"  # as the kernel writes it before it resets
_BAD_WINDOW_S = 5.0
BAD_MANY = 10  # bad frames within 5 s that make a link unreliable


class Link:
    """A session. `connect` begins it, `close` ends it; a lost line raises LinkLost from every later call."""

    def __init__(self, transport: Transport, silence: float | None = None) -> None:
        self.transport = transport
        self.silence = silence or (SILENCE_SERIAL_S if transport.baud else SILENCE_SOCKET_S)
        self.changed = threading.Condition(threading.RLock())
        self.wake: Callable[[], None] = lambda: None
        self.on_noise: Callable[[Noise], None] = lambda noise: None
        self.on_crash: Callable[[bytes], None] = lambda record: None
        self.ports: dict[int, Port] = {}
        self.keep_new = False  # ports opened from now on keep their bytes for a reader
        self.session = random.randrange(1, 0xFFFF_FF00)
        self.established = False
        self.max_frame = abi_link.MAX_FRAME
        self.round_trip = 0.0  # smoothed, seconds; 0 until measured
        self.bad_frames = 0
        self.failure: LinkLost | None = None
        self._messages: dict[int, Callable[[bytes], None]] = {}
        self._splitter = Splitter()
        self._writing = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="link", daemon=True)
        self._closing = False
        self._noise = bytearray()
        self._bad_times: list[float] = []
        self._heard = time.monotonic()
        self._ping_value = 0
        self._ping_at = 0.0
        self._ping_open = False
        self._repeat_at = 0.0
        self._blocked: dict[int, tuple[float, int]] = {}  # port: when to complain, sent when it began

    # A session's life.

    def connect(self) -> None:
        """Say hello until the device answers.

        Raises ToolError E05 (silence) or E07 (something else answers), LinkLost when the line is cut.
        """
        self._thread.start()
        for wait in HELLO_WAITS_S:
            self._say_hello()
            if self._wait(lambda: self.established, wait):
                return
        if self.failure:
            raise self.failure
        raise self._nobody()

    def _nobody(self) -> ToolError:
        name = self.transport.name
        if not self._noise:
            return ToolError(
                "E05",
                f"{name} does not answer (no reply to {len(HELLO_WAITS_S)} hellos in {sum(HELLO_WAITS_S):.1f} s)",
                "is it the right device, switched on, running mnemOS?     mnemos-load devices",
                f"another speed than {self.transport.baud}? try -b 1000000" if self.transport.baud else "",
            )
        if _CRASHED in self._noise:
            return ToolError("E07", f"{name}: the kernel crashes whenever it boots", "what it said stands above, after raw>")
        shown = printable(bytes(self._noise[:40]))
        kind = "text" if self._noise[:40].isascii() else "binary data"
        return ToolError(
            "E07",
            f'{name} answers, but not as mnemOS (got {len(self._noise)} bytes of {kind}: "{shown}")',
            "other firmware, or wrong speed" + (": try -b 1000000" if self.transport.baud else ""),
        )

    def close(self) -> None:
        """Stop the thread and close the line. Harmless when called twice."""
        self._closing = True
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join()
        self.transport.close()

    def _wait(self, done: Callable[[], bool], limit: float) -> bool:
        with self.changed:
            return self.changed.wait_for(lambda: done() or self.failure is not None, limit) and done()

    def check(self) -> None:
        """Raise LinkLost when the line is lost."""
        if self.failure:
            raise self.failure

    # Messages: loader and the like.

    def subscribe(self, port: int, handler: Callable[[bytes], None]) -> None:
        """Give every message on `port` to `handler`, in the link's thread with `changed` held."""
        with self.changed:
            self._messages[port] = handler

    def send(self, port: int, data: bytes) -> None:
        """One frame with one message. Raises LinkLost."""
        self.check()
        self._write(encode(port, data, self._splitter.checked))

    def _control(self, message: Control) -> None:
        self._write(encode(abi_link.PORT_CONTROL, message.encode(), True))

    def _write(self, data: bytes) -> None:
        try:
            with self._writing:
                self.transport.write(data, self.silence)
        except LinkLost as error:
            self._fail(error)
            raise

    def _fail(self, error: LinkLost) -> None:
        with self.changed:
            self.failure = self.failure or error
            self.changed.notify_all()
        self.wake()

    # Ports.

    def port(self, number: int) -> Port:
        """The port with that number, made when the device has not announced it yet."""
        with self.changed:
            found = self.ports.get(number)
            if found is None:
                found = self.ports[number] = Port(number)
                found.discard = not self.keep_new
            return found

    def keep(self, number: int) -> Port:
        """The port, to be read by the caller from now on."""
        with self.changed:
            found = self.port(number)
            found.discard = False
        self._grant(found, 1)
        return found

    def keep_for_input(self, number: int) -> Port:
        """The same for a port that will be written to: room is asked for even when its announcement was lost."""
        found = self.keep(number)
        found.wants_room = True
        return found

    def discard_rest(self, kept: set[int]) -> None:
        """Throw away what arrives on every port outside `kept`, now and later."""
        with self.changed:
            self.keep_new = False
            others = [port for number, port in self.ports.items() if number not in kept]
            for port in others:
                port.throw_away()
        for port in others:
            self._grant(port, 1)

    def read(self, port: Port, most: int) -> bytes:
        """Take up to `most` received bytes of a kept port and let the device send as many more."""
        with self.changed:
            data = port.read(most)
        if data:
            self._grant(port)
        return data

    def write(self, port: Port, data: bytes) -> int:
        """Send the first bytes of `data`: how many, at most what the device has room for. Raises LinkLost."""
        self.check()
        with self.changed:
            count = min(len(data), port.room, DATA_MAX, self.max_frame - 6)
            port.count_sent(count)
        if count:
            self._write(encode(port.number, data[:count], self._splitter.checked))
        return count

    def end(self, port: Port) -> None:
        """Say that no more bytes will come. Raises LinkLost."""
        with self.changed:
            if port.ended:
                return
            port.ended = True
            message = Control.Eof(port=port.number, sent=port.sent)
        self._control(message)

    def _grant(self, port: Port, minimum: int | None = None) -> None:
        with self.changed:
            if port.closed or not self.established:
                return
            limit = port.grant() if minimum is None else port.grant(minimum)
        if limit is not None:
            self._control(Control.Credit(port=port.number, limit=limit))

    # The link's thread.

    def _run(self) -> None:
        try:
            turned = time.monotonic()
            while not self._closing:
                received = self.transport.read(TICK_BLOCKED_S if self._blocked else TICK_S)
                now = time.monotonic()
                if now - turned > 1.0:  # this process was stopped or starved: silence proves nothing
                    self._heard = now
                turned = now
                if received:
                    self._receive(received, now)
                if self.established:
                    self._clockwork(now)
        except LinkLost as error:
            self._fail(error)

    def _receive(self, received: bytes, now: float) -> None:
        replies: list[Control] = []
        noise: list[Noise] = []
        with self.changed:
            for item in self._splitter.feed(received):
                if isinstance(item, Noise):
                    self._count_noise(item, now)
                    noise.append(item)
                elif item.port == abi_link.PORT_CONTROL:
                    self._heard = now
                    try:
                        message = Control.decode(item.data)
                    except WireError:
                        self.bad_frames += 1
                        continue
                    replies += self._handle(message, now)
                elif self.established:
                    self._heard = now
                    replies += self._deliver(item)
            self.changed.notify_all()
        for reply in replies:
            self._control(reply)
        for item in noise:
            self.on_noise(item)
        self.wake()

    def _count_noise(self, item: Noise, now: float) -> None:
        self.bad_frames += 1
        self._noise += item.raw[: _NOISE_KEPT - len(self._noise)]
        self._bad_times = [t for t in self._bad_times if now - t < _BAD_WINDOW_S] + [now]

    @property
    def recently_bad(self) -> int:
        """Bad frames in the last 5 s."""
        return len(self._bad_times)

    def _deliver(self, frame: Frame) -> list[Control]:
        if frame.port == abi_link.PORT_CRASH:
            self.on_crash(frame.data)
            return []
        handler = self._messages.get(frame.port)
        if handler:
            handler(frame.data)
            return []
        port = self.port(frame.port)
        port.take(frame.data)
        limit = port.grant() if port.discard else None
        return [] if limit is None else [Control.Credit(port=port.number, limit=limit)]

    def _handle(self, message: Control, now: float) -> list[Control]:
        if isinstance(message, Control.Hello):
            self._hello(message)
            return []
        if not self.established:
            return []
        if isinstance(message, Control.Pong):
            if message.value == self._ping_value:
                self._ping_open = False
                self.measured(now - self._ping_at)
            return []
        if isinstance(message, Control.Ping):
            return [Control.Pong(value=message.value)]
        assert isinstance(
            message, (Control.Open, Control.Close, Control.Eof, Control.Credit, Control.Blocked, Control.Lost)
        )
        port = self.port(message.port)
        if isinstance(message, Control.Open):
            port.opened(message.window)
            port.name = message.name
            return self._credit(port, 1)
        if isinstance(message, Control.Credit):
            port.allow(message.limit)
            return []
        if isinstance(message, Control.Lost):
            port.peer_lost = message.total
            return []
        return self._caught_up(port, message)

    def _caught_up(self, port: Port, message: Control.Blocked | Control.Eof | Control.Close) -> list[Control]:
        """How much was sent before this message: whatever is missing is lost."""
        replies: list[Control] = []
        if port.catch_up(message.sent):
            replies.append(Control.Lost(port=port.number, total=port.lost))
        if isinstance(message, Control.Blocked):
            port.grant(1)
            return [*replies, Control.Credit(port=port.number, limit=port.granted)]
        port.final = message.sent
        port.closed = port.closed or isinstance(message, Control.Close)
        return replies

    def _credit(self, port: Port, minimum: int) -> list[Control]:
        limit = port.grant(minimum)
        return [] if limit is None else [Control.Credit(port=port.number, limit=limit)]

    def _hello(self, hello: Control.Hello) -> None:
        if hello.session == 0:
            if self.established:
                raise LinkLost("the device began anew: it restarted, or heard nothing from here for 3 s")
            self._say_hello()
        elif hello.session == self.session and not self.established:
            if hello.proto != abi_link.PROTO:
                raise LinkLost(f"the device speaks version {hello.proto} of the link, this tool {abi_link.PROTO}")
            if hello.max_frame < FRAME_MIN:
                raise LinkLost(f"the device takes frames of {hello.max_frame} bytes, at least {FRAME_MIN} are needed")
            self.established = True
            self.max_frame = min(hello.max_frame, abi_link.MAX_FRAME)
            self._splitter.checked = bool(hello.features & abi_link.FEATURE_CRC)
            self._noise.clear()

    def _say_hello(self) -> None:
        """A new number each time: the device restarts its counters at every hello, so only the last one counts."""
        with self.changed:
            self.session += 1
            hello = Control.Hello(
                proto=abi_link.PROTO, session=self.session, max_frame=abi_link.MAX_FRAME, features=abi_link.FEATURE_CRC
            )
        self._write(b"\0\0" + encode(abi_link.PORT_CONTROL, hello.encode(), True))

    def measured(self, seconds: float) -> None:
        """One more round trip was timed."""
        self.round_trip = seconds if self.round_trip == 0 else self.round_trip * 0.875 + seconds * 0.125

    @property
    def dead_after(self) -> float:
        """Seconds of silence after which the line counts as dead."""
        return max(self.silence, 20 * self.round_trip)

    def _clockwork(self, now: float) -> None:
        silent = now - self._heard
        if silent > self.dead_after:
            raise LinkLost(f"no valid frame for {silent:.1f} s")
        since_ping = now - self._ping_at
        if since_ping >= PING_S or (self._ping_open and since_ping >= max(PING_AGAIN_S, 4 * self.round_trip)):
            self._ping_value = (self._ping_value + 1) & 0xFFFF_FFFF
            self._ping_at = now
            self._ping_open = True
            self._control(Control.Ping(value=self._ping_value))
        for message in self._reminders(now):
            self._control(message)

    def _reminders(self, now: float) -> list[Control]:
        """What a lost control frame could have left undone, said again."""
        messages: list[Control] = []
        with self.changed:
            again = now - self._repeat_at >= 1.0
            if again:
                self._repeat_at = now
            for port in self.ports.values():
                if port.closed:
                    self._blocked.pop(port.number, None)
                    continue
                if again and port.granted:
                    messages.append(Control.Credit(port=port.number, limit=port.granted))
                if again and port.ended:
                    messages.append(Control.Eof(port=port.number, sent=port.sent))
                if port.room or port.ended or not (port.sent or port.wants_room):
                    self._blocked.pop(port.number, None)
                    continue
                patience = min(BLOCKED_S, max(BLOCKED_MIN_S, 4 * self.round_trip))
                when, sent = self._blocked.setdefault(port.number, (now + patience, port.sent))
                if now >= when:
                    messages.append(Control.Blocked(port=port.number, sent=sent))
                    self._blocked[port.number] = (now + 1.0, sent)
        return messages
