"""What somebody edited in the target and will be lost there: each row is named before it is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from maulstick.plan.changes import Plan
from maulstick.plan.seal import Seal
from maulstick.text import at_most, one_line

SHOWN = 10
"""How many rows are named."""
MORE = "and {} more rows like these: --diff shows every value"
PlannedRow = tuple[str, str, Mapping[str, Mapping[str, Any]]]
"""A row by its table and key, its action, and what becomes of each column that differs."""


def overwritten(planned: Plan) -> list[str]:
    """List the rows of a plan in which a value of the target is lost that nobody here has seen."""
    rows = (
        (f"{change.table} {change.key}", change.action, change.columns)
        for change in planned.changes
        if change.action in ("insert", "update") and change.cells is not None
    )
    if planned.changes.is_pull:
        return at_most(SHOWN, _said(rows, side="local", there="here", owner="the local database"), MORE)
    return at_most(SHOWN, _of_production(rows, planned.target), MORE)


def overwritten_as_sealed(seal: Seal) -> list[str]:
    """List these rows of a sealed plan."""
    rows = ((row, change["action"], change["columns"]) for row, change in seal.rows.items())
    return at_most(SHOWN, _of_production(rows, seal.target), MORE)


def _of_production(rows: Iterable[PlannedRow], target: str) -> Iterator[str]:
    return _said(rows, side="production", there=f"in {target}", owner=target)


def _said(rows: Iterable[PlannedRow], *, side: str, there: str, owner: str) -> Iterator[str]:
    for row, action, columns in rows:
        if action == "insert" and any("base" in cell for cell in columns.values()):
            yield f"{one_line(row)}: was deleted {there} and will come back"
        if action != "update":
            continue
        written = {name: cell for name, cell in columns.items() if cell["action"] == "update"}
        edited = [name for name, cell in written.items() if "base" in cell and cell[side] != cell["base"]]
        # Without base nobody knows whether it was edited: a side was taken, or it holds the column's default.
        unknown = [name for name, cell in written.items() if "base" not in cell and cell[side] is not None]
        if edited:
            yield f"{one_line(row)}: {', '.join(edited)}: what was edited {there} will be overwritten"
        if unknown:
            yield f"{one_line(row)}: {', '.join(unknown)}: what {owner} has will be overwritten"
