"""The question to the database: do its rows equal the bundle's?"""

from __future__ import annotations

from maulstick.console import amount
from maulstick.content import Check
from maulstick.planning import make_plan
from maulstick.postgres import Database
from maulstick.run import Run


def rows(run: Run, database: Database) -> Check:
    """Ask whether a release of the same bundle would find anything to do."""
    planned = make_plan(run.bundle, database, run.place.target.name)
    behind = [change for change in planned.changes if change.action in ("insert", "update", "conflict")]
    answer = ", ".join(f"{change.table} {change.key}: {change.action}" for change in behind)
    return Check("rows in production equal the bundle", not behind, answer or amount(planned.rows, "row"))
