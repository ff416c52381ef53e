# Golden vectors: for every message some values and the bytes they must become, in C and in Python.
#
# The encoder here is the third one and shares nothing with the other two, so an
# error in either shows. Values are JSON: bytes as hex, None for an absent option,
# a variant as {"name": {fields}}, a span as [address, length], a map as [[key,
# value], ...], a tuple as [...], a result as {"ok": value} or {"err": error}, a
# duration as [seconds, nanoseconds], flags and handles as numbers, a uuid as text.
# SPDX-License-Identifier: MIT OR Apache-2.0
from __future__ import annotations

import json
import random
import struct
import uuid
from typing import Any

from .model import (Array, Enum, Field, Flags, Handle, Map, Module, Option, Ref, Result, Scalar, Seq, Span, Struct, Text, Tuple,
                    Type, Unit)

LETTERS = "abcdefghijklmnopqrstuvwxyz"
MIXED = 3  # mixed values per message or variant


def varint(value: int) -> bytes:
    digits = []
    while True:
        value, digit = divmod(value, 128)
        digits.append(digit | (0x80 if value else 0))
        if not value:
            return bytes(digits)


def encode_scalar(name: str, value: Any) -> bytes:
    if name == "bool":
        return b"\1" if value else b"\0"
    if name in ("f32", "f64"):
        return struct.pack("<f" if name == "f32" else "<d", value)
    if name == "char":
        return bytes([len(value.encode())]) + value.encode()
    if name == "uuid":
        return uuid.UUID(value).bytes
    if name == "duration":
        return varint(value[0]) + varint(value[1])
    if name in ("u8", "i8"):
        return bytes([value % 256])
    return varint(value if name[0] == "u" else 2 * value if value >= 0 else -2 * value - 1)


def encode(type_: Type, value: Any) -> bytes:
    if isinstance(type_, Scalar):
        return encode_scalar(type_.name, value)
    if isinstance(type_, Text):
        data = value.encode() if type_.utf8 else bytes.fromhex(value)
        return varint(len(data)) + data
    if isinstance(type_, Array):
        if type_.item == Scalar("u8"):
            return bytes.fromhex(value)
        return b"".join(encode(type_.item, one) for one in value)
    if isinstance(type_, Seq):
        return varint(len(value)) + b"".join(encode(type_.item, one) for one in value)
    if isinstance(type_, Option):
        return b"\0" if value is None else b"\1" + encode(type_.item, value)
    if isinstance(type_, Span):
        return struct.pack("<II", *value)
    if isinstance(type_, Map):
        return varint(len(value)) + b"".join(encode(type_.key, key) + encode(type_.value, one) for key, one in value)
    if isinstance(type_, Tuple):
        return b"".join(encode(one, part) for one, part in zip(type_.items, value, strict=True))
    if isinstance(type_, Result):
        return b"\0" + encode(type_.value, value["ok"]) if "ok" in value else b"\1" + encode(type_.error, value["err"])
    if isinstance(type_, Unit):
        return b""
    if isinstance(type_, Handle):
        return encode_scalar("u32", value)
    if isinstance(type_.target, Flags):
        return encode_scalar(type_.target.number, value)
    return encode_message(type_.target, value)


def encode_fields(fields: tuple[Field, ...], value: dict) -> bytes:
    return b"".join(encode(one.type, value[one.name]) for one in fields)


def encode_message(item: Struct | Enum, value: Any) -> bytes:
    if isinstance(item, Struct):
        return encode_fields(item.fields, value)
    names = [one.name for one in item.variants]
    if item.plain:
        return varint(names.index(value))
    name, fields = next(iter(value.items()))
    tag = names.index(name)
    return varint(tag) + encode_fields(item.variants[tag].fields, fields)


