"""A plan as people and programs read it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from maulstick.diffs import SIDES, Cell, Side, cell_difference, cell_line, is_long, whole_difference
from maulstick.plan.changes import Change, Plan
from maulstick.postgres.tables.specs import TableSpecs
from maulstick.text import one_line

if TYPE_CHECKING:
    from maulstick.media.compare import Item

Planned = tuple[Plan, TableSpecs, "Sequence[Item]"]
"""A plan, the tables that it is about, and what becomes of its files."""
SIGNS = {"insert": "+", "update": "~", "kept": "=", "conflict": "!", "gone": "-", "left": "<", "removed": "x"}


def plan_lines(plan: Plan) -> Iterator[str]:
    """Yield the changes of a plan: a line for each row, followed by one for each column."""
    for change in plan.changes:
        yield from change_lines(change)


def change_lines(change: Change) -> Iterator[str]:
    """Yield a line for a row, followed by one for each column unless the row is new."""
    yield f"{SIGNS[change.action]} {change.action} {change.table} {one_line(change.key)}"
    if change.action != "insert":
        yield from _columns(change)


def diff_lines(plan: Plan) -> Iterator[str]:
    """Yield the changes of a plan with every column, old and new, nothing cut."""
    for change in plan.changes:
        yield f"{SIGNS[change.action]} {change.action} {change.table} {change.key}"
        for name, cell in change.columns.items():
            for old, new in _compared(cell, is_pull=change.is_pull):
                yield from column_diff(name, str(cell["action"]), old, new)


def column_diff(name: str, action: str, old: Side | None, new: Side | None) -> Iterator[str]:
    """Yield what becomes of a column: in one line, or below its name where its values are long."""
    first, *more = whole_difference(old, new)
    if more:
        yield f"    {name}: {action}"
        yield from (f"      {line}" for line in (first, *more))
    else:
        yield f"    {name}: {action}: {first}"


def _compared(cell: Cell, *, is_pull: bool) -> Iterator[tuple[Side | None, Side | None]]:
    """Yield which sides of a column are shown as old and new."""
    known = {side: (side, cell[side]) for side in SIDES if side in cell}
    sent, there = ("production", "local") if is_pull else ("local", "production")
    if cell["action"] == "conflict" and "base" in known:
        yield from ((known["base"], known.get(side)) for side in ("local", "production"))
    elif cell["action"] == "kept":
        yield known.get(sent), known.get(there)
    elif cell["action"] == "gone":
        yield known.get("base"), known.get(there)
    else:
        yield known.get(there), known.get(sent)


def plan_json(planned: Iterable[Planned], *, most: int | None = None) -> dict[str, Any]:
    """Return plans as `plan --json` prints them (docs/plan.schema.json).

    With `most`, only so many rows of each action are in them.
    """
    return {"version": 1, "plans": [_one(*one, most) for one in planned]}


def _one(plan: Plan, specs: TableSpecs, media: Sequence[Item], most: int | None) -> dict[str, Any]:
    sent = [item.file for item in media if item.action in ("upload", "overwrite")]
    return {
        **plan.to_json(specs, most=most),
        "media": [{"key": item.file.key, "bytes": item.file.bytes, "action": item.action} for item in media],
        "summary": {
            **plan.counts(),
            "upload_files": len(sent),
            "upload_bytes": sum(file.bytes for file in sent),
        },
    }


def _columns(change: Change) -> Iterator[str]:
    for name, cell in change.columns.items():
        if is_long(cell):
            yield f"    {name}: {cell['action']}"
            yield from (f"      {line}" for line in cell_difference(cell))
        else:
            yield f"    {name}: {cell['action']}: {cell_line(cell)}"
