"""Sizes as people read them."""

from __future__ import annotations

UNITS = ("kB", "MB", "GB", "TB")


def size_text(count: int) -> str:
    """Return a number of bytes as a person says it: `14 bytes`, `1.7 MB`; a thousand bytes are 1.0 kB."""
    if count < 1000:
        return "1 byte" if count == 1 else f"{count} bytes"
    size, unit = count / 1000, UNITS[0]
    for unit in UNITS:
        if size < 999.95 or unit == UNITS[-1]:
            break
        size /= 1000
    return f"{size:.1f} {unit}"
