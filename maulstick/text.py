"""Sizes as people read and write them."""

from __future__ import annotations

import re
from decimal import Decimal

_SIZE = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,3})?) ?(?:([KMGT])(i)?)?B", re.IGNORECASE)


def size_text(count: int) -> str:
    """Return a number of bytes as a person says it: `14 bytes`, `1.7 MB`; a thousand bytes are 1.0 kB."""
    from rich.filesize import decimal

    says = decimal(count)
    return decimal(int(float(f"{count:.3g}"))) if says.startswith("1,000.0") else says


def size_of(text: str) -> int:
    """Return the bytes that a text such as `5 GB` or `500 MiB` says, 0 where it is no size."""
    found = _SIZE.fullmatch(text)
    if found is None:
        return 0
    power = " KMGT".index((found[2] or " ").upper())
    return int(Decimal(found[1]) * (1024 if found[3] else 1000) ** power)
