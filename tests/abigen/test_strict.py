# Every mistake in a schema is one line that names file, item and field.
# SPDX-License-Identifier: MIT OR Apache-2.0
import pytest
from abigen import docs, python, vectors
from abigen.c import CModule
from abigen.model import SchemaError
from abigen.schema import ModuleReader, read_schema
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

STRUCT = '[[struct]]\nname = "s"\nfields = [{{ name = "x", type = "{}" }}]\n'
FIELDS = '[[struct]]\nname = "s"\nfields = [{}]\n'
CALL = '[[call]]\nname = "c"\ndoc = "C."\n'

MISTAKES = {
    "unknown key of the file": ('colour = "red"\n', "m.toml: unknown key `colour`"),
    "unknown key of a struct": (FIELDS.format('{ name = "x", type = "u8" }') + 'size = 3\n',
                                "m.toml: struct s: unknown key `size`"),
    "unknown key of a field": (FIELDS.format('{ name = "x", type = "u8", max = 3 }'),
                               "m.toml: struct s: field x: unknown key `max`"),
    "unknown key of a call": (CALL + "blocks = true\n", "m.toml: call c: unknown key `blocks`"),
    "missing type": (FIELDS.format('{ name = "x" }'), "m.toml: struct s: field x: missing key `type`"),
    "wrong kind of value": (FIELDS.format('{ name = "x", type = 8 }'),
                            "m.toml: struct s: field x: `type` must be of type str"),
    "not a table": (FIELDS.format('"x"'), "m.toml: struct s: field (not a table): expected a table"),
    "string without a maximum": (STRUCT.format("string"),
                                 "m.toml: struct s: field x: `string` needs a maximum, as in string<32>"),
    "bytes without a maximum": (STRUCT.format("bytes"),
                                "m.toml: struct s: field x: `bytes` needs a maximum, as in bytes<32>"),
    "span without a maximum": (STRUCT.format("span_in"),
                               "m.toml: struct s: field x: `span_in` needs a maximum, as in span_in<32>"),
    "seq without a maximum": (STRUCT.format("seq<u8>"),
                              "m.toml: struct s: field x: `seq` needs a maximum, as in seq<u8,32>"),
    "array without a count": (STRUCT.format("array<u8>"),
                              "m.toml: struct s: field x: `array` needs a count, as in array<u8,32>"),
    "maximum is no number": (STRUCT.format("string<many>"),
                             "m.toml: struct s: field x: `string<many>` needs a number where its bound stands"),
    "maximum of zero": (STRUCT.format("bytes<0>"),
                        "m.toml: struct s: field x: the bound of `bytes<0>` must be 1 to 1048576"),
    "unknown type": (STRUCT.format("u9"), "m.toml: struct s: field x: unknown type `u9`"),
    "unknown inner type": (STRUCT.format("seq<option<word>,3>"), "m.toml: struct s: field x: unknown type `word`"),
    "half a type": (STRUCT.format("option<u8"), "m.toml: struct s: field x: cannot read type `option<u8`"),
    "too much of a type": (STRUCT.format("u8>"), "m.toml: struct s: field x: cannot read type `u8>`"),
    "no type": (STRUCT.format(""), "m.toml: struct s: field x: cannot read type ``"),
    "strange characters": (STRUCT.format("u8;"), "m.toml: struct s: field x: cannot read type `u8;`"),
    "recursion": (STRUCT.format("t") + '[[struct]]\nname = "t"\nfields = [{ name = "y", type = "option<s>" }]\n',
                  "m.toml: struct t: field y: recursion s -> t -> s"),
    "field twice": (FIELDS.format('{ name = "x", type = "u8" }, { name = "x", type = "u8" }'),
                    "m.toml: struct s: field x: `x` is there twice"),
    "struct twice": (STRUCT.format("u8") * 2, "m.toml: struct s: `s` is there twice"),
    "struct and enum": (STRUCT.format("u8") + '[[enum]]\nname = "s"\nvariants = [{ name = "a" }]\n',
                        "m.toml: enum s: `s` is there twice"),
    "call twice": (CALL * 2, "m.toml: call c: `c` is there twice"),
    "variant twice": ('[[enum]]\nname = "e"\nvariants = [{ name = "a" }, { name = "a" }]\n',
                      "m.toml: enum e: variant a: `a` is there twice"),
    "no variants": ('[[enum]]\nname = "e"\nvariants = []\n', "m.toml: enum e: an enum has 1 to 127 variants"),
    "no fields": ('[[struct]]\nname = "s"\nfields = []\n', "m.toml: struct s: a struct needs a field"),
    "const twice": ('const = [{ name = "k", value = 1 }, { name = "k", value = 2 }]\n',
                    "m.toml: const k: `k` is there twice"),
    "const too large": ('const = [{ name = "k", value = 0x100000000 }]\n',
                        "m.toml: const k: the value must fit a u32"),
    "bad name": (FIELDS.format('{ name = "Port", type = "u8" }'),
                 "m.toml: struct s: field Port: `Port` is not a name (lower case words joined by _)"),
    "unknown error": (CALL + 'errors = ["lazy"]\n', "m.toml: call c: unknown error `lazy`"),
    "error twice": (CALL + 'errors = ["busy", "busy"]\n', "m.toml: call c: an error is there twice"),
    "struct with the name of arguments": ('[[struct]]\nname = "c_args"\nfields = [{ name = "x", type = "u8" }]\n' + CALL,
                                          "m.toml: call c: `c_args` is already a struct or an enum"),
    "map without a maximum": (STRUCT.format("map<u8,u8>"),
                              "m.toml: struct s: field x: `map` needs a maximum, as in map<u16,string<8>,4>"),
    "map without a value": (STRUCT.format("map<u8>"),
                            "m.toml: struct s: field x: `map` needs key, value and a maximum, as in map<u16,string<8>,4>"),
    "key that cannot be compared": (STRUCT.format("map<seq<u8,2>,u8,3>"),
                                    "m.toml: struct s: field x: a key of `map<seq<u8,2>,u8,3>` is a number of up to 64 bits"),
    "more keys than there are": (STRUCT.format("map<bool,u8,3>"),
                                 "m.toml: struct s: field x: `map<bool,u8,3>` has more than 2 keys"),
    "too many keys": (STRUCT.format("map<u8,u8,65>"), "m.toml: struct s: field x: `map<u8,u8,65>` has more than 64 keys"),
    "result of one": (STRUCT.format("result<u8>"),
                      "m.toml: struct s: field x: `result` needs what it is when it went well and what when not"),
    "tuple of one": (STRUCT.format("tuple<u8>"), "m.toml: struct s: field x: a tuple has 2 to 12 items"),
    "tuple without an end": (STRUCT.format("tuple<u8,u8"), "m.toml: struct s: field x: cannot read type `tuple<u8,u8`"),
    "unit as a field": (STRUCT.format("unit"), "m.toml: struct s: field x: `unit` says nothing: leave the field out"),
    "unit in a list": (STRUCT.format("seq<unit,3>"), "m.toml: struct s: field x: `unit` is for result<unit,E>"),
    "handle of nothing": (STRUCT.format("handle<>"), "m.toml: struct s: field x: cannot read type `handle<>`"),
    "handle of no name": (STRUCT.format("handle<7>"),
                          "m.toml: struct s: field x: `handle` needs a service's module, as in handle<hello>"),
    "handle of no service": (STRUCT.format("seq<handle<other>,2>"), "m.toml: struct s: field x: there is no service `other`"),
    "flags without a name": (STRUCT.format("flags<u8>"),
                             "m.toml: struct s: field x: flags have names: write [[flags]] and use its name as the type"),
    "flags of another type": ('[[flags]]\nname = "f"\ntype = "u64"\nflags = [{ name = "a" }]\n',
                              "m.toml: flags f: the type of flags is u8, u16 or u32"),
    "no flags": ('[[flags]]\nname = "f"\ntype = "u8"\nflags = []\n', "m.toml: flags f: a u8 has 1 to 8 flags"),
    "too many flags": ('[[flags]]\nname = "f"\ntype = "u8"\nflags = [' + ", ".join(
        f'{{ name = "{name}" }}' for name in "abcdefghi") + "]\n", "m.toml: flags f: a u8 has 1 to 8 flags"),
    "flag twice": ('[[flags]]\nname = "f"\ntype = "u8"\nflags = [{ name = "a" }, { name = "a" }]\n',
                   "m.toml: flags f: flag a: `a` is there twice"),
    "flag with a value": ('[[flags]]\nname = "f"\ntype = "u8"\nflags = [{ name = "a", value = 4 }]\n',
                          "m.toml: flags f: flag a: unknown key `value`"),
    "name of a type": ('[[struct]]\nname = "map"\nfields = [{ name = "x", type = "u8" }]\n',
                       "m.toml: struct map: `map` is a type already"),
    "function pointer": (STRUCT.format("pointer<mn_task>"),
                         "m.toml: struct s: field x: `pointer<mn_task>` is for calls with kernel_only"),
    "pointer inside": (STRUCT.format("option<pointer<mn_task>>"), "m.toml: struct s: field x: `option<pointer<mn_task>>` is for"),
    "larger than memory": (STRUCT.format("seq<bytes<1000000>,100>"),
                           "m.toml: struct s: field x: `seq<bytes<1000000>,100>` could have 100000301 bytes, more than 16777216"),
    "recursion through a result": (STRUCT.format("t") + '[[struct]]\nname = "t"\nfields = [{ name = "y", '
                                   'type = "result<u8,map<u8,s,2>>" }]\n', "m.toml: struct t: field y: recursion s -> t -> s"),
    "error that is no name": (CALL + "errors = [[]]\n", "m.toml: call c: unknown error `[]`"),
    "empty doc": ('[[call]]\nname = "c"\ndoc = " "\n', "m.toml: call c: `doc` is empty"),
    "doc of two lines": ('[[call]]\nname = "c"\ndoc = "a\\nb"\n', "m.toml: call c: `doc` has a line break or a control character"),
    "doc that ends a comment": ('[[call]]\nname = "c"\ndoc = "a */ b"\n', "m.toml: call c: `doc` has what would end a comment"),
    "doc that ends a docstring": ("[[call]]\nname = \"c\"\ndoc = 'say \"\"\"'\n", "m.toml: call c: `doc` has what would end a comment"),
    "not TOML": ("[[struct\n", "m.toml: "),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistake_is_one_line(read, name):
    text, message = MISTAKES[name]
    with pytest.raises(SchemaError) as caught:
        read(text)
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


ERROR_MISTAKES = {
    "number twice": ('{ name = "busy", number = -1, exit = 0, says = "x" }, '
                     '{ name = "full", number = -1, exit = 0, says = "y" }', "error full: number -1 is there twice"),
    "name twice": ('{ name = "busy", number = -1, exit = 0, says = "x" }, '
                   '{ name = "busy", number = -2, exit = 0, says = "y" }', "error busy: `busy` is there twice"),
    "end that is no byte": ('{ name = "busy", number = -1, exit = 0, says = "x" }]\nend = [{ name = "e", number = 256, exit = 0, '
                            'says = "x" }', "end e: the number of an end fits a u8"),
    "code of the host": ('{ name = "busy", number = -1, exit = 0, says = "x" }]\nhost = [{ code = "X1", name = "h", exit = 0 }',
                         "host h: code `X1` is not E and two digits"),
    "code twice": ('{ name = "busy", number = -1, exit = 0, says = "x" }]\nhost = [{ code = "E01", name = "h", exit = 0 }, '
                   '{ code = "E01", name = "i", exit = 0 }', "host i: code E01 is there twice"),
    "positive": ('{ name = "busy", number = 1, exit = 0, says = "x" }', "error busy: the number of an error is negative"),
    "full stop": ('{ name = "busy", number = -1, exit = 0, says = "x." }', "error busy: `says` has no full stop"),
    "unknown key": ('{ name = "busy", number = -1, exit = 0, says = "x", since = 2 }', "error busy: unknown key `since`"),
}


@pytest.mark.parametrize("name", ERROR_MISTAKES)
def test_mistake_in_errors(read, name):
    rows, message = ERROR_MISTAKES[name]
    with pytest.raises(SchemaError) as caught:
        read("", f'module = "error"\ndoc = "E."\nerror = [{rows}]\n')
    assert str(caught.value) == f"errors.toml: {message}"


def test_the_list_of_errors_is_there_and_named_so(tmp_path, read):
    with pytest.raises(SchemaError, match="errors.toml: the module of this file is `error`"):
        read("", 'module = "errors"\ndoc = "E."\nerror = []\n')
    (tmp_path / "errors.toml").unlink()
    with pytest.raises(SchemaError, match="errors.toml: is missing"):
        read_schema(tmp_path)


def test_a_service_s_module_fits_an_image(tmp_path, read):
    read("")
    (tmp_path / f"{'m' * 25}.toml").write_text(
        f'module = "{"m" * 25}"\ndoc = "M."\nservice = "m"\nuuid = "0e1187d6-e25c-4d56-9d63-c060a2c23960"\n')
    with pytest.raises(SchemaError, match="the module of a service has at most 24 characters"):
        read("")


KEYS = ("module", "doc", "service", "uuid", "kernel_only", "hello", "refuses", "events", "const", "struct", "enum", "flags",
        "call", "name", "type", "fields", "variants", "args", "reply", "errors", "waits", "value")
WORDS = st.sampled_from(["m", "s", "u8", "seq<s,3>", "map<u8,t,2>", "result<unit,s>", "span_in<9>", "pointer<x>", "handle<m>",
                         "tuple<", "busy", "gone", "0e1187d6-e25c-4d56-9d63-c060a2c23960", "", "*/", "x" * 30, "class", "9"])
JSON = st.recursive(WORDS | st.booleans() | st.integers(-9, 1 << 40) | st.text(max_size=4),
                    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=6),
                    max_leaves=30)


