"""test_refusals.py: what cannot become a program is refused with a name, two facts and a way out."""
# SPDX-License-Identifier: MIT OR Apache-2.0

import shutil

import pytest

from conftest import one_line, run

MAIN = "extern int shared;\nint main(void) { return shared; }\n"
OTHER = "int shared = 3;\n"


def build_fails(sdk, source, folder, *options):
    sdk.configure(source, folder, *options)
    text = run("cmake", "--build", folder, status=None)
    assert not (folder / "app.mna").exists()
    return one_line(text)


@pytest.mark.parametrize("flag", ["-fPIC", "-fpie"])
def test_position_independent_code(installed, tmp_path, project, flag):
    source = project({"main.c": MAIN, "other.c": OTHER})
    text = build_fails(installed, source, tmp_path / "b", f"-DCMAKE_C_FLAGS={flag}")
    assert "position-independent code is not supported: remove -fPIC or -fpie" in text


def test_addresses_in_two_halves(installed, tmp_path, project):
    code = '__asm__(".global f\\n.thumb_func\\nf: movw r0, #:lower16:shared\\nmovt r0, #:upper16:shared\\nbx lr");\n'
    source = project({"main.c": code + OTHER + "int f(void);\nint main(void) { return f(); }\n"})
    text = build_fails(installed, source, tmp_path / "b")
    assert "R_ARM_THM_MOVW_ABS_NC" in text and "shared" in text and "fix: compile with -mword-relocations" in text


def test_a_distance_between_text_and_data(installed, tmp_path, project):
    code = '__asm__(".text\\n.balign 4\\n.global d\\nd: .word shared - .");\n'
    source = project({"main.c": code + "extern int shared, d;\nint main(void) { return d + shared; }\n", "other.c": OTHER})
    text = build_fails(installed, source, tmp_path / "b")
    assert "uses its distance to shared in data (R_ARM_REL32), and the two move apart" in text


def test_an_address_outside_the_segment_of_its_section(installed, tmp_path, project):
    code = '__asm__(".text\\n.global far\\nnear:\\n.set far, near + 0x9000000\\n");\n'
    source = project({"main.c": code + "extern char far;\nint main(void) { return (int)&far; }\n"})
    text = build_fails(installed, source, tmp_path / "b")
    assert "symbol far at 0x19000" in text and "belongs to section .text, whose segment is 0x10000000.." in text


def test_an_alignment_of_thread_local_data(installed, tmp_path, project):
    source = project({"main.c": "_Thread_local __attribute__((aligned(16))) int x;\nint main(void) { return x; }\n"})
    text = build_fails(installed, source, tmp_path / "b")
    assert "a thread-local variable is aligned to more than 8 bytes" in text


def test_a_section_nobody_placed(installed, tmp_path, project):
    source = project({"main.c": '__attribute__((section("mine"))) int x = 1;\nint main(void) { return x; }\n'})
    text = build_fails(installed, source, tmp_path / "b", "-DCMAKE_EXE_LINKER_FLAGS=-Wl,--section-start=mine=0x30000000")
    assert "section mine ends 402,653,188 bytes behind the start of its segment, 0x18000000" in text


def test_a_stack_too_small(installed, tmp_path, project):
    source = project({"main.c": "int main(void) { return 0; }\n"}, app="mnemos_add_app(app main.c STACK 256)")
    assert "the stack has 256 bytes, the least that works is 512" in build_fails(installed, source, tmp_path / "b")


def test_an_alignment_beyond_a_granule(installed, tmp_path, project):
    source = project({"main.c": "__attribute__((aligned(4096))) char a[8];\nint main(void) { return a[0]; }\n"})
    assert "aligned to 4,096 bytes, memory is given out in steps of 1,024" in build_fails(installed, source, tmp_path / "b")


