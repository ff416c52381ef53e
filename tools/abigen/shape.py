# The shape of a module with calls: a chain of hashes over each call, so that a longer list keeps the prefixes of a shorter.
# SPDX-License-Identifier: MIT OR Apache-2.0
import hashlib

from .model import Module


def prefixes(module: Module) -> list[int]:
    """prefixes(m)[n] stands for the first n calls: names, types fully expanded, bounds and errors; never the docs."""
    start = module.name
    if module.service and (module.service.hello or module.service.refuses):
        start += module.service.spell()
    digest = hashlib.sha256(start.encode()).digest()
    found = [digest]
    for call in module.calls:
        digest = hashlib.sha256(digest + call.spell().encode()).digest()
        found.append(digest)
    return [int.from_bytes(one[:4], "big") for one in found]
