# C output: one header and one source per module, and the errors.
# SPDX-License-Identifier: MIT OR Apache-2.0
from __future__ import annotations

import json
import textwrap

from . import ccode
from .model import (Array, Call, Enum, Errors, Field, Flags, Handle, Map, Module, Option, Pointer, Ref, Result, Scalar,
                    SchemaError, Seq, Span, Struct, Text, Tuple, Type, Unit)
from .schema import safe
from .shape import prefixes

SPDX = "// SPDX-License-Identifier: MIT OR Apache-2.0"
C_TYPES = {"bool": "bool", "f32": "float", "f64": "double", "char": "uint32_t", "duration": "struct mnemos_duration",
           "u128": "struct mnemos_u128", "i128": "struct mnemos_i128",
           **{f"{sign}{bits}": f"{'u' if sign == 'u' else ''}int{bits}_t" for sign in "ui" for bits in (8, 16, 32, 64)}}
WIDTH = 100
INLINE_FIELDS = 8  # a struct of up to this many scalars has its codec in the header


def comment(text: str, indent: str = "") -> list[str]:
    if not text:
        return []
    if len(indent) + len(text) + 6 <= WIDTH:
        return [f"{indent}/* {text} */"]
    body = textwrap.wrap(text, WIDTH - len(indent) - 3)
    body = [f"{indent}/* {body[0]}", *(f"{indent} * {line}" for line in body[1:])]
    if len(body[-1]) + 3 <= WIDTH:
        body[-1] += " */"
    else:
        body.append(f"{indent} */")
    return body


def wrapped(signature: str) -> list[str]:
    """A function's head, its second parameter under the first when the line is too long."""
    if len(signature) <= WIDTH:
        return [signature]
    first, second = signature.split(", ")
    return [f"{first},", " " * (first.index("(") + 1) + second]


def with_comment(line: str, text: str, indent: str = "    ") -> list[str]:
    """A line with its comment behind it, or above it when there is no room."""
    if not text:
        return [line]
    whole = f"{line} /* {text} */"
    return [whole] if len(whole) <= WIDTH else [*comment(text, indent), line]


