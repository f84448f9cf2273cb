"""What a plugin declares about a table, checked against the source's catalogue."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Iterator, Mapping

from maulstick.errors import Exit, Problem, did_you_mean
from maulstick.postgres.tables.schema import ForeignKey, Schema, TableSchema
from maulstick.project.declarations import Leave, Match, Table, names
from maulstick.project.plugins.json_path import PATH


def surrogate_of(table: TableSchema, key: tuple[str, ...], skip: Collection[str] | None = ()) -> str | None:
    """Return the column whose values the database makes and that mean nothing elsewhere: they never travel.

    A site may make them itself, as Ecto does with uuids: then they stay at home where the plugin skips them.
    With None for `skip`, as in a table that is only matched, any id of one column does. An id that is a
    foreign key too is none: it is the id of another row.
    """
    shared = any(key.columns == table.primary_key for key in table.foreign_keys)
    if len(table.primary_key) != 1 or shared:
        return None
    column = table.columns[table.primary_key[0]]
    means_nothing = column.fills_itself or skip is None or column.name in skip
    return column.name if means_nothing and column.name not in key else None


def ids_of(
    table: TableSchema,
    key: tuple[str, ...],
    *,
    travels: tuple[str, ...] = (),
    skip: Collection[str] | None = (),
) -> set[str]:
    """List the columns that do not travel because their values mean nothing elsewhere.

    They are those that a sequence counts, as an id or as a serial number, but for those that `travels` names;
    of a primary key of several columns, as a partitioned table has, those that the database makes.
    """
    surrogate = surrogate_of(table, key, skip)
    ids = {surrogate} if surrogate is not None else set()
    several = table.primary_key if len(table.primary_key) > 1 else ()
    ids |= {column for column in several if table.columns[column].counts_itself}
    return (ids | {column.name for column in table.columns.values() if column.counted}) - {*key, *travels}


def undeclared(table: str, key: ForeignKey, columns: tuple[str, ...]) -> Problem:
    """Describe the problem of a reference that nobody declared, with both declarations ready to paste."""
    column = [*columns, *key.columns][0]
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
    """Raise a problem for a `via` or a JSON reference that does not lead to a travelling table."""
    inside = {column for key in found.foreign_keys if key.table in tables for column in key.columns}
    inside |= {pointer.column for pointer in table.pointers if pointer.table in tables}
    for column in table.via:
        if column not in inside:
            hint = "via names a foreign key, or a pointer, to a table that is declared too"
            raise Problem(f"{table.name}.{column}", "refers to no table that travels", hint, code=Exit.PLUGIN)
    for reference in table.json_references:
        known_path(f"{table.name}.{reference.column}", reference.path)
        where, pointed = f"{table.name}.{reference.column}", tables.get(reference.table)
        if pointed is None and not reference.key:
            says, hint = f'refers to "{reference.table}", which does not travel', "declare that table as well"
            hint += ', or say how its rows are found there: JsonReference(…, key=("…",))'
            raise Problem(where, says, hint, code=Exit.PLUGIN)
        if pointed is not None and reference.key and reference.key != pointed.key:
            says = f"matches {pointed.name} by {', '.join(reference.key)}, which travels by its own key"
            raise Problem(where, says, "leave the key out", code=Exit.PLUGIN)
        key, skip = (reference.key, ()) if pointed is None else (pointed.key, pointed.skip)
        if surrogate_of(known_table(reference.table, schema), names(key), names(skip)) is None:
            says = f'refers to "{reference.table}", whose rows have no id that a database gives'
            raise Problem(where, says, _other_id(schema.tables[reference.table]), code=Exit.PLUGIN)


def _other_id(table: TableSchema) -> str:
    shared = [key.table for key in table.foreign_keys if key.columns == table.primary_key]
    if shared:
        return f'its ids are those of "{shared[0]}": name that table'
    return "its key travels as it is: leave it out"


def known_path(where: str, path: str) -> None:
    """Raise a problem for a JSON path with more than names and `[*]`."""
    if not PATH.fullmatch(path):
        hint = 'names and [*] only, as in $.artwork_id or $.items[*].id; other names as $."a b"'
        raise Problem(where, f'"{path}" is not a path that can be followed', hint, code=Exit.PLUGIN)


def known_match_key(where: str, key: tuple[str, ...], pointed: TableSchema, leads: Container[str]) -> None:
    """Raise a problem for a match by an id of another row, unless the column leads to a known table."""
    plain = {column for column in key if column not in leads}
    for foreign in pointed.foreign_keys:
        if set(foreign.columns) & plain:
            says = f"matches {pointed.name} by {', '.join(foreign.columns)}, which refers to {foreign.table}"
            hint = f"declare {pointed.name} with its key, or match it by plain columns"
            raise Problem(where, says, hint, code=Exit.PLUGIN)


JSON = ("json", "text", "character", "citext")
"""How the names of types that may hold JSON begin."""
LARGE_OBJECTS = ("oid", "lo")
KEY = 'declare key=("…",): the columns that name a row on both sides'
UNCOMPARED = (
    *("json", "jsonpath", "xml", "xid", "pg_snapshot", "txid_snapshot"),
    *("point", "line", "lseg", "box", "path", "polygon", "circle"),
)
"""Types whose values PostgreSQL cannot sort or hash: two of them are never known as one."""


def known_idle(table: Table, found: TableSchema, tables: Mapping[str, Table]) -> None:
    """Raise a problem for a declaration that would have no effect."""
    for column, says, hint in (*_idle(table, found, tables), *_no_json(table, found)):
        raise Problem(f"{table.name}.{column}", says, hint, code=Exit.PLUGIN)


def _idle(table: Table, found: TableSchema, tables: Mapping[str, Table]) -> Iterator[tuple[str, str, str]]:
    by_size = sorted(found.foreign_keys, key=lambda key: -len(key.columns))
    keys = {column: key for key in by_size for column in key.columns}
    for column, how in table.references.items():
        if not isinstance(how, Match):
            continue
        if column not in keys:
            kind = f"{column.removesuffix('_id')}_type"
            where = f""", where="{kind} = '…'\"""" if kind in found.columns else ""
            hint = f'declare where it leads: pointers=[Pointer("{column}", "…"{where}, key=("…",))]'
            yield column, "is not a foreign key in the source: its Match does nothing", hint
        elif column in table.skip:
            yield column, "is skipped: its Match does nothing", "leave one of the two out"
        elif how.key and _travels(keys[column], tables) and how.key != tables[keys[column].table].key:
            says = f"matches {keys[column].table} by {', '.join(how.key)}, which travels by its own key"
            yield column, says, "leave the key out, or match by that of the table"
    left = {column for column, how in table.references.items() if isinstance(how, Leave)}
    needed = {reference.column: "its JsonReference does nothing" for reference in table.json_references}
    needed |= dict.fromkeys(table.via, "no row comes by it")
    needed |= {medium.column: "its files would not either" for medium in table.media}
    for column, says in needed.items():
        if column in (left | {*table.skip}) - {*table.key}:
            yield column, f"does not travel: {says}", "leave one of the two out"


