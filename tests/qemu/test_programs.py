# test_programs.py: programs on the emulated board, as a person would run them.
# SPDX-License-Identifier: MIT OR Apache-2.0
import fcntl
import hashlib
import os
import re
import signal
import struct
import subprocess
import termios
import time

import pytest
from conftest import BUILD, ROOT, image, wait_until

SOURCE = ROOT / "examples/crash/src/main.c"


def line_with(text):
    """Number of the line of the crash example that contains `text`."""
    return next(number for number, line in enumerate(SOURCE.read_text().splitlines(), 1) if text in line)


def test_hello(board):
    done = board.tool("run", image("hello"))
    assert (done.returncode, done.stdout) == (0, b"Hello, mnemOS!\n")
    said = done.stderr.decode()
    assert re.search(r"^  upload  .* verified$", said, re.M) and re.search(r"^  end     exit 0 after ", said, re.M)


def test_a_file_through_stdin_gives_the_same_digest(board):
    data = os.urandom(20_000)
    done = board.run("sha256", stdin=data)
    assert (done.returncode, done.stdout.split()) == (0, [hashlib.sha256(data).hexdigest().encode(), b"-"])


def test_empty_input_is_input(board):
    done = board.run("sha256", stdin=b"")
    assert done.stdout.split()[0] == hashlib.sha256(b"").hexdigest().encode()


def test_wc_counts_like_wc(board):
    text = (ROOT / "VERSION").read_bytes() + b"two words\n\n  and   more text" * 50
    expected = subprocess.run(["wc"], input=text, capture_output=True, check=True, env={"LC_ALL": "C"}).stdout.split()
    assert board.run("wc", stdin=text).stdout.split()[:3] == expected[:3]


def test_arguments_arrive_as_they_were_given(board):
    words = ["one", "", "two words", "--option", "-d", "\u00e4\u00f6"]
    done = board.run("argv", *words)
    lines = done.stdout.decode().splitlines()
    assert lines == [f'argv[{index}] = "{word}"' for index, word in enumerate(["argv", *words])]


@pytest.mark.parametrize("status", [0, 1, 7, 123])
def test_exit_statuses(board, status):
    assert board.run("crash", "exit-status", status).returncode == status


def test_a_large_status_is_clipped(board):
    assert board.run("crash", "exit-status", 200).returncode == 123


@pytest.mark.parametrize(
    "way,headline,function,line",
    [
        ("null", "write to address 0x00000000 (null pointer)", "write_null", "*nowhere = 42"),
        ("write-text", "(its own code and constants, which are read-only)", "write_text", "(uintptr_t)write_text"),
        (
            "undefined",
            "an instruction that does not exist or is not allowed",
            "undefined_instruction",
            "__builtin_trap()",
        ),
        (
            "wild-jump",
            "which is not its code",
            "main",
            "ways[i].run();",
        ),  # the jump is a tail call, which leaves no trace
    ],
)
def test_a_fault_is_shown_as_function_file_and_line(board, way, headline, function, line):
    done = board.run("crash", way)
    said = done.stderr.decode()
    assert done.returncode == 139, said
    assert f"crash #1 faulted: " in said and headline in said
    assert re.search(rf"^ +0  {function} +\S*main\.c:{line_with(line)}\b", said, re.M), said
    assert re.search(r"^ +\d  main +\S*main\.c:\d+$", said, re.M), said


def test_a_stack_overflow_is_called_one(board):
    done = board.run("crash", "stack")
    said = done.stderr.decode()
    assert done.returncode == 139 and "faulted: stack overflow: sp 0x" in said
    assert re.search(rf"^ +0  recurse +\S*main\.c:{line_with('recurse(depth + 1)')}$", said, re.M), said


def test_a_slice_outside_the_program_is_a_fault(board):
    done = board.run("crash", "bad-slice")
    assert done.returncode == 139 and b"a system call with a slice outside its memory" in done.stderr


def test_abort_and_assert_are_panics(board):
    assert board.run("crash", "abort").returncode == 134
    done = board.run("crash", "assert")
    assert done.returncode == 134 and f"main.c:{line_with('assert(zero == 1)')}".encode() in done.stderr


def test_busy_programs_beside_each_other(board):
    assert board.tool("run", "--detach", image("spin")).stdout == b"1\n"
    assert board.tool("run", "--detach", image("primes")).stdout == b"2\n"
    board.is_well()
    listed = board.tool("ps").stdout.decode()
    assert re.search(r"^1  spin    running ", listed, re.M) and re.search(
        r"^2  primes  (running|waiting) ", listed, re.M
    ), listed
    data = os.urandom(2000)
    assert board.run("sha256", stdin=data).stdout.split()[0] == hashlib.sha256(data).hexdigest().encode()
    assert board.tool("stop", "spin").returncode == 0
    assert "spin    ended" in board.tool("ps").stdout.decode()
    assert board.tool("start", "spin").returncode == 0
    assert board.tool("stop", "--kill", "--unload", "spin", "2").returncode == 0
    assert board.tool("ps").stdout == b"no program is loaded\n"


