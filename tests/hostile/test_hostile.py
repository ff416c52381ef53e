"""test_hostile.py: each hostile program ends as it should, the kernel goes on, its neighbour notices nothing."""
# SPDX-License-Identifier: MIT OR Apache-2.0

import time

import pytest
from mnemos_load.abi import loader, sys

from board import Neighbour
from cases import CASES, FRAMES, SLICES, SPAN_CALLS, Place

PC = 15  # place in the registers of a fault record
NO_WAIT = 0x10000  # flag of a system call, mnemos/abi/svc.h


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_hostile_program_ends_as_listed(board, neighbour, unharmed, case):
    program = board.load(case.program)
    arguments = case.arguments(Place(program, neighbour.program))
    running = board.start(program, *arguments)
    life = running.wait()

    assert life.end in case.end
    if case.address:
        fault = life.fault
        named = {"access": fault.mmfar, "bus": fault.bfar, "execute": fault.regs[PC]}
        assert named[loader.FaultKind(fault.kind).name.lower()] == arguments[1]
    board.loader.unload(running.handle)


@pytest.mark.parametrize("name, word, value, ends", FRAMES, ids=[frame[0] for frame in FRAMES])
def test_a_forged_exception_frame_harms_only_its_forger(board, neighbour, unharmed, name, word, value, ends):
    program = board.load("undefined")
    running = board.start(program, "frame", word)
    running.send(value.to_bytes(4, "little"))
    assert running.wait().end in ends
    board.loader.unload(running.handle)


@pytest.mark.parametrize("variant", ["spin", "masked-spin"])
def test_an_endless_loop_leaves_the_others_their_share(board, neighbour, unharmed, variant):
    """H14. A round of the neighbour is about a millisecond of sleep and half a slice of work."""
    program = board.load("mask")
    running = board.start(program, variant)
    neighbour.assert_intact()
    begin = time.monotonic()
    rounds = 0
    while time.monotonic() - begin < 1.0:
        rounds += neighbour.assert_intact()
    board.loader.stop(running.handle)
    assert running.wait().end == "stopped"
    assert rounds >= 10
    board.loader.unload(running.handle)


@pytest.mark.parametrize("index, jump", [(0, 17), (0, 0x80000000), (1, 0xFFFFFF00), (1, 2)])
def test_an_index_that_jumps_while_calls_are_under_way(board, neighbour, unharmed, index, jump):
    """H19: the kernel's task looks at the ring while the program sleeps."""
    program = board.load("rings")
    running = board.start(program, "jump", index, jump, 2)
    assert running.read_line() == "!"
    running.send(b"?")
    assert running.wait().end == "fault ring_corrupt"
    board.loader.unload(running.handle)


def test_an_entry_that_changes_while_its_call_is_under_way(board, neighbour, unharmed):
    """H18."""
    program = board.load("rings")
    running = board.start(program, "change")
    assert running.read_line() == "!"
    running.send(b"?")
    assert running.wait().end == "exit 0"
    board.loader.unload(running.handle)


@pytest.mark.parametrize("way, end", [(0, "exit 0"), (1, "panic"), (2, "fault ring_corrupt"), (3, "killed")])
def test_calls_under_way_end_with_their_program(board, neighbour, unharmed, way, end):
    """H21. What they were to bring does not reach the next life in the same memory."""
    program = board.load("rings")
    for _ in range(5):
        program = board.start(program, "end", way)
        if end == "killed":
            assert program.read_line() == "!"
            board.loader.stop(program.handle, kill=True)
        assert program.wait().end == end
        program = board.start(program, "listen")
        assert program.wait().end == "exit 0"
    board.loader.unload(program.handle)


def ways(call):
    """Every slice, once as the input and once as the output of a call."""
    for name, where, length, input_ok, output_ok in SLICES:
        yield f"{name} as input", where, length, True, input_ok
        yield f"{name} as output", where, length, False, output_ok


