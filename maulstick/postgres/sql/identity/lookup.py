"""Rows of production looked up by the text of their keys, through an index on the key if there is one."""

from __future__ import annotations

import re
from dataclasses import dataclass

from maulstick.postgres.quoting import block, fitting, literal, name
from maulstick.postgres.sql.temp_tables import FOUND, real
from maulstick.postgres.tables.equality import equal, is_plain
from maulstick.postgres.tables.key_conditions import may_be_named
from maulstick.postgres.tables.key_parts import part_of_key
from maulstick.postgres.tables.portable_rows import leads_to, portable_key
from maulstick.postgres.tables.specs import TableSpec, TableSpecs

TEXTS = re.compile(r"text|character varying(\(\d+\))?")
"""Types whose values are compared with a key's text as it is."""


@dataclass(frozen=True, slots=True)
class _Typed:
    """How a key's text leads to its row by typed columns: FROM items, and conditions on the row.

    `parts` are the SQL of the parts of the key that are looked up.
    """

    joins: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()


def look_up(spec: TableSpec, specs: TableSpecs, wanted: str) -> str:
    """Compose the SQL that finds where in production the rows are whose keys a query yields.

    Equal texts are equal values, so rows are found by typed columns, and told by the whole text of their key.
    A text that is no such value, or a part of a key that is null, is left to the text alone: the whole table
    is read for it.
    """
    label = literal(spec.label)
    known = f"select from {FOUND} as f where (f.table_name, f.key) = ({label}, w.key)"
    rows = f"(select distinct w.key from ({wanted}) as w(key) where w.key is not null) as w"
    rest = f"(select w.key from {rows} where not exists ({known})) as w"
    typed = _typed(spec, specs, "t", "w.key")
    nulls = " or ".join(f"{part} is null" for part in typed.parts if part != "w.key") or "false"
    by_value = f"""begin
    {_insert(spec, specs, rows, typed)};
    by_text := exists (select from {rows} where ({nulls}) and not exists ({known}));
  exception when others then  -- a key that this type does not have, or had before a migration
    by_text := true;
  end;"""
    return block(f"""
declare
  by_text boolean := {"false" if typed.conditions else "true"};
begin
  if not exists (select from {rows}) then
    return;
  end if;
  {by_value if typed.conditions else ""}
  if by_text then
    {_insert(spec, specs, rest, _Typed())};
  end if;
  analyze {FOUND} (table_name, key);
end""")


def _insert(spec: TableSpec, specs: TableSpecs, rows: str, typed: _Typed) -> str:
    """Insert the places of the rows; the whole key is compared only for those found by value."""
    one, columns = portable_key(spec, specs, "t"), "w.key, t.tableoid as o, t.ctid as c"
    there = f"({real(spec)} as t{one.joins})" if one.joins else f"{real(spec)} as t"
    into = f"insert into {FOUND} select {literal(spec.label)}, m.key, m.o, m.c"
    named = may_be_named(spec, "t")
    if not typed.conditions:
        return f"{into} from (select {columns} from {rows} join {there} on {one.key} = w.key{named}) as m"
    same = " and ".join(typed.conditions) + named
    return (
        f"{into}\n"
        f"      from (select {columns}, {one.key} as whole from {rows}{''.join(typed.joins)}\n"
        f"        join {there} on {same} offset 0) as m where m.whole = m.key"
    )


def _typed(spec: TableSpec, specs: TableSpecs, alias: str, text: str) -> _Typed:
    """Return how a row, read as `alias`, is found from the text of its key.

    A column that may be null is left out, and so is the way up in a tree: the rest of the key has to do.
    """
    joins, conditions, parts = list[str](), list[str](), list[str]()
    plain = [column for column in spec.stem if _is_found_by(spec, column)]
    values = name(fitting(f"v.{alias}"))
    if typed := [column for column in plain if not TEXTS.fullmatch(spec.types[column])]:
        pairs = (f"{literal(column)}, {part_of_key(spec, specs, column, text)}" for column in typed)
        row = f"jsonb_populate_record(null::{real(spec)}, jsonb_build_object({', '.join(pairs)}))"
        joins.append(f"\n      cross join lateral {row} as {values}")
    for column in plain:
        parts.append(part_of_key(spec, specs, column, text))
        value = f"{values}.{name(column)}" if column in typed else parts[-1]
        conditions.append(equal(name(alias, column), value, spec.types[column]))
    for column, reference in spec.references.items():
        if column not in spec.stem or column in spec.nullable:
            continue
        pointed, inner = specs[reference.table], fitting(f"w.{alias}.{column}")
        far = _typed(pointed, specs, inner, part_of_key(spec, specs, column, text))
        if far.conditions:
            there = f"\n      join {real(pointed)} as {name(inner)} on {' and '.join(far.conditions)}"
            joins += [*far.joins, there]
            parts += far.parts
            conditions.append(leads_to(reference, pointed, (alias, column), inner))
    return _Typed(tuple(joins), tuple(conditions), tuple(parts))


def _is_found_by(spec: TableSpec, column: str) -> bool:
    is_value = column not in {*spec.references, *spec.pointing, *spec.nullable}
    return is_value and is_plain(spec.types[column])
