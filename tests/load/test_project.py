# test_project.py: from APP to an image: projects, builds that fail, missing tools; with a cmake of our own.
# SPDX-License-Identifier: MIT OR Apache-2.0
import json

import images
import pytest


@pytest.fixture
def project(tmp_path, environment):
    """A project folder, and a `cmake` that does what the test writes into `cmake`."""
    folder, tools = tmp_path / "my project", tmp_path / "bin"
    folder.mkdir()
    tools.mkdir()
    (folder / "CMakeLists.txt").write_text("")
    (folder / "CMakePresets.json").write_text(json.dumps({"version": 3, "configurePresets": [{"name": "device"}]}))
    for name in ("cmake", "ninja"):
        (tools / name).write_text("#!/bin/sh\nexit 0\n")
        (tools / name).chmod(0o755)
    environment["PATH"] = str(tools)
    return folder


def cmake(project, script):
    (project.parent / "bin/cmake").write_text(f"#!/bin/sh\n{script}\n")


def test_an_image_of_the_project_is_found_by_folder_and_by_name(project, tool, fake):
    output = project / "build/device"
    output.mkdir(parents=True)
    (output / "hello.mna").write_bytes(images.make("hello"))
    done = tool("-d", fake.selector, "run", cwd=project)
    assert (done.returncode, done.stdout) == (0, b"Hello, mnemOS!\n") and done.stderr.startswith(b"  build   hello")
    assert tool("-d", fake.selector, "run", project).stdout == b"Hello, mnemOS!\n"
    (output / "echo.mna").write_bytes(images.make("echo"))
    several = tool("-d", fake.selector, "run", cwd=project)
    assert (
        several.returncode == 125 and b"E21 this project makes 2 programs: name one\n    echo  hello" in several.stderr
    )
    assert tool("-d", fake.selector, "run", "hello", cwd=project).stdout == b"Hello, mnemOS!\n"
    missing = tool("-d", fake.selector, "run", "nosuch", cwd=project)
    assert missing.returncode == 127 and b"makes no nosuch.mna" in missing.stderr


def test_the_image_of_a_program_that_the_project_makes_no_more_is_not_taken(project, tool, fake):
    output = project / "build/device"
    output.mkdir(parents=True)
    for name in ("hello", "old"):
        (output / f"{name}.mna").write_bytes(images.make(name))
    (output / "build.ninja").write_text("build hello-image: phony hello.mna\nbuild hello.mna | ${x}hello.mna: C hello.elf\n")
    assert tool("-d", fake.selector, "run", cwd=project).stdout == b"Hello, mnemOS!\n"
    assert tool("-d", fake.selector, "run", "old", cwd=project).returncode == 127


def test_no_build_takes_what_is_there(project, tool, fake):
    cmake(project, "exit 1")
    output = project / "build/device"
    output.mkdir(parents=True)
    (output / "hello.mna").write_bytes(images.make("hello"))
    assert tool("-d", fake.selector, "run", "--no-build", cwd=project).returncode == 0
    (output / "hello.mna").unlink()
    done = tool("-d", fake.selector, "run", "--no-build", cwd=project)
    assert done.returncode == 127 and b"leave out --no-build" in done.stderr


@pytest.mark.parametrize(
    "script,status,text",
    [
        ("echo 'src/main.c:3: error: no'; exit 2", 125, "E23 the build failed (`cmake --preset device` ended with status 2)\n    src/main.c:3: error: no\n"),
        ("printf 'CMake Error:\\n  E16 arm-none-eabi-gcc not found\\n      fix: sudo apt install it\\n\\nmore\\n'; exit 1", 125,
         "E16 arm-none-eabi-gcc not found\n    fix: sudo apt install it\n"),
        ("printf 'E17 mnemOS SDK not found by cmake/mnemos.cmake\\n    looked in: /usr\\n'; exit 1", 125,
         "E17 mnemOS SDK not found by cmake/mnemos.cmake\n    looked in: /usr\n"),
        ("exit 0", 127, "E22 no image in my project"),
    ],
)  # fmt: skip
def test_what_went_wrong_is_shown(project, tool, script, status, text):
    cmake(project, script)
    done = tool("run", project.name)
    assert done.returncode == status and done.stderr.decode().startswith(text), done.stderr.decode()


@pytest.mark.parametrize("moved", [False, True])
def test_a_project_that_was_moved_is_configured_anew(project, tool, moved):
    output = project / "build/device"
    output.mkdir(parents=True)
    (output / "build.ninja").write_text("")
    home = "/elsewhere" if moved else project
    (output / "CMakeCache.txt").write_text(f"A:STRING=b\nCMAKE_HOME_DIRECTORY:INTERNAL={home}\nC:STRING=d\n")
    cmake(project, 'echo "$@" >>said')
    tool("run", cwd=project)
    anew = "--fresh --preset device\n" if moved else ""
    assert (project / "said").read_text() == f"{anew}--build --preset device\n"


def test_a_missing_cmake_is_named_with_its_package(project, tool):
    (project.parent / "bin/cmake").unlink()
    done = tool("run", cwd=project)
    assert done.returncode == 125
    assert done.stderr == b"E16 cmake not found\n    sudo apt install --no-install-recommends cmake\n"


def test_other_folders_are_no_projects(project, tool):
    (project / "CMakePresets.json").write_text(json.dumps({"configurePresets": [{"name": "host"}]}))
    assert b"E21 nothing to run" in tool("run", cwd=project).stderr
    (project / "CMakePresets.json").write_text("[nonsense")
    assert b"E21 my project is no project" in tool("run", project.name).stderr


def test_an_elf_stands_for_the_image_beside_it(tool, fake, tmp_path):
    (tmp_path / "hello.elf").write_bytes(b"\x7fELF")
    assert b"E22 hello.mna: no image beside hello.elf" in tool("-d", fake.selector, "run", "hello.elf").stderr
    (tmp_path / "hello.mna").write_bytes(images.make("hello"))
    assert tool("-d", fake.selector, "run", "hello.elf").stdout == b"Hello, mnemOS!\n"
