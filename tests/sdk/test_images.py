"""test_images.py: what is in an image: the relocation table holds for any two bases, libc gives way to our functions."""
# SPDX-License-Identifier: MIT OR Apache-2.0

import re
import struct

import pytest

from conftest import LINK_BASES, OTHER_BASES, PROGRAMS, run
from mnemos_load import image
from mnemos_load.abi import hello, serial_mux

CONSTRUCTED = {"pointers.c": PROGRAMS / "pointers.c", "constructor.c": PROGRAMS / "constructor.c",
               "pointers.h": PROGRAMS / "pointers.h"}
PLAIN = {"pointers.c": PROGRAMS / "pointers.c", "plain.c": PROGRAMS / "plain.c", "pointers.h": PROGRAMS / "pointers.h"}
CPP = {"objects.cpp": PROGRAMS / "objects.cpp"}
SMALL = {"main.c": "int main(void) { return 0; }\n"}

def relocated(program, text_base, data_base):
    """The payload as a kernel would have it in memory."""
    payload = bytearray(program.payload)
    deltas = (text_base - program.text_base, data_base - program.data_base)
    for offset, moved_by in program.relocs:
        word, = struct.unpack_from("<I", payload, offset)
        struct.pack_into("<I", payload, offset, (word + deltas[moved_by]) & 0xffffffff)
    # Which bytes were hashed depends on the bases, so the build id does too.
    return bytes(payload).replace(program.build_id, bytes(20))


def linked_at(sdk, source, folder, text_base, data_base):
    sdk.build(source, folder, f"-DCMAKE_EXE_LINKER_FLAGS=-Wl,--defsym=__mnemos_text_base={text_base:#x},"
                              f"--defsym=__mnemos_data_base={data_base:#x}")
    return image.read(str(folder / "app.mna"))


@pytest.mark.parametrize("bases", OTHER_BASES, ids=["text", "data", "both"])
@pytest.mark.parametrize("name", ["constructed", "plain", "everything"])
def test_the_table_is_right_for_any_two_bases(variant, name, bases):
    program, other = variant.at(name, LINK_BASES), variant.at(name, bases)
    assert (other.text_base, other.data_base) == bases
    assert relocated(program, *bases) == relocated(other, *bases)


def test_unaligned_addresses_are_among_them(variant):
    assert any(offset % 4 for offset, _ in variant.at("plain", LINK_BASES).relocs)


@pytest.mark.parametrize("files, languages", [(SMALL, "C"), (CPP, "C CXX")], ids=["smallest", "cpp"])
def test_the_table_is_right_for_other_programs(installed, tmp_path, project, files, languages):
    source = project(files, languages=languages)
    program = linked_at(installed, source, tmp_path / "b", *LINK_BASES)
    other = linked_at(installed, source, tmp_path / "b", *OTHER_BASES[2])
    assert relocated(program, *OTHER_BASES[2]) == relocated(other, *OTHER_BASES[2])


def test_the_table_is_small(variant):
    program = variant.at("constructed", LINK_BASES)
    assert program.head_len < len(program.payload) * 0.02


def test_no_memory_function_of_libc_is_left(variant):
    text = (variant.folder / "everything.map").read_text()
    taken = set(re.findall(r"^\s+\.text\S*\s+0x\S+\s+0x[1-9a-f]\S*\s+\S*libc\.a\((\S+)\)", text, re.MULTILINE))
    assert taken, "the map has another form than this test expects"
    memory = re.compile(r"(mem(cpy|move|set)|libc_string_mem(cpy|move|set|cmp)\.|nano-malloc)")
    assert not [member for member in taken if memory.match(member)], taken
    assert not {"libc_stdlib_abort.c.o", "libc_stdlib_assert.c.o", "libc_stdlib_pico-exit.c.o"} & taken


def test_a_program_carries_only_what_it_uses(installed, tmp_path, project):
    installed.build(project(SMALL), tmp_path / "b")
    assert len(image.read(str(tmp_path / "b/app.mna")).payload) < 512


