"""Section guard: every reason not to write, found before anything is written and raised as one list."""

from __future__ import annotations

from maulstick.image import key_image
from maulstick.ledger import setting
from maulstick.quote import block, literal, template
from maulstick.sections.decide import FINGERPRINT
from maulstick.sections.temporary import CHANGE, DOOMED, PROBLEM, RENAMES, by_id, keys, ready, real
from maulstick.shapes import Shape, Shapes

REFUSED = "MS003"
ROW = "%s %s: %s"
FREED = f"exists (select from {DOOMED} as d where d.o = t.tableoid and d.c = t.ctid)"
"""The SQL of whether the row `t` is deleted, and with it all that it holds."""


def clashes(shapes: Shapes, *, freed: str = "false") -> str:
    """Return the SQL that lists rows whose new values another row holds under a unique index.

    `freed` says of another row `t` that it gives its values away before any is written.
    The indexes are the target's own. A deferred one is asked only about rows that stay as they are: places on
    a list may be swapped. One whose expression needs a column that does not travel, or a
    function that itself needs the site's path, is left to the constraint itself, which then stops the
    transaction at the write.
    """
    return "\n".join(_clashes(shape, shapes, freed) for shape in shapes.values() if shape.travels) + "\n"


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


def _unique_indexes(shape: Shape) -> str:
    """Return the query of a table's unique indexes: what each is of, and when two rows clash in it.

    By the operators of the index itself: its operator class's, or an exclusion constraint's own.
    """
    return f"""select x.relname as name, i.indimmediate as now,
      coalesce(pg_get_expr(i.indpred, i.indrelid), 'true') as only,
      string_agg(pg_get_indexdef(i.indexrelid, n, true), ', ' order by n) as says,
      string_agg('e' || n, ', ' order by n) as names,
      string_agg(format(case to_jsonb(i) ->> 'indnullsnotdistinct' when 'true'
        then 'array[w.e%1$s] = array[u.e%1$s]' else 'w.e%1$s operator(%2$I.%3$s) u.e%1$s' end,
        n, s.nspname, o.oprname), ' and ' order by n) as same
    from pg_index as i join pg_class as x on x.oid = i.indexrelid
    cross join generate_series(1, i.indnkeyatts) as n
    join pg_opclass as c on c.oid = i.indclass[n - 1]
    left join pg_constraint as e on e.conindid = i.indexrelid and e.contype in ('p', 'u', 'x')
      and e.conexclop is not null
    join pg_operator as o on o.oid = coalesce(e.conexclop[n], (select a.amopopr from pg_amop as a
      where a.amopfamily = c.opcfamily and a.amopstrategy = 3
        and a.amoplefttype = c.opcintype and a.amoprighttype = c.opcintype))
    join pg_namespace as s on s.oid = o.oprnamespace
    where i.indrelid = {literal(real(shape))}::regclass and i.indisvalid
      and (i.indisunique or i.indisexclusion)
    group by x.relname, i.indimmediate, i.indpred, i.indrelid order by 1"""


def _clashes(shape: Shape, shapes: Shapes, freed: str) -> str:
    other = key_image(shape, shapes, "t")
    key, joins, label = template(other.key), template(other.joins), template(literal(shape.label))
    rows, staged, table = template(ready(shape)), template(keys(shape)), template(real(shape))
    was = f"select r.old from {RENAMES} as r where (r.table_name, r.new) = ({label}, k.key)"
    was = f"coalesce(({was}), k.key)"  # what the row's key is there, where that of its parent changes
    is_it = template(by_id(shape)) if shape.surrogate else f"{key} = {was}"
    there = f"({is_it}) is not true"
    rewritten = f"k.found and {is_it}" if shape.surrogate else is_it
    found = f"""
      insert into {PROBLEM} select 'clash', {label}, k.key,
          format('%%s is taken in production by %%s (index %%s)', %L, {key}, %L)
        from (select maulstick_row, %s from {rows} where %s) as w(maulstick_row, %s)
        join {staged} as k on k."row" = w.maulstick_row
        join (select ctid, tableoid, %s from {table} where %s) as u(c, o, %s) on %s
        join {table} as t on t.ctid = u.c and t.tableoid = u.o{joins}
        where {there} and not {template(freed)} and (%L or not exists (select from {staged} as k
          join {rows} as w on w.maulstick_row = k."row" where {rewritten}))"""
    arguments = "one.says, one.name, one.says, one.only, one.names, one.says, one.only, one.names, one.same"
    arguments += ", one.now"
    return block(f"""
declare
  one record;
begin
  for one in
    {_unique_indexes(shape)}
  loop
    begin
      execute format({literal(found)}, {arguments});
    exception when undefined_column or undefined_function or undefined_table then
      null;
    end;
  end loop;
end""")