def _travels(key: ForeignKey, tables: Mapping[str, Table]) -> bool:
    """Return whether a foreign key of one column leads to a table that travels by its own key."""
    return len(key.columns) == 1 and key.table in tables


def _no_json(table: Table, found: TableSchema) -> Iterator[tuple[str, str, str]]:
    paths = [(reference.column, reference.path) for reference in table.json_references]
    for column, path in {one for one in paths if paths.count(one) > 1}:
        yield column, f"has two references at {path}", "leave one of the two out"
    inside = [reference.column for reference in table.json_references]
    inside += [media.column for media in table.media if media.path is not None]
    for column in inside:
        if not found.columns[column].type.startswith(JSON):
            yield column, f"is {found.columns[column].type}, and a path leads into JSON", "leave the path out"


def is_large_object(table: TableSchema, column: str) -> bool:
    """Return whether a column refers to large objects: their bytes are in no table, and do not travel."""
    return table.columns[column].type.rpartition(".")[2] in LARGE_OBJECTS


def known_large_objects(table: Table, found: TableSchema, columns: Iterable[str]) -> None:
    """Raise a problem for a column of large objects that nobody calls plain."""
    for column in columns:
        if is_large_object(found, column) and column not in table.plain:
            says = f"is {found.columns[column].type}, which names a large object of the source's own database"
            hint = f'skip="{column}" leaves it at home, plain="{column}" lets the number travel'
            raise Problem(f"{table.name}.{column}", says, hint, code=Exit.PLUGIN)


def known_counters(table: Table, found: TableSchema) -> None:
    """Raise a problem for a column in `travels` that travels anyway, or never can."""
    key = names(table.key)
    for name in names(table.travels):
        column, says, hint = found.columns[name], "", "leave it out of travels"
        if name in key or not column.counted:
            says = "travels as it is: no sequence keeps it at home"
        elif name == surrogate_of(found, key, names(table.skip)):
            says = "is the id, which the target's own sequence gives"
        elif name in table.skip:
            says, hint = "is named in travels and in skip", "leave it out of one of them"
        elif not column.is_integer:
            says = f"is {column.type}: the target's sequence could not follow what is written"
        if says:
            raise Problem(f"{table.name}.{name}", says, hint, code=Exit.PLUGIN)


def known_columns(table: Table, found: TableSchema) -> None:
    """Raise a problem for a declared column that the table does not have, and for a table without a key."""
    for medium in table.media:
        if medium.path is not None:
            known_path(f"{table.name}.{medium.column}", medium.path)
    json_columns = [reference.column for reference in table.json_references]
    media = [name for medium in table.media for name in (medium.column, *medium.says.values())]
    named = [*table.key, *table.via, *table.references, *table.theirs, *table.skip, *table.travels]
    named += [*json_columns, *media, *(pointer.column for pointer in table.pointers), *table.plain]
    named += [table.publish] if table.publish else []
    for column in named:
        if column not in found.columns:
            where, hint = f"{table.name}.{column}", did_you_mean(column, found.columns)
            raise Problem(where, "no such column in the source database", hint, code=Exit.PLUGIN)
    for column in table.key:
        says, type_ = "", found.columns[column].type
        if found.columns[column].generated:
            says, hint = "is generated and cannot be part of a key", "name the columns that it is made of"
        elif type_.removesuffix("[]") in UNCOMPARED:
            says, hint = f"is {type_}, which PostgreSQL does not compare", KEY
        if says:
            raise Problem(f"{table.name}.{column}", says, hint, code=Exit.PLUGIN)
    if not table.key:
        raise Problem(table.name, "has no key", KEY, code=Exit.PLUGIN)
