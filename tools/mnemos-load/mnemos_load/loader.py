# loader.py: ask the device to load, start, stop and describe programs.
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Requests and answers on the loader port (schema loader.toml), and the upload of an image."""

from __future__ import annotations

import threading
import time
import zlib
from collections.abc import Callable
from typing import TypeVar

from .abi import link as abi_link
from .abi import loader as abi
from .abi.loader import AnswerBody, RequestBody
from .abi.wire import WireError
from .errors import LinkLost, Refused
from .link import Link
from .upload import Upload

FIRST_WAIT_S = 0.1
LONGEST_WAIT_S = 1.0
PATIENCE_S = 10.0  # for an answer, while the line lives
HEAD = 88

Answer = TypeVar("Answer", bound=AnswerBody)


class Loader:
    """One request at a time; every request is repeated until it is answered and is carried out once."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._turn = threading.Lock()
        self._seq = 0
        self._asked: int | None = None
        self._answer: AnswerBody | None = None
        self._upload: Upload | None = None
        self._probe: tuple[int, int, bool] | None = None  # seq, number, whether it was answered
        self._heard = 0.0  # last ack
        self.endings: dict[int, abi.Ending] = {}  # of programs that ended since, by handle
        link.subscribe(abi_link.PORT_LOADER, self._receive)

    # The link's thread.

    def _receive(self, data: bytes) -> None:
        try:
            answer = abi.Answer.decode(data)
        except WireError:
            return
        if answer.session != self._link.session & 0xFF:
            return
        body = answer.body
        if isinstance(body, AnswerBody.Ack):
            self._acknowledge(body)
        elif isinstance(body, AnswerBody.Ended) and answer.seq == 0:
            self.endings[body.ending.handle] = body.ending
        elif self._probe and answer.seq == self._probe[0]:
            self._probe = (self._probe[0], self._probe[1], True)
        elif answer.seq == self._asked:
            self._answer = body

    def _acknowledge(self, ack: AnswerBody.Ack) -> None:
        if not self._upload:
            return
        now = time.monotonic()
        self._heard = now
        self._upload.acknowledged(ack.hole, ack.bits, now)
        if self._probe and self._probe[2]:
            self._upload.probed(self._probe[1])
            self._probe = None

    # Requests.

    def _next_seq(self) -> int:
        self._seq = self._seq % 255 + 1
        return self._seq

    def _send(self, seq: int, body: RequestBody) -> None:
        request = abi.Request(session=self._link.session & 0xFF, seq=seq, body=body)
        self._link.send(abi_link.PORT_LOADER, request.encode())

    def ask(self, body: RequestBody, expect: type[Answer], patience: float = PATIENCE_S) -> Answer:
        """Send a request until it is answered, at most `patience` seconds.

        Raises Refused when the device says no, LinkLost when it is silent or answers something else.
        """
        with self._turn:
            with self._link.changed:
                seq = self._asked = self._next_seq()
                self._answer = None
            answer = self._answered(seq, body, patience)
        if isinstance(answer, AnswerBody.Refused):
            raise Refused(answer.error, answer.have, answer.want)
        if not isinstance(answer, expect):
            raise LinkLost(f"the device answered `{type(body).__name__}` with `{type(answer).__name__}`")
        return answer

    def _answered(self, seq: int, body: RequestBody, patience: float) -> AnswerBody:
        link = self._link
        began = time.monotonic()
        wait = max(FIRST_WAIT_S, 4 * link.round_trip)
        while True:
            asked_at = time.monotonic()
            self._send(seq, body)
            with link.changed:
                link.changed.wait_for(lambda: self._answer is not None or link.failure is not None, wait)
                if self._answer is not None:
                    if wait < 2 * FIRST_WAIT_S:
                        link.measured(time.monotonic() - asked_at)
                    return self._answer
            link.check()
            wait = min(wait * 2, LONGEST_WAIT_S)
            if time.monotonic() - began > patience:
                raise LinkLost(f"no answer to `{type(body).__name__}` for {patience:.0f} s, although the line lives")

    def info(self) -> abi.Info:
        """What the device is. Raises Refused, LinkLost, as every request."""
        return self.ask(RequestBody.Info(), AnswerBody.Info).info

    def programs(self) -> list[abi.Program]:
        """The loaded programs, by slot."""
        found = []
        for slot in range(self.info().max_programs):
            program = self.ask(RequestBody.List(slot=slot), AnswerBody.Listed).program
            if program is not None:
                found.append(program)
        return found

    def services(self) -> list[abi.Service]:
        """The services of the kernel, in the order in which they came."""
        found: list[abi.Service] = []
        while service := self.ask(RequestBody.Service(index=len(found)), AnswerBody.Service).service:
            found.append(service)
        return found

    def start(self, handle: int, args: list[bytes]) -> AnswerBody.Started:
        """Start a loaded program; the answer has its new handle and its first port."""
        packed = b"".join(arg + b"\0" for arg in args)
        return self.ask(RequestBody.Start(handle=handle, args=packed), AnswerBody.Started)

    def stop(self, handle: int, kill: bool = False) -> None:
        """End a program and keep it loaded."""
        self.ask(RequestBody.Stop(handle=handle, kill=kill), AnswerBody.Done)

    def unload(self, handle: int) -> None:
        """End a program if it runs and give its memory back."""
        self.ask(RequestBody.Unload(handle=handle), AnswerBody.Done)

    def ending(self, handle: int) -> abi.Ending | None:
        """How a program ended; None while it runs. Works also when the event was lost."""
        with self._link.changed:
            known = self.endings.get(handle)
        if known:
            return known
        try:
            return self.ask(RequestBody.Ending(handle=handle), AnswerBody.Ended).ending
        except Refused as refusal:
            if refusal.name == "not_ready":
                return None
            raise

    def fault(self, handle: int) -> abi.Fault | None:
        """Why a program was stopped."""
        return self.ask(RequestBody.Fault(handle=handle), AnswerBody.Faulted).fault

    # Upload.

    def upload(
        self, raw: bytes, name: str, progress: Callable[[int, int], None] = lambda done, total: None
    ) -> abi.Program:
        """Send a whole image file; `progress` gets (bytes arrived, bytes in all).

        Raises Refused (by name, before or after the transfer), LinkLost. Whatever is raised, the device keeps nothing.
        """
        try:
            self.ask(RequestBody.Begin(head=raw[:HEAD], total=len(raw), name=name), AnswerBody.Begun)
            self.transfer(raw, progress)
            end = RequestBody.End(crc32=zlib.crc32(raw), adler32=zlib.adler32(raw))
            return self.ask(end, AnswerBody.Loaded).program
        except LinkLost:
            raise
        except BaseException:
            self.abort()
            raise

    def abort(self) -> None:
        """Give an upload up. A device that does not answer has forgotten it anyway."""
        try:
            self.ask(RequestBody.Abort(), AnswerBody.Done, patience=1.0)
        except (LinkLost, Refused):
            pass

    def transfer(self, raw: bytes, progress: Callable[[int, int], None]) -> Upload:
        """Send the bytes of a begun upload until all have arrived: the finished book-keeping. Raises LinkLost."""
        link = self._link
        upload = Upload(len(raw), link.round_trip)
        with link.changed:
            self._upload = upload
            self._probe = None
            self._heard = time.monotonic()
        shown, shown_at = -1, time.monotonic()
        try:
            while not upload.complete:
                self._send_window(upload, raw)
                with link.changed:
                    heard = self._heard
                    link.changed.wait_for(
                        lambda: upload.complete
                        or upload.next() is not None
                        or self._heard != heard
                        or link.failure is not None,
                        upload.timer,
                    )
                    arrived, quiet = upload.arrived, time.monotonic() - max(self._heard, heard)
                link.check()
                if arrived != shown:
                    shown, shown_at = arrived, time.monotonic()
                    progress(arrived, len(raw))
                elif time.monotonic() - shown_at > PATIENCE_S:
                    raise LinkLost(f"nothing arrived for {PATIENCE_S:.0f} s, although the line lives")
                if quiet >= upload.timer and not upload.complete:
                    self._ask_for_map(upload)
        finally:
            with link.changed:
                self._upload = None
        return upload

    def _send_window(self, upload: Upload, raw: bytes) -> None:
        while True:
            with self._link.changed:
                piece = upload.next()
                if piece is None:
                    return
                offset, length = piece
                upload.sent(offset, length, time.monotonic())
            self._send(0, RequestBody.Data(offset=offset, bytes=raw[offset : offset + length]))

    def _ask_for_map(self, upload: Upload) -> None:
        """Everything is on its way and nothing comes back: ask what has arrived."""
        with self._link.changed:
            upload.missed()
            self._heard = time.monotonic()
            seq = self._next_seq()
            self._probe = (seq, upload.probe(), False)
        self._send(seq, RequestBody.Map())
