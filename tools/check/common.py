"""common.py: what every checker shares: findings, the files of the tree, C text without comments."""
# SPDX-License-Identifier: MIT OR Apache-2.0

import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Iterable, Iterator

TOP = Path(__file__).resolve().parents[2]

NOT_OURS = {"build", ".git", "__pycache__", ".pytest_cache", ".hypothesis"}


@dataclass(frozen=True)
class Finding:
    """One broken rule, at a place a person can jump to."""

    path: Path
    line: int
    message: str


def files(root: Path, *suffixes: str) -> Iterator[Path]:
    """Every file of the tree with one of these name endings (all files when none is given), in order."""
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if name not in NOT_OURS)
        for name in sorted(names):
            path = Path(folder, name)
            if path.is_file() and (not suffixes or name.endswith(suffixes)):
                yield path


def read(path: Path) -> str:
    """The text of a file; bytes that are not UTF-8 become replacement characters."""
    return path.read_text(encoding="utf-8", errors="replace")


_C_TOKEN = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.DOTALL)


def without_comments(text: str, keep_strings: bool = False) -> str:
    """C text with comments (and what is in quotes) blanked; every line keeps its number."""

    def blank(match: re.Match) -> str:
        token = match.group()
        if token[0] in "\"'":
            return token if keep_strings else token[0] + " " * (len(token) - 2) + token[-1]
        return re.sub(r"[^\n]", " ", token)

    return _C_TOKEN.sub(blank, text)


def line_of(text: str, offset: int) -> int:
    """The number of the line that holds the character at `offset`."""
    return text.count("\n", 0, offset) + 1


def block_end(text: str, open_brace: int) -> int:
    """The offset of the brace that closes the one at `open_brace`; the text's end when none does."""
    depth = 0
    for match in re.compile(r"[{}]").finditer(text, open_brace):
        depth += 1 if match.group() == "{" else -1
        if depth == 0:
            return match.start()
    return len(text)


_ATTRIBUTE = r"(?:__attribute__\s*\(\([^;{}]*?\)\)\s*)?"
_FUNCTION = re.compile(rf"^{_ATTRIBUTE}[A-Za-z_][^;{{}}()=]*?\b(\w+)\s*\(([^;{{}}]*)\)\s*{_ATTRIBUTE}\{{", re.MULTILINE)


@dataclass(frozen=True)
class Function:
    """A function definition found in C text that went through without_comments()."""

    name: str
    head: str
    start: int  # offset of the body's first character
    body: str


def functions(text: str) -> Iterator[Function]:
    """The function definitions at the left margin of C text without comments."""
    at = 0
    while match := _FUNCTION.search(text, at):
        brace = match.end() - 1
        end = block_end(text, brace)
        yield Function(match.group(1), match.group(), brace + 1, text[brace + 1 : end])
        at = end


def main(find: Callable[[Path], Iterable[Finding]]) -> None:
    """Run a checker on the tree (or on the folder given as argument), print findings, exit 1 when there are any."""
    root = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else TOP
    count = 0
    for finding in find(root):
        count += 1
        print(f"{finding.path.relative_to(root)}:{finding.line}: {finding.message}")
    if count:
        sys.exit(1)
