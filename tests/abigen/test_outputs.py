# The outputs in the tree are those of the schema in the tree; releases only grow.
# SPDX-License-Identifier: MIT OR Apache-2.0
import json
import subprocess
import sys
from pathlib import Path

import pytest
from abigen.main import main
from abigen.model import Call, Field, Scalar
from abigen.release import INSTEAD
from abigen.schema import read_schema
from abigen.shape import prefixes
from conftest import ROOT


def edit(tree: Path, file: str, old: str, new: str) -> None:
    path = tree / "abi/schema" / file
    text = path.read_text("utf-8")
    assert text.count(old) >= 1
    path.write_text(text.replace(old, new, 1), "utf-8")


def run(tree: Path, *words: str) -> int:
    return main([*words, "--root", str(tree)])


def test_committed_outputs_are_fresh():
    script = ROOT / "tools/abigen/abigen.py"
    subprocess.run([sys.executable, script, "--check"], check=True, cwd="/")


def test_generating_twice_changes_nothing(tree, capsys):
    assert run(tree) == 0
    assert "wrote abi/include/mnemos/abi/sys.h" in capsys.readouterr().out
    assert run(tree) == 0
    assert capsys.readouterr().out == ""
    assert run(tree, "--check") == 0


def test_an_edited_output_is_stale(tree, capsys):
    run(tree)
    header = tree / "abi/include/mnemos/abi/link.h"
    header.write_text(header.read_text("utf-8") + "\n", "utf-8")
    capsys.readouterr()
    assert run(tree, "--check") == 1
    assert capsys.readouterr().err == "abigen: abi/include/mnemos/abi/link.h is stale; run tools/abigen/abigen.py\n"


def test_an_edited_schema_makes_its_outputs_stale(tree, capsys):
    run(tree)
    edit(tree, "link.toml", '{ name = "value", type = "u32" }', '{ name = "value", type = "u64" }')
    capsys.readouterr()
    assert run(tree, "--check") == 1
    told = capsys.readouterr().err
    for path in ("abi/include/mnemos/abi/link.h", "abi/src/gen/link.c", "docs/abi/link.md", "abi/vectors/link.json",
                 "tools/mnemos-load/mnemos_load/abi/link.py"):
        assert f"{path} is stale" in told
    assert "loader" not in told


def test_outputs_of_a_module_that_is_gone_are_stale(tree, capsys):
    run(tree)
    (tree / "abi/schema/link.toml").unlink()
    capsys.readouterr()
    assert run(tree, "--check") == 1
    assert "abi/src/gen/link.c is stale" in capsys.readouterr().err
    assert run(tree) == 0
    assert not (tree / "abi/src/gen/link.c").exists()


def test_a_mistake_is_one_line_and_status_1(tree, capsys):
    edit(tree, "sys.toml", 'type = "u64"', 'type = "u65"')
    assert run(tree) == 1
    assert capsys.readouterr().err == "abigen: sys.toml: call time: reply: field us: unknown type `u65`\n"
    assert not (tree / "docs").exists()


BREAKING = {
    "error renumbered": ("errors.toml", "number = -1,", "number = -9999,", "errors.toml: error busy: was released as `-1`"),
    "error gone": ("errors.toml", '"upload_crc"', '"upload_sum"',
                   "errors.toml: error upload_crc: was released and may not go"),
    "const changed": ("link.toml", "value = 576", "value = 577", "link.toml: const max_frame: was released as `576`"),
    "struct grown": ("loader.toml", '{ name = "port", type = "u16" }, { name = "sent", type = "u32" }',
                     '{ name = "port", type = "u16" }, { name = "sent", type = "u64" }',
                     "loader.toml: struct port_total: was released as `port:u16,sent:u32`"),
    "bound changed": ("loader.toml", "string<96>", "string<97>", "loader.toml: struct ending: was released as"),
    "variant inserted": ("link.toml", '[[enum.variants]]\nname = "open"',
                         '[[enum.variants]]\nname = "extra"\n\n[[enum.variants]]\nname = "open"',
                         "link.toml: enum control: number 1 was released as `open("),
    "enum gone": ("loader.toml", '[[enum]]\nname = "fault_kind"', '[[enum]]\nname = "other_kind"',
                  "loader.toml: "),
    "call inserted": ("sys.toml", '[[call]]\nname  = "echo"', '[[call]]\nname = "extra"\ndoc = "."\n\n[[call]]\nname  = "echo"',
                      "sys.toml: calls: number 1 was released as `echo("),
    "reply changed": ("sys.toml", '{ name = "us", type = "u64"', '{ name = "us", type = "u32"',
                      "sys.toml: calls: number 3 was released as `time()->(us:u64)!`"),
    "error of a call changed": ("sys.toml", 'errors = ["bad_handle"]', 'errors = ["bad_handle", "busy"]',
                                "sys.toml: calls: number 13 was released"),
}


@pytest.mark.parametrize("name", BREAKING)
def test_a_release_is_kept(tree, capsys, name):
    file, old, new, message = BREAKING[name]
    assert run(tree, "release") == 0
    edit(tree, file, old, new)
    capsys.readouterr()
    assert run(tree) == 1
    told = capsys.readouterr().err
    assert told.startswith(f"abigen: {message}") and told.count("\n") == 1
    assert told.rstrip().rsplit("; ", 1)[1] in INSTEAD.values()  # and what to do


