"""coverage.py: which lines and branches of the kernel the host tests run.

Builds tests/host once more, counting instead of sanitizing (build/coverage), runs the tests and reads gcov's counts.
kernel/core must have at least 95 % of its lines and 95 % of its branches run, after which each gap that is left must be in
tests/coverage/exceptions.toml with a reason; an entry there that no longer stands for a gap is an error too. The other
folders are reported. `coverage.py --gaps` lists the gaps of kernel/core that have no reason yet, and does not build.

An assertion that never fails is no gap: the branch to the panic of a line with MN_ASSERT does not count.
"""
# SPDX-License-Identifier: MIT OR Apache-2.0

import json
import re
import subprocess
import sys
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Dict, List, Tuple

import common

BUILD = common.TOP / "build" / "coverage"
EXCEPTIONS = common.TOP / "tests" / "coverage" / "exceptions.toml"
FOLDERS = ("kernel/core", "kernel/user", "kernel/services", "abi/src", "abi/include")
MUST = "kernel/core"
LEAST_PERCENT = 95.0
ASSERTION = re.compile(r"\bMN_ASSERT\s*\(")


@dataclass
class Line:
    """A line with code: was it run, and how many of its branches were taken."""

    number: int
    text: str
    function: str
    run: bool
    branches: int
    taken: int

    @property
    def gap(self) -> bool:
        return not self.run or self.taken < self.branches


@dataclass
class Sum:
    """Counts of a file or a folder."""

    lines: int = 0
    run: int = 0
    branches: int = 0
    taken: int = 0

    def add(self, lines: List[Line]) -> None:
        self.lines += len(lines)
        self.run += sum(line.run for line in lines)
        self.branches += sum(line.branches for line in lines)
        self.taken += sum(line.taken for line in lines)

    def percent(self) -> Tuple[float, float]:
        return 100 * self.run / (self.lines or 1), 100 * self.taken / (self.branches or 1)


@dataclass
class Excuse:
    """A gap that stays: a whole function, or the lines of it that read like `line`."""

    file: str
    reason: str
    function: str = ""
    line: str = ""
    met: bool = field(default=False)

    def covers(self, file: str, line: Line) -> bool:
        return (self.file == file and (not self.function or self.function == line.function)
                and (not self.line or self.line == line.text))


def run(*command: str) -> None:
    print(f"$ {' '.join(command)}", flush=True)
    subprocess.run(command, cwd=common.TOP, check=True)


def count() -> None:
    """Build, forget the counts of earlier runs, run the tests."""
    run("cmake", "-S", "tests/host", "-B", str(BUILD), "-G", "Ninja", "-DMN_COVERAGE=ON")
    run("ninja", "-C", str(BUILD))
    run("ninja", "-C", str(BUILD), "-t", "cleandead")
    for path in BUILD.rglob("*.gcno"):
        if not path.with_suffix(".o").exists():  # of a test that is no more: it knows the headers as they were
            path.unlink()
    for path in BUILD.rglob("*.gcda"):
        path.unlink()
    run("ctest", "--test-dir", str(BUILD), "--output-on-failure", "--timeout", "120", "-j2")
    run("gcovr", "--root", str(common.TOP), "--object-directory", str(BUILD), "--json", str(BUILD / "counts.json"),
        "--gcov-ignore-parse-errors", *(option for folder in FOLDERS for option in ("--filter", f"{common.TOP}/{folder}/")),
        str(BUILD))


def function_names(text: str) -> Dict[int, str]:
    """For each line of the file, the function it belongs to."""
    code = common.without_comments(text)
    names: Dict[int, str] = {}
    for function in common.functions(code):
        first = common.line_of(code, function.start) - function.head.count("\n")
        for number in range(first, common.line_of(code, function.start + len(function.body)) + 1):
            names[number] = function.name
    return names


