# What has been released stays: records the schema of a release and refuses a schema that takes something back.
#
# The record is released.json beside the schema: the errors, the layouts that are
# written by hand, and for each module the consts, the structs with their fields,
# the variants of enums, the names of flags, the calls and their shapes. A call is
# written with its types fully expanded, so an enum inside a released call cannot
# grow either.
# SPDX-License-Identifier: MIT OR Apache-2.0
from __future__ import annotations

import json
import re
from pathlib import Path

from .model import Enum, Errors, Field, Flags, Module, Ref, Schema, SchemaError, Struct, Type, spell_with
from .shape import prefixes

RECORD = "released.json"
# Headers that say a layout by hand, and what of them a later version may raise.
LAYOUTS = ("abi/include/mnemos/abi/svc.h", "abi/include/mnemos/abi/image.h")
RISING = {"MNEMOS_ABI_MINOR"}

# What to do instead, by what was touched.
INSTEAD = {
    "error": "leave it and add another at the end of its group",
    "end": "leave it and add another",
    "host": "leave it and add another code",
    "service": "leave it, or make another service with a uuid of its own",
    "const": "leave it and add another const",
    "struct": "leave it and add another struct, for another call or variant",
    "enum": "leave it and add variants at the end",
    "flags": "leave it and add flags at the end",
    "call": "leave it and add another call at the end",
    "module": "put the file back; its calls may all answer not_supported",
    "layout": "put it back; another layout needs another ABI major",
}


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
        "flags": {one.name: [one.number, *(flag.name for flag in one.flags)]
                  for one in module.types if isinstance(one, Flags)},
        "calls": [one.spell() for one in module.calls],
        "shapes": [f"{one:08x}" for one in prefixes(module)] if module.calls or service else [],
    }


def record_layout(path: Path) -> dict:
    """The constants and structs of a header, without its comments."""
    text = re.sub(r"/\*.*?\*/|//[^\n]*", "", path.read_text("utf-8"), flags=re.DOTALL)
    found = {name: value.strip() for name, value in re.findall(r"^#define +(MNEMOS_\w+) +(.+)$", text, re.MULTILINE)}
    found |= {name: value for name, value in re.findall(r"\b(MNEMOS_\w+) *= *(\w+)", text)}
    found |= {name: " ".join(body.split()) for name, body in re.findall(r"\bstruct (\w+) \{(.*?)\};", text, re.DOTALL)}
    return {name: value for name, value in found.items() if name not in RISING}


def record_errors(errors: Errors) -> dict:
    return {
        "errors": {one.name: one.number for one in errors.errors},
        "ends": {one.name: one.number for one in errors.ends},
        "host": {one.code: one.name for one in errors.host},
    }


def record(schema: Schema, root: Path) -> dict:
    """Everything that a release of the tree promises, as JSON."""
    return {
        **record_errors(schema.errors),
        "layouts": {path: record_layout(root / path) for path in LAYOUTS if (root / path).exists()},
        "modules": {one.name: record_module(one) for one in schema.modules},
    }


def same(where: str, kind: str, old: dict, new: dict) -> None:
    """Every released name is still there with its released meaning."""
    for name, value in old.items():
        if name not in new:
            raise SchemaError(f"{where} {name}: was released and may not go; {INSTEAD[kind]}")
        if new[name] != value:
            raise SchemaError(f"{where} {name}: was released as `{value}` and may not become `{new[name]}`; {INSTEAD[kind]}")


def appended(where: str, kind: str, old: list[str], new: list[str]) -> None:
    """The list begins with what was released."""
    for index, text in enumerate(old):
        if index >= len(new):
            raise SchemaError(f"{where}: `{text}` was released and may not go; {INSTEAD[kind]}")
        if new[index] != text:
            raise SchemaError(f"{where}: number {index} was released as `{text}` and may not become `{new[index]}`; "
                              f"{INSTEAD[kind]}")


def check_module(old: dict, module: Module) -> None:
    """Refuse a module that changes or removes anything released."""
    file, new = module.file, record_module(module)
    same(f"{file}:", "service", old["service"], new["service"])
    same(f"{file}: const", "const", old["consts"], new["consts"])
    same(f"{file}: struct", "struct", old["structs"], new["structs"])
    for kind, key in (("enum", "enums"), ("flags", "flags")):
        for name, values in old[key].items():
            if name not in new[key]:
                raise SchemaError(f"{file}: {kind} {name}: was released and may not go; {INSTEAD[kind]}")
            appended(f"{file}: {kind} {name}", kind, values, new[key][name])
    appended(f"{file}: calls", "call", old["calls"], new["calls"])
    appended(f"{file}: shapes", "call", old["shapes"], new["shapes"])


def check(released: dict, schema: Schema, root: Path) -> None:
    """Refuse a tree that changes or removes anything released."""
    now = record(schema, root)
    file = schema.errors.file
    same(f"{file}: error", "error", released["errors"], now["errors"])
    same(f"{file}: end", "end", released["ends"], now["ends"])
    same(f"{file}: host", "host", released["host"], now["host"])
    for path, layout in released["layouts"].items():
        same(f"{path}:", "layout", layout, now["layouts"].get(path, {}))
    modules = {one.name: one for one in schema.modules}
    for name, old in released["modules"].items():
        if name not in modules:
            raise SchemaError(f"{name}.toml: was released and may not go; {INSTEAD['module']}")
        check_module(old, modules[name])


def check_one(released: dict, module: Module) -> None:
    """The same for one module of somebody else's, whose record may hold others too."""
    if module.name in released["modules"]:
        check_module(released["modules"][module.name], module)


def load(path: Path) -> dict | None:
    """A record, if there is one."""
    if not path.exists():
        return None
    keys = {"service", "consts", "structs", "enums", "flags", "calls", "shapes"}
    try:
        found = json.loads(path.read_text("utf-8"))
        whole = isinstance(found["modules"], dict) and all(keys == set(one) for one in found["modules"].values())
    except (json.JSONDecodeError, UnicodeDecodeError, KeyError, TypeError, AttributeError):
        whole = False
    if not whole:
        raise SchemaError(f"{path.name}: is no record of a release; `abigen release` writes it, take it back from version control")
    return found


def save(path: Path, found: dict) -> None:
    path.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", "utf-8")
