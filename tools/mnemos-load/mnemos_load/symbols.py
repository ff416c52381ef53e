# symbols.py: addresses of a program as functions and source lines.
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Finds the ELF file that belongs to a build id and reads its symbols and line tables.

An ELF file is input like any other: a damaged one gives no names, never a crash.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from . import paths

_CACHED_MAX = 32  # ELF files kept in the cache
_ELF_MAX = 64 << 20
_SEARCHED_MAX = 400  # files looked at in build folders
_NOTE = ".note.gnu.build-id"
_PATIENCE_S = 10.0  # for the tables of one file, which are read in a tenth of that
_AGAIN_S = 0.1


@contextmanager
def _patience() -> Iterator[None]:
    """End what is done inside with TimeoutError when it takes too long; of the main thread only.

    A few bytes of a damaged file can announce more than time and memory allow, and the parser believes them.
    """

    def over(which: int, frame: FrameType | None) -> None:
        raise TimeoutError("reading it takes too long")

    before = signal.signal(signal.SIGALRM, over)
    signal.setitimer(signal.ITIMER_REAL, _PATIENCE_S, _AGAIN_S)  # again: somebody inside may catch it
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@dataclass(frozen=True)
class Place:
    """A place in a program. `function` is empty when nothing is known, `line` is 0 when the line is not."""

    address: int  # as linked, without the Thumb bit
    function: str
    offset: int  # bytes into the function
    file: str
    line: int

    def text(self) -> str:
        """`ring_push  src/ring.c:41`, or what is known of it."""
        where = f"{self.file}:{self.line}" if self.line else ""
        name = self.function or f"{self.address:#010x}"
        if self.function and not where and self.offset:
            name += f"+{self.offset:#x}"
        return f"{name:<18} {where}".rstrip()


@dataclass(frozen=True)
class Frame:
    """How to leave a function from one of its instructions: its caller's sp, and what it saved below that."""

    register: int  # the caller's sp is this register plus `offset`
    offset: int
    saved: dict[int, int]  # register -> where it lies, counted from the caller's sp


class Symbols:
    """One ELF file, read once. Raises ValueError when it is none."""

    def __init__(self, path: Path) -> None:
        from elftools.elf.elffile import ELFFile

        self.path = path
        try:
            if not path.is_file() or path.stat().st_size > _ELF_MAX:
                raise ValueError("no file of sensible size")
            with open(path, "rb") as file, _patience():
                elf = ELFFile(file)
                self.build_id = _build_id(elf)
                self.text_base, self._text = _code(elf)
                self._functions = _functions(elf)
                self._lines = _lines(elf)
                self._sizes = _sizes(elf)
                self._frames = _frames(elf)
        except Exception as error:  # a hostile file can make the parser raise anything
            raise ValueError(f"{path}: {error}") from None
        self._starts = [start for start, _, _ in self._functions]
        self._line_starts = [address for address, _, _ in self._lines]

    def place(self, address: int) -> Place:
        """Function and line of a link address."""
        address &= ~1
        name, offset = "", 0
        index = bisect_right(self._starts, address) - 1
        if index >= 0:
            start, size, found = self._functions[index]
            if address < start + max(size, 2):
                name, offset = found, address - start
        file, line = "", 0
        index = bisect_right(self._line_starts, address) - 1
        if index >= 0:
            _, file, line = self._lines[index]
        return Place(address, name, offset, file, line)

    def biggest(self, count: int) -> list[tuple[str, int]]:
        """Name and size of the biggest functions and variables, biggest first."""
        return sorted(self._sizes, key=lambda entry: (-entry[1], entry[0]))[:count]

    def frame(self, address: int) -> Frame | None:
        """How to leave the function at a link address; None when the file does not say."""
        try:
            entry = next(entry for start, end, entry in self._frames if start <= address < end)
            row = [row for row in entry.get_decoded().table if row["pc"] <= address][-1]
            if row["cfa"].reg is None:
                return None
            saved = {reg: rule.arg for reg, rule in row.items() if isinstance(reg, int) and rule.type == "OFFSET"}
            return Frame(row["cfa"].reg, row["cfa"].offset, saved)
        except Exception:  # not found, or a hostile file
            return None

    def is_return(self, address: int) -> bool:
        """Whether the instruction before `address` is a call, so that `address` can be where it returns to."""
        at = (address & ~1) - self.text_base
        if not address & 1 or not 4 <= at <= len(self._text):
            return False
        first = int.from_bytes(self._text[at - 4 : at - 2], "little")
        second = int.from_bytes(self._text[at - 2 : at], "little")
        return (first & 0xF800 == 0xF000 and second & 0xD000 == 0xD000) or second & 0xFF87 == 0x4780

    def stores(self, address: int) -> bool | None:
        """Whether the instruction at `address` writes memory; None when it is neither a load nor a store."""
        at = (address & ~1) - self.text_base
        if not 0 <= at <= len(self._text) - 2:
            return None
        first = int.from_bytes(self._text[at : at + 2], "little")
        if first & 0xFE00 == 0xF800 or first & 0xFE00 == 0xE800 or first & 0xFE00 == 0xEC00:
            return not first & 0x0010
        if first & 0xF000 in (0x6000, 0x7000, 0x8000, 0x9000, 0xC000):
            return not first & 0x0800
        if first & 0xF000 == 0x5000:
            return first & 0x0E00 in (0x0000, 0x0200, 0x0400)
        return None


