"""The neighbourhood of what is released: rows that are met, and whatever their foreign keys lead to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from maulstick.errors import Exit, Problem
from maulstick.postgres.catalogue import read_schema
from maulstick.postgres.connection import Database
from maulstick.postgres.quoting import fitting, literal, literals, name, names
from maulstick.postgres.sql.session import formats
from maulstick.postgres.tables.equality import equal
from maulstick.postgres.tables.schema import ForeignKey, Schema, TableSchema
from maulstick.rehearsal.collisions import Place
from maulstick.rehearsal.copied_table import CopiedTable
from maulstick.rehearsal.met_rows import Met, Travelling, alone, met_rows

CONSTANT = re.compile(r"(-?\d+|'[^']*')(::[\w ]+)?")
SNAPSHOT = "isolation level repeatable read"


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """Rows of production in an open snapshot, and the tables whose rows are among them."""

    database: Database
    snapshot: str
    tables: Mapping[str, CopiedTable]

    def count(self, label: str) -> int:
        """Count a table's rows."""
        return int(self.database.query(f"select count(*) from {_near(label)}")[0][0])

    def rows(self, label: str, empty: Sequence[str] = ()) -> Iterator[bytes]:
        """Yield blocks of COPY text with a table's columns, and behind them some that are empty."""
        table = self.tables[label]
        columns = ", ".join([names(table.columns, "t"), *("null" for _ in empty)])
        select = f"select {columns} from {_with_rows(label, table.schema, 'p', 't')}"
        return self.database.copy_out(f"copy ({select}) to stdout")


@contextmanager
def neighbourhood(database: Database, travelling: Sequence[Travelling]) -> Iterator[Neighbourhood]:
    """Find the rows around all subjects in one snapshot of production, which is only read."""
    with database.transaction(SNAPSHOT, formats() + "\n"):
        schema = read_schema(database)
        database.run("".join([*map(_new, [*schema.tables, *schema.parents]), "set transaction read only"]))
        ((snapshot,),) = database.query("select pg_export_snapshot()")
        met = [met for one in travelling for met in _met(database, str(snapshot), one, schema)]
        travels = frozenset[str]().union(*(one.travels for one in met))
        tables = _tables(schema, travels, met)
        for one in met:
            for label, places in one.places.items():
                _add(database, label, places)
        for text in _defaults(tables):
            database.run(text)
        _follow(database, tables)
        yield Neighbourhood(database, str(snapshot), _with_any(database, tables))


def _met(database: Database, snapshot: str, travelling: Travelling, schema: Schema) -> Iterator[Met]:
    """Find what subjects meet, in a transaction of its own that sees the same snapshot.

    One whose declarations do not fit production meets nothing, and its plan says why.
    """
    opening = f"set transaction snapshot {literal(snapshot)};\n{formats()}\n"
    try:
        with database.again() as other, other.transaction(SNAPSHOT, opening):
            yield met_rows(other, travelling, schema)
    except Problem as problem:
        if problem.code != Exit.PLUGIN:
            raise
        for one in alone(travelling):
            yield from _met(database, snapshot, one, schema)


def _tables(schema: Schema, travels: frozenset[str], met: Sequence[Met]) -> dict[str, CopiedTable]:
    """Return what comes of each table that foreign keys lead to from those that travel or are matched."""
    every = {**schema.tables, **schema.parents}
    keys = {label: set[str]() for one in met for label in one.keys if label in every}
    for one in met:
        for label, columns in one.keys.items():
            keys[label] |= {*columns}
    waiting = [*keys]
    while waiting:
        label = waiting.pop()
        table = every[label]
        mine = keys[label] | {*table.primary_key}
        for key in table.foreign_keys:
            if key.table not in every or not (label in travels or _comes(key, table, mine)):
                continue
            mine |= {*key.columns}
            known = keys.setdefault(key.table, set())
            if not {*key.target} <= known:
                known |= {*key.target}
                waiting.append(key.table)
        keys[label] = mine
    return {
        label: _table(every[label], mine, label in travels, label in schema.parents)
        for label, mine in keys.items()
    }


