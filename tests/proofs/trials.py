"""trials.py: what provers cannot see is tried for every value: facts of arithmetic as bits, the smallest helpers by running them."""
# SPDX-License-Identifier: MIT OR Apache-2.0

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

from frama_c import BUILD, HERE, TOP, preprocessor


@dataclass(frozen=True)
class Answer:
    """How it ended: whether that is as it should be, and the line behind the name."""

    good: bool
    says: str


def decide_facts() -> Answer:
    """Each axiom of include/ and units/ has a namesake in facts.smt2 whose negation no bit pattern satisfies; `false_fact` has one."""
    text = (HERE / "facts.smt2").read_text(encoding="utf-8")
    names = re.findall(r'^\(echo "(\w+)"\)', text, re.MULTILINE)
    sources = sorted([*(HERE / "include").glob("*.h"), *(HERE / "units").glob("*.c")])
    axioms = [name for source in sources for name in re.findall(r"\baxiom (\w+):", source.read_text(encoding="utf-8"))]
    if missing := set(axioms) ^ (set(names) - {"false_fact"}):
        return Answer(False, f"not in facts.smt2 and with the proofs: {', '.join(sorted(missing))}")
    out = subprocess.run(["z3", str(HERE / "facts.smt2")], capture_output=True, text=True, check=False).stdout.split()
    expected = [word for name in names for word in (name, "sat" if name == "false_fact" else "unsat")]
    return Answer(out == expected, f"{len(axioms)} facts, and one that is false" if out == expected else f"z3 answers {' '.join(out)}")


def try_leaf(name: str, source: str, tree: Optional[Path] = None) -> Answer:
    """Run the helper on every value."""
    program = (tree or BUILD) / f"leaves-{name}"
    define = f'-DLEAF_SOURCE="{(tree or TOP) / source}"'
    built = subprocess.run(["gcc", "-O2", "-std=gnu11", "-Wall", "-Werror", "-Wno-unused-function", f"-DLEAF_{name}", define,
                            *preprocessor(source, tree)[:-2], str(HERE / "leaves.c"), "-o", str(program)],
                           capture_output=True, text=True, check=False)
    if built.returncode != 0:
        raise RuntimeError(f"does not compile:\n{built.stderr}")
    ran = subprocess.run([str(program)], capture_output=True, text=True, check=False)
    return Answer(ran.returncode == 0, ran.stdout.strip() or f"status {ran.returncode}")