@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.dictionaries(st.sampled_from(KEYS), JSON, max_size=9))
def test_whatever_is_written_is_a_module_or_a_mistake(data):
    """And a module becomes all its outputs."""
    try:
        module = ModuleReader("m.toml", {"module": "m", "doc": "M.", **data}, {"busy"}).read()
    except SchemaError as err:
        assert str(err).startswith("m.toml: ") and "\n" not in str(err)
        return
    python.render(module), docs.render(module), CModule(module).render(), vectors.render(module)


@pytest.mark.parametrize("name", ["wire", "error", "Big", "a-b"])
def test_a_module_whose_name_cannot_be(tmp_path, read, name):
    read("")
    (tmp_path / f"{name}.toml").write_text(f'module = "{name}"\ndoc = "M."\n')
    with pytest.raises(SchemaError, match=f"{name}.toml: `{name}` is no name for a module"):
        read("")


def test_module_is_named_like_its_file(tmp_path, read):
    read("")
    (tmp_path / "other.toml").write_text('module = "m"\ndoc = "M."\n')
    with pytest.raises(SchemaError, match="other.toml: the module must be named `other`"):
        read("")


def test_two_things_with_one_c_name(read):
    schema = read('const = [{ name = "s_max", value = 1 }]\n' + STRUCT.format("u8"))
    with pytest.raises(SchemaError, match="two things would be named MNEMOS_M_S_MAX in C"):
        CModule(schema.modules[0]).render()


def test_reserved_words_get_an_underscore(read):
    module = read(FIELDS.format('{ name = "class", type = "u8" }, { name = "lambda", type = "u8" }')).modules[0]
    header, _ = CModule(module).render()
    assert "uint8_t class_;" in header and "uint8_t lambda_;" in header
