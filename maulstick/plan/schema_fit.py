"""Whether the target's schema can take a bundle: errors that stop it, warnings that do not."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from maulstick.bundle.manifest import Manifest
from maulstick.errors import did_you_mean
from maulstick.postgres.tables.schema import Column, Schema, TableSchema
from maulstick.postgres.tables.specs import TableSpec

UUID_LETTERS = 36
CHANGING = ("(", "numeric(", "timestamp(", "time(", "interval", "real", "character(")
"""How types begin that take a value of another one and make something else of it, or of its parts."""
SKIP = ": skip it, its values are made there"


@dataclass(frozen=True, slots=True)
class Fit:
    """How the target's schema takes a bundle: what stops it, what does not, what looks like references."""

    errors: list[str]
    warnings: list[str]
    suspects: list[str]
    target: str


def errors(manifest: Manifest, schema: Schema, target: str) -> list[str]:
    """Return every difference of schema that would stop the release, a line each."""
    return [line for spec in manifest.specs.values() for line in differences(spec, schema, target)]


def warnings(manifest: Manifest, schema: Schema, target: str) -> list[str]:
    """Return the migrations that production lacks, and the columns that triggers must fill."""
    missing = sorted(set(manifest.migrations) - schema.migrations) if schema.migrations else []
    return [
        *(f"schema_migrations: {target} lacks {version}" for version in missing),
        *(line for spec in manifest.specs.values() for line in left_to_triggers(spec, schema, target)),
    ]


def left_to_triggers(spec: TableSpec, schema: Schema, target: str) -> Iterator[str]:
    """Yield the columns that only a trigger of production can fill: nobody knows before it runs."""
    found = schema.tables.get(spec.label)
    for column in _lacking(spec, found) if found and found.before_insert else ():
        which = " or ".join(found.before_insert) if found else ""
        yield f"{spec.label}.{column}: is left to a trigger of {target} ({which}): --check tries it"


def differences(spec: TableSpec, schema: Schema, target: str) -> Iterable[str]:
    """Return every difference of one table that would stop a release."""
    found = schema.tables.get(spec.label)
    if spec.label in schema.others:
        return [f"{spec.label}: is {schema.others[spec.label]} in {target}"]
    if found is None:
        hint = did_you_mean(spec.label, schema.tables) or "which holds no table"
        return [f"{spec.label}: is not in {target} ({hint})"]
    return [*_columns(spec, found, target), *_own(spec, found, target), *_needed(spec, found, target)]


def _columns(spec: TableSpec, found: TableSchema, target: str) -> Iterator[str]:
    for column in spec.columns:
        there = found.columns.get(column)
        where = f"{spec.label}.{column}"
        if there is None:
            yield f"{where}: is not in {target}"
        elif there.generated:
            yield f"{where}: is generated in {target}{SKIP}"
        elif there.always and column not in (*spec.key, *spec.theirs):
            yield f"{where}: counts itself in {target} (generated always as identity){SKIP}"
        elif there.type != spec.types[column]:
            yield f"{where}: is {there.type} in {target} and {spec.types[column]} here"
        elif there.built and _is_made_otherwise(there.built, spec.built.get(column, there.built)):
            yield f"{where}: {there.type} is {there.built} in {target} and {spec.built[column]} here"
        elif spec.travels and there.not_null and column in spec.nullable:
            yield f"{where}: is not null in {target} and may be null here"


def _is_made_otherwise(there: str, here: str) -> bool:
    """Return whether values of a type of one name would be changed without an error: rounded, or mixed up."""
    return there != here and there.startswith(CHANGING)


def _own(spec: TableSpec, found: TableSchema, target: str) -> Iterator[str]:
    """Yield what keeps production from giving new rows their ids and times."""
    for column in [spec.id, *spec.times]:
        there = found.columns.get(column or "")
        where = f"{spec.label}.{column}"
        if column is None or not (spec.travels or column == spec.id):
            continue
        if there is None:
            yield f"{where}: is not in {target}"
        elif there.generated:
            yield f"{where}: is generated in {target}"
        elif column in spec.times and not there.type.startswith(("timestamp", "date")):
            yield f"{where}: is {there.type} in {target} and {spec.times[column]} here"
        elif column == spec.id and spec.travels and not _gives_ids(there):
            yield f"{where}: has no default in {target}, so nothing gives new rows an id"


def _gives_ids(column: Column) -> bool:
    is_text = column.type in ("text", "character varying") or column.type.startswith("character varying(")
    return column.fills_itself or column.type == "uuid" or (is_text and _room(column) >= UUID_LETTERS)


def _room(column: Column) -> int:
    """Count how many characters a text column holds."""
    size = re.search(r"\d+", column.type)
    return int(size[0]) if size else UUID_LETTERS


def _needed(spec: TableSpec, found: TableSchema, target: str) -> Iterator[str]:
    for column in _lacking(spec, found):
        if not found.before_insert:
            yield f"{spec.label}.{column}: {target} needs a value and this bundle brings none"


def _lacking(spec: TableSpec, found: TableSchema) -> list[str]:
    """List the columns that are not null there and get a value neither from the bundle nor by default."""
    filled = {*spec.columns, *spec.times, spec.id}
    return [
        column.name
        for column in found.columns.values()
        if spec.travels and column.not_null and not column.fills_itself and column.name not in filled
    ]
