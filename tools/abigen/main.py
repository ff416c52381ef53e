# The command line: write every output, or say which are stale, or record a release.
# SPDX-License-Identifier: MIT OR Apache-2.0
from __future__ import annotations

import argparse
import sys
from pathlib import Path

from . import c, python
from .model import Schema, SchemaError
from .schema import read_schema

MIRROR = "tools/mnemos-load/mnemos_load/abi"
ROOT = Path(__file__).resolve().parent.parent.parent


def outputs(schema: Schema) -> dict[str, str]:
    """Every generated file, by its path from the top of the tree."""
    found = {}
    found["abi/include/mnemos/abi/error.h"], found["abi/src/gen/error.c"] = c.render_errors(schema.errors)
    found[f"{MIRROR}/error.py"] = python.render_errors(schema.errors)
    for module in schema.modules:
        header, source = c.CModule(module).render()
        found[f"abi/include/mnemos/abi/{module.name}.h"] = header
        if source is not None:
            found[f"abi/src/gen/{module.name}.c"] = source
        found[f"{MIRROR}/{module.name}.py"] = python.render(module)
    return found


def write(root: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        target = root / path
        if target.exists() and target.read_text("utf-8") == text:
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")
        print(f"wrote {path}")


def stale(root: Path, files: dict[str, str]) -> list[str]:
    return [path for path, text in files.items()
            if not (root / path).exists() or (root / path).read_text("utf-8") != text]


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="abigen", description="Generate everything that abi/schema declares.")
    parser.add_argument("--check", action="store_true", help="write nothing; name stale files and exit with 1")
    parser.add_argument("--root", type=Path, default=ROOT, help="top of the tree (default: this one)")
    options = parser.parse_args(argv)
    try:
        schema = read_schema(options.root / "abi/schema")
        files = outputs(schema)
    except SchemaError as err:
        print(f"abigen: {err}", file=sys.stderr)
        return 1
    if options.check:
        found = stale(options.root, files)
        for path in found:
            print(f"abigen: {path} is stale; run tools/abigen/abigen.py", file=sys.stderr)
        return 1 if found else 0
    write(options.root, files)
    return 0
