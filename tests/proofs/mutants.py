"""mutants.py: the sources with one mistake each, which a proof (or a trial) must notice."""
# SPDX-License-Identifier: MIT OR Apache-2.0

import re
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, List, Optional, Tuple

from frama_c import BUILD, HERE, TOP, Proved, first_unproved
from trials import Answer, try_leaf


@dataclass(frozen=True)
class Mutant:
    """One mistake in one function."""

    function: str
    was: str
    becomes: str

    @property
    def title(self) -> str:
        return f"{self.function}: {self.was} -> {self.becomes}"


def read_mutants() -> List[Mutant]:
    table = tomllib.loads((HERE / "mutants.toml").read_text(encoding="utf-8"))["mutant"]
    return [Mutant(entry["function"], was, becomes) for entry in table for was, becomes in entry["changes"]]


def body_of(text: str, function: str) -> Tuple[int, int]:
    """From the name in the definition to the brace that closes it."""
    match = re.search(rf"^(?:\w[^;{{}}()\n]*)?\b{function}\([^;{{}}]*\)\n\{{.*?^\}}", text, re.MULTILINE | re.DOTALL)
    if not match:
        sys.exit(f"proofs: no definition of {function}")
    return match.span()


def write_mutant(mutant: Mutant, source: str, number: int) -> Path:
    """A tree with the changed source only."""
    text = (TOP / source).read_text(encoding="utf-8")
    start, end = body_of(text, mutant.function)
    code = re.sub(r"/\*.*?\*/|//[^\n]*", lambda match: "\0" * len(match[0]), text[start:end], flags=re.DOTALL)
    if code.count(mutant.was) != 1:
        sys.exit(f"proofs: mutants.toml: `{mutant.was}` is {code.count(mutant.was)} times in {mutant.function}, not once")
    place = start + code.index(mutant.was)
    tree = BUILD / "mutants" / f"{mutant.function}-{number}"
    path = tree / source
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text[:place] + mutant.becomes + text[place + len(mutant.was) :], encoding="utf-8")
    return tree


def catch(mutant: Mutant, tree: Path, functions: Dict[str, Proved], leaves: Dict[str, str]) -> Answer:
    """Does a goal fail, or the trial? A source that is refused altogether shows nothing (and raises RuntimeError)."""
    function: Optional[Proved] = functions.get(mutant.function)
    if function:
        unproved = first_unproved(function, tree)
        if unproved:
            return Answer(True, unproved)
    if mutant.function in leaves:
        tried = try_leaf(mutant.function, leaves[mutant.function], tree)
        if not tried.good:
            return Answer(True, f"tried: {tried.says}")
    return Answer(False, "survives")
