"""Halls and seats: rows that reference others by an id, by columns, by a period and inside JSON."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from maulstick.postgres.sql.identity.keys import key_map
from maulstick.postgres.sql.temp_tables import CHANGE
from maulstick.postgres.tables.specs import Link, Reference, TableSpec
from maulstick.project.declarations import JsonReference, Table
from tests.postgres.statements.conftest import Staging

TABLES = """
create domain own as text;
create table hall (id bigserial primary key, name text not null unique, city text, code int,
  during daterange);
create table seat (id bigserial primary key, slug text not null unique, hall_id bigint references hall,
  name text, city text, during daterange, price int default 5, meta jsonb, made own, near text);
"""
THERE = """
insert into hall values (11, 'gate', 'tate', 1, '[2024-01-01,2024-06-01)'), (12, 'pool', 'moma', 2, null),
  (13, 'far', 'moma', 3, '[2024-01-01,2024-02-01)');
insert into seat (id, slug) values (21, 'there');
"""
BY_NAME = Link(("name", "city"), "hall", ("name", "city"))
BY_ID = Link(("city", "hall_id"), "hall", ("city", "id"))
BY_TIME = Link(("city", "during"), "hall", ("city", "during"), period=True)
INSIDE = JsonReference("meta", "$.hall", "hall")
ALONGSIDE = ("gate", "new", "pool", "lost")


def halls_in(staging: Callable[..., Staging]) -> Staging:
    """Stage two halls, one of them new, and two that are only matched, beside those of production."""
    tables = (Table("hall", key="name"), Table("seat", key="slug", via="hall_id"))
    halls = staging(TABLES, *tables, here="insert into hall (name) values ('x')", there=THERE, key="x")
    halls.stage(
        "hall",
        {"name": "gate", "city": "tate", "during": "[2024-01-01,2024-06-01)"},
        {"name": "new", "city": "here", "during": "[2024-06-01,2024-09-01)"},
        {"name": "pool", "maulstick_matched": True},
        {"name": "lost", "city": "x", "maulstick_matched": True},
    )
    halls.run(key_map(halls.specs["hall"], halls.specs))
    return halls


def specs_of(
    halls: Staging, reference: Reference | None = None, *, hall: Any = None, **more: Any
) -> dict[str, TableSpec]:
    """Return the specs, with another reference from seats to halls, and more that is said of seats."""
    references = {"hall_id": reference} if reference else {}
    seat = replace(halls.specs["seat"], **{"references": references, **more})
    return {"hall": replace(halls.specs["hall"], **(hall or {})), "seat": seat}


def seats(halls: Staging, *rows: dict[str, Any]) -> None:
    """Stage seats by their names, and say what becomes of each."""
    for n, row in enumerate(rows, 1):
        change = {key: row.pop(key) for key in ("action", "after", "columns") if key in row}
        halls.stage("seat", {"slug": f"s{n}", **row})
        if change:
            place = {"key": f"s{n}", "row": f"(0,{n})"}
            halls.scratch.fill(CHANGE, {"table_name": "seat", **place, **change})
            halls.scratch.fill(CHANGE, {"table_name": "other", **place, "action": "insert"})


def become(halls: Staging, table: str = "hall", **changes: Any) -> None:
    """Say what becomes of staged halls."""
    for key, change in changes.items():
        place = {"row": f"(0,{ALONGSIDE.index(key) + 1})"} if key in ALONGSIDE else {}
        halls.scratch.fill(CHANGE, {"table_name": table, "key": key, **place, **change})
