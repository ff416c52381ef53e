# The Python mirror: golden vectors, round trips of any value, refusals, COBS.
# SPDX-License-Identifier: MIT OR Apache-2.0
import enum
import importlib
import json
import sys
import types
import uuid
from typing import Any

import pytest
from abigen.model import (Array, Enum, Flags, Handle, Map, Option, Ref, Result, Scalar, Seq, Span, Struct, Text, Tuple, Type,
                          Unit)
from abigen.python import camel
from abigen.python import render as render_python
from abigen.schema import read_module, read_schema, safe
from abigen.vectors import encode_message
from abigen.vectors import render as render_vectors
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st
from mnemos_load.abi import error, link, loader, wire

SCHEMA = read_schema(ROOT / "abi/schema")
MODULES = {one.name: one for one in SCHEMA.modules}
VECTORS = {name: (ROOT / f"abi/vectors/{name}.json").read_text("utf-8") for name in MODULES}
MIRRORS = {name: importlib.import_module(f"mnemos_load.abi.{name}") for name in MODULES}
for path in sorted((ROOT / "tests/host/abi/schema").glob("*.toml")):
    every, _ = read_module(path, SCHEMA.errors)
    MODULES[every.name] = every
    VECTORS[every.name] = render_vectors(every)
    MIRRORS[every.name] = sys.modules[every.name] = types.ModuleType(every.name)
    exec(compile(render_python(every, "mnemos_load.abi"), f"{every.name}.py", "exec"), vars(MIRRORS[every.name]))
MESSAGES = {(name, item.name): item for name, module in MODULES.items() for item in module.messages()}


def mirror(module: str, name: str) -> Any:
    return getattr(MIRRORS[module], camel(name))


def to_python(module: str, type_: Type, value: Any) -> Any:
    """The mirror's value for the JSON value of a vector."""
    if isinstance(type_, Text):
        return value if type_.utf8 else bytes.fromhex(value)
    if isinstance(type_, Array) and type_.item == Scalar("u8"):
        return bytes.fromhex(value)
    if isinstance(type_, Array | Seq):
        return [to_python(module, type_.item, one) for one in value]
    if isinstance(type_, Option):
        return None if value is None else to_python(module, type_.item, value)
    if isinstance(type_, Span):
        return wire.Span(*value)
    if isinstance(type_, Map):
        return {to_python(module, type_.key, key): to_python(module, type_.value, one) for key, one in value}
    if isinstance(type_, Tuple):
        return tuple(to_python(module, one, part) for one, part in zip(type_.items, value, strict=True))
    if isinstance(type_, Result):
        if "ok" in value:
            return wire.Ok(to_python(module, type_.value, value["ok"]))
        return wire.Err(to_python(module, type_.error, value["err"]))
    if type_ == Scalar("uuid"):
        return uuid.UUID(value)
    if type_ == Scalar("duration"):
        return wire.Duration(*value)
    if isinstance(type_, Ref) and isinstance(type_.target, Flags):
        return mirror(module, type_.target.name)(value)
    if isinstance(type_, Ref):
        return message(module, type_.target, value)
    return value


def message(module: str, item: Struct | Enum, value: Any) -> Any:
    kind = mirror(module, item.name)
    if isinstance(item, Struct):
        fields = item.fields
    elif item.plain:
        return kind[value.upper()]
    else:
        (name, value), = value.items()
        fields = next(one.fields for one in item.variants if one.name == name)
        kind = getattr(kind, camel(name))
    return kind(**{safe(one.name): to_python(module, one.type, value[one.name]) for one in fields})


def goldens():
    for name in MODULES:
        for case in json.loads(VECTORS[name]):
            yield pytest.param(name, case, id=f"{name}-{case['message']}-{case['case']}")


@pytest.mark.parametrize("module, case", goldens())
def test_golden_vector(module, case):
    value = message(module, MESSAGES[module, case["message"]], case["value"])
    data = bytes.fromhex(case["hex"])
    kind = mirror(module, case["message"])
    assert value.encode() == data
    assert kind.decode(data) == value
    with pytest.raises(wire.WireError, match="1 bytes too many"):
        kind.decode(data + b"\0")
    for length in range(len(data)):
        with pytest.raises(wire.WireError):
            kind.decode(data[:length])


