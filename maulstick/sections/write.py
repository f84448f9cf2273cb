"""Sections write, verify and end: plain inserts, updates by id, and the proof before the commit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from maulstick.content import Query
from maulstick.image import image
from maulstick.quote import block, fitting, literal, literals, name, names, template
from maulstick.sections.aside import move_aside
from maulstick.sections.diff import staged_text
from maulstick.sections.doom import WRONG, delete
from maulstick.sections.led import SETS, is_led, led_columns
from maulstick.sections.rest import remember_rest
from maulstick.sections.temporary import CHANGE, DOOMED, RESULT, keys, ready, real, stage, written
from maulstick.shapes import Link, Shape, Shapes, groups


def write(shapes: Shapes) -> str:
    """Return the section that deletes what was named and writes rows; what is deleted may make room."""
    remembered = [remember_rest(shape) for shape in shapes.values() if shape.travels]
    return "\n".join([delete(shapes), write_rows(shapes), *remembered]) + "\n"


def write_rows(shapes: Shapes) -> str:
    """Return the SQL that inserts new rows, parents first, and updates the columns that differ.

    Whatever holds a value that another row is to have is put aside first, and constraints that can wait do.
    """
    updates = [_update(shape, shapes) for shape in shapes.values() if shape.travels]
    return "\n".join(["set constraints all deferred;", move_aside(shapes), *_inserts(shapes), *updates])


def _inserts(shapes: Shapes) -> list[str]:
    """Return the inserts; with them goes what new rows name by plain columns, where that changes too.

    Renamed columns and those that follow them are one statement: a foreign key holds before and after it.
    """
    parts = groups(shapes)
    led = [n for n, group in enumerate(parts) if any(led_columns(shape, shapes) for shape in group)]
    if not led:
        return [_insert_group(group) for group in parts]
    first, last = led[0], led[-1] + 1
    together = [shape for group in parts[first:last] for shape in group]
    apart = "\n  ".join(_insert_group(group, into=" 1 into done") for group in parts[first:last])
    leads = {f"lead {one.label}": _lead(one, shapes) for one in together if led_columns(one, shapes)}
    whole = _in_one({**_all_inserts(together), **leads, **_followed(together, shapes)}, into=" 1 into done")
    either = f"""
declare
  done integer;
begin
  if {is_led(shapes)} then
  {whole}
  else
  {apart}
  end if;
end"""
    return [*map(_insert_group, parts[:first]), block(either), *map(_insert_group, parts[last:])]


def verify(shapes: Shapes, queries: Sequence[Query]) -> str:
    """Return the section that proves the rows written, the plugins' queries and all constraints."""
    rows = [rows_hold(shape, shapes) for shape in shapes.values() if shape.travels]
    return "\n".join([*rows, *(_query_holds(query) for query in queries), "set constraints all immediate;\n"])


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


def _insert_group(group: Sequence[Shape], into: str = "") -> str:
    return f"{_insert(group[0])};" if len(group) == 1 else _in_one(_all_inserts(group), into=into)


def _all_inserts(group: Sequence[Shape]) -> dict[str, str]:
    return {f"insert {shape.label}": _insert(shape) for shape in group}


def _in_one(statements: Mapping[str, str], *, into: str) -> str:
    parts = ",\n".join(f"{name(fitting(label))} as ({text})" for label, text in statements.items())
    return f"with {parts}\nselect{into};"


def _insert(shape: Shape) -> str:
    surrogate = [shape.surrogate] if shape.surrogate else []
    ids = ["k.id"] if shape.surrogate else []
    columns = names([*surrogate, *shape.columns, *shape.times])
    values = ", ".join([*ids, names(shape.columns, "w"), *(_now(shape, time) for time in shape.times)])
    return (
        f"insert into {real(shape)} ({columns}) overriding system value\n"
        f"  select {values} from {ready(shape)} as w\n"
        f'  join {keys(shape)} as k on k."row" = w.maulstick_row and not k.found'
    )


def _now(shape: Shape, column: str) -> str:
    zoned = "date_trunc('second', now())"
    return zoned if "with time zone" in shape.times[column] else f"{zoned} at time zone 'UTC'"


