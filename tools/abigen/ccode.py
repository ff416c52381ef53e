# The bodies of the C codecs: how the fields of a message become statements.
#
# Neighbouring fields of bounded size form a run, and a run has one check of the
# room: on the way out for its scalars at their widest, on the way in for its
# least size (a longer varint checks itself against what must still follow).
# SPDX-License-Identifier: MIT OR Apache-2.0
from __future__ import annotations

import re
from collections.abc import Iterator

from .model import (Array, Enum, Field, Flags, Handle, Map, Option, Ref, Result, Scalar, Seq, Span, Struct, Text, Tuple, Type,
                    Unit, length_size)
from .schema import safe

Place = tuple[str, Type]  # a C lvalue and what it holds


def places(owner: str, fields: tuple[Field, ...]) -> list[Place]:
    return [(f"{owner}{safe(one.name)}", one.type) for one in fields]


def flat(members: list[Place]) -> Iterator[Place]:
    """Tuples taken apart."""
    for place, type_ in members:
        if isinstance(type_, Tuple):
            yield from flat([(f"{place}.item{i}", one) for i, one in enumerate(type_.items)])
        else:
            yield place, type_


def is_raw(type_: Type) -> bool:
    return isinstance(type_, Array) and type_.item == Scalar("u8")


def is_plain_enum(type_: Type) -> bool:
    return isinstance(type_, Ref) and isinstance(type_.target, Enum) and type_.target.plain


def is_flags(type_: Type) -> bool:
    return isinstance(type_, Ref) and isinstance(type_.target, Flags)


def number(type_: Type) -> str | None:
    """The scalar that this is on the wire, if it is one of which every value is right."""
    if isinstance(type_, Handle):
        return "u32"
    return type_.name if isinstance(type_, Scalar) and type_.name not in ("char", "duration") else None


def in_run(type_: Type) -> bool:
    return isinstance(type_, Scalar | Text | Span | Handle) or is_raw(type_) or is_plain_enum(type_) or is_flags(type_)


def runs(members: list[Place]) -> Iterator[list[Place]]:
    """Split into runs; whatever is not part of one stands alone."""
    run: list[Place] = []
    for member in flat(members):
        if in_run(member[1]):
            run.append(member)
            continue
        if run:
            yield run
            run = []
        yield [member]
    if run:
        yield run


