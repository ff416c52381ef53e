# emulator.py: the emulated board: start it on demand, keep it running, stop it.
# SPDX-License-Identifier: MIT OR Apache-2.0
"""One QEMU per cache folder. It runs until `emu stop`, so that programs stay loaded between commands.

Its serial line is a Unix socket that only this user can reach.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import signal
import subprocess
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from . import paths
from .errors import ToolError
from .text import printable

MACHINE = "mps2-an386"
BOARD = "qemu-mps2"
QEMU = "qemu-system-arm"
_SOCKET = "line.sock"  # QEMU gets it relative to its folder: paths of sockets are limited to 107 bytes
_KERNEL = "kernel.elf"  # a copy: the original may be rebuilt while it is read
_START_S = 10.0
_LOG_SHOWN = 600


@dataclass(frozen=True)
class Running:
    """A running emulator."""

    pid: int
    kernel: str
    digest: str
    socket: str


def _folder() -> Path:
    folder = paths.cache() / "emu"
    paths.private_folder(folder)
    return folder


def _state_file() -> Path:
    return _folder() / "state.json"


def kernel_file() -> Path:
    """The kernel to run: $MNEMOS_EMU_KERNEL, the checkout's build, the installed firmware.

    Raises ToolError E22.
    """
    named = os.environ.get("MNEMOS_EMU_KERNEL")
    if named:
        if not Path(named).is_file():
            raise ToolError("E22", f"{printable(named)}: no such kernel   (named by MNEMOS_EMU_KERNEL)")
        return Path(named)
    root = paths.tree()
    places = [root / f"build/{BOARD}/mnemos.elf", root / f"firmware/{BOARD}/mnemos.elf"] if root else []
    found = next((place for place in places if place.is_file()), None)
    if found is None:
        looked = ", ".join(str(place) for place in places) or "no mnemOS tree found"
        raise ToolError(
            "E22",
            f"no kernel for the emulator   (looked for: {looked})",
            "in a checkout:  cmake --preset all && cmake --build build     or: ./demo",
            "or name one:    MNEMOS_EMU_KERNEL=/path/to/mnemos.elf",
        )
    return found


def running() -> Running | None:
    """The emulator that runs, if one does."""
    try:
        state = Running(**json.loads(_state_file().read_text()))
    except (OSError, ValueError, TypeError):
        return None
    return state if _alive(state) else None


def _name(folder: Path) -> str:
    """What the process carries on its command line, so that no other one is ever taken for it."""
    return f"mnemos-{hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]}"


def _alive(state: Running) -> bool:
    try:
        command = Path(f"/proc/{state.pid}/cmdline").read_bytes()
    except OSError:
        return False
    return QEMU.encode() in command and _name(Path(state.socket).parent).encode() in command


def ensure() -> Running:
    """A running emulator with the current kernel; starts or restarts one when needed.

    Hold the emulator's lock. Raises ToolError E01 (no QEMU, it ends at once), E22 (no kernel).
    """
    kernel = kernel_file()
    content = kernel.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    state = running()
    if state and state.digest == digest:
        return state
    if state:
        _end(state)
    return _start(kernel, content, digest)


def _start(kernel: Path, content: bytes, digest: str) -> Running:
    qemu = shutil.which(QEMU)
    if qemu is None:
        raise ToolError(
            "E01",
            f"the emulator needs {QEMU}, which is not installed",
            "sudo apt install --no-install-recommends qemu-system-arm",
        )
    folder = _folder().resolve()
    address = folder / _SOCKET
    address.unlink(missing_ok=True)
    log = folder / "qemu.log"
    paths.write_whole(folder / _KERNEL, content)
    command = [qemu, "-name", _name(folder), "-M", MACHINE, "-kernel", _KERNEL, "-display", "none", "-monitor", "none"]
    command += ["-chardev", f"socket,id=line,path={_SOCKET},server=on,wait=off", "-serial", "chardev:line"]
    previous = os.umask(0o177)
    try:
        with open(log, "wb") as output:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True, cwd=folder
            )
    finally:
        os.umask(previous)
    state = Running(process.pid, str(kernel), digest, str(address))
    paths.write_whole(_state_file(), json.dumps(asdict(state)).encode())
    end = time.monotonic() + _START_S
    while not address.exists():
        if process.poll() is not None or time.monotonic() > end:
            said = log.read_text("utf-8", "replace")[-_LOG_SHOWN:].strip()
            if process.poll() is None:
                process.kill()
            raise ToolError(
                "E01", f"the emulator did not start: {printable(said) or 'it said nothing'}", f"its output: {log}"
            )
        time.sleep(0.01)
    return state


def stop() -> Running | None:
    """End the emulator: the one that ran, None if none did."""
    state = running()
    if state:
        _end(state)
    _state_file().unlink(missing_ok=True)
    return state


def _end(state: Running) -> None:
    for number, limit in ((signal.SIGTERM, 3.0), (signal.SIGKILL, 3.0)):
        try:
            os.kill(state.pid, number)
        except OSError as error:
            if error.errno == errno.ESRCH:
                break
            raise
        end = time.monotonic() + limit
        while time.monotonic() < end and _alive(state):
            _reap(state.pid)
            time.sleep(0.01)
        if not _alive(state):
            break
    Path(state.socket).unlink(missing_ok=True)


def _reap(pid: int) -> None:
    """Collect it when it is our own child; a zombie keeps no command line, so others need nothing."""
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        pass
