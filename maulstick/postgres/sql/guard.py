"""Section guard: every reason not to write, found before anything is written and raised as one list."""

from __future__ import annotations

from maulstick.postgres.quoting import block, literal
from maulstick.postgres.sql.session import setting
from maulstick.postgres.sql.temp_tables import CHANGE, DIFFERS, DOOMED, PROBLEM
from maulstick.postgres.sqlstates import REFUSED

ROW = "%s %s: %s"


NEW = """(d.table_name, d."row") = (c.table_name, c."row") and c.action = 'insert' and c.after is null"""
"""The SQL of whether a change `c` is that of an entirely new row, whose values are only in `d`."""
FINGERPRINT = f"""(select encode(sha256(coalesce(string_agg(
    sha256(convert_to(concat_ws(E'\\x1f', c.table_name, c.key, c.action,
      coalesce(c.columns, c.after, d.local)::text), 'UTF8')),
    '' order by c.table_name collate "C", c.key collate "C"), '')), 'hex')
  from {CHANGE} as c left join {DIFFERS} as d on {NEW} where c.action <> 'unchanged')
  || coalesce((select '-' || encode(sha256(string_agg(sha256(convert_to(
    concat_ws(E'\\x1f', d.table_name, d.key, d.image::text, d.times::text), 'UTF8')), ''
      order by d.table_name collate "C", d.key collate "C", d.image::text collate "C")), 'hex')
  from {DOOMED} as d), '')"""
"""The SQL of the SHA-256 of what a plan would change: production has moved if it differs.

Behind a hyphen, where it deletes rows, stands that of all that they hold. Each row is hashed first: a million
of them whole would be more than one value can hold.
"""


def guard(named: str = ROW) -> str:
    """Compose the section that raises all conflicts and problems as one error, SQLSTATE MS003.

    `named` is how a row and its reason are written.
    """
    return block(f"""
declare
  reasons text[];
begin
  if {setting("seal")} is not null then
    insert into {PROBLEM} select 'moved', 'plan', '', 'is not what this would change now'
      where {FINGERPRINT} <> {setting("seal")};
  end if;
  insert into {PROBLEM} select 'used', 'plan', '', format('was carried out by release %s', r.number)
    from maulstick.release as r where r.plan = {setting("plan")};
  insert into {PROBLEM} select 'conflict', c.table_name, c.key, format('%s changed here and there',
      coalesce((select string_agg(k, ', ' order by k) from jsonb_object_keys(c.columns) as k
        where c.columns -> k ->> 'action' = 'conflict'), 'row'))
    from {CHANGE} as c where c.action = 'conflict';
  select array_agg(format({literal(named)}, p.table_name, p.key, p.says) order by p.table_name, p.key, p.says)
    into reasons from {PROBLEM} as p;
  if reasons is not null then
    raise exception using errcode = '{REFUSED}', detail = to_json(reasons)::text,
      message = format('refused, nothing was changed: %s', array_to_string(reasons, '; '));
  end if;
end""")
