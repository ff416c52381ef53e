"""conftest.py: builds the hostile programs from the SDK, boots one emulated board for all tests of this folder."""
# SPDX-License-Identifier: MIT OR Apache-2.0

import subprocess
import sys
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tools" / "mnemos-load"))

from mnemos_load import emulator  # noqa: E402

from board import Board, Neighbour  # noqa: E402


@pytest.fixture(scope="session")
def images():
    folder = TOP / "build" / "hostile"
    configure = ["cmake", "-S", str(TOP / "tests/hostile/programs"), "-B", str(folder), "-G", "Ninja",
                 f"-DCMAKE_TOOLCHAIN_FILE={TOP / 'sdk/cmake/mnemos.cmake'}"]
    for command in (configure, ["ninja", "-C", str(folder)]):
        result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        assert result.returncode == 0, result.stdout
    return folder


@pytest.fixture(scope="session")
def board(images, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MNEMOS_CACHE", str(tmp_path_factory.mktemp("cache")))
        try:
            board = Board(images)
            yield board
            board.close()
        finally:
            emulator.stop()


@pytest.fixture(scope="session")
def neighbour(board):
    neighbour = Neighbour(board)
    yield neighbour
    assert neighbour.finish().end == "exit 0"


@pytest.fixture
def unharmed(board, neighbour):
    """Around a test: the kernel answers, the neighbour is intact, all memory is back."""
    before = board.free()
    yield
    assert board.loader.info().crash is None, "the kernel crashed"
    assert board.settles_to(before) == before
    neighbour.assert_intact()
