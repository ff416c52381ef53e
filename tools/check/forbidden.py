"""forbidden.py: things that no file may contain. One table; each row says where it holds and why."""
# SPDX-License-Identifier: MIT OR Apache-2.0

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Iterator, Tuple

import common


@dataclass(frozen=True)
class Rule:
    """`pattern` may not occur in files whose path begins with one of `where`."""

    pattern: str
    why: str
    where: Tuple[str, ...] = ("",)
    endings: Tuple[str, ...] = ()
    in_comments: bool = False


C = (".c", ".h", ".S")
KERNEL = ("kernel/", "firmware/")
PORTABLE = ("kernel/core/", "kernel/user/", "kernel/services/")

RULES = [
    Rule(r"\b(?:TO[D]O|FIX[M]E|XX[X])\b", "unfinished work belongs to the issue list, not into a file", in_comments=True),
    Rule(r"(?<![\w.$}])/(?:ho[m]e|ro[o]t|wo[r]k|Use[r]s)/", "a path of one machine", in_comments=True),
    Rule(r"\bsvc\b", "kernel code never executes SVC", KERNEL, (".S",)),
    Rule(r'asm[^;"]*"[^;]*\bsvc\b', "kernel code never executes SVC", KERNEL, (".c", ".h")),
    Rule(r"\b(?:__builtin_)?alloca\b", "stack use must be known when it is compiled", ("abi/", "sdk/lib/", *KERNEL), C),
    Rule(r"\bvolatile\b(?!\s*\()", "volatile is for device registers only: use _Atomic or mn_port_lock()", PORTABLE, C),
    Rule(r"\b0x(?:40[01](?!00000)|[eE]00)[0-9a-fA-F]{5}[uU]?\b", "a register address in the portable kernel", PORTABLE, C),
    Rule(r"\b(?:sprintf|vsprintf|strcpy|strcat|gets)\s*\(", "writes without a bound", ("abi/", "sdk/lib/", *KERNEL), C),
    Rule(r"^#!.*(?:env python|bin/python(?!3\b))", "another python may come first: the line is #!/usr/bin/python3"),
    Rule(r"\bpragma\s+once\b", "include guards are named after the path", endings=(".h",)),
]

TAGGED = (".c", ".h", ".S", ".py", ".sh", ".cmake", ".ld", "CMakeLists.txt")
TAG = "SPDX-License-Identifier: MIT OR Apache-2.0"
# Loaded into QEMU, whose licence it must share; no part of anything that is installed or runs on a board.
OTHER_TAGS = {"bench/count.c": "SPDX-License-Identifier: GPL-2.0-or-later"}
# Copied into a user's own project, which has its own licence.
UNTAGGED = ("templates/",)


def find(root: Path) -> Iterator[common.Finding]:
    for path in common.files(root):
        name = path.relative_to(root).as_posix()
        if b"\0" in path.read_bytes()[:4096]:
            yield common.Finding(path, 1, "a binary file: build it instead")
            continue
        text = common.read(path)
        tag = OTHER_TAGS.get(name, TAG)
        if name.endswith(TAGGED) and not name.startswith(UNTAGGED) and text.strip() and tag not in text[:2500]:
            yield common.Finding(path, 1, f"has no line `{tag}`")
        code = common.without_comments(text, keep_strings=True) if name.endswith(C) else text
        for rule in RULES:
            if not name.startswith(rule.where) or (rule.endings and not name.endswith(rule.endings)):
                continue
            subject = text if rule.in_comments else code
            for match in re.finditer(rule.pattern, subject, re.MULTILINE):
                yield common.Finding(path, common.line_of(subject, match.start()), f"{match.group().strip()}: {rule.why}")


if __name__ == "__main__":
    common.main(find)
