"""pytest_here.py: pytest without a cache, with its temporary files below build/, and with a limit for each test."""
# SPDX-License-Identifier: MIT OR Apache-2.0

import faulthandler
import signal
import sys

import pytest

from common import TOP

TEST_LIMIT_S = 300


class Limit:
    """A test that does not come back fails, with the stack of every thread, and the next one has its turn."""

    @staticmethod
    def _expired(number, frame):
        faulthandler.dump_traceback(file=sys.__stderr__)
        pytest.fail(f"not done after {TEST_LIMIT_S} s")

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_setup(self, item):
        signal.signal(signal.SIGALRM, self._expired)
        signal.alarm(TEST_LIMIT_S)
        yield

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_teardown(self, item, nextitem):
        signal.alarm(TEST_LIMIT_S)
        yield
        signal.alarm(0)


def main() -> int:
    name = "-".join(argument.replace("/", "-") for argument in sys.argv[1:] if not argument.startswith("-"))
    temporary = TOP / "build" / "tmp" / f"pytest-{name or 'all'}"
    temporary.parent.mkdir(parents=True, exist_ok=True)
    return pytest.main([f"--basetemp={temporary}", "-p", "no:cacheprovider", *sys.argv[1:]], plugins=[Limit()])


if __name__ == "__main__":
    sys.exit(main())
