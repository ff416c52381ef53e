"""Loading and controlling programs from the host. Generated from abi/schema/loader.toml by tools/abigen: edit that file, not this one."""
# SPDX-License-Identifier: MIT OR Apache-2.0
import enum
from dataclasses import dataclass
from typing import TypeAlias

from . import wire

DATA_MAX = 512  # most image bytes in one data message
UNIT = 128  # bytes of one unit of the upload's bitmap; data begins and ends at a unit or at the end
WINDOW = 0x1000  # bytes the host may have under way without an ack
ARGS_MAX = 256  # bytes of all arguments with their terminating zeros


class FaultKind(enum.IntEnum):
    """What a program did."""
    ACCESS = 0
    EXECUTE = 1
    STACK_OVERFLOW = 2
    BUS = 3
    UNDEFINED = 4
    DIVIDE = 5
    UNALIGNED = 6
    BREAKPOINT = 7
    BAD_SLICE = 8
    UNKNOWN_CALL = 9
    OTHER = 10
    RING_CORRUPT = 11


FAULT_KIND_DOC = {
    FaultKind.ACCESS: "touched memory that is not its own",
    FaultKind.EXECUTE: "jumped to memory that is not its code",
    FaultKind.STACK_OVERFLOW: "its stack pointer left its stack",
    FaultKind.BUS: "touched an address where nothing answers, or a system register",
    FaultKind.UNDEFINED: "an instruction that does not exist or is not allowed",
    FaultKind.DIVIDE: "divided by zero",
    FaultKind.UNALIGNED: "an unaligned access that needs alignment",
    FaultKind.BREAKPOINT: "a breakpoint without a debugger",
    FaultKind.BAD_SLICE: "a system call with a slice outside its memory",
    FaultKind.UNKNOWN_CALL: "a system call that does not exist, or an unknown flag",
    FaultKind.OTHER: "see the status registers",
    FaultKind.RING_CORRUPT: "an index of its ring says what cannot be",
}


@dataclass
class Program(wire.Message):
    """One loaded program."""
    handle: int  # slot in the low byte, generation above
    name: str
    state: int  # 1 loading, 2 loaded, 3 runnable, 4 waiting, 5 ended
    build_id: bytes
    rx_addr: int
    rx_len: int
    rw_addr: int
    rw_len: int
    stack_len: int
    data_addr: int  # where the data section begins, for symbols
    port_base: int  # its port 0 on the link in its current or last life
    starts: int
    run_us: int  # processor time in all
    late: int  # times the fairness floor had to protect its slice
    FIELDS = (
        ("handle", wire.U32),
        ("name", wire.String(24)),
        ("state", wire.U8),
        ("build_id", wire.Raw(20)),
        ("rx_addr", wire.U32),
        ("rx_len", wire.U32),
        ("rw_addr", wire.U32),
        ("rw_len", wire.U32),
        ("stack_len", wire.U32),
        ("data_addr", wire.U32),
        ("port_base", wire.U16),
        ("starts", wire.U32),
        ("run_us", wire.U64),
        ("late", wire.U32),
    )
    MAX = 104


@dataclass
class PortTotal(wire.Message):
    """How much a port of an ended program sent."""
    port: int
    sent: int
    FIELDS = (
        ("port", wire.U16),
        ("sent", wire.U32),
    )
    MAX = 8


@dataclass
class Ending(wire.Message):
    """How a program ended."""
    handle: int
    reason: int  # numbers of `end` in errors.toml
    status: int  # exit status; for a fault its kind
    message: str  # of a panic
    ports: list[PortTotal]  # what its ports will have sent in all
    stack_peak: int
    heap_peak: int
    life_us: int  # from start to end
    FIELDS = (
        ("handle", wire.U32),
        ("reason", wire.U8),
        ("status", wire.I32),
        ("message", wire.String(96)),
        ("ports", wire.Seq(wire.Nested(PortTotal), 4)),
        ("stack_peak", wire.U32),
        ("heap_peak", wire.U32),
        ("life_us", wire.U64),
    )
    MAX = 161


