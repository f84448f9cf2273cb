"""A release's before-images as staged rows, found in the target by key, and what differs from them."""

from __future__ import annotations

from collections.abc import Iterator

from maulstick.postgres.quoting import block, literal, literals, name, template
from maulstick.postgres.sql.bundle_tables import BundleTables
from maulstick.postgres.sql.identity.lookup import look_up
from maulstick.postgres.sql.missing_references import ABSENT
from maulstick.postgres.sql.rows_to_write import times_of
from maulstick.postgres.sql.stage import lock, stage_tables
from maulstick.postgres.sql.temp_tables import DIFFERS, FOUND, PROBLEM, UNDOING, is_found, keys, real, stage
from maulstick.postgres.tables.hidden_ids import hidden_ids
from maulstick.postgres.tables.key_parts import part_of_key
from maulstick.postgres.tables.portable_rows import portable_key, portable_row
from maulstick.postgres.tables.specs import TableSpec, TableSpecs

CHANGES = f"{UNDOING} as c"


def stage_before_images(bundle: BundleTables) -> Iterator[str]:
    """Yield the SQL that stages the rows as they were before the release, under the tables' lock."""
    specs, filled = bundle.specs, bundle.filled.values()
    yield stage_tables(bundle)
    yield from (_without_domains(spec) for spec in filled)
    yield from (f"alter table {stage(spec)} add column maulstick_key text;" for spec in filled)
    yield lock(specs)
    yield from (_fill(spec, specs) for spec in filled)
    yield from (_keys_by_text(spec, specs) for spec in filled)
    yield from (text for spec in filled for text in _all_pointed(spec, specs))


def _fill(spec: TableSpec, specs: TableSpecs) -> str:
    columns = ", ".join(name(column) for column in spec.columns)
    values = ", ".join(_before(spec, specs, column) for column in spec.columns)
    return (
        f"insert into {stage(spec)} ({columns}, maulstick_key)\n"
        f"  select {values}, c.key from {CHANGES}\n"
        f"  where c.table_name = {literal(spec.label)} and c.action in ('update', 'delete');"
    )


def _before(spec: TableSpec, specs: TableSpecs, column: str) -> str:
    text = f"(c.before ->> {literal(column)})"
    if column in spec.key and not spec.surrogate:  # an update's before-image has only what it changed
        part = part_of_key(spec, specs, column, "c.key")
        text = f"(case when c.before ? {literal(column)} then {text} else {part} end)"
    if column in spec.references or column in spec.pointing:
        return text
    # Not `text::type`: a domain may refuse the NULL of a column that is not to be written.
    return f"case when {text} is not null then {text}::{spec.types[column]} end"


def _without_domains(spec: TableSpec) -> str:
    """Stage a domain's base type: the domain may refuse the NULL of a column that is not to be written."""
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
        f"{look_up(spec, specs, f'select s.maulstick_key from {stage(spec)} as s')}\n{only_as_left(spec)}"
        f"insert into {keys(spec)}\n"
        f"  select s.ctid, s.maulstick_key, t.ctid is not null{id_}\n"
        f"  from {stage(spec)} as s left join ({_there(spec)}) on f.key = s.maulstick_key;\n"
        f"analyze {keys(spec)};"
        f"{_old_names(spec) if spec.id else ''}"
    )


def only_as_left(spec: TableSpec) -> str:
    """Compose the SQL that forgets rows found by a key beside the one that is as the release left it.

    So a row that the release deleted softly is told from others with its key that were deleted before.
    """
    if spec.key_condition is None:
        return ""
    label, pairs = literal(spec.label), [(literal(one), name("t", one)) for one in spec.key_condition.columns]
    alike = " and ".join(
        f"(not c.after ? {column} or {there}::text is not distinct from c.after ->> {column})"
        for column, there in pairs
    )
    return (
        f"with kept as (select f.* from {CHANGES} join ({_there(spec)}) on f.key = c.key\n"
        f"    where c.table_name = {label} and {alike})\n"
        f"  delete from {FOUND} as f using kept where f.table_name = {label} and f.key = kept.key\n"
        f"    and (f.o, f.c) is distinct from (kept.o, kept.c);\n"
    )


def _there(spec: TableSpec) -> str:
    """Compose the join of the rows that were found by key, as `f` and `t`."""
    found = f"(select f.* from {FOUND} as f where f.table_name = {literal(spec.label)}) as f"
    return f"{found} join {real(spec)} as t on {is_found()}"


def _old_names(spec: TableSpec) -> str:
    """Add renamed rows under their old keys too: before-images reference them by those."""
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
    """Find the rows that before-images reference and that are not among the release's own."""
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


def differing(spec: TableSpec, specs: TableSpecs) -> str:
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
