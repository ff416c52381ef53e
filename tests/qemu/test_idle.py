# test_idle.py: a board with nothing to do sleeps, and every time it wakes there is a deadline to account for it.
# SPDX-License-Identifier: MIT OR Apache-2.0
"""The emulator skips the time asleep (`sleep=off`), so a moment here is hours on the board; the kernel's own counters are
read through the emulator's monitor while the board stands still, so that looking wakes nobody."""
import json
import subprocess
import time
from dataclasses import dataclass

import pytest
from conftest import KERNEL, Board, Connection
from elftools.elf.elffile import ELFFile
from mnemos_load import transport
from test_settings import SMALL, build

CLOCK_S = 60  # after so long the clock is read before its counter wraps (firmware/qemu-mps2/drivers/clock.c)
PERIOD_S = 1  # of the sign of life


@dataclass
class Counters:
    """Where the kernel counts."""

    pointer: int  # to struct mn_kernel
    wakeups: int  # offsets in it
    idle_us: int


def member(unit, struct, name):
    """The offset of a member of a struct and the name of its type, from the debug information of a source file."""
    for die in unit.iter_DIEs():
        named = "DW_AT_name" in die.attributes and die.attributes["DW_AT_name"].value.decode()
        if die.tag != "DW_TAG_structure_type" or named != struct:
            continue
        for child in die.iter_children():
            if child.attributes["DW_AT_name"].value.decode() == name:
                return child.attributes["DW_AT_data_member_location"].value
    raise AssertionError(f"no {struct}.{name}")


def counters_of(path):
    with path.open("rb") as file:
        elf = ELFFile(file)
        (pointer,) = {
            symbol["st_value"]
            for symbol in elf.get_section_by_name(".symtab").iter_symbols()
            if symbol.name == "kernel" and symbol["st_info"]["type"] == "STT_OBJECT"
        }
        units = elf.get_dwarf_info().iter_CUs()
        unit = next(u for u in units if u.get_top_DIE().attributes["DW_AT_name"].value.endswith(b"core/kernel.c"))
        stats = member(unit, "mn_kernel", "stats")
        return Counters(
            pointer,
            stats + member(unit, "mn_kernel_stats", "wakeups"),
            stats + member(unit, "mn_kernel_stats", "idle_us"),
        )


class Machine:
    """An emulated board that nobody is connected to."""

    def __init__(self, kernel):
        self.counters = counters_of(kernel)
        self.process = subprocess.Popen(
            ["qemu-system-arm", "-M", "mps2-an386", "-display", "none", "-monitor", "none", "-serial", "null",
             "-icount", "shift=0,sleep=off", "-qmp", "stdio", "-S", "-kernel", str(kernel)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        self.ask("qmp_capabilities")

    def ask(self, command, **arguments):
        self.process.stdin.write(json.dumps({"execute": command, "arguments": arguments}).encode() + b"\n")
        self.process.stdin.flush()
        for line in self.process.stdout:
            answer = json.loads(line)
            assert "error" not in answer, answer
            if "return" in answer:
                return answer["return"]
        raise AssertionError("the emulator has ended")

    def words(self, addr, count):
        said = self.ask("human-monitor-command", **{"command-line": f"xp /{count}wx {addr:#x}"})
        return [int(word, 16) for line in said.splitlines() for word in line.split(":")[1].split()]

    def slept(self):
        """How often it has gone to sleep, and for how many seconds in all."""
        (kernel,) = self.words(self.counters.pointer, 1)
        if not kernel:
            return 0, 0.0
        (wakeups,) = self.words(kernel + self.counters.wakeups, 1)
        low, high = self.words(kernel + self.counters.idle_us, 2)
        return wakeups, (high << 32 | low) / 1e6

    def run_on(self, seconds):
        """Let the board sleep for so many more of its seconds; what it has counted then."""
        target = self.slept()[1] + seconds
        end = time.monotonic() + 60
        while True:
            self.ask("cont")
            time.sleep(0.01)
            self.ask("stop")
            counted = self.slept()
            if counted[1] >= target:
                return counted
            assert time.monotonic() < end, f"it does not sleep: {counted}"

    def end(self):
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def machine(request):
    started = []

    def start(kernel):
        started.append(Machine(kernel))
        return started[0]

    yield start
    for one in started:
        one.end()


def wakes_for(machine, seconds_of_sleep):
    """Wakes beyond those that a deadline each `seconds_of_sleep` accounts for. One may lie on either edge."""
    wakeups, slept = machine.run_on(10 * seconds_of_sleep)
    more_wakeups, more_slept = machine.run_on(200 * seconds_of_sleep)
    print(f"{more_wakeups - wakeups} wakes in {more_slept - slept:.0f} s")
    return (more_wakeups - wakeups) - (more_slept - slept) / seconds_of_sleep


def test_an_idle_board_wakes_only_for_its_sign_of_life(machine):
    assert abs(wakes_for(machine(KERNEL), PERIOD_S)) < 2


def test_a_board_with_nothing_to_do_wakes_only_to_keep_its_clock(machine):
    kernel, said = build("small", SMALL)  # which has no sign of life
    assert kernel, said
    assert abs(wakes_for(machine(kernel), CLOCK_S)) < 2


class CountedLine:
    """A line to a board, and how many bytes have moved on it."""

    def __init__(self, line):
        self.line, self.moved = line, 0

    def __getattr__(self, name):
        return getattr(self.line, name)

    def read(self, limit):
        data = self.line.read(limit)
        self.moved += len(data)
        return data

    def write(self, data, limit):
        self.moved += len(data)
        self.line.write(data, limit)


def test_a_board_with_a_host_wakes_only_for_the_line(tmp_path):
    """A byte that comes or goes wakes it at most once, and a second has two deadlines at most."""
    board = Board(tmp_path)
    try:
        line = CountedLine(transport.from_socket(board.socket(), "emu"))
        with Connection(line) as connection:
            before, moved = connection.loader.info(), line.moved
            time.sleep(3)
            after, moved = connection.loader.info(), line.moved - moved
            seconds = (after.uptime_us - before.uptime_us) / 1e6
            woke = after.wakeups - before.wakeups
            print(f"{woke} wakes in {seconds:.1f} s, {moved} bytes on the line")
            assert seconds >= 2
            assert woke <= moved + 2 * seconds + 2
    finally:
        board.stop()
