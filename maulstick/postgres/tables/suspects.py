"""Columns that look like references but travel as plain values, since nobody declared where they lead."""

from __future__ import annotations

import re
from collections.abc import Iterator

from maulstick.postgres.tables.equality import INTEGERS, TEXTS
from maulstick.postgres.tables.schema import Schema
from maulstick.postgres.tables.specs import TableSpec, TableSpecs

NAMED = re.compile(r"(?:_ids?|(?<=[a-z0-9])Ids?)$")
TYPE = ("_type", "Type", "_type_id", "TypeId")


def suspects(specs: TableSpecs, schema: Schema) -> list[str]:
    """Return a line for each column that only looks like a reference; `schema` is that of either side."""
    ids = {
        schema.tables[label].columns[spec.surrogate].type
        for label, spec in specs.items()
        if spec.surrogate and label in schema.tables and spec.surrogate in schema.tables[label].columns
    }
    return [
        f"{label}.{column}: {spec.types[column]} that looks like ids of other rows, and travels as it is: "
        f'declare a Pointer, or plain="{column}"'
        for label, spec in specs.items()
        if spec.travels
        for column in _of(spec, ids)
    ]


def _of(spec: TableSpec, ids: set[str]) -> Iterator[str]:
    linked = {column for link in spec.links for column in link.columns}
    known = {*spec.references, *spec.pointing, *spec.plain, *linked}
    known |= {one.column for one in spec.json_references} | {*(spec.key if len(spec.key) == 1 else ())}
    for column in spec.columns:
        if column not in known and _looks_so(column, spec.types[column], spec, ids):
            yield column


def _looks_so(column: str, type_: str, spec: TableSpec, ids: set[str]) -> bool:
    plain, is_array = type_.removesuffix("[]").partition("(")[0], type_.endswith("[]")
    is_named, has_type = bool(NAMED.search(column)), _is_beside_a_type(column, spec)
    if plain in INTEGERS:
        return is_named or has_type or (is_array and plain in ids)
    if plain == "uuid":
        return has_type or ("uuid" in ids and (is_named or is_array))
    return plain in TEXTS and has_type and is_named


def _is_beside_a_type(column: str, spec: TableSpec) -> bool:
    """Return whether another column names the id's table, in the way of common frameworks."""
    stem = NAMED.sub("", column)
    beside = {stem + ending for ending in TYPE} | ({"content_type_id"} if column == "object_id" else set())
    return bool(({*spec.columns} - {column}) & beside)
