"""What to do about a plan that is refused."""

from __future__ import annotations

from collections.abc import Iterator

from maulstick.bundle.slice.known_base import Bases
from maulstick.plan.changes import Obstacle, Plan
from maulstick.postgres.ledger import of_a_copy
from maulstick.postgres.tables.specs import TableSpec, TableSpecs
from maulstick.text import one_line

RELEASE_FIRST = (
    'release that row first, declare its table too, or allow for its absence: Match(…, missing="null")'
)


def hint_for(planned: Plan, specs: TableSpecs) -> str:
    """Return the hint for a plan's reasons, "" if none is known."""
    if about := _about_ids(planned, specs):
        return about
    if planned.conflicts():
        return "make both sides equal, or take one: --take local|production[:TABLE[.KEY][.COLUMN]]"
    kinds = {obstacle.kind for obstacle in planned.obstacles}
    if "aside" in kinds:
        return "make the constraint deferrable, or release in two steps, over a value that is free"
    if "referred" in kinds:
        return "let the foreign key follow: on update cascade"
    if "target" in kinds and planned.changes.is_pull:
        return "if this is a copy of it, its ledger is not needed here: drop schema maulstick cascade;"
    called = [of_a_copy(one.key, planned.target) for one in planned.obstacles if one.kind == "target"]
    absent = any(one.kind == "missing" and "is referred to" in one.says for one in planned.obstacles)
    return "".join(called) or (RELEASE_FIRST if absent else "")


def base_of_pulls(bases: Bases, planned: Plan) -> Iterator[str]:
    """Yield which columns would be updated because their value in the target was pulled before."""
    known = {} if bases.pulled_from else {(row.table_name, row.key): row.values for row in bases.rows}
    for change in planned.with_cell("update") if known else ():
        values = known.get((change.table, change.key), {})
        columns = [
            name
            for name, cell in change.columns.items()
            if cell["action"] == "update" and name in values and values[name] == cell.get("production")
        ]
        if columns:
            row = one_line(f"{change.table} {change.key}")
            yield f"{row}: {', '.join(columns)}: what {planned.target} has there was pulled before"


def _about_ids(planned: Plan, specs: TableSpecs) -> str:
    """Return what to do about ids that the site makes itself, in conflict or kept there."""
    conflicts = ((change.table, column) for change in planned.conflicts() for column in change.conflicts())
    named = (pair for one in planned.obstacles for pair in _named_ids(one, specs))
    return next(
        filter(None, (_about_id(specs[table], specs, column) for table, column in [*conflicts, *named])), ""
    )


def _named_ids(one: Obstacle, specs: TableSpecs) -> Iterator[tuple[str, str]]:
    """Yield the ids that travel by which a row is missed, or would be taken for another."""
    spec = specs.get(one.table)
    if spec is None or one.kind not in ("missing", "elsewhere"):
        return
    tables = {one.table} if one.kind == "missing" else {link.table for link in spec.links}
    links = [link for other in specs.values() for link in other.links if link.table in tables]
    yield from (
        (link.table, link.target[0]) for link in links if len(link.target) == 1 and specs[link.table].travels
    )


def _about_id(spec: TableSpec, specs: TableSpecs, column: str) -> str:
    type_, where = spec.types.get(column, ""), f"{spec.label}.{column}: the site itself makes these ids, and "
    if not _is_id(spec, specs, column):
        return ""
    if type_.startswith(("uuid", "text", "character varying")):
        return f'{where}skip="{column}" leaves them at home'
    if "int" in type_:
        return f"{where}with a default in both databases (nextval) they stay at home"
    return ""


def _is_id(spec: TableSpec, specs: TableSpecs, column: str) -> bool:
    pointing = [link.target for other in specs.values() for link in other.links if link.table == spec.label]
    return column not in spec.key and (column == "id" or (column,) in pointing)
