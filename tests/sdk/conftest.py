"""conftest.py: the SDK installed into a folder with a blank, and how to build a project with it."""
# SPDX-License-Identifier: MIT OR Apache-2.0

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tools" / "mnemos-load"))

from mnemos_load import image  # noqa: E402

PROGRAMS = TOP / "tests/sdk/programs"

# What a developer may have set must not decide what is tested.
ENVIRONMENT = {name: value for name, value in os.environ.items()
               if not name.startswith(("MNEMOS_SDK", "MNEMOS_TOOLCHAIN", "CMAKE_", "CFLAGS", "CXXFLAGS", "LDFLAGS"))}


def run(*command, cwd=None, status=0, **environment):
    """Run a command and return what it printed; `status` is what it must end with (None: anything but 0)."""
    result = subprocess.run([str(word) for word in command], cwd=cwd, env={**ENVIRONMENT, **environment}, text=True,
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
                            timeout=300)
    ended_well = result.returncode != 0 if status is None else result.returncode == status
    assert ended_well, f"{command} ended with {result.returncode}:\n{result.stdout}"
    return result.stdout


def one_line(text):
    """CMake breaks its messages at any blank."""
    return " ".join(text.split())


class Sdk:
    """An SDK that programs are built with."""

    def __init__(self, prefix, root):
        self.prefix = prefix
        self.root = root  # the folder with sdk/, abi/, templates/ ...
        self.toolchain = root / "sdk/cmake/mnemos.cmake"
        self.mkapp = root / "sdk/tools/mkapp.py"

    def configure(self, source, build, *options, generator="Ninja", status=0):
        return run("cmake", "-S", source, "-B", build, "-G", generator,
                   f"-DCMAKE_TOOLCHAIN_FILE={self.toolchain}", *options, status=status)

    def build(self, source, build, *options, generator="Ninja"):
        self.configure(source, build, *options, generator=generator)
        return run("cmake", "--build", build, "--parallel", "2")


class Board:
    """The emulated board, with the installed tool and kernel."""

    def __init__(self, sdk, cache):
        self.tool = sdk.prefix / "bin/mnemos-load"
        self.environment = {**ENVIRONMENT, "MNEMOS_CACHE": str(cache), "MNEMOS_DEVICE": "emu"}

    def load_tool(self, *words, stdin=b"", status=0, cwd=None):
        """Run mnemos-load and return (stdout, stderr); `status` is what it must end with."""
        result = subprocess.run([str(self.tool), *map(str, words)], input=stdin, capture_output=True, check=False,
                                cwd=cwd, env=self.environment, timeout=120)
        assert result.returncode == status, (words, result)
        return result.stdout, result.stderr.decode()

    def start_tool(self, *words):
        """Run mnemos-load with pipes on all sides and do not wait for it."""
        return subprocess.Popen([str(self.tool), *map(str, words)], env=self.environment, stdin=subprocess.PIPE,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def run(self, image, *arguments, stdin=b"", status=0):
        return self.load_tool("run", image, "--", *arguments, stdin=stdin, status=status)


@pytest.fixture(scope="session")
def installed(tmp_path_factory):
    if not (TOP / "build/qemu-mps2/mnemos.elf").is_file():
        run("cmake", "--preset", "all", cwd=TOP)
        run("cmake", "--build", "--preset", "all", cwd=TOP)
    prefix = tmp_path_factory.mktemp("installed") / "pre fix"
    run("sh", "-c", 'umask 077 && cmake --install "$1" --prefix "$2"', "sh", TOP / "build", prefix)
    return Sdk(prefix, prefix / "share/mnemos")


@pytest.fixture(scope="session")
def checkout():
    return Sdk(TOP, TOP)


@pytest.fixture(scope="session")
def board(installed, tmp_path_factory):
    board = Board(installed, tmp_path_factory.mktemp("cache"))
    yield board
    board.load_tool("emu", "stop")


VARIANTS = {
    "small": ["-DCMAKE_BUILD_TYPE=MinSizeRel"],
    "debug": ["-DCMAKE_BUILD_TYPE=Debug"],
    "fast": ["-DCMAKE_BUILD_TYPE=Release"],
    "O0": ["-DCMAKE_C_FLAGS_MINSIZEREL=-O0"],
    "lto": ["-DCMAKE_INTERPROCEDURAL_OPTIMIZATION=ON"],
    "soft": ["-DMNEMOS_FLOAT=soft"],
    "odd": ["-DCMAKE_C_FLAGS=-fno-section-anchors -mlong-calls -fcommon"],
}
LINK_BASES = (0x10000000, 0x18000000)
OTHER_BASES = [(0x20010000, 0x18000000), (0x10000000, 0x20020800), (0x20012400, 0x20000800)]


class Variant:
    """The same three programs, built with one set of flags and linked at several bases."""

    def __init__(self, sdk, folder, options):
        (folder / "CMakeLists.txt").write_text(
            "cmake_minimum_required(VERSION 3.25)\nproject(variant LANGUAGES C)\nfind_package(mnemos CONFIG REQUIRED)\n"
            f'set(from "{PROGRAMS}")\n'
            "mnemos_add_app(constructed ${from}/pointers.c ${from}/constructor.c STACK 4K HEAP 4K)\n"
            "mnemos_add_app(plain ${from}/pointers.c ${from}/plain.c STACK 4K HEAP 4K)\n"
            "mnemos_add_app(everything ${from}/everything.c)\n")
        self.linked = {}
        for text_base, data_base in [*OTHER_BASES, LINK_BASES]:
            sdk.build(folder, folder / "build", *options,
                      f"-DCMAKE_EXE_LINKER_FLAGS=-Wl,--defsym=__mnemos_text_base={text_base:#x},"
                      f"--defsym=__mnemos_data_base={data_base:#x}")
            for path in (folder / "build").glob("*.mna"):
                self.linked[path.stem, text_base, data_base] = image.read(str(path))
        self.folder = folder / "build"

    def at(self, name, bases):
        return self.linked[(name, *bases)]


@pytest.fixture(scope="session", params=VARIANTS)
def variant(request, installed, tmp_path_factory):
    return Variant(installed, tmp_path_factory.mktemp(request.param), VARIANTS[request.param])


@pytest.fixture
def project(tmp_path):
    """Make a project of source files and return its folder, which has a blank in its path."""
    def make(files, app="mnemos_add_app(app ${sources})", languages="C"):
        folder = tmp_path / "pro ject"
        folder.mkdir()
        for name, content in files.items():
            if isinstance(content, Path):
                shutil.copy(content, folder / name)
            else:
                (folder / name).write_text(content)
        sources = " ".join(name for name in files if not name.endswith(".h"))
        (folder / "CMakeLists.txt").write_text(
            f"cmake_minimum_required(VERSION 3.25)\nproject(app VERSION 1.2.3 LANGUAGES {languages})\n"
            f"set(sources {sources})\nfind_package(mnemos CONFIG REQUIRED)\n{app}\n")
        return folder
    return make
