"""The question to the database: do its rows equal the bundle's?"""

from __future__ import annotations

from maulstick.plan.changes import Plan
from maulstick.project.declarations import Check
from maulstick.text import amount


def rows(planned: Plan) -> Check:
    """Return whether a release of the same bundle would find nothing to do, by its plan.

    What was edited or deleted in production is theirs: it is counted, and not called wrong.
    """
    behind = [change for change in planned.changes if change.action in ("insert", "update", "conflict")]
    answer = ", ".join(f"{change.table} {change.key}: {change.action}" for change in behind)
    counts = {"edited there": planned.with_cell("kept"), "deleted there": planned.with_action("removed")}
    kept = (f"{len(changes)} {says}" for says, changes in counts.items() if changes)
    says = ", ".join([amount(planned.rows, "row"), *kept])
    return Check(f"rows in {planned.target} equal the bundle", not behind, answer or says)
