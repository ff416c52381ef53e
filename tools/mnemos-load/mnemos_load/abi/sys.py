"""System calls. Generated from abi/schema/sys.toml by tools/abigen: edit that file, not this one."""
# SPDX-License-Identifier: MIT OR Apache-2.0
from dataclasses import dataclass

from . import wire

CALL_NOP = 0
CALL_ECHO = 1
CALL_INFO = 2
CALL_TIME = 3
CALL_SLEEP = 4
CALL_YIELD = 5
CALL_EXIT = 6
CALL_PANIC = 7
CALL_RANDOM = 8
CALL_MEMORY = 9
CALL_SERIAL_OPEN = 10
CALL_SERIAL_READ = 11
CALL_SERIAL_WRITE = 12
CALL_SERIAL_CLOSE = 13
CALL_HEAP_PEAK = 14
CALL_SERVICE_FIND = 15
CALL_SERVICE_CONNECT = 16
CALL_SERVICE_CALL = 17
CALL_SERVICE_CLOSE = 18
CALL_RING_OPEN = 19
CALL_RING_CLOSE = 20
CALL_RING_NOTIFY = 21
CALL_RING_WAIT = 22
CALLS = (
    "nop",
    "echo",
    "info",
    "time",
    "sleep",
    "yield",
    "exit",
    "panic",
    "random",
    "memory",
    "serial_open",
    "serial_read",
    "serial_write",
    "serial_close",
    "heap_peak",
    "service_find",
    "service_connect",
    "service_call",
    "service_close",
    "ring_open",
    "ring_close",
    "ring_notify",
    "ring_wait",
)
SHAPES = (  # what the first n calls look like on the wire
    0x518b67e6,
    0x91490279,
    0x651ea0ae,
    0xb3f70f1e,
    0x5a4bf765,
    0x15b9b668,
    0xd8246ead,
    0x4b4dbe4f,
    0x8df93602,
    0x12c95cb2,
    0x107d27fe,
    0x4d1e8ee1,
    0x99f6c842,
    0x0fc621cd,
    0xbbf39843,
    0x350a11d2,
    0xa0e602d0,
    0xed65768c,
    0x5a3fc544,
    0xb9f1ab79,
    0x25ae4d17,
    0x3c6b7a8c,
    0xdb85d764,
    0x698a36e8,
)


@dataclass
class EchoArgs(wire.Message):
    """Arguments of `echo`."""
    value: int  # any value
    FIELDS = (
        ("value", wire.U32),
    )
    MAX = 5


@dataclass
class EchoReply(wire.Message):
    """Reply of `echo`."""
    value: int  # the same value
    FIELDS = (
        ("value", wire.U32),
    )
    MAX = 5


@dataclass
class InfoReply(wire.Message):
    """Reply of `info`."""
    abi_major: int  # equal to the program's, or it would not run
    abi_minor: int  # at least the program's
    kernel: bytes  # kernel version, zero padded
    board: bytes  # board name, zero padded
    handle: int  # the caller's own program handle
    FIELDS = (
        ("abi_major", wire.U16),
        ("abi_minor", wire.U16),
        ("kernel", wire.Raw(16)),
        ("board", wire.Raw(16)),
        ("handle", wire.U32),
    )
    MAX = 43


@dataclass
class TimeReply(wire.Message):
    """Reply of `time`."""
    us: int  # monotonic, never wraps
    FIELDS = (
        ("us", wire.U64),
    )
    MAX = 10


@dataclass
class SleepArgs(wire.Message):
    """Arguments of `sleep`."""
    until_us: int  # microseconds since boot
    FIELDS = (
        ("until_us", wire.U64),
    )
    MAX = 10


@dataclass
class ExitArgs(wire.Message):
    """Arguments of `exit`."""
    status: int  # goes back to the host
    FIELDS = (
        ("status", wire.I32),
    )
    MAX = 5


@dataclass
class PanicArgs(wire.Message):
    """Arguments of `panic`."""
    message: wire.Span  # UTF-8 text, shown by the host
    FIELDS = (
        ("message", wire.SpanCodec(96)),
    )
    MAX = 8


@dataclass
class RandomArgs(wire.Message):
    """Arguments of `random`."""
    out: wire.Span  # where to put them
    FIELDS = (
        ("out", wire.SpanCodec(256)),
    )
    MAX = 8


@dataclass
class MemoryReply(wire.Message):
    """Reply of `memory`."""
    rx_addr: int  # where text, constants and initialisers lie
    rx_len: int  # bytes
    rw_addr: int  # where the stack begins
    rw_len: int  # bytes: stack, data, bss, heap
    stack_len: int  # bytes
    stack_peak: int  # bytes ever used, by what was overwritten
    heap_addr: int  # first byte of the heap
    heap_len: int  # bytes
    FIELDS = (
        ("rx_addr", wire.U32),
        ("rx_len", wire.U32),
        ("rw_addr", wire.U32),
        ("rw_len", wire.U32),
        ("stack_len", wire.U32),
        ("stack_peak", wire.U32),
        ("heap_addr", wire.U32),
        ("heap_len", wire.U32),
    )
    MAX = 40


