# text.py: numbers and foreign text, as people read them.
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Small formatting functions. Text that came from a device passes `printable` before it is shown."""

from __future__ import annotations


def printable(text: str | bytes, limit: int = 400) -> str:
    """`text` on one line with every control character escaped, cut to `limit` characters.

    A device, a program or a file can put terminal commands into any name; none reaches the terminal.
    """
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text[:limit])
    return shown + "..." if len(text) > limit else shown


def size(count: int) -> str:
    """Bytes as `312 B` or `30.6 KiB`."""
    return f"{count:,} B" if count < 1024 else f"{kib(count)} KiB"


def kib(count: int) -> str:
    """Bytes as KiB with one decimal, without the unit."""
    return f"{count / 1024:,.1f}"


def duration(seconds: float) -> str:
    """Seconds as `4 ms`, `2.31 s` or `3 min 12 s`."""
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 120:
        return f"{seconds:.2f} s"
    return f"{seconds // 60:.0f} min {seconds % 60:.0f} s"


def table(rows: list[list[str]]) -> list[str]:
    """Rows as lines with aligned columns; the first row is the heading."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows]