@pytest.mark.parametrize("call", range(len(sys.CALLS)))
def test_no_call_takes_a_slice_outside_the_program(board, neighbour, unharmed, call):
    """H08. The other slice of the call is empty."""
    running = program = board.load("slices")
    place = Place(program, neighbour.program)
    wrong = []
    for name, where, length, is_input, fine in ways(call):
        address = where(place) if callable(where) else where
        numbers = (address, length, 0, 0) if is_input else (0, 0, address, length)
        running = board.start(running, "raw", call, *numbers)
        life = running.wait()
        if fine:
            as_listed = life.end.startswith("exit") and life.end != "exit 98"
        else:
            as_listed = life.end == "fault bad_slice" and life.fault.call == call
        if not as_listed:
            wrong.append(f"{name}: {life.end}")
    board.loader.unload(running.handle)
    assert not wrong


@pytest.mark.parametrize("name, call, variant, writes, most", SPAN_CALLS, ids=[row[0] for row in SPAN_CALLS])
def test_no_call_follows_a_span_outside_the_program(board, neighbour, unharmed, name, call, variant, writes, most):
    """H08, one level deeper: the span lies inside the message."""
    running = program = board.load("slices")
    place = Place(program, neighbour.program)
    wrong = []
    for what, where, length, input_ok, output_ok in SLICES:
        address = where(place) if callable(where) else where
        running = board.start(running, variant, call | NO_WAIT, address, length)
        life = running.wait()
        if length > most:
            listed = ("exit 6",)  # malformed: longer than the schema allows
        elif output_ok if writes else input_ok:
            listed = ("exit 0", "exit 11", "panic")
        else:
            listed = ("fault bad_slice",)
        if life.end not in listed:
            wrong.append(f"{what}: {life.end} instead of {listed}")
    board.loader.unload(running.handle)
    assert not wrong


def test_floating_point_registers_survive_a_million_switches(board, neighbour, unharmed):
    """H40. Two programs yield 500,000 times each; every yield is a switch."""
    programs = [board.load("floats") for _ in range(2)]
    yielding = [board.start(program, "exact", 17 + i, 1000, 500, 0) for i, program in enumerate(programs)]
    assert [running.wait(patience_s=400).end for running in yielding] == ["exit 0", "exit 0"]
    for running in yielding:
        board.loader.unload(running.handle)


def test_floating_point_registers_of_others_are_not_seen(board, neighbour, unharmed):
    """H40. The first one fills them without end; each start of the second looks at them before it wrote any."""
    filling = board.start(board.load("floats"), "exact", 17, 0xFFFFFFFF, 100, 0)
    unseen = board.load("floats")
    for _ in range(20):
        unseen = board.start(unseen, "unseen")
        assert unseen.wait().end == "exit 0"
    board.loader.unload(unseen.handle)
    board.loader.unload(filling.handle)


def test_floating_point_registers_survive_preemption(board, neighbour, unharmed):
    """H40, without a system call: the end of a time slice is what switches."""
    programs = [board.load("floats") for _ in range(2)]
    busy = [board.start(program, "exact", 31 + i, 20, 0, 1_000_000) for i, program in enumerate(programs)]
    assert [running.wait().end for running in busy] == ["exit 0", "exit 0"]
    for running in busy:
        board.loader.unload(running.handle)


class TestControls:
    """The checks above can fail."""

    def test_the_neighbour_notices_one_changed_bit(self, board):
        victim = Neighbour(board)
        victim.damage_itself()
        victim.says()
        with pytest.raises(AssertionError, match="damaged: bss"):
            victim.assert_intact()
        assert victim.finish().end == "exit 98"

    def test_a_program_that_is_not_stopped_is_seen(self, board, neighbour):
        """`touch` on its own memory survives, and that is another end than a fault."""
        program = board.load("touch")
        running = board.start(program, "write32", program.data_addr + 64)
        assert running.wait().end == "exit 99"
        board.loader.unload(running.handle)

    def test_memory_that_is_kept_is_seen(self, board):
        before = board.free()
        program = board.load("touch")
        assert board.free() != before
        board.loader.unload(program.handle)
        assert board.settles_to(before) == before

    def test_a_slice_inside_the_program_is_taken(self, board):
        """The table of slices is refused for the address, not for the way it is sent."""
        program = board.load("slices")
        running = board.start(program, "span", sys.CALL_RANDOM, program.data_addr + program.rw_len // 2, 16)
        assert running.wait().end == "exit 0"
        board.loader.unload(running.handle)
