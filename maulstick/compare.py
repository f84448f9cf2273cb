"""Whether the target's schema can take a bundle: errors that stop it, warnings that do not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from maulstick.errors import did_you_mean
from maulstick.manifest import Manifest
from maulstick.schema import Schema, TableSchema
from maulstick.shapes import Shape


def errors(manifest: Manifest, schema: Schema) -> list[str]:
    """Return every difference of schema that would stop the release, a line each (design §3)."""
    return [line for shape in manifest.shapes.values() for line in differences(shape, schema)]


def warnings(manifest: Manifest, schema: Schema) -> list[str]:
    """Return the migrations that the source has run and production has not."""
    missing = sorted(set(manifest.migrations) - schema.migrations)
    return (
        [f"schema_migrations: production lacks {version}" for version in missing] if schema.migrations else []
    )


def differences(shape: Shape, schema: Schema) -> Iterable[str]:
    """Return every difference of one table that would stop a release."""
    found = schema.tables.get(shape.label)
    if shape.label in schema.others:
        return [f"{shape.label}: is {schema.others[shape.label]} in production"]
    if found is None:
        hint = did_you_mean(shape.label, schema.tables)
        return [f"{shape.label}: is not in production ({hint})"]
    return [*_columns(shape, found), *_needed(shape, found)]


def _columns(shape: Shape, found: TableSchema) -> Iterator[str]:
    for column in shape.columns:
        there = found.columns.get(column)
        where = f"{shape.label}.{column}"
        if there is None:
            yield f"{where}: is not in production"
        elif there.type != shape.types[column]:
            yield f"{where}: is {there.type} in production and {shape.types[column]} here"
        elif shape.travels and there.not_null and column in shape.nullable:
            yield f"{where}: is not null in production and may be null here"


def _needed(shape: Shape, found: TableSchema) -> Iterator[str]:
    filled = {*shape.columns, *shape.times, shape.id}
    for column in found.columns.values():
        if shape.travels and column.not_null and not column.fills_itself and column.name not in filled:
            yield f"{shape.label}.{column.name}: production needs a value and this bundle brings none"
