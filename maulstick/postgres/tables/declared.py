"""The specs of declared tables, from what plugins declare and the source's catalogue."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping

from maulstick.errors import Problem
from maulstick.postgres.tables.key_conditions import condition_of
from maulstick.postgres.tables.pointers import as_keys, known_pointers, pointings_of
from maulstick.postgres.tables.publishing import known_publish
from maulstick.postgres.tables.references import References, references_of
from maulstick.postgres.tables.schema import Schema, TableSchema
from maulstick.postgres.tables.specs import TIMES, TableSpec, in_order
from maulstick.postgres.tables.table_rules import (
    ids_of,
    known_columns,
    known_counters,
    known_idle,
    known_large_objects,
    known_references,
    known_table,
)
from maulstick.project.declarations import Leave, Table, names


def specs_of(declared: Iterable[Table], schema: Schema) -> dict[str, TableSpec]:
    """List the specs of the declared tables and of those they match, parents before children.

    Raises a problem (exit 6) that names the table for an unknown table or column, for a reference that nobody
    declared, and for one that cannot be followed.
    """
    tables = {table.name: table for table in declared}
    for table in tables.values():
        _known(table, tables, schema)
    declared, schema = as_keys(tables.values(), schema)
    tables = {table.name: table for table in declared}
    references = references_of(tables, schema)
    for table in tables.values():
        references.require_matches(table)
    matched = {name: _matched(name, references) for name in references.matches}
    return in_order(matched | {name: _spec(table, references) for name, table in tables.items()})


def problems_of(declared: Iterable[Table], schema: Schema) -> dict[str, Problem]:
    """Describe the problem that `specs_of` would raise for each declared table, by the table's name."""
    originals = {table.name: table for table in declared}
    declared, whole = as_keys(originals.values(), schema)
    tables, found = {table.name: table for table in declared}, dict[str, Problem]()
    references = references_of(tables, whole)
    for name, table in tables.items():
        try:
            _known(originals[name], originals, schema)
            _spec(table, references)
        except Problem as problem:
            found[name] = problem
    return found


def _known(table: Table, tables: Mapping[str, Table], schema: Schema) -> None:
    """Raise a problem for a declaration that is wrong in itself."""
    found = known_table(table.name, schema)
    known_columns(table, found)
    known_pointers(table, found, tables, schema)
    known_idle(table, found, tables)


def _spec(table: Table, known: References) -> TableSpec:
    found = known_table(table.name, known.schema)
    known_references(table, found, known.tables, known.schema)
    known_counters(table, found)
    known.require_matches(table)
    known.require_spared(table)
    key = names(table.key)
    surrogate = known.surrogate(table.name)
    times = _times(found)
    columns = _travelling(table, found, key, times)
    parents = {foreign.table for foreign in known.followed(table, columns)}
    references = known.of(table, columns)
    pointers = pointings_of(table, known.tables, known.schema, known.end)
    known_large_objects(table, found, columns)
    leading = {*references, *(one.column for one in pointers)}
    known_publish(table, found, columns, leading)
    return TableSpec(
        schema=found.schema,
        name=found.name,
        key=key,
        key_is_value=_key_is_value(found, key, leading),
        columns=columns,
        types=_types(found, columns, [surrogate, known.counted(table.name)]),
        nullable=tuple(column for column in columns if not found.columns[column].not_null),
        references=references,
        parents=tuple(sorted(parents)),
        json_references=tuple(table.json_references),
        theirs=names(table.theirs),
        surrogate=surrogate,
        times={time: type_ for time, type_ in times.items() if time not in {*table.skip, *key}},
        links=known.links(table, columns),
        counted=known.counted(table.name),
        pointers=pointers,
        plain=tuple(column for column in columns if column in table.plain),
        key_condition=condition_of(found, key) if surrogate else None,
        publish=table.publish,
        hidden=names(table.hidden),
        built={column: built for column in columns if (built := found.columns[column].built)},
    )


def _travelling(
    table: Table, found: TableSchema, key: tuple[str, ...], times: Iterable[str]
) -> tuple[str, ...]:
    """List the columns that travel with a row."""
    left = {column for column, how in table.references.items() if isinstance(how, Leave)}
    ids = ids_of(found, key, travels=names(table.travels), skip=names(table.skip))
    kept_back = {*times, *table.skip, *left, *ids} - set(table.key)
    return tuple(c.name for c in found.columns.values() if not c.generated and c.name not in kept_back)


def _matched(name: str, known: References) -> TableSpec:
    pointed, natural = known_table(name, known.schema), known.matches[name]
    leads = {column: known.leads(name, column) for column in natural}
    references = {column: to for column, to in leads.items() if to is not None}
    return TableSpec(
        schema=pointed.schema,
        name=pointed.name,
        key=natural,
        key_is_value=_key_is_value(pointed, natural, references),
        columns=natural,
        types=_types(pointed, natural, [known.surrogate(name), known.counted(name)]),
        nullable=tuple(column for column in references if not pointed.columns[column].not_null),
        references=references,
        parents=(),
        json_references=(),
        theirs=(),
        surrogate=known.surrogate(name),
        times={},
        travels=False,
        counted=known.counted(name),
        key_condition=condition_of(pointed, natural) if known.surrogate(name) else None,
    )


def _types(found: TableSchema, columns: Iterable[str], ids: Iterable[str | None]) -> dict[str, str]:
    """List the types of columns, and of ids that do not travel, since they are compared too."""
    known = [*columns, *(column for column in ids if column is not None)]
    return {column: found.columns[column].type for column in known}


def _times(found: TableSchema) -> dict[str, str]:
    """List the columns that hold a row's own times, with their types; a number is no such time."""
    named = {time: found.columns[time].type for time in TIMES if time in found.columns}
    return {time: type_ for time, type_ in named.items() if type_.startswith(("timestamp", "date"))}


def _key_is_value(table: TableSchema, key: tuple[str, ...], references: Container[str]) -> bool:
    return len(key) == 1 and table.columns[key[0]].not_null and key[0] not in references
