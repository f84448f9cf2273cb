"""The bundle as it should stand in production: what was edited or deleted there is as it is there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from maulstick.bundle import Bundle, RowsOnDemand
from maulstick.changes import Change, key_text
from maulstick.content import Rows
from maulstick.manifest import Manifest
from maulstick.plugins import Plugins

Row = dict[str, str | None]


def standing(bundle: Bundle, changes: Iterable[Change], plugins: Plugins) -> tuple[Manifest, Rows]:
    """Return the manifest and the rows of a bundle, with all that production keeps against it.

    The pages of such rows are asked for anew: they show what is kept, and nobody may call that wrong.
    """
    kept = {(one.table, one.key): one for one in changes if one.action == "removed" or one.has_cell("kept")}
    manifest, rows = bundle.manifest, bundle.rows()
    if not kept:
        return manifest, rows
    rows = RowsOnDemand(tuple(rows), lambda name: _standing(bundle, name, kept))
    return replace(manifest, pages=tuple(plugins.pages(manifest.subject, rows))), rows


def _standing(bundle: Bundle, name: str, kept: Mapping[tuple[str, str], Change]) -> Iterable[Row]:
    shapes = bundle.manifest.shapes
    for row in bundle.table(shapes[name]):
        change = kept.get((name, key_text(shapes[name], shapes, row)))
        if change is None:
            yield row
        elif change.action != "removed":
            cells = change.columns.items()
            yield row | {column: cell["production"] for column, cell in cells if cell["action"] == "kept"}
