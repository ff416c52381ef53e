#!/usr/bin/python3
"""mkapp: turn a linked program (ELF) into an image a mnemOS kernel loads (.mna).

The layout is in abi/include/mnemos/abi/image.h. A program is linked once, at two bases; the relocation table made here
lists each word that holds an address, with one bit that says whether text or data decides how far it moves. That bit
comes from the section of the symbol, never from the value: a pointer one past the end has a value in nobody's land.
"""
# SPDX-License-Identifier: MIT OR Apache-2.0
import argparse
import os
import re
import struct
import sys
import zlib
from pathlib import Path

try:
    from elftools.common.exceptions import ELFError
    from elftools.elf.elffile import ELFFile
    from elftools.elf.enums import ENUM_RELOC_TYPE_ARM
    from elftools.elf.relocation import RelocationSection
except ImportError:
    sys.exit(f"mkapp: {sys.executable} has no pyelftools\n"
             "    fix: sudo apt install python3-pyelftools     or: pip install pyelftools")

MAGIC = b"MNA1"
HEADER = struct.Struct("<4sIHBBHH12I20sI")
HEADER_BYTES = 88
HEAD_MAX = 4096
STACK_MIN = 512
STACK_DEFAULT = 2048
HEAP_DEFAULT = 4096
HEAP_MARK = "runtime_heap_begin"  # in every program that allocates: see sdk/lib/runtime.h
GRANULE = 1024
SEGMENT_MAX = 4 << 20  # more than any board has, and what the host tool reads
ARENA = 208 * 1024
ARCH_ARMV7EM = 1
RECORD_NAME, RECORD_VERSION, RECORD_TITLE, RECORD_RELOCS, RECORD_REQUIRES = 1, 2, 3, 0x8010, 0x8011
EF_ARM_ABI_FLOAT_HARD = 0x400
CLASS_TEXT, CLASS_DATA = 0, 1
SEGMENT_NAMES = ("text", "data")

SHF_WRITE, SHF_ALLOC = 1, 2
RELOC_NAMES = {number: name for name, number in ENUM_RELOC_TYPE_ARM.items() if isinstance(number, int)}
# Words that hold an address.
ADDRESSES = {"R_ARM_ABS32", "R_ARM_TARGET1"}
# Distances: right wherever both ends lie, as long as they move together.
DISTANCES = {
    "R_ARM_REL32", "R_ARM_PREL31", "R_ARM_TARGET2", "R_ARM_THM_CALL", "R_ARM_THM_JUMP24", "R_ARM_THM_JUMP19",
    "R_ARM_THM_JUMP11", "R_ARM_THM_JUMP8", "R_ARM_THM_JUMP6", "R_ARM_THM_PC8", "R_ARM_THM_PC12", "R_ARM_THM_PC13",
    "R_ARM_THM_ALU_PREL_11_0", "R_ARM_REL32_NOI",
}
# Need nothing: offsets from the thread pointer and markers for the linker.
HARMLESS = {"R_ARM_NONE", "R_ARM_V4BX", "R_ARM_TLS_LE32"}
HALVES = {"R_ARM_MOVW_ABS_NC", "R_ARM_MOVT_ABS", "R_ARM_THM_MOVW_ABS_NC", "R_ARM_THM_MOVT_ABS"}


class PackError(Exception):
    """The program cannot become an image; the text says why and what to do."""


class Segment:
    """One of the two parts of a program that move on their own."""

    def __init__(self, header, data):
        self.base = header["p_vaddr"]
        self.end = self.base + header["p_memsz"]
        self.data = data
        self.align = 1

    def holds(self, address):
        return self.base <= address < self.end


