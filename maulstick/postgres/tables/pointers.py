"""Pointers: references that a plugin declares and the catalogue does not know, checked against the source."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from maulstick.errors import Exit, Problem
from maulstick.postgres.tables.equality import INTEGERS, TEXTS
from maulstick.postgres.tables.schema import ForeignKey, Schema, TableSchema
from maulstick.postgres.tables.specs import Pointing
from maulstick.postgres.tables.table_rules import known_columns, known_table, surrogate_of
from maulstick.project.declarations import Leave, Match, Pointer, Table, names

TABLE = re.compile(r"(\b(?:from|join)\s+)(\w+)\b(?!\s*[.(])", re.IGNORECASE)
Tables = Mapping[str, Table]
Further = Callable[[str, str], str]
"""Returns the table to which a column of a table leads, "" if its values are the same everywhere."""


def as_keys(declared: Iterable[Table], schema: Schema) -> tuple[list[Table], Schema]:
    """List the tables and the schema with each pointer turned into a foreign key that is as simple."""
    found, known = list(declared), dict(schema.tables)
    tables = {table.name: table for table in found}
    for number, table in enumerate(found):
        simple = [one for one in table.pointers if _is_simple(one, table, tables, schema)]
        if not simple:
            continue
        there = known[table.name]
        keys = [ForeignKey("", (one.column,), one.table, (_id(one, tables, schema),)) for one in simple]
        known[table.name] = replace(there, foreign_keys=(*there.foreign_keys, *keys))
        matches = {
            one.column: Match(one.key, one.missing)
            for one in simple
            if one.table not in tables or one.missing != "error"
        }
        others = tuple(one for one in table.pointers if one not in simple)
        found[number] = replace(table, references={**table.references, **matches}, pointers=others)
    return found, replace(schema, tables=known)


def pointings_of(table: Table, tables: Tables, schema: Schema, further: Further) -> tuple[Pointing, ...]:
    """Find where the columns of a table's pointers lead; other values of `plain` columns stay as they are.

    `further` says where an id leads that is a reference itself, as in a table that inherits its id.
    """
    found = [_pointing(one, table, tables, schema, further) for one in table.pointers]
    pointing = {one.column for one in found}
    return (*found, *(Pointing(column) for column in names(table.plain) if column in pointing))


def matched_by(table: Table, tables: Tables) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Yield the tables that pointers match: the column, the table, and its key."""
    found = [(one.column, one.table, names(one.key)) for one in table.pointers]
    found += [(one.column, one.table, names(one.key)) for one in table.json_references]
    yield from ((column, name, key) for column, name, key in found if key and name not in tables)


def known_pointers(table: Table, found: TableSchema, tables: Tables, schema: Schema) -> None:
    """Raise a problem for a pointer that leads nowhere, or that does nothing."""
    whole: set[str] = set()
    for one in table.pointers:
        where = f"{table.name}.{one.column}"
        for says, hint in _wrong(one, table, found, whole):
            raise Problem(where, says, hint, code=Exit.PLUGIN)
        _known_far_end(where, one, tables, schema)
        pointed = _id(one, tables, schema)
        type_ = schema.tables[one.table].columns[pointed].type
        if _compared(found.columns[one.column].type, type_) is None:
            says = f"is {found.columns[one.column].type}, and ids of {one.table} are {type_}"
            raise Problem(where, says, "point where its ids are from", code=Exit.PLUGIN)
        if one.missing == "keep" and not _is_simple(one, table, tables, schema):
            says, hint = "has a condition or text ids: what its default names is unknown", 'missing="null"'
            raise Problem(where, says, hint, code=Exit.PLUGIN)
        if one.where is None:
            whole.add(one.column)


def _wrong(one: Pointer, table: Table, found: TableSchema, whole: set[str]) -> Iterator[tuple[str, str]]:
    column, how = found.columns[one.column], table.references.get(one.column)
    if any(key.columns == (one.column,) for key in found.foreign_keys):
        yield "is a foreign key, which is followed without a pointer", "leave the pointer out"
    if one.column in whole:
        yield "is pointed somewhere by the pointer before, which has no condition", "give each its where"
    if isinstance(how, Leave) or one.column in {*names(table.skip)} - {*names(table.key)}:
        yield "does not travel: its pointer does nothing", "leave one of the two out"
    if how is not None or any(one.column == other.column for other in table.json_references):
        yield "is declared twice: as a pointer and otherwise", "leave one of the two out"
    if one.where is not None and not one.where.strip():
        yield "has a pointer with an empty condition", "leave where out"
    if one.missing != "error" and (column.type.endswith("[]") or one.column in table.key):
        hint = f'leave missing="{one.missing}" out'
        yield "must name rows that are there: it is an array, or part of the key", hint
    if one.missing == "null" and column.not_null:
        yield "is never null: the row that it points at must be there", 'leave missing="null" out'


