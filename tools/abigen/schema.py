# Reads abi/schema/*.toml and refuses, in one line each, whatever is unknown, missing, double or unbounded.
# SPDX-License-Identifier: MIT OR Apache-2.0
from __future__ import annotations

import dataclasses
import keyword
import re
import tomllib
from pathlib import Path

from .model import (SCALARS, Array, Call, Const, Enum, Error, Errors, Field, Flags, Handle, HostError, Map, Module, Option,
                    Pointer, Ref, Result, Scalar, Schema, SchemaError, Seq, Service, Span, Struct, Text, Tuple, Type, Unit,
                    Variant, parts)

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
SERVICE_NAME = re.compile(r"[a-z][a-z0-9 ]{0,23}")
MAX_SPANS = 2  # in the arguments of a call
NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
TOKEN = re.compile(r"\s*([a-z_][a-z0-9_]*|[0-9]+|[<>,])")
MAX_VARIANTS = 127
SERVICE_KEYS = {"service": str, "uuid": str, "kernel_only": bool, "hello": list, "refuses": list,
                "events": list}
MAX_BOUND = 1 << 20
MAX_SIZE = 1 << 24  # bytes of a type on the wire
MAX_SERVICE_MODULE = 24  # what fits the record of an image that requires it
MAX_KEYS = 64  # of a map: each is compared with those before it
MAX_ITEMS = 12  # of a tuple
CONTAINERS = {"array", "seq", "option", "map", "tuple", "result"}
TYPE_WORDS = {*SCALARS, *CONTAINERS, "string", "bytes", "span_in", "span_out", "pointer", "handle", "unit", "flags"}
TAKEN_MODULES = {"error", "errors", "image", "svc", "wire"}  # files beside the generated ones
FLAG_NUMBERS = {"u8": 8, "u16": 16, "u32": 32}

# Words that C, C++ or Python keep for themselves; a field of that name gets a trailing underscore in both languages.
C_WORDS = set("""alignas alignof and and_eq asm auto bitand bitor bool break case catch char class compl const constexpr
const_cast continue decltype default delete do double dynamic_cast else enum explicit export extern false float for
friend goto if inline int long mutable namespace new noexcept not not_eq nullptr operator or or_eq private protected
public register reinterpret_cast restrict return short signed sizeof static static_assert static_cast struct switch
template this thread_local throw true try typedef typeid typename union unsigned using virtual void volatile wchar_t
while xor xor_eq""".split())


def safe(name: str) -> str:
    """A name that is no reserved word of any target language."""
    return name + "_" if name in C_WORDS or keyword.iskeyword(name) else name


def table(where: str, value: object, required: dict[str, type], optional: dict[str, type]) -> dict:
    """Check the keys and the types of the values of one TOML table."""
    if not isinstance(value, dict):
        raise SchemaError(f"{where}: expected a table")
    for key in value:
        if key not in required and key not in optional:
            raise SchemaError(f"{where}: unknown key `{key}`")
    for key, kind in {**required, **optional}.items():
        if key not in value:
            if key in required:
                raise SchemaError(f"{where}: missing key `{key}`")
        elif type(value[key]) is not kind:
            raise SchemaError(f"{where}: `{key}` must be of type {kind.__name__}")
        elif kind is str:
            check_text(where, key, value[key])
    return value


def check_text(where: str, key: str, text: str) -> None:
    """Texts stand in comments of C, in docstrings and in tables: one line, and nothing that ends those."""
    if not text.strip() and key != "type":
        raise SchemaError(f"{where}: `{key}` is empty")
    if not text.isprintable():
        raise SchemaError(f"{where}: `{key}` has a line break or a control character")
    if key in ("doc", "says") and (any(end in text for end in ("*/", "/*", "-->", '"""', "\\")) or text.endswith('"')):
        raise SchemaError(f"{where}: `{key}` has what would end a comment: */ /* --> three quotes, a backslash, a last quote")


def named(where: str, value: dict, taken: set[str]) -> str:
    """Check a name: its form, and that nothing beside it has it."""
    name = value["name"]
    if not NAME.fullmatch(name):
        raise SchemaError(f"{where}: `{name}` is not a name (lower case words joined by _)")
    if name in taken:
        raise SchemaError(f"{where}: `{name}` is there twice")
    taken.add(name)
    return name


def label(value: object) -> str:
    return str(value.get("name", "(without a name)")) if isinstance(value, dict) else "(not a table)"


