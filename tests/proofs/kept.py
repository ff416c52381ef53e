"""kept.py: answers of earlier runs, kept in the tree as text so that a run asks only what is new.

answers/goals.txt    goals that a prover proved: the digest that Frama-C makes of a goal's text and of the prover's name
                     and version, the prover, seconds, steps. Another goal or another prover has another digest.
answers/others.json  mutants that were caught and helpers that were tried: a digest of what was asked, what came out.
"""
# SPDX-License-Identifier: MIT OR Apache-2.0

import hashlib
import json
import re
import shutil
import subprocess
from typing import Dict, List, Tuple

from frama_c import BUILD, GOALS, HERE

FORM = "1"  # another number forgets others.json: when it is asked in another way
GOALS_FILE = HERE / "answers" / "goals.txt"
OTHERS_FILE = HERE / "answers" / "others.json"
OTHERS_HERE = BUILD / "others.json"
VALID = re.compile(r'"prover": "([^"]+)", "verdict": "valid", "time": ([\d.]+)(?:, "steps": (\d+))?')
TOKEN = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|[{};]', re.DOTALL)
ATTRIBUTE = re.compile(r"__attribute__\s*\(\((?:[^()]|\([^()]*\))*\)\)")


def versions() -> str:
    return subprocess.run("frama-c -version; why3 --version; z3 --version; cvc4 --version | head -1", shell=True,
                          capture_output=True, text=True, check=False).stdout


def unpack(fresh: bool) -> None:
    """Give Frama-C the kept goals; `fresh`: nothing at all."""
    if fresh:
        shutil.rmtree(GOALS, ignore_errors=True)
    GOALS.mkdir(parents=True, exist_ok=True)
    if fresh or not GOALS_FILE.exists():
        return
    for line in GOALS_FILE.read_text(encoding="utf-8").splitlines():
        digest, prover, seconds, steps = line.split()
        path = GOALS / f"{digest}.json"
        if not path.exists():
            more = f', "steps": {steps}' if steps != "-" else ""
            path.write_text(f'{{ "prover": "{prover}", "verdict": "valid", "time": {seconds}{more} }}\n', encoding="utf-8")


def pack() -> int:
    """Write goals.txt from what Frama-C has now; answer how many."""
    lines = []
    for path in sorted(GOALS.glob("*.json")):
        if match := VALID.search(path.read_text(encoding="utf-8")):
            lines.append(f"{path.stem} {match[1]} {match[2]} {match[3] or '-'}\n")
    GOALS_FILE.parent.mkdir(exist_ok=True)
    GOALS_FILE.write_text("".join(lines), encoding="utf-8")
    return len(lines)


def without_other_bodies(text: str, keep: str) -> str:
    """All that the proof of `keep` sees of a preprocessed source: its own body, everything else but bodies; no comments
    but contracts, and one blank for many."""
    out: List[str] = []
    at, start, depth, dropping = 0, 0, 0, False
    for match in TOKEN.finditer(text):
        token = match.group()
        if not dropping:
            out.append(text[at : match.start()])
        at = match.end()
        if token[0] == "/":
            if not dropping and token[:3] in ("/*@", "//@"):
                out.append(token)
            continue
        if token == "{":
            if depth == 0:
                head = ATTRIBUTE.sub("", TOKEN.sub(lambda one: "" if one[0][0] == "/" else one[0], text[start : match.start()])).strip()
                dropping = head.endswith(")") and not re.search(rf"\b{keep}\s*\(", head)
            depth += 1
        elif token == "}":
            depth -= 1
            if depth == 0:
                out.append("{}" if dropping else "}")
                dropping, start = False, match.end()
                continue
        elif token == ";" and depth == 0:
            start = match.end()
        if not dropping:
            out.append(token)
    out.append(text[at:])
    return re.sub(r"\s+", " ", "".join(out))


class Others:
    """Mutants and trials by what was asked: only good answers are kept."""

    def __init__(self, fresh: bool) -> None:
        self.base = f"{FORM}\n{versions()}"
        self.answers: Dict[str, Tuple[str, str]] = {}
        self.used: Dict[str, Tuple[str, str]] = {}
        for path in () if fresh else (OTHERS_FILE, OTHERS_HERE):
            if path.exists():
                self.answers.update(json.loads(path.read_text(encoding="utf-8")))

    def key(self, *question: str) -> str:
        return hashlib.sha256("\0".join([self.base, *question]).encode()).hexdigest()[:32]

    def recall(self, name: str, key: str) -> str:
        """What was answered then, `` when this was not asked."""
        known, says = self.answers.get(name, ("", ""))
        if known != key:
            return ""
        self.used[name] = (known, says)
        return says

    def keep(self, name: str, key: str, says: str) -> None:
        self.used[name] = (key, says)

    def save(self, in_tree: bool) -> None:
        path = OTHERS_FILE if in_tree else OTHERS_HERE
        known = {} if in_tree else dict(self.answers)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(dict(sorted({**known, **self.used}.items())), indent=0) + "\n", encoding="utf-8")
