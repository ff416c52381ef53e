# test_upload.py: the sending side of a transfer against a line that loses pieces and answers.
# SPDX-License-Identifier: MIT OR Apache-2.0
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mnemos_load.upload import PAYLOAD_MAX, UNIT, WINDOW, Upload


class Receiver:
    """Keeps pieces and acknowledges like the device: each KiB, at once on a gap, at the end."""

    def __init__(self, total):
        self.total, self.have, self.high, self.fresh = total, set(), 0, 0

    def take(self, offset, length):
        assert offset % UNIT == 0 and 0 < length <= PAYLOAD_MAX and offset + length <= self.total
        assert (offset + length) % UNIT == 0 or offset + length == self.total
        units = range(offset // UNIT, (offset + length + UNIT - 1) // UNIT)
        fresh = [unit for unit in units if unit not in self.have]
        self.have.update(units)
        odd = offset != self.high or not fresh
        self.high, self.fresh = max(self.high, offset + length), self.fresh + length
        if odd or self.fresh >= 1024 or self.complete:
            self.fresh = 0
            return self.ack()
        return None

    @property
    def complete(self):
        return len(self.have) == (self.total + UNIT - 1) // UNIT

    def ack(self):
        hole = next(unit for unit in range(len(self.have) + 1) if unit not in self.have)
        return min(hole * UNIT, self.total), sum(1 << i for i in range(32) if hole + 1 + i in self.have)


def transfer(total, loses, limit=20000):
    """Run a transfer over a line in order; `loses(kind)` decides for each message."""
    upload, receiver = Upload(total), Receiver(total)
    upload.probes = 0
    line, now = [], 0.0
    for _ in range(limit):
        now += 0.001
        piece = upload.next()
        if piece:
            assert piece[0] + piece[1] <= upload.arrived + WINDOW
            upload.sent(*piece, now)
            if not loses("piece"):
                line.append(("piece", piece))
        elif line:
            kind, what = line.pop(0)
            if kind == "probe":
                answer = receiver.ack()
                if not loses("answer"):
                    upload.acknowledged(*answer, now)
                    upload.probed(what)
            else:
                answer = receiver.take(*what)
                if answer and not loses("answer"):
                    upload.acknowledged(*answer, now)
        elif upload.complete:
            break
        else:
            upload.missed()
            upload.probes += 1
            line.append(("probe", upload.probe()))
    assert upload.complete and receiver.complete
    return upload


@given(total=st.integers(1, 60000))
def test_without_losses_nothing_is_sent_twice(total):
    assert transfer(total, lambda kind: False).repeated == 0


@settings(max_examples=60, deadline=None)
@given(total=st.integers(1, 30000), seed=st.integers(0, 2**32), percent=st.integers(1, 40))
def test_a_lossy_line_ends_with_every_byte(total, seed, percent):
    generator = random.Random(seed)
    transfer(total, lambda kind: generator.random() * 100 < percent)


def test_a_single_loss_repeats_only_that_piece():
    count = iter(range(10**6))
    upload = transfer(40000, lambda kind: kind == "piece" and next(count) == 20)
    assert 0 < upload.repeated <= PAYLOAD_MAX
    assert upload.probes == 0, "the gap itself tells what is lost"


def test_losses_shrink_the_pieces_and_a_clean_line_grows_them():
    upload = Upload(1 << 20)
    for _ in range(12):
        offset, length = upload.next()
        upload.sent(offset, length, 0.0)
        upload.probed(upload.probe())
    assert upload.payload == UNIT
    receiver = Receiver(1 << 20)
    while upload.payload < PAYLOAD_MAX and not upload.complete:
        while piece := upload.next():
            upload.sent(*piece, 0.0)
            receiver.take(*piece)
        upload.acknowledged(*receiver.ack(), 0.0)
    assert upload.payload == PAYLOAD_MAX and not upload.complete


def test_the_timer_follows_the_round_trip():
    upload = Upload(1 << 16)
    now = 0.0
    for _ in range(40):
        piece = upload.next()
        upload.sent(*piece, now)
        now += 0.05
        upload.acknowledged(piece[0] + piece[1], 0, now)
    assert 0.05 <= upload.timer < 0.1


@pytest.mark.parametrize("hole,bits", [(0xFFFFFFFF, 0xFFFFFFFF), (7, 1), (10**9, 0)])
def test_a_wrong_acknowledgement_does_no_harm(hole, bits):
    upload = Upload(1000)
    upload.acknowledged(hole, bits, 0.0)
    assert upload.arrived <= 1000
