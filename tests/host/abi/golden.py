#!/usr/bin/python3
# Turns abi/vectors/*.json into C: each value as an initialiser beside the bytes it must become.
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Usage: golden.py OUTPUT.c"""
from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

sys.dont_write_bytecode = True
ROOT = Path(__file__).resolve().parent.parent.parent.parent
sys.path.insert(0, str(ROOT / "tools"))

from abigen.model import Array, Enum, Field, Option, Scalar, Seq, Span, Struct, Text, Type  # noqa: E402
from abigen.schema import read_schema, safe  # noqa: E402


# In the module being written: are texts in the structs themselves?
BY_VALUE = False


def byte_list(data: bytes) -> str:
    return ", ".join(map(str, data))


def scalar(name: str, value: Any) -> str:
    if name == "bool":
        return "true" if value else "false"
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


def render() -> str:
    lines = ["/* Generated from abi/vectors by golden.py. */", '#include "golden.h"']
    table = []
    global BY_VALUE
    for module in read_schema(ROOT / "abi/schema").modules:
        BY_VALUE = module.service is not None
        lines.append(f"#include <mnemos/abi/{module.name}.h>")
        messages = {one.name: one for one in module.messages()}
        for name in messages:
            struct = f"struct mnemos_{module.name}_{name}"
            lines += [f"static bool {module.name}_{name}_put(struct mnemos_writer *w, const void *m)",
                      f"{{ return mnemos_{module.name}_{name}_put(w, m); }}",
                      f"static bool {module.name}_{name}_get(struct mnemos_reader *r, void *m)",
                      f"{{ return mnemos_{module.name}_{name}_get(r, m); }}"]
        for number, case in enumerate(json.loads((ROOT / f"abi/vectors/{module.name}.json").read_text("utf-8"))):
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
    Path(sys.argv[1]).write_text(render(), "utf-8")