def _known_far_end(where: str, one: Pointer, tables: Tables, schema: Schema) -> None:
    pointed, key = known_table(one.table, schema), names(one.key)
    if one.table in tables:
        if key and key != names(tables[one.table].key):
            says = f"matches {one.table} by {', '.join(key)}, which travels by its own key"
            raise Problem(where, says, "leave the key out", code=Exit.PLUGIN)
    elif not key:
        says = f'points at "{one.table}", which does not travel'
        hint = 'declare that table too, or say how its rows are found there: Pointer(…, key=("…",))'
        raise Problem(where, says, hint, code=Exit.PLUGIN)
    else:
        known_columns(Table(one.table, key=key), pointed)
    id_ = _id_of(pointed, key or names(tables[one.table].key), _skip(one, tables))
    if id_ is None:
        says = f'points at "{one.table}", whose rows have no id of one column'
        raise Problem(where, says, "give that table a primary key", code=Exit.PLUGIN)
    parents = [foreign.table for foreign in pointed.foreign_keys if id_ in foreign.columns]
    if lost := [parent for parent in parents if parent not in tables or one.table not in tables]:
        says = f'points at "{one.table}", whose ids are those of "{lost[0]}"'
        raise Problem(where, says, "declare both tables, or point at the latter", code=Exit.PLUGIN)


def _pointing(one: Pointer, table: Table, tables: Tables, schema: Schema, further: Further) -> Pointing:
    column, id_ = schema.tables[table.name].columns[one.column], _id(one, tables, schema)
    pointed, end = schema.tables[one.table], one.table
    if id_ != surrogate_of(pointed, _key(one, tables), _skip(one, tables)):
        end = further(one.table, id_)
    where, is_array = _qualified(one.where, schema), column.type.endswith("[]")
    if not end:  # its id travels, and is the same everywhere
        return Pointing(one.column, "", where)
    compared = _compared(column.type, pointed.columns[id_].type) or ""
    return Pointing(one.column, end, where, is_array, compared, one.missing)


def _qualified(where: str | None, schema: Schema) -> str | None:
    """Compose a condition with `public.` before its tables: it runs with our own search path."""

    def named(found: re.Match[str]) -> str:
        words, table = found.groups()
        return f"{words}public.{table}" if table in schema.tables else found[0]

    return where if where is None else TABLE.sub(named, where)


def _is_simple(one: Pointer, table: Table, tables: Tables, schema: Schema) -> bool:
    """Return whether a pointer is equivalent to a foreign key: unconditional, and compared as it is."""
    alone = sum(other.column == one.column for other in table.pointers) == 1 and one.column not in table.plain
    if (
        one.where is not None
        or not alone
        or table.name not in schema.tables
        or one.table not in schema.tables
    ):
        return False
    column, id_ = schema.tables[table.name].columns.get(one.column), _id(one, tables, schema)
    if column is None or not id_ or column.type.endswith("[]"):
        return False
    return _compared(column.type, schema.tables[one.table].columns[id_].type) == ""


def _key(one: Pointer, tables: Tables) -> tuple[str, ...]:
    return names(tables[one.table].key if one.table in tables else one.key)


def _id(one: Pointer, tables: Tables, schema: Schema) -> str:
    return _id_of(schema.tables[one.table], _key(one, tables), _skip(one, tables)) or ""


def _skip(one: Pointer, tables: Tables) -> tuple[str, ...] | None:
    return names(tables[one.table].skip) if one.table in tables else None


def _id_of(table: TableSchema, key: Sequence[str], skip: tuple[str, ...] | None) -> str | None:
    surrogate = surrogate_of(table, tuple(key), skip)
    return surrogate or (table.primary_key[0] if len(table.primary_key) == 1 else None)


def _compared(column: str, id_: str) -> str | None:
    """Return the type in which ids are compared, "" for the column's own, None if they are never equal."""
    column, id_ = (one.removesuffix("[]").partition("(")[0] for one in (column, id_))
    families = [INTEGERS, TEXTS, ("uuid",)]
    mine, its = (
        next((n for n, family in enumerate(families) if one in family), None) for one in (column, id_)
    )
    if column == id_ or (mine is not None and mine == its):
        return ""
    if mine == 1 and its is not None:
        return "bigint" if its == 0 else "uuid"
    return None if mine is not None and its in (0, 2) else "text"
