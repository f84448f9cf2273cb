"""The question to the database: do its rows equal the bundle's?"""

from __future__ import annotations

from maulstick.changes import Plan
from maulstick.console import amount
from maulstick.content import Check


def rows(planned: Plan) -> Check:
    """Tell from a plan whether a release of the same bundle would find anything to do."""
    behind = [change for change in planned.changes if change.action in ("insert", "update", "conflict")]
    answer = ", ".join(f"{change.table} {change.key}: {change.action}" for change in behind)
    return Check(
        f"rows in {planned.target} equal the bundle", not behind, answer or amount(planned.rows, "row")
    )
