"""headers.py: every header compiles alone, twice, on this computer and for the board; its guard is its own."""
# SPDX-License-Identifier: MIT OR Apache-2.0

import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Iterator, List

import common

WARNINGS = ["-Wall", "-Wextra", "-Wshadow", "-Wconversion", "-Wstrict-prototypes", "-Wundef", "-Wvla", "-Werror"]
BOARD = ["arm-none-eabi-gcc", "-mcpu=cortex-m4", "-mthumb"]

# folder -> compilers that must take its headers
COMPILERS = {
    "abi/include":        [["gcc"], [*BOARD, "-ffreestanding"]],
    "kernel/arch/host":   [["gcc"]],
    "kernel/arch":        [[*BOARD, "-ffreestanding"]],
    "kernel":             [["gcc", "-ffreestanding"], [*BOARD, "-ffreestanding"]],
    "firmware":           [[*BOARD, "-ffreestanding"]],
    "sdk/include":        [[*BOARD, "--specs=picolibc.specs"]],
    "sdk/lib":            [[*BOARD, "--specs=picolibc.specs"]],
}

GUARD = re.compile(r"^#ifndef (\w+)\n#define \1\b", re.MULTILINE)


def compilers_for(path: str) -> List[List[str]]:
    inside = [name for name in COMPILERS if path.startswith(name + "/")]
    return COMPILERS[max(inside, key=len)] if inside else []


def complaint(root: Path, path: Path, compiler: List[str]) -> List[common.Finding]:
    command = [*compiler, "-std=gnu11", *WARNINGS, "-fsyntax-only", "-I", str(root), "-I", str(root / "abi/include"),
               "-I", str(root / "sdk/include"), "-x", "c", "-"]
    name = path.relative_to(root).as_posix()
    result = subprocess.run(command, input=f'#include "{name}"\n#include "{name}"\n', text=True,
                            stderr=subprocess.PIPE, cwd=root, check=False)
    if result.returncode == 0:
        return []
    first = next((line for line in result.stderr.splitlines() if "error" in line), result.stderr.strip())
    return [common.Finding(path, 1, f"does not compile alone with {compiler[0]}: {first}")]


def find(root: Path) -> Iterator[common.Finding]:
    jobs = []
    guards = {}
    for path in common.files(root, ".h"):
        compilers = compilers_for(path.relative_to(root).as_posix())
        if not compilers:
            continue
        jobs += [(path, compiler) for compiler in compilers]
        guard = GUARD.search(common.read(path))
        if guard is None:
            yield common.Finding(path, 1, "has no include guard (#ifndef NAME_OF_PATH_H, #define the same)")
        elif guard.group(1) in guards:
            yield common.Finding(path, 1, f"has the same guard as {guards[guard.group(1)].relative_to(root)}")
        else:
            guards[guard.group(1)] = path
    with ThreadPoolExecutor(4) as pool:
        for findings in pool.map(lambda job: complaint(root, *job), jobs):
            yield from findings


if __name__ == "__main__":
    common.main(find)
