"""The serial mux: virtual ports over one line. Generated from abi/schema/serial_mux.toml by tools/abigen: edit that file, not this one."""
# SPDX-License-Identifier: MIT OR Apache-2.0
from dataclasses import dataclass

from . import wire

PORT_LOOPBACK = 0  # what comes in goes out
PORT_HELLO = 1  # a sign of life
PORT_KEYBOARD = 2  # keys from the host; kept free for that service
PORT_TRACE = 3  # trace, both ways; kept free for that service
PORT_SHELL = 10  # the first of four shells, 10 to 13; kept free for that service
SERVICE = "serial mux"
UUID = "54c983fa-736f-4223-b90d-c4360a308647"
CALL_OPEN = 0
CALL_CLOSE = 1
CALL_LIST = 2
CALL_ATTACH = 3
CALLS = (
    "open",
    "close",
    "list",
    "attach",
)
SHAPES = (  # what the first n calls look like on the wire
    0x4c0d416e,
    0x5cf8fddf,
    0x26ceccc8,
    0x49117c14,
    0x2ed7015a,
)


@dataclass
class Port(wire.Message):
    """A port that is open."""
    number: int
    name: str
    bulk: bool  # comes after what a person waits for
    sent: int  # bytes to the host in this session
    received: int  # bytes from it
    FIELDS = (
        ("number", wire.U16),
        ("name", wire.String(24)),
        ("bulk", wire.BOOL),
        ("sent", wire.U32),
        ("received", wire.U32),
    )
    MAX = 39


@dataclass
class ListArgs(wire.Message):
    """Arguments of `list`."""
    first: int  # from this number on
    FIELDS = (
        ("first", wire.U16),
    )
    MAX = 3


@dataclass
class ListReply(wire.Message):
    """Reply of `list`."""
    ports: list[Port]  # empty: there are no more
    FIELDS = (
        ("ports", wire.Seq(wire.Nested(Port), 4)),
    )
    MAX = 157