def values(type_: Type) -> st.SearchStrategy:
    """JSON values of a type, as in the vectors."""
    if isinstance(type_, Scalar):
        if type_.name == "bool":
            return st.booleans()
        if type_.name == "char":
            return st.characters(blacklist_categories=["Cs"])
        if type_.name == "uuid":
            return st.uuids().map(str)
        if type_.name == "duration":
            return st.tuples(st.integers(0, (1 << 64) - 1), st.integers(0, 999_999_999)).map(list)
        if type_.name[0] == "f":
            return st.floats(allow_nan=False, width=int(type_.name[1:]))
        bits = int(type_.name[1:])
        low = 0 if type_.name[0] == "u" else -1 << bits - 1
        return st.integers(low, low + (1 << bits) - 1)
    if isinstance(type_, Text):
        if not type_.utf8:
            return st.binary(max_size=type_.max).map(bytes.hex)
        text = st.text(st.characters(blacklist_categories=["Cs"]), max_size=type_.max)
        return text.filter(lambda one: len(one.encode()) <= type_.max)
    if isinstance(type_, Array):
        if type_.item == Scalar("u8"):
            return st.binary(min_size=type_.count, max_size=type_.count).map(bytes.hex)
        return st.lists(values(type_.item), min_size=type_.count, max_size=type_.count)
    if isinstance(type_, Seq):
        return st.lists(values(type_.item), max_size=type_.max)
    if isinstance(type_, Option):
        return st.none() | values(type_.item)
    if isinstance(type_, Span):
        return st.tuples(st.integers(0, (1 << 32) - 1), st.integers(0, type_.max)).map(list)
    if isinstance(type_, Map):
        return st.lists(st.tuples(values(type_.key), values(type_.value)).map(list), max_size=type_.max,
                        unique_by=lambda pair: str(pair[0]))
    if isinstance(type_, Tuple):
        return st.tuples(*(values(one) for one in type_.items)).map(list)
    if isinstance(type_, Result):
        return values(type_.value).map(lambda one: {"ok": one}) | values(type_.error).map(lambda one: {"err": one})
    if isinstance(type_, Unit):
        return st.none()
    if isinstance(type_, Handle):
        return st.integers(0, (1 << 32) - 1)
    if isinstance(type_.target, Flags):
        return st.integers(0, type_.target.all)
    return message_values(type_.target)


def message_values(item: Struct | Enum) -> st.SearchStrategy:
    if isinstance(item, Struct):
        return st.fixed_dictionaries({one.name: values(one.type) for one in item.fields})
    if item.plain:
        return st.sampled_from([one.name for one in item.variants])
    return st.one_of(*(st.fixed_dictionaries(
        {one.name: st.fixed_dictionaries({field.name: values(field.type) for field in one.fields})})
        for one in item.variants))


@pytest.mark.parametrize("module, name", MESSAGES)
@settings(max_examples=15)
@given(data=st.data())
def test_round_trip_of_any_value(module, name, data):
    item = MESSAGES[module, name]
    value = data.draw(message_values(item))
    ours = message(module, item, value)
    assert ours.encode() == encode_message(item, value)
    assert mirror(module, name).decode(ours.encode()) == ours


@pytest.mark.parametrize("module, name", MESSAGES)
@settings(max_examples=50)
@given(data=st.binary(max_size=64))
def test_any_bytes_are_a_message_or_a_wire_error(module, name, data):
    kind = mirror(module, name)
    try:
        value = kind.decode(data)
    except wire.WireError:
        return
    assert kind.decode(value.encode()) == value


