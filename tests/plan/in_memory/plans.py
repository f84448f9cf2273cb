"""Plans and tables made of what a test says, without a database."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from maulstick.plan.changes import Changes, Obstacle, Plan
from maulstick.postgres.results import ResultRows
from maulstick.postgres.tables.specs import TableSpec

Cells = Mapping[str, Mapping[str, str | None]]


def result(*rows: tuple[str | None, ...]) -> ResultRows:
    """Return rows as a database answers them."""
    found = ResultRows()
    for row in rows:
        found.add(row)
    return found


def row(name: str, action: str, cells: Cells | None = None, **values: str | None) -> tuple[str | None, ...]:
    """Return a row of a plan, named TABLE KEY: what becomes of its columns, or what a new one holds."""
    table, _, key = name.partition(" ")
    texts = (None if one is None else json.dumps(one) for one in (cells, values or None))
    return table, key, action, *texts


def planned(
    *rows: tuple[str | None, ...],
    obstacles: tuple[Obstacle, ...] = (),
    unchanged: int = 0,
    fingerprint: str = "1",
    **more: Any,
) -> Plan:
    """Return a plan for production; `more` is how its changes are seen."""
    changes = Changes(result(*rows), **more)
    staged = sum(action not in ("gone", "left") for _, _, action, *_ in rows)
    count = staged + unchanged
    return Plan("shelf poetry", "production", "d", changes, obstacles, count, fingerprint)


def spec(name: str, *columns: str, **more: Any) -> TableSpec:
    """Return a table with these columns; the first is its key."""
    return TableSpec(
        **{
            **{
                "schema": "public",
                "name": name,
                "key": columns[:1],
                "key_is_value": True,
                "columns": columns,
            },
            **{"types": dict.fromkeys(columns, "text"), "nullable": (), "references": {}, "parents": ()},
            **{"json_references": (), "theirs": (), "surrogate": "id", "times": {}},
            **more,
        }
    )