def all_fields(item: Struct | Enum | Flags) -> list[Field]:
    if isinstance(item, Struct):
        return list(item.fields)
    return [one for variant in item.variants for one in variant.fields] if isinstance(item, Enum) else []


def is_key(type_: Type) -> bool:
    """Can two of them be compared? Numbers, characters, texts, bytes, names and flags."""
    if isinstance(type_, Ref):
        return isinstance(type_.target, Flags) or isinstance(type_.target, Enum) and type_.target.plain
    if isinstance(type_, Scalar):
        return type_.name not in ("f32", "f64", "duration", "u128", "i128")
    return isinstance(type_, Text)


def key_count(type_: Type) -> int:
    """How many different keys there are; no more than matter."""
    if isinstance(type_, Ref):
        return type_.target.all + 1 if isinstance(type_.target, Flags) else len(type_.target.variants)
    return 2 if type_ == Scalar("bool") else MAX_KEYS


def check_spans(where: str, call: Call) -> None:
    """Spans of a service's call stand in the arguments themselves, where the kernel checks each of them."""
    def inside(type_: Type) -> bool:
        if isinstance(type_, Ref):
            return any(isinstance(one.type, Span) or inside(one.type) for one in all_fields(type_.target))
        return any(isinstance(one, Span) or inside(one) for one in parts(type_))

    if any(isinstance(one.type, Span) or inside(one.type) for one in call.reply):
        raise SchemaError(f"{where}: a reply has no spans")
    if any(inside(one.type) for one in call.args):
        raise SchemaError(f"{where}: a span stands in the arguments themselves, not inside another type")
    if sum(isinstance(one.type, Span) for one in call.args) > MAX_SPANS:
        raise SchemaError(f"{where}: at most {MAX_SPANS} spans")