class Program:
    """What mkapp needs to know of an ELF file."""

    def __init__(self, elf):
        if elf["e_machine"] != "EM_ARM" or elf["e_type"] != "ET_EXEC":
            raise PackError(f"not a linked Arm program ({elf['e_machine']}, {elf['e_type']})\n"
                            "    fix: give the .elf that mnemos_add_app() links")
        self.hard_float = bool(elf["e_flags"] & EF_ARM_ABI_FLOAT_HARD)
        self.sections = list(elf.iter_sections())
        loads = [s for s in elf.iter_segments() if s["p_type"] == "PT_LOAD" and s["p_memsz"]]
        if len(loads) != 2:
            raise PackError(f"it has {len(loads)} loadable segments, a program has 2 (text and data)\n"
                            "    fix: link with the SDK's app.ld, as mnemos_add_app() does")
        loads.sort(key=lambda s: bool(s["p_flags"] & 2))
        self.segments = [Segment(s.header, s.data()) for s in loads]
        for section in self.sections:
            if section["sh_flags"] & SHF_ALLOC and section["sh_size"]:
                index = self.segment_at(section["sh_addr"])
                if index is None:
                    raise PackError(f"section {section.name} at {section['sh_addr']:#010x} is in neither segment\n"
                                    "    fix: give it a name the SDK's app.ld knows (.text.*, .rodata.*, .data.*, .bss.*)")
                segment = self.segments[index]
                end = section["sh_addr"] + section["sh_size"] - segment.base
                if end > SEGMENT_MAX:
                    raise PackError(f"section {section.name} ends {end:,} bytes behind the start of its segment, "
                                    f"{segment.base:#010x}; {SEGMENT_MAX:,} are possible\n"
                                    "    fix: place it with the SDK's app.ld, or use less memory")
                segment.align = max(segment.align, section["sh_addralign"])
        self.symbols = next((s for s in self.sections if s["sh_type"] == "SHT_SYMTAB"), None)
        if self.symbols is None:
            raise PackError("it has no symbols\n    fix: strip only copies, never the file given to mkapp")
        self.defined = {s.name for s in self.symbols.iter_symbols() if s["st_shndx"] != "SHN_UNDEF"}
        self.entry = elf["e_entry"] & ~1
        self.build_id = self.find_build_id()

    def segment_at(self, address):
        return next((i for i, s in enumerate(self.segments) if s.holds(address)), None)

    def find_build_id(self):
        for section in self.sections:
            if section.name == ".note.gnu.build-id":
                for note in section.iter_notes():
                    return bytes.fromhex(note["n_desc"])
        return b""

    def where(self, address):
        """A name for an address, for messages."""
        best = None
        for symbol in self.symbols.iter_symbols():
            if symbol["st_info"]["type"] in ("STT_FUNC", "STT_OBJECT"):
                start = symbol["st_value"] & ~1
                if start <= address < start + max(symbol["st_size"], 1):
                    best = symbol.name
        return f"{best} ({address:#010x})" if best else f"{address:#010x}"

    def class_of(self, symbol):
        """Which delta moves a symbol; None for what does not move (undefined weak symbols, absolute numbers)."""
        index = symbol["st_shndx"]
        if not isinstance(index, int) or not self.sections[index]["sh_flags"] & SHF_ALLOC:
            return None
        section = self.sections[index]
        moved_by = CLASS_DATA if section["sh_flags"] & SHF_WRITE else CLASS_TEXT
        segment = self.segments[moved_by]
        if not segment.base <= (symbol["st_value"] & ~1) <= segment.end:
            raise PackError(f"symbol {symbol.name or section.name} at {symbol['st_value']:#010x} belongs to section "
                            f"{section.name}, whose segment is {segment.base:#010x}..{segment.end:#010x}\n"
                            "    fix: define it inside an output section that is never empty")
        return moved_by

    def relocations(self):
        """Yield (segment index, address, class) for each word that holds an address."""
        tables = [s for s in self.sections if isinstance(s, RelocationSection)
                  and self.sections[s["sh_info"]]["sh_flags"] & SHF_ALLOC]
        if not tables:
            raise PackError("it has no relocations\n    fix: link with --emit-relocs, as mnemos_add_app() does")
        for table in tables:
            symbols = self.sections[table["sh_link"]]
            for relocation in table.iter_relocations():
                kind = RELOC_NAMES.get(relocation["r_info_type"], str(relocation["r_info_type"]))
                if kind in HARMLESS:
                    continue
                address = relocation["r_offset"]
                home = self.segment_at(address)
                symbol = symbols.get_symbol(relocation["r_info_sym"])
                if home is None:
                    raise PackError(f"relocation {kind} at {address:#010x} lies in neither segment")
                moved_by = self.class_of(symbol)
                if kind in ADDRESSES:
                    if moved_by is not None:
                        yield home, address, moved_by
                elif kind in DISTANCES:
                    self.check_distance(kind, symbol, address, home, moved_by)
                else:
                    raise PackError(self.refusal(kind, symbol, address))

    def check_distance(self, kind, symbol, address, home, moved_by):
        if symbol["st_shndx"] == "SHN_UNDEF" or moved_by == home:
            return
        name = symbol.name or "a section"
        if moved_by is None:
            raise PackError(f"{self.where(address)} is bound to the fixed address of {name} ({kind})\n"
                            "    fix: programs move, so call or read fixed addresses through a pointer")
        raise PackError(f"{self.where(address)} in {SEGMENT_NAMES[home]} uses its distance to {name} in "
                        f"{SEGMENT_NAMES[moved_by]} ({kind}), and the two move apart\n"
                        "    fix: compile without -fPIC, -fpie and -msingle-pic-base")

    def refusal(self, kind, symbol, address):
        where = f"{self.where(address)} refers to {symbol.name or 'a section'} by {kind}"
        if kind in HALVES:
            return f"{where}, an address in two instructions\n    fix: compile with -mword-relocations"
        if "GOT" in kind or "BASE_PREL" in kind or "PLT" in kind:
            return (f"{where}: position-independent code is not supported\n"
                    "    fix: compile without -fPIC, -fpie and -msingle-pic-base")
        if "TLS" in kind:
            return f"{where}: only one model of thread-local storage works\n    fix: compile with -ftls-model=local-exec"
        return f"{where}, which a mnemOS kernel cannot apply\n    fix: remove the compiler flag that asks for it"


