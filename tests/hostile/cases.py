"""cases.py: what hostile programs do, and what must become of them. Numbers H.. are those of the list of hostile programs."""
# SPDX-License-Identifier: MIT OR Apache-2.0

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable

from mnemos_load.abi import loader, sys

# The emulated board: where things are that no program may touch.
FLASH, FLASH_END = 0x00000000, 0x00100000
ARENA, KERNEL_RAM, RAM_END = 0x20000000, 0x20034000, 0x20040000
UART0, TIMER0, DUAL_TIMER, FPGA_IO = 0x40004000, 0x40000000, 0x40002000, 0x40028000
DWT, FPB, SYSTICK, NVIC = 0xE0001000, 0xE0002000, 0xE000E010, 0xE000E100
ICSR, AIRCR, MPU_CTRL, STIR, CPACR = 0xE000ED04, 0xE000ED0C, 0xE000ED94, 0xE000EF00, 0xE000ED88


def bit_band(address: int) -> int:
    """The word that stands for the first bit of a byte of RAM or of a device."""
    base = address & 0xF0000000
    return base + 0x02000000 + (address - base) * 32


@dataclass(frozen=True)
class Place:
    """Where the program and its neighbour lie."""

    me: loader.Program
    neighbour: loader.Program

    @property
    def rx_end(self) -> int:
        return self.me.rx_addr + self.me.rx_len

    @property
    def rw_end(self) -> int:
        return self.me.rw_addr + self.me.rw_len

    @property
    def top(self) -> int:
        """One past the last byte of both blocks: not the program's own."""
        return max(self.rx_end, self.rw_end)

    @property
    def bottom(self) -> int:
        return min(self.me.rx_addr, self.me.rw_addr)


Where = Callable[[Place], int]


@dataclass(frozen=True)
class Case:
    """`program variant numbers...` must end as `end` says (one of several when there are more)."""

    name: str
    program: str
    variant: str
    numbers: tuple[int | Where, ...]
    end: tuple[str, ...]
    address: bool = False  # the fault record names the first number as the address

    def arguments(self, place: Place) -> list[str | int]:
        return [self.variant, *(number(place) if callable(number) else number for number in self.numbers)]


def touch(name: str, variant: str, where: int | Where, end: str = "fault access") -> Case:
    return Case(name, "touch", variant, (where,), (end,), address=True)


def both_ways(name: str, where: int | Where, end: str = "fault access") -> list[Case]:
    return [touch(f"{name} {variant}", variant, where, end) for variant in ("read32", "write32")]


