"""The SQL that puts a release's rows back to their before-images, by the same diff, guard and write."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from maulstick.postgres.quoting import block, literal, literals, name, template
from maulstick.postgres.search_path import as_ourselves, as_site
from maulstick.postgres.sql.bundle_tables import BundleTables, changed_of
from maulstick.postgres.sql.constraints.referenced_keys import left_behind
from maulstick.postgres.sql.constraints.unique import clashes
from maulstick.postgres.sql.deletes import delete, doom
from maulstick.postgres.sql.diff import rows_to_write, times_of
from maulstick.postgres.sql.guard import guard
from maulstick.postgres.sql.identity.keys import odd_keys
from maulstick.postgres.sql.identity.lookup import is_found, look_up
from maulstick.postgres.sql.ledger import NEXT
from maulstick.postgres.sql.missing_references import ABSENT
from maulstick.postgres.sql.rollback.changed_since import only_once, restore_times, since
from maulstick.postgres.sql.sequences import keep_ahead, reserve_ids
from maulstick.postgres.sql.session import setting
from maulstick.postgres.sql.stage import lock, settings, stage_tables
from maulstick.postgres.sql.temp_tables import (
    CHANGE,
    DIFFERS,
    DOOMED,
    FOUND,
    LATER,
    PROBLEM,
    RESULT,
    UNDID,
    UNDOING,
    keys,
    real,
    stage,
)
from maulstick.postgres.sql.three_way import decide
from maulstick.postgres.sql.unreleased_columns import remember_rest, restore_rest
from maulstick.postgres.sql.write import end, rows_hold, write_rows
from maulstick.postgres.tables.hidden_ids import hidden_ids
from maulstick.postgres.tables.portable_rows import portable_key, portable_row
from maulstick.postgres.tables.specs import TableSpec, TableSpecs, in_order

EXCEPT = f"jsonb_to_recordset(coalesce({setting('left_out')}, '[]')::jsonb) as x(table_name text, key text)"
CHANGES = f"{UNDOING} as c"
NAMED = "%s:%s: %s"
"""How a row that stays is named: as `--except` wants it."""

RESTORED = """coalesce((select before.digest from maulstick.release as before
      where before.subject = r.subject and before.number < r.number
      order by before.number desc limit 1), '')"""
"""The digest of what production holds again: that of the subject's release before."""

ROWS = f"""select table_name, key, action from {CHANGE} where action in ('insert', 'update')
  union all select table_name, key, 'delete' from {DOOMED} order by 1, 2;"""


def undo(
    number: int, specs: TableSpecs, changed: Collection[str], *, last: int, commit: bool, also: str = ""
) -> str:
    """Return the SQL of a whole rollback; without `commit` it is rehearsed; `also` is asked at its end.

    `changed` are the tables that the release changed; `last` was the newest one when this one still stood.
    """
    brought = changed_of(in_order(specs), changed)  # the ledger's jsonb keeps no order
    specs, filled = brought.specs, brought.filled.values()
    inserted = f"{CHANGES} where c.action = 'insert'"
    wanted = f"(select c.table_name, c.key from {inserted}) as p"
    parts = [
        settings() + only_once(number, last),
        _take_changes(number),
        *_staged(brought),
        *(odd_keys(spec) for spec in brought.staged.values()),
        *(reserve_ids(spec) for spec in filled if spec.id),
        *(_differing(spec, specs) for spec in filled),
        decide(specs),
        *(look_up(spec, specs, _keys(spec, inserted)) for spec in filled),
        *(doom(spec, specs, wanted, "true") for spec in filled),
        f"create index on {DOOMED} (table_name);",  # each table asks several times whether it has any
        since(CHANGES),
        *(rows_to_write(spec, specs) for spec in filled),
        clashes(brought),
        left_behind(brought),
        guard(NAMED),
        write_rows(brought),
        *(keep_ahead(spec) for spec in filled),
        *(text for spec in filled for text in _restored(spec)),
        delete(specs, NAMED),
        *(remember_rest(spec) for spec in filled),
        _write_ledger(number),
        *(rows_hold(spec, specs) for spec in filled),
        as_site(),
        "set constraints all immediate;",
        as_ourselves(),
        also,
        ROWS,
        end(commit=commit),
    ]
    return "\n".join(parts)


