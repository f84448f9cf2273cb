"""What rows and files are called: by a title of their own, or by that of a row which they belong to."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from maulstick.errors import Problem
from maulstick.media.columns import named_by
from maulstick.media.paths import keys_of
from maulstick.postgres.tables.hidden_ids import AS_TEXT
from maulstick.postgres.tables.json_paths import steps_of
from maulstick.postgres.tables.keys import key_text
from maulstick.postgres.tables.tables import TableSpec, TableSpecs
from maulstick.project.declarations import JsonReference
from maulstick.release.progress import Progress

CALLED = ("title", "name", "label", "heading")
"""Columns that call a row something, the best first."""
SAYING = ("alt_text", "alt", "caption")
"""Columns that say what is to be seen."""
MOST = 5000
"""Rows of a table that are read to find titles; those of a larger one go by their keys."""
LONGEST = 120

Row = Mapping[str, str | None]
Place = tuple[str, str]
"""A table, and the key of one of its rows as plans show it."""


@dataclass(frozen=True, slots=True)
class Titles:
    """The titles of a bundle's rows and files; "" for what has none."""

    rows: Mapping[Place, Row] = field(default_factory=dict)
    specs: TableSpecs = field(default_factory=dict)
    named: Mapping[str, tuple[Place, ...]] = field(default_factory=dict)
    referring: Mapping[Place, tuple[Place, ...]] = field(default_factory=dict)

    def of_row(self, place: Place) -> str:
        """Return what a row is called: its own title, else that of a row beside it in a reference."""
        return self._title(place, seen=frozenset())

    def of_file(self, key: str) -> tuple[str, str]:
        """Return what a file is called by the rows that name it, and what they say is to be seen on it."""
        places = self.named.get(key, ())
        seen = (_first(self.rows[place], SAYING) for place in places)
        return _any(map(self.of_row, places)), _any(seen)

    def _title(self, place: Place, *, seen: frozenset[Place]) -> str:
        row = self.rows.get(place)
        if row is None or place in seen:
            return ""
        own = (
            _first(row, CALLED),
            *(_first(self.rows[one], CALLED) for one in self.referring.get(place, ())),
        )
        near = (self._title(one, seen=seen | {place}) for one in _referred(row, self.specs[place[0]]))
        return _any(own) or _any(near) or _first(row, SAYING)


def titles_of(progress: Progress) -> Titles:
    """Return the titles of a release's rows and files, as far as its bundle is still there to tell them."""
    if not progress.files and not (progress.plan and progress.plan.changes):
        return Titles()
    try:
        specs, rows = progress.context.load_bundle().manifest.specs, _rows(progress)
        tables = [table for table in progress.context.plugins.tables(progress.context.subject) if table.media]
        naming = {table.name: table for table in tables}
        named = (
            (key, place)
            for place, row in rows.items()
            if place[0] in naming
            for value in named_by(naming[place[0]], [row])
            for key in keys_of(value)
        )
        referring = ((to, place) for place, row in rows.items() for to in _referred(row, specs[place[0]]))
        return Titles(rows, specs, _grouped(named), _grouped(referring))
    except Problem:  # what is called something else by now, or not there: its key must do
        return Titles()


def _rows(progress: Progress) -> dict[Place, Row]:
    """Return the rows that are known, those that refer before those referred to: an artwork, its series."""
    found: dict[Place, Row] = {}
    specs = progress.context.load_bundle().manifest.specs
    try:
        for name, table in reversed([*progress.context.load_bundle().manifest.tables.items()]):
            if table.spec.travels and table.rows <= MOST:
                rows = progress.context.load_bundle().table(table.spec)
                found |= {(name, key_text(table.spec, specs, row)): row for row in rows}
    except OSError:  # a rehearsal's own bundle is gone with it
        return _planned(progress)
    return found


def _planned(progress: Progress) -> dict[Place, Row]:
    first = islice(progress.plan.changes if progress.plan else (), MOST)
    new = [change for change in first if change.values is not None]
    rows = {(one.table, one.key): {name: cell["local"] for name, cell in one.columns.items()} for one in new}
    order = [*reversed([*progress.context.load_bundle().manifest.tables])]
    return dict(sorted(rows.items(), key=lambda item: order.index(item[0][0])))


def _referred(row: Row, spec: TableSpec) -> Iterator[Place]:
    """Return the rows that a row refers to, by foreign keys and in JSON."""
    for column, to in spec.references.items():
        if key := row.get(column):
            yield to.table, key
    for column in spec.pointing:
        found = json.loads(row.get(column) or "null")
        for one in found if isinstance(found, list) else [found]:
            yield from ((to.table, one[to.table]) for to in spec.pointers if to.table in (one or {}))
    for reference in spec.json_references:
        yield from _in_json(row.get(reference.column), reference)


def _in_json(text: str | None, reference: JsonReference) -> Iterator[Place]:
    found: list[Any] = [json.loads(text)] if text else []
    for step in steps_of(reference.path):
        if step == "[*]":
            found = [item for value in found if isinstance(value, list) for item in value]
        else:
            found = [value[step] for value in found if isinstance(value, dict) and step in value]
    found = [value.get(AS_TEXT) if isinstance(value, dict) else value for value in found]
    yield from ((reference.table, value) for value in found if isinstance(value, str))


def _grouped(pairs: Iterable[tuple[Any, Place]]) -> dict[Any, tuple[Place, ...]]:
    found: dict[Any, dict[Place, None]] = {}
    for one, place in pairs:
        found.setdefault(one, {})[place] = None
    return {one: tuple(places) for one, places in found.items()}


def _first(row: Row, columns: Iterable[str]) -> str:
    return _any(" ".join((row.get(column) or "").split()) for column in columns)[:LONGEST]


def _any(texts: Iterable[str]) -> str:
    return next(filter(None, texts), "")
