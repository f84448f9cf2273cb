"""The SQL that creates the ledger, reads it for a release, and records the release."""

from __future__ import annotations

import json

from maulstick.postgres.quoting import block, literal
from maulstick.postgres.sql.rollback.sums import ADD_SUMS, write_sums
from maulstick.postgres.sql.session import PLANNING, setting
from maulstick.postgres.sql.temp_tables import (
    CHANGE,
    DIFFERS,
    DOOMED,
    HIDDEN,
    KNOWN,
    PROBLEM,
    RENAMES,
    RESULT,
    keys,
)
from maulstick.postgres.sql.trust.own_ledger import LEDGER_VERSION, TABLES, own_ledger
from maulstick.postgres.sql_files import sql_file
from maulstick.postgres.sqlstates import LOCKED, ONLY_READ
from maulstick.postgres.tables.specs import TableSpec, TableSpecs

LOCK = 0x6D61756C
"""The one advisory lock of a target's database: "maul"."""
NAMED = 3
"""How many rows a problem about many rows names."""


NEXT = "(select coalesce(max(n.number), 0) + 1 from maulstick.release as n)"
"""The next release's number: it has no gaps, since the lock lets only one release write."""


def specs_json(specs: TableSpecs) -> str:
    """List the specs as the ledger keeps them: with them a release can be undone without its bundle."""
    return json.dumps({name: spec.to_json() for name, spec in specs.items()}, ensure_ascii=False)


BASE = """(select b.table_name, b.key, coalesce(b.values, c.after) as values, b.subjects, b.release
    from maulstick.base_row as b left join maulstick.change as c using (table_name, key, release))"""
"""The rows of the view `base`, which somebody else may have made: it is not asked."""
EDITED = "(d.base @> d.local) is not true"
"""The SQL of whether local differs from base; base may have more columns than travel now."""

BY_RELEASE = """if not exists (select from pg_class as x where x.relnamespace = 'maulstick'::regnamespace
      and x.relname = 'change_release') and exists (select from pg_class as c
      where c.oid = 'maulstick.change'::regclass and pg_has_role(c.relowner, 'usage')
        and has_schema_privilege(c.relnamespace, 'create')) then
    begin
      create index change_release on maulstick.change (release);
    exception when lock_not_available then
      null;
    end;
  end if;"""
"""Give a ledger that was made without it the index by release: it only saves time, so a role that does not
own the ledger goes without, and so does a release while autovacuum has the table."""


def writable() -> str:
    """Compose the SQL that stops if the database is set to read-only, unless the user allows it."""
    return block(f"""
begin
  if {PLANNING} then
    return;
  end if;
  if {setting("although_read_only")} is null and (select s.reset_val::boolean from pg_settings as s
      where s.name = 'default_transaction_read_only') then
    raise exception using errcode = '{ONLY_READ}', message = 'the database is set to be only read'
      ' (default_transaction_read_only = on); nothing was changed',
      hint = 'although_read_only = true in the inventory releases all the same;'
      ' with psql: -c maulstick.although_read_only=on';
  end if;
end""")


def open_ledger() -> str:
    """Compose the SQL that waits for the target's one lock and creates the ledger if it is missing.

    A plan does neither: it only reads. The lock is one per database, held to the end of the transaction.
    """
    made = block(f"""
begin
  if {PLANNING} then
    return;
  end if;
  perform set_config('lock_timeout', coalesce({setting("lock_wait")}, '60s'), true);
  begin
    perform pg_advisory_xact_lock({LOCK});
  exception when lock_not_available then
    raise exception using errcode = '{LOCKED}', message = 'another release holds the lock';
  end;
  perform set_config('lock_timeout', '500ms', true);
  -- What is told as committed must outlive a server that is killed.
  if current_setting('synchronous_commit') = 'off' then
    perform set_config('synchronous_commit', 'on', true);
  end if;
  -- Not by to_regclass: it may remember from before the wait that nothing was there.
  if not exists (select from pg_catalog.pg_namespace where nspname = 'maulstick') then
    create schema maulstick;
  end if;
  -- One that is there in part is not mended: what it lacks is named below.
  if not exists (select from pg_catalog.pg_tables
      where schemaname = 'maulstick' and tablename in ({", ".join(map(literal, TABLES))})) then
    {sql_file("ledger_tables")}
    insert into maulstick.ledger values ({LEDGER_VERSION}, null);
  end if;
end""")
    named = block(f"""
begin
  if {PLANNING} then
    return;
  end if;
  {BY_RELEASE}
  {ADD_SUMS}
  update maulstick.ledger set target = {setting("target")} where target is null and {setting("target")} <> '';
end""")
    return f"{made}\n{own_ledger(is_written=False)}\n{named}"


