"""Sections write, verify and end: plain inserts, updates by id, and the proof before the commit."""

from __future__ import annotations

from collections.abc import Sequence

from maulstick.content import Query
from maulstick.image import image
from maulstick.quote import block, fitting, literal, literals, name, names, template
from maulstick.search_path import OURS, SAME, SITES, as_ourselves, as_site
from maulstick.sections.diff import staged_text
from maulstick.sections.doom import WRONG, delete
from maulstick.sections.rest import remember_rest
from maulstick.sections.sequences import keep_ahead
from maulstick.sections.temporary import CHANGE, DOOMED, RESULT, keys, ready, real, stage, written
from maulstick.shapes import Shape, Shapes, groups

UNASKED = "MS006"
MADE_THERE = 'are these columns production\'s own? declare them as theirs="…", or skip="…"'


def write(shapes: Shapes) -> str:
    """Return the section that deletes what was named and writes rows; what is deleted may make room."""
    travelling = [shape for shape in shapes.values() if shape.travels]
    became = [_as_became(shape, shapes) for shape in travelling if shape.theirs]
    after = [text for shape in travelling for text in (keep_ahead(shape), remember_rest(shape))]
    return "\n".join([delete(shapes), write_rows(shapes), *became, *after]) + "\n"


def write_rows(shapes: Shapes) -> str:
    """Return the SQL that inserts new rows, parents first, and updates the columns that differ."""
    inserts = [_insert_group(group) for group in groups(shapes)]
    updates = [_update(shape) for shape in shapes.values() if shape.travels]
    return "\n".join([as_site(), *inserts, as_ourselves(), *updates])


def verify(shapes: Shapes, queries: Sequence[Query]) -> str:
    """Return the section that proves the rows written, the plugins' queries and all constraints."""
    rows = [rows_hold(shape, shapes) for shape in shapes.values() if shape.travels]
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
        f"  (select count(*) from {DOOMED}) as deleted;\n{'commit' if commit else 'rollback'};\n"
    )


def _as_became(shape: Shape, shapes: Shapes) -> str:
    """Note what production made of its own columns of new rows: a trigger may have filled them."""
    now = image(shape, shapes, "t")
    texts = ", ".join(now.columns[column] for column in shape.theirs)
    return (
        f"update {CHANGE} as c set after = c.after"
        f" || jsonb_object({literals(shape.theirs)}, array[{texts}]::text[])\n"
        f'  from {keys(shape)} as k join {ready(shape)} as w on w.maulstick_row = k."row"\n'
        f"  join {real(shape)} as t on {written(shape)}{now.joins}\n"
        f"  where c.table_name = {literal(shape.label)} and c.action = 'insert'"
        f' and c."row" = k."row";'
    )


def _insert_group(group: Sequence[Shape]) -> str:
    if len(group) == 1:
        return _insert(group[0]) + ";"
    parts = ",\n".join(f"{name(fitting('insert ' + shape.label))} as ({_insert(shape)})" for shape in group)
    return f"with {parts}\nselect;"


def _insert(shape: Shape) -> str:
    id_ = [shape.id] if shape.id else []
    ids = ["k.id"] if shape.id else []
    columns = names([*id_, *shape.columns, *shape.times])
    parents_first = " order by octet_length(k.key)" if shape.up else ""  # a key holds its parent's
    values = ", ".join([*ids, names(shape.columns, "w"), *(now_in(shape, time) for time in shape.times)])
    return (
        f"insert into {real(shape)} ({columns}) overriding system value\n"
        f"  select {values} from {ready(shape)} as w\n"
        f'  join {keys(shape)} as k on k."row" {SAME} w.maulstick_row and not k.found{parents_first}'
    )


def now_in(shape: Shape, column: str) -> str:
    """Return the SQL of this second as a column of times holds it."""
    zoned = "pg_catalog.date_trunc('second'::pg_catalog.text, pg_catalog.now())"
    return zoned if "with time zone" in shape.times[column] else f"{zoned} at time zone 'UTC'"


def _update(shape: Shape) -> str:
    """Update each set of differing columns in one statement, so that no other column is written."""
    touched = "".join(
        f", {name(time)} = {now_in(shape, time)}" for time in shape.times if time == "updated_at"
    )
    return block(f"""
declare
  one record;
  update text;
begin
  for one in
    select distinct array(select jsonb_object_keys(c.after) order by 1) as columns from {CHANGE} as c
    where c.table_name = {literal(shape.label)} and c.action = 'update'
  loop
    update := format({
        literal(
            f"update {template(real(shape))} as t set %s{touched} from {template(ready(shape))} as w"
            f' join {template(keys(shape))} as k on k."row" {SAME} w.maulstick_row'
            f' join {CHANGE} as c on c."row" {SAME} k."row" and c.table_name {SAME} %L'
            f" where {template(written(shape))} and c.action {SAME} " + "'update'"
            f" and array(select pg_catalog.jsonb_object_keys(c.after) order by 1) {SAME}"
            " %L::pg_catalog.text[]"
        )
    },
      (select string_agg(format('%I = w.%I', x, x), ', ') from unnest(one.columns) as x),
      {literal(shape.label)}, one.columns);
    {SITES}
    execute update;
    {OURS}
  end loop;
end""")


def rows_hold(shape: Shape, shapes: Shapes) -> str:
    """Return the SQL that proves that a table's rows hold what was written."""
    there = image(shape, shapes, "t")
    others = ", ".join(
        f"case when c.after ? {literal(column)} and {_is_other(shape, shapes, column, now)}"
        f" then {literal(column)} end"
        for column, now in there.columns.items()
        if column in shape.compared
    )
    differs = f"nullif(concat_ws(', ', {others}), '')" if others else "null"
    rootless = f" or {there.key} is null" if shape.up else ""
    return block(f"""
declare
  wrong text;
begin
  select string_agg(concat_ws(': ', k.key, d.columns), '; ' order by k.key) into wrong
  from {CHANGE} as c join {keys(shape)} as k on k."row" = c."row"
    join {stage(shape)} as s on s.ctid = c."row" join {ready(shape)} as w on w.maulstick_row = c."row"
    left join {real(shape)} as t on {written(shape)}{there.joins}
    cross join lateral (select {differs} as columns) as d
  where c.table_name = {literal(shape.label)} and c.action in ('insert', 'update')
    and (t.tableoid is null or d.columns is not null{rootless});
  if wrong is not null then
    raise exception using errcode = '{WRONG}', message = format(
      'nothing was changed: %s do not hold what was written: %s (a trigger or a rule changed them)',
      {literal(shape.label)}, wrong), hint = {literal(MADE_THERE)};
  end if;
end""")


def _is_other(shape: Shape, shapes: Shapes, column: str, now: str) -> str:
    """Say whether a column holds another value than was written; a reference leads where its id says."""
    if column in shape.references or column in shape.pointing:
        return f"t.{name(column)} is distinct from w.{name(column)}"
    return f"({now}) is distinct from ({staged_text(shape, shapes, column, now)})"


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
