# test_cli.py: the command line as a script sees it: statuses, streams, wording; against a fake device.
# SPDX-License-Identifier: MIT OR Apache-2.0
import os
import re
import signal
import subprocess
import threading
import time

import images
import pytest
from conftest import ROOT, TOOL
from fake_device import FakeDevice


@pytest.fixture
def app(tmp_path):
    """app("hello") is the path of an image with that name."""

    def make(name, **fields):
        path = tmp_path / f"{name}.mna"
        path.write_bytes(images.make(name, **fields))
        return path

    return make


@pytest.fixture
def start(environment, tmp_path, fake):
    """Start the tool and come back at once."""
    running = []

    def popen(*words, **streams):
        streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **streams}
        process = subprocess.Popen(
            [str(TOOL), "-d", fake.selector, *map(str, words)], cwd=tmp_path, env=environment, **streams
        )
        running.append(process)
        return process

    yield popen
    for process in running:
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream:
                stream.close()


def wait_until(condition, limit=10):
    end = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.01)


def test_run_shows_each_step_on_stderr_and_only_the_program_on_stdout(tool, fake, app):
    done = tool("-d", fake.selector, "run", app("hello"))
    assert (done.returncode, done.stdout) == (0, b"Hello, mnemOS!\n")
    said = re.sub(r"[0-9.,]+ (B|KiB)/s", "N/s", done.stderr.decode()).replace(fake.selector, "SEL")
    assert said == (
        "  image   hello  0.3 KiB   text 200  data+bss 64  stack 1.0 KiB  heap 0 B   takes 3.0 KiB\n"
        "  device  fake (Unix socket)  SEL   mnemOS 0.3.0  ABI 1.0\n"
        "  upload  0.3/0.3 KiB   N/s   verified\n"
        "  run     hello #1\n"
        "  end     exit 0 after 4 ms    stack peak 100 B   heap peak 0 B\n"
    )
    assert fake.programs == {}, "run unloads what it loaded"


def test_stdin_arrives_with_its_end_and_every_byte_value(tool, fake, app):
    sent = bytes(range(256)) * 40
    done = tool("run", app("echo"), "-d", fake.selector, "--", "9", stdin=sent)
    assert (done.returncode, done.stdout) == (9, sent)


def test_stderr_of_the_program_goes_to_stderr(tool, fake, app):
    done = tool("-q", "-d", fake.selector, "run", app("args"), "--", "a", "b c", "--x", "-d", "")
    assert (done.returncode, done.stdout, done.stderr) == (5, b"[a][b c][--x][-d][]", b"a word on stderr\n")


@pytest.mark.parametrize("status,seen", [(0, 0), (1, 1), (123, 123), (124, 123), (255, 123), (1 << 20, 123), (-1, 123)])
def test_the_status_of_the_program_is_passed_on(tool, fake, app, status, seen):
    assert tool("-d", fake.selector, "run", app("echo"), "--", status).returncode == seen


@pytest.mark.parametrize("before", [True, False])
def test_global_options_may_stand_before_or_after_the_command(tool, fake, app, before):
    options = ["-d", fake.selector, "-q"]
    done = tool(*(options if before else []), "run", app("hello"), *([] if before else options))
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_panic_shows_its_message_escaped(tool, fake, app):
    done = tool("-d", fake.selector, "run", app("panic"))
    assert done.returncode == 134
    assert b"panic #1 panicked: assertion failed: x > 0 \\x1b[31m" in done.stderr and b"\x1b" not in done.stderr


def test_a_fault_is_reported_with_address_and_registers(tool, fake, app):
    done = tool("-d", fake.selector, "run", app("crash"))
    assert done.returncode == 139 and done.stdout == b"about to crash\n"
    for part in ("crash #1 faulted: access to address 0x00000010 (null pointer + 16)", "CFSR 0x00000082 DACCVIOL MMARVALID",
                 "pc  20000010   (code + 0x10)", "build-id 00010203"):  # fmt: skip
        assert part in done.stderr.decode()


