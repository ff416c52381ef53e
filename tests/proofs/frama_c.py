"""frama_c.py: asks Frama-C about functions of a source, and reads what it answers."""
# SPDX-License-Identifier: MIT OR Apache-2.0

import json
import os
import re
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, List, Optional

HERE = Path(__file__).resolve().parent
TOP = HERE.parents[1]
BUILD = TOP / "build" / "proofs"
GOALS = BUILD / "wp"  # Frama-C's own store on this machine: the answer of a prover, by the text of the goal
TIMEOUT_S = 60  # of a prover at a goal; those proved need less than 5, on a machine that does nothing else
MUTANT_TIMEOUT_S = 5
UNPROVED = re.compile(r"^\[wp\] \[(?:Failed|Timeout|Unknown|Stepout)\] Goal (\w+)", re.MULTILINE)


@dataclass(frozen=True)
class Proved:
    """A function of the list and where it is."""

    name: str
    source: str
    goals: int
    split: bool
    natural: bool

    @property
    def options(self) -> List[str]:
        return [*(["-wp-split"] if self.split else []), *(["-warn-unsigned-overflow"] if self.natural else [])]


@dataclass(frozen=True)
class Count:
    """Goals of a function: how many, how many proved, and how many of these needed no prover."""

    goals: int = 0
    proved: int = 0
    simple: int = 0


def environment() -> Dict[str, str]:
    """Provers are found by a file in the home folder: give them one of their own."""
    return {**os.environ, "HOME": str(BUILD / "home"), "XDG_CONFIG_HOME": str(BUILD / "home")}


def detect_provers() -> None:
    """Also makes the folders of a run."""
    GOALS.mkdir(parents=True, exist_ok=True)
    if not (BUILD / "home" / ".why3.conf").exists():
        (BUILD / "home").mkdir(parents=True, exist_ok=True)
        subprocess.run(["why3", "config", "detect"], env=environment(), check=True, capture_output=True)


def preprocessor(source: str, tree: Optional[Path]) -> List[str]:
    """Options that find the headers; `tree` comes first and holds a source with a mistake."""
    folders = [*([tree, tree / "abi" / "include"] if tree else []), TOP, TOP / Path(source).parent, TOP / "abi" / "include"]
    return [*(f"-I{folder}" for folder in folders), "-include", str(HERE / "include" / "proof.h")]


def unit(source: str, tree: Optional[Path]) -> Path:
    """What Frama-C reads: a file of units/ that includes the source, if there is one; else the source itself."""
    including = HERE / "units" / f"{Path(source).stem}.c"
    return including if including.exists() else (tree or TOP) / source


def text_of(source: str) -> str:
    """The source without directives; comments are kept, contracts are in them. Where it stands is left out."""
    command = ["gcc", "-E", "-P", "-C", "-w", '-D__FILE__=""', "-D__LINE__=0", *preprocessor(source, None), str(unit(source, None))]
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout


def ask(source: str, tree: Optional[Path], timeout_s: int, store: str, *options: str, stop_early: bool = False) -> str:
    """What Frama-C printed; until the first goal that is not proved if that is enough.

    `store` is a mode of -wp-cache: `none`, `update`, `replay` (kept answers, provers for the rest), `offline` (only those).
    """
    # Inside a path a blank would end a word of -cpp-extra-args.
    words = [word.replace(" ", "\\ ") for word in preprocessor(source, tree)]
    command = ["frama-c", "-machdep", "gcc_x86_32", "-c11", "-kernel-warn-key", "annot:missing-spec=inactive",
               f"-cpp-extra-args={' '.join(words)}", "-wp", "-wp-rte", "-wp-prover", "cvc4,z3", "-wp-timeout", str(timeout_s),
               "-wp-par", "1", "-wp-cache-dir", str(GOALS), "-wp-cache", store, *options, str(unit(source, tree))]
    lines: List[str] = []
    # Frama-C looks for headers where it is started, before all folders that it is told.
    with subprocess.Popen(command, cwd=BUILD, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True) as process:
        assert process.stdout
        for line in process.stdout:
            lines.append(line)
            if stop_early and UNPROVED.match(line):
                process.terminate()
                break
    return "".join(lines)


def count(functions: List[Proved], store: str) -> Dict[str, Count]:
    """Try to prove functions of one source with the same options. Raises RuntimeError with the text when nothing was tried."""
    with tempfile.NamedTemporaryFile(suffix=".json") as report:
        text = ask(functions[0].source, None, TIMEOUT_S, store, *functions[0].options,
                   "-wp-fct", ",".join(function.name for function in functions), "-wp-report-json", report.name)
        written = Path(report.name).read_text(encoding="utf-8")
    if not written:
        raise RuntimeError(f"no proof was tried:\n{text[-1500:]}")
    if "Missing assigns" in text:
        raise RuntimeError(f"calls a function without a contract:\n{text}")
    answer = {}
    for name, parts in json.loads(written).get("wp:functions", {}).items():
        whole, simple = parts["wp:section"]["wp:main"], parts["wp:section"].get("qed", {})
        answer[name] = Count(whole["total"], whole.get("valid", 0), simple.get("valid", 0))
    return answer


def first_unproved(function: Proved, tree: Path) -> str:
    """The first goal that is not proved of a function with a mistake, `` when all are. Raises like count()."""
    text = ask(function.source, tree, MUTANT_TIMEOUT_S, "replay", *function.options, "-wp-fct", function.name, stop_early=True)
    found = UNPROVED.search(text)
    if not found and "Proved goals:" not in text:
        raise RuntimeError(f"no proof was tried:\n{text[-1500:]}")
    return found[1] if found else ""
