"""coroutines.py: what the compiler cannot see about coroutines and interrupts.

* No wait inside a switch: its hidden `case` would belong to the inner switch.
* Above MN_BEGIN stand only `self`, its aliases and a bare error: anything else is computed again at every poll.
* One wait per line: the line number is the place to come back to.
* An interrupt handler, and whatever is marked MN_ISR_OK, calls only functions that are marked MN_ISR_OK.
"""
# SPDX-License-Identifier: MIT OR Apache-2.0

import re
from pathlib import Path
from typing import Dict, Iterator, List, Set

import common

WAIT = re.compile(r"\b(MN_AWAIT|MN_TRY|MN_YIELD)\s*\(")
SWITCH = re.compile(r"\bswitch\s*\(")

# What may stand above MN_BEGIN: pointers that are only derived, a bare error, a void cast.
ABOVE_BEGIN = re.compile(
    r"""^(?:
        (?:const\s+)?(?:struct\s+\w+|\w+)\s*\*\s*(?:const\s+)?\w+\s*=\s*(?:MN_CONTAINER_OF\s*\([^()]*\)|[^()]*(?:\([^()]*\*\s*\))?[^()]*)
      | mn_err\s+\w+
      | \(void\)\s*\w+
    )$""",
    re.VERBOSE | re.DOTALL,
)

HANDLER = re.compile(r"\w+_(?:Handler|irq|isr)$")
# They do the work of the kernel, not of a device, and nothing interrupts what they touch.
KERNEL_HANDLERS = {"SVC_Handler", "PendSV_Handler", "HardFault_Handler", "MemManage_Handler", "BusFault_Handler",
                   "UsageFault_Handler", "Reset_Handler", "NMI_Handler", "DebugMon_Handler"}
# Nothing goes on after it, so nothing can be disturbed by it.
THE_END = {"mn_port_panic"}
CALLED = re.compile(r"\b([a-z]\w*)\s*\(")
MARKED = re.compile(r"\bMN_ISR_OK\b[^;{}()]*?\b(\w+)\s*\(")


def coroutine_findings(path: Path, text: str) -> Iterator[common.Finding]:
    for function in common.functions(text):
        begin = re.search(r"\bMN_BEGIN\s*\(", function.body)
        if begin is None:
            if WAIT.search(function.body):
                yield common.Finding(path, common.line_of(text, function.start), f"{function.name} waits without MN_BEGIN")
            continue
        for statement in re.finditer(r"[^;]+;", function.body[: begin.start()]):
            words = " ".join(statement.group()[:-1].split())
            if not ABOVE_BEGIN.match(words):
                at = function.start + statement.start() + len(statement.group()) - len(statement.group().lstrip())
                yield common.Finding(path, common.line_of(text, at),
                                     f"`{words}` above MN_BEGIN is done again at every poll: keep it in self")
        for switch in SWITCH.finditer(function.body):
            brace = function.body.find("{", switch.end())
            wait = WAIT.search(function.body, brace, common.block_end(function.body, brace))
            if wait:
                yield common.Finding(path, common.line_of(text, function.start + wait.start()),
                                     f"{wait.group(1)} inside a switch")
        lines: List[int] = []
        for wait in WAIT.finditer(function.body):
            line = common.line_of(text, function.start + wait.start())
            if line in lines:
                yield common.Finding(path, line, "two waits on one line")
            lines.append(line)


def interrupt_findings(path: Path, text: str, marked: Set[str], known: Set[str]) -> Iterator[common.Finding]:
    """`known`: every function of the kernel; only calls of those are judged."""
    here: Dict[str, common.Function] = {function.name: function for function in common.functions(text)}
    local = {name for name, function in here.items() if re.search(r"\bstatic\b", function.head)}
    todo = [name for name in here if name in marked or (HANDLER.match(name) and name not in KERNEL_HANDLERS)]
    seen = set(todo)
    while todo:
        function = here[todo.pop()]
        for call in CALLED.finditer(function.body):
            name = call.group(1)
            if name in marked or name in THE_END or name not in known:
                continue
            if name in local:
                if name not in seen:
                    seen.add(name)
                    todo.append(name)
                continue
            yield common.Finding(path, common.line_of(text, function.start + call.start()),
                                 f"{function.name} may run in an interrupt and calls {name}, which is not MN_ISR_OK")


def find(root: Path) -> Iterator[common.Finding]:
    texts = {path: common.without_comments(common.read(path))
             for folder in ("kernel", "firmware") for path in common.files(root / folder, ".c", ".h")
             if path.name != "await.h"}
    marked = {name for text in texts.values() for name in MARKED.findall(text)}
    known = {function.name for text in texts.values() for function in common.functions(text)}
    for path, text in texts.items():
        yield from coroutine_findings(path, text)
        yield from interrupt_findings(path, text, marked, known)


if __name__ == "__main__":
    common.main(find)
