# The command line: write every output, or say which are stale, or record a release; the same for a schema from elsewhere.
# SPDX-License-Identifier: MIT OR Apache-2.0
from __future__ import annotations

import argparse
import sys
import uuid
from pathlib import Path

from . import c, docs, interface, python, release, service, vectors
from .model import Schema, SchemaError
from .schema import read_schema

ROOT = Path(__file__).resolve().parent.parent.parent
SCHEMA = "abi/schema"
RELEASED = f"{SCHEMA}/{release.RECORD}"
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


def tree(root: Path, command: str | None, only_check: bool) -> int:
    """Everything of this tree."""
    schema = read_schema(root / SCHEMA)
    released = release.load(root / RELEASED)
    if released is not None:
        release.check(released, schema, root)
    files = outputs(schema)
    if only_check:
        return check(root, files)
    write(root, files)
    if command == "release":
        release.save(root / RELEASED, release.record(schema, root))
        print(f"wrote {RELEASED}")
    return 0


def elsewhere(options: argparse.Namespace) -> int:
    """One schema file of somebody else's."""
    module = interface.read(options.schema, options.root / SCHEMA)
    if options.command == "release":
        print(f"wrote {interface.record(options.schema, module)}")
    elif options.into is None:
        interface.outputs(module, options.part)
    else:
        interface.write(module, options.part, options.into)
    return 0


USAGE = """abigen                                    write the outputs of abi/schema
       abigen --check                            say which are stale, write nothing
       abigen release                            record abi/schema as released
       abigen interface SCHEMA [--part PART...] [--into FOLDER]
                                                 the sources of a schema from elsewhere; without a folder: only look
       abigen release SCHEMA                     record it as released, in released.json beside it
       abigen new-uuid                           a UUID for a new service"""


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="abigen", description="Generate everything that a schema declares.", usage=USAGE)
    parser.add_argument("command", nargs="?", choices=["release", "interface", "new-uuid"])
    parser.add_argument("schema", nargs="?", type=Path, help="a schema file outside this tree")
    parser.add_argument("--check", action="store_true", help="write nothing; name stale files and exit with 1")
    parser.add_argument("--root", type=Path, default=ROOT, help="top of the tree (default: this one)")
    parser.add_argument("--into", type=Path, help="where the files of `interface` go")
    parser.add_argument("--part", action="append", choices=interface.PARTS, default=[], help="which of them; any number")
    options = parser.parse_args(argv)
    if options.command == "interface" and options.schema is None:
        parser.error("interface needs a schema file")
    if options.command == "new-uuid":
        print(uuid.uuid4())
        return 0
    try:
        if options.schema is not None:
            return elsewhere(options)
        return tree(options.root, options.command, options.check)
    except SchemaError as err:
        print(f"abigen: {err}", file=sys.stderr)
        return 1
