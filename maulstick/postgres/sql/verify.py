"""Sections verify and end: the proof that rows hold what was written, and the commit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from maulstick.postgres.quoting import block, literal, name
from maulstick.postgres.search_path import OURS, SITES, as_ourselves, as_site
from maulstick.postgres.sql.bundle_tables import BundleTables
from maulstick.postgres.sql.rows_to_write import staged_text
from maulstick.postgres.sql.temp_tables import CHANGE, DOOMED, RESULT, keys, ready, real, stage, written
from maulstick.postgres.sqlstates import UNASKED, WRONG
from maulstick.postgres.tables.portable_rows import portable_row
from maulstick.postgres.tables.specs import TableSpec, TableSpecs
from maulstick.project.declarations import Query

MADE_THERE = (
    'are these columns the site\'s own? declare them as theirs="…", or skip="…"; what a trigger counts '
    "needs skip: it would count on from this side's value"
)


def verify(bundle: BundleTables, queries: Sequence[Query]) -> str:
    """Compose the section that proves the rows written, the plugins' queries and all constraints."""
    rows = [rows_hold(spec, bundle.specs) for spec in bundle.filled.values()]
    held = ["set constraints all immediate;", as_ourselves()]
    return "\n".join([*rows, *(_query_holds(query) for query in queries), as_site(), *held, ""])


def end(*, commit: bool = True) -> str:
    """Compose the section that answers with the release's number and counts, and commits or rolls back."""
    return (
        f"select (select number from {RESULT}) as release,\n"
        f"  (select jsonb_object_agg(table_name, counts) from (\n"
        f"    select table_name, jsonb_object_agg(action, n) as counts from (\n"
        f"      select table_name, action, count(*) as n from {CHANGE} group by 1, 2) as one\n"
        f"    group by 1) as two) as tables,\n"
        f"  (select count(*) from {DOOMED}) as deleted,\n"
        f"  (select count(*) from {CHANGE} as c where exists (select from jsonb_each(c.columns) as e\n"
        f"    where e.value ->> 'action' = 'kept')) as kept;\n{'commit' if commit else 'rollback'};\n"
    )


def rows_hold(spec: TableSpec, specs: TableSpecs) -> str:
    """Compose the SQL that proves that a table's rows hold what was written."""
    there = portable_row(spec, specs, "t")
    pairs = {column: _pair(spec, specs, column, there.columns[column]) for column in spec.compared}
    rows = (
        f'from {CHANGE} as c join {keys(spec)} as k on k."row" = c."row"\n'
        f'    join {stage(spec)} as s on s.ctid = c."row"'
        f' join {ready(spec)} as w on w.maulstick_row = c."row"\n'
    )
    found = f"    join {real(spec)} as t on {written(spec)}{there.joins}"
    ours = f"c.table_name = {literal(spec.label)} and c.action in ('insert', 'update')"
    rootless = f"""
  if wrong is null then
    select string_agg(k.key, '; ' order by k.key) into wrong
    {rows}{found}
    where {ours} and {there.key} is null;
  end if;"""
    return block(f"""
declare
  wrong text;
begin
  select string_agg(concat_ws(': ', k.key, d.columns), '; ' order by k.key) into wrong
  {rows}{found.replace("join", "left join", 1)}
    cross join lateral (select {_other_columns(pairs)} as columns) as d
  where {ours} and (t.tableoid is null or d.columns is not null);{rootless if spec.up else ""}
  if wrong is not null then
    raise exception using errcode = '{WRONG}', message = format(
      'nothing was changed: %s do not hold what was written: %s (a trigger or a rule changed them)',
      {literal(spec.label)}, wrong), hint = {literal(MADE_THERE)};
  end if;
end""")


def _other_columns(pairs: Mapping[str, tuple[str, str]]) -> str:
    """Compose the SQL of the columns that differ from what was written; a new row is compared whole first."""
    if not pairs:
        return "null"
    others = ", ".join(
        f"case when coalesce(c.after ? {literal(column)}, c.action = 'insert')"
        f" and ({now}) is distinct from ({new}) then {literal(column)} end"
        for column, (now, new) in pairs.items()
    )
    now, new = (", ".join(f"({pair[n]})" for pair in pairs.values()) for n in (0, 1))
    return (
        f"case when c.after is not null or row({now}) is distinct from row({new})"
        f" then nullif(concat_ws(', ', {others}), '') end"
    )


def _pair(spec: TableSpec, specs: TableSpecs, column: str, now: str) -> tuple[str, str]:
    """Compose the SQL of what a column holds and of what was written.

    References are compared by id, and what makes a row public as it is to be: it may go in hidden.
    """
    if column in spec.references or column in spec.pointing or column == spec.publish:
        return f"t.{name(column)}", f"w.{name(column)}"
    return now, staged_text(spec, specs, column, now)


def _query_holds(query: Query) -> str:
    return block(f"""
declare
  answer text;
begin
  begin
    {SITES}
    execute {literal(query.sql)} into answer;
    {OURS}
  exception when others then
    raise exception using errcode = '{UNASKED}', detail = {literal(query.name)}, message = format(
      'nothing was changed: the query "%s" cannot be asked: %s', {literal(query.name)}, sqlerrm);
  end;
  if answer is distinct from {literal(query.expect)} then
    raise exception using errcode = '{WRONG}', message = format(
      'nothing was changed: %s: expected %s, the answer is %s',
      {literal(query.name)}, {literal(query.expect)}, coalesce(answer, 'null'));
  end if;
end""")
