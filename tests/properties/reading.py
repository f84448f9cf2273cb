"""The rows of a place by key, read and resolved in Python alone: ids are nowhere in them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from maulstick.postgres.quoting import name
from tests.databases.places import Place
from tests.properties.designs import DELETED, Design, Designs, Inside, columns_of

Key = tuple[Any, ...]
Row = tuple[str, Key]
"""A table's name and a row's key; a reference in a key is the key that it leads to."""
LOST = ("lost",)
"""Where an id inside JSON leads that no row has."""


@dataclass(frozen=True, slots=True)
class Found:
    """One row as it stands: `raw` as stored, `values` with keys for ids, `points` by column."""

    place: str
    raw: Mapping[str, str | None]
    key: Key
    values: Mapping[str, Any]
    points: tuple[tuple[str, int, Key], ...]

    @property
    def is_live(self) -> bool:
        """Say whether the row was not deleted softly."""
        return self.raw.get(DELETED) is None


Rows = list[list[Found]]


def read(place: Place, designs: Designs) -> Rows:
    """Return all rows, table by table, sorted by key."""
    reading = _Reading(designs, [_raw(place, design) for design in designs])
    return [
        sorted((reading.found(table, raw) for raw in rows), key=lambda found: repr((found.key, found.values)))
        for table, rows in enumerate(reading.rows)
    ]


def by_key(rows: Rows, designs: Designs) -> dict[Row, Mapping[str, Any]]:
    """Return the values of all rows by table and key, and by all it holds where it was deleted softly."""
    return {
        (design.name, found.key if found.is_live else (*found.key, repr(found.values))): found.values
        for design, table in zip(designs, rows, strict=True)
        for found in table
    }


def beside(rows: Rows, designs: Designs) -> dict[Row, Mapping[str, Any]]:
    """Return what all rows hold in columns that do not travel, by table and key."""
    return {
        (design.name, found.key): {
            plain.name: found.raw[plain.name] for plain in design.plains if plain.skipped
        }
        for design, table in zip(designs, rows, strict=True)
        for found in table
    }


def points(designs: Designs, design: Design, values: Mapping[str, Any]) -> Iterator[tuple[str, Row]]:
    """Return where a row's values lead, by column."""
    for ref in design.refs:
        key = values[ref.columns[0]] if ref.by_id else tuple(values[column] for column in ref.columns)
        if key is not None and None not in (key if not ref.by_id else ()):
            yield ref.columns[0], (designs[ref.table].name, key)
    for inside in design.insides:
        for key in values[inside.name][1] if values[inside.name] is not None else ():
            if key is not None:
                yield inside.name, (designs[inside.table].name, key)


def key_of_text(designs: Designs, table: int, text: str) -> Key:
    """Return a key from the text by which the ledger and plans name it."""
    design = designs[table]
    return (text,) if design.key_is_value else _key_of_parts(designs, design, json.loads(text))


def value_of_text(designs: Designs, design: Design, column: str, text: str | None) -> Any:
    """Return a value from its portable text."""
    if text is None:
        return None
    if column in design.by_id:
        return key_of_text(designs, design.by_id[column], text)
    for inside in design.insides:
        if inside.name == column:
            whole = json.loads(text)
            keys = [leaf and key_of_text(designs, inside.table, leaf) for leaf in leaves(inside, whole)]
            return _frozen(whole, keys)
    return text


def leaves(inside: Inside, whole: Any) -> list[Any]:
    """Return what a JSON value holds in place of ids."""
    return [whole["ref"]] if inside.path == "$.ref" else [item["id"] for item in whole["items"]]


def _raw(place: Place, design: Design) -> list[dict[str, str | None]]:
    columns = [*(["id"] if design.id else []), *(one for slot in design.slots for one in columns_of(slot))]
    texts = ", ".join(f"{name(column)}::text" for column in columns)
    rows = place.rows(f"select ctid::text, {texts} from {name(design.name)}")
    return [dict(zip(["ctid", *columns], row, strict=True)) for row in rows]


def _key_of_parts(designs: Designs, design: Design, parts: Sequence[Any]) -> Key:
    return tuple(
        key_of_text(designs, design.by_id[column], part if isinstance(part, str) else json.dumps(part))
        if column in design.by_id and part is not None
        else part
        for column, part in zip(design.key, parts, strict=True)
    )


def _frozen(whole: Any, pointed: Sequence[Key | None]) -> Any:
    bare = {key: value for key, value in whole.items() if key not in ("ref", "items")}
    return (json.dumps(bare, sort_keys=True), tuple(pointed))


@dataclass(frozen=True, slots=True)
class _Reading:
    """All rows as stored, on their way to be known by key."""

    designs: Designs
    rows: list[list[dict[str, str | None]]]

    def found(self, table: int, raw: dict[str, str | None]) -> Found:
        """Return one row."""
        design = self.designs[table]
        values: dict[str, Any] = {column: raw[column] for column in design.columns}
        values |= {column: self.pointed(to, raw[column]) for column, to in design.by_id.items()}
        points = [*self._references(design, raw)]
        for inside in design.insides:
            text = raw[inside.name]
            if text is not None:
                keys = [self.pointed(inside.table, leaf) for leaf in leaves(inside, json.loads(text))]
                values[inside.name] = _frozen(
                    json.loads(text), [None if key == LOST else key for key in keys]
                )
                points += [(inside.name, inside.table, key) for key in keys if key is not None]
        return Found(raw["ctid"] or "", raw, self.key(table, raw), values, tuple(points))

    def key(self, table: int, raw: Mapping[str, str | None]) -> Key:
        """Return a row's key."""
        design = self.designs[table]
        to = design.by_id
        return tuple(
            self.pointed(to[column], raw[column]) if column in to else raw[column] for column in design.key
        )

    def pointed(self, table: int, id_: str | int | None) -> Key | None:
        """Return the key of the row with this id."""
        if id_ is None:
            return None
        return next((self.key(table, raw) for raw in self.rows[table] if raw["id"] == str(id_)), LOST)

    def _references(self, design: Design, raw: Mapping[str, str | None]) -> Iterator[tuple[str, int, Key]]:
        for ref in design.refs:
            texts = tuple(raw[column] for column in ref.columns)
            key = self.pointed(ref.table, texts[0]) if ref.by_id else texts
            if key is not None and None not in texts:
                yield ref.columns[0], ref.table, key