def test_floating_point_of_two_programs_does_not_mix(board):
    expected = board.run("primes", 3000).stdout
    assert b"3000 numbers,      430 primes" in expected
    assert board.tool("run", "--detach", image("primes")).returncode == 0
    assert board.tool("run", "-q", "--another", image("primes"), "--", "3000").stdout == expected


def test_a_program_starts_again_without_another_upload(board):
    with board.connect() as connection:
        handle = connection.loader.upload(image("hello").read_bytes(), "hello").handle
        for _ in range(3):
            started = connection.loader.start(handle, [])
            output, ending = connection.output(started)
            assert (output, ending.reason, ending.status) == (b"Hello, mnemOS!\n", 0, 0)
            handle = started.handle


def test_ctrl_c_stops_a_busy_program(board):
    process = board.start("run", image("spin"))
    wait_until(lambda: b"run     spin" in process.stderr.readline())
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=20)
    assert process.returncode == 130 and b"stopped after" in said


def test_a_time_out_leaves_it_running(board):
    assert board.tool("-q", "run", "--timeout", "0.5", image("spin")).returncode == 124
    assert b"spin  running" in board.tool("ps").stdout
    assert board.tool("stop", "--unload", "1").returncode == 0


@pytest.fixture(scope="module")
def chatter(tmp_path_factory, running_board):
    """A program that writes numbered lines as fast as it can: `chatter COUNT`."""
    folder = tmp_path_factory.mktemp("projects")
    assert running_board.tool("new", "chatter", cwd=folder).returncode == 0
    (folder / "chatter/src/main.c").write_text(
        "#include <stdio.h>\n#include <stdlib.h>\n"
        "int main(int argc, char **argv)\n{\n    long count = argc > 1 ? strtol(argv[1], NULL, 10) : -1;\n"
        '    for (long i = 0; i != count; i++) printf("line %ld\\n", i);\n    return 0;\n}\n'
    )
    built = running_board.tool("-q", "run", "--", "0", cwd=folder / "chatter", limit=120)
    assert built.returncode == 0, built.stderr.decode()
    return folder / "chatter"


def test_all_of_a_long_output_arrives(board, chatter):
    done = board.tool("-q", "run", "--", "3000", cwd=chatter, limit=120)
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout == b"".join(b"line %d\n" % i for i in range(3000))


def unread(pipe):
    return struct.unpack("i", fcntl.ioctl(pipe, termios.FIONREAD, b"\0" * 4))[0]


def is_full(pipe):
    """Much is in it, and it does not get more: how much it takes depends on the sizes of what is written."""
    before = unread(pipe)
    time.sleep(0.5)
    return before > 32768 and unread(pipe) == before


def test_stop_works_while_nobody_reads_stdout(board, chatter):
    reader, writer = os.pipe()
    process = board.start("run", chatter / "build/device/chatter.mna", stdout=writer)
    os.close(writer)
    wait_until(lambda: b"run     chatter" in process.stderr.readline())
    wait_until(lambda: is_full(reader), limit=60)
    process.send_signal(signal.SIGINT)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(1.0)  # its last words still have no reader
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)
    assert process.returncode == 130
    os.close(reader)


def test_a_detached_program_does_not_hang_without_a_host(board, chatter):
    assert board.tool("run", "--detach", chatter / "build/device/chatter.mna").returncode == 0
    wait_until(lambda: b"chatter" in board.tool("ps").stdout)
    board.is_well()
    assert board.tool("stop", "--unload", "chatter").returncode == 0


def test_new_and_run_in_two_commands(board, tmp_path):
    for template, stdin, expected in (
        ("hello", b"", b"Hello, mnemOS!"),
        ("echo", b"some words\n", b"SOME WORDS"),
        ("periodic", b"", b"round 2,"),
    ):
        assert board.tool("new", f"my-{template}", "-t", template, cwd=tmp_path).returncode == 0
        args = ["--", "3"] if template == "periodic" else []
        done = board.tool("run", "-d", "emu", *args, stdin=stdin, cwd=tmp_path / f"my-{template}")
        assert done.returncode == 0 and expected in done.stdout, done.stderr.decode()


def test_a_build_error_is_shown_with_its_line(board, tmp_path):
    assert board.tool("new", "broken", cwd=tmp_path).returncode == 0
    (tmp_path / "broken/src/main.c").write_text("int main(void) { return missing; }\n")
    done = board.tool("run", cwd=tmp_path / "broken")
    said = done.stderr.decode()
    assert (
        done.returncode == 125 and said.startswith("E23 the build failed") and "main.c:1:" in said and "missing" in said
    )


def test_every_example_is_here():
    assert {path.name for path in (BUILD / "examples").iterdir()} >= {
        "hello",
        "sha256",
        "wc",
        "crash",
        "spin",
        "primes",
        "argv",
    }