def read_ledger(subject: str, specs: TableSpecs) -> str:
    """Compose the SQL that reads the ledger's base of the staged rows, and checks whose ledger it is."""
    here = f"b.subjects @> array[{literal(subject)}]"
    known = "\n  ".join(_read_known(spec, here) for spec in specs.values() if spec.travels)
    return block(f"""
declare
  ledger record;
begin
  if to_regclass('maulstick.ledger') is null then
    return;
  end if;
  select version, target into ledger from maulstick.ledger;
  if ledger.target <> {setting("target")} then
    insert into {PROBLEM} values ('target', 'maulstick.ledger', ledger.target, format(
      'this database calls itself "%s", not "%s"', ledger.target, {setting("target")}));
  end if;
  insert into {KNOWN} select b.table_name, b.key, b.values, b.subjects from {BASE} as b where {here};
  {known}
end""")


def _read_known(spec: TableSpec, here: str) -> str:
    return (
        f"insert into {KNOWN} select b.table_name, b.key, b.values, b.subjects from {BASE} as b\n"
        f"    where b.table_name = {literal(spec.label)} and not {here} and b.key in (\n"
        f"      select k.key from {keys(spec)} as k\n"
        f"      union all select r.old from {RENAMES} as r where r.table_name = {literal(spec.label)});"
    )


def older(subject: str, as_of: str, digest: str) -> str:
    """Compose the SQL that refuses a bundle older than the last one released, if it would revert a row.

    One whose rows all are as released writes nothing. It looks older where the source's newest row was
    deleted since, and such a bundle is not.
    """
    return block(f"""
declare
  last record;
  rows text[];
begin
  if to_regclass('maulstick.release') is null or {setting("older")} is not null then
    return;
  end if;
  select r.number, r.as_of, r.digest into last from maulstick.release as r
    where r.subject = {literal(subject)} order by r.number desc limit 1;
  if last.as_of > {literal(as_of)} and last.digest <> {literal(digest)} then
    select array_agg(d.table_name || ' ' || d.key order by d.table_name, d.key) into rows
      from {DIFFERS} as d where {EDITED};
    insert into {PROBLEM} select 'older', 'release', last.number::text, format(
        'release %s was made from newer content (%s) than this bundle (%s), which differs from it in %s%s',
        last.number, last.as_of, {literal(as_of)}, array_to_string(rows[:{NAMED}], ', '),
        case when cardinality(rows) > {NAMED} then format(' and %s more', cardinality(rows) - {NAMED}) end)
      where rows is not null;
  end if;
end""")


def write_ledger(subject: str, as_of: str, digest: str, rows_digest: str, specs: TableSpecs) -> str:
    """Compose the SQL that records the release, unless there is nothing to record.

    Base becomes the local value for every row that is in production or now will be
    (docs/postgresql-facts.md, "Base"); of columns that do not travel now, or not with this subject, it keeps
    what it knows.
    """
    here = f"d.subjects @> array[{literal(subject)}]"
    moved = f"c.action in ('insert', 'update') or {EDITED} or not {here}"
    decided = f"c.action = 'removed' and {EDITED}"
    there = f"(c.action in ('insert', 'update', 'kept', 'unchanged') or {decided})"
    sent = f"u.subject = {literal(subject)} and u.release is null"
    agree = _agree(subject, rows_digest, can_hide=any(spec.publish for spec in specs.values()))
    rows = f'{DIFFERS} as d join {CHANGE} as c on (c.table_name, c."row") = (d.table_name, d."row")'
    return f"{own_ledger(is_written=True)}\n" + block(f"""
declare
  made bigint;
begin
  if not exists (select from {rows} where {there} and ({moved})) and not exists (select from {DOOMED})
      and not exists (select from maulstick.upload as u where {sent}) then
    {_leave(subject)}
    if not exists (select from {CHANGE} as c where c.action not in ('unchanged', 'left')) then
      {agree}
    end if;
    return;
  end if;
  {_insert_release(subject, as_of, digest, specs)}
  update maulstick.upload as u set release = made where {sent};
  {_write_changes(subject, f"{rows} where {there} and ({moved})")}
  {write_sums()}
  {_leave(subject)}
  {agree}
  insert into {RESULT} values (made);
end""")