class ModuleReader:
    """Turns one parsed file into a Module."""

    def __init__(self, file: str, data: dict, error_names: set[str]):
        self.file = file
        self.data = data
        self.error_names = error_names
        self.raw: dict[str, tuple[str, dict]] = {}
        self.done: dict[str, Struct | Enum | Flags] = {}
        self.handles: list[tuple[str, str]] = []  # where, and of which service
        self.pointers = False  # may the type being read be one?
        self.open: list[str] = []

    def read(self) -> Module:
        data = table(self.file, self.data, {"module": str, "doc": str},
                     {"const": list, "struct": list, "enum": list, "flags": list, "call": list, **SERVICE_KEYS})
        service = self.service(data)
        taken: set[str] = set()
        bodies = {"struct": {"fields": list}, "enum": {"variants": list}, "flags": {"type": str, "flags": list}}
        for kind, body in bodies.items():
            for value in data.get(kind, []):
                where = f"{self.file}: {kind} {label(value)}"
                table(where, value, {"name": str, **body}, {"doc": str})
                name = named(where, value, taken)
                if name in TYPE_WORDS:
                    raise SchemaError(f"{where}: `{name}` is a type already")
                self.raw[name] = (kind, value)
        for name in self.raw:
            self.resolve(name, f"{self.file}: {name}")
        if service:
            taken.add("hello")
            service = dataclasses.replace(service, hello=self.fields(f"{self.file}: hello", data.get("hello", [])))
        calls = self.calls(data.get("call", []), taken, service)
        return Module(data["module"], data["doc"], self.file, self.consts(data.get("const", [])),
                      tuple(self.done.values()), calls, service)

    def service(self, data: dict) -> Service | None:
        """What makes the module a service, but for its hello."""
        if "service" not in data:
            for key in SERVICE_KEYS:
                if key in data:
                    raise SchemaError(f"{self.file}: `{key}` needs `service`")
            return None
        if not SERVICE_NAME.fullmatch(data["service"]):
            raise SchemaError(f"{self.file}: `{data['service']}` is not a service's name (up to 24 of a-z, 0-9 and blanks)")
        if "uuid" not in data or not UUID.fullmatch(data["uuid"]):
            raise SchemaError(f"{self.file}: a service needs a `uuid` such as 54c983fa-736f-4223-b90d-c4360a308647")
        refuses = self.errors(f"{self.file}: refuses", data.get("refuses", []))
        events = data.get("events", [])
        if any(one not in ("cancelled", "gone") for one in events):
            raise SchemaError(f"{self.file}: events are `cancelled` and `gone`")
        return Service(data["service"], data["uuid"], data.get("kernel_only", False), (), refuses, tuple(events))

    def errors(self, where: str, values: list) -> tuple[str, ...]:
        for error in values:
            if not isinstance(error, str) or error not in self.error_names:
                raise SchemaError(f"{where}: unknown error `{error}`")
        if len(set(values)) != len(values):
            raise SchemaError(f"{where}: an error is there twice")
        return tuple(values)

    def consts(self, values: list) -> tuple[Const, ...]:
        taken: set[str] = set()
        found = []
        for value in values:
            where = f"{self.file}: const {label(value)}"
            table(where, value, {"name": str, "value": int}, {"doc": str})
            if not 0 <= value["value"] < 1 << 32:
                raise SchemaError(f"{where}: the value must fit a u32")
            found.append(Const(named(where, value, taken), value["value"], value.get("doc", "")))
        return tuple(found)

    def calls(self, values: list, taken: set[str], service: Service | None) -> tuple[Call, ...]:
        found = []
        names: set[str] = set()
        for value in values:
            where = f"{self.file}: call {label(value)}"
            table(where, value, {"name": str, "doc": str},
                  {"waits": bool, "args": list, "reply": list, "errors": list,
                   **({"kernel_only": bool} if service else {})})
            kernel_only = value.get("kernel_only", bool(service and service.kernel_only))
            if service and service.kernel_only and not kernel_only:
                raise SchemaError(f"{where}: the whole service is for the kernel only")
            name = named(where, value, names)
            for suffix in ("_args", "_reply"):
                if name + suffix in taken:
                    raise SchemaError(f"{where}: `{name}{suffix}` is already a struct or an enum")
            self.pointers = kernel_only
            call = Call(name, value["doc"], value.get("waits", False),
                        self.fields(f"{where}: args", value.get("args", [])),
                        self.fields(f"{where}: reply", value.get("reply", [])),
                        self.errors(where, value.get("errors", [])), kernel_only)
            self.pointers = False
            if service:
                check_spans(where, call)
            found.append(call)
        return tuple(found)

    def fields(self, where: str, values: list) -> tuple[Field, ...]:
        taken: set[str] = set()
        found = []
        for value in values:
            here = f"{where}: field {label(value)}"
            table(here, value, {"name": str, "type": str}, {"doc": str})
            name = named(here, value, taken)
            found.append(Field(name, self.type(here, value["type"]), value.get("doc", "")))
        return tuple(found)

    def resolve(self, name: str, where: str) -> Struct | Enum | Flags:
        if name in self.done:
            return self.done[name]
        if name in self.open:
            loop = " -> ".join([*self.open[self.open.index(name):], name])
            raise SchemaError(f"{where}: recursion {loop}")
        self.open.append(name)
        kind, value = self.raw[name]
        here = f"{self.file}: {kind} {name}"
        self.done[name] = {"struct": self.struct, "enum": self.enum, "flags": self.flags}[kind](here, value)
        self.open.pop()
        return self.done[name]

    def struct(self, where: str, value: dict) -> Struct:
        if not value["fields"]:
            raise SchemaError(f"{where}: a struct needs a field")
        return Struct(value["name"], value.get("doc", ""), self.fields(where, value["fields"]))

    def enum(self, where: str, value: dict) -> Enum:
        taken: set[str] = set()
        found = []
        for variant in value["variants"]:
            here = f"{where}: variant {label(variant)}"
            table(here, variant, {"name": str}, {"doc": str, "fields": list})
            found.append(Variant(named(here, variant, taken), variant.get("doc", ""),
                                 self.fields(here, variant.get("fields", []))))
        if not 1 <= len(found) <= MAX_VARIANTS:
            raise SchemaError(f"{where}: an enum has 1 to {MAX_VARIANTS} variants")
        return Enum(value["name"], value.get("doc", ""), tuple(found))

    def flags(self, where: str, value: dict) -> Flags:
        if value["type"] not in FLAG_NUMBERS:
            raise SchemaError(f"{where}: the type of flags is u8, u16 or u32")
        taken: set[str] = set()
        found = []
        for flag in value["flags"]:
            here = f"{where}: flag {label(flag)}"
            table(here, flag, {"name": str}, {"doc": str})
            found.append(Variant(named(here, flag, taken), flag.get("doc", ""), ()))
        if not 1 <= len(found) <= FLAG_NUMBERS[value["type"]]:
            raise SchemaError(f"{where}: a {value['type']} has 1 to {FLAG_NUMBERS[value['type']]} flags")
        return Flags(value["name"], value.get("doc", ""), value["type"], tuple(found))

    def type(self, where: str, text: str) -> Type:
        tokens = []
        at = 0
        while at < len(text.rstrip()):
            match = TOKEN.match(text, at)
            if not match:
                raise SchemaError(f"{where}: cannot read type `{text}`")
            tokens.append(match[1])
            at = match.end()
        found = self.type_at(where, text, tokens)
        if tokens:
            raise SchemaError(f"{where}: cannot read type `{text}`")
        if isinstance(found, Unit):
            raise SchemaError(f"{where}: `unit` says nothing: leave the field out; it is for result<unit,E> and result<T,unit>")
        if found.sizes()[1] > MAX_SIZE:
            raise SchemaError(f"{where}: `{text}` could have {found.sizes()[1]} bytes, more than {MAX_SIZE}")
        return found

    def type_at(self, where: str, text: str, tokens: list[str]) -> Type:
        """Take one type off the front of `tokens`."""
        def expect(token: str) -> None:
            if not tokens or tokens.pop(0) != token:
                raise SchemaError(f"{where}: cannot read type `{text}`")

        def bound(closing: str) -> int:
            if not tokens or not tokens[0].isdigit():
                raise SchemaError(f"{where}: `{text}` needs a number where its bound stands")
            number = int(tokens.pop(0))
            if not 1 <= number <= MAX_BOUND:
                raise SchemaError(f"{where}: the bound of `{text}` must be 1 to {MAX_BOUND}")
            expect(closing)
            return number

        if not tokens:
            raise SchemaError(f"{where}: cannot read type `{text}`")
        name = tokens.pop(0)
        if name in SCALARS:
            return Scalar(name)
        if name in ("string", "bytes", "span_in", "span_out"):
            if not tokens or tokens.pop(0) != "<":
                raise SchemaError(f"{where}: `{name}` needs a maximum, as in {name}<32>")
            most = bound(">")
            return Text(name == "string", most) if name in ("string", "bytes") else Span(name == "span_out", most)
        if name == "pointer":
            expect("<")
            target = tokens.pop(0) if tokens else ""
            expect(">")
            if not self.pointers or not NAME.fullmatch(target):
                raise SchemaError(f"{where}: `{text}` is for calls with kernel_only, as in pointer<mn_link>")
            return Pointer(target)
        if name == "handle":
            expect("<")
            service = tokens.pop(0) if tokens else ""
            expect(">")
            if not NAME.fullmatch(service):
                raise SchemaError(f"{where}: `handle` needs a service's module, as in handle<hello>")
            self.handles.append((where, service))
            return Handle(service)
        if name == "flags":
            raise SchemaError(f"{where}: flags have names: write [[flags]] and use its name as the type")
        if name == "unit":
            return Unit()
        if name in CONTAINERS:
            return self.container(where, text, name, tokens, expect, bound)
        if name in self.raw:
            return Ref(self.resolve(name, where))
        raise SchemaError(f"{where}: unknown type `{name}`")

    def container(self, where: str, text: str, name: str, tokens: list[str], expect, bound) -> Type:
        """What stands between < and > of a type that is made of others."""
        def inner() -> Type:
            found = self.type_at(where, text, tokens)
            if isinstance(found, Pointer):
                raise SchemaError(f"{where}: a pointer stands in the arguments themselves, not inside `{text}`")
            if isinstance(found, Unit) and name != "result":
                raise SchemaError(f"{where}: `unit` is for result<unit,E> and result<T,unit> only")
            return found

        def comma(needs: str) -> None:
            if not tokens or tokens.pop(0) != ",":
                raise SchemaError(f"{where}: {needs}")

        expect("<")
        item = inner()
        if name == "option":
            expect(">")
            return Option(item)
        if name == "array":
            comma("`array` needs a count, as in array<u8,32>")
            return Array(item, bound(">"))
        if name == "seq":
            comma("`seq` needs a maximum, as in seq<u8,32>")
            return Seq(item, bound(">"))
        if name == "map":
            comma("`map` needs key, value and a maximum, as in map<u16,string<8>,4>")
            value = inner()
            comma("`map` needs a maximum, as in map<u16,string<8>,4>")
            most = bound(">")
            if not is_key(item):
                raise SchemaError(f"{where}: a key of `{text}` is a number of up to 64 bits, a bool, char, uuid, string, bytes, "
                                  "a set of flags or an enum without fields")
            if most > min(MAX_KEYS, key_count(item)):
                raise SchemaError(f"{where}: `{text}` has more than {min(MAX_KEYS, key_count(item))} keys")
            return Map(item, value, most)
        if name == "result":
            comma("`result` needs what it is when it went well and what when not, as in result<u32,unit>")
            error = inner()
            expect(">")
            return Result(item, error)
        items = [item]
        while tokens and tokens[0] == ",":
            tokens.pop(0)
            items.append(inner())
        expect(">")
        if not 2 <= len(items) <= MAX_ITEMS:
            raise SchemaError(f"{where}: a tuple has 2 to {MAX_ITEMS} items")
        return Tuple(tuple(items))


