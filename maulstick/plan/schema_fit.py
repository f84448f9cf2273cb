"""Whether the target's schema can take a bundle: errors that stop it, warnings that do not."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from maulstick.bundle.manifest import Manifest
from maulstick.errors import did_you_mean
from maulstick.postgres.catalogue import Column, Schema, TableSchema
from maulstick.postgres.tables.tables import Shape

UUID_LETTERS = 36
SKIP = ": skip it, its values are made there"


@dataclass(frozen=True, slots=True)
class Fit:
    """How the target's schema takes a bundle: what stops it, what does not, what looks like references."""

    errors: list[str]
    warnings: list[str]
    suspects: list[str]
    target: str


def errors(manifest: Manifest, schema: Schema, target: str) -> list[str]:
    """Return every difference of schema that would stop the release, a line each (design §3)."""
    return [line for shape in manifest.shapes.values() for line in differences(shape, schema, target)]


def warnings(manifest: Manifest, schema: Schema, target: str) -> list[str]:
    """Return the migrations that the source has run and production has not, and what triggers must fill."""
    missing = sorted(set(manifest.migrations) - schema.migrations) if schema.migrations else []
    return [
        *(f"schema_migrations: {target} lacks {version}" for version in missing),
        *(line for shape in manifest.shapes.values() for line in left_to_triggers(shape, schema, target)),
    ]


def left_to_triggers(shape: Shape, schema: Schema, target: str) -> Iterator[str]:
    """Yield the columns that only a trigger of production can fill, which nobody knows before it runs."""
    found = schema.tables.get(shape.label)
    for column in _lacking(shape, found) if found and found.before_insert else ():
        which = " or ".join(found.before_insert) if found else ""
        yield f"{shape.label}.{column}: is left to a trigger of {target} ({which}): --check tries it"


def differences(shape: Shape, schema: Schema, target: str) -> Iterable[str]:
    """Return every difference of one table that would stop a release."""
    found = schema.tables.get(shape.label)
    if shape.label in schema.others:
        return [f"{shape.label}: is {schema.others[shape.label]} in {target}"]
    if found is None:
        hint = did_you_mean(shape.label, schema.tables) or "which holds no table"
        return [f"{shape.label}: is not in {target} ({hint})"]
    return [*_columns(shape, found, target), *_own(shape, found, target), *_needed(shape, found, target)]


def _columns(shape: Shape, found: TableSchema, target: str) -> Iterator[str]:
    for column in shape.columns:
        there = found.columns.get(column)
        where = f"{shape.label}.{column}"
        if there is None:
            yield f"{where}: is not in {target}"
        elif there.generated:
            yield f"{where}: is generated in {target}{SKIP}"
        elif there.always and column not in (*shape.key, *shape.theirs):
            yield f"{where}: counts itself in {target} (generated always as identity){SKIP}"
        elif there.type != shape.types[column]:
            yield f"{where}: is {there.type} in {target} and {shape.types[column]} here"
        elif shape.travels and there.not_null and column in shape.nullable:
            yield f"{where}: is not null in {target} and may be null here"


def _own(shape: Shape, found: TableSchema, target: str) -> Iterator[str]:
    """Yield what keeps production from giving new rows their ids and times."""
    for column in [shape.id, *shape.times]:
        there = found.columns.get(column or "")
        where = f"{shape.label}.{column}"
        if column is None or not (shape.travels or column == shape.id):
            continue
        if there is None:
            yield f"{where}: is not in {target}"
        elif there.generated:
            yield f"{where}: is generated in {target}"
        elif column in shape.times and not there.type.startswith(("timestamp", "date")):
            yield f"{where}: is {there.type} in {target} and {shape.times[column]} here"
        elif column == shape.id and shape.travels and not _gives_ids(there):
            yield f"{where}: has no default in {target}, so nobody gives new rows an id"


def _gives_ids(column: Column) -> bool:
    is_text = column.type in ("text", "character varying") or column.type.startswith("character varying(")
    return column.fills_itself or column.type == "uuid" or (is_text and _room(column) >= UUID_LETTERS)


def _room(column: Column) -> int:
    """Return how many letters a column of texts takes."""
    size = re.search(r"\d+", column.type)
    return int(size[0]) if size else UUID_LETTERS


def _needed(shape: Shape, found: TableSchema, target: str) -> Iterator[str]:
    for column in _lacking(shape, found):
        if not found.before_insert:
            yield f"{shape.label}.{column}: {target} needs a value and this bundle brings none"


def _lacking(shape: Shape, found: TableSchema) -> list[str]:
    """Return the columns that are never null there and get no value from a bundle or a default."""
    filled = {*shape.columns, *shape.times, shape.id}
    return [
        column.name
        for column in found.columns.values()
        if shape.travels and column.not_null and not column.fills_itself and column.name not in filled
    ]
