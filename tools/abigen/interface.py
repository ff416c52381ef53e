# Somebody else's schema: one file outside this tree becomes a service's or a client's sources in a build folder.
# SPDX-License-Identifier: MIT OR Apache-2.0
from __future__ import annotations

import dataclasses
from pathlib import Path

from . import docs, python, release, service, vectors
from .c import SPDX, CModule, comment
from .model import Module, SchemaError
from .schema import check_together, read_module, read_schema

PARTS = ("program", "kernel", "host", "docs", "vectors")
MIRROR = "mnemos_load.abi"  # where the host's modules find wire.py


def read(path: Path, ours: Path) -> Module:
    """A schema file that lives beside none of ours; `ours` is the folder of the SDK's schema, with the list of errors."""
    if not path.is_file():
        raise SchemaError(f"{path.name}: there is no such file")
    schema = read_schema(ours)
    module, handles = read_module(path, schema.errors)
    if module.name in {one.name for one in schema.modules}:
        raise SchemaError(f"{path.name}: mnemOS has a module `{module.name}` of its own: choose another name")
    if not module.service:
        raise SchemaError(f"{path.name}: is no service: it needs `service` and `uuid` (abigen new-uuid makes one)")
    check_together([*schema.modules, module], handles)
    released = release.load(path.parent / release.RECORD)
    if released is not None:
        release.check_one(released, module)
    return dataclasses.replace(module, folder="")


def codec(module: Module) -> dict[str, str]:
    header, source = CModule(module).render()
    empty = [*comment(f"{module.name}.c — all codecs of {module.name}.h are in the header. {module.origin}"), SPDX,
             f"#include <mnemos/abi/{module.name}.h>", ""]
    return {f"include/mnemos/abi/{module.name}.h": header, f"{module.name}.c": source or "\n".join(empty)}


def outputs(module: Module, parts: list[str]) -> dict[str, str]:
    """The files of these parts, by their path in the folder they go to. The same ones for every schema."""
    name = module.name
    sides = service.render(module)
    found: dict[str, str] = {}
    if "program" in parts or "kernel" in parts:
        found |= codec(module)
    if "program" in parts:
        header = f"sdk/include/mnemos/services/{name}.h"
        if header not in sides:
            raise SchemaError(f"{module.file}: has no calls for programs: all of it is for the kernel only")
        found[f"include/mnemos/services/{name}.h"] = sides[header]
        found[f"{name}_call.c"] = sides[f"sdk/lib/gen/{name}_call.c"]
    if "kernel" in parts:
        source = f"kernel/services/gen/{name}_service.c"
        found[source] = sides[source]
        found[f"kernel/services/gen/{name}_service.h"] = service.ServiceWriter(module).kernel_header(start=True)
    if "host" in parts:
        found[f"{name}.py"] = python.render(module, MIRROR)
    if "docs" in parts:
        found[f"{name}.md"] = docs.render(module)
    if "vectors" in parts:
        found[f"{name}.json"] = vectors.render(module)
    return found


def write(module: Module, parts: list[str], into: Path) -> None:
    """Always all of them, so that a build sees that they are newer than the schema."""
    for path, text in outputs(module, parts).items():
        (into / path).parent.mkdir(parents=True, exist_ok=True)
        (into / path).write_text(text, "utf-8")


def record(path: Path, module: Module) -> Path:
    """Put the module into the record beside its schema."""
    file = path.parent / release.RECORD
    found = release.load(file) or {"modules": {}}
    found["modules"][module.name] = release.record_module(module)
    release.save(file, found)
    return file