def next_key(type_: Type, key: Any) -> Any:
    """Another key, of the same width where there are enough of these."""
    if isinstance(type_, Text) and not type_.utf8:
        return ((int(key, 16) - 1) % (1 << 4 * len(key))).to_bytes(len(key) // 2, "big").hex() if key else "00"
    if isinstance(type_, Text):
        size = len(key.encode())
        return "".join(LETTERS[(LETTERS.find(one) - 1) % 26] for one in key) if key.isascii() and key.isalpha() else "z" * (size or 1)
    if isinstance(type_, Scalar):
        if type_.name == "bool":
            return not key
        if type_.name == "char":
            return chr((ord(key) - 1) % 0xd800 if ord(key) < 0xe000 else ord(key) - 1)
        if type_.name == "uuid":
            return str(uuid.UUID(int=(uuid.UUID(key).int - 1) % (1 << 128)))
        bits = int(type_.name[1:])
        low = 0 if type_.name[0] == "u" else -1 << bits - 1
        return (key + (1 if key < 0 else -1) - low) % (1 << bits) + low if key != low else key + 1
    if isinstance(type_.target, Flags):
        return (key - 1) % (type_.target.all + 1)
    names = [one.name for one in type_.target.variants]
    return names[names.index(key) - 1]


class Chooser:
    """Picks a value for every scalar, length and option of a message."""

    def number(self, low: int, high: int) -> int:
        raise NotImplementedError

    def variant(self, count: int) -> int:
        return self.number(0, count - 1)

    def value(self, type_: Type) -> Any:
        if isinstance(type_, Scalar):
            name = type_.name
            if name == "bool":
                return self.number(0, 1) == 1
            if name in ("f32", "f64"):
                return float(self.number(-1 << 20, 1 << 20)) / 8
            if name == "char":
                return self.character()
            if name == "uuid":
                return str(uuid.UUID(bytes=bytes.fromhex(self.data(16))))
            if name == "duration":
                return [self.number(0, (1 << 64) - 1), self.number(0, 999999999)]
            bits = int(name[1:])
            return self.number(0, (1 << bits) - 1) if name[0] == "u" else self.number(-1 << bits - 1, (1 << bits - 1) - 1)
        if isinstance(type_, Text):
            return self.text(type_.max) if type_.utf8 else self.data(self.number(0, type_.max))
        if isinstance(type_, Array):
            if type_.item == Scalar("u8"):
                return self.data(type_.count)
            return [self.value(type_.item) for _ in range(type_.count)]
        if isinstance(type_, Seq):
            return [self.value(type_.item) for _ in range(self.number(0, type_.max))]
        if isinstance(type_, Option):
            return self.value(type_.item) if self.number(0, 1) else None
        if isinstance(type_, Span):
            return [self.number(0, (1 << 32) - 1), self.number(0, type_.max)]
        if isinstance(type_, Map):
            return self.pairs(type_)
        if isinstance(type_, Tuple):
            return [self.value(one) for one in type_.items]
        if isinstance(type_, Result):
            return self.result(type_)
        if isinstance(type_, Unit):
            return None
        if isinstance(type_, Handle):
            return self.number(0, (1 << 32) - 1)
        if isinstance(type_.target, Flags):
            return self.number(0, type_.target.all)
        return self.message(type_.target)

    def character(self) -> str:
        code = self.number(0, 0x10ffff)
        return chr(code - 0x800 if 0xd800 <= code < 0xe000 else code)

    def pairs(self, type_: Map) -> list[list]:
        """No key twice. Keys of one width each, so that the largest encoding is one."""
        keys: list = []
        for _ in range(self.number(0, type_.max)):
            key = self.value(type_.key)
            while key in keys:
                key = next_key(type_.key, key)
            keys.append(key)
        return [[key, self.value(type_.value)] for key in keys]

    def result(self, type_: Result) -> dict:
        return {"err": self.value(type_.error)} if self.number(0, 1) else {"ok": self.value(type_.value)}

    def text(self, most: int) -> str:
        size = self.number(0, most)
        found = ""
        while len(found.encode()) < size:
            found += "a\u00e9z\u4e16-\U0001f600"[len(found) % 6]
        while len(found.encode()) > size:
            found = found[:-1]
        return found + "." * (size - len(found.encode()))

    def data(self, size: int) -> str:
        return bytes(self.number(0, 255) for _ in range(size)).hex()

    def fields(self, fields: tuple[Field, ...]) -> dict:
        return {one.name: self.value(one.type) for one in fields}

    def message(self, item: Struct | Enum) -> Any:
        if isinstance(item, Struct):
            return self.fields(item.fields)
        variant = item.variants[self.variant(len(item.variants))]
        return variant.name if item.plain else {variant.name: self.fields(variant.fields)}


def both(chooser: Chooser, type_: Result) -> list[dict]:
    return [{"ok": chooser.value(type_.value)}, {"err": chooser.value(type_.error)}]


class Least(Chooser):
    """The smallest encoding: zeros, nothing, the shortest variant."""

    def number(self, low: int, high: int) -> int:
        return max(low, 0)

    def message(self, item: Struct | Enum) -> Any:
        if isinstance(item, Struct) or item.plain:
            return super().message(item)
        values = [{one.name: self.fields(one.fields)} for one in item.variants]
        return min(values, key=lambda one: len(encode_message(item, one)))

    def result(self, type_: Result) -> dict:
        return min(both(self, type_), key=lambda one: len(encode(type_, one)))


class Most(Chooser):
    """The largest encoding: the widest number of each type, everything there and full, the longest variant."""

    def number(self, low: int, high: int) -> int:
        return low if -low > high else high

    def message(self, item: Struct | Enum) -> Any:
        if isinstance(item, Struct) or item.plain:
            return super().message(item)
        values = [{one.name: self.fields(one.fields)} for one in item.variants]
        return max(values, key=lambda one: len(encode_message(item, one)))

    def result(self, type_: Result) -> dict:
        return max(both(self, type_), key=lambda one: len(encode(type_, one)))


class Mixed(Chooser):
    """Numbers of every width, by seed."""

    def __init__(self, seed: str):
        self.random = random.Random(seed)

    def number(self, low: int, high: int) -> int:
        width = self.random.randint(0, max(high, -low).bit_length())
        value = self.random.getrandbits(width) if width else 0
        if low < 0 and self.random.getrandbits(1):
            value = -value
        return min(max(value, low), high)

    def variant(self, count: int) -> int:
        return self.random.randrange(count)

    def data(self, size: int) -> str:
        return self.random.randbytes(size).hex()


def cases(module: str, item: Struct | Enum) -> list[tuple[str, Any]]:
    found = [("minimal", Least().message(item)), ("maximal", Most().message(item))]
    if isinstance(item, Enum):
        for variant in item.variants:
            for number in range(MIXED if variant.fields else 1):
                chooser = Mixed(f"{module} {item.name} {variant.name} {number}")
                found.append((f"{variant.name} {number}", {variant.name: chooser.fields(variant.fields)}))
    else:
        for number in range(MIXED):
            found.append((f"mixed {number}", Mixed(f"{module} {item.name} {number}").message(item)))
    return found


def render(module: Module) -> str:
    """The vector file of a module: one case per line inside a JSON array."""
    lines = []
    for item in module.messages():
        least, most = item.sizes()
        for name, value in cases(module.name, item):
            data = encode_message(item, value)
            assert least <= len(data) <= most, f"{module.name} {item.name} {name}: wrong size"
            assert (name != "minimal" or len(data) == least) and (name != "maximal" or len(data) == most)
            lines.append(json.dumps({"message": item.name, "case": name, "value": value, "hex": data.hex()},
                                    ensure_ascii=False))
    return "[\n" + ",\n".join(lines) + "\n]\n"