def _keys(spec: TableSpec, changes: str) -> str:
    return f"select c.key from {changes} and c.table_name = {literal(spec.label)}"


def _staged(brought: BundleTables) -> Iterator[str]:
    """Return the SQL that stages the rows as they were before the release, under the tables' lock."""
    specs, filled = brought.specs, brought.filled.values()
    yield stage_tables(brought)
    yield from (_without_domains(spec) for spec in filled)
    yield from (f"alter table {stage(spec)} add column maulstick_key text;" for spec in filled)
    yield lock(specs)
    yield from (_fill(spec) for spec in filled)
    yield from (_keys_by_text(spec, specs) for spec in filled)
    yield from (text for spec in filled for text in _all_pointed(spec, specs))


def _restored(spec: TableSpec) -> tuple[str, str]:
    return restore_times(spec, CHANGES), restore_rest(spec, CHANGES)


def _take_changes(number: int) -> str:
    """Return the SQL that takes the release's changes from the ledger, once.

    The ledger's own statistics may be older than the release: then one row would be expected where ten
    thousand come, and each join would go through all of them once for each.
    """
    left_out = f"select from {EXCEPT} where x.table_name = c.table_name and x.key = c.key"
    return (
        f"create temp table {UNDOING} on commit drop as\n"
        f"  select c.* from maulstick.change as c where c.release = {number} and not exists ({left_out});\n"
        f"create index on {UNDOING} (table_name, key);\n"
        f"analyze {UNDOING} (release, table_name, key, action, was);"
    )


def _fill(spec: TableSpec) -> str:
    columns = ", ".join(name(column) for column in spec.columns)
    values = ", ".join(_before(spec, column) for column in spec.columns)
    return (
        f"insert into {stage(spec)} ({columns}, maulstick_key)\n"
        f"  select {values}, c.key from {CHANGES}\n"
        f"  where c.table_name = {literal(spec.label)} and c.action in ('update', 'delete');"
    )


def _before(spec: TableSpec, column: str) -> str:
    text = f"(c.before ->> {literal(column)})"
    if column in spec.key and not spec.surrogate:  # an update's before-image has only what it changed
        part = "c.key" if spec.key_is_value else f"c.key::json ->> {spec.key.index(column)}"
        text = f"(case when c.before ? {literal(column)} then {text} else {part} end)"
    if column in spec.references or column in spec.pointing:
        return text
    # Not `text::type`: a domain may refuse the NULL of a column that is not to be written.
    return f"case when {text} is not null then {text}::{spec.types[column]} end"


def _without_domains(spec: TableSpec) -> str:
    """Stage what a domain rests on: the NULL of a column that is not to be written may be none of it."""
    kept = spec.key if not spec.surrogate else ()
    alter = f"alter table {template(stage(spec))} alter column %I type %s"
    return block(f"""
declare
  one record;
begin
  for one in
    with recursive based as (
      select a.attname, a.atttypid as type, a.atttypmod as mod from pg_attribute as a
        where a.attrelid = {literal(stage(spec))}::regclass and a.attnum > 0
      union all
      select b.attname, t.typbasetype, t.typtypmod from based as b join pg_type as t on t.oid = b.type
        where t.typtype = 'd')
    select b.attname, format_type(b.type, b.mod) as type
      from based as b join pg_attribute as a using (attname) join pg_type as t on t.oid = b.type
      where a.attrelid = {literal(stage(spec))}::regclass and a.atttypid <> b.type and t.typtype <> 'd'
        and b.attname <> all ({literals(kept)})
  loop
    execute format({literal(alter)}, one.attname, one.type);
  end loop;
end""")


