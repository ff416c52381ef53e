# Python output: one module of dataclasses per schema module, and the errors.
# SPDX-License-Identifier: MIT OR Apache-2.0
from __future__ import annotations

import json
import keyword

from .model import (Array, Enum, Errors, Field, Flags, Handle, Map, Module, Option, Ref, Result, Scalar, Seq, Span, Struct,
                    Text, Tuple, Type, Unit)
from .schema import safe
from .shape import prefixes

SPDX = "# SPDX-License-Identifier: MIT OR Apache-2.0"


def camel(name: str) -> str:
    found = "".join(word.capitalize() for word in name.split("_"))
    return found + "_" if keyword.iskeyword(found) else found


def annotation(type_: Type) -> str:
    """The Python type of a field."""
    if isinstance(type_, Scalar):
        return {"bool": "bool", "f32": "float", "f64": "float", "char": "str", "uuid": "uuid.UUID",
                "duration": "wire.Duration"}.get(type_.name, "int")
    if isinstance(type_, Handle):
        return "int"
    if isinstance(type_, Unit):
        return "None"
    if isinstance(type_, Map):
        return f"dict[{annotation(type_.key)}, {annotation(type_.value)}]"
    if isinstance(type_, Tuple):
        return f"tuple[{', '.join(annotation(one) for one in type_.items)}]"
    if isinstance(type_, Result):
        return "wire.Ok | wire.Err"
    if isinstance(type_, Text):
        return "str" if type_.utf8 else "bytes"
    if isinstance(type_, Array) and type_.item == Scalar("u8"):
        return "bytes"
    if isinstance(type_, Array | Seq):
        return f"list[{annotation(type_.item)}]"
    if isinstance(type_, Option):
        return f"{annotation(type_.item)} | None"
    if isinstance(type_, Span):
        return "wire.Span"
    return camel(type_.target.name)


def codec(type_: Type) -> str:
    """The expression of a field's codec."""
    if isinstance(type_, Scalar):
        return f"wire.{type_.name.upper()}"
    if isinstance(type_, Handle):
        return "wire.U32"
    if isinstance(type_, Unit):
        return "wire.UNIT"
    if isinstance(type_, Map):
        return f"wire.Map({codec(type_.key)}, {codec(type_.value)}, {type_.max})"
    if isinstance(type_, Tuple):
        return f"wire.Tuple({', '.join(codec(one) for one in type_.items)})"
    if isinstance(type_, Result):
        return f"wire.Result({codec(type_.value)}, {codec(type_.error)})"
    if isinstance(type_, Text):
        return f"wire.{'String' if type_.utf8 else 'Bytes'}({type_.max})"
    if isinstance(type_, Array):
        if type_.item == Scalar("u8"):
            return f"wire.Raw({type_.count})"
        return f"wire.Array({codec(type_.item)}, {type_.count})"
    if isinstance(type_, Seq):
        return f"wire.Seq({codec(type_.item)}, {type_.max})"
    if isinstance(type_, Option):
        return f"wire.Option({codec(type_.item)})"
    if isinstance(type_, Span):
        return f"wire.SpanCodec({type_.max})"
    if isinstance(type_.target, Flags):
        return f"wire.Flags({camel(type_.target.name)}, {type_.target.number[1:]})"
    kind = "Number" if isinstance(type_.target, Enum) and type_.target.plain else "Nested"
    return f"wire.{kind}({camel(type_.target.name)})"


def docstring(text: str) -> list[str]:
    return [f'    """{text}"""'.replace("\\", "\\\\")] if text else []


def fields_body(fields: tuple[Field, ...]) -> list[str]:
    lines = []
    for one in fields:
        lines.append(f"    {safe(one.name)}: {annotation(one.type)}{f'  # {one.doc}' if one.doc else ''}")
    if fields:
        lines.append("    FIELDS = (")
        lines += [f'        ("{safe(one.name)}", {codec(one.type)}),' for one in fields]
        lines.append("    )")
    return lines


def render_struct(item: Struct) -> list[str]:
    return ["@dataclass", f"class {camel(item.name)}(wire.Message):", *docstring(item.doc),
            *fields_body(item.fields), f"    MAX = {item.sizes()[1]}", "", ""]


