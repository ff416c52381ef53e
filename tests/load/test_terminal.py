# test_terminal.py: what a person at a terminal sees and types.
# SPDX-License-Identifier: MIT OR Apache-2.0
import os

import images
import pexpect
import pytest
from conftest import TOOL


@pytest.fixture
def at_terminal(environment, tmp_path, fake):
    """Run the tool on a terminal of its own: at_terminal("hello", "run", ...)."""
    children = []

    def spawn(name, *words, extra=None):
        path = tmp_path / f"{name}.mna"
        path.write_bytes(images.make(name, payload=bytes(20000)))
        env = {**environment, "TERM": "xterm", **(extra or {})}
        child = pexpect.spawn(
            str(TOOL),
            ["-d", fake.selector, *words, str(path)],
            env=env,
            cwd=str(tmp_path),
            timeout=10,
            dimensions=(24, 100),
        )
        children.append(child)
        return child

    yield spawn
    for child in children:
        child.close(force=True)


def ended(child):
    child.expect(pexpect.EOF)
    child.close()
    return child.exitstatus


def test_typed_keys_reach_the_program_and_its_words_come_back(at_terminal):
    child = at_terminal("echo", "run")
    child.expect("Ctrl-T h help")
    child.send("hello\r")
    child.expect("hello\r\n")
    child.send("\x14d")
    child.expect("end of input")
    assert ended(child) == 0


def test_ctrl_c_stops_the_program(at_terminal, fake):
    child = at_terminal("spin", "run")
    child.expect("Ctrl-T h help")
    child.send("\x03")
    child.expect("stopped after")
    assert ended(child) == 130
    assert fake.programs == {}


@pytest.mark.parametrize("keys", ["\x1d", "\x14x"])
def test_both_leaving_keys_leave_the_program_running(at_terminal, fake, keys):
    child = at_terminal("spin", "run")
    child.expect("Ctrl-T h help")
    child.send(keys)
    child.expect("keeps running, mnemos-load stop 1 ends it")
    assert ended(child) == 0
    assert fake.programs[0].state == 3


def test_help_and_echo(at_terminal):
    child = at_terminal("spin", "run")
    child.expect("Ctrl-T h help")
    child.send("\x14h")
    child.expect("twice: leave now")
    child.send("\x14e")
    child.expect("echo on")
    child.send("typed")
    child.expect("typed")
    child.send("\x03")
    assert ended(child) == 130


def test_colour_only_where_it_is_wanted(at_terminal):
    child = at_terminal("hello", "run")
    ended(child)
    assert b"\x1b[36m" in child.before
    child = at_terminal("hello", "run", extra={"NO_COLOR": "1"})
    ended(child)
    assert b"\x1b[36m" not in child.before


def test_the_terminal_is_restored(environment, tmp_path, fake):
    path = tmp_path / "spin.mna"
    path.write_bytes(images.make("spin"))
    shell = pexpect.spawn("/bin/bash", ["--norc"], env={**environment, "PS1": "ready> ", "TERM": "dumb"}, timeout=10)
    shell.expect("ready> ")
    shell.sendline(
        f"cd '{tmp_path}'; stty -a > before; '{TOOL}' -d '{fake.selector}' run '{path}'; stty -a > after; cmp before after && echo same"
    )
    shell.expect("Ctrl-T h help")
    shell.send("\x03")
    shell.expect("\nsame")
    shell.close(force=True)
    assert os.path.exists(tmp_path / "after")


def test_in_the_background_the_keyboard_belongs_to_the_shell(environment, tmp_path, fake):
    path = tmp_path / "spin.mna"
    path.write_bytes(images.make("spin"))
    shell = pexpect.spawn(
        "/bin/bash", ["--norc", "-i"], env={**environment, "PS1": "ready> ", "TERM": "dumb"}, timeout=10
    )
    shell.expect("ready> ")
    shell.sendline(f"cd '{tmp_path}'; '{TOOL}' -d '{fake.selector}' run --timeout 1 '{path}' & sleep 3")
    shell.expect("run     spin")
    shell.sendline("typed")
    shell.expect("E15 spin")
    shell.close(force=True)