class CModule:
    """Writes the header and the source of one module."""

    def __init__(self, module: Module):
        self.module = module
        self.prefix = f"mnemos_{module.name}"
        self.macros: set[str] = set()
        self.by_value = module.service is not None

    def macro(self, *words: str) -> str:
        """A name in the macro name space, refused if two things of the module want it."""
        name = "_".join((self.prefix, *words)).upper()
        if name in self.macros:
            raise SchemaError(f"{self.module.file}: two things would be named {name} in C")
        self.macros.add(name)
        return name

    def c_name(self, item: Struct | Enum) -> str:
        return f"{self.prefix}_{item.name}"

    def declare(self, type_: Type, name: str, indent: str) -> list[str]:
        """Lines that declare `name` as a member of this type."""
        if isinstance(type_, Unit):
            return []
        if isinstance(type_, Scalar) and type_.name == "uuid":
            return [f"{indent}uint8_t {name}[16];"]
        if isinstance(type_, Scalar | Handle):
            return [f"{indent}{C_TYPES['u32' if isinstance(type_, Handle) else type_.name]} {name};"]
        if isinstance(type_, Text):
            if self.by_value:
                return [f"{indent}struct {{", f"{indent}    uint32_t len;", f"{indent}    uint8_t data[{type_.max}];",
                        f"{indent}}} {name};"]
            return [f"{indent}struct mnemos_bytes {name};"]
        if isinstance(type_, Span):
            return [f"{indent}struct mnemos_span {name};"]
        if isinstance(type_, Pointer):
            return [f"{indent}struct {type_.name} *{name};"]
        if isinstance(type_, Ref):
            kind = ("uint8_t" if ccode.is_plain_enum(type_) else
                    C_TYPES[type_.target.number] if isinstance(type_.target, Flags) else f"struct {self.c_name(type_.target)}")
            return [f"{indent}{kind} {name};"]
        if isinstance(type_, Array):
            return self.declare(type_.item, f"{name}[{type_.count}]", indent)
        inner = indent + "    "
        if isinstance(type_, Option):
            members = [f"{inner}bool some;", *self.declare(type_.item, "value", inner)]
        elif isinstance(type_, Result):
            both = [*self.declare(type_.value, "value", inner + "    "), *self.declare(type_.error, "error", inner + "    ")]
            members = [f"{inner}bool ok;", *([f"{inner}union {{", *both, f"{inner}}};"] if both else [])]
        elif isinstance(type_, Tuple):
            members = [line for i, one in enumerate(type_.items) for line in self.declare(one, f"item{i}", inner)]
        elif isinstance(type_, Map):
            pair = [*self.declare(type_.key, "key", inner + "    "), *self.declare(type_.value, "value", inner + "    ")]
            members = [f"{inner}uint32_t len;", f"{inner}struct {{", *pair, f"{inner}}} items[{type_.max}];"]
        else:
            members = [f"{inner}uint32_t len;", *self.declare(type_.item, f"items[{type_.max}]", inner)]
        return [f"{indent}struct {{", *members, f"{indent}}} {name};"]

    def members(self, fields: tuple[Field, ...], indent: str) -> list[str]:
        lines = []
        for one in fields:
            bound = f"at most {one.type.max} bytes" if isinstance(one.type, Text | Span) else ""
            doc = "; ".join(part for part in (one.doc, bound) if part)
            declared = self.declare(one.type, safe(one.name), indent)
            if len(declared) == 1:
                lines += with_comment(declared[0], doc, indent)
            else:
                lines += [*comment(doc, indent), *declared]
        return lines

    def is_inline(self, item: Struct | Enum) -> bool:
        return (isinstance(item, Struct) and len(item.fields) <= INLINE_FIELDS
                and all(ccode.in_run(one.type) and not isinstance(one.type, Text) for one in item.fields))

    def functions(self, item: Struct | Enum, constants: dict[str, str]) -> dict[str, list[str]]:
        """Signature -> body of put and get."""
        name = self.c_name(item)
        return {
            f"bool {name}_put(struct mnemos_writer *w, const struct {name} *m)":
                ccode.put_body(item, self.c_name, constants, self.by_value),
            f"bool {name}_get(struct mnemos_reader *r, struct {name} *m)":
                ccode.get_body(item, self.c_name, constants, self.by_value),
        }

    def flags(self, item: Flags) -> list[str]:
        """One bit for each name, and all of them."""
        lines = comment(item.doc)
        for bit, one in enumerate(item.flags):
            lines += with_comment(f"#define {self.macro(item.name, one.name)} 0x{1 << bit:x}u", one.doc, "")
        return [*lines, f"#define {self.macro(item.name, 'all')} 0x{item.all:x}u", ""]

    def message(self, item: Struct | Enum) -> tuple[list[str], list[str]]:
        """Header and source lines of one struct or enum."""
        name = self.c_name(item)
        header = comment(item.doc)
        source: list[str] = []
        constants = {}
        if isinstance(item, Enum):
            header.append("enum {")
            for number, variant in enumerate(item.variants):
                constants[variant.name] = self.macro(item.name, variant.name)
                header += with_comment(f"    {constants[variant.name]} = {number},",
                                       variant.doc if item.plain else "")
            header.append("};")
            if item.plain:
                header += [f"#define {self.macro(item.name, 'count')} {len(item.variants)}u", ""]
                return header, source
        least, most = item.sizes()
        if isinstance(item, Enum):
            header += [f"struct {name} {{", "    uint8_t tag;", "    union {"]
            for variant in item.variants:
                header += comment(f"{variant.name}: {variant.doc}" if variant.doc else "", "        ")
                if variant.fields:
                    header += ["        struct {", *self.members(variant.fields, " " * 12),
                               f"        }} {safe(variant.name)};"]
            header += ["    };", "};"]
        else:
            header += [f"struct {name} {{", *self.members(item.fields, "    "), "};"]
        header += [f"#define {self.macro(item.name, 'min')} {least}u /* bytes */",
                   f"#define {self.macro(item.name, 'max')} {most}u /* bytes */"]
        for signature, body in self.functions(item, constants).items():
            if self.is_inline(item):
                header += [*wrapped(f"static inline {signature}"), "{", *body, "}"]
            else:
                header += wrapped(f"{signature};")
                source += ["", *wrapped(signature), "{", *body, "}"]
        return [*header, ""], source

    def calls(self) -> list[str]:
        lines = ["/* The calls: the position is the number, for ever. */", f"enum {self.prefix}_call {{"]
        for number, call in enumerate(self.module.calls):
            lines.append(f"    {self.macro('call', call.name)} = {number},")
        lines += [f"    {self.macro('call', 'count')} = {len(self.module.calls)},", "};", ""]
        shape = prefixes(self.module)
        values = ", ".join(f"0x{one:08x}u" for one in shape)
        lines += [*comment("What the first n calls look like on the wire, for each n up to all of them; see docs/abi."),
                  f"#define {self.macro('shape')} 0x{shape[-1]:08x}u",
                  f"#define {self.macro('shapes')} \\",
                  *(f"    {line} \\" for line in textwrap.wrap("{ " + values + " }", WIDTH - 6))]
        lines[-1] = lines[-1].removesuffix(" \\")
        return [*lines, ""]

    def call_doc(self, call: Call) -> list[str]:
        words = [call.doc]
        if call.waits:
            words.append("Waits.")
        if call.kernel_only:
            words.append("For kernel clients only.")
        if call.errors:
            words.append(f"Errors: {', '.join(call.errors)}.")
        return comment(f"{call.name}: {' '.join(words)}")

    def render(self) -> tuple[str, str | None]:
        """Header and source; no source when everything is inline."""
        module = self.module
        guard = f"MNEMOS_ABI_{module.name.upper()}_H"
        header = [*comment(f"{module.name}.h — {module.doc[0].lower()}{module.doc[1:]} "
                           f"{module.origin}"), SPDX,
                  f"#ifndef {guard}", f"#define {guard}", "#include <mnemos/abi/wire.h>", "",
                  "#ifdef __cplusplus", 'extern "C" {', "#endif", ""]
        source: list[str] = []
        for const in module.consts:
            value = f"0x{const.value:x}u" if const.value >= 0x1000 else f"{const.value}u"
            header += with_comment(f"#define {self.macro(const.name)} {value}", const.doc, "")
        if module.consts:
            header.append("")
        if module.service:
            data = ", ".join(f"0x{one:02x}" for one in module.service.uuid_bytes())
            header += [f"#define {self.macro('uuid')} \\", f"    {{ {data} }}", ""]
        if module.calls or module.service:
            header += self.calls()
        plain = [one for one in module.types if isinstance(one, Enum) and one.plain]
        for one in module.types:
            if isinstance(one, Flags):
                header += self.flags(one)
        described = {f"{call.name}_{'args' if call.args else 'reply'}": call for call in module.calls}
        for item in [*plain, *module.messages()]:
            if item.name in described:
                header += self.call_doc(described[item.name])
            head, body = self.message(item)
            header += head
            source += body
        header += ["#ifdef __cplusplus", "}", "#endif", "#endif", ""]
        if not source:
            return "\n".join(header), None
        top = [*comment(f"{module.name}.c — codecs of {module.name}.h. {module.origin}"), SPDX,
               f"#include <mnemos/abi/{module.name}.h>"]
        return "\n".join(header), "\n".join([*top, *source, ""])


