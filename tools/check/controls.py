"""controls.py: feeds every checker a small tree with one mistake in it; a checker that finds nothing is broken.

Each row: checker, file, text with the mistake, a part of the complaint that must come. The same tree without
the mistake (the `good` text) must pass, so that a checker cannot win by complaining always. Then the rest of `check`
itself: tools too old, packages missing, the words of its report, and that each of its groups has a control.
"""
# SPDX-License-Identifier: MIT OR Apache-2.0

import contextlib
import io
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import List, Tuple

import breakage
import main as check
from common import TOP
from groups import GROUPS, SKIPPED_STATUS, Group

SPDX = "// SPDX-License-Identifier: MIT OR Apache-2.0\n"


@dataclass(frozen=True)
class Control:
    """One mistake, and the same text without it."""

    checker: str
    path: str
    bad: str
    complaint: str
    good: str


def header(guard: str, body: str) -> str:
    return f"{SPDX}#ifndef {guard}\n#define {guard}\n{body}\n#endif\n"


def coroutine(body: str, above: str = "") -> str:
    return (f"{SPDX}static mn_err worker_poll(struct mn_task *task, struct mn_cx *cx)\n{{\n"
            f"    struct worker *self = MN_CONTAINER_OF(task, struct worker, task);\n{above}"
            f"    MN_BEGIN(&self->co);\n{body}    MN_END();\n}}\n")


WAIT = "    MN_AWAIT(wait_poll(self, cx));\n"
ISR_HEADER = "MN_ISR_OK void mn_light(void);\n"

CONTROLS: List[Control] = [
    Control("layers", "kernel/core/a.c", SPDX + '#include "kernel/user/b.h"\n', "does not exist", SPDX),
    Control("layers", "kernel/core/a.c", SPDX + '#include "../arch/port.h"\n', "may not include kernel/arch/port.h",
            SPDX + "/* #include \"../arch/port.h\" */\n"),
    Control("layers", "kernel/core/a.c", SPDX + "#include <stdio.h>\n", "only freestanding", SPDX + "#include <stdint.h>\n"),
    Control("layers", "examples/x/main.c", SPDX + "#include <mnemos/abi/x.h>\n", "may not include abi/include/mnemos/abi/x.h",
            SPDX + "#include <stdio.h>\n"),
    Control("headers", "kernel/core/a.h", header("MN_A_H", "uint32_t a(void);"), "does not compile alone",
            header("MN_A_H", "#include <stdint.h>\nuint32_t a(void);")),
    Control("headers", "kernel/core/a.h", SPDX + "enum { A = 1 };\n", "has no include guard", header("MN_A_H", "enum { A = 1 };")),
    Control("headers", "kernel/core/a.h", header("MN_B_H", ""), "same guard", header("MN_A_H", "")),
    Control("coroutines", "kernel/core/a.c", coroutine("    switch (self->kind) {\n    case 1:\n" + WAIT + "    }\n"),
            "inside a switch", coroutine(WAIT + "    switch (self->kind) {\n    case 1: break;\n    }\n")),
    Control("coroutines", "kernel/core/a.c", coroutine(WAIT, "    uint32_t n = count(self);\n"), "above MN_BEGIN",
            coroutine(WAIT, "    mn_err err;\n    (void)cx;\n")),
    Control("coroutines", "kernel/core/a.c", coroutine(WAIT.rstrip() + WAIT), "two waits on one line", coroutine(WAIT + WAIT)),
    Control("coroutines", "kernel/core/a.c", SPDX + f"void f(void)\n{{\n{WAIT}}}\n", "without MN_BEGIN", SPDX),
    Control("coroutines", "firmware/x/a.c",
            SPDX + "void mn_heavy(void)\n{\n}\nstatic void rest(void)\n{\n    mn_heavy();\n}\nvoid UART0_Handler(void)\n{\n    rest();\n}\n",
            "calls mn_heavy, which is not MN_ISR_OK",
            SPDX + ISR_HEADER + "void mn_light(void)\n{\n}\nvoid UART0_Handler(void)\n{\n    mn_light();\n}\n"),
    Control("coroutines", "kernel/core/a.c",
            SPDX + ISR_HEADER + "void mn_heavy(void)\n{\n}\nvoid mn_light(void)\n{\n    mn_heavy();\n}\n",
            "calls mn_heavy", SPDX + ISR_HEADER + "void mn_light(void)\n{\n}\n"),
    Control("forbidden", "tools/a.py", "# " + SPDX[3:] + "# TO" + "DO later\n", "unfinished work", "# " + SPDX[3:]),
    Control("forbidden", "docs/a.md", "see /ho" + "me/ana/mnemos\n", "a path of one machine", "see build/home/ana\n"),
    Control("forbidden", "kernel/arch/cortex-m4/a.S", SPDX + "    svc #0\n", "never executes SVC", SPDX + "/* svc */\n"),
    Control("forbidden", "kernel/arch/cortex-m4/a.c", SPDX + 'void f(void) { __asm("svc 0"); }\n', "never executes SVC",
            SPDX + 'void f(void) { __asm("nop"); }\n'),
    Control("forbidden", "kernel/core/a.c", SPDX + "char *f(int n) { return alloca(n); }\n", "stack use", SPDX),
    Control("forbidden", "kernel/core/a.c", SPDX + "static volatile int shared;\n", "device registers only", SPDX + "static _Atomic int a;\n"),
    Control("forbidden", "kernel/core/a.c", SPDX + "#define UART 0x40004000u\n", "register address", SPDX + "#define SIZE 0x4000u\n"),
    Control("forbidden", "kernel/core/a.c", "int a;\n", "has no line", SPDX + "int a;\n"),
    Control("forbidden", "tools/run", "#!/usr/bin/env " + "python3\n", "another python", "#!/usr/bin/python3\n"),
    Control("forbidden", "tools/run", "\0binary", "binary file", "text"),
    Control("symbols", "kernel/core/a.c", SPDX + "void mn_b(void);\nvoid mn_a(void)\n{\n    mn_b();\n}\n", "kernel/core uses mn_b of kernel/user/b.c",
            SPDX + "void mn_a(void)\n{\n}\n"),
    Control("symbols", "kernel/core/a.c", SPDX + "int puts(const char *);\nvoid mn_a(void)\n{\n    puts(\"\");\n}\n", "which nothing of ours defines",
            SPDX + "void mn_a(void)\n{\n}\n"),
    Control("scripts", "tools/run", "#!/bin/bash\ncat $1\n", "SC2086", '#!/bin/bash\ncat "$1"\n'),
    Control("documents", "docs/a.md", "[more](b.md)\n", "leads nowhere", "[more](a.md)\n"),
    Control("documents", "docs/a.md", "```console\n$ echo one\ntwo\n```\n", "expected", "```console\n$ echo one\none\n```\n"),
    Control("documents", "docs/a.md", "```console\n$ cat <<END\n> one\n> END\ntwo\n```\n", "expected `two`",
            "```console\n$ cat <<END\n> one\n> END\none\n```\n"),
    Control("documents", "docs/a.md", "```console\n$ false\n```\n", "status 1", "```console\n$ true\n```\n"),
    Control("documents", "README.md", "```c\nint main(void)\n{\n    return 1;\n}\n```\n", "none of examples/",
            "```c\nint main(void)\n{\n    return 0;\n}\n```\n"),
    Control("documents", "docs/a.md", "As in `examples/zero/main.c`:\n\n```text\nint main(void)\n...\n    return 2;\n```\n",
            "shows `    return 2;`, which is not there",
            "As in `examples/zero/main.c`:\n\n```text\nint main(void)\n...\n    return 0;\n```\n"),
    Control("documents", "docs/when-it-breaks.md", "### E01 nothing ... there\n", "no section `access: touched`",
            "### E01 nothing ... there\n### access: touched\n"),
    Control("documents", "docs/when-it-breaks.md", "### access: touched\n### E01 everything there\n", "nothing says `everything there`",
            "### access: touched\n### E01 nothing ... there\n"),
    Control("documents", "docs/a.md", "```console\nno prompt\n```\n", "no command", "```text\nno prompt\n```\n"),
]

