"""Titles of rows and files: their own, or that of a row that they belong to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from maulstick.bundle.row_references import Row, RowPlace, referred
from maulstick.errors import Problem
from maulstick.media.columns import named_by
from maulstick.media.paths import keys_of
from maulstick.postgres.tables.keys import key_text
from maulstick.postgres.tables.specs import TableSpecs
from maulstick.release.progress import Progress

TITLE_COLUMNS = ("title", "name", "label", "heading")
"""Columns that hold the title of a row, the best first."""
ALT_COLUMNS = ("alt_text", "alt", "caption")
"""Columns that describe a picture."""
MOST = 5000
"""How many rows of a table are read for titles; in a larger table rows are known by their keys."""
LONGEST = 120


@dataclass(frozen=True, slots=True)
class Titles:
    """The titles of a bundle's rows and files, "" where there is none.

    `naming` are the rows that name a file, `referring` those that refer to a row.
    """

    rows: Mapping[RowPlace, Row] = field(default_factory=dict)
    specs: TableSpecs = field(default_factory=dict)
    naming: Mapping[str, tuple[RowPlace, ...]] = field(default_factory=dict)
    referring: Mapping[RowPlace, tuple[RowPlace, ...]] = field(default_factory=dict)

    def of_row(self, place: RowPlace) -> str:
        """Return the title of a row: its own, or else that of a row at either end of a reference."""
        return self._title(place, seen=frozenset())

    def of_file(self, key: str) -> tuple[str, str]:
        """Return the title and the description of a file, from the rows that name it."""
        places = self.naming.get(key, ())
        alts = (_first(self.rows[place], ALT_COLUMNS) for place in places)
        return _any(map(self.of_row, places)), _any(alts)

    def _title(self, place: RowPlace, *, seen: frozenset[RowPlace]) -> str:
        row = self.rows.get(place)
        if row is None or place in seen:
            return ""
        rows = (row, *(self.rows[other] for other in self.referring.get(place, ())))
        own = _any(_first(row, TITLE_COLUMNS) for row in rows)
        there = (other for _, other in referred(row, self.specs[place[0]]))
        near = (self._title(other, seen=seen | {place}) for other in there)
        return own or _any(near) or _first(row, ALT_COLUMNS)


def own_title(row: Row) -> str:
    """Return the title that a row has in a column of its own, "" where it has none."""
    return _first(row, TITLE_COLUMNS)


def titles_of(progress: Progress) -> Titles:
    """Return the titles of a run's rows and files, as far as its bundle can still be read."""
    if not progress.files and not (progress.plan and progress.plan.changes):
        return Titles()
    try:
        specs, rows = progress.context.load_bundle().manifest.specs, _rows(progress)
        tables = [table for table in progress.context.plugins.tables(progress.context.subject) if table.media]
        by_name = {table.name: table for table in tables}
        naming = (
            (key, place)
            for place, row in rows.items()
            if place[0] in by_name
            for value in named_by(by_name[place[0]], [row])
            for key in keys_of(value)
        )
        referring = ((to, place) for place, row in rows.items() for _, to in referred(row, specs[place[0]]))
        return Titles(rows, specs, _grouped(naming), _grouped(referring))
    except Problem:  # the bundle is gone, or another by now: keys must do
        return Titles()


def _rows(progress: Progress) -> dict[RowPlace, Row]:
    """List the rows of the bundle, those that refer before those that they refer to."""
    known: dict[RowPlace, Row] = {}
    specs = progress.context.load_bundle().manifest.specs
    try:
        for name, table in reversed([*progress.context.load_bundle().manifest.tables.items()]):
            if table.spec.travels and table.rows <= MOST:
                rows = progress.context.load_bundle().table(table.spec)
                known |= {(name, key_text(table.spec, specs, row)): row for row in rows}
    except OSError:  # the bundle of a rehearsal is removed at its end
        return _planned(progress)
    return known


def _planned(progress: Progress) -> dict[RowPlace, Row]:
    first = islice(progress.plan.changes if progress.plan else (), MOST)
    new = [change for change in first if change.values is not None]
    rows = {
        (change.table, change.key): {
            name: cell.get("production" if change.is_pull else "local")
            for name, cell in change.columns.items()
        }
        for change in new
    }
    order = [*reversed([*progress.context.load_bundle().manifest.tables])]
    return dict(sorted(rows.items(), key=lambda item: order.index(item[0][0])))


def _grouped(pairs: Iterable[tuple[Any, RowPlace]]) -> dict[Any, tuple[RowPlace, ...]]:
    groups: dict[Any, dict[RowPlace, None]] = {}
    for key, place in pairs:
        groups.setdefault(key, {})[place] = None
    return {key: tuple(places) for key, places in groups.items()}


def _first(row: Row, columns: Iterable[str]) -> str:
    return _any(" ".join((row.get(column) or "").split()) for column in columns)[:LONGEST]


def _any(texts: Iterable[str]) -> str:
    return next(filter(None, texts), "")