class Body:
    """Lines of one C function; `codec(struct)` gives the prefix of another message's put and get."""

    def __init__(self, codec, by_value: bool):
        self.codec = codec
        self.by_value = by_value  # text and bytes are copied into the message, not pointed to
        self.lines: list[str] = []
        self.depth = 1

    def add(self, line: str) -> None:
        self.lines.append("    " * self.depth + line if line else "")

    def loop(self, count: str) -> str:
        index = f"i{self.depth}" if self.depth > 1 else "i"
        self.add(f"for (uint32_t {index} = 0; {index} < {count}; {index}++) {{")
        self.depth += 1
        return index

    def close(self) -> None:
        self.depth -= 1
        self.add("}")

    # Out: `at` is the position, w the writer.

    def put(self, members: list[Place]) -> None:
        for run in runs(members):
            if in_run(run[0][1]):
                self.put_run(run)
            else:
                self.put_one(*run[0])

    def put_run(self, run: list[Place]) -> None:
        most = 0
        variable = ""
        for place, type_ in run:
            if isinstance(type_, Text):
                self.add(f"if ({place}.len > {type_.max}u) return false;")
                if type_.utf8:
                    self.add(f"if (!mnemos_utf8_ok({place}.data, {place}.len)) return false;")
                most += length_size(type_.max)
                variable += f" + {place}.len"
                continue
            if isinstance(type_, Span):
                self.add(f"if ({place}.len > {type_.max}u) return false;")
            elif is_plain_enum(type_):
                self.add(f"if ({place} >= {len(type_.target.variants)}) return false;")
            elif is_flags(type_):
                if type_.target.all < (1 << int(type_.target.number[1:])) - 1:
                    self.add(f"if ({place} > 0x{type_.target.all:x}u) return false;")
            elif isinstance(type_, Scalar) and not number(type_):
                self.add(f"if (!mnemos_{type_.name}_ok({place})) return false;")
            most += type_.sizes()[1]
        self.add(f"if ((size_t)(w->end - at) < {most}u{variable}) return false;")
        for place, type_ in run:
            if isinstance(type_, Text):
                text = f"(struct mnemos_bytes){{{place}.data, {place}.len}}" if self.by_value else place
                self.add(f"at = mnemos_store_bytes(at, {text});")
            elif isinstance(type_, Span):
                self.add(f"at = mnemos_store_span(at, {place});")
            elif isinstance(type_, Array):
                self.add(f"at = mnemos_store_raw(at, {place}, sizeof {place});")
            elif is_flags(type_):
                self.add(f"at = mnemos_store_{type_.target.number}(at, {place});")
            else:
                name = type_.name if isinstance(type_, Scalar) else number(type_) or "u8"
                self.add(f"at = mnemos_store_{name}(at, {place});")

    def put_one(self, place: str, type_: Type) -> None:
        if isinstance(type_, Ref):
            self.add("w->at = at;")
            self.add(f"if (!{self.codec(type_.target)}_put(w, &{place})) return false;")
            self.add("at = w->at;")
        elif isinstance(type_, Option):
            self.add("if (at == w->end) return false;")
            self.add(f"at = mnemos_store_bool(at, {place}.some);")
            self.add(f"if ({place}.some) {{")
            self.depth += 1
            self.put([(f"{place}.value", type_.item)])
            self.close()
        elif isinstance(type_, Seq):
            self.add(f"if ({place}.len > {type_.max}u) return false;")
            self.put_items(f"{place}.len", f"{place}.items", type_.item, length_size(type_.max))
        elif isinstance(type_, Array):
            self.put_items(f"{type_.count}u", place, type_.item, 0)
        elif isinstance(type_, Result):
            self.add("if (at == w->end) return false;")
            self.add(f"at = mnemos_store_bool(at, !{place}.ok);")
            self.either(place, type_, self.put)
        elif isinstance(type_, Map):
            self.add(f"if ({place}.len > {type_.max}u) return false;")
            self.add(f"if ((size_t)(w->end - at) < {length_size(type_.max)}u) return false;")
            self.add(f"at = mnemos_store_u32(at, {place}.len);")
            index = self.loop(f"{place}.len")
            self.refuse_double(place, type_, index)
            self.put([(f"{place}.items[{index}].key", type_.key), (f"{place}.items[{index}].value", type_.value)])
            self.close()

    def either(self, place: str, type_: Result, code) -> None:
        """What follows the tag of a result."""
        for head, member, item in (("if", "value", type_.value), ("if !", "error", type_.error)):
            if isinstance(item, Unit):
                continue
            self.add(f"if ({'!' if head == 'if !' else ''}{place}.ok) {{")
            self.depth += 1
            code([(f"{place}.{member}", item)])
            self.close()

    def refuse_double(self, place: str, type_: Map, index: str) -> None:
        """A key that stands before this one too."""
        one, other = f"{place}.items[{index}].key", f"{place}.items[j].key"
        if isinstance(type_.key, Text):
            same = f"mnemos_same({one}.data, {one}.len, {other}.data, {other}.len)"
        elif type_.key == Scalar("uuid"):
            same = f"mnemos_same({one}, 16, {other}, 16)"
        else:
            same = f"{one} == {other}"
        self.add(f"for (uint32_t j = 0; j < {index}; j++) {{")
        self.add(f"    if ({same}) return false;")
        self.add("}")

    def put_items(self, count: str, items: str, item: Type, prefix: int) -> None:
        """A loop over items; of scalars the room is checked once, before it."""
        scalar = number(item)
        if scalar:
            room = f"{prefix}u + " if prefix else ""
            self.add(f"if ((size_t)(w->end - at) < {room}{count} * {item.sizes()[1]}u) return false;")
        elif prefix:
            self.add(f"if ((size_t)(w->end - at) < {prefix}u) return false;")
        if prefix:
            self.add(f"at = mnemos_store_u32(at, {count});")
        index = self.loop(count)
        if scalar:
            self.add(f"at = mnemos_store_{scalar}(at, {items}[{index}]);")
        else:
            self.put([(f"{items}[{index}]", item)])
        self.close()

    # In: `at` is the position, `end` the end, r the reader.

    def get(self, members: list[Place]) -> None:
        for run in runs(members):
            if in_run(run[0][1]):
                self.get_run(run)
            else:
                self.get_one(*run[0])

    def get_run(self, run: list[Place]) -> None:
        rest = sum(type_.sizes()[0] for _, type_ in run)
        self.add("if (at == end) return false;" if rest == 1 else f"if ((size_t)(end - at) < {rest}u) return false;")
        for place, type_ in run:
            rest -= type_.sizes()[0]
            limit = f"end - {rest}" if rest else "end"
            can_fail = True
            if isinstance(type_, Text):
                kind = "string" if type_.utf8 else "bytes"
                text = "text" if self.by_value else place
                self.add(f"at = mnemos_load_{kind}(at, {limit}, {type_.max}u, &{text});")
                if self.by_value:
                    self.add("if (!at) return false;")
                    self.add(f"{place}.len = text.len;")
                    self.add(f"if (text.len) __builtin_memcpy({place}.data, text.data, text.len);")
                    can_fail = False
            elif isinstance(type_, Span):
                self.add(f"at = mnemos_load_span(at, {type_.max}u, &{place});")
            elif isinstance(type_, Array):
                self.add(f"at = mnemos_load_raw(at, {place}, sizeof {place});")
                can_fail = False
            elif is_flags(type_):
                can_fail = self.load_flags(place, type_.target, limit)
            elif isinstance(type_, Ref):
                self.add(f"at = mnemos_load_tag(at, {limit}, {len(type_.target.variants)}, &{place});")
            elif isinstance(type_, Handle):
                self.add(f"at = mnemos_load_u32(at, {limit}, &{place});")
            elif type_.name == "uuid":
                self.add(f"at = mnemos_load_raw(at, {place}, sizeof {place});")
                can_fail = False
            elif type_.name in ("u8", "i8", "f32", "f64"):
                self.add(f"at = mnemos_load_{type_.name}(at, &{place});")
                can_fail = False
            elif type_.name == "bool":
                self.add(f"at = mnemos_load_bool(at, &{place});")
            else:
                self.add(f"at = mnemos_load_{type_.name}(at, {limit}, &{place});")
            if can_fail:
                self.add("if (!at) return false;")

    def load_flags(self, place: str, flags: Flags, limit: str) -> bool:
        """Answers whether `at` is still to be looked at."""
        narrow = flags.number == "u8"
        self.add(f"at = mnemos_load_{flags.number}(at, {'' if narrow else limit + ', '}&{place});")
        if flags.all == (1 << int(flags.number[1:])) - 1:
            return not narrow
        self.add(f"if ({'' if narrow else '!at || '}{place} > 0x{flags.all:x}u) return false;")
        return False

    def get_one(self, place: str, type_: Type) -> None:
        if isinstance(type_, Ref):
            self.add("r->at = at;")
            self.add(f"if (!{self.codec(type_.target)}_get(r, &{place})) return false;")
            self.add("at = r->at;")
        elif isinstance(type_, Option):
            self.add("if (at == end) return false;")
            self.add(f"at = mnemos_load_bool(at, &{place}.some);")
            self.add("if (!at) return false;")
            self.add(f"if ({place}.some) {{")
            self.depth += 1
            self.get([(f"{place}.value", type_.item)])
            self.close()
        elif isinstance(type_, Seq):
            self.add("if (at == end) return false;")
            self.add(f"at = mnemos_load_len(at, end, {type_.max}u, &{place}.len);")
            self.add("if (!at) return false;")
            index = self.loop(f"{place}.len")
            self.get([(f"{place}.items[{index}]", type_.item)])
            self.close()
        elif isinstance(type_, Array):
            index = self.loop(f"{type_.count}u")
            self.get([(f"{place}[{index}]", type_.item)])
            self.close()
        elif isinstance(type_, Result):
            self.add("if (at == end) return false;")
            self.add("{")
            self.add("    uint8_t tag;")
            self.add("    at = mnemos_load_tag(at, end, 2, &tag);")
            self.add("    if (!at) return false;")
            self.add(f"    {place}.ok = !tag;")
            self.add("}")
            self.either(place, type_, self.get)
        elif isinstance(type_, Map):
            self.add("if (at == end) return false;")
            self.add(f"at = mnemos_load_len(at, end, {type_.max}u, &{place}.len);")
            self.add("if (!at) return false;")
            index = self.loop(f"{place}.len")
            self.get([(f"{place}.items[{index}].key", type_.key)])
            self.refuse_double(place, type_, index)
            self.get([(f"{place}.items[{index}].value", type_.value)])
            self.close()


