"""The media paths that rows name, in the columns that their table declares."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from maulstick.content import MediaColumn, Table
from maulstick.errors import refused
from maulstick.media_root import is_address

Row = Mapping[str, str | None]


def named_by(table: Table, rows: Sequence[Row]) -> Iterator[str]:
    """Return the media paths that rows of a table name, as stored; full addresses are left out."""
    for value in _values(table, rows):
        if value and not is_address(value):
            yield value


def addresses_in(table: Table, rows: Sequence[Row]) -> Iterator[str]:
    """Return the full addresses in the media columns: verified, never uploaded."""
    return (value for value in _values(table, rows) if is_address(value))


def _values(table: Table, rows: Sequence[Row]) -> Iterator[str]:
    for column in table.media:
        for row in rows:
            text = row[column.column]
            if text is not None:
                yield from [text] if column.path is None else _inside(table, column, text)


def _inside(table: Table, column: MediaColumn, text: str) -> Iterator[str]:
    from maulstick.json_paths import steps_of  # it brings psycopg, which an upload does not need

    for value in _leaves(json.loads(text), steps_of(column.path or "")):
        if isinstance(value, str):
            yield value
        elif value is not None:
            where = f"{table.name}.{column.column} {column.path}"
            raise refused(where, f"should be the path of a file, is {json.dumps(value)[:60]}")


def _leaves(value: Any, steps: list[str]) -> Iterator[Any]:
    if not steps:
        yield value
    elif steps[0] == "[*]":
        for item in value if isinstance(value, list) else ():
            yield from _leaves(item, steps[1:])
    elif isinstance(value, dict) and steps[0] in value:
        yield from _leaves(value[steps[0]], steps[1:])
