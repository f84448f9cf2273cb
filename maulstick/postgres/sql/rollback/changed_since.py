"""What has changed since a release: reasons not to undo it, and times that somebody else has set."""

from __future__ import annotations

from maulstick.postgres.quoting import block, fitting, literal, name
from maulstick.postgres.search_path import SAME, as_ourselves, as_site
from maulstick.postgres.sql.temp_tables import CHANGE, DIFFERS, DOOMED, PROBLEM, keys, ready, real, written
from maulstick.postgres.sqlstates import UNDONE
from maulstick.postgres.tables.specs import TableSpec

CHANGED = literal("was changed since: %s")
OTHERS = literal("belongs to %s too")


def only_once(number: int, last: int) -> str:
    """Compose the SQL that stops if another rollback was made since `last` was the newest release.

    It stands behind the lock: what was read before it may be over.
    """
    return block(f"""
declare
  other record;
begin
  select r.number, r.of into other from maulstick.release as r
    where r.of >= {number} and r.number > {last} order by r.number desc limit 1;
  if other is not null then
    raise exception using errcode = '{UNDONE}', message =
      format('release %s has just undone release %s; nothing was changed', other.number, other.of);
  end if;
end""")


def since(changes: str) -> str:
    """Compose the SQL that lists rows that are not as a release left them; `changes` are its, as `c`."""
    return "\n".join([_edited(changes), _gone(changes), _of_others(changes), _moved(changes)])


def _edited(changes: str) -> str:
    """List new rows that somebody edited, even in a column that does not travel."""
    edited = "select string_agg(e.name, ', ' order by e.name) as columns from ("
    written_ = "select e.key as name from jsonb_each(c.after) as e where d.image -> e.key"
    beside = "select e.key from jsonb_each(c.times) as e where d.times ? e.key and d.times -> e.key"
    return (
        f"insert into {PROBLEM} select 'changed', c.table_name, c.key, format({CHANGED}, m.columns)\n"
        f"  from {changes} join {DOOMED} as d using (table_name, key) cross join lateral ({edited}\n"
        f"    {written_} is distinct from e.value\n"
        f"    union all {beside} is distinct from e.value) as e) as m\n"
        f"  where c.action = 'insert' and m.columns is not null\n"
        f"    and ((d.image @> c.after) is not true\n"
        f"      or c.times is not null and (d.times @> c.times) is not true);"
    )


def _gone(changes: str) -> str:
    return (
        f"insert into {PROBLEM} select 'changed', c.table_name, c.key, 'was deleted since'\n"
        f"  from {changes} left join {DOOMED} as d using (table_name, key)\n"
        f"  where c.action = 'insert' and d.key is null;"
    )


def _of_others(changes: str) -> str:
    """List new rows that other subjects were released with since: they would lose them."""
    others = "s <> r.subject and not c.subjects @> array[s]"
    some = "not b.subjects <@ (c.subjects || r.subject)"
    return (
        f"insert into {PROBLEM} select 'changed', c.table_name, c.key,\n"
        f"    format({OTHERS}, string_agg(s, ', ' order by s))\n"
        f"  from {changes} join maulstick.release as r on r.number = c.release\n"
        f"  join {DOOMED} as d using (table_name, key) join maulstick.base_row as b using (table_name, key)\n"
        f"  cross join unnest(b.subjects) as s where c.action = 'insert' and {some} and {others}\n"
        f"  group by c.table_name, c.key;"
    )


def _moved(changes: str) -> str:
    """List updated rows that changed again, and deleted ones that somebody created again."""
    moved = "select string_agg(e.key, ', ' order by e.key) from jsonb_each(m.columns) as e"
    return (
        f"insert into {PROBLEM} select 'changed', m.table_name, m.key,\n"
        f"    case when c.action = 'delete' then 'was created since' when d.production is null\n"
        f"      then 'was deleted since' else format({CHANGED},\n"
        f"    ({moved} where e.value ->> 'action' = 'conflict')) end\n"
        f"  from {CHANGE} as m join {DIFFERS} as d using (table_name, key)\n"
        f"  join {changes} using (table_name, key)\n"
        f"  where m.action = 'conflict' or c.action = 'delete' and d.production is not null;\n"
        f"update {CHANGE} set action = 'removed' where action = 'conflict';"
    )


def restore_times(spec: TableSpec, changes: str) -> str:
    """Compose the SQL that restores `updated_at` of rows that nobody has updated since.

    Else it stays what it was a moment ago: the undo itself is no edit.
    """
    if "updated_at" not in spec.times:
        return ""
    column, type_ = name("updated_at"), spec.times["updated_at"]
    now = "(d.times ->> 'updated_at')"
    time = name("pg_temp", fitting(f"maulstick_time_{spec.label}"))
    return (
        f"create temp table {time} on commit drop as\n"
        f'  select k."row", case when {now}::{type_} = {_left(type_)}\n'
        f"    then (c.times ->> 'updated_at')::{type_} else {now}::{type_} end as value\n"
        f"  from {changes} join {keys(spec)} as k on k.key = c.key\n"
        f"  join {DIFFERS} as d on (d.table_name, d.key) = (c.table_name, c.key)\n"
        f"  join maulstick.release as r on r.number = c.release\n"
        f"  where c.table_name = {literal(spec.label)} and c.action = 'update';\n"
        f"{as_site()}\n"
        f"update {real(spec)} as t set {column} = v.value from {time} as v\n"
        f'  join {keys(spec)} as k on k."row" {SAME} v."row"\n'
        f'  join {ready(spec)} as w on w.maulstick_row {SAME} k."row"\n'
        f"  where {written(spec)};\n"
        f"{as_ourselves()}"
    )


def _left(type_: str) -> str:
    """Compose the SQL of the time that the release `r` left in a row: its own, or the one it restored."""
    zone = "" if "with time zone" in type_ else " at time zone 'UTC'"
    own = f"(date_trunc('second', r.started){zone})::{type_}"
    older = (
        "select (o.times ->> 'updated_at') from maulstick.change as o\n"
        "      where (o.release, o.table_name, o.key) = (r.of, c.table_name, coalesce(c.was, c.key))"
    )
    return f"coalesce(({older})::{type_}, {own})"
