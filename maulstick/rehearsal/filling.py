"""Rows into the copy, before its foreign keys and triggers are there."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg

from maulstick.postgres.quoting import literal, name, names
from maulstick.postgres.sql.session import formats
from maulstick.rehearsal.neighbourhood import CopiedTable, Neighbourhood
from maulstick.rehearsal.schema import LeftOut

SEQUENCES = """
select schemaname, sequencename, last_value from pg_catalog.pg_sequences
where last_value is not null and schemaname !~ '^pg_(catalog|toast|temp)'
"""
LEDGER = """
select c.relname from pg_class as c where c.relkind = 'r' and c.relnamespace = to_regnamespace('maulstick')
order by 1
"""
CHECKS = """
select o.conname from pg_constraint as o
where o.conrelid = to_regclass(%s) and o.contype = 'c' and exists (
  select from pg_attribute as a where a.attrelid = o.conrelid and a.attnum = any (o.conkey)
    and a.attname = any (%s))
"""
MIGRATIONS = ("schema_migrations", "ar_internal_metadata", "django_migrations", "alembic_version")
"""Tables that tell a site which migrations have run."""


def fill(connection: psycopg.Connection, near: Neighbourhood) -> Iterator[LeftOut]:
    """Copy all rows, the ledger and the counters; yield the rules that rows of keys alone could not keep."""
    with connection.transaction():
        connection.execute(formats().encode())
        for label, table in near.tables.items():
            if not table.is_whole:
                yield from _loosened(connection, table)
            _copy(connection, near, _name(table), table.columns, near.rows(label))
        for whole in _whole_tables(connection, near):
            _copy(connection, near, whole, (), near.database.copy_out(f"copy {whole} to stdout"))
        for schema, sequence, last in near.database.query(SEQUENCES):
            counter = f"to_regclass({literal(name(str(schema), str(sequence)))})"
            moved = f"select setval({counter}, {int(last)}) where {counter} is not null"
            connection.execute(moved.encode())


def _copy(
    connection: psycopg.Connection,
    near: Neighbourhood,
    table: str,
    columns: tuple[str, ...],
    blocks: Iterator[bytes],
) -> None:
    cells = f" ({names(columns)})" if columns else ""
    with connection.cursor() as cursor, cursor.copy(f"copy {table}{cells} from stdin".encode()) as copy:
        for block in blocks:
            copy.write(block)


def _whole_tables(connection: psycopg.Connection, near: Neighbourhood) -> Iterator[str]:
    """Yield the tables that come whole whatever is released: the ledger's, and what counts migrations."""
    for (table,) in near.database.query(LEDGER):
        yield name("maulstick", str(table))
    for table in MIGRATIONS:
        if table not in near.tables and (known := _readable(near, table)):
            yield known


def _readable(near: Neighbourhood, table: str) -> str:
    full = literal(name("public", table))
    asked = f"select has_table_privilege(to_regclass({full}), 'select')"
    return name("public", table) if near.database.query(asked)[0][0] else ""


def _loosened(connection: psycopg.Connection, table: CopiedTable) -> Iterator[LeftOut]:
    """Let the columns that do not come be empty: no value is made up for them."""
    full, lacking = _name(table), table.lacking
    for column in lacking:
        if table.schema.columns[column].not_null:
            connection.execute(f"alter table {full} alter {name(column)} drop not null".encode())
    for (check,) in connection.execute(CHECKS.encode(), [full, list(lacking)]).fetchall():
        connection.execute(f"alter table {full} drop constraint {name(check)}".encode())
        yield LeftOut(f"check {check} of {table.schema.name}", "its rows come by their keys alone")


def _name(table: CopiedTable) -> str:
    return name(table.schema.schema, table.schema.name)