def test_more_addresses_than_the_header_holds(installed, tmp_path, project):
    table = "char b[1];\nchar *volatile t[6000] = {" + "b, " * 6000 + "};\nint main(void) { return *t[5]; }\n"
    text = build_fails(installed, project({"main.c": table}), tmp_path / "b")
    assert "the relocation table has 6," in text and "the header has room for" in text


def test_a_name_that_cannot_be(installed, tmp_path, project):
    name = "a-name-that-is-far-too-long"
    source = project({"main.c": "int main(void) { return 0; }\n"}, app=f"mnemos_add_app({name} main.c)")
    installed.configure(source, tmp_path / "b")
    text = one_line(run("cmake", "--build", tmp_path / "b", status=None))
    assert f"'{name}' cannot name a program: 1 to 24 of A-Z a-z 0-9 . _ -" in text


@pytest.mark.parametrize("name", ["gpio", "simple_serial"])  # none at all; one that is not for programs
def test_a_service_that_programs_cannot_have(installed, tmp_path, project, name):
    source = project({"main.c": "int main(void) { return 0; }\n"}, app=f"mnemos_add_app(app main.c REQUIRES {name})")
    text = build_fails(installed, source, tmp_path / "b")
    assert f"REQUIRES {name}: the SDK knows no such service it knows: hello loopback registry serial_mux" in text


def test_files_that_have_no_place(installed, tmp_path, project):
    source = project({"main.c": '#include <stdio.h>\nint main(void) { return fopen("x", "r") != 0; }\n'})
    assert "undefined reference to `open'" in build_fails(installed, source, tmp_path / "b")


def test_a_build_folder_of_the_host(installed, tmp_path, project):
    source = project({"main.c": "int main(void) { return 0; }\n"})
    run("cmake", "-S", source, "-B", tmp_path / "b", f"-Dmnemos_DIR={installed.root / 'sdk/cmake'}", status=1)
    text = one_line(run("cmake", "-S", source, "-B", tmp_path / "b", f"-Dmnemos_DIR={installed.root / 'sdk/cmake'}", status=1))
    assert "this build folder is configured for Linux, not for mnemOS" in text
    assert f'fix: rm -r "{tmp_path / "b"}"' in text


def test_half_an_sdk(installed, tmp_path, project):
    shutil.copytree(installed.root / "sdk", tmp_path / "sdk")
    shutil.copy(installed.root / "VERSION", tmp_path / "VERSION")
    source = project({"main.c": "int main(void) { return 0; }\n"})
    text = one_line(run("cmake", "-S", source, "-B", tmp_path / "b", "-G", "Ninja",
                        f"-DCMAKE_TOOLCHAIN_FILE={tmp_path / 'sdk/cmake/mnemos.cmake'}", status=1))
    assert "has no abi/ beside it" in text


@pytest.mark.parametrize("content, message", [
    (b"", "Magic number does not match"),
    (b"\x7fELF\x01\x01\x01" + bytes(200), "not a linked Arm program"),
])
def test_a_file_that_is_no_program(installed, tmp_path, content, message):
    (tmp_path / "x.elf").write_bytes(content)
    (tmp_path / "x.mna").write_bytes(b"old")
    text = run(installed.mkapp, "--name", "x", "--abi", "1.0", tmp_path / "x.elf", tmp_path / "x.mna", status=1)
    assert message in text and "Traceback" not in text
    assert not (tmp_path / "x.mna").exists(), "a failed pack must not leave an old image"


def test_a_program_linked_without_relocations(installed, tmp_path, project):
    installed.build(project({"main.c": "int main(void) { return 0; }\n"}), tmp_path / "b")
    bare = tmp_path / "bare.elf"
    run("arm-none-eabi-objcopy", "--remove-section=.rel.text", "--remove-section=.rel.data", tmp_path / "b/app.elf", bare)
    text = run(installed.mkapp, "--name", "x", "--abi", "1.0", bare, tmp_path / "x.mna", status=1)
    assert "it has no relocations\n    fix: link with --emit-relocs" in text
