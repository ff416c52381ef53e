# paths.py: where things are on this computer.
# SPDX-License-Identifier: MIT OR Apache-2.0
"""The tree the tool belongs to (checkout or installed, both have the same layout) and its cache folder."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

from .errors import usage
from .text import printable

_SDK_FILE = "sdk/cmake/mnemos.cmake"


def tree() -> Path | None:
    """The checkout or the installed `share/mnemos` this tool belongs to; None when it was installed alone."""
    named = os.environ.get("MNEMOS_SDK")
    candidates = [Path(__file__).resolve().parents[3]]
    if named:
        candidates += [Path(named), Path(named).parent, Path(named) / "share/mnemos"]
    candidates += [Path("/usr/share/mnemos"), Path("/usr/local/share/mnemos"), Path("/opt/mnemos-sdk/share/mnemos")]
    return next((path for path in candidates if (path / _SDK_FILE).is_file()), None)


def cache() -> Path:
    """The cache folder, made when it is missing: $MNEMOS_CACHE, else mnemos in $XDG_CACHE_HOME or ~/.cache.

    Raises ToolError E21 when it cannot be.
    """
    named = os.environ.get("MNEMOS_CACHE")
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    folder = Path(named) if named else Path(base) / "mnemos"
    try:
        private_folder(folder)
    except OSError as error:
        why = error.strerror or str(error)
        raise usage(
            f"cannot use {printable(str(folder))}: {printable(why)}",
            "name a folder of your own: export MNEMOS_CACHE=/path/to/it",
        ) from None
    return folder


def private_folder(folder: Path) -> None:
    """Make `folder` for this user alone.

    Raises PermissionError when it exists and belongs to somebody else.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.stat()
    if found.st_uid != os.getuid():
        raise PermissionError(f"{folder} belongs to another user")
    if stat.S_IMODE(found.st_mode) & 0o022:
        folder.chmod(0o700)


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that others see the old or the new content, never a part."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
