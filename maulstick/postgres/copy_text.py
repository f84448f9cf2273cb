"""Rows in the text format of PostgreSQL's COPY, read block by block."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

Row = dict[str, str | None]
NULL = "\\N"
ESCAPED = re.compile(r"\\([\\bfnrtv])")
CONTROLS = {"\\": "\\", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


def parse_rows(blocks: Iterable[bytes], columns: Sequence[str]) -> Iterator[Row]:
    """Yield the rows of blocks that hold these columns."""
    width = len(columns)
    for cells in _cells(blocks, width):
        values = [
            one if "\\" not in one else None if one == NULL else _unescaped(one)
            for one in cells
        ]  # fmt: skip
        for row in zip(*[iter(values)] * width, strict=True):
            yield dict(zip(columns, row, strict=True))


def rows_with(blocks: Iterable[bytes], columns: Sequence[str], wanted: Sequence[str]) -> Iterator[Row]:
    """Yield the rows that have a value in one of the columns `wanted`; the others are not parsed."""
    width = len(columns)
    places = [columns.index(one) for one in wanted]
    for cells in _cells(blocks, width):
        values = [cells[place::width] for place in places]
        if all(one.count(NULL) == len(one) for one in values):
            continue
        for number, row in enumerate(zip(*values, strict=True)):
            if any(one != NULL for one in row):
                whole = cells[number * width : (number + 1) * width]
                yield dict(zip(columns, map(unescape, whole), strict=True))


def unescape(value: str) -> str | None:
    """Return a value of COPY's text format."""
    if "\\" not in value:
        return value
    return None if value == NULL else _unescaped(value)


def _cells(blocks: Iterable[bytes], width: int) -> Iterator[list[str]]:
    """Yield the unparsed values of whole rows, one row after the other."""
    rest = b""
    for block in blocks:
        whole, end, rest = (rest + block).rpartition(b"\n")
        if end:
            cells = whole.decode().replace("\n", "\t").split("\t")
            if len(cells) % width:
                raise ValueError(f"{len(cells)} values in rows of {width}")
            yield cells


def _unescaped(value: str) -> str:
    lines = value.replace("\\n", "\n")
    if len(value) - len(lines) == value.count("\\"):  # all of them are ends of lines
        return lines
    return ESCAPED.sub(_control, value)


def _control(found: re.Match[str]) -> str:
    return CONTROLS[found[1]]
