# new.py: start a project from a template.
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Copies a template folder; the project's name takes the place of @NAME@ in names and contents of files."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

from . import paths
from .errors import ToolError, usage
from .text import printable

TOKEN = "@NAME@"
DEFAULT = "hello"
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,23}")
_OF_CMAKE = {
    "all",
    "clean",
    "depend",
    "edit_cache",
    "help",
    "install",
    "list_install_components",
    "preinstall",
    "rebuild_cache",
}


def templates() -> dict[str, Path]:
    """The templates of the SDK this tool belongs to. Raises ToolError E17 without one."""
    root = paths.tree()
    if root is None:
        named = os.environ.get("MNEMOS_SDK")
        raise ToolError(
            "E17",
            "mnemOS SDK not found, and with it no templates",
            f"looked beside this tool, in $MNEMOS_SDK ({printable(named) if named else 'not set'}), /usr, /usr/local, /opt/mnemos-sdk",
            "name the clone or the installed SDK: export MNEMOS_SDK=/path/to/it",
        )
    folder = root / "templates"
    return {path.name: path for path in sorted(folder.iterdir()) if path.is_dir() and not path.name.startswith(".")}


def create(name: str, template: str) -> Path:
    """Make the folder `name` (a path; its last part is the project's name) from a template.

    Raises ToolError E21: bad name, unknown template, folder exists.
    """
    target = Path(name)
    project = target.name
    if not _NAME.fullmatch(project):
        raise usage(f"{printable(name)} is no project name", "letters, digits, _ and -, a letter first, at most 24")
    if project.lower() in _OF_CMAKE:
        raise usage(f"{project} is no project name: CMake keeps it for itself", "choose another name")
    known = templates()
    if template not in known:
        raise usage(f"no template {printable(template)}", f"there are: {', '.join(known)}")
    if target.exists() or target.is_symlink():
        raise usage(f"{printable(name)} exists already", "choose another name, or remove it first")
    try:
        _copy(known[template], target, project)
    except OSError as error:
        shutil.rmtree(target, ignore_errors=True)
        raise usage(f"cannot write {printable(name)}: {error.strerror}") from None
    return target


def _copy(source: Path, target: Path, project: str) -> None:
    target.mkdir(parents=True)
    for path in sorted(source.iterdir()):
        if path.name in ("build", "__pycache__"):
            continue
        to = target / path.name.replace(TOKEN, project)
        if path.is_dir():
            _copy(path, to, project)
            continue
        content = path.read_bytes()
        to.write_bytes(content.replace(TOKEN.encode(), project.encode()))
        to.chmod(0o755 if os.access(path, os.X_OK) else 0o644)
