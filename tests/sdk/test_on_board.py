"""test_on_board.py: programs of the installed SDK do what they should on the emulated board."""
# SPDX-License-Identifier: MIT OR Apache-2.0

import hashlib
import random
import threading

import pytest

from conftest import PROGRAMS, TOP, run
from mnemos_load import device
from mnemos_load.abi import error
from mnemos_load.link import Link
from mnemos_load.loader import Loader
from test_images import CONSTRUCTED
from test_install import TEMPLATES, copy_tree

RANDOM_BYTES = random.Random(1).randbytes(50_000)


@pytest.fixture(scope="session")
def examples(installed, tmp_path_factory):
    folder = tmp_path_factory.mktemp("examples")
    installed.build(copy_tree(installed.root / "examples", folder / "source"), folder / "build")
    return {path.stem: path for path in (folder / "build").rglob("*.mna")}


@pytest.fixture(scope="session")
def programs(installed, tmp_path_factory):
    folder = tmp_path_factory.mktemp("programs")
    (folder / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.25)\nproject(programs LANGUAGES C CXX)\nfind_package(mnemos CONFIG REQUIRED)\n"
        f'set(from "{PROGRAMS}")\n'
        "mnemos_add_app(allocate ${from}/allocate.c HEAP 16K PRINTF integer)\n"
        "mnemos_add_app(calls ${from}/calls.c STACK 4K HEAP 3000 PRINTF integer)\n"
        "mnemos_add_app(rings ${from}/rings.c PRINTF integer)\n"
        "mnemos_add_app(streams ${from}/streams.c PRINTF integer)\n"
        "mnemos_add_app(objects ${from}/objects.cpp PRINTF integer)\n")
    installed.build(folder, folder / "build")
    return {path.stem: path for path in (folder / "build").rglob("*.mna")}


def test_hello(board, examples):
    assert board.run(examples["hello"])[0] == b"Hello, mnemOS!\n"


def test_sha256(board, examples):
    expected = hashlib.sha256(RANDOM_BYTES).hexdigest() + "  -\n"
    assert board.run(examples["sha256"], stdin=RANDOM_BYTES)[0].decode() == expected


@pytest.mark.parametrize("length", [0, 1, 55, 56, 63, 64, 119, 120, 128])
def test_sha256_at_its_boundaries(board, examples, length):
    data = RANDOM_BYTES[:length]
    assert board.run(examples["sha256"], stdin=data)[0].split()[0].decode() == hashlib.sha256(data).hexdigest()


def test_wc(board, examples):
    text = (TOP / "LICENSE").read_bytes()
    lines, words, length, _ = run("wc", TOP / "LICENSE").split()
    assert board.run(examples["wc"], stdin=text)[0].decode().split() == [lines, words, length]


def test_argv(board, examples):
    out, _ = board.run(examples["argv"], "one", "two three", "", "--four")
    assert out.decode() == ('argv[0] = "argv"\nargv[1] = "one"\nargv[2] = "two three"\nargv[3] = ""\nargv[4] = "--four"\n')


def test_primes(board, examples):
    last = board.run(examples["primes"], "1000")[0].decode().splitlines()[-1]
    assert last.split() == "1000 numbers, 168 primes, n/ln n = 144.76, ratio 1.1605".split()


def test_spin_lets_others_run(board, examples):
    board.load_tool("run", "--detach", examples["spin"])
    try:
        assert board.run(examples["hello"])[0] == b"Hello, mnemOS!\n"
        assert "spin" in "".join(part if isinstance(part, str) else part.decode() for part in board.load_tool("ps"))
    finally:
        board.load_tool("stop", "--unload", "spin")


@pytest.mark.parametrize("way, status, says", [
    ("null", 139, "null pointer"),
    ("write-text", 139, "its own code and constants, which are read-only"),
    ("stack", 139, "stack overflow"),
    ("divide", 139, "divided by zero"),
    ("undefined", 139, "an instruction that does not exist"),
    ("abort", 134, "abort() called"),
    ("assert", 134, "src/main.c:"),
    ("bad-slice", 139, "a system call with a slice outside its memory"),
    ("wild-jump", 139, "jump to address"),
    ("nonsense", 2, "usage: crash WAY"),
])
def test_crash(board, examples, way, status, says):
    out, err = board.run(examples["crash"], way, status=status)
    assert says in err
    assert out == b"" if status == 2 else out.startswith(b"about to ")
    assert b"still alive" not in out


@pytest.mark.parametrize("status", [0, 1, 77, 123])
def test_the_exit_status_of_main(board, examples, status):
    board.run(examples["crash"], "exit-status", status, status=status)


@pytest.mark.parametrize("name", ["constructed", "plain"])
def test_pointers(board, variant, name):
    expected = b"all right\ngoodbye\n" + (b"destroyed\n" if name == "constructed" else b"")
    assert board.run(variant.folder / f"{name}.mna", status=7)[0] == expected


