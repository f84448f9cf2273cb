"""The bundle as it should stand in production: what was edited or deleted there is as it is there."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from maulstick.bundle.bundle import Bundle
from maulstick.bundle.manifest import Manifest
from maulstick.bundle.rows import RowsOnDemand
from maulstick.plan.changes import Change
from maulstick.postgres.tables.keys import key_text
from maulstick.project.declarations import Rows
from maulstick.project.plugins.registry import Plugins

Row = dict[str, str | None]

KEPT = ("kept", "removed")
"""What becomes of rows that a release leaves as they are there."""
UNRELEASED = (*KEPT, "insert", "update", "conflict")
"""What becomes of rows that were not released yet, too."""
ABSENT = ("removed", "insert")


def expected(
    bundle: Bundle, changes: Iterable[Change], plugins: Plugins, actions: Collection[str] = KEPT
) -> tuple[Manifest, Rows]:
    """Return the manifest and the rows of a bundle as they are in production where that is one of `actions`.

    The pages of such rows are asked for anew: they show what is there, and nobody may call that wrong.
    """
    there = {
        (change.table, change.key): change
        for change in changes
        if change.action in actions or any(map(change.has_cell, actions))
    }
    manifest, rows = bundle.manifest, bundle.rows()
    if not there:
        return manifest, rows
    rows = RowsOnDemand(manifest.counts(), lambda name: _rows(bundle, name, there, actions))
    return replace(manifest, pages=tuple(plugins.pages(manifest.subject, rows))), rows


def _rows(
    bundle: Bundle, name: str, there: Mapping[tuple[str, str], Change], actions: Collection[str]
) -> Iterable[Row]:
    specs = bundle.manifest.specs
    for row in bundle.table(specs[name]):
        change = there.get((name, key_text(specs[name], specs, row)))
        if change is None:
            yield row
        elif change.action not in ABSENT:
            cells = change.columns.items()
            yield row | {
                column: cell.get("production") for column, cell in cells if cell["action"] in actions
            }
