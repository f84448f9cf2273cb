"""Columns that do not travel: recorded when a row is deleted, and restored when it returns."""

from __future__ import annotations

from maulstick.postgres.quoting import block, fitting, literal, literals, name
from maulstick.postgres.search_path import OURS, SAME, SITES
from maulstick.postgres.sql.temp_tables import CHANGE, DIFFERS, keys, ready, real, written
from maulstick.postgres.tables.specs import TableSpec


def unreleased(spec: TableSpec, *, but: tuple[str, ...] = ()) -> str:
    """Compose SQL that returns SQL: the columns of `t` that do not travel, as a jsonb object of texts.

    It is null where there are none. Only the target knows them all. Ids and generated columns are made anew.
    """
    return (
        "(select case when count(*) > 0 then format('jsonb_object(%L::text[], array[%s])',\n"
        "      array_agg(a.attname order by a.attnum),\n"
        "      string_agg(format('t.%I::text', a.attname), ', ' order by a.attnum)) end\n"
        f"    from {_columns(spec)} and a.attname <> all ({literals(but)}))"
    )


def remember_unreleased(spec: TableSpec) -> str:
    """Compose the SQL that records what new rows hold besides what was written, to notice edits of it."""
    noted = f" from {_written(spec)} join {real(spec)} as t on {written(spec)}"
    noted += f' where d.table_name = {literal(spec.label)} and d."row" = k."row" and not k.found'
    return block(f"""
declare
  more text := {unreleased(spec, but=tuple(spec.times))};
begin
  if more is null or not exists (
      select from {CHANGE} as c where c.table_name = {literal(spec.label)} and c.action = 'insert') then
    return;
  end if;
  execute {literal(f"update {DIFFERS} as d set times = ")} || more || {literal(noted)};
end""")


def restore_unreleased(spec: TableSpec, changes: str) -> str:
    """Compose the SQL that restores the other columns of rows that return.

    `changes` are the ledger's rows as `c`. A column that is not there any more is left out.
    """
    label = literal(spec.label)
    deleted = f"c.table_name = {label} and c.action = 'delete'"
    back = name("pg_temp", fitting(f"maulstick_back_{spec.label}"))
    restored = f" from {_written(spec)} join {back} as c on c.key {SAME} k.key where {written(spec)}"
    held = "c.times operator(pg_catalog.?) %1$L then (c.times operator(pg_catalog.->>) %1$L)::%2$s"
    value = f"%1$I = case when {held} else t.%1$I end"
    return block(f"""
declare
  columns text;
begin
  select string_agg(format({literal(value)}, a.attname, format_type(a.atttypid, a.atttypmod)), ', ')
    into columns
    from {_columns(spec)} and exists (select from {changes} where {deleted} and c.times ? a.attname);
  if columns is not null then
    create temp table {back} on commit drop as select c.key, c.times from {changes} where {deleted};
    columns := {literal(f"update {real(spec)} as t set ")} || columns || {literal(restored)};
    {SITES}
    execute columns;
    {OURS}
  end if;
end""")


def _written(spec: TableSpec) -> str:
    return f'{ready(spec)} as w join {keys(spec)} as k on k."row" {SAME} w.maulstick_row'


def _columns(spec: TableSpec) -> str:
    known = [*spec.columns, *([spec.id] if spec.id else [])]
    return (
        "pg_attribute as a left join pg_attrdef as d on d.adrelid = a.attrelid and d.adnum = a.attnum\n"
        f"    where a.attrelid = {literal(real(spec))}::regclass and a.attnum > 0 and not a.attisdropped\n"
        "      and a.attgenerated = '' and a.attidentity = ''\n"
        "      and not (coalesce(pg_get_expr(d.adbin, d.adrelid), '') like 'nextval(%' and exists (\n"
        "        select from pg_index as i where i.indrelid = a.attrelid and i.indisprimary\n"
        "          and a.attnum = any (i.indkey)))\n"
        f"      and a.attname <> all ({literals(known)})"
    )
