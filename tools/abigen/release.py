# What has been released stays: records the schema of a release and refuses a schema that takes something back.
#
# The record is abi/schema/released.json: for each module the consts, the structs
# with their fields, the variants of enums and the calls. A call is written with
# its types fully expanded, so an enum inside a released call cannot grow either.
# SPDX-License-Identifier: MIT OR Apache-2.0
from __future__ import annotations

import json
from pathlib import Path

from .model import Enum, Field, Flags, Module, Ref, Schema, SchemaError, Struct, Type, spell_with


def names_only(fields: tuple[Field, ...]) -> str:
    """Fields with the names of structs and enums instead of what is in them: those have their own record."""
    def spell(type_: Type) -> str:
        return type_.target.name if isinstance(type_, Ref) else spell_with(type_, spell)

    return ",".join(f"{one.name}:{spell(one.type)}" for one in fields)


def record_module(module: Module) -> dict:
    service = module.service
    return {
        "service": {"uuid": service.uuid, "hello": service.spell(), "kernel_only": service.kernel_only} if service else {},
        "consts": {one.name: one.value for one in module.consts},
        "structs": {one.name: names_only(one.fields) for one in module.types if isinstance(one, Struct)},
        "enums": {one.name: [f"{v.name}({names_only(v.fields)})" for v in one.variants]
                  for one in module.types if isinstance(one, Enum)},
        "calls": [one.spell() for one in module.calls],
    }


def record(schema: Schema) -> dict:
    """Everything that a release promises, as JSON."""
    return {
        "errors": {one.name: one.number for one in schema.errors.errors},
        "ends": {one.name: one.number for one in schema.errors.ends},
        "host": {one.code: one.name for one in schema.errors.host},
        "modules": {one.name: record_module(one) for one in schema.modules},
    }


def same(where: str, old: dict, new: dict) -> None:
    """Every released name is still there with its released meaning."""
    for name, value in old.items():
        if name not in new:
            raise SchemaError(f"{where} {name}: was released and may not go")
        if new[name] != value:
            raise SchemaError(f"{where} {name}: was released as `{value}` and may not become `{new[name]}`")


def appended(where: str, old: list[str], new: list[str]) -> None:
    """The list begins with what was released."""
    for index, text in enumerate(old):
        if index >= len(new):
            raise SchemaError(f"{where}: `{text}` was released and may not go")
        if new[index] != text:
            raise SchemaError(f"{where}: number {index} was released as `{text}` and may not become `{new[index]}`")


def check(released: dict, schema: Schema) -> None:
    """Refuse a schema that changes or removes anything released."""
    now = record(schema)
    file = schema.errors.file
    same(f"{file}: error", released["errors"], now["errors"])
    same(f"{file}: end", released["ends"], now["ends"])
    same(f"{file}: host", released["host"], now["host"])
    for name, old in released["modules"].items():
        if name not in now["modules"]:
            raise SchemaError(f"{name}.toml: was released and may not go")
        new = now["modules"][name]
        same(f"{name}.toml:", old.get("service", {}), new["service"])
        same(f"{name}.toml: const", old["consts"], new["consts"])
        same(f"{name}.toml: struct", old["structs"], new["structs"])
        for enum, variants in old["enums"].items():
            if enum not in new["enums"]:
                raise SchemaError(f"{name}.toml: enum {enum}: was released and may not go")
            appended(f"{name}.toml: enum {enum}", variants, new["enums"][enum])
        appended(f"{name}.toml: calls", old["calls"], new["calls"])


def load(path: Path) -> dict | None:
    return json.loads(path.read_text("utf-8")) if path.exists() else None


def save(path: Path, schema: Schema) -> None:
    path.write_text(json.dumps(record(schema), indent=1, ensure_ascii=False) + "\n", "utf-8")
