# framing.py: frames on the line and the bytes between them.
# SPDX-License-Identifier: MIT OR Apache-2.0
"""A frame is COBS(port u16le | data [| crc32 u32le]) followed by a zero byte."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from .abi import link as abi_link
from .abi.wire import WireError, cobs_decode, cobs_encode

ALWAYS_CHECKED = frozenset({abi_link.PORT_CONTROL, abi_link.PORT_LOADER, abi_link.PORT_CRASH})
_LONGEST = abi_link.MAX_FRAME + abi_link.MAX_FRAME // 254 + 1
_TEXT_MIN, _TEXT_MAX = 4, 400


@dataclass(frozen=True)
class Frame:
    """One received frame, its CRC (if it has one) checked and removed."""

    port: int
    data: bytes


@dataclass(frozen=True)
class Noise:
    """Bytes that are no valid frame. `text` is what a person could read of them."""

    raw: bytes
    text: str


def encode(port: int, data: bytes, checked: bool) -> bytes:
    """A whole frame with its terminating zero; with a CRC-32 if `checked` or the port always carries one."""
    body = port.to_bytes(2, "little") + data
    if checked or port in ALWAYS_CHECKED:
        body += zlib.crc32(body).to_bytes(4, "little")
    return cobs_encode(body) + b"\0"


class Splitter:
    """Cuts received bytes into frames and noise. Memory is bounded whatever arrives."""

    def __init__(self) -> None:
        self.checked = False  # data ports carry a CRC too
        self._pending = bytearray()
        self._too_long = False

    def feed(self, received: bytes) -> Iterator[Frame | Noise]:
        """Everything that is complete once `received` has been added.

        Take all of it before the next call; `checked` may change between two items.
        """
        start = 0
        while True:
            end = received.find(0, start)
            if end < 0:
                break
            self._pending += received[start:end]
            start = end + 1
            raw = bytes(self._pending)
            self._pending.clear()
            if raw:
                yield self._item(raw)
            self._too_long = False
        self._pending += received[start:]
        if len(self._pending) > _LONGEST:
            overlong = bytes(self._pending)
            self._pending.clear()
            self._too_long = True
            yield _noise(overlong)

    def _item(self, raw: bytes) -> Frame | Noise:
        if self._too_long or len(raw) > _LONGEST:
            return _noise(raw)
        try:
            body = cobs_decode(raw)
        except WireError:
            return _noise(raw)
        port = int.from_bytes(body[:2], "little")
        if self.checked or port in ALWAYS_CHECKED:
            body, crc = body[:-4], body[-4:]
            if zlib.crc32(body) != int.from_bytes(crc, "little"):
                return Noise(raw, "")  # a frame once, no text
        return Frame(port, body[2:]) if len(body) > 2 else Noise(raw, "")


def _noise(raw: bytes) -> Noise:
    shown = raw.decode("utf-8", "replace")
    readable = len(raw) >= _TEXT_MIN and all(c.isprintable() and c != "\ufffd" or c in "\r\n\t\b\a\x1b" for c in shown)
    return Noise(raw, shown[:_TEXT_MAX] if readable else "")