@dataclass
class Fault(wire.Message):
    """Why and where a program was stopped."""
    handle: int
    kind: int  # index of fault_kind
    regs_valid: bool  # false: the stack pointer was bad, only sp is true
    regs: list[int]  # r0-r12 sp lr pc xpsr
    cfsr: int
    hfsr: int
    mmfar: int
    bfar: int
    call: int  # r12 of the system call, for the kinds that are about one
    rx_addr: int
    rx_len: int
    rw_addr: int
    rw_len: int
    stack_len: int
    data_addr: int
    build_id: bytes
    at_us: int
    stack: bytes  # from sp upwards; of an overflowed stack its lowest bytes
    FIELDS = (
        ("handle", wire.U32),
        ("kind", wire.U8),
        ("regs_valid", wire.BOOL),
        ("regs", wire.Array(wire.U32, 17)),
        ("cfsr", wire.U32),
        ("hfsr", wire.U32),
        ("mmfar", wire.U32),
        ("bfar", wire.U32),
        ("call", wire.U32),
        ("rx_addr", wire.U32),
        ("rx_len", wire.U32),
        ("rw_addr", wire.U32),
        ("rw_len", wire.U32),
        ("stack_len", wire.U32),
        ("data_addr", wire.U32),
        ("build_id", wire.Raw(20)),
        ("at_us", wire.U64),
        ("stack", wire.Bytes(256)),
    )
    MAX = 435


@dataclass
class Crash(wire.Message):
    """A fault of the kernel itself, written before it reset. Sent alone on the crash port."""
    reason: str
    file: str
    line: int
    task: str
    regs: list[int]
    cfsr: int
    hfsr: int
    mmfar: int
    bfar: int
    at_us: int
    FIELDS = (
        ("reason", wire.String(64)),
        ("file", wire.String(48)),
        ("line", wire.U32),
        ("task", wire.String(16)),
        ("regs", wire.Array(wire.U32, 17)),
        ("cfsr", wire.U32),
        ("hfsr", wire.U32),
        ("mmfar", wire.U32),
        ("bfar", wire.U32),
        ("at_us", wire.U64),
    )
    MAX = 251


@dataclass
class Info(wire.Message):
    """What answers."""
    abi_major: int
    abi_minor: int
    kernel: str
    board: str
    arch: int  # as in the image header
    fpu: bool
    baud: int  # of the link; 0: not a UART
    uptime_us: int
    arena: int  # bytes for programs in all
    free: int
    largest: int  # largest hole
    programs: int
    max_programs: int
    heap: int  # kernel heap in all
    heap_free: int
    bad_frames: int  # frames thrown away: COBS, CRC, unknown port
    dropped: int  # output bytes dropped because no host was there
    idle_us: int  # time asleep
    wakeups: int  # times the processor woke from sleep
    crash: Crash | None  # the last reset was a kernel crash
    FIELDS = (
        ("abi_major", wire.U16),
        ("abi_minor", wire.U16),
        ("kernel", wire.String(24)),
        ("board", wire.String(24)),
        ("arch", wire.U8),
        ("fpu", wire.BOOL),
        ("baud", wire.U32),
        ("uptime_us", wire.U64),
        ("arena", wire.U32),
        ("free", wire.U32),
        ("largest", wire.U32),
        ("programs", wire.U8),
        ("max_programs", wire.U8),
        ("heap", wire.U32),
        ("heap_free", wire.U32),
        ("bad_frames", wire.U32),
        ("dropped", wire.U32),
        ("idle_us", wire.U64),
        ("wakeups", wire.U32),
        ("crash", wire.Option(wire.Nested(Crash))),
    )
    MAX = 377


class RequestBody(wire.Tagged):
    MAX = 520
    Info: TypeAlias = "_RequestBodyInfo"
    Begin: TypeAlias = "_RequestBodyBegin"
    Data: TypeAlias = "_RequestBodyData"
    End: TypeAlias = "_RequestBodyEnd"
    Abort: TypeAlias = "_RequestBodyAbort"
    Start: TypeAlias = "_RequestBodyStart"
    Stop: TypeAlias = "_RequestBodyStop"
    Unload: TypeAlias = "_RequestBodyUnload"
    List: TypeAlias = "_RequestBodyList"
    Ending: TypeAlias = "_RequestBodyEnding"
    Fault: TypeAlias = "_RequestBodyFault"
    Map: TypeAlias = "_RequestBodyMap"
    Service: TypeAlias = "_RequestBodyService"