def read_counts() -> Dict[str, List[Line]]:
    """The lines with code of each file."""
    answer: Dict[str, List[Line]] = {}
    for entry in json.loads((BUILD / "counts.json").read_text(encoding="utf-8"))["files"]:
        text = common.read(common.TOP / entry["file"])
        rows, names = text.splitlines(), function_names(text)
        lines = []
        for line in entry["lines"]:
            number = line["line_number"]
            if line.get("gcovr/noncode") or number > len(rows):
                continue
            row = rows[number - 1].strip()
            counts = [branch["count"] for branch in line["branches"]]
            if ASSERTION.search(row):
                counts = []
            lines.append(Line(number, row, names.get(number, ""), line["count"] > 0, len(counts), sum(n > 0 for n in counts)))
        answer[entry["file"]] = lines
    return answer


def read_exceptions() -> List[Excuse]:
    table = tomllib.loads(EXCEPTIONS.read_text(encoding="utf-8"))
    return [Excuse(**entry) for entry in table.get("gap", [])]


def folder_of(file: str) -> str:
    return next(folder for folder in FOLDERS if file.startswith(folder + "/"))


def report(files: Dict[str, List[Line]], exceptions: List[Excuse], only_gaps: bool, print=print) -> int:
    """Tell what was run; answer how many things are wrong."""
    wrong = 0
    sums: Dict[str, Sum] = {folder: Sum() for folder in FOLDERS}
    gaps: List[str] = []
    for file, lines in sorted(files.items()):
        folder = folder_of(file)
        sums[folder].add(lines)
        if folder != MUST:
            continue
        own = Sum()
        own.add(lines)
        if not only_gaps:
            print(f"{file:36} {own.lines:5} lines {own.percent()[0]:6.1f} %  {own.branches:5} branches {own.percent()[1]:6.1f} %")
        for line in (line for line in lines if line.gap):
            reasons = [entry for entry in exceptions if entry.covers(file, line)]
            for entry in reasons:
                entry.met = True
            if not reasons:
                what = f"{line.branches - line.taken} of {line.branches} branches not taken" if line.run else "not run"
                gaps.append(f"{file}:{line.number}: {what} in {line.function}: {line.text}")
    for gap in gaps:
        print(gap)
    if gaps:
        print(f"{len(gaps)} gaps of {MUST} without a reason: add a test, or say in {EXCEPTIONS.relative_to(common.TOP)} why not")
        wrong += 1
    for entry in exceptions:
        if not entry.met:
            print(f"{EXCEPTIONS.relative_to(common.TOP)}: no gap any more: {entry.file} {entry.function} {entry.line}")
            wrong += 1
    for folder, total in sums.items():
        lines, branches = total.percent()
        print(f"{folder:36} {total.lines:5} lines {lines:6.1f} %  {total.branches:5} branches {branches:6.1f} %")
        if folder == MUST and min(lines, branches) < LEAST_PERCENT:
            print(f"{MUST}: at least {LEAST_PERCENT:.0f} % of each is asked")
            wrong += 1
    lines, branches = sums[MUST].percent()
    print(f"coverage of {MUST}: {lines:.1f} % of lines, {branches:.1f} % of branches, {len(exceptions)} exceptions")
    return wrong


def check_itself() -> None:
    """Each thing that is to be found is found."""
    def wrong(lines: List[Line], *exceptions: Excuse) -> int:
        return report({f"{MUST}/x.c": lines}, list(exceptions), True, lambda *text: None)

    good = [Line(number, "a = b;", "f", True, 2, 2) for number in range(100)]
    gap, unrun = Line(100, "if (c)", "f", True, 2, 1), Line(101, "d();", "g", False, 0, 0)
    many = [Line(number, "d();", "g", False, 2, 0) for number in range(200, 220)]
    excuse, stale = Excuse(f"{MUST}/x.c", "why", "f", "if (c)"), Excuse(f"{MUST}/x.c", "why", "g")
    assert wrong(good) == 0 and wrong([*good, gap], excuse) == 0
    assert wrong([*good, gap]) == 1 and wrong([*good, gap, unrun], excuse) == 1
    assert wrong(good, stale) == 1
    assert wrong([*good, *many], stale) == 1  # excused, but too much


def main(arguments: List[str]) -> int:
    check_itself()
    only_gaps = "--gaps" in arguments
    if not only_gaps:
        count()
    return 1 if report(read_counts(), read_exceptions(), only_gaps) else 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except subprocess.CalledProcessError as error:
        sys.exit(f"coverage: {error.cmd[0]} ended with status {error.returncode}")
