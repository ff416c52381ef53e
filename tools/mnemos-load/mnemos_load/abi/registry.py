"""The registry: which services there are. Generated from abi/schema/registry.toml by tools/abigen: edit that file, not this one."""
# SPDX-License-Identifier: MIT OR Apache-2.0
from dataclasses import dataclass

from . import wire

SERVICE = "registry"
UUID = "ae7889e9-b715-4474-ae23-3c3c9de3cfe6"
CALL_LIST = 0
CALLS = (
    "list",
)
SHAPES = (  # what the first n calls look like on the wire
    0x872491a3,
    0xd434426c,
)


@dataclass
class Entry(wire.Message):
    """A service that is open."""
    uuid: bytes
    name: str
    calls: int  # how many calls it knows
    shape: int  # what they look like
    programs: bool  # programs may use it
    clients: int  # connected now
    served: int  # requests it answered
    FIELDS = (
        ("uuid", wire.Raw(16)),
        ("name", wire.String(24)),
        ("calls", wire.U16),
        ("shape", wire.U32),
        ("programs", wire.BOOL),
        ("clients", wire.U16),
        ("served", wire.U32),
    )
    MAX = 58


@dataclass
class ListArgs(wire.Message):
    """Arguments of `list`."""
    first: int  # how many to pass over
    FIELDS = (
        ("first", wire.U16),
    )
    MAX = 3


@dataclass
class ListReply(wire.Message):
    """Reply of `list`."""
    services: list[Entry]  # empty: there are no more
    FIELDS = (
        ("services", wire.Seq(wire.Nested(Entry), 4)),
    )
    MAX = 233
