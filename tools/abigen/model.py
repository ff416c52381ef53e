# What a schema says, as Python objects: types with their sizes on the wire, structs, enums, calls, errors.
# SPDX-License-Identifier: MIT OR Apache-2.0
from __future__ import annotations

from dataclasses import dataclass, field


class SchemaError(Exception):
    """One line: which file, item and field, and what is wrong."""


# name -> (least, most bytes on the wire)
SCALARS = {
    "bool": (1, 1),
    "u8": (1, 1), "u16": (1, 3), "u32": (1, 5), "u64": (1, 10),
    "i8": (1, 1), "i16": (1, 3), "i32": (1, 5), "i64": (1, 10),
    "u128": (1, 19), "i128": (1, 19),
    "f32": (4, 4), "f64": (8, 8),
    "char": (2, 5),       # a length and one character of UTF-8
    "uuid": (16, 16),     # its bytes, no length
    "duration": (2, 15),  # seconds u64, nanoseconds u32 below a second
}


def length_size(count: int) -> int:
    """Bytes of a length prefix that can say `count`."""
    size = 1
    while count >= 128:
        count >>= 7
        size += 1
    return size


@dataclass(frozen=True)
class Scalar:
    name: str

    def spell(self) -> str:
        return self.name

    def sizes(self) -> tuple[int, int]:
        return SCALARS[self.name]


@dataclass(frozen=True)
class Text:
    """`string<max>` or `bytes<max>`: a length and that many bytes."""
    utf8: bool
    max: int

    def spell(self) -> str:
        return f"{'string' if self.utf8 else 'bytes'}<{self.max}>"

    def sizes(self) -> tuple[int, int]:
        return 1, length_size(self.max) + self.max


@dataclass(frozen=True)
class Array:
    item: Type
    count: int

    def spell(self) -> str:
        return f"array<{self.item.spell()},{self.count}>"

    def sizes(self) -> tuple[int, int]:
        least, most = self.item.sizes()
        return least * self.count, most * self.count


@dataclass(frozen=True)
class Seq:
    item: Type
    max: int

    def spell(self) -> str:
        return f"seq<{self.item.spell()},{self.max}>"

    def sizes(self) -> tuple[int, int]:
        return 1, length_size(self.max) + self.item.sizes()[1] * self.max


@dataclass(frozen=True)
class Option:
    item: Type

    def spell(self) -> str:
        return f"option<{self.item.spell()}>"

    def sizes(self) -> tuple[int, int]:
        return 1, 1 + self.item.sizes()[1]


@dataclass(frozen=True)
class Map:
    """`map<K,V,max>`: a length and that many keys, each with its value. No key is there twice."""
    key: Type
    value: Type
    max: int

    def spell(self) -> str:
        return f"map<{self.key.spell()},{self.value.spell()},{self.max}>"

    def sizes(self) -> tuple[int, int]:
        return 1, length_size(self.max) + (self.key.sizes()[1] + self.value.sizes()[1]) * self.max


@dataclass(frozen=True)
class Tuple:
    """`tuple<T,...>`: one after the other."""
    items: tuple[Type, ...]

    def spell(self) -> str:
        return f"tuple<{','.join(one.spell() for one in self.items)}>"

    def sizes(self) -> tuple[int, int]:
        sizes = [one.sizes() for one in self.items]
        return sum(least for least, _ in sizes), sum(most for _, most in sizes)


@dataclass(frozen=True)
class Unit:
    """Nothing at all: what a result without a value, or without more to say of its error, holds."""

    def spell(self) -> str:
        return "unit"

    def sizes(self) -> tuple[int, int]:
        return 0, 0


@dataclass(frozen=True)
class Result:
    """`result<T,E>`: 0 and a value, or 1 and an error."""
    value: Type
    error: Type

    def spell(self) -> str:
        return f"result<{self.value.spell()},{self.error.spell()}>"

    def sizes(self) -> tuple[int, int]:
        sizes = [one.sizes() for one in (self.value, self.error)]
        return 1 + min(least for least, _ in sizes), 1 + max(most for _, most in sizes)


@dataclass(frozen=True)
class Handle:
    """A program's connection to a service, as a number; who takes it checks it in the caller's table."""
    service: str

    def spell(self) -> str:
        return f"handle<{self.service}>"

    def sizes(self) -> tuple[int, int]:
        return SCALARS["u32"]


@dataclass(frozen=True)
class Span:
    """A run of the calling program's memory: address and length, fixed u32 each."""
    out: bool
    max: int

    def spell(self) -> str:
        return f"span_{'out' if self.out else 'in'}<{self.max}>"

    def sizes(self) -> tuple[int, int]:
        return 8, 8


@dataclass(frozen=True)
class Pointer:
    """A C pointer to `struct name`, in calls that only the kernel makes; never on the wire."""
    name: str

    def spell(self) -> str:
        return f"pointer<{self.name}>"

    def sizes(self) -> tuple[int, int]:
        return 0, 0


@dataclass(frozen=True)
class Ref:
    """The name of a struct, an enum or a set of flags of the same module."""
    target: Struct | Enum | Flags

    def spell(self) -> str:
        return self.target.spell()

    def sizes(self) -> tuple[int, int]:
        return self.target.sizes()


Type = Scalar | Text | Array | Seq | Option | Map | Tuple | Unit | Result | Handle | Span | Pointer | Ref


def parts(type_: Type) -> tuple[Type, ...]:
    """What a type is made of, but for the fields of a Ref."""
    if isinstance(type_, Array | Seq | Option):
        return (type_.item,)
    if isinstance(type_, Map):
        return type_.key, type_.value
    if isinstance(type_, Result):
        return type_.value, type_.error
    return type_.items if isinstance(type_, Tuple) else ()


