"""pytest_here.py: pytest without a cache and with its temporary files below build/."""
# SPDX-License-Identifier: MIT OR Apache-2.0

import sys

import pytest

from common import TOP


def main() -> int:
    name = "-".join(argument.replace("/", "-") for argument in sys.argv[1:] if not argument.startswith("-"))
    temporary = TOP / "build" / "tmp" / f"pytest-{name or 'all'}"
    temporary.parent.mkdir(parents=True, exist_ok=True)
    return pytest.main([f"--basetemp={temporary}", "-p", "no:cacheprovider", *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(main())
