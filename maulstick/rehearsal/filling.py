"""Rows into the copy, before its foreign keys and triggers are there."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg

from maulstick.postgres.quoting import literal, name, names
from maulstick.postgres.sql.session import formats
from maulstick.postgres.sql_problem import one_line
from maulstick.rehearsal.loosening import loosen, loosen_domains, without_defaults
from maulstick.rehearsal.neighbourhood import Neighbourhood
from maulstick.rehearsal.schema import LeftOut

SEQUENCES = """
select schemaname, sequencename, last_value from pg_catalog.pg_sequences
where last_value is not null and schemaname !~ '^pg_(catalog|toast|temp)'
"""
LEDGER = """
select c.relname from pg_class as c where c.relkind = 'r' and c.relnamespace = to_regnamespace('maulstick')
order by 1
"""
POPULATED = """
select format('%I.%I', n.nspname, c.relname)
from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
where c.relkind = 'm' and c.relispopulated and n.nspname !~ '^pg_' order by 1
"""
FORCED = """
select format('%I.%I', n.nspname, c.relname)
from pg_class as c join pg_namespace as n on n.oid = c.relnamespace where c.relforcerowsecurity order by 1
"""
MIGRATIONS = ("schema_migrations", "ar_internal_metadata", "django_migrations", "alembic_version")
"""Tables that tell a site which migrations have run."""


def fill(connection: psycopg.Connection, near: Neighbourhood) -> Iterator[LeftOut]:
    """Copy all rows, the ledger and the counters; yield the rules that rows of keys alone could not keep."""
    with connection.transaction():
        # What types and checks call may need the path that the site has.
        connection.execute(f"{formats()}\nset local search_path to default".encode())
        for label, table in near.tables.items():
            if table.is_whole:
                _copy(connection, table.full, table.columns, near.rows(label))
            else:
                yield from loosen(connection, table)
                empty = without_defaults(connection, near.database, table)
                yield from loosen_domains(connection, table, empty)
                _copy(connection, table.full, (*table.columns, *empty), near.rows(label, empty))
        for whole in _whole_tables(connection, near):
            _copy(connection, whole, (), near.database.copy_out(f"copy {whole} to stdout"))
        for schema, sequence, last in near.database.query(SEQUENCES):
            counter = f"to_regclass({literal(name(str(schema), str(sequence)))})"
            moved = f"select setval({counter}, {int(last)}) where {counter} is not null"
            connection.execute(moved.encode())


def finish(connection: psycopg.Connection, near: Neighbourhood) -> Iterator[LeftOut]:
    """Have materialized views show the rows that came, and the owner of all tables see them.

    Those that others are made of come first. Yield the ones that cannot be made of so few rows.
    """
    waiting = {str(view): "" for (view,) in near.database.query(POPULATED)}
    for view in [*waiting]:
        if connection.execute("select to_regclass(%s)", [view]).fetchone() == (None,):
            del waiting[view]  # it was left out already
    left = 0
    while waiting and len(waiting) != left:
        left = len(waiting)
        for view in [*waiting]:
            try:
                connection.execute(f"refresh materialized view {view}".encode())
                del waiting[view]
            except psycopg.Error as error:
                waiting[view] = one_line(str(error))
    for view, why in waiting.items():
        yield LeftOut(f"rows of materialized view {view.removeprefix('public.')}", why)
    for (table,) in connection.execute(FORCED.encode()).fetchall():
        connection.execute(f"alter table {table} no force row level security".encode())


def _copy(
    connection: psycopg.Connection, table: str, columns: tuple[str, ...], blocks: Iterator[bytes]
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
