"""Checks that rows break only while they are hidden: asked before any row goes in so."""

from __future__ import annotations

from maulstick.postgres.quoting import block, literal, name, names, template
from maulstick.postgres.sql.bundle_tables import BundleTables
from maulstick.postgres.sql.columns.hiding import to_hide
from maulstick.postgres.sql.constraints.checks import CHECKS
from maulstick.postgres.sql.session import PLANNING, THERE, setting
from maulstick.postgres.sql.temp_tables import CHANGE, PROBLEM, keys, ready, real
from maulstick.postgres.tables.publishing import hides_by
from maulstick.postgres.tables.specs import TableSpec

SAYS = "while it is hidden, it "


def hidden_rows_fit(bundle: BundleTables) -> str:
    """Compose the SQL that lists rows which could not go in hidden, though they are right once public.

    A value that the column cannot hold is named once for each table. Who makes rows public at once, as by
    psql, is not kept from it.
    """
    if bundle.pulled_from:  # a pull hides nothing
        return ""
    return "".join(f"{_fit(spec)}\n" for spec in bundle.published)


def _fit(spec: TableSpec) -> str:
    column, value = spec.publish or "", hides_by(spec)
    others = names((one for one in spec.columns if one != column), "w")
    rows = f'{ready(spec)} as w join {CHANGE} as c on c."row" = w.maulstick_row where {to_hide(spec)}'
    of_row = template(f"w.maulstick_row{', ' if others else ''}{others}, {literal(value)}")
    hidden = f"(select {of_row}::%s as {template(name(column))} from {template(rows)})"
    broken = f"""
      insert into {PROBLEM} select 'check', {template(literal(spec.label))}, k.key, %L from (
        select w.maulstick_row from {hidden} as w where %s) as w
      join {template(keys(spec))} as k on k."row" = w.maulstick_row"""
    about = f"cannot be hidden: {column} cannot be {'null' if value is None else repr(value)} in "
    return block(f"""
declare
  one record;
  kind text := (select format_type(a.atttypid, a.atttypmod) from pg_attribute as a
    where a.attrelid = {literal(real(spec))}::regclass and a.attname = {literal(column)});
begin
  if {setting("hidden")} is null and not {PLANNING} then
    return;
  end if;
  begin
    execute format('select %L::%s', {literal(value)}, kind);
  exception when others then
    insert into {PROBLEM} select 'check', {literal(spec.label)}, min(c.key), {literal(about)} || {THERE}
        || ': ' || sqlerrm from {rows} having count(*) > 0;
    return;
  end;
  for one in {CHECKS.format(table=literal(real(spec)))} and (select a.attnum from pg_attribute as a
      where a.attrelid = o.conrelid and a.attname = {literal(column)}) = any (o.conkey) order by 1
  loop
    begin
      execute format({literal(broken)}, {literal(SAYS)} || one.says, kind, one.broken);
    exception when others then
      null;  -- the constraint itself will say it
    end;
  end loop;
end""")
