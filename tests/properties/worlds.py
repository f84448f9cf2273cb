"""Generated tables and rows in the two real places, and what people do to them there."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import cycle
from typing import Any

import psycopg

from maulstick.postgres.quoting import literal, name, names
from tests.databases.places import Place
from tests.properties.designs import DELETED, Design, Designs, Inside, Plain, Slot, columns_of, ddl
from tests.properties.drawing import Content, Edit, Values
from tests.properties.reading import LOST, Found, Rows, read

CLEAR = """
do $$ declare one text; begin
  for one in select oid::regclass::text from pg_class
    where relkind = 'r' and relnamespace = 'public'::regnamespace loop
    execute 'drop table ' || one || ' cascade';
  end loop;
end $$;
drop schema if exists maulstick cascade;
"""
FIRST_FREE_ID = 50
FIRST_ID = 1
"""Where the sequence of every other table stands: behind its rows, as inserts by hand leave it."""
Raw = Mapping[str, str | None]
RowOf = Callable[[int, int], Raw]
"""Gives the stored row of a table by its number, also by one that is too large."""


def begin(place: Place, designs: Designs, content: Content, order: Sequence[int]) -> None:
    """Make the tables of a place as new and fill them; `order` says which ids the rows get."""
    kept = _kept(designs, content)

    def row_of(table: int, row: int) -> Raw:
        return _stored(designs[table], kept[table], row % len(kept[table]), order)

    inserts = [
        _insert(design, _cells(designs, design, enumerate(values), row_of), id_=_id(design, order, n))
        for design, rows in zip(designs, kept, strict=True)
        for n, values in enumerate(rows)
    ]
    sequences = [
        f"select setval(pg_get_serial_sequence({literal(name(design.name))}, 'id'), {first});"
        for design, first in zip(designs, cycle((FIRST_FREE_ID, FIRST_ID)))
        if design.id not in (None, "uuid")
    ]
    quietly = ["set session_replication_role = replica;", *inserts, "set session_replication_role = origin;"]
    place.run("\n".join([CLEAR, ddl(designs), *quietly, *sequences]))


def edit(place: Place, designs: Designs, wanted: Edit | None) -> bool:
    """Do what somebody wants to do to a row, and tell whether it was possible."""
    if wanted is None:
        return True
    try:
        with place.connection.transaction():
            place.run(_statement(designs, read(place, designs), wanted))
            if not _is_sound(read(place, designs)):
                raise psycopg.IntegrityError
    except psycopg.IntegrityError:
        return False
    return True


def _is_sound(rows: Rows) -> bool:
    """Say whether each row has a key of its own, and no reference leads nowhere."""
    keys = [[found.key for found in table] for table in rows]
    live = [[found.key for found in table if found.is_live] for table in rows]
    unique = all(len(table) == len({*table}) for table in live)
    named = all(any(part is not None for part in key) for table in keys for key in table)
    return (
        unique and named and not any(to == LOST for table in rows for row in table for *_, to in row.points)
    )


def _kept(designs: Designs, content: Content) -> list[list[Values]]:
    """Leave out rows whose key is there already, and values that are unique and there already."""
    kept: list[list[Values]] = []
    for design, rows in zip(designs, content, strict=True):
        kept.append([])
        seen: set[Any] = set()
        for values in rows:
            cells = list(zip(design.slots, values, strict=True))
            key = tuple(
                value if isinstance(slot, Plain) or value is None else value % len(kept[slot.table])
                for slot, value in cells
                if {*columns_of(slot)} & {*design.key}
            )
            once = [
                None if isinstance(slot, Plain) and slot.unique and (slot, value) in seen else value
                for slot, value in cells
            ]
            deleted = any(slot.name == DELETED and value for slot, value in cells if isinstance(slot, Plain))
            if deleted or key not in seen:
                kept[-1].append(tuple(once))
                seen |= {*cells} if deleted else {key, *cells}
    return kept


def _statement(designs: Designs, rows: Rows, wanted: Edit) -> str:
    def row_of(table: int, number: int) -> Raw:
        if not rows[table]:
            raise psycopg.IntegrityError
        return rows[table][number % len(rows[table])].raw

    design = designs[wanted.table]
    if wanted.what == "move":
        return _moved(design, rows[wanted.table], wanted)
    cells = _cells(designs, design, wanted.values, row_of)
    if wanted.what == "insert":
        return _insert(design, cells, id_=None)
    which = f"where ctid = {literal(row_of(wanted.table, wanted.row)['ctid'])}"
    if wanted.what == "delete":
        return f"delete from {name(design.name)} {which}"
    values = ", ".join(f"{name(column)} = {literal(text)}" for column, text in cells.items())
    return f"update {name(design.name)} set {values} {which}"


def _moved(design: Design, rows: Sequence[Found], wanted: Edit) -> str:
    """Return the SQL that hands values round: over others that are free, as no two rows may hold the same."""
    ((slot, count),) = wanted.values
    if len(rows) < 2:
        raise psycopg.IntegrityError
    [column] = columns_of(design.slots[slot])
    chosen = [rows[(wanted.row + n) % len(rows)].raw for n in range(min(count, len(rows)))]
    update = f"update {name(design.name)} set {name(column)} ="
    values = [one[column] for one in (*chosen[1:], chosen[0])]
    aside = [f"{update} 'aside {n}' where ctid = {literal(one['ctid'])};" for n, one in enumerate(chosen)]
    back = [f"{update} {literal(one)} where {name(column)} = 'aside {n}';" for n, one in enumerate(values)]
    return "\n".join([*aside, *back])


def _cells(designs: Designs, design: Design, values: Any, row_of: RowOf) -> dict[str, str | None]:
    """Return values as they are stored, by column."""
    return {
        column: text
        for n, value in values
        for column, text in zip(
            columns_of(design.slots[n]), _texts(designs, design.slots[n], value, row_of), strict=True
        )
    }


def _texts(designs: Designs, slot: Slot, value: Any, row_of: RowOf) -> Iterator[str | None]:
    if value is None or isinstance(slot, Plain):
        return (value for _ in columns_of(slot))
    if isinstance(slot, Inside):
        return iter([_json(slot, [None if n is None else row_of(slot.table, n) for n in value])])
    pointed = row_of(slot.table, value)
    return (pointed[column] for column in (("id",) if slot.by_id else designs[slot.table].key))


def _json(inside: Inside, pointed: Sequence[Raw | None]) -> str:
    ids = [None if row is None else _as_json(row["id"] or "") for row in pointed]
    if inside.path == "$.ref":
        return json.dumps({"ref": (ids or [None])[0], "of": len(ids)})
    return json.dumps({"items": [{"id": id_} for id_ in ids], "[*]": "$.ref"})


def _as_json(id_: str) -> int | str:
    return int(id_) if id_.isdigit() else id_


def _insert(design: Design, cells: Mapping[str, str | None], *, id_: str | None) -> str:
    cells = {**({"id": id_} if id_ else {}), **cells}
    overriding = "overriding system value" if id_ else ""
    texts = ", ".join(map(literal, cells.values()))
    return f"insert into {name(design.name)} ({names(cells)}) {overriding} values ({texts});"


def _stored(design: Design, rows: list[Values], n: int, order: Sequence[int]) -> Raw:
    plain = {
        slot.name: value for slot, value in zip(design.slots, rows[n], strict=True) if isinstance(slot, Plain)
    }
    return {"id": _id(design, order, n), **plain}


def _id(design: Design, order: Sequence[int], n: int) -> str | None:
    if design.id is None:
        return None
    return str(uuid.UUID(int=order[n])) if design.id == "uuid" else str(order[n])