@wire.variant(RequestBody, "Info")
@dataclass
class _RequestBodyInfo(RequestBody):
    """-> info"""


@wire.variant(RequestBody, "Begin")
@dataclass
class _RequestBodyBegin(RequestBody):
    """Reserve room. `head` is the image's first 88 bytes. -> begun"""
    head: bytes
    total: int  # bytes of the whole file
    name: str
    FIELDS = (
        ("head", wire.Bytes(88)),
        ("total", wire.U32),
        ("name", wire.String(24)),
    )


@wire.variant(RequestBody, "Data")
@dataclass
class _RequestBodyData(RequestBody):
    """Bytes of the file. No answer but acks; seq is not looked at."""
    offset: int
    bytes: bytes
    FIELDS = (
        ("offset", wire.U32),
        ("bytes", wire.Bytes(512)),
    )


@wire.variant(RequestBody, "End")
@dataclass
class _RequestBodyEnd(RequestBody):
    """All sent. Checks, validates, relocates. -> loaded"""
    crc32: int
    adler32: int
    FIELDS = (
        ("crc32", wire.U32),
        ("adler32", wire.U32),
    )


@wire.variant(RequestBody, "Abort")
@dataclass
class _RequestBodyAbort(RequestBody):
    """Give the upload up. -> done"""


@wire.variant(RequestBody, "Start")
@dataclass
class _RequestBodyStart(RequestBody):
    """-> started"""
    handle: int
    args: bytes  # each ends with a zero byte
    FIELDS = (
        ("handle", wire.U32),
        ("args", wire.Bytes(256)),
    )


@wire.variant(RequestBody, "Stop")
@dataclass
class _RequestBodyStop(RequestBody):
    """End it and keep it loaded. -> done"""
    handle: int
    kill: bool  # ends as `killed` instead of `stopped`
    FIELDS = (
        ("handle", wire.U32),
        ("kill", wire.BOOL),
    )


@wire.variant(RequestBody, "Unload")
@dataclass
class _RequestBodyUnload(RequestBody):
    """End it if it runs and give its memory back. -> done"""
    handle: int
    FIELDS = (
        ("handle", wire.U32),
    )


@wire.variant(RequestBody, "List")
@dataclass
class _RequestBodyList(RequestBody):
    """-> listed"""
    slot: int
    FIELDS = (
        ("slot", wire.U8),
    )


@wire.variant(RequestBody, "Ending")
@dataclass
class _RequestBodyEnding(RequestBody):
    """How did it end? For an event that got lost. -> ended, or not_ready while it runs"""
    handle: int
    FIELDS = (
        ("handle", wire.U32),
    )


@wire.variant(RequestBody, "Fault")
@dataclass
class _RequestBodyFault(RequestBody):
    """Its last fault. -> faulted"""
    handle: int
    FIELDS = (
        ("handle", wire.U32),
    )


@wire.variant(RequestBody, "Map")
@dataclass
class _RequestBodyMap(RequestBody):
    """Ask for an ack now (also when the upload has lost its tail). -> done, then an ack"""


@wire.variant(RequestBody, "Service")
@dataclass
class _RequestBodyService(RequestBody):
    """A service of the kernel, in the order in which they came. -> service"""
    index: int  # 0 is the oldest
    FIELDS = (
        ("index", wire.U16),
    )


@dataclass
class Request(wire.Message):
    """Host to device. `seq` is echoed; the same seq twice gets the same answer and is done once. One request at a time: one that comes before the last one's answer is out is dropped; send it again."""
    session: int  # low byte of the session; others are ignored
    seq: int
    body: RequestBody
    FIELDS = (
        ("session", wire.U8),
        ("seq", wire.U8),
        ("body", wire.Nested(RequestBody)),
    )
    MAX = 522


@dataclass
class Service(wire.Message):
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


