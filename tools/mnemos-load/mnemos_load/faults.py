# faults.py: why a program was stopped, in words and source lines.
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Reports of program faults and kernel crashes."""

from __future__ import annotations

from .abi import loader as abi
from .abi.loader import FaultKind
from .symbols import Frame, Place, Symbols, source_line
from .text import printable

_CFSR = [
    (0, "IACCVIOL"), (1, "DACCVIOL"), (3, "MUNSTKERR"), (4, "MSTKERR"), (5, "MLSPERR"), (7, "MMARVALID"),
    (8, "IBUSERR"), (9, "PRECISERR"), (10, "IMPRECISERR"), (11, "UNSTKERR"), (12, "STKERR"), (13, "LSPERR"), (15, "BFARVALID"),
    (16, "UNDEFINSTR"), (17, "INVSTATE"), (18, "INVPC"), (19, "NOCP"), (24, "UNALIGNED"), (25, "DIVBYZERO"),
]  # fmt: skip
_MMARVALID, _BFARVALID = 1 << 7, 1 << 15
_SP, _LR, _PC = 13, 14, 15
_CALLERS_MAX = 6
_NULL_PAGE = 4096
_STACK_WANTED_MAX = 64 * 1024  # beyond that, sp is no stack's


def headline(fault: abi.Fault, symbols: Symbols | None) -> str:
    """What happened, in half a sentence."""
    kind = fault.kind
    address = _address(fault)
    if kind == FaultKind.ACCESS and address is not None:
        return f"{_access_verb(fault, symbols)} address {address:#010x}{_about(fault, address)}"
    if kind == FaultKind.BUS and address is not None:
        return f"access to address {address:#010x}, where nothing answers or which is a system register"
    if kind == FaultKind.EXECUTE and fault.regs_valid:
        return f"jump to address {fault.regs[_PC]:#010x}, which is not its code"
    if kind == FaultKind.STACK_OVERFLOW:
        low = fault.rw_addr
        return f"stack overflow: sp {fault.regs[_SP]:#010x}, the stack of {fault.stack_len:,} B begins at {low:#010x}"
    if kind in (FaultKind.BAD_SLICE, FaultKind.UNKNOWN_CALL):
        return f"{_says(kind)}   (r12 {fault.call:#x})"
    return _says(kind)


def _says(kind: int) -> str:
    try:
        return abi.FAULT_KIND_DOC[FaultKind(kind)]
    except ValueError:
        return f"fault kind {kind}, which this tool does not know"


def name(kind: int) -> str:
    """The schema's name of a fault kind."""
    try:
        return FaultKind(kind).name.lower()
    except ValueError:
        return f"kind {kind}"


def _status(cfsr: int) -> str:
    return " ".join([f"CFSR {cfsr:#010x}", *(bit_name for bit, bit_name in _CFSR if cfsr >> bit & 1)])


def _address(fault: abi.Fault) -> int | None:
    if fault.cfsr & _MMARVALID:
        return fault.mmfar
    if fault.cfsr & _BFARVALID:
        return fault.bfar
    return None


def _about(fault: abi.Fault, address: int) -> str:
    if address < _NULL_PAGE:
        return f" (null pointer + {address})" if address else " (null pointer)"
    if fault.rx_addr <= address < fault.rx_addr + fault.rx_len:
        return " (its own code and constants, which are read-only)"
    if fault.rw_addr <= address < fault.rw_addr + fault.rw_len:
        return " (its own data)"
    return ""


def _access_verb(fault: abi.Fault, symbols: Symbols | None) -> str:
    """`write to` or `read of`, from the instruction itself where it can be seen."""
    if symbols is None or not fault.regs_valid:
        return "access to"
    stored = symbols.stores(linked(fault, symbols, fault.regs[_PC]))
    return "access to" if stored is None else "write to" if stored else "read of"


def linked(fault: abi.Fault, symbols: Symbols, address: int) -> int:
    """The link address of an address in the program's code."""
    return address - fault.rx_addr + symbols.text_base


def _in_code(fault: abi.Fault, address: int) -> bool:
    return fault.rx_addr <= address & ~1 < fault.rx_addr + fault.rx_len


def trace(fault: abi.Fault, symbols: Symbols) -> list[Place]:
    """Where it stopped and its callers: as the ELF file describes the frames, then what the stack shows behind calls."""
    places: list[Place] = []
    words = [int.from_bytes(fault.stack[at : at + 4], "little") for at in range(0, len(fault.stack) - 3, 4)]
    if fault.regs_valid:
        if _in_code(fault, fault.regs[_PC]):
            places.append(symbols.place(linked(fault, symbols, fault.regs[_PC])))
        words = _unwind(fault, symbols, words, places)
    for address in words:
        if len(places) > _CALLERS_MAX:
            break
        if _returns_to(fault, symbols, address):
            _add(places, symbols.place((linked(fault, symbols, address) & ~1) - 2))
    return places


