"""Sections write, verify and end: plain inserts, updates by id, and the proof before the commit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from maulstick.postgres.quoting import block, fitting, literal, literals, name, names, template
from maulstick.postgres.search_path import OURS, SAME, SITES, as_ourselves, as_site
from maulstick.postgres.sql.bundle_tables import MEETS, SETS, BundleTables, linking_columns, links_change
from maulstick.postgres.sql.constraints.swaps import move_aside
from maulstick.postgres.sql.deletes import delete
from maulstick.postgres.sql.diff import staged_text
from maulstick.postgres.sql.sequences import keep_ahead, step_over
from maulstick.postgres.sql.temp_tables import (
    CHANGE,
    DIFFERS,
    DOOMED,
    RESULT,
    keys,
    ready,
    real,
    stage,
    written,
)
from maulstick.postgres.sql.unreleased_columns import remember_rest
from maulstick.postgres.sqlstates import UNASKED, WRONG
from maulstick.postgres.tables.equality import equal
from maulstick.postgres.tables.portable_rows import portable_row
from maulstick.postgres.tables.specs import Link, TableSpec, TableSpecs, groups
from maulstick.project.declarations import Query

MADE_THERE = 'are these columns the site\'s own? declare them as theirs="…", or skip="…"'


def write(brought: BundleTables) -> str:
    """Return the section that deletes what was named and writes rows; what is deleted may make room."""
    specs, filled = brought.specs, brought.filled.values()
    became = [_as_became(spec, specs) for spec in filled if spec.theirs]
    after = [text for spec in filled for text in (keep_ahead(spec), remember_rest(spec))]
    before = [step_over(spec) for spec in filled]
    return "\n".join([delete(specs), *before, write_rows(brought), *became, *after]) + "\n"


def write_rows(brought: BundleTables) -> str:
    """Return the SQL that inserts new rows, parents first, and updates the columns that differ.

    Whatever holds a value that another row is to have is put aside first, and constraints that can wait do.
    """
    aside = ["set constraints all deferred;", move_aside(brought)]
    updates = [_update(spec, brought.specs) for spec in brought.filled.values()]
    return "\n".join([*aside, as_site(), *_inserts(brought), as_ourselves(), *updates])


def _inserts(brought: BundleTables) -> list[str]:
    """Return the inserts; with them goes what new rows name by plain columns, where that changes too.

    Renamed columns and those that follow them are one statement: a foreign key holds before and after it.
    """
    specs, parts = brought.specs, groups(brought.specs)
    led = [n for n, group in enumerate(parts) if any(linking_columns(spec, specs) for spec in group)]
    if not led:
        filled = ([spec for spec in group if spec.label in brought.filled] for group in parts)
        return [_insert_group(group) for group in filled if group]
    first, last = led[0], led[-1] + 1
    together = [spec for group in parts[first:last] for spec in group]
    apart = "\n  ".join(_insert_group(group, into=" 1 into done") for group in parts[first:last])
    leads = {f"lead {one.label}": _lead(one, specs) for one in together if linking_columns(one, specs)}
    whole = _in_one({**_all_inserts(together), **leads, **_followed(together, specs)}, into=" 1 into done")
    either = f"""
declare
  done integer;
begin
  if {links_change(specs)} then
  {whole}
  else
  {apart}
  end if;
end"""
    return [*map(_insert_group, parts[:first]), block(either), *map(_insert_group, parts[last:])]


def verify(brought: BundleTables, queries: Sequence[Query]) -> str:
    """Return the section that proves the rows written, the plugins' queries and all constraints."""
    rows = [rows_hold(spec, brought.specs) for spec in brought.filled.values()]
    held = ["set constraints all immediate;", as_ourselves()]
    return "\n".join([*rows, *(_query_holds(query) for query in queries), as_site(), *held, ""])


def end(*, commit: bool = True) -> str:
    """Return the section that answers with the release's number and counts, and commits or rolls back."""
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


def _as_became(spec: TableSpec, specs: TableSpecs) -> str:
    """Note what production made of its own columns of new rows: a trigger may have filled them."""
    now = portable_row(spec, specs, "t")
    texts = ", ".join(now.columns[column] for column in spec.theirs)
    return (
        f"update {CHANGE} as c set after = coalesce(c.after, d.local)"
        f" || jsonb_object({literals(spec.theirs)}, array[{texts}]::text[])\n"
        f'  from {keys(spec)} as k join {ready(spec)} as w on w.maulstick_row = k."row"\n'
        f'  join {DIFFERS} as d on d.table_name = {literal(spec.label)} and d."row" = k."row"\n'
        f"  join {real(spec)} as t on {written(spec)}{now.joins}\n"
        f"  where c.table_name = {literal(spec.label)} and c.action = 'insert'"
        f' and c."row" = k."row";'
    )


def _insert_group(group: Sequence[TableSpec], into: str = "") -> str:
    return f"{_insert(group[0])};" if len(group) == 1 else _in_one(_all_inserts(group), into=into)


def _all_inserts(group: Sequence[TableSpec]) -> dict[str, str]:
    return {f"insert {spec.label}": _insert(spec) for spec in group}


