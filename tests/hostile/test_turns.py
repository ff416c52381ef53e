"""test_turns.py: programs that give the processor away all the time: nothing is lost, and their time is reckoned right."""
# SPDX-License-Identifier: MIT OR Apache-2.0

import time

import pytest

ENDLESS = 0xFFFFFFFF


def start_all(board, count):
    return [board.start(board.load("turns"), "keep", 17 + i, ENDLESS, 500) for i in range(count)]


def end_all(board, running):
    for one in running:
        board.loader.stop(one.handle)
        assert one.wait().end == "stopped"
        board.loader.unload(one.handle)


def times(board, running):
    """For how many microseconds any program ran, and each of these; asked for between two times since boot."""
    begin = board.loader.info().uptime_us
    run = {program.handle: program.run_us for program in board.loader.programs()}
    return begin, board.loader.info().uptime_us, sum(run.values()), [run[one.handle] for one in running]


def test_registers_survive_many_yields(board, neighbour, unharmed):
    """H40, without the floating-point registers."""
    running = [board.start(board.load("turns"), "keep", 17 + i, 200, 500) for i in range(2)]
    assert [one.wait(patience_s=400).end for one in running] == ["exit 0", "exit 0"]
    for one in running:
        board.loader.unload(one.handle)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_the_time_of_programs_that_yield_is_theirs(board, neighbour, unharmed, count):
    """With the neighbour they ran nearly always, and nobody went short. A turn is as long as the host lets it be."""
    running = start_all(board, count)
    earliest, early, all_before, each_before = times(board, running)
    time.sleep(1.0)
    neighbour.assert_intact()
    late, latest, all_after, each_after = times(board, running)
    each = [now - then for now, then in zip(each_after, each_before)]
    end_all(board, running)
    print(f"{all_after - all_before} of {late - early} to {latest - earliest} us, {each}")
    assert 0.8 * (late - early) < all_after - all_before <= latest - earliest
    assert min(each) * 4 > max(each)


def test_programs_that_yield_hold_up_nobody(board, neighbour, unharmed):
    """Beside one with floating-point registers, one that computes without end, and the neighbour."""
    running = start_all(board, 2)
    floating = board.start(board.load("floats"), "exact", 17, 20, 10, 0)
    computing = board.start(board.load("mask"), "spin")
    assert floating.wait(patience_s=100).end == "exit 0"
    for _ in range(3):
        neighbour.assert_intact()
    end_all(board, [*running, computing])
    board.loader.unload(floating.handle)