def put_body(item: Struct | Enum, codec, constants: dict[str, str], by_value: bool) -> list[str]:
    """Statements of `put(w, m)`. `constants` gives the C name of each variant."""
    body = Body(codec, by_value)
    body.add("uint8_t *at = w->at;")
    if isinstance(item, Struct):
        body.put(places("m->", item.fields))
    else:
        body.add("if (at == w->end) return false;")
        body.add("*at++ = m->tag;")
        body.add("switch (m->tag) {")
        for variant in item.variants:
            body.add(f"case {constants[variant.name]}:")
            body.depth += 1
            body.put(places(f"m->{safe(variant.name)}.", variant.fields))
            body.add("break;")
            body.depth -= 1
        body.add("default:")
        body.add("    return false;")
        body.add("}")
    body.add("w->at = at;")
    body.add("return true;")
    return body.lines


def get_body(item: Struct | Enum, codec, constants: dict[str, str], by_value: bool) -> list[str]:
    """Statements of `get(r, m)`."""
    body = Body(codec, by_value)
    body.add("const uint8_t *at = r->at;")
    body.add("const uint8_t *end = r->end;")
    if isinstance(item, Struct):
        body.get(places("m->", item.fields))
    else:
        body.add("if (at == end) return false;")
        body.add(f"at = mnemos_load_tag(at, end, {len(item.variants)}, &m->tag);")
        body.add("if (!at) return false;")
        body.add("switch (m->tag) {")
        for variant in item.variants:
            if not variant.fields:
                continue
            body.add(f"case {constants[variant.name]}:")
            body.depth += 1
            body.get(places(f"m->{safe(variant.name)}.", variant.fields))
            body.add("break;")
            body.depth -= 1
        body.add("default: /* nothing follows the tag */")
        body.add("    break;")
        body.add("}")
    body.add("r->at = at;")
    body.add("return true;")
    if not any(re.search(r"\bend\b", line) for line in body.lines[2:]):
        del body.lines[1]
    if any("&text)" in line for line in body.lines):
        body.lines.insert(0, "    struct mnemos_bytes text;")
    return body.lines
