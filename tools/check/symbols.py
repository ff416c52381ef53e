"""symbols.py: what each layer of the built kernel leaves undefined comes from a layer that it may use.

Includes are checked by layers.py; this looks at the objects, so a declaration written by hand does not slip through.
The port's functions (core/port.h, user/machine.h) are declared above and defined below: that is what they are for.
"""
# SPDX-License-Identifier: MIT OR Apache-2.0

import re
import subprocess
from pathlib import Path
from typing import Dict, Iterator, Set

import common
from layers import LAYERS, layer_of

BUILD = "build/qemu-mps2/CMakeFiles/mnemos.dir"
PORT_HEADERS = ("kernel/core/port.h", "kernel/user/machine.h")
# What gcc calls by itself: division and shifts of 64 bits, from libgcc; memory functions, from abi/src/mem.c.
OF_COMPILER = re.compile(r"__aeabi_\w+|mem(?:cpy|move|set|cmp)|__(?:div|udiv|mul|ashl|lshr|ashr)\w+")


def names(command: str, path: Path) -> Set[str]:
    text = subprocess.run(["arm-none-eabi-nm", command, "--format=just-symbols", str(path)], capture_output=True, text=True,
                          check=True).stdout
    return set(text.split())


def declared(root: Path, header: str) -> Set[str]:
    path = root / header
    text = common.without_comments(common.read(path)) if path.exists() else ""
    return set(re.findall(r"\b(mn_\w+)\s*(?:\(|;)", text))


def find(root: Path) -> Iterator[common.Finding]:
    sources = {path.relative_to(root).as_posix() for folder in ("abi", "kernel", "firmware")
               for path in common.files(root / folder, ".c", ".S")}
    objects: Dict[str, Path] = {}
    for path in sorted((root / BUILD).rglob("*.obj")):
        name = path.as_posix().removesuffix(".obj")
        source = next((source for source in sources if name.endswith("/" + source)), None)
        if source and layer_of(source):
            objects[source] = path
    if not objects:
        yield common.Finding(root / BUILD, 1, "holds no objects of the kernel: build it first")
        return
    home: Dict[str, Set[str]] = {}
    for source, path in objects.items():
        for symbol in names("--defined-only", path):
            home.setdefault(symbol, set()).add(source)
    port = set().union(*(declared(root, header) for header in PORT_HEADERS))
    for source, path in objects.items():
        layer = layer_of(source)
        # A header that may be included stands for its folder: its functions are defined beside it.
        may = [layer, *(Path(name).parent.as_posix() if name.endswith(".h") else name for name in LAYERS[layer]["may"])]
        for symbol in sorted(names("--undefined-only", path)):
            places = home.get(symbol, set())
            if OF_COMPILER.fullmatch(symbol) or symbol in port:
                continue
            if places and not any(place.startswith(name + "/") for place in places for name in may):
                yield common.Finding(root / source, 1, f"{layer} uses {symbol} of {', '.join(sorted(places))}")
            elif not places and layer in ("kernel/core", "kernel/user", "kernel/services", "abi"):
                yield common.Finding(root / source, 1, f"{layer} uses {symbol}, which nothing of ours defines")
    print(f"{len(objects)} objects")


if __name__ == "__main__":
    common.main(find)
