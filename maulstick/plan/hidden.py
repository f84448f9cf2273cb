"""Which rows of a plan would become public, and which of those wait in production, hidden."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace

from maulstick.plan.changes import Change
from maulstick.postgres.tables.publishing import is_public
from maulstick.postgres.tables.specs import TableSpec, TableSpecs


def publishes(specs: TableSpecs) -> bool:
    """Return whether a column makes rows of any table public."""
    return any(spec.publish for spec in specs.values())


def to_publish(changes: Iterable[Change], specs: TableSpecs) -> list[Change]:
    """List the changes that would make a row public which is not yet."""
    if not publishes(specs):  # there may be a million changes
        return []
    return [change for change in changes if _becomes_public(change, specs.get(change.table))]


def waiting(changes: Iterable[Change], specs: TableSpecs) -> list[Change]:
    """List the changes of rows that are in production as released, but for being public."""
    return [change for change in to_publish(changes, specs) if _is_written(change, specs[change.table])]


def as_they_wait(changes: Iterable[Change], specs: TableSpecs) -> Iterable[Change]:
    """List the changes of a plan; hidden rows are called kept, since that is how production has them."""
    return [*_as_they_wait(changes, specs)] if publishes(specs) else changes


def _as_they_wait(changes: Iterable[Change], specs: TableSpecs) -> Iterator[Change]:
    for change in changes:
        spec = specs.get(change.table)
        if _becomes_public(change, spec) and spec is not None and _is_written(change, spec):
            yield _as_there(change)
        else:
            yield change


def _as_there(change: Change) -> Change:
    cells = {
        name: {**cell, "action": "kept"} if cell["action"] == "update" else cell
        for name, cell in json.loads(change.cells or "{}").items()
    }
    return replace(change, action="kept", cells=json.dumps(cells))


def _becomes_public(change: Change, spec: TableSpec | None) -> bool:
    if spec is None or spec.publish is None or change.action not in ("insert", "update"):
        return False
    cell = change.columns.get(spec.publish, {})
    if cell.get("action") not in ("insert", "update"):
        return False
    was = change.action == "update" and is_public(spec, cell.get("production"), null=False)
    return is_public(spec, cell.get("local"), null=True) and not was


def _is_written(change: Change, spec: TableSpec) -> bool:
    if change.action != "update":
        return False
    return {name for name, cell in change.columns.items() if cell["action"] == "update"} == {spec.publish}
