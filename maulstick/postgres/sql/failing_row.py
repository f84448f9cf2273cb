"""Which row failed: rows are written one by one until one fails as all of them did, then rolled back."""

from __future__ import annotations

from maulstick.postgres.quoting import block, literal, name, names, template
from maulstick.postgres.search_path import OURS, SAME, SITES
from maulstick.postgres.sql.session import setting
from maulstick.postgres.sql.temp_tables import CHANGE, keys, ready, real, written
from maulstick.postgres.sql.write import now_in
from maulstick.postgres.sqlstates import FAILING_ROW
from maulstick.postgres.tables.specs import TableSpec, TableSpecs


def failing_row(specs: TableSpecs) -> str:
    """Compose the SQL that raises the first row that fails with the SQLSTATE of the setting `failed`."""
    return "\n".join(_failing_row(spec) for spec in specs.values() if spec.travels) + "\nrollback;\n"


def _failing_row(spec: TableSpec) -> str:
    """Write a table's rows one by one, after their parents; other failures are not the one to find."""
    return block(f"""
declare
  one record;
  context text;
begin
  for one in select c."row", c.key, case c.action when 'insert' then {literal(_insert(spec))}
      else format({literal(_update(spec))}, (select string_agg(format('%I = w.%I', x, x), ', ')
        from jsonb_object_keys(c.after) as x)) end as write
    from {CHANGE} as c where c.table_name = {literal(spec.label)} and c.action in ('insert', 'update')
    order by c.key
  loop
    begin
      {SITES}
      execute one.write using one."row";
      {OURS}
    exception when others then
      if sqlstate = {setting("failed")} then
        get stacked diagnostics context = pg_exception_context;
        context := substring(context from '^PL/pgSQL function (?!inline)([^\\n]*)');
        raise exception using errcode = '{FAILING_ROW}',
          message = concat_ws(' ', {literal(spec.label)}, one.key || ':', sqlerrm, '(' || context || ')');
      end if;
    end;
  end loop;
end""")


def _insert(spec: TableSpec) -> str:
    surrogate, ids = ([spec.surrogate], ["k.id"]) if spec.surrogate else ([], [])
    columns = names([*surrogate, *spec.columns, *spec.times])
    values = ", ".join([*ids, names(spec.columns, "w"), *(now_in(spec, time) for time in spec.times)])
    return (
        f"insert into {real(spec)} ({columns}) overriding system value"
        f" select {values} from {ready(spec)} as w"
        f' join {keys(spec)} as k on k."row" {SAME} w.maulstick_row where w.maulstick_row {SAME} $1'
    )


def _update(spec: TableSpec) -> str:
    times = "".join(f", {name(time)} = {now_in(spec, time)}" for time in spec.times if time == "updated_at")
    return (
        f"update {template(real(spec))} as t set %s{template(times)} from {template(ready(spec))} as w"
        f' join {template(keys(spec))} as k on k."row" {SAME} w.maulstick_row'
        f" where {template(written(spec))} and w.maulstick_row {SAME} $1"
    )