def render_enum(item: Enum) -> list[str]:
    name = camel(item.name)
    if item.plain:
        lines = [f"class {name}(enum.IntEnum):", *docstring(item.doc)]
        lines += [f"    {one.name.upper()} = {number}" for number, one in enumerate(item.variants)]
        lines += ["", "", f"{item.name.upper()}_DOC = {{"]
        lines += [f"    {name}.{one.name.upper()}: {json.dumps(one.doc, ensure_ascii=False)}," for one in item.variants]
        return [*lines, "}", "", ""]
    lines = [f"class {name}(wire.Tagged):", *docstring(item.doc), f"    MAX = {item.sizes()[1]}"]
    lines += [f'    {camel(one.name)}: TypeAlias = "_{name}{camel(one.name)}"' for one in item.variants]
    lines += ["", ""]
    for one in item.variants:
        body = [*docstring(one.doc), *fields_body(one.fields)] or ["    pass"]
        lines += [f'@wire.variant({name}, "{camel(one.name)}")', "@dataclass",
                  f"class _{name}{camel(one.name)}({name}):", *body, "", ""]
    return lines


def render_flags(item: Flags) -> list[str]:
    return [f"class {camel(item.name)}(enum.IntFlag, boundary=enum.STRICT):", *docstring(item.doc),
            *(f"    {one.name.upper()} = 0x{1 << bit:x}{f'  # {one.doc}' if one.doc else ''}"
              for bit, one in enumerate(item.flags)), "", ""]


def render(module: Module, package: str = ".") -> str:
    """`package` is where wire.py is."""
    messages = module.messages()
    plain = [one for one in module.types if isinstance(one, Enum) and one.plain]
    flags = [one for one in module.types if isinstance(one, Flags)]
    body: list[str] = []
    for kind in flags:
        body += render_flags(kind)
    for item in [*plain, *messages]:
        body += render_struct(item) if isinstance(item, Struct) else render_enum(item)
    lines = [f'"""{module.doc} {module.origin}"""', SPDX]
    if plain or flags:
        lines.append("import enum")
    if any("uuid.UUID" in line for line in body):
        lines.append("import uuid")
    if messages:
        lines.append("from dataclasses import dataclass")
    if any(isinstance(one, Enum) for one in messages):
        lines.append("from typing import TypeAlias")
    if messages:
        lines += ["", f"from {package} import wire"]
    lines.append("")
    for const in module.consts:
        value = f"0x{const.value:x}" if const.value >= 0x1000 else str(const.value)
        lines.append(f"{const.name.upper()} = {value}{f'  # {const.doc}' if const.doc else ''}")
    if module.service:
        lines += [f'SERVICE = "{module.service.name}"', f'UUID = "{module.service.uuid}"']
    if module.calls:
        lines += [f"CALL_{call.name.upper()} = {number}" for number, call in enumerate(module.calls)]
        lines += ["CALLS = (", *(f'    "{call.name}",' for call in module.calls), ")",
                  "SHAPES = (  # what the first n calls look like on the wire", 
                  *(f"    0x{one:08x}," for one in prefixes(module)), ")"]
    lines += ["", "", *body]
    return "\n".join(line.rstrip() for line in lines).rstrip() + "\n"


def render_errors(errors: Errors) -> str:
    def text(value: str) -> str:
        return json.dumps(value, ensure_ascii=False)

    lines = [f'"""{errors.doc} Generated from abi/schema/{errors.file} by tools/abigen: edit that file, not this one."""',
             SPDX, "from typing import NamedTuple", "", "",
             "class Info(NamedTuple):", '    """A line of ERRORS or ENDS."""', "    name: str",
             "    says: str  # one sentence without a full stop",
             "    exit: int  # exit status of the host tool; 0: never ends a command, -1: the program's own", "", "",
             "class Host(NamedTuple):", '    """A line of HOST."""', "    name: str", "    exit: int", "", ""]
    for title, prefix, values in (("ERRORS", "ERR", errors.errors), ("ENDS", "END", errors.ends)):
        lines += [f"{prefix}_{one.name.upper()} = {one.number}" for one in values]
        lines += ["", f"{title} = {{"]
        lines += [f"    {one.number}: Info({text(one.name)}, {text(one.says)}, {one.exit})," for one in values]
        lines += ["}", ""]
    lines += ["HOST = {"]
    lines += [f'    "{one.code}": Host({text(one.name)}, {one.exit}),' for one in errors.host]
    return "\n".join([*lines, "}", ""])