def test_a_time_out_leaves_the_program_running_and_says_how_to_stop_it(tool, fake, app):
    done = tool("-d", fake.selector, "run", "--timeout", "0.3", app("spin"))
    assert done.returncode == 124
    assert "E15 spin #1 did not exit within 0.3 s (--timeout 0.3); no output so far\n" in done.stderr.decode()
    assert fake.programs[0].state == 3
    assert tool("-d", fake.selector, "stop", "1", "--unload").returncode == 0
    assert fake.programs == {}


def test_a_second_run_replaces_the_program_of_the_same_name(tool, fake, app):
    spin = app("spin")
    assert tool("-d", fake.selector, "run", "--detach", spin).stdout == b"1\n"
    again = tool("-d", fake.selector, "run", "--detach", spin)
    assert again.stdout == b"1\n" and b"spin #1, which was running, is unloaded" in again.stderr
    assert tool("-d", fake.selector, "run", "--detach", "--another", spin).stdout == b"2\n"


def test_load_start_ps_stop(tool, fake, app):
    assert tool("-d", fake.selector, "load", app("spin")).stdout == b"1\n"
    assert b"spin  loaded" in tool("-d", fake.selector, "ps").stdout
    assert tool("-d", fake.selector, "start", "spin").returncode == 0
    assert b"spin  running" in tool("-d", fake.selector, "ps").stdout
    assert tool("-d", fake.selector, "start", "spin").returncode == 126
    stopped = tool("-d", fake.selector, "stop", "spin")
    assert (stopped.returncode, stopped.stdout) == (0, b"") and b"spin #1 stopped" in stopped.stderr
    assert b"spin  ended" in tool("-d", fake.selector, "ps").stdout
    missing = tool("-d", fake.selector, "stop", "nosuch")
    assert missing.returncode == 127
    assert missing.stderr.decode().endswith(
        "E24 no program nosuch is loaded   (loaded: spin #1)\n    mnemos-load ps shows them\n"
    )


def test_ctrl_c_stops_the_program_and_ends_with_130(start, fake, app):
    process = start("run", app("spin"))
    wait_until(lambda: fake.programs and fake.programs[0].state == 3)
    time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=10)
    assert process.returncode == 130 and b"stopped after" in said
    assert fake.programs == {}


def test_ctrl_c_during_an_upload_gives_it_up(start, fake, app):
    fake._ack = lambda: None
    process = start("run", app("spin", payload=bytes(30_000)))
    wait_until(lambda: "Begin" in fake.seen)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=10)
    assert process.returncode == 130
    assert fake.seen[-1] == "Abort" and fake.programs == {}


def test_ctrl_c_while_an_upload_begins_gives_it_up(start, fake, app):
    original = fake._do_begin

    def begin(body):
        process.send_signal(signal.SIGINT)
        return original(body)

    fake._do_begin = begin
    process = start("run", app("spin"))
    process.communicate(timeout=10)
    assert process.returncode == 130
    assert fake.seen[-1] == "Abort" and fake.programs == {}


def test_ctrl_c_while_a_program_starts_ends_it(start, fake, app):
    original = fake._do_start

    def begin(body):
        process.send_signal(signal.SIGINT)
        return original(body)

    fake._do_start = begin
    process = start("run", app("spin"))
    _, said = process.communicate(timeout=10)
    assert process.returncode == 130 and fake.programs == {}, said


def test_stop_works_while_nobody_reads_stdout(start, fake, app):
    reader, writer = os.pipe()
    process = start("run", app("flood"), stdout=writer)
    os.close(writer)
    port = 0x1000
    wait_until(lambda: port in fake.ports and fake.ports[port].sent >= 16384 and len(fake.ports[port].out) >= 4096)
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    wait_until(lambda: fake.programs and fake.programs[0].state == 5)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=10)
    assert process.returncode == 130
    os.close(reader)


