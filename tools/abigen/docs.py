# Documentation output: one Markdown page of tables per schema module.
# SPDX-License-Identifier: MIT OR Apache-2.0
from __future__ import annotations

from .model import Enum, Errors, Field, Flags, Module, Pointer, Ref, Service, Struct, Type, spell_with
from .shape import prefixes


def cell(text: str) -> str:
    return text.replace("|", "\\|")


def table(head: tuple[str, ...], rows: list[tuple[object, ...]]) -> list[str]:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return [*lines, *("| " + " | ".join(cell(str(one)) for one in row) + " |" for row in rows), ""]


def origin(file: str) -> str:
    return f"<!-- Generated from abi/schema/{file} by tools/abigen: edit that file, not this one. -->"


def spelled(type_: Type) -> str:
    """The type as the schema writes it, with the names of structs and enums."""
    if isinstance(type_, Ref):
        return f"[{type_.target.name}](#{type_.target.name})"
    return spell_with(type_, spelled)


def fields_table(fields: tuple[Field, ...]) -> list[str]:
    rows = []
    for one in fields:
        least, most = one.type.sizes()
        size = "" if isinstance(one.type, Pointer) else least if least == most else f"{least}-{most}"
        rows.append((f"`{one.name}`", spelled(one.type), size, one.doc))
    return table(("field", "type", "bytes", ""), rows)


def size_line(item: Struct | Enum) -> str:
    least, most = item.sizes()
    return f"{least} bytes on the wire." if least == most else f"{least} to {most} bytes on the wire."


def render_type(item: Struct | Enum | Flags) -> list[str]:
    lines = [f"### {item.name}", ""]
    if item.doc:
        lines += [item.doc, ""]
    if isinstance(item, Flags):
        return [*lines, f"A {item.number}; other bits are refused.", "",
                *table(("bit", "name", ""), [(i, f"`{one.name}`", one.doc) for i, one in enumerate(item.flags)])]
    if isinstance(item, Struct):
        return [*lines, size_line(item), "", *fields_table(item.fields)]
    if item.plain:
        return [*lines, *table(("number", "name", ""), [(i, f"`{v.name}`", v.doc) for i, v in enumerate(item.variants)])]
    lines += [size_line(item), ""]
    lines += table(("tag", "variant", ""), [(i, f"`{v.name}`", v.doc) for i, v in enumerate(item.variants)])
    for variant in item.variants:
        if variant.fields:
            lines += [f"Fields of `{variant.name}`:", "", *fields_table(variant.fields)]
    return lines


def render_calls(module: Module) -> list[str]:
    shape = prefixes(module)
    lines = ["## Calls", "",
             "The position in the list is the number. The shape stands for this call and all before it: names, types with "
             "their bounds, and errors.", "",
             *table(("number", "call", "waits", "errors", "shape"),
                    [(i, f"`{one.name}`", "yes" if one.waits else "", ", ".join(one.errors), f"`{shape[i + 1]:08x}`")
                     for i, one in enumerate(module.calls)])]
    for call in module.calls:
        lines += [f"### {call.name}", "", call.doc, ""]
        if call.kernel_only:
            lines += ["For kernel tasks only.", ""]
        for title, fields in (("Arguments", call.args), ("Reply", call.reply)):
            if fields:
                lines += [f"{title}:", "", *fields_table(fields)]
    return lines


def render_service(service: Service) -> list[str]:
    who = "kernel tasks only" if service.kernel_only else "kernel tasks and, where the board says so, programs"
    lines = ["## Service", "", f"UUID `{service.uuid}`, for {who}.", ""]
    if service.hello:
        lines += ["A client says when it connects:", "", *fields_table(service.hello)]
    if service.refuses:
        lines += [f"It may be refused: {', '.join(service.refuses)}.", ""]
    return lines


def render(module: Module) -> str:
    lines = [f"# {module.name}", "", f"<!-- {module.origin} -->", "", module.doc, ""]
    if module.service:
        lines += render_service(module.service)
    if module.consts:
        lines += ["## Constants", "", *table(("name", "value", ""),
                  [(f"`{one.name}`", f"0x{one.value:x}" if one.value >= 0x1000 else one.value, one.doc)
                   for one in module.consts])]
    if module.calls:
        lines += render_calls(module)
    if module.types:
        lines += ["## Types", ""]
        for item in module.types:
            lines += render_type(item)
    return "\n".join(lines).rstrip() + "\n"


def render_errors(errors: Errors) -> str:
    return "\n".join([
        "# error", "", origin(errors.file), "", errors.doc, "", "## Errors", "",
        *table(("number", "name", "says", "exit status"),
               [(one.number, f"`{one.name}`", one.says, one.exit or "") for one in errors.errors]),
        "## How a program ends", "",
        *table(("number", "name", "says", "exit status"),
               [(one.number, f"`{one.name}`", one.says, "its own" if one.exit < 0 else one.exit) for one in errors.ends]),
        "## What the host tool says", "",
        *table(("code", "name", "exit status"), [(one.code, f"`{one.name}`", one.exit) for one in errors.host]),
    ]).rstrip() + "\n"