# Present in every control's tree, so that a mistake may refer to it.
COMMON = {
    "abi/include/mnemos/abi/x.h": header("X_H", ""),
    "kernel/arch/port.h": header("PORT_H", ""),
    "kernel/core/b.h": header("MN_B_H", ""),
    "kernel/core/await.h": header("MN_AWAIT_H", ""),
    "kernel/user/b.c": SPDX + "void mn_b(void)\n{\n}\n",
    "examples/zero/main.c": SPDX + "int main(void)\n{\n    return 0;\n}\n",
    "abi/schema/loader.toml": '[[enum]]\nname = "fault_kind"\nvariants = [{ name = "access", doc = "touched" }]\n',
    "tools/mnemos-load/mnemos_load/errors.py": "# " + SPDX[3:] + 'say(f"nothing {at_all} there")\n',
    "abi/schema/errors.toml": 'host = [{ code = "E01" }]\n',
}


def compile_kernel(root: Path) -> None:
    """For the checker that looks at objects: where the build would put them."""
    for source in (root / "kernel").rglob("*.c"):
        target = root / "build/qemu-mps2/CMakeFiles/mnemos.dir" / f"{source.relative_to(root)}.obj"
        target.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["arm-none-eabi-gcc", "-w", "-c", str(source), "-o", str(target)], check=True)


def run(control: Control, text: str) -> subprocess.CompletedProcess:
    with tempfile.TemporaryDirectory() as folder:
        for name, content in {**COMMON, control.path: text}.items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
        if control.checker == "symbols":
            compile_kernel(Path(folder))
        return subprocess.run(["/usr/bin/python3", str(TOP / "tools/check" / f"{control.checker}.py"), folder],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)


