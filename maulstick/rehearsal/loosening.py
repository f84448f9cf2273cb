"""Rules of a table of which only keys come, loosened so that the columns that do not come may be empty."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import psycopg
from psycopg.errors import CheckViolation

from maulstick.postgres.connection import Database
from maulstick.postgres.quoting import literal, literals, name
from maulstick.rehearsal.copied_table import CopiedTable
from maulstick.rehearsal.schema import LeftOut

BARE = "its rows come by their keys alone"
CHECKS = """
select o.conname from pg_constraint as o
where o.conrelid = to_regclass(%s) and o.contype = 'c' and o.conislocal and (0 = any (o.conkey) or exists (
  select from pg_attribute as a where a.attrelid = o.conrelid and a.attnum = any (o.conkey)
    and a.attname = any (%s)))
"""
DOMAINS = """
with recursive chain as (
  select t.oid as whole, t.oid, t.typbasetype from pg_attribute as a join pg_type as t on t.oid = a.atttypid
  where a.attrelid = to_regclass(%s) and a.attname = any (%s) and t.typtype = 'd'
  union select c.whole, t.oid, t.typbasetype from chain as c join pg_type as t on t.oid = c.typbasetype
  where t.typtype = 'd')
select format('%%I.%%I', n.nspname, w.typname), array_agg(format('%%I.%%I', m.nspname, t.typname))
from chain as c join pg_type as w on w.oid = c.whole join pg_namespace as n on n.oid = w.typnamespace
  join pg_type as t on t.oid = c.oid join pg_namespace as m on m.oid = t.typnamespace group by 1
"""
SHARED = """
select a.attname from pg_attribute as a where a.attrelid = {table}::regclass and a.attname = any ({columns})
  and (exists (select from pg_index as i where i.indrelid = a.attrelid and (i.indisunique or i.indisexclusion)
      and (a.attnum = any (i.indkey::int2[]) or exists (select from pg_depend as d
        where d.classid = 'pg_class'::regclass and d.objid = i.indexrelid
          and d.refclassid = 'pg_class'::regclass and d.refobjid = a.attrelid and d.refobjsubid = a.attnum)))
    or exists (select from pg_constraint as o
      where o.conrelid = a.attrelid and o.contype = 'f' and a.attnum = any (o.conkey)))
"""


def loosen(connection: psycopg.Connection, table: CopiedTable) -> Iterator[LeftOut]:
    """Let the columns that do not come be empty: no value is made up for them."""
    full, absent = table.full, [*table.absent]
    for column in absent:
        known = table.schema.columns[column]
        if known.not_null and not known.identity:
            connection.execute(f"alter table {full} alter {name(column)} drop not null".encode())
    for (check,) in connection.execute(CHECKS.encode(), [full, absent]).fetchall():
        connection.execute(f"alter table {full} drop constraint {name(check)}".encode())
        yield LeftOut(f"check {check} of {table.schema.name}", BARE)


def without_defaults(connection: psycopg.Connection, database: Database, table: CopiedTable) -> list[str]:
    """List the columns that must be empty: their default cannot be had, or two rows may not share it."""
    defaults = {one: text for one in table.lacking if (text := table.schema.columns[one].default)}
    if not defaults:
        return []
    columns = f"{literals(defaults)}::text[]"
    shared = database.query(SHARED.format(table=literal(table.full), columns=columns))
    empty = {str(row[0]) for row in shared}
    return [one for one, text in defaults.items() if one in empty or not _is_known(connection, text)]


def _is_known(connection: psycopg.Connection, default: str) -> bool:
    try:
        with connection.transaction():
            connection.execute(f"select {default}".encode())
    except psycopg.Error:
        return False
    return True


def loosen_domains(
    connection: psycopg.Connection, table: CopiedTable, columns: Sequence[str]
) -> Iterator[LeftOut]:
    """Let the domains of columns be empty; of a column that does not come at all, none is asked."""
    for domain, chain in connection.execute(DOMAINS.encode(), [table.full, [*columns]]).fetchall():
        yield from _without_null_rules(connection, domain, chain)


def _without_null_rules(
    connection: psycopg.Connection, domain: str, chain: Sequence[str]
) -> Iterator[LeftOut]:
    """Let a domain be empty, and the domains that it is made of."""
    for one in chain:
        connection.execute(f"alter domain {one} drop not null".encode())
    while (check := _refused(connection, domain)) is not None:
        for one in chain:
            connection.execute(f"alter domain {one} drop constraint if exists {name(check)}".encode())
        yield LeftOut(f"check {check} of domain {domain.removeprefix('public.')}", BARE)


def _refused(connection: psycopg.Connection, domain: str) -> str | None:
    try:
        with connection.transaction():
            connection.execute(f"select null::{domain}".encode())
    except CheckViolation as error:
        return error.diag.constraint_name
    return None
