"""Whether a database's columns can hold the values that plugins say hide a row."""

from __future__ import annotations

import json
from collections.abc import Iterable

from maulstick.errors import Exit, Problem
from maulstick.postgres.connection import Database
from maulstick.postgres.quoting import block, literal, name
from maulstick.postgres.sql.session import formats
from maulstick.postgres.tables.specs import TableSpec

ANSWER = "maulstick.unfit"
LABELS = """(select string_agg(l.enumlabel, ', ' order by l.enumsortorder) from pg_enum as l
  where l.enumtypid = a.atttypid)"""
HINT = "name a value that the column can hold, as PostgreSQL writes it"


def require_fitting(database: Database, specs: Iterable[TableSpec]) -> None:
    """Raise a problem (exit 6) for the first value that its column cannot hold."""
    for label, column, says in unfit(database, specs):
        raise Problem(f"{label}.{column}", says, HINT, code=Exit.PLUGIN)


def unfit(database: Database, specs: Iterable[TableSpec]) -> list[tuple[str, str, str]]:
    """Return each table and column with a value that it cannot hold or writes in another way, and why.

    A check of several columns is not asked: what it says depends on the row.
    """
    asked = [(spec, value) for spec in specs if spec.publish for value in spec.hidden]
    if not asked:
        return []
    text = block(f"""
declare
  one record;
  seen text;
  says text;
  found jsonb := '[]';
begin
{"".join(_tried(spec, value) for spec, value in asked)}
  perform set_config('{ANSWER}', found::text, true);
end""")
    rows = database.query(f"{formats()}\n{text}\nselect current_setting('{ANSWER}', true)")
    return [(label, column, says) for label, column, says in json.loads(rows[0][0])]


def _tried(spec: TableSpec, value: str) -> str:
    """Compose the SQL that tries a value; what is wrong with the table itself is said elsewhere."""
    table, column, held = literal(name(spec.schema, spec.name)), spec.publish or "", literal(value)
    return f"""
  for one in select format_type(a.atttypid, a.atttypmod) as kind, a.attrelid, a.attnum, {LABELS} as labels,
        regexp_replace(format_type(a.atttypid, a.atttypmod), '^public[.]', '') as says
      from pg_attribute as a where a.attrelid = to_regclass({table}) and a.attname = {literal(column)}
  loop
    says := null;
    begin
      execute format('select (%L::%s)::text', {held}, one.kind) into seen;
      if seen is distinct from {held} then
        says := format('%s holds it as %L', one.says, seen);
      end if;
    exception when others then
      says := coalesce(one.says || ' has only ' || one.labels, sqlerrm);
    end;
    {_checked(column, held)}
    if says is not null then
      found := found || jsonb_build_array(jsonb_build_array({literal(spec.label)}, {literal(column)},
        format('cannot hold hidden=%s: %s', to_json({held}::text), says)));
    end if;
  end loop;"""


def _checked(column: str, held: str) -> str:
    """Compose the SQL that asks the checks of the column `one` alone."""
    return f"""for seen in select format(
        'select format(%L, %L, %L) from (select %L::%s as %I) as w where not (%s)',
        'the check %s forbids it: %s', o.conname, pg_get_expr(o.conbin, o.conrelid), {held}, one.kind,
        {literal(column)}, pg_get_expr(o.conbin, o.conrelid))
      from pg_constraint as o
      where says is null and o.conrelid = one.attrelid and o.contype = 'c' and o.conkey = array[one.attnum]
    loop
      begin
        execute seen into says;
        exit when says is not null;
      exception when others then
        null;  -- a check that needs more than the column is not asked
      end;
    end loop;"""
