"""kept.py: answers of earlier runs, kept in the tree as text (answers.json) so that a run asks only what is new.

Of each function that was proved, helper that was tried and mutant that was caught: a digest of what was asked, and what came
out. The digest is of all that the answer depends on: what the proof sees (seen.py), the mistake, and the versions of the tools.
"""
# SPDX-License-Identifier: MIT OR Apache-2.0

import hashlib
import json
import subprocess
from typing import Dict, Tuple

from frama_c import BUILD, HERE

FORM = "1"  # another number forgets all: when something is asked in another way
IN_TREE = HERE / "answers.json"
HERE_ONLY = BUILD / "answers.json"


def versions() -> str:
    return subprocess.run("frama-c -version; why3 --version; z3 --version; cvc4 --version | head -1", shell=True,
                          capture_output=True, text=True, check=False).stdout


class Kept:
    """What is known, and what this run found. Only good answers are kept."""

    def __init__(self, fresh: bool) -> None:
        self.base = f"{FORM}\n{versions()}"
        self.known: Dict[str, Tuple[str, str]] = {}
        self.found: Dict[str, Tuple[str, str]] = {}
        for path in () if fresh else (IN_TREE, HERE_ONLY):
            if path.exists():
                self.known.update(json.loads(path.read_text(encoding="utf-8")))

    def key(self, *question: str) -> str:
        return hashlib.sha256("\0".join([self.base, *question]).encode()).hexdigest()[:32]

    def recall(self, name: str, key: str) -> str:
        """What was answered then, `` when this was not asked."""
        known, says = self.known.get(name, ("", ""))
        if known != key:
            return ""
        self.found[name] = (known, says)
        return says

    def keep(self, name: str, key: str, says: str) -> None:
        self.found[name] = (key, says)

    def save_here(self) -> None:
        """Add what was found to what is known on this machine."""
        HERE_ONLY.write_text(json.dumps({**self.known, **self.found}), encoding="utf-8")

    def save_in_tree(self) -> int:
        """Write what was found, and no more; answer how many."""
        lines = [f"{json.dumps(name)}: {json.dumps(self.found[name])}" for name in sorted(self.found)]
        IN_TREE.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
        return len(lines)
