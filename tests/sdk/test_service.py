"""test_service.py: services from outside the tree: a project of the template, with the installed SDK and nothing else."""
# SPDX-License-Identifier: MIT OR Apache-2.0

import json
import os
import uuid

import pytest

from conftest import Board, one_line, run

SCHEMA = """module  = "tally"
doc     = "Counts."
service = "tally"
uuid    = "3f0f9d0a-6c0c-4f5a-8c2b-2f4c8b7a9d11"

[[call]]
name  = "add"
doc   = "Count on."
args  = [{ name = "by", type = "u32" }]
reply = [{ name = "total", type = "u32" }]
"""
CLIENT = """#include <mnemos/services/tally.h>
int main(void)
{
    mnemos_service tally;
    struct mnemos_tally_add_reply reply;
    return mnemos_tally_connect(&tally) || mnemos_tally_add(tally, &(struct mnemos_tally_add_args){.by = 3}, &reply);
}
"""
INTERFACE = "mnemos_add_interface(tally SCHEMA tally.toml)\n"


@pytest.fixture(scope="module")
def scaffold(installed, tmp_path_factory):
    """What `mnemos-load new -t service` makes, in a folder with a blank."""
    folder = tmp_path_factory.mktemp("scaffold") / "of ours"
    folder.mkdir()
    run(installed.prefix / "bin/mnemos-load", "new", "Tally-up", "-t", "service", cwd=folder, MNEMOS_CACHE=str(folder))
    return folder / "Tally-up"


@pytest.fixture(scope="module")
def kernel(installed, scaffold):
    """Its kernel, built."""
    run("cmake", "--preset", "emulator", cwd=scaffold / "kernel", MNEMOS_SDK=str(installed.prefix))
    report = run("cmake", "--build", "--preset", "emulator", cwd=scaffold / "kernel")
    assert "warning" not in report
    return scaffold / "build/kernel/kernel.elf"


def test_a_board_without_the_service_refuses_the_program(board, installed, scaffold, kernel):
    run("cmake", "--preset", "device", cwd=scaffold, MNEMOS_SDK=str(installed.prefix))
    run("cmake", "--build", "--preset", "device", cwd=scaffold)
    _, told = board.load_tool("run", scaffold / "build/device/Tally-up.mna", status=126)
    assert 'E19 Tally-up cannot run here: no service "tally_up"' in told


def test_the_service_is_listed_beside_those_of_the_board(installed, kernel, tmp_path):
    theirs = Board(installed, tmp_path / "cache")
    theirs.environment["MNEMOS_EMU_KERNEL"] = str(kernel)
    try:
        told, _ = theirs.load_tool("info", "--services")
    finally:
        theirs.load_tool("emu", "stop")
    assert b"tally up" in told and b"hello" in told


def test_what_a_template_cannot_be_named(installed, tmp_path):
    for name, why in (("hello", "mnemOS has a module hello of its own"), ("while", "while is a word of C or Python"),
                      ("serial-mux", "mnemOS has a module serial_mux of its own")):
        told = run(installed.prefix / "bin/mnemos-load", "new", name, "-t", "service", cwd=tmp_path, status=None,
                   MNEMOS_CACHE=str(tmp_path / "cache"))
        assert why in one_line(told)
        assert not (tmp_path / name).exists()


@pytest.fixture
def client(project):
    """A program and its schema; `cmake` is what its CMakeLists.txt says of both."""
    def make(cmake, schema=SCHEMA):
        folder = project({"main.c": CLIENT}, app=cmake)
        (folder / "tally.toml").write_text(schema)
        return folder
    return make


@pytest.mark.parametrize("generator", ["Ninja", "Unix Makefiles"])
def test_a_program_has_an_interface_of_its_own(installed, client, tmp_path, generator):
    folder = client(INTERFACE + "mnemos_add_app(app main.c REQUIRES tally)")
    installed.build(folder, tmp_path / "b", generator=generator)
    requires = uuid.UUID("3f0f9d0a-6c0c-4f5a-8c2b-2f4c8b7a9d11").bytes
    assert requires in (tmp_path / "b/app.mna").read_bytes()
    again = run("cmake", "--build", tmp_path / "b")
    assert "Generating" not in again


def test_a_changed_schema_is_generated_again(installed, client, tmp_path):
    folder = client(INTERFACE + "mnemos_add_app(app main.c)\ntarget_link_libraries(app PRIVATE mnemos::svc::tally)")
    installed.build(folder, tmp_path / "b")
    (folder / "tally.toml").write_text(SCHEMA.replace('"by"', '"much"'))
    told = run("cmake", "--build", tmp_path / "b", status=None)
    assert "has no member named" in told
    (folder / "main.c").write_text(CLIENT.replace(".by", ".much"))
    run("cmake", "--build", tmp_path / "b")


def test_the_host_gets_a_module(installed, client, tmp_path):
    folder = client("mnemos_add_interface(tally SCHEMA tally.toml PYTHON host)\nmnemos_add_app(app main.c REQUIRES tally)")
    installed.build(folder, tmp_path / "b")
    told = run("/usr/bin/python3", "-B", "-c", "import tally; print(tally.AddArgs(by=300).encode().hex(), tally.UUID)",
               PYTHONPATH=f"{tmp_path / 'b/host'}{os.pathsep}{installed.root / 'tools/mnemos-load'}")
    assert told == "ac02 3f0f9d0a-6c0c-4f5a-8c2b-2f4c8b7a9d11\n"


