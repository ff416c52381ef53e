# The command line: write every output, or say which are stale, or record a release.
# SPDX-License-Identifier: MIT OR Apache-2.0
from __future__ import annotations

import argparse
import sys
from pathlib import Path

from . import c, docs, python, release, service, vectors
from .model import Schema, SchemaError
from .schema import read_schema

ROOT = Path(__file__).resolve().parent.parent.parent
SCHEMA = "abi/schema"
RELEASED = "abi/schema/released.json"
MIRROR = "tools/mnemos-load/mnemos_load/abi"
# Folders in which every file with the ending is generated, so that one of a module that is gone is found.
OWNED = (("abi/src/gen", "*.c"), ("docs/abi", "*.md"), ("abi/vectors", "*.json"), ("kernel/services/gen", "*"),
         ("sdk/lib/gen", "*"), ("sdk/include/mnemos/services", "*"))


def outputs(schema: Schema) -> dict[str, str]:
    """Every generated file, by its path from the top of the tree."""
    found = {}
    found["abi/include/mnemos/abi/error.h"], found["abi/src/gen/error.c"] = c.render_errors(schema.errors)
    found[f"{MIRROR}/error.py"] = python.render_errors(schema.errors)
    found["docs/abi/error.md"] = docs.render_errors(schema.errors)
    for module in schema.modules:
        header, source = c.CModule(module).render()
        found[f"abi/include/mnemos/abi/{module.name}.h"] = header
        if source is not None:
            found[f"abi/src/gen/{module.name}.c"] = source
        if module.service:
            found.update(service.render(module))
        found[f"{MIRROR}/{module.name}.py"] = python.render(module)
        found[f"docs/abi/{module.name}.md"] = docs.render(module)
        found[f"abi/vectors/{module.name}.json"] = vectors.render(module)
    return found


def leftovers(root: Path, files: dict[str, str]) -> list[str]:
    """Generated files that no schema asks for any more."""
    return [path for folder, pattern in OWNED for path in
            sorted(one.relative_to(root).as_posix() for one in (root / folder).glob(pattern)) if path not in files]


def stale(root: Path, files: dict[str, str]) -> list[str]:
    return [path for path, text in files.items()
            if not (root / path).exists() or (root / path).read_text("utf-8") != text]


def write(root: Path, files: dict[str, str]) -> None:
    for path in stale(root, files):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(files[path], "utf-8")
        print(f"wrote {path}")
    for path in leftovers(root, files):
        (root / path).unlink()
        print(f"removed {path}")


def check(root: Path, files: dict[str, str]) -> int:
    found = stale(root, files) + leftovers(root, files)
    for path in found:
        print(f"abigen: {path} is stale; run tools/abigen/abigen.py", file=sys.stderr)
    return 1 if found else 0


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="abigen", description="Generate everything that abi/schema declares.")
    parser.add_argument("command", nargs="?", choices=["release"], help="record the schema as released")
    parser.add_argument("--check", action="store_true", help="write nothing; name stale files and exit with 1")
    parser.add_argument("--root", type=Path, default=ROOT, help="top of the tree (default: this one)")
    options = parser.parse_args(argv)
    root = options.root
    try:
        schema = read_schema(root / SCHEMA)
        released = release.load(root / RELEASED)
        if released is not None:
            release.check(released, schema)
        files = outputs(schema)
    except SchemaError as err:
        print(f"abigen: {err}", file=sys.stderr)
        return 1
    if options.check:
        return check(root, files)
    write(root, files)
    if options.command == "release":
        release.save(root / RELEASED, schema)
        print(f"wrote {RELEASED}")
    return 0