def spell_with(type_: Type, spell) -> str:
    """The type as the schema writes it; `spell` spells what it is made of."""
    inner = ",".join(spell(one) for one in parts(type_))
    if isinstance(type_, Option | Tuple | Result):
        return f"{type(type_).__name__.lower()}<{inner}>"
    if isinstance(type_, Array):
        return f"array<{inner},{type_.count}>"
    if isinstance(type_, Seq | Map):
        return f"{type(type_).__name__.lower()}<{inner},{type_.max}>"
    return type_.spell()


@dataclass(frozen=True)
class Field:
    name: str
    type: Type
    doc: str = ""


def fields_sizes(fields: tuple[Field, ...]) -> tuple[int, int]:
    sizes = [one.type.sizes() for one in fields]
    return sum(least for least, _ in sizes), sum(most for _, most in sizes)


def fields_spell(fields: tuple[Field, ...]) -> str:
    return ",".join(f"{one.name}:{one.type.spell()}" for one in fields)


@dataclass(frozen=True)
class Struct:
    name: str
    doc: str
    fields: tuple[Field, ...]

    def spell(self) -> str:
        return "{" + fields_spell(self.fields) + "}"

    def sizes(self) -> tuple[int, int]:
        return fields_sizes(self.fields)


@dataclass(frozen=True)
class Variant:
    name: str
    doc: str
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class Enum:
    name: str
    doc: str
    variants: tuple[Variant, ...]

    @property
    def plain(self) -> bool:
        """No variant has fields: a number, not a message."""
        return not any(one.fields for one in self.variants)

    def spell(self) -> str:
        return "<" + "|".join(f"{v.name}({fields_spell(v.fields)})" for v in self.variants) + ">"

    def sizes(self) -> tuple[int, int]:
        sizes = [fields_sizes(one.fields) for one in self.variants]
        return 1 + min(least for least, _ in sizes), 1 + max(most for _, most in sizes)


@dataclass(frozen=True)
class Flags:
    """Named bits of a number; bits without a name are refused."""
    name: str
    doc: str
    number: str  # u8, u16 or u32
    flags: tuple[Variant, ...]

    @property
    def all(self) -> int:
        return (1 << len(self.flags)) - 1

    def spell(self) -> str:
        return f"flags<{self.number}>{{{'|'.join(one.name for one in self.flags)}}}"

    def sizes(self) -> tuple[int, int]:
        return 1, 1 if self.number == "u8" else length_size(self.all)


@dataclass(frozen=True)
class Call:
    name: str
    doc: str
    waits: bool
    args: tuple[Field, ...]
    reply: tuple[Field, ...]
    errors: tuple[str, ...]
    kernel_only: bool = False

    def spell(self) -> str:
        who = "kernel " if self.kernel_only else ""
        return f"{who}{self.name}({fields_spell(self.args)})->({fields_spell(self.reply)})!{','.join(self.errors)}"

    def messages(self) -> list[Struct]:
        found = []
        if self.args:
            found.append(Struct(f"{self.name}_args", f"Arguments of `{self.name}`.", self.args))
        if self.reply:
            found.append(Struct(f"{self.name}_reply", f"Reply of `{self.name}`.", self.reply))
        return found


@dataclass(frozen=True)
class Service:
    """A module whose calls a service of the kernel answers."""
    name: str
    uuid: str
    kernel_only: bool
    hello: tuple[Field, ...]
    refuses: tuple[str, ...]
    events: tuple[str, ...]  # of `cancelled` and `gone`: what the service is told of

    def uuid_bytes(self) -> bytes:
        return bytes.fromhex(self.uuid.replace("-", ""))

    def spell(self) -> str:
        return f"hello({fields_spell(self.hello)})!{','.join(self.refuses)}"


@dataclass(frozen=True)
class Const:
    name: str
    value: int
    doc: str


@dataclass(frozen=True)
class Error:
    """A line of the list `error` or `end`."""
    name: str
    number: int
    exit: int
    says: str


@dataclass(frozen=True)
class HostError:
    code: str
    name: str
    exit: int


@dataclass(frozen=True)
class Module:
    """One schema file. `types` are in an order in which each uses only earlier ones."""
    name: str
    doc: str
    file: str
    consts: tuple[Const, ...] = ()
    types: tuple[Struct | Enum | Flags, ...] = ()
    calls: tuple[Call, ...] = ()
    service: Service | None = None
    folder: str = "abi/schema/"  # where the file is, as its outputs say it

    @property
    def origin(self) -> str:
        return f"Generated from {self.folder}{self.file} by tools/abigen: edit that file, not this one."

    def messages(self) -> list[Struct | Enum]:
        """Everything with a codec: structs, enums with fields, the arguments and replies of calls."""
        found: list[Struct | Enum] = [t for t in self.types if isinstance(t, Struct) or isinstance(t, Enum) and not t.plain]
        if self.service and self.service.hello:
            found.append(Struct("hello", "What a client says when it connects.", self.service.hello))
        for call in self.calls:
            if not call.kernel_only:
                found += call.messages()
        return found


@dataclass(frozen=True)
class Errors:
    """errors.toml: the one list of errors, of ways a program ends, and of what the host tool says."""
    name: str
    doc: str
    file: str
    errors: tuple[Error, ...] = ()
    ends: tuple[Error, ...] = ()
    host: tuple[HostError, ...] = ()


@dataclass(frozen=True)
class Schema:
    errors: Errors
    modules: tuple[Module, ...] = field(default_factory=tuple)