def _build_id(elf: Any) -> bytes:
    section = elf.get_section_by_name(_NOTE)
    if section is None:
        return b""
    return next(
        (bytes.fromhex(note["n_desc"]) for note in section.iter_notes() if note["n_type"] == "NT_GNU_BUILD_ID"), b""
    )


def _code(elf: Any) -> tuple[int, bytes]:
    """Link address and bytes of the first executable segment: where the payload begins."""
    segments = [s for s in elf.iter_segments() if s["p_type"] == "PT_LOAD" and s["p_flags"] & 1 and s["p_filesz"]]
    if not segments:
        return 0, b""
    first = min(segments, key=lambda segment: int(segment["p_vaddr"]))
    return int(first["p_vaddr"]), first.data()


def _functions(elf: Any) -> list[tuple[int, int, str]]:
    table = elf.get_section_by_name(".symtab")
    if table is None:
        return []
    found = {}
    for symbol in table.iter_symbols():
        if symbol["st_info"]["type"] == "STT_FUNC" and symbol["st_shndx"] != "SHN_UNDEF":
            found[symbol["st_value"] & ~1] = (symbol["st_value"] & ~1, symbol["st_size"], symbol.name)
    return sorted(found.values())


def _sizes(elf: Any) -> set[tuple[str, int]]:
    """Name and size of each function and variable."""
    table = elf.get_section_by_name(".symtab")
    if table is None:
        return set()
    kinds = ("STT_FUNC", "STT_OBJECT")
    return {(s.name, s["st_size"]) for s in table.iter_symbols() if s["st_info"]["type"] in kinds and s["st_size"]}


def _lines(elf: Any) -> list[tuple[int, str, int]]:
    """(address, file, line) in order; line 0 ends a sequence."""
    if not elf.has_dwarf_info():
        return []
    dwarf = elf.get_dwarf_info(relocate_dwarf_sections=False)  # linked already; the table is for the loader
    rows: list[tuple[int, str, int]] = []
    for unit in dwarf.iter_CUs():
        program = dwarf.line_program_for_CU(unit)
        if program is None:
            continue
        names = list(_file_names(program.header))
        first = 0 if program.header["version"] >= 5 else 1
        for entry in program.get_entries():
            state = entry.state
            if state is None:
                continue
            if state.end_sequence:
                rows.append((state.address, "", 0))
            elif 0 <= state.file - first < len(names):
                rows.append((state.address, names[state.file - first], state.line))
    # At one address the row of a beginning sequence must win over the end of the one before.
    rows.sort(key=lambda row: (row[0], row[2] != 0))
    return rows


