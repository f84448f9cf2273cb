"""The SQL that decides which base of a row is newer: this database's own, or the one that a bundle brings.

A row's base moves in the target's ledger with a release, and in the source's with a pull. So the source
remembers which release had moved it in the target when it was pulled, by its number and time: the stamp.
While the target's ledger still says that, nothing has moved it there since, and the pull is newer.
"""

from __future__ import annotations

from maulstick.postgres.quoting import block, literal
from maulstick.postgres.sql.session import setting
from maulstick.postgres.sql.temp_tables import BROUGHT, KNOWN, RESULT

STAMP = "b.release || ' ' || extract(epoch from r.started)"
"""The SQL of when the base `b` was moved last, by its release `r`."""
FIELDS = "target text, table_name text, key text, stamp text, subjects text[], values jsonb"


def stage_bases(rows: str) -> str:
    """Compose the SQL that stages the base that a bundle brings, given as JSON."""
    return (
        f"create temp table {BROUGHT} ({FIELDS}) on commit drop;\n"
        f"insert into {BROUGHT} select * from jsonb_to_recordset({literal(rows)}::jsonb) as b({FIELDS});\n"
        f"analyze {BROUGHT} (table_name, key);"
    )


def newer_bases(pulled_from: str) -> str:
    """Compose the SQL that takes what a bundle brings for base, where this ledger's own is older."""
    return _of_pull(pulled_from) if pulled_from else _of_release()


def _of_release() -> str:
    """Take what was pulled into the source since the target's ledger has moved it."""
    return block(f"""
begin
  delete from {BROUGHT} as b where b.target <> coalesce({setting("target")}, b.target);
  if to_regclass('maulstick.ledger') is null then
    delete from {BROUGHT} as n where n.stamp is not null;
  else
    delete from {BROUGHT} as n where n.target <> (select coalesce(l.target, n.target)
        from maulstick.ledger as l)
      or n.stamp is distinct from (select {STAMP} from maulstick.base_row as b
        left join maulstick.release as r on r.number = b.release
        where (b.table_name, b.key) = (n.table_name, n.key));
  end if;
  update {KNOWN} as k set values = k.values || n.values,
      subjects = array(select distinct s from unnest(k.subjects || n.subjects) as s order by s)
    from {BROUGHT} as n where (n.table_name, n.key) = (k.table_name, k.key);
  {_others()}
end""")


def _of_pull(pulled_from: str) -> str:
    """Keep what was pulled before, where the ledger that this comes from has not moved it since."""
    return block(f"""
begin
  if to_regclass('maulstick.pulled') is null then
    delete from {KNOWN} as k;
  else
    delete from {KNOWN} as k where not exists (
      select from maulstick.pulled as p left join {BROUGHT} as n using (table_name, key)
      where (p.table_name, p.key) = (k.table_name, k.key) and p.target = {literal(pulled_from)}
        and p.stamp is not distinct from n.stamp);
  end if;
  {_others()}
end""")


def _others() -> str:
    return f"""insert into {KNOWN} select n.table_name, n.key, n.values, n.subjects from {BROUGHT} as n
    where not exists (select from {KNOWN} as k where (k.table_name, k.key) = (n.table_name, n.key));"""


def write_stamps(pulled_from: str) -> str:
    """Compose the SQL that remembers which releases of the target the pulled rows stand for."""
    return block(f"""
declare
  made bigint := (select r.number from {RESULT} as r);
begin
  if made is null then
    return;
  end if;
  create table if not exists maulstick.pulled (
    target text not null, table_name text not null, key text not null, stamp text,
    primary key (table_name, key));
  insert into maulstick.pulled
    select {literal(pulled_from)}, c.table_name, c.key, n.stamp
    from maulstick.change as c left join {BROUGHT} as n using (table_name, key)
    where c.release = made and c.action <> 'delete'
    on conflict (table_name, key) do update set target = excluded.target, stamp = excluded.stamp;
end""")
