"""What a plugin declares of a table, held against the source's catalogue."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from maulstick.content import Match, Table, names
from maulstick.errors import Exit, Problem, did_you_mean
from maulstick.json_paths import PATH
from maulstick.schema import ForeignKey, Schema, TableSchema


def surrogate_of(table: TableSchema, key: tuple[str, ...], skip: Collection[str] | None = ()) -> str | None:
    """Return the column whose values are made by the database and mean nothing: they never travel.

    A site may make them itself, as Ecto does with uuids: then they stay at home where the plugin skips them.
    With None for `skip`, as in a table that is only matched, any id of one column does.
    """
    if len(table.primary_key) != 1:
        return None
    column = table.columns[table.primary_key[0]]
    means_nothing = column.fills_itself or skip is None or column.name in skip
    return column.name if means_nothing and column.name not in key else None


def ids_of(table: TableSchema, key: tuple[str, ...], skip: Collection[str] | None = ()) -> set[str]:
    """Return the columns that do not travel since their values mean nothing elsewhere.

    Of a primary key of several columns, as a partitioned table has, those that the database counts.
    """
    surrogate = surrogate_of(table, key, skip)
    if surrogate is not None:
        return {surrogate}
    several = table.primary_key if len(table.primary_key) > 1 else ()
    return {column for column in several if table.columns[column].counts_itself and column not in key}


def undeclared(table: str, key: ForeignKey) -> Problem:
    """Return the problem of a reference that nobody declared, with both declarations ready to paste."""
    column = key.columns[0]
    return Problem(
        f"{table}.{column}",
        f'refers to "{key.table}", which does not travel, and nobody said what to do',
        f'declare references={{"{column}": Leave()}} to leave production\'s own value, or '
        f'references={{"{column}": Match(key=("…",))}} to find the row there by its key',
        code=Exit.PLUGIN,
    )


def known_table(name: str, schema: Schema) -> TableSchema:
    """Return a table of the source; an unknown one is a problem with the nearest name."""
    found = schema.tables.get(name)
    if name in schema.others:
        hint = "declare the table that holds its rows: an ordinary or a partitioned one"
        raise Problem(name, f"is {schema.others[name]} in the source database", hint, code=Exit.PLUGIN)
    if found is None:
        hint = did_you_mean(name, schema.tables)
        raise Problem(name, "no such table in the source database", hint, code=Exit.PLUGIN)
    return found


def known_references(table: Table, found: TableSchema, tables: Mapping[str, Table], schema: Schema) -> None:
    """Raise a problem for a `via` or a JSON reference that leads to no table that travels."""
    inside = {column for key in found.foreign_keys if key.table in tables for column in key.columns}
    for column in table.via:
        if column not in inside:
            hint = "via names a foreign key to a table that is declared too"
            raise Problem(f"{table.name}.{column}", "refers to no table that travels", hint, code=Exit.PLUGIN)
    for reference in table.json_references:
        known_path(f"{table.name}.{reference.column}", reference.path)
        where, pointed = f"{table.name}.{reference.column}", tables.get(reference.table)
        if pointed is None:
            says, hint = f'refers to "{reference.table}", which does not travel', "declare that table as well"
            raise Problem(where, says, hint, code=Exit.PLUGIN)
        if surrogate_of(known_table(pointed.name, schema), names(pointed.key), names(pointed.skip)) is None:
            says = f'refers to "{reference.table}", whose rows have no id that a database gives'
            raise Problem(where, says, "its key travels as it is: leave it out", code=Exit.PLUGIN)


def known_path(where: str, path: str) -> None:
    """Raise a problem for a JSON path that says more than names and `[*]`."""
    if not PATH.fullmatch(path):
        hint = 'names and [*] only, as in $.artwork_id or $.items[*].id; other names as $."a b"'
        raise Problem(where, f'"{path}" is no path that can be followed', hint, code=Exit.PLUGIN)


def known_matches(table: Table, found: TableSchema) -> None:
    """Raise a problem for a match that may be missing where its column cannot do without."""
    for column, how in table.references.items():
        if not isinstance(how, Match) or how.missing == "error":
            continue
        says = ""
        if any(set(key.columns) & set(table.key) for key in found.foreign_keys if key.columns[0] == column):
            says = "is part of the key: the row that it points at must be there"
        elif how.missing == "null" and found.columns[column].not_null:
            says = "is never null: the row that it points at must be there"
        if says:
            hint = f'leave missing="{how.missing}" away'
            raise Problem(f"{table.name}.{column}", says, hint, code=Exit.PLUGIN)


def known_match_key(where: str, key: tuple[str, ...], pointed: TableSchema) -> None:
    """Raise a problem for a match by an id of yet another row: ids differ between the two sides."""
    for foreign in pointed.foreign_keys:
        if set(foreign.columns) & set(key):
            says = f"matches {pointed.name} by {', '.join(foreign.columns)}, which refers to {foreign.table}"
            hint = f"declare {pointed.name} with its key, or match it by plain columns"
            raise Problem(where, says, hint, code=Exit.PLUGIN)


def known_columns(table: Table, found: TableSchema) -> None:
    """Raise a problem for a declared column that the table does not have, and for a table without a key."""
    for medium in table.media:
        if medium.path is not None:
            known_path(f"{table.name}.{medium.column}", medium.path)
    json_columns = [reference.column for reference in table.json_references]
    media = [name for medium in table.media for name in (medium.column, *medium.says.values())]
    named = [*table.key, *table.via, *table.references, *table.theirs, *table.skip, *json_columns, *media]
    for column in named:
        if column not in found.columns:
            where, hint = f"{table.name}.{column}", did_you_mean(column, found.columns)
            raise Problem(where, "no such column in the source database", hint, code=Exit.PLUGIN)
    for column in table.key:
        if found.columns[column].generated:
            where, hint = f"{table.name}.{column}", "name the columns that it is made of"
            raise Problem(where, "is generated and cannot be part of a key", hint, code=Exit.PLUGIN)
    if not table.key:
        hint = 'declare key=("…",): the columns that name a row on both sides'
        raise Problem(table.name, "has no key", hint, code=Exit.PLUGIN)
