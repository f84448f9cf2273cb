"""Checks and foreign keys that the source may lack, tested on the rows before any is written."""

from __future__ import annotations

from maulstick.postgres.quoting import block, literal, literals, names, template
from maulstick.postgres.sql.bundle_tables import BundleTables
from maulstick.postgres.sql.session import THERE
from maulstick.postgres.sql.temp_tables import PROBLEM, keys, ready, real
from maulstick.postgres.tables.specs import TableSpec

CHECKS = f"""select format('breaks the check %s of %s: %s', o.conname, {THERE},
      pg_get_expr(o.conbin, o.conrelid)) as says,
      format('not (%s)', pg_get_expr(o.conbin, o.conrelid)) as broken
    from pg_constraint as o where o.conrelid = {{table}}::regclass and o.contype = 'c'"""
FOREIGN_KEYS = f"""select format('its %s is not in %s of %s (%s)',
      string_agg(a.attname, ', ' order by k.n), regexp_replace(f.confrelid::regclass::text, '^public[.]', ''),
      {THERE}, f.conname),
      format('%s and not exists (select from %s as p where %s)',
        string_agg(format('w.%I is not null', a.attname), ' and ' order by k.n), f.confrelid::regclass,
        string_agg(format('p.%I operator(%I.%s) w.%I', p.attname, s.nspname, o.oprname, a.attname), ' and '
          order by k.n))
    from pg_constraint as f
    cross join unnest(f.conkey, f.confkey, f.conpfeqop) with ordinality as k(here, there, same, n)
    join pg_attribute as a on a.attrelid = f.conrelid and a.attnum = k.here
    join pg_attribute as p on p.attrelid = f.confrelid and p.attnum = k.there
    join pg_operator as o on o.oid = k.same join pg_namespace as s on s.oid = o.oprnamespace
    where f.conrelid = {{table}}::regclass and f.contype = 'f' and f.conparentid = 0
      and to_jsonb(f) ->> 'conperiod' is distinct from 'true'
      and to_jsonb(f) ->> 'conenforced' is distinct from 'false'
      and f.confrelid <> all (select to_regclass(t.name) from unnest({{travelling}}) as t(name))
    group by f.conname, f.confrelid"""


def checks(bundle: BundleTables) -> str:
    """Compose the SQL that lists rows that break a check or a foreign key that production has.

    One is left to the constraint itself that needs a column which does not travel, which production owns (a
    trigger may yet fill it), or whose ids a plan does not know yet; and one whose table we may not read.
    References that the source knows too are asked about elsewhere, and so are tables that travel.
    """
    travelling = literals(real(spec) for spec in bundle.travelling)
    return "\n".join(_checks(spec, travelling) for spec in bundle.filled.values()) + "\n"


def _checks(spec: TableSpec, travelling: str) -> str:
    unknown = {*spec.references, *(reference.column for reference in spec.json_references)}
    unknown |= {column for link in spec.links for column in link.columns}
    columns = names(column for column in spec.compared if column not in unknown)
    if not columns:
        return ""
    table, rows = literal(real(spec)), template(ready(spec))
    broken = f"""
      insert into {PROBLEM} select 'check', {template(literal(spec.label))}, k.key, %L
        from (select w.maulstick_row from (select maulstick_row, {template(columns)} from {rows}) as w
          where %s) as w
        join {template(keys(spec))} as k on k."row" = w.maulstick_row"""
    return block(f"""
declare
  one record;
begin
  for one in select c.* from (
      {CHECKS.format(table=table)}
      union all {FOREIGN_KEYS.format(table=table, travelling=travelling)}) as c order by 1
  loop
    begin
      execute format({literal(broken)}, one.says, one.broken);
    exception when others then
      null;  -- the constraint itself will say it
    end;
  end loop;
end""")