def varint(number):
    out = bytearray()
    while number > 0x7f:
        out.append(number & 0x7f | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def record(kind, body):
    return struct.pack("<HH", kind, len(body)) + body + bytes(-len(body) % 4)


def round_up(number, step):
    return -(-number // step) * step


def service(name):
    """The record of a service that the program requires, as the SDK knows it, or the header behind `name=`."""
    name, _, header = name.partition("=")
    sdk = Path(__file__).resolve().parents[1]
    known = sorted(header.stem for header in (sdk / "include/mnemos/services").glob("*.h"))
    if not header and name not in known:
        raise PackError(f"REQUIRES {name}: the SDK knows no such service\n    it knows: {' '.join(known)}\n"
                        f"    fix: mnemos_add_interface({name} SCHEMA {name}.toml) before it, if it is one of yours")
    path = Path(header) if header else sdk.parent / "abi/include/mnemos/abi" / f"{name}.h"
    text, prefix = path.read_text(encoding="utf-8"), f"MNEMOS_{name.upper()}_"
    uuid = re.search(rf"#define {prefix}UUID[^{{]*{{([^}}]*)}}", text)
    shape = re.search(rf"#define {prefix}SHAPE (0x[0-9a-f]+)u", text)
    calls = re.search(rf"{prefix}CALL_COUNT = ([0-9]+)", text)
    if not (uuid and shape and calls):
        raise PackError(f"REQUIRES {name}: {path} does not say what it is")
    body = bytes(int(byte, 16) for byte in uuid[1].split(","))
    return body + struct.pack("<IH", int(shape[1], 16), int(calls[1])) + name.encode()


class Image:
    """The image of a program, ready to be written."""

    def __init__(self, program, options):
        text, data = program.segments
        if max(text.align, data.align) > GRANULE:
            raise PackError(f"something is aligned to {max(text.align, data.align):,} bytes, memory is given out in "
                            f"steps of {GRANULE:,}\n    fix: lower the alignment attribute")
        self.text_len = len(text.data)
        self.data_off = round_up(len(text.data), 8)
        self.data_len = len(data.data)
        self.payload = text.data + bytes(self.data_off - len(text.data)) + data.data
        self.static_len = round_up(data.end - data.base, 8)
        # The data follow the stack, whose start is aligned to a granule.
        self.stack_len = round_up(options.stack, max(8, data.align))
        if self.stack_len < STACK_MIN:
            raise PackError(f"the stack has {self.stack_len:,} bytes, the least that works is {STACK_MIN}\n"
                            "    fix: mnemos_add_app(... STACK 2K)")
        self.heap_len = options.heap
        if self.heap_len is None:
            self.heap_len = HEAP_DEFAULT if HEAP_MARK in program.defined else 0
        if not text.holds(program.entry):
            raise PackError(f"the entry point {program.entry:#010x} is outside the text\n"
                            "    fix: link with the SDK's app.ld, as mnemos_add_app() does")
        offsets = {}
        for home, address, moved_by in program.relocations():
            offset = address - text.base if home == CLASS_TEXT else self.data_off + address - data.base
            offsets[offset] = moved_by
        self.n_relocs = len(offsets)
        self.head = self.build_head(program, options, self.pack_relocs(offsets))

    @staticmethod
    def pack_relocs(offsets):
        table, last = bytearray(), 0
        for offset in sorted(offsets):
            table += varint((offset - last) << 1 | offsets[offset])
            last = offset
        return bytes(table)

    def build_head(self, program, options, table):
        records = record(RECORD_NAME, options.name.encode())
        if options.version:
            records += record(RECORD_VERSION, options.version.encode())
        if options.title:
            records += record(RECORD_TITLE, options.title.encode())
        for name in options.requires:
            records += record(RECORD_REQUIRES, service(name))
        room = HEAD_MAX - HEADER_BYTES - len(records) - 4
        if len(table) > room:
            raise PackError(f"the relocation table has {len(table):,} bytes, the header has room for {room:,}\n"
                            "    fix: fewer pointers in constant data, for example offsets into one array")
        records += record(RECORD_RELOCS, table)
        records += bytes(-len(records) % 8)
        text, data = program.segments
        fields = (
            HEADER_BYTES + len(records), ARCH_ARMV7EM, int(program.hard_float), *options.abi, 0, len(self.payload),
            zlib.crc32(self.payload), zlib.adler32(self.payload), self.data_off, self.data_len, self.static_len,
            self.stack_len, self.heap_len, program.entry - text.base, text.base, data.base,
            program.build_id[:20].ljust(20, b"\0"), self.n_relocs)
        checked = HEADER.pack(MAGIC, 0, *fields)[8:] + records
        return MAGIC + struct.pack("<I", zlib.crc32(checked)) + checked

    def write(self, path):
        """Write it whole or not at all."""
        part = path + ".part"
        with open(part, "wb") as out:
            out.write(self.head + self.payload)
        os.replace(part, path)

    def memory(self):
        return (round_up(len(self.payload), GRANULE)
                + round_up(self.stack_len + self.static_len + self.heap_len, GRANULE))


def report(image, program, options):
    """What the program needs, in three lines at most."""
    def kib(number):
        return f"{number / 1024:.1f} K" if number else "0"

    total = len(image.head) + len(image.payload)
    print(f"  build   {options.name}  {total / 1024:.1f} KiB image     text {image.text_len:,}  data {image.data_len:,}"
          f"  bss {image.static_len - image.data_len:,}  stack {kib(image.stack_len)}  heap {kib(image.heap_len)}")
    used, cells = image.memory(), 21
    full, empty, left, right = "█░▕▏"
    try:
        (full + empty + left + right).encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        full, empty, left, right = "#.[]"
    filled = min(cells, max(1, round(cells * used / ARENA)))
    print(f"          memory  {left}{full * filled}{empty * (cells - filled)}{right} {used / 1024:.1f} of "
          f"{ARENA / 1024:.0f} KiB  ({100 * used / ARENA:.0f} %)")
    if used > ARENA:
        print(f"          too large for every board: over by {(used - ARENA) / 1024:.1f} KiB")
    if options.suggest_integer_printf and {"__d_vfprintf", "__d_vfscanf"} & program.defined:
        print("          printf for floating point takes 6 KiB of it; without %f, %e, %g: PRINTF integer")


def size(text):
    match = re.fullmatch(r"([0-9]+)(K?)", text)
    if not match:
        raise argparse.ArgumentTypeError(f"{text!r} is not a size: bytes (3000) or KiB (3K)")
    number = int(match[1]) * (1024 if match[2] else 1)
    if number > 0xffffff:
        raise argparse.ArgumentTypeError(f"{text!r} is more memory than any board has")
    return number


def abi_version(text):
    match = re.fullmatch(r"([0-9]+)\.([0-9]+)", text)
    if not match or max(int(match[1]), int(match[2])) > 0xffff:
        raise argparse.ArgumentTypeError(f"{text!r} is not an ABI version: MAJOR.MINOR")
    return int(match[1]), int(match[2])


def program_name(text):
    if not re.fullmatch(r"[A-Za-z0-9._-]{1,24}", text):
        raise argparse.ArgumentTypeError(f"{text!r} cannot name a program: 1 to 24 of A-Z a-z 0-9 . _ -")
    return text


def short_text(text):
    if len(text.encode()) > 96:
        raise argparse.ArgumentTypeError(f"{text!r} has {len(text.encode())} bytes, there is room for 96")
    return text


def parse_arguments():
    parser = argparse.ArgumentParser(prog="mkapp", description=__doc__.partition("\n\n")[0])
    parser.add_argument("elf", help="the linked program")
    parser.add_argument("image", help="the file to write")
    parser.add_argument("--name", type=program_name, required=True)
    parser.add_argument("--abi", type=abi_version, required=True, help="MAJOR.MINOR the program needs")
    parser.add_argument("--stack", type=size, default=STACK_DEFAULT, help="bytes or <n>K (default 2K)")
    parser.add_argument("--heap", type=size, help="bytes or <n>K (default 4K with malloc, else 0)")
    parser.add_argument("--version", type=short_text)
    parser.add_argument("--title", type=short_text)
    parser.add_argument("--requires", action="append", default=[], metavar="SERVICE", help="without it, it is refused")
    parser.add_argument("--quiet", action="store_true", help="no size report")
    parser.add_argument("--suggest-integer-printf", action="store_true")
    return parser.parse_args()


def main():
    options = parse_arguments()
    try:
        with open(options.elf, "rb") as file:
            program = Program(ELFFile(file))
            image = Image(program, options)
        image.write(options.image)
    except (PackError, ELFError, OSError) as error:
        if os.path.exists(options.image):
            os.remove(options.image)
        sys.exit(f"mkapp: {options.elf}: {error}")
    if not options.quiet:
        report(image, program, options)


if __name__ == "__main__":
    main()