class AnswerBody(wire.Tagged):
    MAX = 437
    Done: TypeAlias = "_AnswerBodyDone"
    Refused: TypeAlias = "_AnswerBodyRefused"
    Info: TypeAlias = "_AnswerBodyInfo"
    Begun: TypeAlias = "_AnswerBodyBegun"
    Loaded: TypeAlias = "_AnswerBodyLoaded"
    Started: TypeAlias = "_AnswerBodyStarted"
    Listed: TypeAlias = "_AnswerBodyListed"
    Ended: TypeAlias = "_AnswerBodyEnded"
    Faulted: TypeAlias = "_AnswerBodyFaulted"
    Ack: TypeAlias = "_AnswerBodyAck"
    Service: TypeAlias = "_AnswerBodyService"


@wire.variant(AnswerBody, "Done")
@dataclass
class _AnswerBodyDone(AnswerBody):
    """It worked; nothing to say."""


@wire.variant(AnswerBody, "Refused")
@dataclass
class _AnswerBodyRefused(AnswerBody):
    """It did not. Two numbers say more where there are any (what there is, what was asked for) - no_room: largest hole, larger block; too_many_programs: most, one more; image_abi: minor versions, major ones when those differ; image_arch, image_float: of board and image; image_stack: stack, least; image_short: bytes of `head`, all; image_payload: bytes announced, bytes by the header; upload_incomplete: first hole, all; upload_crc: CRC-32 computed, announced; too_big: stack, arguments; not_ready: the state; bad_argument: limit, value; no_program: the handle is in the second; service_missing, service_too_old: calls of the service that there are, that the image requires; shape_differs: their hashes."""
    error: int
    have: int  # what there is
    want: int  # what was asked for
    FIELDS = (
        ("error", wire.I32),
        ("have", wire.U32),
        ("want", wire.U32),
    )


@wire.variant(AnswerBody, "Info")
@dataclass
class _AnswerBodyInfo(AnswerBody):
    info: Info
    FIELDS = (
        ("info", wire.Nested(Info)),
    )


@wire.variant(AnswerBody, "Begun")
@dataclass
class _AnswerBodyBegun(AnswerBody):
    handle: int
    FIELDS = (
        ("handle", wire.U32),
    )


@wire.variant(AnswerBody, "Loaded")
@dataclass
class _AnswerBodyLoaded(AnswerBody):
    program: Program
    FIELDS = (
        ("program", wire.Nested(Program)),
    )


@wire.variant(AnswerBody, "Started")
@dataclass
class _AnswerBodyStarted(AnswerBody):
    handle: int
    port_base: int
    FIELDS = (
        ("handle", wire.U32),
        ("port_base", wire.U16),
    )


@wire.variant(AnswerBody, "Listed")
@dataclass
class _AnswerBodyListed(AnswerBody):
    program: Program | None
    FIELDS = (
        ("program", wire.Option(wire.Nested(Program))),
    )


@wire.variant(AnswerBody, "Ended")
@dataclass
class _AnswerBodyEnded(AnswerBody):
    """Answer, and event when a program ends."""
    ending: Ending
    FIELDS = (
        ("ending", wire.Nested(Ending)),
    )


@wire.variant(AnswerBody, "Faulted")
@dataclass
class _AnswerBodyFaulted(AnswerBody):
    fault: Fault | None
    FIELDS = (
        ("fault", wire.Option(wire.Nested(Fault))),
    )


@wire.variant(AnswerBody, "Ack")
@dataclass
class _AnswerBodyAck(AnswerBody):
    """Event: every byte before `hole` is here; bit i of `bits`: unit i after the hole's own is here."""
    hole: int
    bits: int
    FIELDS = (
        ("hole", wire.U32),
        ("bits", wire.U32),
    )


@wire.variant(AnswerBody, "Service")
@dataclass
class _AnswerBodyService(AnswerBody):
    service: Service | None  # none: there are no more
    FIELDS = (
        ("service", wire.Option(wire.Nested(Service))),
    )


@dataclass
class Answer(wire.Message):
    """Device to host."""
    session: int
    seq: int  # of the request; events carry 0 and are known by their variant
    body: AnswerBody
    FIELDS = (
        ("session", wire.U8),
        ("seq", wire.U8),
        ("body", wire.Nested(AnswerBody)),
    )
    MAX = 439
