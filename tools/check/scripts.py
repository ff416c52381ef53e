"""scripts.py: shellcheck over every shell script, found by its first line."""
# SPDX-License-Identifier: MIT OR Apache-2.0

import subprocess
import sys
from pathlib import Path

import common


def is_script(path: Path) -> bool:
    with open(path, "rb") as file:
        first = file.readline(80)
    return path.suffix == ".sh" or (first.startswith(b"#!") and (b"bash" in first or first.rstrip().endswith(b"/sh")))


def main() -> int:
    root = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else common.TOP
    scripts = [str(path.relative_to(root)) for path in common.files(root) if is_script(path)]
    print("\n".join(scripts))
    if not scripts:
        return 0
    return subprocess.run(["shellcheck", "-x", "--severity=style", *scripts], cwd=root, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