def _comes(key: ForeignKey, table: TableSchema, mine: set[str]) -> bool:
    """Return whether a reference of a row that comes by its key alone is followed: it must have one."""
    return {*key.columns} <= mine or all(table.columns[one].not_null for one in key.columns)


def _table(table: TableSchema, key: set[str], is_whole: bool, has_heirs: bool) -> CopiedTable:
    columns = tuple(
        one.name for one in table.columns.values() if not one.generated and (is_whole or one.name in key)
    )
    return CopiedTable(table, columns, is_whole, has_heirs)


def _follow(database: Database, tables: Mapping[str, CopiedTable]) -> None:
    """Add the rows that foreign keys lead to, until none is new."""
    edges = [
        _edge(label, table, key, tables[key.table])
        for label, table in tables.items()
        for key in table.schema.foreign_keys
        if key.table in tables and {*key.columns} <= {*table.columns}
    ]
    while sum(database.run(edge) for edge in edges):
        pass


def _defaults(tables: Mapping[str, CopiedTable]) -> Iterator[str]:
    """Compose the SQL that adds the rows to which a new row leads by a constant default."""
    for table in tables.values():
        for key in table.schema.foreign_keys if table.is_whole else ():
            parent, default = tables.get(key.table), table.schema.columns[key.columns[0]].default or ""
            if parent is None or len(key.columns) > 1 or not CONSTANT.fullmatch(default):
                continue
            rows = f"{parent.rows} as t"
            same = f"t.{name(key.target[0])}::text = ({default})::text"
            yield f"insert into {_near(key.table)} select t.tableoid, t.ctid from {rows} where {same}"


def _edge(label: str, table: CopiedTable, key: ForeignKey, parent: CopiedTable) -> str:
    same = [
        f"c.{name(one)} operator(pg_catalog.&&) t.{name(two)}"
        if key.period and one == key.columns[-1]
        else equal(
            f"c.{name(one)}",
            f"t.{name(two)}",
            table.schema.columns[one].type,
            parent.schema.columns[two].type,
        )
        for one, two in zip(key.columns, key.target, strict=True)
    ]
    near, rows = _near(key.table), parent.rows
    return (
        f"insert into {near} select distinct t.tableoid, t.ctid"
        f" from {_with_rows(label, table.schema, 'p', 'c')} join {rows} as t on {' and '.join(same)}"
        f" where not exists (select from {near} as q where q.o = t.tableoid and q.c = t.ctid)"
    )


def _with_any(database: Database, tables: Mapping[str, CopiedTable]) -> dict[str, CopiedTable]:
    asked = [f"select {literal(label)} where exists (select from {_near(label)})" for label in tables]
    there = {str(row[0]) for row in database.query(" union all ".join(asked))} if asked else set()
    return {label: table for label, table in tables.items() if label in there}


def _add(database: Database, label: str, places: frozenset[Place]) -> None:
    if not places:
        return
    tables, rows = zip(*sorted(places), strict=True)
    listed = f"unnest({literals(tables)}::oid[], {literals(rows)}::tid[])"
    near = _near(label)
    new = f"select a.o, a.c from {listed} as a(o, c) where not exists"
    database.run(f"insert into {near} {new} (select from {near} as q where q.o = a.o and q.c = a.c)")


def _near(label: str) -> str:
    return name("pg_temp", fitting(f"maulstick_near_{label}"))


def _new(label: str) -> str:
    return f"create temp table {_near(label)} (o oid, c tid) on commit drop;\n"


def _with_rows(label: str, table: TableSchema, place: str, row: str) -> str:
    rows = f"{_near(label)} as {place} join {name(table.schema, table.name)} as {row}"
    return f"{rows} on {row}.ctid = {place}.c and {row}.tableoid = {place}.o"
