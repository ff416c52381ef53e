"""The loopback service: gives back what it is given. Generated from abi/schema/loopback.toml by tools/abigen: edit that file, not this one."""
# SPDX-License-Identifier: MIT OR Apache-2.0
from dataclasses import dataclass

from . import wire

SERVICE = "loopback"
UUID = "6c862dee-6eff-40b2-8b1f-fa5170982bea"
CALL_ECHO = 0
CALLS = (
    "echo",
)
SHAPES = (  # what the first n calls look like on the wire
    0x64edaa3f,
    0x06c17d7e,
)


@dataclass
class EchoArgs(wire.Message):
    """Arguments of `echo`."""
    source: wire.Span  # what
    target: wire.Span  # where to
    FIELDS = (
        ("source", wire.SpanCodec(65536)),
        ("target", wire.SpanCodec(65536)),
    )
    MAX = 16


@dataclass
class EchoReply(wire.Message):
    """Reply of `echo`."""
    used: int  # bytes copied: the shorter of both
    FIELDS = (
        ("used", wire.U32),
    )
    MAX = 5