def error_list(file: str, kind: str, values: list) -> tuple[Error, ...]:
    taken: set[str] = set()
    numbers: set[int] = set()
    found = []
    for value in values:
        where = f"{file}: {kind} {label(value)}"
        table(where, value, {"name": str, "number": int, "exit": int, "says": str}, {})
        name = named(where, value, taken)
        number = value["number"]
        if number in numbers:
            raise SchemaError(f"{where}: number {number} is there twice")
        if kind == "error" and not -(1 << 31) < number < 0:
            raise SchemaError(f"{where}: the number of an error is negative")
        if kind == "end" and not 0 <= number <= 255:
            raise SchemaError(f"{where}: the number of an end fits a u8")
        if value["says"].endswith("."):
            raise SchemaError(f"{where}: `says` has no full stop")
        numbers.add(number)
        found.append(Error(name, number, value["exit"], value["says"]))
    return tuple(found)


def read_errors(file: str, data: dict) -> Errors:
    table(file, data, {"module": str, "doc": str, "error": list}, {"end": list, "host": list})
    if data["module"] != "error":
        raise SchemaError(f"{file}: the module of this file is `error`")
    host = []
    taken: set[str] = set()
    codes: set[str] = set()
    for value in data.get("host", []):
        where = f"{file}: host {label(value)}"
        table(where, value, {"code": str, "name": str, "exit": int}, {})
        named(where, value, taken)
        if not re.fullmatch(r"E[0-9]{2}", value["code"]):
            raise SchemaError(f"{where}: code `{value['code']}` is not E and two digits")
        if value["code"] in codes:
            raise SchemaError(f"{where}: code {value['code']} is there twice")
        codes.add(value["code"])
        host.append(HostError(value["code"], value["name"], value["exit"]))
    return Errors("error", data["doc"], file, error_list(file, "error", data["error"]),
                  error_list(file, "end", data.get("end", [])), tuple(host))


