"""groups.py: the table of what `check` runs. A group is a few commands; all of them must end with status 0.

Each names its control: the file that shows in every run that the group can fail.
"""
# SPDX-License-Identifier: MIT OR Apache-2.0

from dataclasses import dataclass
from typing import List, Tuple

SKIPPED_STATUS = 77

PYTHON = "/usr/bin/python3"


@dataclass(frozen=True)
class Group:
    """One line of the report."""

    name: str
    says: str
    commands: List[List[str]]
    control: str = ""
    needs: Tuple[str, ...] = ()  # groups that come first and must not have failed
    detail: str = ""  # what of the log stands behind the time: the last match
    alone: bool = False  # measures time: nothing runs beside it
    limit_s: int = 1200


CONTROLS, BREAKAGE = "tools/check/controls.py", "tools/check/breakage.py"


def checker(name: str, says: str, control: str = CONTROLS, **more) -> Group:
    return Group(name, says, [[PYTHON, f"tools/check/{name}.py"]], control, **more)


def pytest(name: str, says: str, *folders: str, **more) -> Group:
    command = [PYTHON, "-B", "tools/check/pytest_here.py", "-q", "-ra", "--durations=8", *folders]
    return Group(name, says, [command], BREAKAGE, detail=r"\d+ passed.*?(?= in )", **more)


# The long ones come early, so that the short ones fill the gaps.
GROUPS: List[Group] = [
    checker("packages", "the tools are here and new enough"),
    Group("generated", "generated files are those of the schema",
          [[PYTHON, "tools/abigen/abigen.py", "--check"]], BREAKAGE),
    Group("firmware", "kernel, SDK and examples build",
          [["cmake", "-S", ".", "-B", "build", "-G", "Ninja"], ["ninja", "-C", "build"]], BREAKAGE),
    pytest("sdk-tests", "programs from the installed SDK", "tests/sdk", needs=("firmware",)),
    pytest("hostile", "hostile programs beside an innocent one", "tests/hostile", needs=("firmware",)),
    pytest("qemu-tests", "the whole system on the emulated board", "tests/qemu", needs=("firmware",)),
    pytest("python-tests", "host tool and generator", "tests/abigen", "tests/load"),
    Group("host-tests", "kernel and codecs on this computer, with sanitizers",
          [["cmake", "-S", "tests/host", "-B", "build/host", "-G", "Ninja"], ["ninja", "-C", "build/host"],
           ["ctest", "--test-dir", "build/host", "--output-on-failure", "--timeout", "120", "-j2"]],
          "tests/host/controls", detail=r"\d+% tests passed.*"),
    checker("coverage", "the host tests run the kernel core", "tools/check/coverage.py", needs=("host-tests",),
            detail=r"coverage of .*"),
    checker("breakage", "tests notice what is broken in a copy", BREAKAGE, needs=("firmware",), detail=r"\d+ mistakes.*"),
    Group("proofs", "boundary functions are proved, mutants are noticed", [["tests/proofs/run"]], "tests/proofs/mutants.toml",
          detail=r"\d+ functions .*"),
    Group("bench", "no count of instructions is worse than the baseline", [["bench/run"]], "bench/run", detail=r"\d+ rows, .*"),
    Group("models", "protocols between tasks and interrupts, in every interleaving", [["tests/models/run"]], "tests/models/run",
          detail=r"\d+ models hold.*"),
    Group("vectors", "golden bytes in C and Python", [["tests/vectors/run", "abi/vectors/postcard.jsonl"]], BREAKAGE),
    checker("documents", "links lead somewhere, every console line works", needs=("firmware",)),
    checker("elsewhere", "demo in a path with blanks, as another user, with a wrong python3", "tools/check/elsewhere.py",
            needs=("firmware",)),
    checker("layers", "includes follow the table of layers"),
    checker("symbols", "layers of the built kernel use only those below", needs=("firmware",)),
    checker("headers", "every header compiles alone"),
    checker("coroutines", "waits and interrupts keep their rules"),
    checker("forbidden", "nothing that no file may contain"),
    checker("scripts", "shellcheck finds nothing"),
    checker("controls", "each checker finds the mistake it is for"),
    checker("hardware", "the same on a board"),
]