def test_hello_with_integer_printf_is_small(installed, tmp_path, project):
    files = {"main.c": '#include <stdio.h>\nint main(int n, char **v) { printf("Hello %s, %d\\n", v[0], n); return 0; }\n'}
    installed.build(project(files, app="mnemos_add_app(app ${sources} PRINTF integer)"), tmp_path / "b")
    assert len(image.read(str(tmp_path / "b/app.mna")).payload) < 3072


def test_the_header_says_what_was_asked_for(installed, tmp_path, project):
    app = 'mnemos_add_app(app ${sources} STACK 3K HEAP 5000 TITLE "An app: quoted, (odd)" ABI 1.0)'
    installed.build(project(SMALL, app=app), tmp_path / "b")
    program = image.read(str(tmp_path / "b/app.mna"))
    assert (program.name, program.version, program.title) == ("app", "1.2.3", "An app: quoted, (odd)")
    assert (program.stack_len, program.heap_len, program.abi) == (3072, 5000, (1, 0))
    assert program.float_abi == image.FLOAT_HARD
    note = run("readelf", "-n", tmp_path / "b/app.elf")
    assert program.build_id.hex() in note


def test_the_header_says_which_services_are_needed(installed, tmp_path, project):
    installed.build(project(SMALL, app="mnemos_add_app(app ${sources} REQUIRES hello serial_mux STACK 2K)"), tmp_path / "b")
    program = image.read(str(tmp_path / "b/app.mna"))
    assert [(need.uuid.hex(), need.name) for need in program.requires] == [
        (hello.UUID.replace("-", ""), "hello"), (serial_mux.UUID.replace("-", ""), "serial_mux")]
    header = (installed.root / "abi/include/mnemos/abi/hello.h").read_text()
    assert program.requires[0].calls == 1 and f"SHAPE {program.requires[0].shape:#010x}u" in header


def test_a_heap_is_given_to_who_allocates(installed, tmp_path, project):
    installed.build(project({"main.c": "#include <stdlib.h>\nvoid *volatile p;\nint main(void) { p = malloc(1); return 0; }\n"}),
                    tmp_path / "b")
    assert image.read(str(tmp_path / "b/app.mna")).heap_len == 4096


def test_soft_float_is_said_in_the_header(installed, tmp_path, project):
    installed.build(project(PLAIN), tmp_path / "b", "-DMNEMOS_FLOAT=soft")
    assert image.read(str(tmp_path / "b/app.mna")).float_abi == image.FLOAT_SOFT


def test_alignment_of_data_lengthens_the_stack(installed, tmp_path, project):
    files = {"main.c": "__attribute__((aligned(256))) char a[256];\nint main(void) { return a[0]; }\n"}
    installed.build(project(files, app="mnemos_add_app(app ${sources} STACK 2056)"), tmp_path / "b")
    assert image.read(str(tmp_path / "b/app.mna")).stack_len == 2304


def test_the_size_report_names_what_matters(installed, tmp_path, project):
    text = installed.build(project({"everything.c": PROGRAMS / "everything.c"}), tmp_path / "b")
    assert re.search(r"build   app  [\d.]+ KiB image     text [\d,]+  data [\d,]+  bss [\d,]+  stack 2\.0 K  heap 4\.0 K", text)
    assert "of 208 KiB" in text
    assert "PRINTF integer" in text


def test_a_program_too_large_for_every_board_is_said_so(installed, tmp_path, project):
    text = installed.build(project({"main.c": "char a[250000];\nint main(void) { return a[0]; }\n"}), tmp_path / "b")
    assert "too large for every board: over by" in text


def test_a_library_of_a_program(installed, tmp_path, project):
    app = "mnemos_add_library(part plain.c)\nmnemos_add_app(app pointers.c)\ntarget_link_libraries(app PRIVATE part)"
    installed.build(project(PLAIN, app=app), tmp_path / "b")
    assert (tmp_path / "b/libpart.a").is_file()
    assert image.read(str(tmp_path / "b/app.mna")).name == "app"


def test_an_edit_builds_a_new_image(installed, tmp_path, project):
    source = project(SMALL)
    installed.build(source, tmp_path / "b")
    before = (tmp_path / "b/app.mna").read_bytes()
    (source / "main.c").write_text("int main(void) { return 1; }\n")
    run("cmake", "--build", tmp_path / "b")
    assert (tmp_path / "b/app.mna").read_bytes() != before
