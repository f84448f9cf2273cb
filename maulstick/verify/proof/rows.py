"""The question to the database: do its rows equal the bundle's?"""

from __future__ import annotations

from collections.abc import Collection

from maulstick.plan.changes import Change, Plan
from maulstick.project.declarations import Check
from maulstick.text import amount


def rows(planned: Plan, hidden: Collection[Change] = ()) -> Check:
    """Return whether a release of the same bundle would find nothing to do, by its plan.

    What was edited or deleted in production is theirs, and `hidden` rows wait to be made public: they are
    counted, and not called wrong.
    """
    waiting = {*hidden}
    behind = [
        change
        for change in planned.changes
        if change.action in ("insert", "update", "conflict") and change not in waiting
    ]
    answer = ", ".join(f"{change.table} {change.key}: {change.action}" for change in behind)
    counts = {"edited there": planned.with_cell("kept"), "deleted there": planned.with_action("removed")}
    kept = (f"{len(changes)} {says}" for says, changes in counts.items() if changes)
    to_go = [f"{len(hidden)} hidden"] if hidden else []
    says = ", ".join([amount(planned.rows, "row"), *kept, *to_go])
    return Check(f"rows in {planned.target} equal the bundle", not behind, answer or says)
