"""The loader as a service: which programs there are, and starting and ending them. Generated from abi/schema/programs.toml by tools/abigen: edit that file, not this one."""
# SPDX-License-Identifier: MIT OR Apache-2.0
from dataclasses import dataclass

from . import wire

SERVICE = "loader"
UUID = "58d228d9-9f0c-4436-9fbd-a7b3436dae2c"
CALL_LIST = 0
CALL_START = 1
CALL_STOP = 2
CALL_UNLOAD = 3
CALLS = (
    "list",
    "start",
    "stop",
    "unload",
)
SHAPES = (  # what the first n calls look like on the wire
    0xfdebae30,
    0x284374d4,
    0x3fe3dac2,
    0xe16708e0,
    0x50b64c44,
)


@dataclass
class Entry(wire.Message):
    """A program that is loaded."""
    handle: int  # slot in the low byte, generation above
    name: str
    state: int  # 1 loading, 2 loaded, 3 runnable, 4 waiting, 5 ended
    port_base: int  # its port 0 on the link in its current or last life
    starts: int
    run_us: int  # processor time in all
    FIELDS = (
        ("handle", wire.U32),
        ("name", wire.String(24)),
        ("state", wire.U8),
        ("port_base", wire.U16),
        ("starts", wire.U32),
        ("run_us", wire.U64),
    )
    MAX = 49
