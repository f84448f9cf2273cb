"""Columns that look like references and travel as plain values: nobody declared where they lead."""

from __future__ import annotations

import re
from collections.abc import Iterator

from maulstick.postgres.catalogue import Schema
from maulstick.postgres.tables.pointers import INTEGERS, TEXTS
from maulstick.postgres.tables.tables import Shape, Shapes

NAMED = re.compile(r"(?:_ids?|(?<=[a-z0-9])Ids?)$")
TYPE = ("_type", "Type", "_type_id", "TypeId")


def suspects(shapes: Shapes, schema: Schema) -> list[str]:
    """Return what looks like a reference and is none, a line each; `schema` is that of either side."""
    ids = {
        schema.tables[label].columns[shape.surrogate].type
        for label, shape in shapes.items()
        if shape.surrogate and label in schema.tables and shape.surrogate in schema.tables[label].columns
    }
    return [
        f"{label}.{column}: {shape.types[column]} that looks like ids of other rows, and travels as it is: "
        f'declare a Pointer, or plain="{column}"'
        for label, shape in shapes.items()
        if shape.travels
        for column in _of(shape, ids)
    ]


def _of(shape: Shape, ids: set[str]) -> Iterator[str]:
    linked = {column for link in shape.links for column in link.columns}
    known = {*shape.references, *shape.pointing, *shape.plain, *linked}
    known |= {one.column for one in shape.json_references} | {*(shape.key if len(shape.key) == 1 else ())}
    for column in shape.columns:
        if column not in known and _looks_so(column, shape.types[column], shape, ids):
            yield column


def _looks_so(column: str, type_: str, shape: Shape, ids: set[str]) -> bool:
    plain, is_array = type_.removesuffix("[]").partition("(")[0], type_.endswith("[]")
    is_named, has_type = bool(NAMED.search(column)), _is_beside_a_type(column, shape)
    if plain in INTEGERS:
        return is_named or has_type or (is_array and plain in ids)
    if plain == "uuid":
        return has_type or ("uuid" in ids and (is_named or is_array))
    return plain in TEXTS and has_type and is_named


def _is_beside_a_type(column: str, shape: Shape) -> bool:
    """Tell whether another column says of what table the id is, as frameworks write it."""
    stem = NAMED.sub("", column)
    beside = {stem + ending for ending in TYPE} | ({"content_type_id"} if column == "object_id" else set())
    return bool(({*shape.columns} - {column}) & beside)
