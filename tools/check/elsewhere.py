"""elsewhere.py: `demo` and `check` in a copy of the tree where nothing is as the developer has it.

A path with blanks that is too long for a socket, another current folder, umask 077, a broken python3 first on PATH, an empty home folder and, when
this runs as root, another user. Afterwards nothing may have been written outside the copy's build folder.
"""
# SPDX-License-Identifier: MIT OR Apache-2.0

import contextlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Dict, List, Optional, Set

from common import TOP, files

PLACE = TOP / "build" / "elsewhere"
NOBODY = 65534
SHARED = ("/tmp", "/var/tmp", "/dev/shm", "/run/user")
LONG_NAME = "a folder with blanks and a name so long that no socket fits below it any more"
QUICK_GROUPS = ["packages", "layers", "scripts", "forbidden", "headers"]


def copy_tree(target: Path) -> None:
    for path in files(TOP):
        copy = target / path.relative_to(TOP)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, copy)


def give_to(user: int, folder: Path) -> None:
    for path in [folder, *folder.rglob("*")]:
        os.chown(path, user, user, follow_symlinks=False)


def reachable(folder: Path) -> bool:
    return all(parent.stat().st_mode & 0o001 for parent in folder.parents)


def listing(folder: Path) -> Set[str]:
    """Everything below a folder but its build folder."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.relative_to(folder).parts[0] != "build"}


def of_user(user: Optional[int]) -> Set[str]:
    """What this user has in the folders that everyone may write to."""
    if user is None:
        return set()
    found = set()
    for name in SHARED:
        folder = Path(name)
        for entry in folder.iterdir() if folder.is_dir() else ():
            with contextlib.suppress(FileNotFoundError):  # others' files come and go
                if entry.lstat().st_uid == user:
                    found.add(str(entry))
    return found


def broken_python(folder: Path) -> None:
    folder.mkdir()
    for name in ("python", "python3"):
        script = folder / name
        script.write_text("#!/bin/sh\necho 'this is the wrong python' >&2\nexit 1\n", encoding="utf-8")
        script.chmod(0o755)


def environment(home: Path, binaries: Path) -> Dict[str, str]:
    return {"HOME": str(home), "PATH": f"{binaries}:{os.environ['PATH']}", "LANG": "C.UTF-8", "TERM": "dumb"}


def run(command: List[str], user: Optional[int], variables: Dict[str, str]) -> int:
    print(f"$ {' '.join(command)}", flush=True)
    who = {} if user is None else {"user": user, "group": user, "extra_groups": []}
    return subprocess.run(command, cwd="/", env=variables, umask=0o077, stdin=subprocess.DEVNULL, check=False, **who).returncode


class Traces:
    """What there is before; afterwards, what is new outside the build folder."""

    def __init__(self, tree: Path, home: Path, user: Optional[int]) -> None:
        self.tree, self.home, self.user = tree, home, user
        self.listed, self.shared = listing(tree), of_user(user)

    def found(self) -> List[str]:
        return [*(f"{name} appeared outside the build folder" for name in sorted(listing(self.tree) - self.listed)),
                *(f"{name} appeared in the home folder" for name in sorted(path.name for path in self.home.iterdir())),
                *(f"{name} was left behind" for name in sorted(of_user(self.user) - self.shared))]


def check_itself(traces: Traces, user: Optional[int], variables: Dict[str, str]) -> List[str]:
    """A trace in each folder is found; the python3 of these surroundings does not work; a status is told."""
    planted = [traces.tree / "docs" / "planted", traces.home / "planted"]
    if user is not None:
        planted.append(Path(SHARED[0]) / f"planted-{os.getpid()}")
    for path in planted:
        path.touch()
        if user is not None:
            os.chown(path, user, user)
    told = traces.found()
    for path in planted:
        path.unlink()
    wrong = [] if len(told) == len(planted) else [f"of {len(planted)} planted files only these were told: {told}"]
    if run(["python3", "-c", ""], user, variables) == 0:
        wrong.append("a working python3 is first on PATH")
    return wrong


def main() -> int:
    shutil.rmtree(PLACE, ignore_errors=True)
    tree, home, binaries = PLACE / LONG_NAME / "mnemos", PLACE / "home", PLACE / "bin"
    tree.mkdir(parents=True)
    home.mkdir()
    broken_python(binaries)
    copy_tree(tree)
    user = NOBODY if os.getuid() == 0 and reachable(tree) else None
    if user is None:
        print("the same user as now: not root, or the tree is not reachable for others")
    else:
        give_to(user, PLACE)
    traces = Traces(tree, home, user)
    variables = environment(home, binaries)
    wrong = check_itself(traces, user, variables)
    for command in ([str(tree / "demo")], [str(tree / "check"), *QUICK_GROUPS]):
        status = run(command, user, variables)
        if status != 0:
            wrong.append(f"{Path(command[0]).name} ended with status {status}")
    wrong += traces.found()
    print("\n".join(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
