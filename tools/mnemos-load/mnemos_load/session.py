# session.py: an open device: line, link, loader, and what the tool says about them.
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Opening a device for a command, and finding programs on it."""

from __future__ import annotations

import time
from dataclasses import dataclass

from . import device, errors, faults
from .abi import loader as abi
from .abi.wire import WireError
from .device import Opened, Target
from .errors import LinkLost, Refused, ToolError
from .framing import Noise
from .image import FLOAT_HARD, Image
from .link import BAD_MANY, Link
from .loader import Loader
from .text import duration, kib, printable, size
from .ui import Ui

STATE_NAMES = {1: "loading", 2: "loaded", 3: "running", 4: "waiting", 5: "ended"}
RUNNING = (3, 4)


@dataclass(frozen=True)
class Options:
    """What the global options say about devices."""

    selector: str | None
    baud: int
    link_timeout: float | None  # seconds


class Session:
    """A connected device; a context manager.

    Entering raises ToolError E01..E07. A line lost inside becomes E05.
    """

    def __init__(
        self, options: Options, ui: Ui, target: Target | None = None, announce: bool = True, keep: bool = False
    ) -> None:
        """`keep`: ports keep their bytes for a reader from the start; otherwise they are thrown away."""
        self._options = options
        self._ui = ui
        self._target = target
        self._announce = announce
        self._keep = keep
        self._doing = "the session"
        self._warned = False
        self.opened: Opened
        self.link: Link
        self.loader: Loader
        self.info: abi.Info

    def __enter__(self) -> Session:
        target = self._target or device.select(self._options.selector, self._options.baud, self._ui.choose)
        self.opened = device.open_target(target)
        try:
            self.link = Link(self.opened.line, self._options.link_timeout)
            self.link.keep_new = self._keep
            self.link.on_noise = self._noise
            self.link.on_crash = self._crash
            self.loader = Loader(self.link)
            self.link.connect()
            self.info = self.loader.info()
        except LinkLost as error:
            self.close()
            raise errors.stopped_answering(
                "while it said hello", str(error), "mnemos-load devices shows what is there"
            ) from None
        except Refused as refusal:
            self.close()
            raise errors.refused("describe itself", refusal) from None
        except BaseException:
            self.close()
            raise
        if self._announce:
            self._ui.line("device", self.title())
            if self.info.crash:
                self._ui.note("the kernel crashed before its last start: mnemos-load info shows where")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        lost = error if isinstance(error, LinkLost) else None
        self.close()
        if lost:
            raise errors.stopped_answering(
                f"during {self._doing}", str(lost), "check cable and power, then run the same command again"
            ) from None
        if isinstance(error, Refused):
            raise errors.refused(self._doing, error) from None

    def close(self) -> None:
        """End the session and free the device."""
        if hasattr(self, "link"):
            self.link.close()
        self.opened.close()

    def doing(self, what: str) -> None:
        """For the error text: what is going on now."""
        self._doing = what

    def title(self) -> str:
        """The device in one line."""
        info, target = self.info, self.opened.target
        serial = f"  {printable(target.serial)}" if target.serial else ""
        at = "" if target.at == target.name else f"  {printable(target.at)}"
        return (
            f"{printable(info.board)} ({target.name}){serial}{at}   "
            f"mnemOS {printable(info.kernel)}  ABI {info.abi_major}.{info.abi_minor}"
        )

    # What the line says beside frames.

    def _noise(self, noise: Noise) -> None:
        if noise.text:
            self._ui.raw(noise.text)
        if self.link.recently_bad >= BAD_MANY and not self._warned:
            self._warned = True
            speed = f" @ {self.opened.line.baud}" if self.opened.line.baud else ""
            slower = ": try a shorter cable, or a lower speed with -b" if speed else ""
            self._ui.plain(
                f"E20 {self.link.recently_bad} bad frames in 5 s on {self.opened.line.name}{speed}"
                f": the link is unreliable{slower}"
            )

    def _crash(self, record: bytes) -> None:
        try:
            self._ui.plain(faults.crash_report(abi.Crash.decode(record)))
        except WireError:
            self._ui.note("the kernel crashed; its record is damaged")

    # Programs.

    def check_fits(self, image: Image) -> None:
        """Refuse an image that this device can never take, before anything is sent. Raises ToolError E08, E09, E10."""
        info = self.info
        offered = (info.abi_major, info.abi_minor)
        if image.abi[0] != offered[0] or image.abi[1] > offered[1]:
            raise errors.abi_mismatch(image.name, image.abi, offered, info.kernel)
        if image.arch != info.arch:
            raise ToolError(
                "E26", f"{image.name} is built for processor {image.arch}, the board has {info.arch} (image_arch)"
            )
        if image.float_abi == FLOAT_HARD and not info.fpu:
            raise errors.needs_fpu(image.name)
        needs = sum(image.memory)
        if needs > info.arena:
            parts = f"text {kib(image.payload_len)}  data and bss {kib(image.static_len)}  "
            parts += f"stack {kib(image.stack_len)}  heap {kib(image.heap_len)}"
            raise errors.too_large(image.name, needs, info.arena, parts)

    def upload(self, image: Image) -> abi.Program:
        """Send an image. Raises ToolError with the reason by name; LinkLost becomes E05 with the bytes sent."""
        ui = self._ui
        total = len(image.raw)
        arrived = 0

        def shown(done: int, of: int) -> None:
            nonlocal arrived
            arrived = done
            bar.update(done, of)

        began = time.monotonic()
        for attempt in (1, 2):
            try:
                with ui.progress("upload") as bar:
                    program = self.loader.upload(image.raw, image.name, shown)
                break
            except LinkLost as error:
                raise errors.stopped_answering(
                    f"after {kib(arrived)} of {kib(total)} KiB",
                    str(error),
                    "check cable and power, then run the same command again",
                ) from None
            except Refused as refusal:
                if refusal.name != "upload_crc":
                    raise self._not_taken(image, refusal) from None
                if attempt == 2:
                    raise ToolError(
                        "E12", "verification failed twice: the checksum differs after the upload", "bad cable or hub?"
                    ) from None
        seconds = time.monotonic() - began
        ui.line("upload", f"{kib(total)}/{kib(total)} KiB   {size(int(total / max(seconds, 0.001)))}/s   verified")
        return program

    def _not_taken(self, image: Image, refusal: Refused) -> ToolError:
        info = self.loader.info()
        if refusal.name == "image_abi":
            return errors.abi_mismatch(image.name, image.abi, (info.abi_major, info.abi_minor), info.kernel)
        if refusal.name == "image_float":
            return errors.needs_fpu(image.name)
        if refusal.name == "no_room":
            return errors.no_hole(image.name, refusal.want, refusal.have, info.programs)
        if refusal.name == "too_big":
            return errors.too_large(image.name, sum(image.memory), info.arena, "")
        if refusal.name in ("service_missing", "service_too_old", "shape_differs"):
            return self._lacks(image, refusal)
        return errors.refused(f"load {image.name}", refusal)

    def _lacks(self, image: Image, refusal: Refused) -> ToolError:
        """Which of the services that the image requires is not there, or not as it was built for."""
        offered = {one.uuid: one for one in self.loader.services() if one.programs}
        for need in image.requires:
            one = offered.get(need.uuid)
            name = f'service "{printable(need.name)}"'
            if refusal.name == "service_missing" and not one:
                lacking = f"no {name} (REQUIRES {printable(need.name)})"
            elif refusal.name == "service_too_old" and one and one.calls < need.calls:
                lacking = f"{name} knows {one.calls} of the {need.calls} calls that the program was built for"
            elif refusal.name == "shape_differs" and one and need.shape == refusal.want:
                lacking = f"the calls of {name} are not those the program was built for"
            else:
                continue
            return errors.service_missing(image.name, lacking, [one.name for one in offered.values()])
        return errors.refused(f"load {image.name}", refusal)

    def find(self, what: str) -> abi.Program:
        """The loaded program with that number or name. Raises ToolError E24."""
        programs = self.loader.programs()
        wanted = what.removeprefix("#")
        for program in programs:
            if program.name == what or (wanted.isdecimal() and int(wanted) == number(program.handle)):
                return program
        raise errors.no_program(what, [f"{program.name} #{number(program.handle)}" for program in programs])


def number(handle: int) -> int:
    """What people call a program: its slot, counted from 1."""
    return (handle & 0xFF) + 1


def ending_text(ending: abi.Ending) -> str:
    """How a program ended, in one line for people."""
    what = {0: f"exit {ending.status}", 1: "faulted", 2: "panicked", 3: "stopped", 4: "killed"}.get(
        ending.reason, f"ended ({ending.reason})"
    )
    peaks = f"stack peak {size(ending.stack_peak)}   heap peak {size(ending.heap_peak)}"
    return f"{what} after {duration(ending.life_us / 1e6)}    {peaks}"
