"""postcard 1.x, COBS and CRC-32, for the generated modules beside this one.

A codec has put(out, value), which appends to a bytearray, and get(reader). Whatever
cannot be encoded or is not a valid message raises WireError.
"""
# SPDX-License-Identifier: MIT OR Apache-2.0
from __future__ import annotations

import enum
import struct
import uuid
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple, Self, TypeVar


class WireError(ValueError):
    """Bytes that are no message, or a value that no message can carry."""


class Reader:
    """A position in received bytes."""

    def __init__(self, data: bytes | bytearray | memoryview):
        self.data = bytes(data)
        self.at = 0

    def take(self, count: int) -> bytes:
        if count > len(self.data) - self.at:
            raise WireError("the message ends too early")
        self.at += count
        return self.data[self.at - count:self.at]

    def finish(self) -> None:
        if self.at != len(self.data):
            raise WireError(f"{len(self.data) - self.at} bytes too many")


def put_varint(out: bytearray, value: int) -> None:
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)


def get_varint(reader: Reader, bits: int) -> int:
    """A number of at most `bits` bits. Longer forms are accepted within the bytes of the width."""
    value = 0
    for index in range((bits + 6) // 7):
        byte = reader.take(1)[0]
        value |= (byte & 0x7F) << 7 * index
        if byte < 0x80:
            if value >> bits:
                break
            return value
    raise WireError(f"a number does not fit {bits} bits")


class Codec:
    """The form of one type on the wire."""

    def put(self, out: bytearray, value: Any) -> None:
        raise NotImplementedError

    def get(self, reader: Reader) -> Any:
        raise NotImplementedError


class Unsigned(Codec):
    def __init__(self, bits: int):
        self.bits = bits

    def put(self, out: bytearray, value: int) -> None:
        if not isinstance(value, int) or value < 0 or value >> self.bits:
            raise WireError(f"{value!r} is no u{self.bits}")
        if self.bits == 8:
            out.append(value)
        else:
            put_varint(out, value)

    def get(self, reader: Reader) -> int:
        return reader.take(1)[0] if self.bits == 8 else get_varint(reader, self.bits)


class Signed(Codec):
    def __init__(self, bits: int):
        self.bits = bits

    def put(self, out: bytearray, value: int) -> None:
        if not isinstance(value, int) or not -(1 << self.bits - 1) <= value < 1 << self.bits - 1:
            raise WireError(f"{value!r} is no i{self.bits}")
        if self.bits == 8:
            out.append(value & 0xFF)
        else:
            put_varint(out, value << 1 if value >= 0 else (-value << 1) - 1)

    def get(self, reader: Reader) -> int:
        if self.bits == 8:
            return int.from_bytes(reader.take(1), "little", signed=True)
        zigzag = get_varint(reader, self.bits)
        return zigzag >> 1 if zigzag % 2 == 0 else -(zigzag >> 1) - 1


class Bool(Codec):
    def put(self, out: bytearray, value: bool) -> None:
        if not isinstance(value, bool):
            raise WireError(f"{value!r} is no bool")
        out.append(value)

    def get(self, reader: Reader) -> bool:
        byte = reader.take(1)[0]
        if byte > 1:
            raise WireError(f"{byte} is no bool")
        return byte == 1


class Float(Codec):
    def __init__(self, form: str):
        self.form = struct.Struct(form)

    def put(self, out: bytearray, value: float) -> None:
        try:
            out += self.form.pack(value)
        except (OverflowError, struct.error) as err:
            raise WireError(f"{value!r}: {err}") from None

    def get(self, reader: Reader) -> float:
        value: float = self.form.unpack(reader.take(self.form.size))[0]
        return value


def put_length(out: bytearray, count: int, most: int) -> None:
    if count > most:
        raise WireError(f"{count} are more than {most}")
    put_varint(out, count)


def get_length(reader: Reader, most: int) -> int:
    count = get_varint(reader, 64)
    if count > most:
        raise WireError(f"{count} are more than {most}")
    return count


class Bytes(Codec):
    def __init__(self, most: int):
        self.most = most

    def put(self, out: bytearray, value: bytes) -> None:
        if not isinstance(value, bytes | bytearray | memoryview):
            raise WireError(f"{value!r} is no bytes")
        put_length(out, len(value), self.most)
        out += value

    def get(self, reader: Reader) -> bytes:
        return reader.take(get_length(reader, self.most))


class String(Codec):
    def __init__(self, most: int):
        self.bytes = Bytes(most)

    def put(self, out: bytearray, value: str) -> None:
        if not isinstance(value, str):
            raise WireError(f"{value!r} is no text")
        try:
            self.bytes.put(out, value.encode())
        except UnicodeEncodeError as err:
            raise WireError(str(err)) from None

    def get(self, reader: Reader) -> str:
        try:
            return self.bytes.get(reader).decode()
        except UnicodeDecodeError as err:
            raise WireError(str(err)) from None


class Raw(Codec):
    """An array of u8: that many bytes, no length."""

    def __init__(self, count: int):
        self.count = count

    def put(self, out: bytearray, value: bytes) -> None:
        if not isinstance(value, bytes | bytearray) or len(value) != self.count:
            raise WireError(f"{value!r} is not {self.count} bytes")
        out += value

    def get(self, reader: Reader) -> bytes:
        return reader.take(self.count)


class Array(Codec):
    def __init__(self, item: Codec, count: int):
        self.item = item
        self.count = count

    def put(self, out: bytearray, value: list[Any]) -> None:
        if len(value) != self.count:
            raise WireError(f"{len(value)} items are not {self.count}")
        for one in value:
            self.item.put(out, one)

    def get(self, reader: Reader) -> list[Any]:
        return [self.item.get(reader) for _ in range(self.count)]


class Seq(Codec):
    def __init__(self, item: Codec, most: int):
        self.item = item
        self.most = most

    def put(self, out: bytearray, value: list[Any]) -> None:
        put_length(out, len(value), self.most)
        for one in value:
            self.item.put(out, one)

    def get(self, reader: Reader) -> list[Any]:
        return [self.item.get(reader) for _ in range(get_length(reader, self.most))]


class Option(Codec):
    """None or a value."""

    def __init__(self, item: Codec):
        self.item = item

    def put(self, out: bytearray, value: Any) -> None:
        out.append(value is not None)
        if value is not None:
            self.item.put(out, value)

    def get(self, reader: Reader) -> Any:
        return self.item.get(reader) if BOOL.get(reader) else None


class Span(NamedTuple):
    """A run of a program's memory."""
    addr: int
    len: int


class SpanCodec(Codec):
    def __init__(self, most: int):
        self.most = most

    def put(self, out: bytearray, value: Span) -> None:
        if value.len > self.most:
            raise WireError(f"{value.len} bytes are more than {self.most}")
        try:
            out += struct.pack("<II", *value)
        except struct.error as err:
            raise WireError(str(err)) from None

    def get(self, reader: Reader) -> Span:
        value = Span(*struct.unpack("<II", reader.take(8)))
        if value.len > self.most:
            raise WireError(f"{value.len} bytes are more than {self.most}")
        return value


class Char(Codec):
    """One character, as text of its length."""

    def put(self, out: bytearray, value: str) -> None:
        if not isinstance(value, str) or len(value) != 1:
            raise WireError(f"{value!r} is no character")
        String(4).put(out, value)

    def get(self, reader: Reader) -> str:
        value = String(4).get(reader)
        if len(value) != 1:
            raise WireError(f"{value!r} is no character")
        return value


class Uuid(Codec):
    def put(self, out: bytearray, value: uuid.UUID) -> None:
        if not isinstance(value, uuid.UUID):
            raise WireError(f"{value!r} is no UUID")
        out += value.bytes

    def get(self, reader: Reader) -> uuid.UUID:
        return uuid.UUID(bytes=reader.take(16))


class Duration(NamedTuple):
    """A length of time."""
    seconds: int
    nanos: int  # below a thousand million


class DurationCodec(Codec):
    def put(self, out: bytearray, value: Duration) -> None:
        seconds, nanos = value
        U64.put(out, seconds)
        U32.put(out, self.checked(nanos))

    def get(self, reader: Reader) -> Duration:
        return Duration(U64.get(reader), self.checked(U32.get(reader)))

    def checked(self, nanos: int) -> int:
        if nanos >= 1_000_000_000:
            raise WireError(f"{nanos} nanoseconds are a second or more")
        return nanos


class Unit(Codec):
    """Nothing."""

    def put(self, out: bytearray, value: None) -> None:
        if value is not None:
            raise WireError(f"{value!r} is not nothing")

    def get(self, reader: Reader) -> None:
        return None


class Map(Codec):
    """A dict; no key is there twice."""

    def __init__(self, key: Codec, value: Codec, most: int):
        self.key = key
        self.value = value
        self.most = most

    def put(self, out: bytearray, value: dict[Any, Any]) -> None:
        put_length(out, len(value), self.most)
        for key, one in value.items():
            self.key.put(out, key)
            self.value.put(out, one)

    def get(self, reader: Reader) -> dict[Any, Any]:
        found: dict[Any, Any] = {}
        for _ in range(get_length(reader, self.most)):
            key = self.key.get(reader)
            if key in found:
                raise WireError(f"the key {key!r} is there twice")
            found[key] = self.value.get(reader)
        return found


class Tuple(Codec):
    """One after the other."""

    def __init__(self, *items: Codec):
        self.items = items

    def put(self, out: bytearray, value: tuple[Any, ...]) -> None:
        if len(value) != len(self.items):
            raise WireError(f"{len(value)} items are not {len(self.items)}")
        for codec, one in zip(self.items, value, strict=True):
            codec.put(out, one)

    def get(self, reader: Reader) -> tuple[Any, ...]:
        return tuple(codec.get(reader) for codec in self.items)


@dataclass(frozen=True)
class Ok:
    """It went well."""
    value: Any = None


@dataclass(frozen=True)
class Err:
    """It did not."""
    error: Any = None


class Result(Codec):
    """Ok or Err."""

    def __init__(self, value: Codec, error: Codec):
        self.value = value
        self.error = error

    def put(self, out: bytearray, value: Ok | Err) -> None:
        if isinstance(value, Ok):
            out.append(0)
            self.value.put(out, value.value)
        elif isinstance(value, Err):
            out.append(1)
            self.error.put(out, value.error)
        else:
            raise WireError(f"{value!r} is neither Ok nor Err")

    def get(self, reader: Reader) -> Ok | Err:
        tag = get_varint(reader, 32)
        if tag > 1:
            raise WireError(f"{tag} is neither Ok nor Err")
        return Err(self.error.get(reader)) if tag else Ok(self.value.get(reader))


class Flags(Codec):
    """Named bits, as an IntFlag that knows no others."""

    def __init__(self, kind: type[enum.IntFlag], bits: int):
        self.kind = kind
        self.number = Unsigned(bits)

    def checked(self, value: int) -> enum.IntFlag:
        try:
            return self.kind(value)
        except ValueError:
            raise WireError(f"{value:#x} has bits that are no {self.kind.__name__}") from None

    def put(self, out: bytearray, value: int) -> None:
        self.number.put(out, int(self.checked(value)))

    def get(self, reader: Reader) -> enum.IntFlag:
        return self.checked(self.number.get(reader))


class Number(Codec):
    """An enum without fields, as an IntEnum."""

    def __init__(self, kind: type[enum.IntEnum]):
        self.kind = kind

    def put(self, out: bytearray, value: int) -> None:
        try:
            put_varint(out, self.kind(value))
        except ValueError as err:
            raise WireError(str(err)) from None

    def get(self, reader: Reader) -> enum.IntEnum:
        try:
            return self.kind(get_varint(reader, 32))
        except ValueError as err:
            raise WireError(str(err)) from None


class Message:
    """What structs and the variants of enums share. Subclasses are dataclasses and list their fields' codecs."""

    FIELDS: ClassVar[tuple[tuple[str, Codec], ...]] = ()
    MAX: ClassVar[int]  # most bytes on the wire

    def put(self, out: bytearray) -> None:
        for name, codec in self.FIELDS:
            try:
                codec.put(out, getattr(self, name))
            except WireError as err:
                raise WireError(f"{type(self).__name__}.{name}: {err}") from None

    @classmethod
    def get(cls, reader: Reader) -> Self:
        values = []
        for name, codec in cls.FIELDS:
            try:
                values.append(codec.get(reader))
            except WireError as err:
                raise WireError(f"{cls.__name__}.{name}: {err}") from None
        return cls(*values)

    def encode(self) -> bytes:
        out = bytearray()
        self.put(out)
        return bytes(out)

    @classmethod
    def decode(cls, data: bytes | bytearray | memoryview) -> Self:
        reader = Reader(data)
        value = cls.get(reader)
        reader.finish()
        return value


class Tagged(Message):
    """The base of one enum; its variants are subclasses of it, in the order of their tags."""

    VARIANTS: ClassVar[tuple[type[Tagged], ...]] = ()
    TAG: ClassVar[int]

    def put(self, out: bytearray) -> None:
        put_varint(out, self.TAG)
        super().put(out)

    @classmethod
    def get(cls, reader: Reader) -> Any:
        tag = get_varint(reader, 32)
        if tag >= len(cls.VARIANTS):
            raise WireError(f"{cls.__name__} has no variant {tag}")
        return super(Tagged, cls.VARIANTS[tag]).get(reader)


Variant = TypeVar("Variant", bound=Tagged)


def variant(base: type[Tagged], name: str) -> Callable[[type[Variant]], type[Variant]]:
    """Make a class the next variant of `base`, to be found as base.name."""
    def add(cls: type[Variant]) -> type[Variant]:
        cls.TAG = len(base.VARIANTS)
        cls.__name__ = name
        cls.__qualname__ = f"{base.__qualname__}.{name}"
        base.VARIANTS += (cls,)
        setattr(base, name, cls)
        return cls
    return add


class Nested(Codec):
    """Another message inside one."""

    def __init__(self, kind: type[Message]):
        self.kind = kind

    def put(self, out: bytearray, value: Message) -> None:
        if not isinstance(value, self.kind):
            raise WireError(f"{value!r} is no {self.kind.__name__}")
        value.put(out)

    def get(self, reader: Reader) -> Message:
        return self.kind.get(reader)


BOOL = Bool()
U8, U16, U32, U64, U128 = (Unsigned(bits) for bits in (8, 16, 32, 64, 128))
I8, I16, I32, I64, I128 = (Signed(bits) for bits in (8, 16, 32, 64, 128))
F32, F64 = Float("<f"), Float("<d")
CHAR, UUID, DURATION, UNIT = Char(), Uuid(), DurationCodec(), Unit()


def cobs_encode(data: bytes) -> bytes:
    """Without a terminating zero; nothing becomes nothing, and a full run at the end needs nothing behind it."""
    out = bytearray()
    parts = bytes(data).split(b"\0")
    for index, part in enumerate(parts):
        while len(part) >= 254:
            out.append(255)
            out += part[:254]
            part = part[254:]
            if not part and index == len(parts) - 1:
                return bytes(out)
        out.append(len(part) + 1)
        out += part
    return bytes(out) if data else b""


def cobs_decode(data: bytes) -> bytes:
    """A frame without its terminating zero."""
    out = bytearray()
    at = 0
    while at < len(data):
        code = data[at]
        part = data[at + 1:at + code]
        if code == 0 or len(part) != code - 1 or 0 in part:
            raise WireError("not a COBS frame")
        out += part
        at += code
        if code != 255 and at < len(data):
            out.append(0)
    return bytes(out)


def crc32(data: bytes, seed: int = 0) -> int:
    return zlib.crc32(data, seed)


def adler32(data: bytes, seed: int = 1) -> int:
    return zlib.adler32(data, seed)