def _update(shape: Shape, shapes: Shapes) -> str:
    """Update each set of differing columns in one statement, so that no other column is written."""
    led = led_columns(shape, shapes)
    columns = (
        f"array(select x from unnest({SETS}) as x where not (x = any ({literals(led)}) and {is_led(shapes)}))"
    )
    columns = columns if led else SETS
    return block(f"""
declare
  one record;
begin
  for one in
    select distinct {columns} as columns from {CHANGE} as c
    where c.table_name = {literal(shape.label)} and c.action = 'update'
  loop
    continue when cardinality(one.columns) = 0;
    execute format({
        literal(
            f"update {template(real(shape))} as t set %s{_touched(shape)} from {template(ready(shape))} as w"
            f' join {template(keys(shape))} as k on k."row" = w.maulstick_row'
            f' join {CHANGE} as c on c."row" = k."row" and c.table_name = %L'
            f" where {template(written(shape))} and c.action = " + "'update'"
            f" and {template(columns)} = %L::text[]"
        )
    },
      (select string_agg(format('%I = w.%I', x, x), ', ') from unnest(one.columns) as x),
      {literal(shape.label)}, one.columns);
  end loop;
end""")


def _lead(shape: Shape, shapes: Shapes) -> str:
    """Update the columns by which rows name each other, of all rows in which one of them changes."""
    led = led_columns(shape, shapes)
    sets = ", ".join(f"{name(column)} = w.{name(column)}" for column in led)
    return (
        f"update {real(shape)} as t set {sets}{_touched(shape)} from {ready(shape)} as w\n"
        f'  join {keys(shape)} as k on k."row" = w.maulstick_row\n'
        f'  join {CHANGE} as c on c."row" = k."row" and c.table_name = {literal(shape.label)}\n'
        f"  where {written(shape)} and c.action = 'update' and {SETS} && {literals(led)}"
    )


def _followed(group: Sequence[Shape], shapes: Shapes) -> dict[str, str]:
    """Take along the rows that are deleted only later, and name a row by what changes."""
    return {
        f"follow {n} {child.label}": _follow(child, shapes[link.table], link)
        for child in group
        for n, link in enumerate(child.links)
        if child.surrogate and set(link.target) & set(led_columns(shapes[link.table], shapes))
    }


def _follow(child: Shape, pointed: Shape, link: Link) -> str:
    pairs = [*zip(link.columns, link.target, strict=True)]
    known = [(own, to) for own, to in pairs if to in pointed.columns]
    sets = ", ".join(f"{name(own)} = w.{name(to)}" for own, to in known)
    same = " and ".join(f"r.{name(own)} = t.{name(to)}" for own, to in pairs)
    return (
        f"update {real(child)} as r set {sets} from {DOOMED} as d, {ready(pointed)} as w\n"
        f'  join {keys(pointed)} as k on k."row" = w.maulstick_row and k.found\n'
        f"  join {real(pointed)} as t on {written(pointed)}\n"
        f"  where d.table_name = {literal(child.label)} and r.{name(child.surrogate or '')}::text = d.id\n"
        f"    and {same}"
    )


def _touched(shape: Shape) -> str:
    return "".join(f", {name(time)} = {_now(shape, time)}" for time in shape.times if time == "updated_at")


def rows_hold(shape: Shape, shapes: Shapes) -> str:
    """Return the SQL that proves that a table's rows hold what was written."""
    there = image(shape, shapes, "t")
    differs = " or ".join(
        f"(c.after ? {literal(column)} and {_is_other(shape, shapes, column, now)})"
        for column, now in there.columns.items()
    )
    return block(f"""
declare
  wrong text;
begin
  select string_agg(k.key, ', ' order by k.key) into wrong
  from {CHANGE} as c join {keys(shape)} as k on k."row" = c."row"
    join {stage(shape)} as s on s.ctid = c."row" join {ready(shape)} as w on w.maulstick_row = c."row"
    left join {real(shape)} as t on {written(shape)}{there.joins}
  where c.table_name = {literal(shape.label)} and c.action in ('insert', 'update')
    and (t.tableoid is null or {differs});
  if wrong is not null then
    raise exception using errcode = '{WRONG}', message = format(
      'nothing was changed: %s do not hold what was written: %s (a trigger or a rule changed them)',
      {literal(shape.label)}, wrong);
  end if;
end""")


def _is_other(shape: Shape, shapes: Shapes, column: str, now: str) -> str:
    """Say whether a column holds another value than was written; a reference leads where its id says."""
    if column in shape.references:
        return f"t.{name(column)} is distinct from w.{name(column)}"
    return f"({now}) is distinct from ({staged_text(shape, shapes, column, now)})"


def _query_holds(query: Query) -> str:
    return block(f"""
declare
  answer text;
begin
  execute {literal(query.sql)} into answer;
  if answer is distinct from {literal(query.expect)} then
    raise exception using errcode = '{WRONG}', message = format(
      'nothing was changed: %s: expected %s, the answer is %s',
      {literal(query.name)}, {literal(query.expect)}, coalesce(answer, 'null'));
  end if;
end""")
