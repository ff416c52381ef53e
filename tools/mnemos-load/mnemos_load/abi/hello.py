"""The hello service: greets by name. Generated from abi/schema/hello.toml by tools/abigen: edit that file, not this one."""
# SPDX-License-Identifier: MIT OR Apache-2.0
from dataclasses import dataclass

from . import wire

SERVICE = "hello"
UUID = "0e1187d6-e25c-4d56-9d63-c060a2c23960"
CALL_GREET = 0
CALLS = (
    "greet",
)
SHAPES = (  # what the first n calls look like on the wire
    0x2cf24dba,
    0xa906ab02,
)


@dataclass
class GreetArgs(wire.Message):
    """Arguments of `greet`."""
    name: str  # who asks
    FIELDS = (
        ("name", wire.String(24)),
    )
    MAX = 25


@dataclass
class GreetReply(wire.Message):
    """Reply of `greet`."""
    text: str  # the greeting
    number: int  # how many have been greeted since boot, this one included
    FIELDS = (
        ("text", wire.String(40)),
        ("number", wire.U32),
    )
    MAX = 46
