"""The SQL that records a rollback in the ledger, and restores base."""

from __future__ import annotations

from maulstick.postgres.quoting import block
from maulstick.postgres.sql.ledger import BASE, NEXT
from maulstick.postgres.sql.rollback.before_images import CHANGES
from maulstick.postgres.sql.rollback.sums import write_sums
from maulstick.postgres.sql.session import setting
from maulstick.postgres.sql.temp_tables import CHANGE, DIFFERS, DOOMED, LATER, RESULT, UNDID, UNDOING
from maulstick.postgres.sql.trust.own_ledger import own_ledger

RESTORED = """coalesce((select before.digest from maulstick.release as before
      where before.subject = r.subject and before.number < r.number
      order by before.number desc limit 1), '')"""
"""The digest of what production holds again: that of the subject's previous release."""


def write_rollback(number: int) -> str:
    """Compose the SQL that records the rollback as a release like any other, and restores base."""
    return f"{own_ledger(is_written=True)}\n" + block(f"""
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
    left join {BASE} as b using (table_name, key)
    where c.action in ('insert', 'update');
  insert into maulstick.change
    select made, d.table_name, d.key, 'delete', d.image, null, b.values, coalesce(b.subjects, '{{}}'), null,
      d.times from {DOOMED} as d left join {BASE} as b using (table_name, key);
  insert into maulstick.change
    select made, c.table_name, coalesce(c.was, c.key), 'unchanged', null, null, b.values,
      coalesce(b.subjects, '{{}}'), case when c.was is not null then c.key end, null
    from {CHANGES} left join {BASE} as b using (table_name, key)
    where not exists (select from {DOOMED} as d where (d.table_name, d.key) = (c.table_name, c.key))
      and not exists (select from {CHANGE} as m
        where (m.table_name, m.key) = (c.table_name, c.key) and m.action in ('insert', 'update'))
    on conflict do nothing;
  {write_sums()}
  {_restore_base(number)}
  insert into {RESULT} values (made);
end""")


def _restore_base(number: int) -> str:
    """Compose the SQL that restores base, except for columns and subjects that later releases moved.

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
    where v.values is not null;"""