def _in_one(statements: Mapping[str, str], *, into: str) -> str:
    parts = ",\n".join(f"{name(fitting(label))} as ({text})" for label, text in statements.items())
    return f"with {parts}\nselect{into};"


def _insert(spec: TableSpec) -> str:
    id_ = [spec.id] if spec.id else []
    ids = ["k.id"] if spec.id else []
    columns = names([*id_, *spec.columns, *spec.times])
    parents_first = " order by octet_length(k.key)" if spec.up else ""  # a key holds its parent's
    values = ", ".join([*ids, names(spec.columns, "w"), *(now_in(spec, time) for time in spec.times)])
    return (
        f"insert into {real(spec)} ({columns}) overriding system value\n"
        f"  select {values} from {ready(spec)} as w\n"
        f'  join {keys(spec)} as k on k."row" {SAME} w.maulstick_row and not k.found{parents_first}'
    )


def now_in(spec: TableSpec, column: str) -> str:
    """Return the SQL of this second as a column of times holds it."""
    zoned = "pg_catalog.date_trunc('second'::pg_catalog.text, pg_catalog.now())"
    return zoned if "with time zone" in spec.times[column] else f"{zoned} at time zone 'UTC'"


def _update(spec: TableSpec, specs: TableSpecs) -> str:
    """Update each set of differing columns in one statement, so that no other column is written."""
    linking = linking_columns(spec, specs)
    apart = f"not (x = any ({literals(linking)}) and {links_change(specs)})"
    columns = f"array(select x from unnest({SETS}) as x where {apart})" if linking else SETS
    return block(f"""
declare
  one record;
  update text;
begin
  for one in
    select distinct {columns} as columns from {CHANGE} as c
    where c.table_name = {literal(spec.label)} and c.action = 'update'
  loop
    continue when cardinality(one.columns) = 0;
    update := format({
        literal(
            f"update {template(real(spec))} as t set %s{_touched(spec)} from {template(ready(spec))} as w"
            f' join {template(keys(spec))} as k on k."row" {SAME} w.maulstick_row'
            f' join {CHANGE} as c on c."row" {SAME} k."row" and c.table_name {SAME} %L'
            f" where {template(written(spec))} and c.action {SAME} " + "'update'"
            f" and {template(columns)} {SAME} %L::pg_catalog.text[]"
        )
    },
      (select string_agg(format('%I = w.%I', x, x), ', ') from unnest(one.columns) as x),
      {literal(spec.label)}, one.columns);
    {SITES}
    execute update;
    {OURS}
  end loop;
end""")


def _lead(spec: TableSpec, specs: TableSpecs) -> str:
    """Update the columns by which rows name each other, of all rows in which one of them changes."""
    led = linking_columns(spec, specs)
    sets = ", ".join(f"{name(column)} = w.{name(column)}" for column in led)
    return (
        f"update {real(spec)} as t set {sets}{_touched(spec)} from {ready(spec)} as w\n"
        f'  join {keys(spec)} as k on k."row" {SAME} w.maulstick_row\n'
        f'  join {CHANGE} as c on c."row" {SAME} k."row" and c.table_name {SAME} {literal(spec.label)}\n'
        f"  where {written(spec)} and c.action {SAME} 'update' and {SETS} {MEETS} {literals(led)}"
    )


def _followed(group: Sequence[TableSpec], specs: TableSpecs) -> dict[str, str]:
    """Take along the rows that are deleted only later, and name a row by what changes."""
    return {
        f"follow {n} {child.label}": _follow(child, specs[link.table], link)
        for child in group
        for n, link in enumerate(child.links)
        if child.surrogate and set(link.target) & set(linking_columns(specs[link.table], specs))
    }


def _follow(child: TableSpec, pointed: TableSpec, link: Link) -> str:
    pairs = [*zip(link.columns, link.target, strict=True)]
    known = [(own, to) for own, to in pairs if to in pointed.columns]
    sets = ", ".join(f"{name(own)} = w.{name(to)}" for own, to in known)
    types = {**child.types, **{own: pointed.types[to] for own, to in known}}
    same = " and ".join(
        equal(f"r.{name(own)}", f"t.{name(to)}", types.get(own, "bigint")) for own, to in pairs
    )
    return (
        f"update {real(child)} as r set {sets} from {DOOMED} as d, {ready(pointed)} as w\n"
        f'  join {keys(pointed)} as k on k."row" {SAME} w.maulstick_row and k.found\n'
        f"  join {real(pointed)} as t on {written(pointed)}\n"
        f"  where d.table_name {SAME} {literal(child.label)}\n"
        f"    and r.{name(child.surrogate or '')}::pg_catalog.text {SAME} d.id\n"
        f"    and {same}"
    )


def _touched(spec: TableSpec) -> str:
    return "".join(f", {name(time)} = {now_in(spec, time)}" for time in spec.times if time == "updated_at")


def rows_hold(spec: TableSpec, specs: TableSpecs) -> str:
    """Return the SQL that proves that a table's rows hold what was written."""
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
    """Name the columns that hold another value than was written; a new row is compared as a whole first."""
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
    """Return what a column holds and what was written; a reference leads where its id says."""
    if column in spec.references or column in spec.pointing:
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
