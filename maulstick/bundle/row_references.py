"""The rows that a bundle's row refers to, by foreign keys, by pointers and inside JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from maulstick.postgres.tables.hidden_ids import AS_TEXT
from maulstick.postgres.tables.specs import TableSpec
from maulstick.project.declarations import JsonReference
from maulstick.project.plugins.json_path import values_at

Row = Mapping[str, str | None]
RowPlace = tuple[str, str]
"""A table, and the key of one of its rows as plans show it."""


def referred(row: Row, spec: TableSpec) -> Iterator[tuple[str, RowPlace]]:
    """Yield each column that refers to a row, with that row."""
    for column, to in spec.references.items():
        if key := row.get(column):
            yield column, (to.table, key)
    for column in spec.pointing:
        value = json.loads(row.get(column) or "null")
        for keys in value if isinstance(value, list) else [value]:
            yield from (
                (column, (to.table, keys[to.table])) for to in spec.pointers if to.table in (keys or {})
            )
    for reference in spec.json_references:
        for place in _in_json(row.get(reference.column), reference):
            yield reference.column, place


def _in_json(text: str | None, reference: JsonReference) -> Iterator[RowPlace]:
    for value in values_at(json.loads(text), reference.path) if text else ():
        key = value.get(AS_TEXT) if isinstance(value, dict) else value
        if isinstance(key, str):
            yield reference.table, key
