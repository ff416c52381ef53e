# test_symbols.py: addresses become functions and lines; fault reports; damaged ELF files.
# SPDX-License-Identifier: MIT OR Apache-2.0
import random
import shutil
import subprocess

import pytest
from elftools.elf.elffile import ELFFile
from mnemos_load import faults, symbols
from mnemos_load.abi import loader as abi
from mnemos_load.symbols import Symbols

GCC = "arm-none-eabi-gcc"
SOURCE = """int value;
__attribute__((noinline)) int victim(int *p)
{
    *p = 42;
    return *p + value;
}
__attribute__((noinline)) int caller(int *p)
{
    return victim(p) + 1;
}
int start(int *p)
{
    return caller(p) + 2;
}
int late(int *p)
{
    int before = caller(p);
    *p = 7;
    return before;
}
"""
pytestmark = pytest.mark.skipif(not shutil.which(GCC), reason=f"{GCC} is not installed")


@pytest.fixture(scope="module")
def elf(tmp_path_factory):
    folder = tmp_path_factory.mktemp("elf")
    (folder / "ring.c").write_text(SOURCE)
    flags = (
        "-mcpu=cortex-m4 -mthumb -Os -g -nostdlib -Wl,-e,start -Wl,-Ttext=0x10000000 -Wl,--build-id -Wl,--emit-relocs"
    )
    subprocess.run(
        [GCC, *flags.split(), f"-ffile-prefix-map={folder}=.", f"{folder}/ring.c", "-o", f"{folder}/ring.elf"],
        check=True,
    )
    return folder / "ring.elf"


def address(found, name):
    return next(start for start, _, function in found._functions if function == name)


def line_of(found, function, line):
    start = address(found, function)
    return next(a for a, _, number in found._lines if number == line and a >= start)


def make_fault(found, pc, lr=0, stack=b"", **fields):
    base = 0x20001000
    regs = [0] * 17
    regs[13], regs[14], regs[15] = 0x20004000, lr and lr - found.text_base + base, pc - found.text_base + base
    values = dict(handle=0x201, kind=0, regs_valid=True, regs=regs, cfsr=0x82, hfsr=0, mmfar=0, bfar=0, call=0, rx_addr=base, rx_len=0x1000,
                  rw_addr=0x20003800, rw_len=0x1000, stack_len=0x800, data_addr=0x20004000, build_id=found.build_id, at_us=1, stack=stack)  # fmt: skip
    values.update(fields)
    return abi.Fault(**values)


def test_an_address_has_function_file_and_line(elf):
    found = Symbols(elf)
    place = found.place(line_of(found, "victim", 4) | 1)
    assert (place.function, place.file, place.line) == ("victim", "ring.c", 4)
    assert symbols.source_line(found, place) == "*p = 42;"


def test_the_biggest_things_come_first(elf):
    found = Symbols(elf).biggest(2)
    assert len(found) == 2 and found[0][1] >= found[1][1] > 0
    assert ("value", 4) in Symbols(elf).biggest(100)


def test_a_fault_names_the_line_the_write_and_the_callers(elf):
    found = Symbols(elf)
    pc = next(at for at in range(line_of(found, "victim", 4), found.text_base + 64, 2) if found.stores(at))
    code = found._text
    calls = [at for at in range(2, len(code)) if found.is_return((found.text_base + at) | 1)]
    in_caller = next(
        found.text_base + at | 1 for at in calls if found.place(found.text_base + at - 2).function == "caller"
    )
    in_start = next(
        found.text_base + at | 1 for at in calls if found.place(found.text_base + at - 2).function == "start"
    )
    loaded = in_start - found.text_base + 0x20001000
    fault = make_fault(found, pc, in_caller, b"\xff\xff\xff\xff" + loaded.to_bytes(4, "little"))
    report = faults.report("ring #2", fault, found)
    assert "ring #2 faulted: write to address 0x00000000 (null pointer)" in report
    shown = [line.split()[1:3] for line in report.splitlines() if line.strip()[:1].isdigit()]
    assert shown == [["victim", "ring.c:4"], ["caller", "ring.c:9"], ["start", "ring.c:13"]]


def returns(found):
    """By function, the link address behind its first call."""
    behind = [at for at in range(2, len(found._text)) if found.is_return((found.text_base + at) | 1)]
    return {found.place(found.text_base + at - 2).function: found.text_base + at | 1 for at in reversed(behind)}