def render_errors(errors: Errors) -> tuple[str, str]:
    """error.h and error.c."""
    origin = f"Generated from abi/schema/{errors.file} by tools/abigen: edit that file, not this one."
    header = [*comment(f"error.h — {errors.doc[0].lower()}{errors.doc[1:]} {origin}"), SPDX,
              "#ifndef MNEMOS_ABI_ERROR_H", "#define MNEMOS_ABI_ERROR_H", "#include <stdint.h>", "",
              "#ifdef __cplusplus", 'extern "C" {', "#endif", "",
              "/* 0 is success. The numbers are for ever. */", "enum {"]
    for one in errors.errors:
        header += with_comment(f"    MNEMOS_ERR_{one.name.upper()} = {one.number},", one.says)
    header += ["};", "", "/* How a program can end. */", "enum {"]
    for one in errors.ends:
        header += with_comment(f"    MNEMOS_END_{one.name.upper()} = {one.number},", one.says)
    header += ["};", "", "/* One sentence without a full stop; never NULL. */",
               "const char *mnemos_strerror(int32_t error);", "",
               "/* The name as in the schema, `ok` for 0, `unknown` for a number that is not in the list. */",
               "const char *mnemos_error_name(int32_t error);", "",
               "#ifdef __cplusplus", "}", "#endif", "#endif", ""]
    source = [*comment(f"error.c — names and sentences of error.h. {origin}"), SPDX, "#include <mnemos/abi/error.h>"]
    for name, ok, text, unknown in (("mnemos_strerror", "done", lambda one: one.says, "an unknown error"),
                                    ("mnemos_error_name", "ok", lambda one: one.name, "unknown")):
        source += ["", f"const char *{name}(int32_t error)", "{", "    switch (error) {",
                   f"    case 0: return {json.dumps(ok)};"]
        for one in errors.errors:
            source += [f"    case MNEMOS_ERR_{one.name.upper()}:", f"        return {json.dumps(text(one))};"]
        source += [f"    default: return {json.dumps(unknown)};", "    }", "}"]
    return "\n".join(header), "\n".join([*source, ""])
