# conftest.py: where the tool is, and fixtures for its tests.
# SPDX-License-Identifier: MIT OR Apache-2.0
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "tools/mnemos-load"))
sys.path.insert(0, str(Path(__file__).parent))

from fake_device import FakeDevice  # noqa: E402

TOOL = ROOT / "tools/mnemos-load/mnemos-load"


@pytest.fixture
def fake(tmp_path):
    """A fake device that listens on a Unix socket."""
    device = FakeDevice()
    device.listen(tmp_path / "line.sock")
    yield device
    device.close()


@pytest.fixture
def environment(tmp_path):
    """An environment of its own: no configuration, cache in a temporary folder."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("MNEMOS_", "XDG_", "NO_COLOR"))}
    return {**kept, "MNEMOS_CACHE": str(tmp_path / "cache"), "LANG": "C.UTF-8"}


@pytest.fixture
def tool(environment, tmp_path):
    """Run the tool to its end: tool("run", "x.mna", stdin=b"...")."""

    def run(*words, stdin=b"", cwd=tmp_path, limit=30, extra=None):
        return subprocess.run(
            [str(TOOL), *map(str, words)],
            input=stdin,
            capture_output=True,
            timeout=limit,
            cwd=cwd,
            env={**environment, **(extra or {})},
        )

    return run