def test_a_reader_that_goes_away_ends_the_program(start, fake, app):
    process = start("run", app("flood"))
    assert process.stdout.read(100)
    process.stdout.close()
    process.stdout = None
    process.communicate(timeout=10)
    assert process.returncode == 141
    assert fake.programs == {}


def test_a_full_disk_is_named(start, fake, app):
    with open("/dev/full", "wb") as full:
        process = start("run", app("flood"), stdout=full)
        _, said = process.communicate(timeout=10)
    assert process.returncode == 125 and b"E21 cannot write the output of flood #1: No space left on device" in said
    assert fake.programs == {}


def test_a_full_disk_is_named_by_commands_that_print(start):
    with open("/dev/full", "wb") as full:
        process = start("ps", stdout=full)
        _, said = process.communicate(timeout=10)
    assert process.returncode == 125 and said == b"E21 No space left on device\n"


def test_a_poor_locale_does_no_harm(tool, fake, app):
    poor = {"LANG": "C", "LC_ALL": "POSIX", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    done = tool("-d", fake.selector, "run", app("panic"), extra=poor)
    assert done.returncode == 134 and b"panicked" in done.stderr
    assert tool("-d", fake.selector, "info", extra=poor).returncode == 0


def test_a_slow_reader_gets_every_byte(start, fake, app):
    process = start("run", app("echo"), stdin=subprocess.PIPE)
    sent = os.urandom(100_000)
    got = b""
    feeder = threading.Thread(target=lambda: (process.stdin.write(sent), process.stdin.close()))
    feeder.start()
    while piece := process.stdout.read1(7000):
        got += piece
        time.sleep(0.002)
    feeder.join()
    assert process.wait(10) == 0 and got == sent


def test_closed_standard_streams_do_no_harm(tool, fake, app, environment, tmp_path):
    for closing in ("<&-", "2>&-", "<&- 2>&-"):
        done = subprocess.run(
            ["bash", "-c", f'"{TOOL}" -d "{fake.selector}" run "{app("hello")}" {closing}'],
            env=environment,
            capture_output=True,
        )
        assert (done.returncode, done.stdout) == (0, b"Hello, mnemOS!\n"), closing


def test_a_second_process_is_told_who_has_the_device(start, tool, fake, app):
    first = start("run", app("spin"))
    wait_until(lambda: fake.programs and fake.programs[0].state == 3)
    began = time.monotonic()
    second = tool("-d", fake.selector, "ps")
    assert second.returncode == 125 and time.monotonic() - began < 2
    assert re.match(rf"E04 {fake.selector} is in use by \"[^\"]+\" \(pid {first.pid}, \w+\)\n", second.stderr.decode())


def test_a_killed_holder_leaves_no_stale_lock(start, tool, fake, app):
    first = start("run", app("spin"))
    wait_until(lambda: fake.programs and fake.programs[0].state == 3)
    first.kill()
    first.communicate()
    wait_until(lambda: fake.line is None)
    assert tool("-d", fake.selector, "ps").returncode == 0


def test_a_cut_during_the_upload_says_how_far_it_came(tool, fake, app):
    fake.cut_after = 20_000
    done = tool("-d", fake.selector, "run", app("spin", payload=bytes(60_000)))
    assert done.returncode == 125
    assert re.search(
        r"^E05 device stopped answering after [12]\d\.\d of 58\.7 KiB \(.+\)\n    check cable",
        done.stderr.decode(),
        re.M,
    )


def test_a_cut_during_the_run_ends_with_125(start, fake, app):
    process = start("run", app("spin"))
    wait_until(lambda: fake.programs and fake.programs[0].state == 3)
    fake.cut_after = 0
    _, said = process.communicate(timeout=10)
    assert process.returncode == 125 and b"E05 device stopped answering during the run of spin" in said


def test_a_silent_device_ends_the_run(start, fake, app):
    process = start("run", "--link-timeout", "1", app("spin"))
    wait_until(lambda: fake.programs and fake.programs[0].state == 3)
    fake.silent = True
    _, said = process.communicate(timeout=10)
    assert process.returncode == 125 and b"E05" in said and b"no valid frame for" in said


@pytest.mark.parametrize(
    "info,fields,code,text",
    [
        ({"abi_minor": 0}, {"abi_minor": 4}, "E08", "E08 hello needs ABI 1.4, the kernel offers 1.0"),
        ({}, {"abi_major": 2}, "E08", "E08 hello needs ABI 2.0, the kernel offers 1.0"),
        (
            {"fpu": False},
            {"float_abi": 1},
            "E10",
            "E10 hello uses hard-float, this board has no FPU\n    rebuild with -DMNEMOS_FLOAT=soft",
        ),
        (
            {},
            {"heap_len": 300 * 1024},
            "E09",
            "E09 hello needs 303.0 KiB, the largest free area is 208.0 KiB   (over by 95.0 KiB)",
        ),
    ],
)
def test_what_can_never_run_is_refused_before_the_upload(tool, tmp_path, app, info, fields, code, text):
    fake = FakeDevice(info)
    fake.listen(tmp_path / "other.sock")
    try:
        done = tool("-d", fake.selector, "run", app("hello", **fields))
        assert done.returncode == 126 and text in done.stderr.decode() and "Begin" not in fake.seen
    finally:
        fake.close()


def test_an_upload_that_arrives_damaged_is_tried_twice(tool, fake, app):
    original = fake._data
    fake._data = lambda body: original(type(body)(body.offset, bytes(body.bytes[:-1]) + b"\x55"))
    done = tool("-d", fake.selector, "run", app("hello"))
    assert done.returncode == 125 and b"E12 verification failed twice" in done.stderr
    assert fake.seen.count("Begin") == 2 and fake.programs == {}


def test_every_slot_taken(tool, fake, app):
    for _ in range(8):
        assert tool("-d", fake.selector, "load", "--another", app("spin")).returncode == 0
    done = tool("-d", fake.selector, "run", app("hello"))
    assert (
        done.returncode == 126 and b"E25 the device refuses to load hello: every program slot is taken" in done.stderr
    )


@pytest.mark.parametrize(
    "words,status,text",
    [
        ([], 125, "E21 the following arguments are required: COMMAND"),
        (["nonsense"], 125, "E21 argument COMMAND: invalid choice: 'nonsense'"),
        (["run", "--bogus"], 125, "E21 unrecognized arguments: --bogus\n    mnemos-load run --help\n"),
        (
            ["run", "x.mna", "a", "b"],
            125,
            "E21 unrecognized arguments: a b\n    what the program is given stands behind two dashes: mnemos-load run ... -- a b\n",
        ),
        (["inspect", "none.elf"], 127, "E22 none.mna: no image beside none.elf"),
        (["ps", "--", "x"], 125, "E21 `ps` takes no arguments after --"),
        (["run"], 125, "E21 nothing to run: name an image, or go to a project's folder"),
        (["run", "--elf", "none.elf", "x.mna"], 127, "E22 none.elf: no such file"),
        (["run", "none.mna"], 127, "E22 none.mna: No such file or directory"),
        (["run", "--timeout", "-1", "x.mna"], 125, "E21 argument --timeout: '-1' is no number of seconds"),
        (["-d", "tcp:host", "ps"], 125, "E21 -d tcp:host: write tcp:HOST:PORT"),
        (["-d", "/dev/nosuch", "ps"], 127, "E01 cannot open /dev/nosuch: No such file or directory"),
        (["-d", "tcp:127.0.0.1:1", "ps"], 127, "E01 cannot open tcp:127.0.0.1:1: Connection refused"),
        (["-d", "nosuchname", "ps"], 127, "E01 no device `nosuchname`"),
        (["-d", "usb:zz", "ps"], 125, "E21 -d usb:zz: write usb:VID:PID"),
        (["start", "x", "--", "y" * 300], 125, "E21 the arguments take 301 bytes, 256 are allowed"),
    ],
)
def test_mistakes_on_the_command_line(tool, words, status, text):
    done = tool(*words)
    assert done.returncode == status and done.stderr.decode().startswith(text), done.stderr.decode()
    assert done.stdout == b""


def test_a_file_that_is_no_image(tool, fake, tmp_path):
    (tmp_path / "hello.bin").write_bytes(b"\x7fELF and so on")
    done = tool("-d", fake.selector, "run", "hello.bin")
    assert done.returncode == 126
    assert done.stderr.decode() == (
        "E11 hello.bin is not an app image (no MNA1 header)\n    defect: image_magic\n"
        "    use build/device/NAME.mna, made by mnemos_add_app()\n"
    )


def test_no_device_at_all(tool):
    done = tool("ps")
    assert done.returncode == 127
    assert re.match(
        r"E01 no mnemOS device found\n    USB serial ports seen: .+\n    plug the board in, or: mnemos-load run -d emu",
        done.stderr.decode(),
    )


def test_device_from_environment_and_from_the_project(tool, fake, tmp_path):
    assert tool("ps", extra={"MNEMOS_DEVICE": fake.selector}).returncode == 0
    (tmp_path / "mnemos.toml").write_text(f'device = "board"\n[devices]\nboard = "{fake.selector}"\n')
    assert tool("ps").returncode == 0
    (tmp_path / "mnemos.toml").write_text("device = ")
    assert tool("ps").returncode == 125


def test_info_and_inspect_and_version(tool, fake, app):
    info = tool("-d", fake.selector, "info")
    assert info.returncode == 0 and b"208.0 KiB for programs" in info.stdout
    inspect = tool("inspect", app("hello"))
    assert inspect.returncode == 0 and b"relocs   2: 1 to text, 1 to data" in inspect.stdout
    version = (ROOT / "VERSION").read_text().strip()
    assert tool("version").stdout.decode().startswith(f"mnemos-load {version}\n")
    assert tool("--version").stdout.decode() == f"mnemos-load {version}\n"


def test_the_tool_runs_through_a_link_from_anywhere_with_another_python_first(tmp_path, environment):
    link = tmp_path / "with space" / "ml"
    link.parent.mkdir()
    link.symlink_to(TOOL)
    other = tmp_path / "bin"
    other.mkdir()
    (other / "python3").write_text("#!/bin/sh\nexit 99\n")
    (other / "python3").chmod(0o755)
    done = subprocess.run(
        [str(link), "version"],
        cwd="/",
        env={**environment, "PATH": f"{other}:{environment['PATH']}"},
        capture_output=True,
    )
    assert done.returncode == 0 and b"mnemos-load" in done.stdout


def test_a_pty_works_like_a_cable(tool, app):
    fake = FakeDevice()
    fake.serve_pty()
    try:
        done = tool("-d", fake.selector, "run", app("hello"))
        assert (done.returncode, done.stdout) == (0, b"Hello, mnemOS!\n"), done.stderr
    finally:
        fake.close()


def test_monitor_shows_lines_by_channel_and_survives_a_lost_device(start, fake, app, tool):
    assert tool("-d", fake.selector, "run", "--detach", app("echo")).returncode == 0
    process = start("monitor", "-t", "abs")
    wait_until(lambda: fake.line is not None and fake.ports[0x1000].limit > 0)
    fake.programs[0].write(b"first line\nescape \x1b[2J\n")
    assert re.fullmatch(rb"\d\d:\d\d:\d\d\.\d{3}  echo         first line\n", process.stdout.readline())
    assert process.stdout.readline().endswith(b"escape \\x1b[2J\n")
    fake.cut_after = 0
    wait_until(lambda: fake.line is None)
    fake.cut_after = None
    wait_until(lambda: fake.line is not None and fake.ports[0x1000].limit > 0)
    fake.programs[0].write(b"again\n")
    assert process.stdout.readline().endswith(b"echo         again\n")
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=10)
    assert process.returncode == 130 and b"is back after" in said
