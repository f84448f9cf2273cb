"""Check constraints of the target, asked of the rows to write before any is written."""

from __future__ import annotations

from maulstick.quote import block, literal, names, template
from maulstick.sections.temporary import PROBLEM, keys, ready, real
from maulstick.shapes import Shape, Shapes


def checks(shapes: Shapes) -> str:
    """Return the SQL that lists rows that break a check constraint of production.

    One is left to the constraint itself that needs a column which does not travel, which production owns (a
    trigger may yet fill it), or whose ids a plan does not know yet.
    """
    return "\n".join(_checks(shape) for shape in shapes.values() if shape.travels) + "\n"


def _checks(shape: Shape) -> str:
    says = literal("breaks the check %s of production: %s")
    unknown = {*shape.references, *(reference.column for reference in shape.json_references)}
    columns = names(column for column in shape.compared if column not in unknown)
    if not columns:
        return ""
    broken = f"""
      insert into {PROBLEM} select 'check', {template(literal(shape.label))}, k.key,
          format({template(says)}, %L, %L)
        from (select maulstick_row from (
            select maulstick_row, {template(columns)} from {template(ready(shape))}) as w
          where not (%s)) as w
        join {template(keys(shape))} as k on k."row" = w.maulstick_row"""
    return block(f"""
declare
  one record;
begin
  for one in select o.conname as name, pg_get_expr(o.conbin, o.conrelid) as says from pg_constraint as o
    where o.conrelid = {literal(real(shape))}::regclass and o.contype = 'c' order by 1
  loop
    begin
      execute format({literal(broken)}, one.name, one.says, one.says);
    exception when others then
      null;  -- the constraint itself will say it
    end;
  end loop;
end""")
