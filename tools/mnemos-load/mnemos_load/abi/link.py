"""Control messages of the serial mux. Generated from abi/schema/link.toml by tools/abigen: edit that file, not this one."""
# SPDX-License-Identifier: MIT OR Apache-2.0
from dataclasses import dataclass
from typing import TypeAlias

from . import wire

PROTO = 1  # version of these messages
PORT_CONTROL = 0xffff  # port of these messages
PORT_LOADER = 0xfffe  # port of the loader's messages
PORT_CRASH = 0xfffd  # port of the kernel's crash record, device to host
PORT_PROGRAM = 0x1000  # first port of programs; each start gets the next 16
PORT_PROGRAM_END = 0xf000  # one past the last port of programs
MAX_FRAME = 576  # bytes of a frame before COBS: port, payload, CRC
FEATURE_CRC = 1  # features bit: while the session lives every frame on every port ends with a CRC-32


class Control(wire.Tagged):
    """One control message, either direction unless it says otherwise."""
    MAX = 35
    Hello: TypeAlias = "_ControlHello"
    Open: TypeAlias = "_ControlOpen"
    Close: TypeAlias = "_ControlClose"
    Eof: TypeAlias = "_ControlEof"
    Credit: TypeAlias = "_ControlCredit"
    Blocked: TypeAlias = "_ControlBlocked"
    Lost: TypeAlias = "_ControlLost"
    Ping: TypeAlias = "_ControlPing"
    Pong: TypeAlias = "_ControlPong"


@wire.variant(Control, "Hello")
@dataclass
class _ControlHello(Control):
    """Host: start a session (any number but 0, not the last one's). Device: the same number back; 0 means `no session here`: I have just booted, or the host was silent for too long. All counters start at 0 again."""
    proto: int
    session: int
    max_frame: int
    features: int
    FIELDS = (
        ("proto", wire.U8),
        ("session", wire.U32),
        ("max_frame", wire.U16),
        ("features", wire.U32),
    )


@wire.variant(Control, "Open")
@dataclass
class _ControlOpen(Control):
    """Device: this port exists; the host may send `window` bytes. After hello every open port is announced again, and each second until the host has sent a credit or bytes for it. Counters of the port start at 0."""
    port: int
    name: str
    class_: int  # 0 interactive, 1 bulk
    window: int
    FIELDS = (
        ("port", wire.U16),
        ("name", wire.String(24)),
        ("class_", wire.U8),
        ("window", wire.U32),
    )


@wire.variant(Control, "Close")
@dataclass
class _ControlClose(Control):
    """Device: the port is gone; `sent` bytes were sent in all."""
    port: int
    sent: int
    FIELDS = (
        ("port", wire.U16),
        ("sent", wire.U32),
    )


@wire.variant(Control, "Eof")
@dataclass
class _ControlEof(Control):
    """No more bytes in this direction after the first `sent`. Bytes that follow nevertheless open it again."""
    port: int
    sent: int
    FIELDS = (
        ("port", wire.U16),
        ("sent", wire.U32),
    )


@wire.variant(Control, "Credit")
@dataclass
class _ControlCredit(Control):
    """The receiver takes bytes up to `limit`, counted from the start of the session or the port's opening, modulo 2^32."""
    port: int
    limit: int
    FIELDS = (
        ("port", wire.U16),
        ("limit", wire.U32),
    )


@wire.variant(Control, "Blocked")
@dataclass
class _ControlBlocked(Control):
    """The sender has data and no credit; it has sent `sent` bytes."""
    port: int
    sent: int
    FIELDS = (
        ("port", wire.U16),
        ("sent", wire.U32),
    )


@wire.variant(Control, "Lost")
@dataclass
class _ControlLost(Control):
    """The receiver missed bytes: `total` in all on this port since the session began."""
    port: int
    total: int
    FIELDS = (
        ("port", wire.U16),
        ("total", wire.U32),
    )


@wire.variant(Control, "Ping")
@dataclass
class _ControlPing(Control):
    """Answer with pong and the same number."""
    value: int
    FIELDS = (
        ("value", wire.U32),
    )


@wire.variant(Control, "Pong")
@dataclass
class _ControlPong(Control):
    """The answer to ping."""
    value: int
    FIELDS = (
        ("value", wire.U32),
    )
