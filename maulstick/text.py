"""Counts, sizes and lists as people read and write them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from itertools import islice

SIZE = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,3})?) ?(?:([KMGT])(i)?)?B", re.IGNORECASE)

DIRECTIONS = (*range(0x202A, 0x202F), *range(0x2066, 0x206A))
"""Characters that turn the direction of all text after them; text of either direction needs none."""
CONTROLS = {
    code: None for code in (*range(0x20), *range(0x7F, 0xA0), *DIRECTIONS) if code not in (0x09, 0x0A)
}


def printable(text: str) -> str:
    """Return a text without the control characters that would move a terminal's cursor or turn its lines."""
    return text.translate(CONTROLS)


def one_line(text: str) -> str:
    """Return a name that fits in a line: characters that cannot be seen are escaped as Python does."""
    return text if text.isprintable() else repr(text)[1:-1]


def amount(count: int, noun: str) -> str:
    """Return a count with its noun: `1 file`, `4 files`; a table name, which ends in "s", stays."""
    return f"{count} {noun}" if count == 1 or noun.endswith("s") else f"{count} {noun}s"


def lines(texts: Iterable[str]) -> str:
    """Return texts as indented lines below a message."""
    return "".join(f"\n    {text}" for text in texts)


def at_most(
    most: int, texts: Iterable[str], more: str = "and {} more", *, total: int | None = None
) -> list[str]:
    """Return the first texts, then how many more there are: of `total`, where `texts` lacks the rest."""
    rest = iter(texts)
    first = [*islice(rest, most)]
    left = sum(1 for _ in rest) if total is None else total - len(first)
    return [*first, more.format(left)] if left > 0 else first


def size_text(count: int) -> str:
    """Return a number of bytes as people write it: `14 bytes`, `1.7 MB`; a thousand bytes are 1.0 kB."""
    from rich.filesize import decimal

    text = decimal(count)
    return decimal(int(float(f"{count:.3g}"))) if text.startswith("1,000.0") else text


def size_of(text: str) -> int:
    """Return the bytes that a text such as `5 GB` or `500 MiB` means, 0 where it is not a size."""
    parts = SIZE.fullmatch(text)
    if parts is None:
        return 0
    power = " KMGT".index((parts[2] or " ").upper())
    return int(Decimal(parts[1]) * (1024 if parts[3] else 1000) ** power)
