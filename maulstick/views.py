"""A plan as people and programs read it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from maulstick.changes import Change, Plan
from maulstick.run import Run
from maulstick.sides import difference, is_long, one_line

SIGNS = {"insert": "+", "update": "~", "kept": "=", "conflict": "!", "gone": "-", "left": "<", "removed": "x"}


def plan_lines(plan: Plan) -> Iterator[str]:
    """Return the changes of a plan, a line for each row and one below it for each column."""
    for change in plan.changes:
        yield from change_lines(change)


def change_lines(change: Change) -> Iterator[str]:
    """Return a row in a line, and its columns in one each unless it is new."""
    yield f"{SIGNS[change.action]} {change.action} {change.table} {change.key}"
    if change.action != "insert":
        yield from _columns(change)


def plan_json(runs: Sequence[Run], *, most: int | None = None) -> dict[str, Any]:
    """Return the plans of runs as `plan --json` prints them (docs/plan.schema.json).

    With `most`, only so many rows of each action are in them.
    """
    return {"version": 1, "plans": [_one(run, run.plan, most) for run in runs if run.plan is not None]}


def _one(run: Run, plan: Plan, most: int | None) -> dict[str, Any]:
    media = run.media or []
    sent = [item.file for item in media if item.action in ("upload", "overwrite")]
    return {
        **plan.to_json(run.bundle.manifest.shapes, most=most),
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
            yield from (f"      {line}" for line in difference(cell))
        else:
            yield f"    {name}: {cell['action']}: {one_line(cell)}"
