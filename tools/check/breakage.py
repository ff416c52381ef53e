"""breakage.py: breaks a copy of the tree in one place at a time; the tests of that place must notice.

controls.py does this for the checkers, on trees of a few lines; here it is the whole system, built below build/breakage.
Each row: a group of `check`, a file, what stands in it once, what stands there instead, a short part of the group's work,
what it must complain about, and how many tests must fail at least. A row whose work passes, or fails with something else,
is an error; complaints are chosen so that only this mistake brings them.
"""
# SPDX-License-Identifier: MIT OR Apache-2.0

import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import List

from common import TOP, files

PLACE = TOP / "build" / "breakage"
TREE = PLACE / "mnemos"
PYTHON = "/usr/bin/python3"
FAILED = re.compile(r"^(\d+) failed\b", re.MULTILINE)
LIMIT_S = 240


def tests(folder: str, which: str) -> List[str]:
    return [PYTHON, "-B", "tools/check/pytest_here.py", "-q", "--tb=short", folder, "-k", which]


@dataclass(frozen=True)
class Break:
    """One mistake in the tree."""

    group: str
    path: str
    was: str
    becomes: str
    work: List[str]
    complaint: str
    least_failed: int = 0
    build: bool = False  # the kernel, before the work


BREAKS: List[Break] = [
    Break("generated", "abi/schema/errors.toml", "someone else holds it", "somebody has it", [PYTHON, "tools/abigen/abigen.py", "--check"],
          "error"),
    Break("vectors", "abi/vectors/postcard.jsonl", '"type":"u16","value":127,"hex":"7f"', '"type":"u16","value":127,"hex":"7e"',
          ["tests/vectors/run", "abi/vectors/postcard.jsonl"], "the file says 7e"),
    Break("vectors", "abi/src/cobs.c", "in + 254", "in + 255", ["tests/vectors/run", "abi/vectors/postcard.jsonl"], "C encodes to"),
    Break("python-tests", "tools/mnemos-load/mnemos_load/framing.py", "if zlib.crc32(body) != int", "if zlib.crc32(body) < int",
          tests("tests/load/test_parts.py", "checksum or frames_survive"), "FAILED", 1),
    Break("firmware", "kernel/core/bbq.c", "#define LAP", "static int nobody_uses_this;\n#define LAP", ["ninja", "-C", "build"],
          "nobody_uses_this"),
    Break("sdk-tests", "sdk/tools/mkapp.py", "self.pack_relocs(offsets)", "self.pack_relocs(offsets[:-1])",
          tests("tests/sdk/test_images.py", "test_the_table_is_right_for_other_programs"), "AssertionError", 1),
    Break("hostile", "kernel/user/span.h", "!__builtin_sub_overflow(block_len, addr - block, &room) && len <= room",
          "(room = addr - block) <= block_len && len + room <= block_len",
          tests("tests/hostile", "takes_a_slice"), "wraps around from own memory as input", 15, build=True),
    Break("hostile", "kernel/user/span.h", "!len || mn_in_block", "!len || len || mn_in_block",
          tests("tests/hostile", "follows_a_span"), "LinkLost", 1, build=True),
    Break("hostile", "kernel/arch/cortex-m4/machine.c", "MPU_CTRL = MPU_CTRL_ENABLE;", "MPU_CTRL = 0;",
          tests("tests/hostile", "H01 and kernel and code or H03 and data and first and write32"), "'exit 99'", 2, build=True),
    Break("qemu-tests", "kernel/user/syscall.c", "MNEMOS_END_EXIT, args.status)", "MNEMOS_END_EXIT, args.status | 1)",
          tests("tests/qemu/test_programs.py", "exit_statuses"), "FAILED", 1, build=True),
]


def copy_tree() -> None:
    """The sources; what is built there stays. A file is written only where it differs: its time is what builds go by."""
    wanted = set()
    for path in files(TOP):
        copy = TREE / path.relative_to(TOP)
        wanted.add(copy)
        if not copy.is_file() or copy.read_bytes() != path.read_bytes():
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, copy)
    for path in list(files(TREE)):
        if path not in wanted:
            path.unlink()
    (TREE / "build").mkdir(exist_ok=True)
    examples = TREE / "build" / "examples"
    if not examples.is_symlink():
        examples.symlink_to(TOP / "build" / "examples")


def run(command: List[str]) -> subprocess.CompletedProcess:
    environment = {**os.environ, "MNEMOS_CACHE": str(PLACE / "cache"), "PYTHONPYCACHEPREFIX": str(PLACE / "python")}
    return subprocess.run(command, cwd=TREE, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, errors="replace", check=False, timeout=LIMIT_S)


def build() -> None:
    done = run(["ninja", "-C", "build"])
    if done.returncode != 0:
        sys.exit(f"the copy does not build:\n{done.stdout[-3000:]}")


def notices(one: Break) -> str:
    """Make the mistake, do the work, mend it: what is wrong with the answer, or ``."""
    path = TREE / one.path
    right = path.read_text(encoding="utf-8")
    if right.count(one.was) != 1:
        return f"`{one.was}` is {right.count(one.was)} times in {one.path}, not once"
    path.write_text(right.replace(one.was, one.becomes), encoding="utf-8")
    try:
        if one.build:
            build()
        done = run(one.work)
    finally:
        path.write_text(right, encoding="utf-8")
    failed = FAILED.search(done.stdout)
    number = int(failed[1]) if failed else 0
    if done.returncode == 0:
        return f"nothing noticed it:\n{done.stdout[-1500:]}"
    if one.complaint not in done.stdout:
        return f"nothing says `{one.complaint}`:\n{done.stdout[-3000:]}"
    return "" if number >= one.least_failed else f"{number} tests failed, at least {one.least_failed} should:\n{done.stdout[-3000:]}"


def check_itself() -> List[str]:
    """A change that breaks nothing is told, and so is another complaint than the one that was to come."""
    vectors = next(one for one in BREAKS if one.group == "vectors")
    harmless = replace(vectors, path="abi/src/cobs.c", was="in + 254", becomes="254 + in")
    told = notices(harmless), notices(replace(vectors, complaint="no such words")), notices(replace(vectors, least_failed=1))
    starts = "nothing noticed it", "nothing says", "0 tests failed"
    return [f"a row that is not won is not told: {answer or 'nothing'}" for answer, start in zip(told, starts)
            if not answer.startswith(start)]


def main() -> int:
    copy_tree()
    if not (TREE / "build" / "build.ninja").exists():
        run(["cmake", "-S", ".", "-B", "build", "-G", "Ninja", "-DMNEMOS_EXAMPLES=OFF"])
    build()
    wrong = check_itself()
    print("\n".join(wrong))
    for one in BREAKS:
        begin = time.monotonic()
        error = notices(one)
        wrong += [error] if error else []
        print(f"{'' if not error else 'FAILED '}{one.group:14} {one.path}: {one.was!r} -> {one.becomes!r}  {time.monotonic() - begin:.1f} s",
              flush=True)
        if error:
            print(error, flush=True)
    build()
    print(f"{len(BREAKS)} mistakes, {len(wrong)} wrong answers")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
