"""The line of a plan names what an admin edited, and not more than fits."""

from __future__ import annotations

import json

from maulstick.plan.changes import Changes, Plan
from maulstick.postgres.results import ResultRows
from maulstick.release.steps.plan import summary


def test_of_many_columns_a_plan_names_the_first_and_counts_the_rest() -> None:
    cells = {f"c{number}": {"action": "kept", "production": "x"} for number in range(16)}
    rows = ResultRows()
    rows.add(("authors", "ann", "kept", json.dumps(cells), None))
    plan = Plan("author ann", "staging", "", Changes(rows), (), rows=1)
    assert summary(plan, []) == "1 kept (authors ann: c0, c1, c2, c3, … and 12 more)"