def test_an_old_return_address_in_lr_is_not_taken_for_a_caller(elf):
    found = Symbols(elf)
    pc = next(at for at in range(line_of(found, "late", 18), found.text_base + 128, 2) if found.stores(at))
    frame = found.frame(pc)
    assert frame.register == 13 and 14 in frame.saved
    old, back = (
        address - found.text_base + 0x20001000 for address in (returns(found)["caller"], returns(found)["start"])
    )
    stack = [old] * (frame.offset // 4)
    stack[(frame.offset + frame.saved[14]) // 4] = back
    fault = make_fault(found, pc, returns(found)["caller"], b"".join(word.to_bytes(4, "little") for word in stack))
    assert [place.function for place in faults.trace(fault, found)] == ["late", "start"]


def test_a_jump_to_nowhere_shows_who_jumped(elf):
    found = Symbols(elf)
    fault = make_fault(found, found.text_base, returns(found)["caller"])
    fault.regs[15] = 0x40000000
    assert [place.function for place in faults.trace(fault, found)] == ["caller"]


def test_a_read_is_called_a_read(elf):
    found = Symbols(elf)
    at = next(a for a in range(found.text_base, found.text_base + len(found._text), 2) if found.stores(a) is False)
    assert faults.headline(make_fault(found, at, mmfar=0x40000000), found) == "read of address 0x40000000"


def test_registers_of_a_bad_stack_are_not_believed(elf):
    found = Symbols(elf)
    report = faults.report("x #1", make_fault(found, 0x10000000, kind=2, regs_valid=False), found)
    assert "stack overflow: sp 0x20004000, the stack of 2,048 B begins at 0x20003800" in report
    assert "give it more: mnemos_add_app(... STACK 4K)" in report
    assert "r0" not in report and "ring.c" not in report


@pytest.mark.parametrize("kind", [*range(11), 200])
def test_every_kind_has_words(elf, kind):
    found = Symbols(elf)
    assert len(faults.headline(make_fault(found, 0x10000000, kind=kind, cfsr=0), None)) > 8


def test_the_elf_is_found_by_build_id_beside_the_image_in_build_folders_and_in_the_cache(elf, tmp_path, monkeypatch):
    monkeypatch.setenv("MNEMOS_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    build_id = Symbols(elf).build_id
    assert symbols.find(build_id, None, None) is None
    (tmp_path / "build/device").mkdir(parents=True)
    shutil.copy(elf, tmp_path / "build/device/app.elf")
    (tmp_path / "build/device/other.elf").write_bytes(b"\x7fELF no")
    assert symbols.find(build_id, None, None).path.name == "app.elf"
    symbols.remember("build/device/app.mna", build_id)
    shutil.rmtree(tmp_path / "build")
    assert symbols.find(build_id, None, None).path.parent == tmp_path / "cache/elf"
    assert symbols.find(bytes(20), None, None) is None
    assert symbols.find(build_id, str(elf), None).path == elf
    assert symbols.find(bytes(20), str(elf), None) is None


def test_a_damaged_elf_gives_no_symbols_and_never_a_crash(elf, tmp_path):
    raw = elf.read_bytes()
    generator = random.Random(7)
    broken = tmp_path / "broken.elf"
    for round_ in range(150):
        changed = bytearray(raw[: generator.randrange(20, len(raw))] if round_ % 3 == 0 else raw)
        for _ in range(generator.randrange(1, 30)):
            changed[generator.randrange(len(changed))] = generator.randrange(256)
        broken.write_bytes(changed)
        try:
            found = Symbols(broken)
            found.place(0x10000002)
            found.is_return(0x10000009)
        except ValueError:
            pass
        symbols.find(bytes(20), str(broken), None)


def test_an_elf_that_describes_more_than_there_can_be_is_given_up(elf, tmp_path, monkeypatch):
    """A table of 2^64 folders, each of no bytes: reading it would take all time and memory there is."""
    endless = tmp_path / "endless.elf"
    source = elf.with_suffix(".c")
    flags = "-mcpu=cortex-m4 -mthumb -g -Wa,-gdwarf-5 -c"
    subprocess.run([GCC, *flags.split(), str(source), "-o", str(endless)], check=True)
    with open(endless, "rb") as file:
        lines = ELFFile(file).get_section_by_name(".debug_line")["sh_offset"]
    content = bytearray(endless.read_bytes())
    version, opcode_base = int.from_bytes(content[lines + 4 : lines + 6], "little"), content[lines + 17]
    assert version == 5
    folders = lines + 17 + opcode_base
    content[folders : folders + 11] = b"\0" + b"\xff" * 9 + b"\x01"  # fields of a folder, number of folders
    endless.write_bytes(content)
    monkeypatch.setattr(symbols, "_PATIENCE_S", 0.5)
    with pytest.raises(ValueError, match="takes too long"):
        Symbols(endless)
    assert Symbols(elf).biggest(1)
