# Schemas from outside the tree: what is made of them, what is refused, what a release of theirs keeps.
# SPDX-License-Identifier: MIT OR Apache-2.0
import json
import re
import subprocess
import sys
import uuid

import pytest
from abigen.main import main
from conftest import ROOT

SCHEMA = """module  = "counter"
doc     = "Counts."
service = "counter"
uuid    = "3f0f9d0a-6c0c-4f5a-8c2b-2f4c8b7a9d11"

[[struct]]
name   = "count"
fields = [{ name = "value", type = "u32" }]

[[call]]
name  = "add"
doc   = "Count on."
args  = [{ name = "by", type = "u32" }]
reply = [{ name = "now", type = "count" }]
"""


@pytest.fixture
def schema(tmp_path):
    path = tmp_path / "their own" / "counter.toml"
    path.parent.mkdir()
    path.write_text(SCHEMA)
    return path


def files(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("part, names", [
    ("program", ["counter.c", "counter_call.c", "include/mnemos/abi/counter.h", "include/mnemos/services/counter.h"]),
    ("kernel", ["counter.c", "include/mnemos/abi/counter.h", "kernel/services/gen/counter_service.c",
                "kernel/services/gen/counter_service.h"]),
    ("host", ["counter.py"]),
    ("docs", ["counter.md"]),
    ("vectors", ["counter.json"]),
])
def test_each_part_has_its_files(schema, tmp_path, part, names):
    into = tmp_path / "in to"
    assert main(["interface", str(schema), "--part", part, "--into", str(into)]) == 0
    assert files(into) == names
    for name in names:
        text = (into / name).read_text("utf-8")
        assert "abi/schema/" not in text and str(tmp_path) not in text
        assert name.endswith(".json") or "Generated from counter.toml" in " ".join(text.replace("*", " ").split())


def test_the_same_files_come_of_a_schema_without_anything_to_compile(schema, tmp_path):
    schema.write_text(SCHEMA.replace('type = "count"', 'type = "u32"'))
    assert main(["interface", str(schema), "--part", "program", "--into", str(tmp_path / "a")]) == 0
    assert "counter.c" in files(tmp_path / "a")


def test_the_module_for_the_host_speaks_the_same_bytes(schema, tmp_path):
    into = tmp_path / "into"
    assert main(["interface", str(schema), "--part", "host", "--part", "vectors", "--into", str(into)]) == 0
    script = "import counter; print(counter.AddArgs(by=300).encode().hex(), counter.UUID, len(counter.SHAPES))"
    done = subprocess.run([sys.executable, "-B", "-c", script], capture_output=True, text=True, check=True,
                          env={"PYTHONPATH": f"{into}:{ROOT / 'tools/mnemos-load'}"})
    assert done.stdout == "ac02 3f0f9d0a-6c0c-4f5a-8c2b-2f4c8b7a9d11 2\n"


MISTAKES = {
    "ours": ("hello", SCHEMA.replace('"counter"', '"hello"'), "hello.toml: mnemOS has a module `hello` of its own: choose another name"),
    "another file name": ("other", SCHEMA, "other.toml: the module must be named `other`"),
    "uuid of ours": ("counter", SCHEMA.replace("3f0f9d0a-6c0c-4f5a-8c2b-2f4c8b7a9d11", "0e1187d6-e25c-4d56-9d63-c060a2c23960"),
                     "counter.toml: has the uuid of hello.toml"),
    "no service": ("counter", 'module = "counter"\ndoc = "C."\n', "counter.toml: is no service: it needs `service` and `uuid`"),
    "kernel only": ("counter", SCHEMA.replace("[[struct]]", "kernel_only = true\n[[struct]]"),
                    "counter.toml: has no calls for programs"),
    "mistake": ("counter", SCHEMA.replace('"u32"', '"u33"'), "counter.toml: struct count: field value: unknown type `u33`"),
    "no TOML": ("counter", "[[", "counter.toml: "),
    "error that mnemOS has not": ("counter", SCHEMA + 'errors = ["tired"]\n', "counter.toml: call add: unknown error `tired`"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_one_line(tmp_path, capsys, name):
    stem, text, message = MISTAKES[name]
    path = tmp_path / f"{stem}.toml"
    path.write_text(text)
    assert main(["interface", str(path), "--part", "program", "--into", str(tmp_path / "into")]) == 1
    told = capsys.readouterr().err
    assert told.startswith(f"abigen: {message}") and told.count("\n") == 1
    assert not (tmp_path / "into").exists()


def test_a_file_that_is_not_there(tmp_path, capsys):
    assert main(["interface", str(tmp_path / "no.toml")]) == 1
    assert capsys.readouterr().err == "abigen: no.toml: there is no such file\n"


def test_handles_of_their_service_and_of_ours(schema, capsys):
    schema.write_text(SCHEMA.replace('type = "count"', 'type = "tuple<handle<counter>,handle<hello>>"'))
    assert main(["interface", str(schema)]) == 0
    schema.write_text(SCHEMA.replace('type = "count"', 'type = "handle<link>"'))
    assert main(["interface", str(schema)]) == 1
    assert "there is no service `link`" in capsys.readouterr().err


def test_a_release_of_theirs_is_kept(schema, capsys):
    assert main(["release", str(schema)]) == 0
    schema.write_text(SCHEMA + '\n[[call]]\nname = "reset"\ndoc = "Begin again."\n')
    assert main(["interface", str(schema)]) == 0
    schema.write_text(SCHEMA.replace('name = "by", type = "u32"', 'name = "by", type = "u64"'))
    capsys.readouterr()
    assert main(["interface", str(schema)]) == 1
    told = capsys.readouterr().err
    assert told == ("abigen: counter.toml: calls: number 0 was released as `add(by:u32)->(now:{value:u32})!` and may not become "
                    "`add(by:u64)->(now:{value:u32})!`; leave it and add another call at the end\n")
    assert main(["release", str(schema)]) == 1  # nor can it be recorded over


def test_two_schemas_share_a_record(schema):
    other = schema.with_name("other.toml")
    other.write_text(SCHEMA.replace("counter", "other").replace("3f0f9d0a", "4f0f9d0a"))
    assert main(["release", str(schema)]) == main(["release", str(other)]) == 0
    assert set(json.loads(schema.with_name("released.json").read_text())["modules"]) == {"counter", "other"}


def test_a_new_uuid_is_one(capsys):
    assert main(["new-uuid"]) == main(["new-uuid"]) == 0
    first, second = capsys.readouterr().out.split()
    assert first != second and uuid.UUID(first).version == 4 and re.fullmatch("[0-9a-f-]{36}", first)
