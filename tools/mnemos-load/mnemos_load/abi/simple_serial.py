"""Simple serial: the board's one serial line. Generated from abi/schema/simple_serial.toml by tools/abigen: edit that file, not this one."""
# SPDX-License-Identifier: MIT OR Apache-2.0

SERVICE = "simple serial"
UUID = "f06aac01-2773-4266-8681-583ffe756554"
CALL_GET_PORT = 0
CALLS = (
    "get_port",
)
SHAPES = (  # what the first n calls look like on the wire
    0x775e6ffe,
    0x77e909b1,
)
