"""A sum of what a release wrote into the ledger: its rollback notices what was edited there since."""

from __future__ import annotations

from maulstick.postgres.quoting import block
from maulstick.postgres.sqlstates import EDITED

HAS_SUMS = """exists (select from pg_attribute as a where a.attrelid = 'maulstick.release'::regclass
      and a.attname = 'sums' and not a.attisdropped)"""
ADD_SUMS = f"""if not {HAS_SUMS} and exists (select from pg_class as c
      where c.oid = 'maulstick.release'::regclass and pg_has_role(c.relowner, 'usage')) then
    begin
      alter table maulstick.release add column sums jsonb;
    exception when lock_not_available then
      null;
    end;
  end if;"""
"""Give a ledger that was made without them its sums; a role that does not own the ledger goes without."""
WRITE_SUMS = f"""if {HAS_SUMS} then
    update maulstick.release as r set sums = {{sums}} where r.number = made;
  end if;"""


def write_sums() -> str:
    """Compose the SQL that records the sums of the release `made`, once its changes are written."""
    return WRITE_SUMS.format(sums=_sums("made"))


def require_unedited(number: int) -> str:
    """Compose the SQL that stops if the ledger's rows of a release are not those that it wrote.

    It finds accidents: who edits the rows can edit the sums. A release without sums is not checked.
    """
    accept = f"update maulstick.release set sums = null where number = {number}"
    differs = "o.key = t.key and o.value = t.value"
    return block(f"""
declare
  written jsonb;
  tables text;
begin
  if not {HAS_SUMS} then
    return;
  end if;
  select r.sums into written from maulstick.release as r where r.number = {number};
  select string_agg(distinct t.key, ', ' order by t.key) into tables from (
    select t.key from jsonb_each_text(written) as t
      where not exists (select from jsonb_each_text({_sums(str(number))}) as o where {differs})
    union all select t.key from jsonb_each_text({_sums(str(number))}) as t
      where written is not null and not exists (select from jsonb_each_text(written) as o where {differs})
  ) as t;
  if tables is not null then
    raise exception using errcode = '{EDITED}', message = 'what the ledger keeps of release {number}'
      ' was edited since (rows of ' || tables || '); nothing was changed',
      hint = 'release the subject again instead; or, to restore what stands there now: {accept}';
  end if;
end""")


def _sums(number: str) -> str:
    """Compose the SQL of a sum for each table: of the first 60 bits of each row's SHA-256, in any order."""
    row = "c.table_name, c.key, c.action, c.before, c.after, c.base, c.subjects, c.was, c.times"
    digest = f"encode(sha256(convert_to(jsonb_build_array({row})::text, 'UTF8')), 'hex')"
    return f"""(select coalesce(jsonb_object_agg(s.table_name, s.total), '{{}}') from (
      select c.table_name, sum(('x' || left({digest}, 15))::bit(60)::bigint)::text as total
      from maulstick.change as c where c.release = {number} group by c.table_name) as s)"""