@dataclass
class SerialOpenArgs(wire.Message):
    """Arguments of `serial_open`."""
    port: int  # below 0x1000
    FIELDS = (
        ("port", wire.U16),
    )
    MAX = 3


@dataclass
class SerialOpenReply(wire.Message):
    """Reply of `serial_open`."""
    handle: int  # for the other calls, until closed
    FIELDS = (
        ("handle", wire.U32),
    )
    MAX = 5


@dataclass
class SerialReadArgs(wire.Message):
    """Arguments of `serial_read`."""
    handle: int  # from serial_open
    out: wire.Span  # where to put the bytes; length 0 returns at once
    FIELDS = (
        ("handle", wire.U32),
        ("out", wire.SpanCodec(65536)),
    )
    MAX = 13


@dataclass
class SerialReadReply(wire.Message):
    """Reply of `serial_read`."""
    used: int  # bytes taken; 0 at end of file
    FIELDS = (
        ("used", wire.U32),
    )
    MAX = 5


@dataclass
class SerialWriteArgs(wire.Message):
    """Arguments of `serial_write`."""
    handle: int  # from serial_open
    data: wire.Span  # the bytes; length 0 returns at once
    FIELDS = (
        ("handle", wire.U32),
        ("data", wire.SpanCodec(65536)),
    )
    MAX = 13


@dataclass
class SerialWriteReply(wire.Message):
    """Reply of `serial_write`."""
    used: int  # bytes taken, at least 1 unless the length was 0
    FIELDS = (
        ("used", wire.U32),
    )
    MAX = 5


@dataclass
class SerialCloseArgs(wire.Message):
    """Arguments of `serial_close`."""
    handle: int  # from serial_open
    FIELDS = (
        ("handle", wire.U32),
    )
    MAX = 5


@dataclass
class HeapPeakArgs(wire.Message):
    """Arguments of `heap_peak`."""
    bytes: int  # bytes
    FIELDS = (
        ("bytes", wire.U32),
    )
    MAX = 5


@dataclass
class ServiceFindArgs(wire.Message):
    """Arguments of `service_find`."""
    uuid: bytes  # which
    FIELDS = (
        ("uuid", wire.Raw(16)),
    )
    MAX = 16


@dataclass
class ServiceFindReply(wire.Message):
    """Reply of `service_find`."""
    calls: int  # how many calls it knows
    shape: int  # what they look like
    FIELDS = (
        ("calls", wire.U16),
        ("shape", wire.U32),
    )
    MAX = 8


@dataclass
class ServiceConnectArgs(wire.Message):
    """Arguments of `service_connect`."""
    uuid: bytes  # which
    calls: int  # how many of its calls the program knows
    shape: int  # what those look like
    hello: wire.Span  # what this service wants to hear first, as postcard; most want nothing
    at_once: int  # calls that may be under way at once, 1 to 8; more than 1 needs a ring
    FIELDS = (
        ("uuid", wire.Raw(16)),
        ("calls", wire.U16),
        ("shape", wire.U32),
        ("hello", wire.SpanCodec(64)),
        ("at_once", wire.U8),
    )
    MAX = 33


@dataclass
class ServiceConnectReply(wire.Message):
    """Reply of `service_connect`."""
    handle: int  # for the other calls, until closed
    FIELDS = (
        ("handle", wire.U32),
    )
    MAX = 5


@dataclass
class ServiceCallArgs(wire.Message):
    """Arguments of `service_call`."""
    handle: int  # from service_connect
    number: int  # position of the call in the service's list
    args: wire.Span  # its arguments, as postcard
    reply: wire.Span  # where its reply goes, as postcard; room for the longest, else too_small
    FIELDS = (
        ("handle", wire.U32),
        ("number", wire.U16),
        ("args", wire.SpanCodec(512)),
        ("reply", wire.SpanCodec(512)),
    )
    MAX = 24


@dataclass
class ServiceCallReply(wire.Message):
    """Reply of `service_call`."""
    used: int  # bytes of the reply
    FIELDS = (
        ("used", wire.U32),
    )
    MAX = 5


@dataclass
class ServiceCloseArgs(wire.Message):
    """Arguments of `service_close`."""
    handle: int  # from service_connect
    FIELDS = (
        ("handle", wire.U32),
    )
    MAX = 5


@dataclass
class RingOpenArgs(wire.Message):
    """Arguments of `ring_open`."""
    submissions: wire.Span  # 8-aligned, in writable memory
    completions: wire.Span  # the same, and not the same bytes
    FIELDS = (
        ("submissions", wire.SpanCodec(520)),
        ("completions", wire.SpanCodec(264)),
    )
    MAX = 16


@dataclass
class RingWaitArgs(wire.Message):
    """Arguments of `ring_wait`."""
    least: int  # completions
    FIELDS = (
        ("least", wire.U8),
    )
    MAX = 1
