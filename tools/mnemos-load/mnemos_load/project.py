# project.py: the project in the current folder: build it, find its image.
# SPDX-License-Identifier: MIT OR Apache-2.0
"""From what the user typed after `run` or `load` to an image file."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

from . import paths
from .errors import ToolError, no_file, usage
from .text import printable
from .ui import Ui

PRESET = "device"
_LACKS = f"no CMakeLists.txt and CMakePresets.json with a preset `{PRESET}`"
_PRESETS_MAX = 1 << 20
_OUTPUT_SHOWN = 40  # lines of a failed build


def find_image(app: str | None, build: bool, ui: Ui) -> tuple[str, bool]:
    """The image file for APP and whether it was built now: it is when APP belongs to the project in the current folder.

    APP may be an image, an ELF file beside its image, a project folder, or the name of a program of the project.
    Raises ToolError E16, E17, E21, E22, E23.
    """
    if app is not None and os.path.isdir(app):
        if not _is_project(Path(app)):
            raise usage(
                f"{printable(app)} is no project: {_LACKS}", "name an image, or start a project: mnemos-load new NAME"
            )
        return _from_project(Path(app), None, build, ui), build
    if app is not None and (os.path.exists(app) or "/" in app or app.endswith((".mna", ".elf"))):
        return beside_elf(app), False
    if _is_project(Path()):
        return _from_project(Path(), app, build, ui), build
    if app is not None:
        raise no_file(app, "No such file or directory")
    raise usage(
        f"nothing to run: name an image, or go to a project's folder   (here: {_LACKS})",
        "start a project: mnemos-load new hello && cd hello",
    )


def beside_elf(app: str) -> str:
    """`app`, or the image beside it when it is an ELF file. Raises ToolError E22 when there is none."""
    if not app.endswith(".elf"):
        return app
    image = app.removesuffix(".elf") + ".mna"
    if not os.path.exists(image):
        raise no_file(image, f"no image beside {printable(app)}")
    return image


def _is_project(folder: Path) -> bool:
    presets = folder / "CMakePresets.json"
    if not (folder / "CMakeLists.txt").is_file() or not presets.is_file() or presets.stat().st_size > _PRESETS_MAX:
        return False
    try:
        known = json.loads(presets.read_text("utf-8"))["configurePresets"]
        return any(preset["name"] == PRESET for preset in known)
    except (OSError, ValueError, LookupError, TypeError):
        return False


def _from_project(folder: Path, name: str | None, build: bool, ui: Ui) -> str:
    if build:
        _build(folder, ui)
    output = folder / "build" / PRESET
    there = sorted(output.glob("*.mna")), sorted(output.glob("*/*.mna"))
    images = _made(output, there[0]) or _made(output, there[1]) or there[0] or there[1]
    if name is not None:
        images = [image for image in images if image.stem == name]
        if not images:
            raise no_file(name, f"no such file, and the project here makes no {name}.mna")
    if not images:
        raise ToolError(
            "E22",
            f"no image in {output}",
            "build it: leave out --no-build" if not build else "does CMakeLists.txt call mnemos_add_app()?",
        )
    if len(images) > 1:
        raise usage(f"this project makes {len(images)} programs: name one", "  ".join(image.stem for image in images))
    return str(images[0])


def _made(output: Path, images: list[Path]) -> list[Path]:
    """Those that the build makes: the image of a program that was renamed or removed stays in the folder."""
    try:
        rules = (output / "build.ninja").read_text("utf-8", "replace")
    except OSError:
        return images
    made = {word for line in re.findall(r"^build (.*?): ", rules, re.MULTILINE) for word in re.split(r"(?<!\$) ", line)}
    return [image for image in images if re.sub(r"[$ :]", r"$\g<0>", str(image.relative_to(output))) in made]


def _build(folder: Path, ui: Ui) -> None:
    for tool, package in (("cmake", "cmake"), ("ninja", "ninja-build")):
        if shutil.which(tool) is None:
            raise ToolError("E16", f"{tool} not found", f"sudo apt install --no-install-recommends {package}")
    environment = dict(os.environ)
    root = paths.tree()
    if root and "MNEMOS_SDK" not in environment:
        environment["MNEMOS_SDK"] = str(root)
    output = folder / "build" / PRESET
    if _was_elsewhere(output, folder):
        _step(["cmake", "--fresh", "--preset", PRESET], folder, environment, ui)
    elif not (output / "build.ninja").is_file():
        _step(["cmake", "--preset", PRESET], folder, environment, ui)
    _step(["cmake", "--build", "--preset", PRESET], folder, environment, ui)


def _was_elsewhere(output: Path, folder: Path) -> bool:
    """Whether the project was moved or copied after it was configured, which CMake refuses to build."""
    try:
        cache = (output / "CMakeCache.txt").read_text("utf-8", "replace")
    except OSError:
        return False
    home = re.search(r"^CMAKE_HOME_DIRECTORY:INTERNAL=(.*)$", cache, re.MULTILINE)
    return home is not None and os.path.realpath(home[1]) != os.path.realpath(folder)


def _step(command: list[str], folder: Path, environment: dict[str, str], ui: Ui) -> None:
    ui.detail("build", " ".join(command))
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
    except OSError as error:
        raise ToolError("E23", f"{command[0]}: {error.strerror}") from None
    said = done.stdout.decode("utf-8", "replace").rstrip()
    if done.returncode:
        raise _build_failed(command, done.returncode, said)
    ui.detail("build", printable(said.splitlines()[-1]) if said else "nothing to do")


def _build_failed(command: list[str], status: int, said: str) -> ToolError:
    lines = [printable(line, 300) for line in said.splitlines()]
    for index, line in enumerate(lines):
        named = re.search(r"\b(E1[67]) (\S.*)", line)
        if named:
            rest = [following.strip() for following in lines[index + 1 : index + 6]]
            return ToolError(named[1], named[2], *rest[: rest.index("") if "" in rest else None])
    return ToolError(
        "E23", f"the build failed (`{' '.join(command)}` ended with status {status})", *lines[-_OUTPUT_SHOWN:]
    )