def record_who() -> str:
    """Compose the SQL that records who makes the release that was just written, beside its operator.

    It stands outside release.sql, so that a bundle's text does not depend on it. Whatever stops it, such as
    a ledger of another owner or a reader of its tables, does not stop the release.
    """
    return block(f"""
declare
  made bigint := (select r.number from {RESULT} as r);
begin
  if made is null or {setting("claims")} is null then
    return;
  end if;
  if not exists (select from pg_attribute as a where a.attrelid = 'maulstick.release'::regclass
      and a.attname = 'who') then
    alter table maulstick.release add column who jsonb;
  end if;
  update maulstick.release
    set who = {setting("claims")}::jsonb || jsonb_build_object('session_user', session_user::text)
    where number = made;
exception when others then
  null;
end""")


def _write_changes(subject: str, rows: str) -> str:
    """Compose the SQL that records each changed row and its new base; `rows` yields them as `c` and `d`."""
    local = "nullif(coalesce(d.base || d.local, d.local), c.after)"
    became = f"case when c.action <> 'insert' or c.after is not null then {local} end"
    return f"""insert into maulstick.change
    select made, c.table_name, c.key, c.action, c.before,
      coalesce(c.after, case when c.action = 'insert' then d.local end), d.base, d.subjects, d.was, d.times
    from {rows};
  insert into maulstick.change
    select made, d.table_name, d.key, 'delete', d.image, null, b.values, coalesce(b.subjects, '{{}}'), null,
      d.times from {DOOMED} as d left join {BASE} as b using (table_name, key);
  delete from maulstick.base_row as b using {DOOMED} as d where (d.table_name, d.key) = (b.table_name, b.key);
  delete from maulstick.base_row as b using {DIFFERS} as d
    where (d.table_name, d.was) = (b.table_name, b.key);
  update maulstick.base_row as b set values = {became}, release = made,
      subjects = {_subjects(subject, "b.subjects || d.subjects")}
    from {rows} and (d.table_name, d.key) = (b.table_name, b.key);
  insert into maulstick.base_row (table_name, key, values, subjects, release)
    select d.table_name, d.key, {became}, {_subjects(subject, "d.subjects")}, made
    from {rows} and not exists (select from maulstick.base_row as b
      where (b.table_name, b.key) = (d.table_name, d.key));
  insert into maulstick.change
    select made, c.table_name, c.key, c.action, null, null, b.values, b.subjects, null, null
    from {CHANGE} as c join {BASE} as b using (table_name, key) where c.action = 'left';"""


def _subjects(subject: str, known: str) -> str:
    return f"array(select distinct s from unnest({known} || array[{literal(subject)}]) as s order by s)"


def _leave(subject: str) -> str:
    """Compose the SQL that removes a subject from rows that left its slice; this alone is not a release."""
    return f"""update maulstick.base_row as b set subjects = array_remove(b.subjects, {literal(subject)})
    from {CHANGE} as c where c.action = 'left' and (c.table_name, c.key) = (b.table_name, b.key);"""


def _agree(subject: str, rows_digest: str, *, can_hide: bool) -> str:
    """Compose the SQL that records that base now equals these rows, unless that is already recorded.

    It does not where rows are left out, gone or hidden: the same bundle will change something yet.
    """
    hidden = f" and not exists (select from {HIDDEN})" if can_hide else ""
    return f"""if {setting("without")} is null{hidden}
        and not exists (select from {CHANGE} as c where c.action = 'gone' and not exists (
          select from {DOOMED} as d where (d.table_name, d.key) = (c.table_name, c.key))) then
      insert into maulstick.agreed as a
        select {literal(subject)}, {literal(rows_digest)}, max(r.number) from maulstick.release as r
        having count(*) > 0
        on conflict (subject) do update set rows = excluded.rows, release = excluded.release
          where a.rows <> excluded.rows or exists (select from maulstick.base_row as b
            where b.subjects @> array[a.subject] and b.release > a.release);
    end if;"""


def _insert_release(subject: str, as_of: str, digest: str, specs: TableSpecs) -> str:
    return f"""insert into maulstick.release
      (number, subject, digest, kind, operator, commit, target, as_of, started, finished, plan, shapes)
    select {NEXT}, {literal(subject)}, {literal(digest)}, 'release',
      coalesce({setting("operator")}, session_user::text), {setting("commit")},
      coalesce(l.target, current_database()), {literal(as_of)}, now(), clock_timestamp(),
      {setting("plan")}, {literal(specs_json(specs))}::jsonb
    from maulstick.ledger as l
    returning release.number into made;"""
