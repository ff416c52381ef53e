# Paths and helpers for the tests of the schema compiler.
# SPDX-License-Identifier: MIT OR Apache-2.0
import shutil
import sys
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parent.parent.parent
sys.dont_write_bytecode = True
sys.path[:0] = [str(ROOT / "tools"), str(ROOT / "tools/mnemos-load")]

# Nothing is written beside the tests, and every run tries the same values.
settings.register_profile("tests", database=None, derandomize=True, deadline=None)
settings.load_profile("tests")

ERRORS = """module = "error"
doc = "Errors."
error = [{ name = "busy", number = -1, exit = 125, says = "held" }]
"""


@pytest.fixture
def tree(tmp_path):
    """A tree of our own with the real schema in it."""
    (tmp_path / "abi").mkdir()
    shutil.copytree(ROOT / "abi/schema", tmp_path / "abi/schema")
    (tmp_path / "abi/include/mnemos/abi").mkdir(parents=True)
    for name in ("svc.h", "image.h"):
        shutil.copy(ROOT / "abi/include/mnemos/abi" / name, tmp_path / "abi/include/mnemos/abi" / name)
    return tmp_path


@pytest.fixture
def read(tmp_path):
    """read(text): parse a module `m` from text, beside a small list of errors."""
    from abigen.schema import read_schema

    def run(text: str, errors: str = ERRORS):
        (tmp_path / "errors.toml").write_text(errors, "utf-8")
        (tmp_path / "m.toml").write_text('module = "m"\ndoc = "M."\n' + text, "utf-8")
        return read_schema(tmp_path)

    return run
