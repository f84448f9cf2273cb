"""Whether production holds the rows of many bundles exactly as released, with one query for all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from maulstick.bundle.unchanged import Asked, alike, may_ask
from maulstick.postgres.connection import Database, SqlProblem
from maulstick.postgres.tables.specs import TableSpecs

AT_ONCE = 100
"""Bundles in one query."""


def all_as_released(asked: Sequence[Asked], database: Database, target: str) -> set[int]:
    """List the indexes of the bundles whose release would change nothing, one query for equal specs.

    Of the others only staging can tell.
    """
    groups: list[tuple[TableSpecs, dict[int, Asked]]] = []
    for place, one in enumerate(asked):
        specs = one.manifest.specs
        if may_ask(one.manifest):
            group = next((found for known, found in groups if known == specs and len(found) < AT_ONCE), None)
            if group is None:
                groups.append((specs, group := {}))
            group[place] = one
    return {place for _, group in groups for place in _as_released(group, database, target)}


def _as_released(asked: Mapping[int, Asked], database: Database, target: str) -> set[int]:
    try:
        answers = database.send(alike(asked, target=target))
    except SqlProblem:
        if database.broken:
            raise
        database.rollback()
        alone = [{place: one} for place, one in asked.items()] if len(asked) > 1 else []
        return {place for one in alone for place in _as_released(one, database, target)}
    return {int(place) for place in (answers[-1].first()[0] or "").split()}
