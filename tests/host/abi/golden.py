#!/usr/bin/python3
# Turns golden vectors into C: each value as an initialiser beside the bytes it must become.
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Usage: golden.py FOLDER. Writes golden.c there: the vectors of abi/vectors, and those of schema/ beside this script, whose
codecs it writes too."""
from __future__ import annotations

import json
import sys
import uuid
from pathlib import Path
from typing import Any

sys.dont_write_bytecode = True
ROOT = Path(__file__).resolve().parent.parent.parent.parent
sys.path.insert(0, str(ROOT / "tools"))

from abigen.c import CModule  # noqa: E402
from abigen.model import (Array, Enum, Field, Flags, Handle, Map, Module, Option, Result, Scalar, Seq, Span,  # noqa: E402
                          Struct, Text, Tuple, Type, Unit)
from abigen.schema import read_module, read_schema, safe  # noqa: E402
from abigen.vectors import render as vectors_of  # noqa: E402

HERE = Path(__file__).resolve().parent

# In the module being written: are texts in the structs themselves?
BY_VALUE = False


def byte_list(data: bytes) -> str:
    return ", ".join(map(str, data))


def scalar(name: str, value: Any) -> str:
    if name == "bool":
        return "true" if value else "false"
    if name in ("u128", "i128"):
        low, high = value % (1 << 64), value >> 64
        return f"{{ {low}ULL, {scalar('u64' if name == 'u128' else 'i64', high)} }}"
    if name == "char":
        return f"{ord(value)}u"
    if name == "uuid":
        return f"{{ {byte_list(uuid.UUID(value).bytes)} }}"
    if name == "duration":
        return f"{{ {value[0]}ULL, {value[1]}u }}"
    if name in ("f32", "f64"):
        return f"{value!r}{'f' if name == 'f32' else ''}"
    if name[0] == "i":
        # The least number has no literal of its own type.
        return f"({value + 1}LL - 1)" if value < 0 else f"{value}LL"
    return f"{value}ULL"


def initialiser(type_: Type, value: Any) -> str:
    if isinstance(type_, Scalar):
        return scalar(type_.name, value)
    if isinstance(type_, Text):
        data = value.encode() if type_.utf8 else bytes.fromhex(value)
        if BY_VALUE:
            return f"{{ .len = {len(data)}{', .data = { ' + byte_list(data) + ' }' if data else ''} }}"
        return f"{{ (const uint8_t[]){{ {byte_list(data) or 0} }}, {len(data)} }}"
    if isinstance(type_, Array):
        items = list(bytes.fromhex(value)) if isinstance(value, str) else value
        return "{ " + ", ".join(initialiser(type_.item, one) for one in items) + " }"
    if isinstance(type_, Seq):
        items = ", ".join(initialiser(type_.item, one) for one in value)
        return f"{{ .len = {len(value)}{', .items = { ' + items + ' }' if value else ''} }}"
    if isinstance(type_, Option):
        return "{ .some = false }" if value is None else f"{{ .some = true, .value = {initialiser(type_.item, value)} }}"
    if isinstance(type_, Span):
        return f"{{ {value[0]}u, {value[1]}u }}"
    if isinstance(type_, Handle):
        return f"{value}u"
    if isinstance(type_, Map):
        items = ", ".join(f"{{ .key = {initialiser(type_.key, key)}, .value = {initialiser(type_.value, one)} }}" for key, one in value)
        return f"{{ .len = {len(value)}{', .items = { ' + items + ' }' if value else ''} }}"
    if isinstance(type_, Tuple):
        items = zip(type_.items, value, strict=True)
        return "{ " + ", ".join(f".item{i} = {initialiser(one, part)}" for i, (one, part) in enumerate(items)) + " }"
    if isinstance(type_, Result):
        ok = "ok" in value
        item, name = (type_.value, "value") if ok else (type_.error, "error")
        inner = "" if isinstance(item, Unit) else f", .{name} = {initialiser(item, value['ok' if ok else 'err'])}"
        return f"{{ .ok = {'true' if ok else 'false'}{inner} }}"
    if isinstance(type_.target, Flags):
        return f"{value}u"
    return message(type_.target, value)


def fields(fields_: tuple[Field, ...], value: dict) -> str:
    return "{ " + ", ".join(f".{safe(one.name)} = {initialiser(one.type, value[one.name])}" for one in fields_) + " }"


def message(item: Struct | Enum, value: Any) -> str:
    if isinstance(item, Struct):
        return fields(item.fields, value)
    names = [one.name for one in item.variants]
    if item.plain:
        return str(names.index(value))
    (name, body), = value.items()
    variant = item.variants[names.index(name)]
    inner = f", .{safe(name)} = {fields(variant.fields, body)}" if variant.fields else ""
    return f"{{ .tag = {names.index(name)}{inner} }}"


def sources(folder: Path) -> list[tuple[Module, str]]:
    """Every module with its vectors as JSON. Those of the tests get their codecs written."""
    schema = read_schema(ROOT / "abi/schema")
    found = [(one, (ROOT / f"abi/vectors/{one.name}.json").read_text("utf-8")) for one in schema.modules]
    (folder / "mnemos/abi").mkdir(parents=True, exist_ok=True)
    for path in sorted((HERE / "schema").glob("*.toml")):
        module, _ = read_module(path, schema.errors)
        header, source = CModule(module).render()
        (folder / f"mnemos/abi/{module.name}.h").write_text(header, "utf-8")
        (folder / f"{module.name}.c").write_text(source or "", "utf-8")
        found.append((module, vectors_of(module)))
    return found


def render(folder: Path) -> str:
    lines = ["/* Generated by golden.py. */", '#include "golden.h"']
    table = []
    global BY_VALUE
    for module, vectors in sources(folder):
        BY_VALUE = module.service is not None
        lines.append(f"#include <mnemos/abi/{module.name}.h>")
        messages = {one.name: one for one in module.messages()}
        for name in messages:
            lines += [f"static bool {module.name}_{name}_put(struct mnemos_writer *w, const void *m)",
                      f"{{ return mnemos_{module.name}_{name}_put(w, m); }}",
                      f"static bool {module.name}_{name}_get(struct mnemos_reader *r, void *m)",
                      f"{{ return mnemos_{module.name}_{name}_get(r, m); }}"]
        for number, case in enumerate(json.loads(vectors)):
            name = case["message"]
            struct = f"struct mnemos_{module.name}_{name}"
            data = bytes.fromhex(case["hex"])
            label = f"{module.name}_{number}"
            lines += [f"static const {struct} {label} = {message(messages[name], case['value'])};",
                      f"static const uint8_t {label}_bytes[] = {{ {byte_list(data)} }};"]
            upper = f"MNEMOS_{module.name}_{name}".upper()
            table.append(f'    {{ "{module.name} {name}: {case["case"]}", &{label}, sizeof {label}, {label}_bytes, '
                         f"sizeof {label}_bytes, {upper}_MIN, {upper}_MAX, {module.name}_{name}_put, "
                         f"{module.name}_{name}_get }},")
    lines += ["const struct golden goldens[] = {", *table, "};",
              "const size_t golden_count = sizeof goldens / sizeof goldens[0];", ""]
    return "\n".join(lines)


if __name__ == "__main__":
    FOLDER = Path(sys.argv[1])
    (FOLDER / "golden.c").write_text(render(FOLDER), "utf-8")
