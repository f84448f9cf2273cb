"""Whether a bundle from elsewhere holds anything that nobody here declares.

A bundle that was exported here holds what the plugins here declare. One that was handed over holds what
somebody wrote into it: so its tables, keys and queries are held against the plugins of this project before
anything of it reaches a database.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from maulstick.bundle.manifest import Manifest
from maulstick.errors import refused
from maulstick.postgres.tables.key_conditions import condition_of
from maulstick.postgres.tables.picked_rows import with_key
from maulstick.postgres.tables.references import leading_columns
from maulstick.postgres.tables.schema import Schema, TableSchema
from maulstick.postgres.tables.specs import TIMES, TableSpec
from maulstick.postgres.tables.table_rules import ids_of, surrogate_of
from maulstick.project.declarations import Leave, Match, Query, Table, names
from maulstick.project.plugins.registry import Plugins

SCHEMA = re.compile(r"(\b(?:from|join)\s+)public\.", re.IGNORECASE)
HINT = "export it with the plugins that this project has now"


def require_declared(manifest: Manifest, plugins: Plugins) -> None:
    """Refuse a bundle with a table, a column or a query that the plugins here do not declare (exit 3)."""
    subject = manifest.subject
    declared = {table.name: table for table in plugins.tables(subject)}
    asked = {Query(one.name, with_key(one.sql, subject), one.expect) for one in plugins.queries(subject)}
    found = [line for name, spec in manifest.specs.items() for line in _undeclared(name, spec, declared)]
    found += [f'the query "{query.name}"' for query in manifest.queries if query not in asked]
    found += [f'not the query "{query.name}"' for query in asked if query not in manifest.queries]
    _refuse(manifest, "holds what no plugin here declares", found)


def require_like(manifest: Manifest, schema: Schema) -> None:
    """Refuse a bundle that is wrong about the target's ids, times and unique keys (exit 3)."""
    found = []
    for spec in manifest.specs.values():
        table = schema.tables[spec.label]
        if not _are_ids(spec, table):
            found.append(f"{spec.label}: its ids are not in {spec.id}")
        if spec.key_condition and spec.key_condition != condition_of(table, spec.key):
            found.append(f"{spec.label}: its keys are not unique where {spec.key_condition.sql}")
        for time, type_ in spec.times.items():
            if time not in table.columns or table.columns[time].type != type_:
                found.append(f"{spec.label}.{time}: is not {type_}")
    _refuse(manifest, "does not fit the target", found)


def _are_ids(spec: TableSpec, table: TableSchema) -> bool:
    """Return whether a bundle is right about which column holds a table's ids."""
    counted = spec.counted is None or spec.counted in ids_of(table, spec.key)
    shared = not spec.travels and spec.surrogate in leading_columns(table) - {*spec.key}
    made = (surrogate_of(table, spec.key), surrogate_of(table, spec.key, None))
    return counted and (shared or spec.surrogate in made)


def _refuse(manifest: Manifest, says: str, found: list[str]) -> None:
    if found:
        listed = "".join(f"\n    {line}" for line in found)
        raise refused(f"bundle of {manifest.subject}", says + listed, HINT)


def _undeclared(name: str, spec: TableSpec, declared: Mapping[str, Table]) -> Iterator[str]:
    if not spec.travels:
        by_references = spec.key and {*spec.key} <= spec.references.keys()
        if spec.key not in _matched(declared) and not by_references:
            yield f"{name}: matched by {', '.join(spec.key)}"
    elif name not in declared:
        yield f"{name}: the table"
    else:
        yield from _unlike(name, spec, declared[name])


def _unlike(name: str, spec: TableSpec, table: Table) -> Iterator[str]:
    left = {column for column, how in table.references.items() if isinstance(how, Leave)}
    pairs = (
        ("key", spec.key, names(table.key)),
        ("theirs", spec.theirs, names(table.theirs)),
        ("json_references", spec.json_references, tuple(table.json_references)),
        ("publish", spec.publish, table.publish),
        ("hidden", spec.hidden, names(table.hidden)),
    )
    yield from (f"{name}: {says} is {here!r}" for says, here, there in pairs if here != there)
    yield from _pointing_otherwise(name, spec, table)
    hidden = ({*names(table.skip)} | left) - {*names(table.key)}
    yield from (f"{name}.{column}: does not travel" for column in spec.columns if column in hidden)
    yield from (f"{name}.{time}: is not a time" for time in spec.times if time not in TIMES)


def _pointing_otherwise(name: str, spec: TableSpec, table: Table) -> Iterator[str]:
    """Yield the pointers that nobody declares: their conditions are SQL.

    One without a table holds ids that are the same everywhere, or what a plugin calls plain.
    """
    known = {(to.column, to.table, _bare(to.where)) for to in table.pointers}
    known |= {(column, "", where) for column, _, where in known}
    known |= {(column, "", "") for column in names(table.plain)}
    held = {(to.column, to.table, _bare(to.where)) for to in spec.pointers}
    for column, there, where in sorted(held - known):
        yield f"{name}.{column}: points at {there or 'nothing'} where {where}"


def _bare(where: str | None) -> str:
    """Compose a condition as it was declared: an export adds the schema to table names."""
    return SCHEMA.sub(r"\1", where or "")


def _matched(declared: Mapping[str, Table]) -> set[tuple[str, ...]]:
    matches = [how for table in declared.values() for how in table.references.values()]
    hidden = {names(to.key) for table in declared.values() for to in table.pointers}
    hidden |= {names(to.key) for table in declared.values() for to in table.json_references}
    return (hidden | {names(how.key) for how in matches if isinstance(how, Match)}) - {()}
