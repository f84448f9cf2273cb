"""Sequences that are behind the rows of their tables, as inserts with explicit ids leave them."""

from __future__ import annotations

import json
from dataclasses import dataclass

from maulstick.postgres.connection import Database
from maulstick.postgres.quoting import block, literal, name
from maulstick.postgres.sql.sequences import sequence_of
from maulstick.postgres.tables.specs import TableSpecs

COUNTERS = """
select n.nspname as schema, c.relname as "table", a.attname as "column", sn.nspname as sequence_schema,
  s.relname as sequence, q.seqincrement as step, q.seqstart as start, q.seqcycle as cycles,
  has_sequence_privilege(s.oid, 'select') as is_read, s.oid
from jsonb_to_recordset({tables}::jsonb) as w(schema text, name text)
join pg_namespace as n on n.nspname = w.schema
join pg_class as c on c.relnamespace = n.oid and c.relname = w.name
join ({sequence}) as q on q.attrelid = c.oid
join pg_attribute as a on a.attrelid = c.oid and a.attnum = q.attnum
join pg_class as s on s.oid = q.seqrelid join pg_namespace as sn on sn.oid = s.relnamespace
where a.atttypid in ('bigint'::regtype, 'integer'::regtype, 'smallint'::regtype)
  and has_column_privilege(c.oid, a.attnum, 'select')
  and has_schema_privilege(n.oid, 'usage') and has_schema_privilege(sn.oid, 'usage')
  and (has_sequence_privilege(s.oid, 'select') or has_sequence_privilege(s.oid, 'usage'))
  and exists (select from pg_index as i where i.indrelid = c.oid and i.indisunique and i.indkey[0] = a.attnum
    and i.indnkeyatts = 1 and i.indpred is null)
order by 1, 2, a.attnum
"""
"""The unique columns that a sequence fills: only there is a sequence that lags an error."""


STANDS = """
declare
  one record;
  last text;
  following numeric;
  furthest numeric;
  taken boolean;
  answers jsonb := '[]';
begin
  for one in {counters} loop
    last := case when one.is_read
      then format('select last_value, is_called from %I.%I', one.sequence_schema, one.sequence)
      else format('select coalesce(v, %s), v is not null from pg_sequence_last_value(%s::oid) as v',
        one.start, one.oid) end;
    execute format('select case when l.is_called then l.v::numeric + %s else l.v end from (%s)
      as l(v, is_called)', one.step, last) into following;
    execute format('select (select %1$s(t.%2$I) from %3$I.%4$I as t),
        exists (select from %3$I.%4$I as t where t.%2$I = $1)',
      case when one.step > 0 then 'max' else 'min' end, one."column", one.schema, one."table")
      into furthest, taken using following;
    answers := answers || jsonb_build_array(jsonb_build_array(one.schema, one."table", one."column",
      one.sequence_schema, one.sequence, one.step, one.cycles, following, furthest, taken));
  end loop;
  perform pg_catalog.set_config('maulstick.counters', answers::text, true);
end"""
"""Ask each sequence for its next number, and its table for the highest one and whether the next is taken."""


@dataclass(frozen=True, slots=True)
class Behind:
    """A sequence whose next number a row already has, or that is behind other rows."""

    sequence: str
    table: str
    column: str
    next: int
    furthest: int
    fails_now: bool
    mend: str

    def __str__(self) -> str:
        ahead = f"it gives {self.next} next, and {self.table} has {self.column} {self.furthest}"
        return f"{self.sequence} is behind its {_plural(self.column)}: {ahead}"


def behind(database: Database, specs: TableSpecs) -> list[Behind]:
    """List the sequences of a target's tables that are behind their rows, with one query."""
    tables = [{"schema": one.schema, "name": one.name} for one in specs.values() if one.travels]
    counted = f"select a.attrelid, a.attnum, q.* from {sequence_of('a')}"
    counters = COUNTERS.format(tables=literal(json.dumps(tables)), sequence=counted).strip()
    asked = f"{block(STANDS.format(counters=counters))}\nselect current_setting('maulstick.counters')::jsonb"
    ((found,),) = database.query(asked)
    return [one for row in found if (one := _behind(*row)) is not None]


def _behind(
    schema: str,
    table: str,
    column: str,
    sequence_schema: str,
    sequence: str,
    step: int,
    cycles: bool,
    following: int,
    furthest: int | None,
    taken: bool,
) -> Behind | None:
    is_ahead = furthest is not None and (following - furthest) * (1 if step > 0 else -1) <= 0
    if furthest is None or not (taken or (is_ahead and not cycles)):
        return None
    most = f"{'max' if step > 0 else 'min'}({name(column)})"
    rows = f"(select {most} from {name(schema, table)})"
    mend = f"select setval({literal(name(sequence_schema, sequence))}, {rows})"
    return Behind(sequence, table, column, following, furthest, taken, mend)


def _plural(column: str) -> str:
    return f"{column}s" if column.endswith("id") else column