def complaints(control: Control, bad: subprocess.CompletedProcess, good: subprocess.CompletedProcess) -> List[str]:
    wrong = []
    if bad.returncode == 0 or control.complaint not in bad.stdout:
        wrong.append(f"{control.checker} did not find the mistake ({control.complaint}); it said:\n{bad.stdout}")
    if good.returncode != 0:
        wrong.append(f"{control.checker} complains without the mistake ({control.complaint}):\n{good.stdout}")
    return wrong


def check_rows() -> List[str]:
    """All rows; and that a row without a mistake, or with one in both texts, is told."""
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        answers = list(pool.map(lambda control: (run(control, control.bad), run(control, control.good)), CONTROLS))
    wrong = [line for control, (bad, good) in zip(CONTROLS, answers) for line in complaints(control, bad, good)]
    bad, good = answers[0]
    if len(complaints(CONTROLS[0], good, good)) != 1 or len(complaints(CONTROLS[0], bad, bad)) != 1:
        wrong.append("a row that cannot be won or lost is not told")
    return wrong


def check_packages() -> List[str]:
    """A compiler that is too old, and a package that is not there."""
    with tempfile.TemporaryDirectory() as folder:
        old = Path(folder, "arm-none-eabi-gcc")
        old.write_text("#!/bin/sh\necho 11.3.1\n", encoding="utf-8")
        old.chmod(0o755)
        done = subprocess.run(["/usr/bin/python3", str(TOP / "tools/check/packages.py")], capture_output=True, text=True, check=False,
                              env={**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"})
    wrong = []
    if done.returncode == 0 or "arm-none-eabi-gcc 11.3.1: at least 12.0 is needed" not in done.stdout:
        wrong.append(f"packages takes a compiler that is too old:\n{done.stdout}")
    ask = '. "$1/tools/check/prepare.sh"; package_present "$2" "command:$2"'
    for name, status in (("no-such-package-of-mnemos", 1), ("ninja-build", 0)):
        if subprocess.run(["bash", "-c", ask, "bash", str(TOP), name], check=False).returncode != status:
            wrong.append(f"prepare.sh is wrong about {name}")
    return wrong


def check_report() -> List[str]:
    """Groups that end in every way, and what `check` makes of them."""
    shell = ["sh", "-c"]
    ends: List[Tuple[Group, str, str]] = [
        (Group("good", "", [["true"], [*shell, "echo 3 passed"]], detail=r"\d+ passed"), "ok", "3 passed"),
        (Group("bad", "", [["true"], ["false"], ["true"]]), "failed", "status 1"),
        (Group("skips", "", [[*shell, f"echo no board; exit {SKIPPED_STATUS}"]]), "skipped", "no board"),
        (Group("hangs", "", [["sleep", "60"]], limit_s=1), "failed", "not done after 1 s"),
        (Group("absent", "", [["/no/such/program"]]), "failed", "No such file"),
        (Group("killed", "", [[*shell, "kill -9 $$"]]), "failed", "status -9"),
        (Group("needing", "", [["true"]], needs=("bad",)), "failed", "needs bad"),
        (Group("late", "", [["true"]], needs=("skips", "good"), alone=True), "ok", ""),
    ]
    wrong = []
    check.LOGS.mkdir(parents=True, exist_ok=True)
    with contextlib.redirect_stdout(io.StringIO()) as said:
        outcomes = check.run_groups([group for group, _, _ in ends], limit=2)
    for group, word, detail in ends:
        found = outcomes[group.name]
        if (found.word, detail in found.detail) != (word, True) or f"{word:8}{group.name}" not in said.getvalue():
            wrong.append(f"a group that is {group.name}: {found}")
    for words, status, line in ((["ok", "skipped"], 0, "1 passed, 0 failed, 1 skipped"), (["ok", "failed"], 1, "1 passed, 1 failed")):
        with contextlib.redirect_stdout(io.StringIO()) as said:
            if check.summary(words) != status or line not in said.getvalue():
                wrong.append(f"{words} are summed up as {said.getvalue()}")
    return wrong


def check_groups() -> List[str]:
    """Every group says where its control is, and it is there."""
    wrong = []
    # hardware has nothing to do but to be skipped: check_report().
    rows = {"controls.py": {control.checker for control in CONTROLS} | {"packages", "controls", "hardware"},
            "breakage.py": {one.group for one in breakage.BREAKS} | {"breakage"}}
    for group in GROUPS:
        where = TOP / group.control
        if not group.control or not where.exists():
            wrong.append(f"group {group.name} has no control")
        elif group.name not in rows.get(where.name, {group.name}):
            wrong.append(f"{group.control} has nothing about {group.name}")
    return wrong


def main() -> int:
    wrong = [*check_rows(), *check_packages(), *check_report(), *check_groups()]
    print("\n".join(wrong))
    print(f"{len(CONTROLS)} mistakes in {len({control.checker for control in CONTROLS})} checkers, {len(GROUPS)} groups, {len(wrong)} wrong answers")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
