"""Sequences of a target that stand behind the rows they count for, as hand-made inserts leave them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from maulstick.quote import literal, name
from maulstick.sections.sequences import sequence_of
from maulstick.shapes import Shapes
from maulstick.slice import Reader

COUNTERS = """
select n.nspname, c.relname, a.attname, sn.nspname, s.relname, q.seqincrement, q.seqstart, q.seqcycle,
  has_sequence_privilege(s.oid, 'select'), has_sequence_privilege(s.oid, 'usage'), s.oid
from jsonb_to_recordset({tables}::jsonb) as w(schema text, name text)
join pg_namespace as n on n.nspname = w.schema
join pg_class as c on c.relnamespace = n.oid and c.relname = w.name
join ({sequence}) as q on q.attrelid = c.oid
join pg_attribute as a on a.attrelid = c.oid and a.attnum = q.attnum
join pg_class as s on s.oid = q.seqrelid join pg_namespace as sn on sn.oid = s.relnamespace
where a.atttypid in ('bigint'::regtype, 'integer'::regtype, 'smallint'::regtype)
  and has_column_privilege(c.oid, a.attnum, 'select')
  and has_schema_privilege(n.oid, 'usage') and has_schema_privilege(sn.oid, 'usage')
  and exists (select from pg_index as i where i.indrelid = c.oid and i.indisunique and i.indkey[0] = a.attnum
    and i.indnkeyatts = 1 and i.indpred is null)
order by 1, 2, a.attnum
"""
"""The columns that a sequence counts and that are unique: only there a number too few is an error."""


@dataclass(frozen=True, slots=True)
class Behind:
    """A sequence that will give a number which a row has already, or that other rows are ahead of."""

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


def behind(database: Reader, shapes: Shapes) -> list[Behind]:
    """Return the sequences of a target's tables that are behind their rows, in two questions."""
    tables = [{"schema": one.schema, "name": one.name} for one in shapes.values() if one.travels]
    counted = f"select a.attrelid, a.attnum, q.* from {sequence_of('a')}"
    rows = database.query(COUNTERS.format(tables=literal(json.dumps(tables)), sequence=counted))
    asked = [row for row in rows if row[8] or row[9]]
    if not asked:
        return []
    answers = database.query("\nunion all ".join(_question(n, row) for n, row in enumerate(asked)))
    found = {int(n): (int(following), furthest, taken) for n, following, furthest, taken in answers}
    return [one for n, row in enumerate(asked) if (one := _behind(row, *found[n])) is not None]


def _question(n: int, row: Sequence[Any]) -> str:
    """Ask for a sequence's next number, the furthest one among the rows, and whether the next is taken."""
    schema, table, column, sequence_schema, sequence, step, start, _, readable, _, oid = row
    last = f"select last_value, is_called from {name(sequence_schema, sequence)}"
    if not readable:
        last = f"select coalesce(v, {start}), v is not null from pg_sequence_last_value({oid}::oid) as v"
    following = (
        f"(select case when is_called then v::numeric + {step} else v end from ({last}) as l(v, is_called))"
    )
    rows = f"from {name(schema, table)} as t"
    furthest = f"(select {'max' if step > 0 else 'min'}(t.{name(column)}) {rows})"
    taken = f"exists (select {rows} where t.{name(column)} = n.next)"
    return f"select {n}, n.next, {furthest}, {taken} from (select {following} as next) as n"


def _behind(row: Sequence[Any], following: int, furthest: int | None, taken: bool) -> Behind | None:
    schema, table, column, sequence_schema, sequence, step, _, cycles = row[:8]
    is_ahead = furthest is not None and (following - furthest) * (1 if step > 0 else -1) <= 0
    if furthest is None or not (taken or (is_ahead and not cycles)):
        return None
    most = f"{'max' if step > 0 else 'min'}({name(column)})"
    rows = f"(select {most} from {name(schema, table)})"
    mend = f"select setval({literal(name(sequence_schema, sequence))}, {rows})"
    return Behind(sequence, table, column, following, furthest, taken, mend)


def _plural(column: str) -> str:
    return f"{column}s" if column.endswith("id") else column