def _keys_by_text(spec: TableSpec, specs: TableSpecs) -> str:
    id_ = f", t.{name(spec.id)}" if spec.id else ""
    return (
        f"analyze {stage(spec)} (maulstick_key);\n"
        f"{look_up(spec, specs, f'select s.maulstick_key from {stage(spec)} as s')}\n"
        f"insert into {keys(spec)}\n"
        f"  select s.ctid, s.maulstick_key, t.ctid is not null{id_}\n"
        f"  from {stage(spec)} as s left join ({_there(spec)}) on f.key = s.maulstick_key;\n"
        f"analyze {keys(spec)};"
        f"{_old_names(spec) if spec.id else ''}"
    )


def _there(spec: TableSpec) -> str:
    """Return the join of the rows that were found by their keys, as `f` and `t`."""
    found = f"(select f.* from {FOUND} as f where f.table_name = {literal(spec.label)}) as f"
    return f"{found} join {real(spec)} as t on {is_found()}"


def _old_names(spec: TableSpec) -> str:
    """Know renamed rows by their old keys too: before-images refer to them so."""
    return (
        f"\ninsert into {keys(spec)} (key, found, id)\n"
        f"  select c.was, true, k.id from {CHANGES} join {keys(spec)} as k on k.key = c.key\n"
        f"  where c.table_name = {literal(spec.label)} and c.was is not null and k.found;"
    )


def _all_pointed(spec: TableSpec, specs: TableSpecs) -> Iterator[str]:
    for column, reference in spec.references.items():
        rows = f"select s.{name(column)} as key from {stage(spec)} as s"
        yield _pointed(specs[reference.table], specs, rows)
    for inside in hidden_ids(spec):  # what named no row then either is no key
        rows = f"select held.key from {stage(spec)} as s, lateral ({inside.keys('s')}) as held(key)"
        yield _pointed(specs[inside.table], specs, rows)


def _pointed(pointed: TableSpec, specs: TableSpecs, wanted: str) -> str:
    """Find the rows that before-images refer to and that are not among the release's own."""
    known, one = keys(pointed), portable_key(pointed, specs, "t")
    unknown = f"not exists (select from {known} as k where k.key = "
    return (
        f"{look_up(pointed, specs, f'select w.key from ({wanted}) as w(key) where {unknown}w.key)')}\n"
        f"insert into {known} (key, found, id)\n"
        f"  select f.key, true, t.{name(pointed.id or '')} from {_there(pointed)}{one.joins}\n"
        f"  where f.key in ({wanted}) and {unknown}f.key)\n"
        f"    and {one.key} = f.key;\n"  # it may be a table that is not locked, and the row another by now
        f"insert into {PROBLEM} select 'missing', {literal(pointed.label)}, w.key, {ABSENT}\n"
        f"  from ({wanted}) as w(key) where w.key is not null\n"
        f"    and not exists (select from {known} as k where k.key = w.key);"
    )


def _differing(spec: TableSpec, specs: TableSpecs) -> str:
    """Compare only the columns that the release changed: before is local, after is base."""
    there = portable_row(spec, specs, "t")
    pairs = ", ".join(f"{literal(column)}, {there.columns[column]}" for column in spec.columns)
    now = f"(select jsonb_object_agg(e.key, e.value) from jsonb_each(jsonb_build_object({pairs})) as e"
    return (
        f"insert into {DIFFERS}\n"
        f'  select c.table_name, c.key, k."row", c.before,\n'
        f"    case when k.found then {now} where c.before ? e.key) end, c.after, '{{}}', null,\n"
        f"    {times_of(spec)}\n"
        f'  from {CHANGES} join {keys(spec)} as k on k.key = c.key and k."row" is not null\n'
        f"  left join ({_there(spec)}{there.joins}) on f.key = c.key\n"
        f"  where c.table_name = {literal(spec.label)} and c.action in ('update', 'delete');"
    )


