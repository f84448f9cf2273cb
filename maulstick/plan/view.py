"""A plan as people and programs read it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from maulstick.diffs import cell_difference, cell_line, is_long
from maulstick.plan.changes import Change, Plan
from maulstick.postgres.tables.specs import TableSpecs
from maulstick.text import one_line

if TYPE_CHECKING:
    from maulstick.media.compare import Item

Planned = tuple[Plan, TableSpecs, "Sequence[Item]"]
"""A plan, the tables that it is about, and what becomes of its files."""
SIGNS = {"insert": "+", "update": "~", "kept": "=", "conflict": "!", "gone": "-", "left": "<", "removed": "x"}


def plan_lines(plan: Plan) -> Iterator[str]:
    """Return the changes of a plan: a line for each row, followed by one for each column."""
    for change in plan.changes:
        yield from change_lines(change)


def change_lines(change: Change) -> Iterator[str]:
    """Return a line for a row, followed by one for each column unless the row is new."""
    yield f"{SIGNS[change.action]} {change.action} {change.table} {one_line(change.key)}"
    if change.action != "insert":
        yield from _columns(change)


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
