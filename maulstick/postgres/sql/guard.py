"""Section guard: every reason not to write, found before anything is written and raised as one list."""

from __future__ import annotations

from maulstick.postgres.quoting import block, literal
from maulstick.postgres.sql.session import setting
from maulstick.postgres.sql.temp_tables import CHANGE, PROBLEM
from maulstick.postgres.sql.three_way import FINGERPRINT
from maulstick.postgres.sqlstates import REFUSED

ROW = "%s %s: %s"


def guard(named: str = ROW) -> str:
    """Return the section that raises all conflicts and problems as one error, SQLSTATE MS003.

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
