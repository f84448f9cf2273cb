"""Which rows of a plan lose what production has, and what is said of them."""

from __future__ import annotations

import pytest

from maulstick.plan.overwritten import overwritten, overwritten_as_sealed
from maulstick.plan.seal import seal
from tests.plan.in_memory.plans import planned, row


def cell(action, local, production, **base):
    return {"action": action, "local": local, "production": production, **base}


EDITED = cell("update", "1", "2", base="0")
UNEDITED = cell("update", "1", "2", base="2")
UNKNOWN = cell("update", "1", "2")
CASES = {
    "edited": (row("book 1", "update", {"a": EDITED, "b": EDITED, "c": UNEDITED}), "a, b: what was edited"),
    "not edited": (row("book 1", "update", {"a": UNEDITED}), ""),
    "of nobody knows what": (
        row("book 1", "update", {"a": UNKNOWN, "b": UNEDITED}),
        "a: what production has",
    ),
    "empty there": (row("book 1", "update", {"a": cell("update", "1", None)}), ""),
    "kept": (
        row(
            "book 1",
            "update",
            {"a": UNEDITED, "b": cell("kept", "1", "2"), "c": {**EDITED, "action": "kept"}},
        ),
        "",
    ),
    "kept as a whole": (row("book 1", "kept", {"a": EDITED, "b": UNKNOWN}), ""),
    "in conflict": (row("book 1", "conflict", {"a": EDITED}), ""),
    "new": (row("book 1", "insert", a="1"), ""),
    "back": (
        row("book 1\n", "insert", {"a": {"action": "insert", "local": "1", "base": "1"}}),
        "was deleted",
    ),
    "new in part": (row("book 1", "insert", {"a": {"action": "insert", "local": "1"}}), ""),
    "gone": (row("book 1", "gone", {"a": {"action": "gone", "production": "1", "base": "2"}}), ""),
}
SAID = {
    "was deleted": "book 1\\n: was deleted in production and will come back",
    "a, b: what was edited": "book 1: a, b: what was edited in production will be overwritten",
    "a: what production has": "book 1: a: what production has will be overwritten",
}


@pytest.mark.parametrize("case", CASES)
def test_a_row_is_named_where_production_loses_what_nobody_has_seen(case):
    one, expected = CASES[case]
    quiet = row("book 0", "insert", a="1")
    plan = planned(quiet, row("book 0", "kept", {"a": EDITED}), one)
    says = [SAID[expected]] if expected else []
    assert overwritten(plan) == says
    assert overwritten_as_sealed(seal(plan, {})) == says


def test_both_are_said_of_a_row_and_of_a_pull_the_other_way_round():
    plan = planned(row("book 1", "update", {"a": EDITED, "b": UNKNOWN}), is_pull=True)
    assert overwritten(plan) == [
        "book 1: a: what was edited here will be overwritten",
        "book 1: b: what the local database has will be overwritten",
    ]


def test_ten_rows_are_named_and_the_others_counted():
    plan = planned(*(row(f"book {n}", "update", {"a": EDITED}) for n in range(12)))
    lines = overwritten(plan)
    assert lines[9].startswith("book 9: a: what was edited")
    assert lines[10:] == ["and 2 more rows like these: --diff shows every value"]
    assert overwritten_as_sealed(seal(plan, {})) == lines