def _write_ledger(number: int) -> str:
    """Write the rollback down as a release like any other, and restore the base from before."""
    return block(f"""
declare
  made bigint;
begin
  insert into maulstick.release (number, subject, digest, kind, of, operator, commit, target, as_of, started,
      finished, shapes)
    select {NEXT}, r.subject, {RESTORED}, 'rollback', r.number,
      coalesce({setting("operator")}, session_user::text), r.commit,
      r.target, '', now(), clock_timestamp(), r.shapes
    from maulstick.release as r where r.number = {number} returning release.number into made;
  insert into maulstick.change
    select made, c.table_name, coalesce(u.was, c.key), c.action, c.before,
      coalesce(c.after, case when c.action = 'insert' then d.local end), b.values,
      coalesce(b.subjects, '{{}}'), case when u.was is not null then c.key end, d.times
    from {CHANGE} as c join {DIFFERS} as d using (table_name, key)
    join {UNDOING} as u using (table_name, key)
    left join maulstick.base as b using (table_name, key)
    where c.action in ('insert', 'update');
  insert into maulstick.change
    select made, d.table_name, d.key, 'delete', d.image, null, b.values, coalesce(b.subjects, '{{}}'), null,
      d.times from {DOOMED} as d left join maulstick.base as b using (table_name, key);
  insert into maulstick.change
    select made, c.table_name, coalesce(c.was, c.key), 'unchanged', null, null, b.values,
      coalesce(b.subjects, '{{}}'), case when c.was is not null then c.key end, null
    from {CHANGES} left join maulstick.base as b using (table_name, key)
    where not exists (select from {DOOMED} as d where (d.table_name, d.key) = (c.table_name, c.key))
      and not exists (select from {CHANGE} as m
        where (m.table_name, m.key) = (c.table_name, c.key) and m.action in ('insert', 'update'))
    on conflict do nothing;
  {_restore_base(number)}
  insert into {RESULT} values (made);
end""")


def _restore_base(number: int) -> str:
    """Return the SQL that puts base back, but for columns and subjects that later releases moved.

    What base was right after the release is what the next change of the row found; none means: as it is now.
    """
    own = "array[r.subject]"
    subjects = (
        f"array_remove(m.subjects, r.subject) || case when c.subjects @> {own} then {own} else '{{}}' end"
    )
    after, before = "row(later.base, later.subjects)", "row(c.base, c.subjects)"
    unmoved = f"later.release is not null and {after} is not distinct from {before}"
    whole = "m.base is null or c.base is null or (later.release is not null and later.base is null)"
    return f"""create temp table {UNDID} on commit drop as
    select m.table_name, m.key, m.base, m.subjects from maulstick.change as m where m.release = made;
  analyze {UNDID} (table_name, key);
  create temp table {LATER} on commit drop as
    select distinct on (n.table_name, n.key) n.table_name, n.key, n.release, n.base, n.subjects
    from {CHANGES} join maulstick.change as n on (n.table_name, n.key) = (c.table_name, c.key)
    where n.release > {number} and n.release < made
      and exists (select from maulstick.release as r where r.number > {number} and r.number < made)
    order by n.table_name, n.key, n.release;
  analyze {LATER} (table_name, key);
  delete from maulstick.base_row as b using {CHANGES}
    where (b.table_name, b.key) = (c.table_name, c.key);
  insert into maulstick.base_row
    select c.table_name, m.key, v.values, case when {unmoved} then m.subjects when {whole} then c.subjects
      else array(select distinct s from unnest({subjects}) as s order by s) end, made
    from {CHANGES} join maulstick.release as r on r.number = c.release
    join {UNDID} as m on (m.table_name, m.key) = (c.table_name, coalesce(c.was, c.key))
    left join {LATER} as later on (later.table_name, later.key) = (c.table_name, c.key)
    cross join lateral (select case when {unmoved} then m.base when {whole} then c.base else (
      select coalesce(jsonb_object_agg(e.key, e.value), '{{}}') from jsonb_each(m.base) as e
      where later.release is not null and e.value is distinct from later.base -> e.key
    ) || (select coalesce(jsonb_object_agg(e.key, e.value), '{{}}') from jsonb_each(c.base) as e
      where later.release is null or m.base -> e.key is not distinct from later.base -> e.key
    ) end) as v(values)
    where v.values is not null and (c.base is not null or later.release is not null);"""