def _frames(elf: Any) -> list[tuple[int, int, Any]]:
    """Start, end and description of each function that has one."""
    from elftools.dwarf.callframe import FDE

    try:
        dwarf = elf.get_dwarf_info(relocate_dwarf_sections=False)
        entries = [entry for entry in dwarf.CFI_entries() if isinstance(entry, FDE)] if dwarf.has_CFI() else []
        return [(e["initial_location"], e["initial_location"] + e["address_range"], e) for e in entries]
    except Exception:  # damaged; names and lines may still be good
        return []


def _file_names(header: Any) -> Iterator[str]:
    version5 = header["version"] >= 5
    folders = [_words(folder) for folder in header["include_directory"]]
    if not version5:
        folders.insert(0, "")
    for entry in header["file_entry"]:
        index = entry["dir_index"]
        folder = folders[index] if 0 <= index < len(folders) else ""
        name = _words(entry["name"])
        yield os.path.normpath(name if name.startswith("/") or folder in ("", ".") else f"{folder}/{name}")


def _words(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return str(getattr(value, "DW_LNCT_path", value))


def find(build_id: bytes, named: str | None, image: str | None) -> Symbols | None:
    """The symbols of the program with that build id: from `named`, beside `image`, in build folders, in the cache."""
    if named:
        candidates: Iterable[Path] = [Path(named)]
    else:
        candidates = _candidates(build_id, image)
    for index, path in enumerate(candidates):
        if index >= _SEARCHED_MAX:
            break
        if not path.is_file():
            continue
        try:
            if _build_id_of(path) == build_id:
                return Symbols(path)
        except (ValueError, OSError):
            continue
    return None


def _candidates(build_id: bytes, image: str | None) -> Iterator[Path]:
    if image:
        beside = Path(image).with_suffix(".elf")
        yield beside
        yield from sorted(beside.parent.glob("*.elf"))
    yield _cached(build_id)
    yield from sorted(Path("build").glob("*.elf"))
    yield from sorted(Path("build").glob("*/*.elf"))
    yield from sorted(Path("build").glob("*/*/*.elf"))


def _build_id_of(path: Path) -> bytes:
    """The build id alone, quickly. Raises ValueError when it is no ELF file."""
    from elftools.elf.elffile import ELFFile

    try:
        with open(path, "rb") as file, _patience():
            return _build_id(ELFFile(file))
    except Exception as error:  # a hostile file can make the parser raise anything
        raise ValueError(f"{path}: {error}") from None


def _cached(build_id: bytes) -> Path:
    return paths.cache() / "elf" / f"{build_id.hex()}.elf"


def remember(image: str, build_id: bytes) -> None:
    """Keep a copy of the ELF beside an image, so that a later fault can be explained after the next build."""
    beside = Path(image).with_suffix(".elf")
    target = _cached(build_id)
    try:
        if (
            not beside.is_file()
            or beside.stat().st_size > _ELF_MAX
            or target.exists()
            or _build_id_of(beside) != build_id
        ):
            return
        paths.private_folder(target.parent)
        temporary = target.with_suffix(f".{os.getpid()}.tmp")
        shutil.copyfile(beside, temporary)
        temporary.replace(target)
        old = sorted(target.parent.glob("*.elf"), key=lambda path: path.stat().st_mtime)
        for path in old[:-_CACHED_MAX]:
            path.unlink(missing_ok=True)
    except (OSError, ValueError):
        return


def source_line(symbols: Symbols, place: Place) -> str:
    """The text of a source line, when its file can be found near the ELF; empty otherwise."""
    if not place.line or re.search(r"(^|/)\.\.(/|$)", place.file):
        return ""
    folders = [Path("/")] if place.file.startswith("/") else [Path.cwd(), *list(symbols.path.resolve().parents)[:4]]
    for folder in folders:
        path = folder / place.file
        try:
            if path.is_file() and path.stat().st_size < 4 << 20:
                lines = path.read_text("utf-8", "replace").splitlines()
                return lines[place.line - 1].strip() if place.line <= len(lines) else ""
        except OSError:
            continue
    return ""
