# new.py: start a project from a template.
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Copies a template folder and fills in names and contents of files.

@NAME@ is the project's name; for a service there are also @MODULE@ and @UPPER@, the name as a schema's module, @SERVICE@,
the name as listings show it, and @UUID@, a new one.
"""

from __future__ import annotations

import keyword
import os
import re
import shutil
import uuid
from pathlib import Path

from . import paths
from .errors import ToolError, usage
from .text import printable

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
_OF_C = set(
    """auto bool break case char const continue default do double else enum extern float for goto if inline int long
    register restrict return short signed sizeof static struct switch typedef union unsigned void volatile while""".split()
)


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
    fill = _fill(project)
    if any("@MODULE@" in path.name for path in known[template].rglob("*")):
        _check_module(fill["@MODULE@"], known[template])
    try:
        _copy(known[template], target, fill)
    except OSError as error:
        shutil.rmtree(target, ignore_errors=True)
        raise usage(f"cannot write {printable(name)}: {error.strerror}") from None
    return target


def _fill(project: str) -> dict[str, str]:
    """What stands for each word of a template."""
    words = re.findall("[a-z0-9]+", project.lower())
    module = "_".join(words)
    return {
        "@NAME@": project,
        "@MODULE@": module,
        "@UPPER@": module.upper(),
        "@SERVICE@": " ".join(words),
        "@UUID@": str(uuid.uuid4()),
    }


def _check_module(module: str, template: Path) -> None:
    """A service's name becomes a name in C and Python, beside those of mnemOS. Raises ToolError E21."""
    taken = {path.stem for path in (template.parents[1] / "abi/schema").glob("*.toml")} | {"error", "image", "svc", "wire"}
    if module in taken:
        raise usage(f"mnemOS has a module {module} of its own", "choose another name")
    if keyword.iskeyword(module) or module in _OF_C:
        raise usage(f"{module} is a word of C or Python", "choose another name")


def _filled(text: str, fill: dict[str, str]) -> str:
    for word, value in fill.items():
        text = text.replace(word, value)
    return text


def _copy(source: Path, target: Path, fill: dict[str, str]) -> None:
    target.mkdir(parents=True)
    for path in sorted(source.iterdir()):
        if path.name in ("build", "__pycache__"):
            continue
        to = target / _filled(path.name, fill)
        if path.is_dir():
            _copy(path, to, fill)
            continue
        to.write_text(_filled(path.read_text("utf-8"), fill), "utf-8")
        to.chmod(0o755 if os.access(path, os.X_OK) else 0o644)
