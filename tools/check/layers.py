"""layers.py: who may include whom. The table below is the rule; ARCHITECTURE.md explains it."""
# SPDX-License-Identifier: MIT OR Apache-2.0

import re
from pathlib import Path
from typing import Iterator, Optional

import common

# What the compiler brings, and string.h: abi/src/mem.c defines the part of it that the kernel may use.
FREESTANDING = {"arm_acle.h", "float.h", "iso646.h", "limits.h", "stdalign.h", "stdarg.h", "stdatomic.h", "stdbool.h",
                "stddef.h", "stdint.h", "stdnoreturn.h", "string.h"}

# A file's layer is itself or the longest folder it lies in. It may include its own folder and those listed; a system
# header only when `libc` is true or the compiler itself brings it.
LAYERS = {
    "abi":               {"may": [], "libc": False},
    "kernel/config.h":   {"may": ["abi"], "libc": False},
    "kernel/core":       {"may": ["abi"], "libc": False},
    "kernel/user":       {"may": ["abi", "kernel/core"], "libc": False},
    "kernel/services":   {"may": ["abi", "kernel/core", "kernel/user/prog.h", "kernel/user/call.h"], "libc": False},
    "kernel/arch/host":  {"may": ["abi", "kernel/core", "kernel/user"], "libc": True},
    "kernel/arch":       {"may": ["abi", "kernel/core", "kernel/user"], "libc": False},
    "firmware":          {"may": ["abi", "kernel"], "libc": False},
    "sdk":               {"may": ["abi"], "libc": True},
    "examples":          {"may": ["sdk/include"], "libc": True},
    "templates":         {"may": ["sdk/include"], "libc": True},
    "templates/service/kernel": {"may": ["abi", "kernel/core"], "libc": False},
}

# The settings: no code, and for every part of the kernel.
SETTINGS = "kernel/config.h"

# Where `#include <...>` and `#include "..."` look, besides the folder of the file itself.
ROOTS = ["", "abi/include", "sdk/include"]

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"\n]+)[>"]', re.MULTILINE)


def layer_of(path: str) -> Optional[str]:
    inside = [name for name in LAYERS if path == name or path.startswith(name + "/")]
    return max(inside, key=len) if inside else None


def target_of(root: Path, path: Path, quote: str, name: str) -> Optional[str]:
    """The file of ours that an include means, as a path from the root."""
    places = [path.parent / name] if quote == '"' else []
    places += [root / place / name for place in ROOTS]
    for place in places:
        place = Path(*place.resolve().parts)
        if place.is_file() and place.is_relative_to(root):
            return place.relative_to(root).as_posix()
    return None


def allowed(layer: str, target: str) -> bool:
    may_include = [layer, *LAYERS[layer]["may"], *([SETTINGS] if layer.startswith("kernel") else [])]
    return any(target == may or target.startswith(may + "/") for may in may_include)


def find(root: Path) -> Iterator[common.Finding]:
    for path in common.files(root, ".c", ".h", ".S", ".ld"):
        layer = layer_of(path.relative_to(root).as_posix())
        if layer is None:
            continue
        text = common.without_comments(common.read(path), keep_strings=True)
        for match in INCLUDE.finditer(text):
            quote, name = match.groups()
            if "@" in name and layer.startswith("templates"):
                continue  # made in a project of the template, from its schema
            line = common.line_of(text, match.start())
            target = target_of(root, path, quote, name)
            if target is None:
                ours = name.startswith(("mnemos/", "kernel/", "abi/", "sdk/", "firmware/"))
                if quote == '"' or ours:
                    yield common.Finding(path, line, f"includes {name}, which does not exist")
                elif not LAYERS[layer]["libc"] and name not in FREESTANDING:
                    yield common.Finding(path, line, f"{layer} includes <{name}>: only freestanding headers here")
            elif not allowed(layer, target):
                yield common.Finding(path, line, f"{layer} may not include {target}")


if __name__ == "__main__":
    common.main(find)