CASES: list[Case] = [
    touch("H01 vector table", "read32", FLASH),
    touch("H01 kernel code", "read32", 0x100),
    touch("H01 end of flash", "read32", FLASH_END - 4),
    touch("H01 first word of kernel RAM", "read32", KERNEL_RAM),
    touch("H01 last word of kernel RAM", "read32", RAM_END - 4),
    touch("H01 a byte of kernel RAM", "read8", KERNEL_RAM + 0x1003),
    touch("H02 vector table", "write32", FLASH),
    touch("H02 kernel code", "write32", 0x100),
    touch("H02 first word of kernel RAM", "write32", KERNEL_RAM),
    touch("H02 last word of kernel RAM", "write32", RAM_END - 4),
    touch("H02 where external flash would be", "write32", 0x12000000),
    *both_ways("H03 neighbour's first text word", lambda at: at.neighbour.rx_addr),
    *both_ways("H03 neighbour's last text word", lambda at: at.neighbour.rx_addr + at.neighbour.rx_len - 4),
    *both_ways("H03 neighbour's first data word", lambda at: at.neighbour.rw_addr),
    *both_ways("H03 neighbour's last data word", lambda at: at.neighbour.rw_addr + at.neighbour.rw_len - 4),
    touch("H03 one past the end, read", "read8", lambda at: at.top),
    touch("H03 one past the end, write", "write8", lambda at: at.top),
    touch("H03 one before the beginning", "write8", lambda at: at.bottom - 1),
    Case("H03 a word across the end", "touch", "write32", (lambda at: at.top - 2,), ("fault access",)),
    Case("H03 a word across the beginning", "touch", "read32", (lambda at: at.bottom - 2,), ("fault access",)),
    touch("H04 own stack", "plant", lambda at: at.me.rw_addr + 8, "fault execute"),
    touch("H04 own data", "plant", lambda at: at.me.data_addr, "fault execute"),
    touch("H04 own heap", "plant", lambda at: at.rw_end - 8, "fault execute"),
    touch("H04 neighbour's text", "execute", lambda at: at.neighbour.rx_addr, "fault execute"),
    touch("H04 kernel code", "execute", 0x100, "fault execute"),
    touch("H04 kernel RAM", "execute", KERNEL_RAM, "fault execute"),
    touch("H04 a device", "execute", UART0, "fault execute"),
    touch("H05 own first text word", "write32", lambda at: at.me.rx_addr),
    touch("H05 last byte of own read-only block", "write8", lambda at: at.rx_end - 1),
    *both_ways("H06 UART", UART0),
    *both_ways("H06 timer", TIMER0),
    *both_ways("H06 dual timer", DUAL_TIMER),
    *both_ways("H06 FPGA registers", FPGA_IO),
    *both_ways("H06 bit-band alias of kernel RAM", bit_band(KERNEL_RAM)),
    *both_ways("H06 bit-band alias of the UART", bit_band(UART0)),
    *both_ways("H06 DWT", DWT, "fault bus"),
    *both_ways("H06 FPB", FPB, "fault bus"),
    *both_ways("H06 SysTick", SYSTICK, "fault bus"),
    *both_ways("H06 NVIC", NVIC, "fault bus"),
    *both_ways("H06 ICSR", ICSR, "fault bus"),
    *both_ways("H06 AIRCR", AIRCR, "fault bus"),
    *both_ways("H06 MPU_CTRL", MPU_CTRL, "fault bus"),
    *both_ways("H06 CPACR", CPACR, "fault bus"),
    touch("H06 STIR", "write32", STIR, "fault bus"),
    Case("H07 CONTROL", "mask", "privilege", (), ("exit 0",)),
    Case("H07 PRIMASK, FAULTMASK, BASEPRI", "mask", "masked-calls", (), ("exit 0",)),
    *(Case(f"H11 call with SP {above} above the stack's end", "stack", "call", (lambda at, above=above: at.me.rw_addr + above,),
           ("fault stack_overflow",)) for above in (0, 1, 8, 16, 24)),
    *(Case(f"H12 {variant} with SP in {name}", "stack", variant, (where,), ("fault stack_overflow",))
      for variant in ("call", "spin")
      for name, where in (
          ("the neighbour", lambda at: at.neighbour.rw_addr + at.neighbour.rw_len // 2),
          ("own text", lambda at: at.me.rx_addr + 64),
          ("kernel RAM", KERNEL_RAM + 0x2000),
          ("flash", 0x1000),
          ("device registers", UART0 + 0x100),
          ("system registers", NVIC + 0x40),
          ("nothing", 0),
          ("nothing, odd", 1),
          ("the last word", 0xFFFFFFFC))),
    *(Case(f"H12 {what} with SP in {name}", "stack", "fault", (where, number), ("fault stack_overflow",))
      for number, what in enumerate(("UDF", "BKPT", "a bus fault"))
      for name, where in (("the neighbour", lambda at: at.neighbour.rw_addr + at.neighbour.rw_len // 2),
                          ("kernel RAM", KERNEL_RAM + 0x2000), ("nothing", 0))),
    *(Case(f"H23 call {number:#x}", "calls", "number", (number,), ("fault unknown_call",))
      for number in (len(sys.CALLS), 0x7FFF, 0xFFFF, 0x00040000, 0x7FFFFFFF, 0x80000000, 0x80000001, 0xFFFFFFFF)),
    *(Case(f"H19 {what} jump by {jump:#x}, seen by {how}", "rings", "jump", (index, jump, way), ("fault ring_corrupt",))
      for index, what in enumerate(("submissions", "completions"))
      for way, how in enumerate(("notify", "wait"))
      for jump in (17, 100, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF) if (index, jump) != (1, 0xFFFFFFFF)),
    *(Case(f"H19 a ring in {name}", "rings", "open", (where, 8 + 64, *other), ("fault bad_slice",))
      for other in ((lambda at: at.me.data_addr + 2048, 8 + 32),)
      for name, where in (("own text", lambda at: at.me.rx_addr), ("the neighbour", lambda at: at.neighbour.rw_addr),
                          ("kernel RAM", KERNEL_RAM), ("nothing", 0), ("the last bytes", 0xFFFFFFF8),
                          ("its end and beyond", lambda at: at.rw_end - 8))),
    *(Case(f"H19 queues {distance} bytes apart", "rings", "beside", (distance,), (f"exit {status}",))
      for distance, status in ((0, 14), (8, 14), (64, 14), (72, 0), (-16 & 0xFFFFFFFF, 14), (1, 14))),
    Case("H19 a ring on the stack", "rings", "stack", (), ("exit 0",)),
    Case("H19 a ring opened twice", "rings", "twice", (), ("exit 0",)),
    Case("H19 indices that wrap around", "rings", "wrap", (), ("exit 0",)),
    Case("H20 completions that nobody takes", "rings", "undrained", (), ("exit 0",)),
    Case("H23 every SVC immediate", "calls", "immediates", (), ("exit 0",)),
    Case("H28 recursion without end", "stack", "recurse", (0,), ("fault stack_overflow",)),
    *(Case(f"H28 a leap of {leap} bytes", "stack", "leap", (leap,), ("fault stack_overflow",))
      for leap in (0x1000, 0x10000, 0x20000000)),
    Case("H29 UDF", "undefined", "udf", (), ("fault undefined",)),
    Case("H29 UDF.W", "undefined", "udf-wide", (), ("fault undefined",)),
    Case("H29 BKPT", "undefined", "bkpt", (), ("fault breakpoint",)),
    Case("H29 semihosting", "undefined", "semihosting", (), ("fault breakpoint",)),
    Case("H29 ARM state", "undefined", "arm", (), ("fault execute",)),
    Case("H29 coprocessor", "undefined", "coprocessor", (), ("fault undefined",)),
]

# H29: (name, word of the exception frame, what the program has the kernel write there, ends)
ANY = ("exit 0", "fault access", "fault execute", "fault bus", "fault undefined", "fault stack_overflow", "fault other")
FRAMES = [
    ("pc in kernel code", 6, 0x00000101, ("fault execute",)),
    ("pc in kernel RAM", 6, KERNEL_RAM + 1, ("fault execute",)),
    ("pc in a system register", 6, NVIC + 1, ("fault execute",)),
    ("pc is EXC_RETURN to a handler", 6, 0xFFFFFFF1, ("fault execute",)),
    ("pc is EXC_RETURN to thread mode on MSP", 6, 0xFFFFFFF9, ("fault execute",)),
    ("xpsr without the Thumb bit", 7, 0x00000000, ("fault execute",)),
    ("xpsr of a handler", 7, 0x0100000B, ("fault execute",)),
    ("xpsr with a wrong IT state", 7, 0x0700FC00 | 0x01000000, ANY),
    ("xpsr with a wrong ICI state", 7, 0x0100F000, ANY),
    ("xpsr with every bit", 7, 0xFFFFFFFF, ANY),
]

# H08: (name, address, length, fine as input, fine as output)
SLICES: list[tuple[str, int | Where, int, bool, bool]] = [
    ("nothing at null", 0, 0, True, True),
    ("nothing at the last byte", 0xFFFFFFFF, 0, True, True),
    ("nothing in kernel RAM", KERNEL_RAM, 0, True, True),
    ("null", 0, 1, False, False),
    ("the last byte", 0xFFFFFFFF, 1, False, False),
    ("everything", 0, 0xFFFFFFFF, False, False),
    ("minus one, minus one", 0xFFFFFFFF, 0xFFFFFFFF, False, False),
    ("wraps around from own memory", lambda at: at.me.rw_addr, 0xFFFFFFFF, False, False),
    ("wraps around to own memory", lambda at: at.me.rw_addr, 0x100000000 - 16, False, False),
    ("a signed mistake", lambda at: at.me.rw_addr, 0x80000000, False, False),
    ("across the end", lambda at: at.top - 1, 2, False, False),
    ("across the beginning", lambda at: at.bottom - 1, 2, False, False),
    ("one past the end", lambda at: at.top, 1, False, False),
    ("kernel RAM", KERNEL_RAM, 16, False, False),
    ("end of kernel RAM", RAM_END - 1, 1, False, False),
    ("kernel code", 0x100, 16, False, False),
    ("neighbour's text", lambda at: at.neighbour.rx_addr, 16, False, False),
    ("neighbour's data", lambda at: at.neighbour.rw_addr, 16, False, False),
    ("a device", UART0, 4, False, False),
    ("a system register", AIRCR, 4, False, False),
    ("own text", lambda at: at.me.rx_addr, 16, True, False),
]

# Calls whose message names a span: (name, number, variant, whether the kernel writes there, largest length)
SPAN_CALLS = [
    ("panic", sys.CALL_PANIC, "span", False, 0xFFFFFFFF),  # a long message is clipped
    ("random", sys.CALL_RANDOM, "span", True, 256),
    ("serial_read", sys.CALL_SERIAL_READ, "span-of-port", True, 65536),
    ("serial_write", sys.CALL_SERIAL_WRITE, "span-of-port", False, 65536),
]
