# tests/vectors/run: holds for the vectors of the Rust crates, and reports each wrong line with both facts.
# SPDX-License-Identifier: MIT OR Apache-2.0
import json
import subprocess

import pytest
from conftest import ROOT


def run(path) -> tuple[int, str]:
    done = subprocess.run([ROOT / "tests/vectors/run", path], capture_output=True, text=True, cwd="/", check=False)
    assert done.stderr == ""
    return done.returncode, done.stdout


def test_all_vectors_of_the_rust_crates_hold():
    status, told = run(ROOT / "abi/vectors/postcard.jsonl")
    assert status == 0
    assert told.endswith("341 lines hold in C and in Python, 0 do not\n")


WRONG = {
    "other bytes": ({"type": "u16", "value": 300, "hex": "ac03"}, "C encodes to ac02, the file says ac03"),
    "other value": ({"type": "seq<u16>", "value": [1, 2], "hex": "0201"}, "C encodes to 020102, the file says 0201"),
    "shape": ({"type": "shape", "value": {"Opt": None}, "hex": "0601"}, "C encodes to 0600, the file says 0601"),
    "accepts what was refused": ({"type": "u16", "decode": "8000", "error": "X"},
                                 "C decodes to 0 0, the file says refused with X"),
    "refuses what was accepted": ({"type": "bool", "decode": "02", "ok": "true"},
                                  "C decodes to refused, the file says accepted as true"),
    "another number": ({"type": "u32", "decode": "ac02", "ok": "301"}, "C decodes to 300, the file says 301"),
    "cobs": ({"type": "cobs", "value": "00", "hex": "0102"}, "C encodes to 0101, the file says 0102"),
    "unknown type": ({"type": "u256", "value": 1, "hex": "01"}, "unknown type u256"),
    "unknown variant": ({"type": "shape", "value": {"Nope": 1}, "hex": "00"}, "not a vector: KeyError: 'Nope'"),
    "no hex": ({"type": "u8", "value": 1}, "not a vector: KeyError: 'hex'"),
    "too large": ({"type": "u8", "value": 256, "hex": "00"}, "C encodes to refused, the file says 00"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_line_is_reported(tmp_path, name):
    line, fact = WRONG[name]
    path = tmp_path / "v.jsonl"
    path.write_text('{"type":"u8","value":1,"hex":"01"}\n' + json.dumps(line) + "\n")
    status, told = run(path)
    assert status == 1
    assert f"{path}:2: {fact}\n" in told
    assert told.endswith("1 lines hold in C and in Python, 1 do not\n")


def test_types_of_which_the_file_of_the_crates_has_none(tmp_path):
    lines = [
        {"type": "u128", "value": (1 << 128) - 1, "hex": "ff" * 18 + "03"},
        {"type": "u128", "value": 1 << 63, "hex": "80" * 9 + "01"},
        {"type": "u128", "decode": "80" * 18 + "04", "error": "DeserializeBadVarint"},
        {"type": "i128", "value": -1, "hex": "01"},
        {"type": "i128", "value": -(1 << 127), "hex": "ff" * 18 + "03"},
        {"type": "i128", "value": 1 << 64, "hex": "80" * 9 + "04"},
        {"type": "char", "value": "a", "hex": "0161"},
        {"type": "char", "value": "\U0001f600", "hex": "04f09f9880"},
        {"type": "char", "decode": "05f09f988061", "error": "DeserializeBadChar"},
        {"type": "char", "decode": "03eda080", "error": "DeserializeBadChar"},
    ]
    path = tmp_path / "v.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    status, told = run(path)
    assert status == 0, told


def test_cobs_may_leave_out_the_last_01(tmp_path):
    path = tmp_path / "v.jsonl"
    full = "ff" + "78" * 254
    path.write_text("".join(json.dumps({"type": "cobs", "value": "78" * 254, "hex": form}) + "\n"
                            for form in (full, full + "01")))
    assert run(path)[0] == 0


def test_no_line_is_no_success(tmp_path):
    path = tmp_path / "v.jsonl"
    path.write_text("\n")
    assert run(path)[0] == 1
    path.write_text("nonsense\n")
    status, told = run(path)
    assert status == 1 and f"{path}:1: not a vector" in told
