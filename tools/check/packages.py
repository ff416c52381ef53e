"""packages.py: the tools that build and test are new enough, and each package of the list is installed."""
# SPDX-License-Identifier: MIT OR Apache-2.0

import re
import subprocess
import sys
from typing import List, Tuple

# command, least version
LEAST: List[Tuple[List[str], Tuple[int, ...]]] = [
    (["arm-none-eabi-gcc", "-dumpfullversion"], (12, 0)),
    (["gcc", "-dumpfullversion"], (12, 0)),
    (["cmake", "--version"], (3, 25)),
    (["ninja", "--version"], (1, 10)),
    (["qemu-system-arm", "--version"], (7, 2)),
    (["/usr/bin/python3", "--version"], (3, 11)),
    (["shellcheck", "--version"], (0, 9)),
]


def version(command: List[str]) -> Tuple[str, Tuple[int, ...]]:
    try:
        text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        return str(error), ()
    match = re.search(r"\d+(?:\.\d+)+", text)
    return (match.group(), tuple(int(part) for part in match.group().split("."))) if match else (text, ())


def main() -> int:
    bad = 0
    for command, least in LEAST:
        text, number = version(command)
        enough = number >= least
        bad += not enough
        print(f"{command[0]} {text}" + ("" if enough else f": at least {'.'.join(map(str, least))} is needed"))
    specs = subprocess.run(["arm-none-eabi-gcc", "-print-file-name=picolibc.specs"], capture_output=True, text=True,
                           check=False).stdout.strip()
    if not specs.startswith("/"):
        print("picolibc.specs: not found by arm-none-eabi-gcc")
        bad += 1
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