LAYOUTS = {
    "register flag": ("svc.h", "0x00010000u", "0x00040000u",
                      "abi/include/mnemos/abi/svc.h: MNEMOS_CALL_NO_WAIT: was released as `0x00010000u` and may not become "
                      "`0x00040000u`; put it back; another layout needs another ABI major"),
    "header field": ("image.h", "uint32_t data_off;", "uint64_t data_off;", "abi/include/mnemos/abi/image.h: mnemos_image_header: "),
    "record number": ("image.h", "MNEMOS_RECORD_TITLE   = 3", "MNEMOS_RECORD_TITLE   = 4", "abi/include/mnemos/abi/image.h: MNEMOS_RECORD_TITLE: "),
    "constant gone": ("image.h", "#define MNEMOS_REQUIRES_NAME  22u", "",
                      "abi/include/mnemos/abi/image.h: MNEMOS_REQUIRES_NAME: was released and may not go"),
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_released_layout_is_kept(tree, capsys, name):
    file, old, new, message = LAYOUTS[name]
    assert run(tree, "release") == 0
    path = tree / "abi/include/mnemos/abi" / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    capsys.readouterr()
    assert run(tree, "--check") == 1
    assert capsys.readouterr().err.startswith(f"abigen: {message}")


def test_a_layout_may_grow_and_its_comments_may_change(tree):
    assert run(tree, "release") == 0
    path = tree / "abi/include/mnemos/abi/svc.h"
    text = path.read_text("utf-8").replace("MNEMOS_ABI_MINOR 0u", "MNEMOS_ABI_MINOR 1u").replace("Any other bit", "Another bit")
    path.write_text(text.replace("#endif", "#define MNEMOS_CALL_NEW 0x00080000u /* new */\n#endif"), "utf-8")
    assert run(tree) == 0


@pytest.mark.parametrize("text", ["", "{", "[]", '{"modules": {"sys": {}}}', '{"modules": []}', "\udcff"])
def test_a_record_that_is_none_is_named(tree, capsys, text):
    (tree / "abi/schema/released.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    assert run(tree) == 1
    assert capsys.readouterr().err.startswith("abigen: released.json: is no record of a release; ")


def test_a_release_says_shapes_and_call_numbers(tree):
    assert run(tree, "release") == 0
    found = json.loads((tree / "abi/schema/released.json").read_text("utf-8"))
    sys = next(one for one in read_schema(tree / "abi/schema").modules if one.name == "sys")
    assert found["modules"]["sys"]["shapes"] == [f"{one:08x}" for one in prefixes(sys)]
    assert [text.split("(")[0] for text in found["modules"]["sys"]["calls"]] == [call.name for call in sys.calls]
    assert found["errors"]["busy"] == -1
    assert found["layouts"]["abi/include/mnemos/abi/svc.h"]["MNEMOS_CALL_NUMBER"] == "0x0000ffffu"


def test_a_released_module_stays(tree, capsys):
    run(tree, "release")
    (tree / "abi/schema/loader.toml").unlink()
    assert run(tree) == 1
    assert "loader.toml: was released and may not go" in capsys.readouterr().err


def test_a_released_call_stays(tree, capsys):
    run(tree, "release")
    path = tree / "abi/schema/hello.toml"
    path.write_text(path.read_text("utf-8").partition("[[call]]")[0], "utf-8")
    capsys.readouterr()
    assert run(tree) == 1
    told = capsys.readouterr().err
    assert told.startswith("abigen: hello.toml: calls: `greet(name:string<24>)->")
    assert told.endswith("was released and may not go; leave it and add another call at the end\n")


def test_appending_is_allowed(tree):
    assert run(tree, "release") == 0
    edit(tree, "errors.toml", '{ name = "image_short",',
         '{ name = "new_one", number = -16, exit = 125, says = "new" },\n  { name = "image_short",')
    for file, text in (("sys.toml", '\n[[call]]\nname = "extra"\ndoc = "New."\n'),
                       ("loader.toml", '\n[[enum.variants]]\nname = "extra"\n')):
        path = tree / "abi/schema" / file
        path.write_text(path.read_text("utf-8") + text, "utf-8")
    assert run(tree) == 0


def test_without_a_release_anything_may_change(tree):
    edit(tree, "errors.toml", "number = -1,", "number = -9999,")
    assert run(tree) == 0


def test_shape_keeps_its_prefixes_and_ignores_docs():
    module = next(one for one in read_schema(ROOT / "abi/schema").modules if one.name == "sys")
    shape = prefixes(module)
    assert len(shape) == len(module.calls) + 1 and len(set(shape)) == len(shape)

    def with_calls(*calls: Call) -> list[int]:
        return prefixes(module.__class__(**{**vars(module), "calls": calls}))

    calls = list(module.calls)
    extra = Call("extra", "New.", False, (), (), ())
    assert with_calls(*calls, extra)[:-1] == shape
    other_doc = Call(**{**vars(calls[1]), "doc": "Other words."})
    assert with_calls(calls[0], other_doc, *calls[2:]) == shape
    other_type = Call(**{**vars(calls[1]), "args": (Field("value", Scalar("u16")),)})
    changed = with_calls(calls[0], other_type, *calls[2:])
    assert changed[:2] == shape[:2]
    assert not set(changed[2:]) & set(shape)
