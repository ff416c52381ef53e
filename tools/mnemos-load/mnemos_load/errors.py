# errors.py: what can go wrong, said in two facts and a fix.
# SPDX-License-Identifier: MIT OR Apache-2.0
"""One exception for everything the tool reports: a code, a headline with the facts that disagree, and what to do.

Codes and exit statuses come from the schema; the texts are here.
"""

from __future__ import annotations

from collections.abc import Sequence

from .abi import error as abi_error
from .text import kib, printable, size

INTERRUPTED = 130  # exit status after Ctrl-C, as a shell gives it
OUTPUT_CLOSED = 141  # exit status when whoever read our output has gone, as a shell gives it
STATUS_MAX = 123  # the largest program status that is passed on unchanged


class ToolError(Exception):
    """An error to show: `code` is E01..., `lines` follow the headline, indented."""

    def __init__(self, code: str, headline: str, *lines: str) -> None:
        super().__init__(f"{code} {headline}")
        self.code = code
        self.headline = headline
        self.lines = [line for line in lines if line]

    @property
    def exit_status(self) -> int:
        """The process status this error ends the command with."""
        return host_status(self.code)

    def text(self) -> str:
        """The whole message, several lines."""
        return "\n".join([f"{self.code} {self.headline}", *(f"    {line}" for line in self.lines)])


class Refused(Exception):
    """The device answered a request with an error: its number and the two facts that belong to it."""

    def __init__(self, number: int, have: int, want: int) -> None:
        super().__init__(f"{error_name(number)}: {error_says(number)}")
        self.number = number
        self.have = have
        self.want = want

    @property
    def name(self) -> str:
        """The error's name in the schema."""
        return error_name(self.number)


class LinkLost(Exception):
    """The device stopped answering or the line was cut; the text says which."""


def host_status(code: str) -> int:
    """Exit status of a host error code."""
    return abi_error.HOST[code].exit


def error_name(number: int) -> str:
    """Name of a device error; an unknown number keeps its number."""
    known = abi_error.ERRORS.get(number)
    return known.name if known else f"error {number}"


def error_says(number: int) -> str:
    """What a device error means, one sentence without a full stop."""
    known = abi_error.ERRORS.get(number)
    return known.says if known else "this tool is older than the kernel and does not know it"


def usage(headline: str, *lines: str) -> ToolError:
    """E21: the command line makes no sense."""
    return ToolError("E21", headline, *lines)


def no_file(path: str, why: str) -> ToolError:
    """E22: a file the user named cannot be read."""
    return ToolError("E22", f"{printable(path)}: {why}", "an image is build/device/NAME.mna, made by mnemos_add_app()")


def stopped_answering(what: str, silence: str, *lines: str) -> ToolError:
    """E05: the device went silent during `what`."""
    return ToolError("E05", f"device stopped answering {what} ({silence})", *lines)


def not_an_image(path: str, why: str) -> ToolError:
    """E11: the file exists and is no image this kernel could ever take."""
    return ToolError(
        "E11", f"{printable(path)} is not an app image ({why})", "use build/device/NAME.mna, made by mnemos_add_app()"
    )


def abi_mismatch(name: str, needs: tuple[int, int], offers: tuple[int, int], kernel: str) -> ToolError:
    """E08: program and kernel speak different ABIs."""
    wanted, offered = "%d.%d" % needs, "%d.%d" % offers
    if needs[0] == offers[0]:
        fix = f"update the kernel, or build for it: mnemos_add_app(... ABI {offered})"
    else:
        fix = f"rebuild it with an SDK for ABI {offers[0]}, or update the kernel"
    return ToolError(
        "E08", f"{printable(name)} needs ABI {wanted}, the kernel offers {offered}   (kernel {printable(kernel)})", fix
    )


def needs_fpu(name: str) -> ToolError:
    """E10: hard-float program, board without an FPU."""
    return ToolError(
        "E10", f"{printable(name)} uses hard-float, this board has no FPU", "rebuild with -DMNEMOS_FLOAT=soft"
    )


def service_missing(name: str, lacking: str, offers: Sequence[str]) -> ToolError:
    """E19: the board has not got a service that the program requires, or another version of it."""
    return ToolError(
        "E19",
        f"{printable(name)} cannot run here: {lacking}",
        f"this board offers: {', '.join(map(printable, offers)) or 'no services'}   (mnemos-load info --services)",
        "update the kernel, or remove it from REQUIRES in mnemos_add_app()",
    )


def too_large(name: str, needs: int, most: int, detail: str) -> ToolError:
    """E09: the program would not fit even with nothing else loaded."""
    return ToolError(
        "E09",
        f"{printable(name)} needs {kib(needs)} KiB, the largest free area is {kib(most)} KiB   (over by {size(needs - most)})",
        detail,
        "smaller STACK or HEAP in mnemos_add_app(), or see what is big: mnemos-load inspect FILE.elf",
    )


def no_hole(name: str, needs: int, largest: int, loaded: int) -> ToolError:
    """E13: it would fit if less were loaded."""
    programs = "1 program" if loaded == 1 else f"{loaded} programs"
    return ToolError(
        "E13",
        f"no room: {printable(name)} needs {kib(needs)} KiB, the largest hole is {kib(largest)} KiB ({programs} loaded)",
        "mnemos-load ps     then     mnemos-load stop --unload NAME",
    )


def no_program(what: str, loaded: list[str]) -> ToolError:
    """E24: no loaded program has that name or number."""
    have = ", ".join(printable(name) for name in loaded) or "none"
    return ToolError("E24", f"no program {printable(what)} is loaded   (loaded: {have})", "mnemos-load ps shows them")


def refused(what: str, refusal: Refused) -> ToolError:
    """E24..E26: the device said no to `what`, for a reason without a text of its own."""
    code = {"no_program": "E24", "too_many_programs": "E25"}.get(refusal.name, "E26")
    facts = f"device: {refusal.have:,}   asked for: {refusal.want:,}" if refusal.have or refusal.want else ""
    fix = "mnemos-load stop --unload NAME makes room" if code == "E25" else ""
    return ToolError(code, f"the device refuses to {what}: {error_says(refusal.number)} ({refusal.name})", facts, fix)