def test_a_release_is_kept_by_the_build(installed, client, tmp_path):
    folder = client(INTERFACE + "mnemos_add_app(app main.c REQUIRES tally)")
    run(installed.root / "tools/abigen/abigen.py", "release", folder / "tally.toml")
    assert "tally" in json.loads((folder / "released.json").read_text())["modules"]
    installed.build(folder, tmp_path / "b")
    (folder / "tally.toml").write_text(SCHEMA.replace('type = "u32" }]\nreply', 'type = "u64" }]\nreply'))
    told = run("cmake", "--build", tmp_path / "b", status=None)
    assert "abigen: tally.toml: calls: number 0 was released as `add(by:u32)->(total:u32)!`" in told
    assert "leave it and add another call at the end" in told


@pytest.mark.parametrize("cmake, schema, message", [
    ("mnemos_add_interface(tally)", SCHEMA, "use mnemos_add_interface(tally SCHEMA tally.toml [PYTHON folder])"),
    ("mnemos_add_interface(tally SCHEMA no.toml)", SCHEMA, "tally: there is no"),
    ("mnemos_add_interface(other SCHEMA tally.toml)", SCHEMA, "other: its schema is tally.toml"),
    ("mnemos_add_interface(hello SCHEMA hello.toml)", SCHEMA, "hello: there is no"),
    ("file(COPY_FILE tally.toml hello.toml)\nmnemos_add_interface(hello SCHEMA hello.toml)", SCHEMA,
     "hello: the SDK has a service of this name"),
    ("mnemos_add_app(app main.c REQUIRES tally)\n" + INTERFACE, SCHEMA,
     "fix: mnemos_add_interface(tally ...) before mnemos_add_app()"),
], ids=["no schema", "no such schema", "another name", "no file of ours", "the name of one of ours", "too late"])
def test_a_wrong_interface_is_named(installed, client, tmp_path, cmake, schema, message):
    folder = client(cmake, schema)
    assert message in one_line(installed.configure(folder, tmp_path / "b", status=1))


@pytest.mark.parametrize("cmake, schema, message", [
    (INTERFACE, SCHEMA.replace('"u32"', '"u33"'), "abigen: tally.toml: call add: args: field by: unknown type `u33`"),
    (INTERFACE, SCHEMA.replace("3f0f9d0a-", ""), "abigen: tally.toml: a service needs a `uuid`"),
    ("mnemos_add_app(app main.c REQUIRES tally)", SCHEMA, "fix: mnemos_add_interface(tally SCHEMA tally.toml) before it"),
], ids=["type", "uuid", "no interface"])
def test_a_mistake_ends_the_build_with_its_place(installed, client, tmp_path, cmake, schema, message):
    folder = client(cmake, schema)
    if "REQUIRES" in cmake:
        (folder / "main.c").write_text("int main(void) { return 0; }\n")
    installed.configure(folder, tmp_path / "b")
    assert message in one_line(run("cmake", "--build", tmp_path / "b", status=None))


@pytest.mark.parametrize("was, becomes, message", [
    ("KERNEL kernel ", "", "use mnemos_add_service(tally_up KERNEL target SCHEMA tally_up.toml SOURCES ...)"),
    ("KERNEL kernel", "KERNEL core", 'KERNEL is "core", which is no target'),
    ("mnemos_add_service(tally_up", "mnemos_add_service(tally", "tally: its schema is tally_up.toml"),
    ("../schema/tally_up.toml", "tally_up.toml", "tally_up: there is no"),
    ("SOURCES tally_up.c)", "SOURCES tally_up.c)\nmnemos_add_service(tally_up KERNEL kernel SCHEMA ../schema/tally_up.toml SOURCES tally_up.c)",
     "tally_up is added to kernel twice"),
], ids=["no kernel", "no such kernel", "another name", "no such schema", "twice"])
def test_a_wrong_service_is_named(installed, scaffold, tmp_path, was, becomes, message):
    folder = tmp_path / "copy"
    run("cp", "-r", scaffold, folder)
    run("rm", "-rf", folder / "build")
    path = folder / "kernel/CMakeLists.txt"
    text = path.read_text()
    assert was in text
    path.write_text(text.replace(was, becomes))
    told = run("cmake", "--preset", "emulator", cwd=folder / "kernel", status=1, MNEMOS_SDK=str(installed.prefix))
    assert message in one_line(told)


def test_a_service_that_lacks_a_handler_does_not_compile(installed, scaffold, kernel, tmp_path):
    folder = tmp_path / "copy"
    run("cp", "-r", scaffold, folder)
    run("rm", "-rf", folder / "build")
    schema = folder / "schema/tally_up.toml"
    schema.write_text(schema.read_text() + '\n[[call]]\nname = "reset"\ndoc = "Begin again."\n')
    run("cmake", "--preset", "emulator", cwd=folder / "kernel", MNEMOS_SDK=str(installed.prefix))
    told = run("cmake", "--build", folder / "build/kernel", "--target", "CMakeFiles/kernel.dir/tally_up.c.obj", status=None)
    assert "TALLY_UP_RESET" in told and "not handled in switch" in told