def _unwind(fault: abi.Fault, symbols: Symbols, words: list[int], places: list[Place]) -> list[int]:
    """Add callers as long as the ELF file knows the frames: the words in which more may be found by guessing."""
    regs: dict[int, int] = dict(enumerate(fault.regs[: _PC + 1]))
    bottom = regs[_SP]
    # A jump to nowhere has not changed anything: its caller is in lr.
    frame = symbols.frame(linked(fault, symbols, regs[_PC] & ~1)) if _in_code(fault, regs[_PC]) else Frame(_SP, 0, {})
    if frame is None:
        return [regs[_LR], *words]
    for _ in words + [0]:
        above = regs.get(frame.register, -1) + frame.offset
        for register, offset in frame.saved.items():
            index = (above + offset - bottom) // 4
            regs.pop(register, None)
            if 0 <= index < len(words):
                regs[register] = words[index]
        regs[_SP] = above
        back = regs.pop(_LR, 0)
        if above < bottom or not _returns_to(fault, symbols, back):
            return []
        inside = (linked(fault, symbols, back) & ~1) - 2
        _add(places, symbols.place(inside))
        found = symbols.frame(inside)
        if found is None:
            return words[(above - bottom) // 4 :]
        frame = found
    return []


def _returns_to(fault: abi.Fault, symbols: Symbols, address: int) -> bool:
    return _in_code(fault, address) and symbols.is_return(linked(fault, symbols, address))


def _add(places: list[Place], place: Place) -> None:
    if place.function and len(places) <= _CALLERS_MAX and (not places or place.function != places[-1].function):
        places.append(place)


def _more_stack(fault: abi.Fault) -> int:
    """KiB to try next: twice as much, and at least what it wanted when it was stopped."""
    wanted = fault.rw_addr + fault.stack_len - fault.regs[_SP]
    return max(-(-2 * fault.stack_len // 1024), -(-wanted // 1024) + 1 if wanted < _STACK_WANTED_MAX else 0)


def report(title: str, fault: abi.Fault, symbols: Symbols | None) -> str:
    """The whole report, several lines. `title` names the program."""
    lines = [
        f"  ✗ {title} faulted: {headline(fault, symbols)}",
        f"    {name(fault.kind)}   {_status(fault.cfsr)}   uptime {fault.at_us / 1e6:.3f} s",
        "",
    ]
    if symbols:
        places = trace(fault, symbols)
        width = max((len(place.text()) for place in places), default=0)
        for index, place in enumerate(places):
            code = printable(source_line(symbols, place), 60) if index == 0 else ""
            lines.append(f"      {index}  {printable(place.text()):<{width}}   {code}".rstrip())
    if fault.regs_valid:
        regs = fault.regs
        for row in (range(0, 4), range(4, 8), range(8, 13)):
            lines.append("      " + "  ".join(f"r{number:<2} {regs[number]:08x}" for number in row))
        offset = f"   (code + {(regs[_PC] & ~1) - fault.rx_addr:#x})" if _in_code(fault, regs[_PC]) else ""
        lines.append(f"      sp  {regs[_SP]:08x}  lr  {regs[_LR]:08x}  pc  {regs[_PC]:08x}{offset}")
    else:
        lines.append(f"      sp  {fault.regs[_SP]:08x}, which is no place for a stack: other registers are not known")
    if fault.kind == FaultKind.STACK_OVERFLOW:
        lines.append(f"    give it more: mnemos_add_app(... STACK {_more_stack(fault)}K)")
    known = f"matches {symbols.path}" if symbols else "no ELF file with this build id found: pass --elf FILE"
    lines.append(f"    build-id {fault.build_id.hex()[:8]} ({known})")
    return "\n".join(lines)


def crash_report(crash: abi.Crash) -> str:
    """A crash of the kernel itself."""
    where = f" at {printable(crash.file)}:{crash.line}" if crash.file else ""
    task = f"   task {printable(crash.task)}" if crash.task else ""
    return "\n".join(
        [
            f"  ✗ the kernel crashed and restarted: {printable(crash.reason)}{where}",
            f"    uptime {crash.at_us / 1e6:.3f} s{task}   {_status(crash.cfsr)}",
            f"    pc {crash.regs[_PC]:08x}  lr {crash.regs[_LR]:08x}  sp {crash.regs[_SP]:08x}"
            f"  mmfar {crash.mmfar:08x}  bfar {crash.bfar:08x}",
        ]
    )