def parse(path: Path) -> dict:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as err:
        raise SchemaError(f"{path.name}: {err}") from None


def read_module(path: Path, errors: Errors) -> tuple[Module, list[tuple[str, str]]]:
    """One file, and which services its handles are of: where, and the module's name."""
    reader = ModuleReader(path.name, parse(path), {one.name for one in errors.errors})
    module = reader.read()
    if module.name != path.stem:
        raise SchemaError(f"{path.name}: the module must be named `{path.stem}`")
    if module.service and len(module.name) > MAX_SERVICE_MODULE:
        raise SchemaError(f"{path.name}: the module of a service has at most {MAX_SERVICE_MODULE} characters")
    if not NAME.fullmatch(module.name) or module.name in TAKEN_MODULES:
        raise SchemaError(f"{path.name}: `{module.name}` is no name for a module" +
                          (": it is taken" if module.name in TAKEN_MODULES else " (lower case words joined by _)"))
    return module, reader.handles


def check_together(modules: list[Module], handles: list[tuple[str, str]]) -> None:
    """What only all modules together can get wrong."""
    uuids: dict[str, str] = {}
    for module in modules:
        if module.service and uuids.setdefault(module.service.uuid, module.file) != module.file:
            raise SchemaError(f"{module.file}: has the uuid of {uuids[module.service.uuid]}")
    services = {module.name for module in modules if module.service}
    for where, service in handles:
        if service not in services:
            raise SchemaError(f"{where}: there is no service `{service}`")


def read_schema(folder: Path) -> Schema:
    """Read every schema file of a folder; errors.toml is the list of errors."""
    paths = sorted(folder.glob("*.toml"))
    if folder / "errors.toml" not in paths:
        raise SchemaError("errors.toml: is missing")
    errors = read_errors("errors.toml", parse(folder / "errors.toml"))
    modules, handles = [], []
    for path in paths:
        if path.name != "errors.toml":
            module, found = read_module(path, errors)
            modules.append(module)
            handles += found
    check_together(modules, handles)
    return Schema(errors, tuple(modules))