def test_the_names_the_host_tool_uses():
    request = loader.Request(session=7, seq=1, body=loader.RequestBody.Stop(handle=256, kill=True))
    assert loader.Request.decode(request.encode()) == request
    assert isinstance(request.body, loader.RequestBody)
    assert type(request.body).__qualname__ == "RequestBody.Stop"
    assert isinstance(link.Control.decode(b"\x07\x05"), link.Control.Ping)
    assert issubclass(loader.FaultKind, enum.IntEnum)
    assert set(loader.FAULT_KIND_DOC) == set(loader.FaultKind)
    assert error.ERRORS[error.ERR_BUSY].name == "busy"
    assert error.ENDS[error.END_FAULT].exit == 139
    assert error.HOST["E01"] == ("no_device", 127)


@pytest.mark.parametrize("value", [
    link.Control.Ping(value=-1), link.Control.Ping(value=1 << 32), link.Control.Ping(value="1"),
    link.Control.Open(port=1 << 16, name="", class_=0, window=0),
    link.Control.Open(port=0, name="x" * 25, class_=0, window=0),
    link.Control.Open(port=0, name="\ud800", class_=0, window=0),
    link.Control.Open(port=0, name=b"x", class_=0, window=0),
    loader.RequestBody.Data(offset=0, bytes=bytes(513)),
    loader.RequestBody.Stop(handle=0, kill=1),
    loader.Request(session=0, seq=0, body=link.Control.Ping(value=0)),
], ids=str)
def test_a_value_that_does_not_fit_is_refused(value):
    with pytest.raises(wire.WireError):
        value.encode()


EVERY = MIRRORS["every_type"]


@pytest.mark.parametrize("name, data, says", [
    ("Words", "02c3a9", "the message ends too early"),
    ("Words", "0161 0161 0161", "the message ends too early"),
    ("Words", "00", "'' is no character"),
    ("Words", "026161", "'aa' is no character"),
    ("Words", "0561", "5 are more than 4"),
    ("Words", "03eda080", "'utf-8' codec can't decode"),
    ("Times", "00 8094ebdc03", "1000000000 nanoseconds are a second or more"),
    ("Marks", "08", "0x8 has bits that are no Access"),
    ("Marks", "00 808010", "0x40000 has bits that are no Wide"),
    ("Results", "02", "2 is neither Ok nor Err"),
    ("Maps", "02 0500 0500", "the key 5 is there twice"),
    ("Maps", "00 02 0161 00 0161 00", "the key 'a' is there twice"),
    ("Maps", "05", "5 are more than 4"),
    ("Numbers", "ff" * 18 + "04", "a number does not fit 128 bits"),
])
def test_bytes_that_a_type_refuses(name, data, says):
    with pytest.raises(wire.WireError, match=says):
        getattr(EVERY, name).decode(bytes.fromhex(data))


@pytest.mark.parametrize("codec, value", [
    (wire.CHAR, "aa"), (wire.CHAR, ""), (wire.CHAR, 97), (wire.CHAR, "\ud800"), (wire.UUID, "0" * 32), (wire.UNIT, 0),
    (wire.DURATION, wire.Duration(0, 1_000_000_000)), (wire.DURATION, wire.Duration(-1, 0)),
    (wire.Flags(EVERY.Access, 8), 8), (wire.Result(wire.U8, wire.U8), 1), (wire.Tuple(wire.U8, wire.U8), (1,)),
    (wire.Map(wire.U8, wire.U8, 1), {1: 2, 3: 4}), (wire.U128, 1 << 128), (wire.I128, 1 << 127),
], ids=str)
def test_a_value_of_a_type_that_does_not_fit_is_refused(codec, value):
    with pytest.raises(wire.WireError):
        codec.put(bytearray(), value)


@given(st.binary(max_size=600) | st.integers(0, 1200).map(bytes) | st.integers(0, 1200).map(lambda n: b"x" * n))
def test_cobs_round_trip(data):
    frame = wire.cobs_encode(data)
    assert 0 not in frame
    assert len(frame) <= len(data) + (len(data) + 253) // 254 + 1
    assert wire.cobs_decode(frame) == data


@pytest.mark.parametrize("frame", [b"\0", b"\2", b"\3a", b"\3a\0", b"\1\0", b"\xffab"])
def test_cobs_refuses(frame):
    with pytest.raises(wire.WireError):
        wire.cobs_decode(frame)