def test_a_second_life_begins_with_the_same_memory(installed, board, tmp_path, project, monkeypatch):
    installed.build(project(CONSTRUCTED, app="mnemos_add_app(app ${sources} STACK 4K HEAP 4K)"), tmp_path / "b")
    monkeypatch.setenv("MNEMOS_CACHE", board.environment["MNEMOS_CACHE"])
    opened = device.open_target(device.emulated())
    link = Link(opened.line)
    link.connect()
    try:
        loader = Loader(link)
        program = loader.upload((tmp_path / "b/app.mna").read_bytes(), "app")
        handle = program.handle
        for _ in range(3):
            handle = loader.start(handle, []).handle
            with link.changed:
                assert link.changed.wait_for(lambda: handle in loader.endings, 20)
            assert (loader.endings[handle].reason, loader.endings[handle].status) == (error.END_EXIT, 7)
        loader.unload(handle)
    finally:
        link.close()
        opened.close()


def test_cpp(board, programs):
    assert board.run(programs["objects"])[0] == b"no square of 5\nareas 50\nno square of 4\nno square of 3\n"


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_heap_under_random_use(board, programs, seed):
    out, err = board.run(programs["allocate"], seed)
    assert out == b"all right\n"
    assert "heap peak" in err and "heap peak 0 B" not in err


def test_freeing_twice_is_a_panic(board, programs):
    assert "panicked: free: not allocated, or freed before" in board.run(programs["allocate"], 1, "twice", status=134)[1]


def test_the_calls_keep_their_promises(board, programs):
    assert board.run(programs["calls"])[0] == b"all right\n"


@pytest.mark.parametrize("length", [0, 1, 299, 300, 50_000])
def test_a_ring_copies_a_stream(board, programs, length):
    assert board.run(programs["rings"], stdin=RANDOM_BYTES[:length])[0] == RANDOM_BYTES[:length]


def test_overlap(board, examples):
    out = board.run(examples["overlap"], "Ana", "Ben", "Cleo", "Dora", "Eve")[0].decode()
    assert sorted(out.splitlines()) == [f"{n}: Hello, {name}!" for n, name in enumerate(["Ana", "Ben", "Cleo", "Dora", "Eve"])]


def test_output_without_a_newline_is_not_lost_at_exit(board, programs):
    assert board.run(programs["streams"], "no-newline", status=3)[0] == b"no newline[atexit]"


@pytest.mark.parametrize("what, shown, then, rest", [
    ("prompt", b"name? ", b"you\n", b"hello you\n"),
    ("sleep", b"before", None, b""),
])
def test_output_leaves_before_the_program_waits(board, programs, what, shown, then, rest):
    tool = board.start_tool("run", programs["streams"], "--", what)
    limit = threading.Timer(20, tool.kill)
    limit.start()
    try:
        assert tool.stdout.read(len(shown)) == shown
        if then:
            assert tool.communicate(then)[0] == rest
    finally:
        tool.terminate()
        tool.communicate()
        limit.cancel()


def test_stdout_and_stderr_are_kept_apart(board, programs):
    out, err = board.run(programs["streams"], "both")
    assert out == b"out 1\nout 2\n"
    assert "err 1, formatted\nerr 2\n!raw" in err


def test_stderr_survives_a_fault(board, programs):
    assert "last words" in board.run(programs["streams"], "fault-after-stderr", status=139)[1]


@pytest.mark.parametrize("what, says", [
    ("abort", "abort() called"),
    ("assert", "assertion failed: argc == 77  in main"),
])
def test_output_before_a_panic_is_not_lost(board, programs, what, says):
    out, err = board.run(programs["streams"], what, status=134)
    assert out == b"said before"
    assert says in err


def test_a_long_panic_message_is_clipped(board, programs):
    text = "a message that is longer than what the kernel takes, which is 96 bytes: 0123456789"
    assert text in board.run(programs["streams"], "panic", status=134)[1]


def test_mnemos_exit_holds_nothing_up(board, programs):
    assert board.run(programs["streams"], "exit-now", status=5)[0] == b""


@pytest.mark.parametrize("length", [0, 1, 127, 128, 129, 20_000])
def test_input_comes_back_unchanged_and_ends(board, programs, length):
    out, err = board.run(programs["streams"], "copy", stdin=RANDOM_BYTES[:length])
    assert out == RANDOM_BYTES[:length]
    assert f"{length} bytes, eof 1, again -1" in err


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_new_project_passes_its_own_test(board, tmp_path, template):
    board.load_tool("new", "my-project", "-t", template, cwd=tmp_path)
    folder = tmp_path / "my-project"
    text = run(folder / "tests/run.sh", **{**board.environment, "MNEMOS_LOAD": str(board.tool)})
    assert text.endswith("ok\n")


def test_the_run_target(installed, board, tmp_path):
    installed.build(installed.root / "examples/hello", tmp_path / "b")
    assert "Hello, mnemOS!\n" in run("cmake", "--build", tmp_path / "b", "--target", "hello-run", **board.environment)
