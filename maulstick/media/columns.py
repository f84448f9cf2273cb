"""The media paths that rows name, in the columns that their table declares."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from urllib.parse import unquote

from maulstick.errors import Exit, Problem, refused
from maulstick.media.content_types import plain_type
from maulstick.media.local_addresses import is_lost
from maulstick.media.paths import is_address
from maulstick.postgres.tables.keys import key_text
from maulstick.postgres.tables.specs import TableSpecs
from maulstick.project.declarations import MediaColumn, MediaFile, Rows, Table
from maulstick.project.plugins.json_path import values_at
from maulstick.text import at_most, lines

Row = Mapping[str, str | None]
SHOWN = 3
"""Files that are named where many rows say something else."""
ADDRESS = re.compile(r"//|\\|https?:", re.IGNORECASE)
"""What stands in each address; a column without it need not be parsed."""
MANY = 20
"""Addresses that are named where many rows hold some that visitors cannot reach."""


def named_by(table: Table, rows: Sequence[Row]) -> Iterator[str]:
    """Yield the media paths that rows of a table name, as stored; full addresses are left out."""
    for value in _values(table, rows):
        if value and not is_address(value):
            yield value


def types_said(table: Table, rows: Sequence[Row]) -> Iterator[tuple[str, str]]:
    """Yield the media paths that rows name with the type that a column of the same row gives each."""
    for column in table.media:
        for row in rows if column.type else ():
            if said := row.get(column.type or ""):
                yield from ((value, said) for value in _of(table, column, row))


def addresses_in(table: Table, rows: Sequence[Row]) -> Iterator[str]:
    """List the full addresses in the media columns: verified, never uploaded."""
    return (value for value in _values(table, rows) if is_address(value))


def require_reachable(tables: Iterable[Table], specs: TableSpecs, rows: Rows, site: str) -> None:
    """Refuse rows whose media columns name what visitors of a site cannot reach (exit 5).

    An address of the developer's own machine answers here, so that no later question would find it.
    """
    lost = [
        f"{table.name} {key_text(specs[table.name], specs, row)}: "
        f"{column.column}{f' {column.path}' if column.path else ''} names {value}"
        for table in tables
        for column in table.media
        for row in rows.get(table.name, ())
        if ADDRESS.search(row[column.column] or "")
        for value in _of(table, column, row)
        if is_lost(value, site)
    ]
    if lost:
        what = f"rows name files where visitors of {site} cannot get them{lines(at_most(MANY, lost))}"
        hint = "store the path of a file below the media folder, or an address that everybody can reach"
        raise Problem("media", what, hint, code=Exit.WRONG, harmless=True)


def doubts(table: Table, rows: Sequence[Row], files: Mapping[str, MediaFile]) -> Iterator[str]:
    """Yield where columns of rows say otherwise of a file than the file itself, a line for each column.

    `files` are those of the bundle by their keys. A column that is null says nothing.
    """
    for medium in table.media:
        for what, column in medium.says.items():
            doubted = [text for row in rows for text in _doubt(table, medium, row, (what, column), files)]
            if doubted:
                yield f"{table.name}.{column} is not as in the file: {', '.join(at_most(SHOWN, doubted))}"


def _doubt(
    table: Table, medium: MediaColumn, row: Row, asked: tuple[str, str], files: Mapping[str, MediaFile]
) -> Iterator[str]:
    what, column = asked
    said, plain = row.get(column), plain_type if what == "type" else str
    for value in _of(table, medium, row) if said is not None else ():
        key = value.removeprefix("/")
        file = files.get(key) or files.get(unquote(key))
        there = getattr(file, what) if file else None
        if there is not None and plain(said or "") != plain(str(there)):
            yield f"{value} {said} (file: {there})"


def _values(table: Table, rows: Sequence[Row]) -> Iterator[str]:
    for column in table.media:
        for row in rows:
            yield from _of(table, column, row)


def _of(table: Table, column: MediaColumn, row: Row) -> Iterator[str]:
    text = row[column.column]
    if text is None:
        return
    for value in [text] if column.path is None else values_at(json.loads(text), column.path):
        if isinstance(value, str):
            yield value
        elif value is not None:
            where = f"{table.name}.{column.column} {column.path}"
            raise refused(where, f"should be the path of a file, is {json.dumps(value)[:60]}")
