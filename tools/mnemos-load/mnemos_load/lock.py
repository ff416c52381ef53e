# lock.py: one process at a time per device.
# SPDX-License-Identifier: MIT OR Apache-2.0
"""A lock file per device in the cache folder; it names its holder, and the kernel frees it when the holder dies."""

from __future__ import annotations

import fcntl
import hashlib
import os
import pwd
import re
from pathlib import Path

from . import paths
from .errors import ToolError
from .text import printable


class DeviceLock:
    """Held from construction to `release`. Raises ToolError E04 at once when another process holds it."""

    def __init__(self, key: str, shown: str) -> None:
        folder = paths.cache() / "locks"
        paths.private_folder(folder)
        self._handle = os.open(_file(folder, key), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.pread(self._handle, 200, 0).decode("utf-8", "replace")
            os.close(self._handle)
            raise in_use(shown, holder.strip()) from None
        os.ftruncate(self._handle, 0)
        os.pwrite(self._handle, describe(os.getpid()).encode(), 0)

    def release(self) -> None:
        """Let others have the device. Harmless when called twice."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1


def _file(folder: Path, key: str) -> Path:
    readable = re.sub(r"[^A-Za-z0-9]+", "-", key).strip("-")[-40:]
    return folder / f"{readable}-{hashlib.sha256(key.encode()).hexdigest()[:8]}.lock"


def in_use(shown: str, holder: str) -> ToolError:
    """E04 with what is known about the holder."""
    by = printable(holder) if holder else "another process"
    return ToolError("E04", f"{shown} is in use by {by}", "wait until it ends, or end it (Ctrl-C there)")


def describe(pid: int) -> str:
    """`"name" (pid 4121, ana)`."""
    try:
        name = Path(f"/proc/{pid}/comm").read_text().strip()
        user = pwd.getpwuid(os.stat(f"/proc/{pid}").st_uid).pw_name
    except (OSError, KeyError):
        return f"pid {pid}"
    return f'"{name}" (pid {pid}, {user})'


def who_has_open(path: str) -> str:
    """Who holds a device file open, as far as this user may see; empty when nobody is found."""
    try:
        wanted = os.stat(path).st_rdev
    except OSError:
        return ""
    for process in Path("/proc").glob("[0-9]*"):
        if process.name == str(os.getpid()):
            continue
        try:
            for handle in (process / "fd").iterdir():
                if os.stat(handle).st_rdev == wanted != 0:
                    return describe(int(process.name))
        except OSError:
            continue
    return ""
