"""Sections settings, stage and lock: everything until the tables are locked."""

from __future__ import annotations

from maulstick.postgres.quoting import block, name
from maulstick.postgres.sql.bundle_tables import BundleTables
from maulstick.postgres.sql.columns.hiding import hidden_rows
from maulstick.postgres.sql.ledger import open_ledger, writable
from maulstick.postgres.sql.session import BEGIN, TRIES, formats, limits
from maulstick.postgres.sql.temp_tables import (
    ASIDE,
    CHANGE,
    DEFAULTS,
    DIFFERS,
    DOOMED,
    FOUND,
    HELD,
    KNOWN,
    PROBLEM,
    RENAMES,
    RESTORES,
    RESULT,
    TAKES,
    keys,
    ready,
    real,
    stage,
)
from maulstick.postgres.sql.trust.site_path import learn_path
from maulstick.postgres.sqlstates import BUSY
from maulstick.postgres.tables.hidden_ids import hidden_ids
from maulstick.postgres.tables.specs import TableSpec, TableSpecs


def settings() -> str:
    """Compose the section that opens the transaction, waits for the lock and creates the ledger."""
    return f"{BEGIN}\n{formats()}\n{limits()}\n{writable()}\n{open_ledger()}\n"


def stage_tables(bundle: BundleTables) -> str:
    """Compose the SQL of the temporary tables, in the target's own column types, and of the site's path."""
    named = {one.table for spec in bundle.staged.values() for one in hidden_ids(spec)}
    tables = [_tables_of(one, label in named) for label, one in bundle.worked_in.items()]
    written = bundle.specs if bundle.is_led else bundle.filled
    to_write = [_table_to_write(one) for one in written.values()]
    hidden = [hidden_rows()] if bundle.publishes else []
    return "\n".join([learn_path(bundle.specs.values()), *tables, *to_write, SHARED, *hidden])


def copy_in(spec: TableSpec, *, matched: bool) -> str:
    """Compose the COPY that receives a table's rows, or the keys of rows that are only matched."""
    columns = ", ".join(name(column) for column in (spec.key if matched else spec.columns))
    return f"copy {stage(spec)} ({columns}) from stdin;"


def mark_matched(spec: TableSpec) -> str:
    """Compose the SQL that marks the rows staged so far as only matched."""
    return f"update {stage(spec)} set maulstick_matched = true;"


def lock(specs: TableSpecs) -> str:
    """Compose the section that locks the slice's tables against writers, not readers.

    Tried `TRIES` times with a random pause; each try must stay below PostgreSQL's
    `deadlock_timeout` of one second (docs/postgresql-facts.md, "Locks").
    """
    tables = ", ".join(sorted(real(spec) for spec in specs.values() if spec.travels))
    return block(f"""
begin
  for try in 1..{TRIES} loop
    begin
      lock table {tables} in share row exclusive mode;
      return;
    exception when lock_not_available then
      perform pg_sleep(0.05 + random() / 5);
    end;
  end loop;
  raise exception using errcode = '{BUSY}', message =
    'the tables are busy: no lock in {TRIES} tries; nothing was changed';
end""")


SHARED = f"""create temp table {CHANGE} (table_name text, key text, "row" tid, action text, columns jsonb,
  before jsonb, after jsonb, sets text[]) on commit drop;
create temp table {DIFFERS} (table_name text, key text, "row" tid, local jsonb, production jsonb, base jsonb,
  subjects text[], was text, times jsonb) on commit drop;
create temp table {DOOMED} (table_name text, key text, id text, o oid, c tid, image jsonb,
  times jsonb) on commit drop;
create temp table {FOUND} (table_name text, key text, o oid, c tid) on commit drop;
create temp table {PROBLEM} (kind text, table_name text, key text, says text) on commit drop;
create temp table {DEFAULTS} (table_name text, column_name text, value text) on commit drop;
create temp table {KNOWN} (table_name text, key text, values jsonb, subjects text[]) on commit drop;
create temp table {TAKES} (side text, table_name text, key text, column_name text) on commit drop;
create temp table {RESTORES} (table_name text, key text) on commit drop;
create temp table {RENAMES} (table_name text, old text, new text) on commit drop;
create temp table {HELD} (wants tid, wants_key text, holder tid, id text, key text, clash boolean,
  later boolean) on commit drop;
create temp table {ASIDE} (table_name text, index_name text, id text, key text, holder tid,
  changes jsonb, o oid, c tid) on commit drop;
create temp table {RESULT} (number bigint) on commit drop;"""


def _tables_of(spec: TableSpec, is_looked_up: bool) -> str:
    columns = ", ".join(_staged(spec, column) for column in spec.columns)
    id_ = f", t.{name(spec.id)} as id" if spec.id else ""
    index = f"create index on {keys(spec)} (key);\n" if is_looked_up else ""
    return (
        f"create temp table {stage(spec)} on commit drop as\n"
        f"  select {columns}, null::boolean as maulstick_matched from {real(spec)} as t with no data;\n"
        f"create temp table {keys(spec)} on commit drop as\n"
        f'  select null::tid as "row", null::text as key, false as found{id_}'
        f" from {real(spec)} as t with no data;\n"
        f"{index}"
    )


def _table_to_write(spec: TableSpec) -> str:
    plain = ", ".join(f"t.{name(column)}" for column in spec.columns)
    return (
        f"create temp table {ready(spec)} on commit drop as\n"
        f"  select null::tid as maulstick_row, {plain} from {real(spec)} as t with no data;"
    )


def _staged(spec: TableSpec, column: str) -> str:
    if column in spec.references or column in spec.pointing:
        return f"null::text as {name(column)}"
    return f"t.{name(column)}"
