"""Which rows of a plan become public, and which of them are in production already, hidden."""

from __future__ import annotations

import json

import pytest

from maulstick.plan.hidden import as_they_wait, publishes, to_publish, waiting
from tests.plan.in_memory.plans import planned, row, spec

BOOLEAN = spec("book", "isbn", "public", "title", publish="public", types={"public": "boolean"})
TIME = spec("book", "isbn", "public", "title", publish="public", types={"public": "timestamp"})
NAMED = spec("book", "isbn", "public", "title", publish="public", hidden=("draft",), types={"public": "text"})


def cell(local, production=None, action="update"):
    return {"public": {"action": action, "local": local, "production": production}}


TITLE = {"title": {"action": "update", "local": "a", "production": "b"}}
KEPT = {"title": {"action": "kept", "local": "a", "production": "b"}}
ROWS = {
    # name: (row, whether it becomes public, whether it is written but for that)
    "1": (row("book 1", "insert", public="true"), True, False),
    "2": (row("book 2", "insert", public="false"), False, False),
    "3": (row("book 3", "update", cell("true", "false")), True, True),
    "4": (row("book 4", "update", {**cell("true", "false"), **TITLE}), True, False),
    "5": (row("book 5", "update", {**cell("true", "false"), **KEPT}), True, True),
    "6": (row("book 6", "update", cell("true", "true")), False, False),
    "7": (row("book 7", "update", cell("false", "true")), False, False),
    "8": (row("book 8", "update", TITLE), False, False),
    "9": (row("book 9", "update", {**cell("true", "false", "kept"), **TITLE}), False, False),
    "A": (row("book A", "kept", cell("true", "false", "update")), False, False),
    "B": (row("book B", "insert", title="a"), False, False),
    "C": (row("shelf C", "update", cell("true", "false")), False, False),
    "D": (row("other D", "update", cell("true", "false")), False, False),
    "E": (row("book E", "insert", {**cell("true", action="insert")}), True, False),
}
SPECS = {"book": BOOLEAN, "shelf": spec("shelf", "slug", "public")}


def keys(changes):
    return [change.key for change in changes]


def test_rows_that_become_public_are_known_and_those_that_only_wait_for_it():
    changes = planned(*(one for one, _, _ in ROWS.values())).changes
    assert keys(to_publish(changes, SPECS)) == [key for key, (_, becomes, _) in ROWS.items() if becomes]
    assert keys(waiting(changes, SPECS)) == [key for key, (_, _, waits) in ROWS.items() if waits]


def test_rows_that_wait_are_shown_as_production_has_them():
    changes = planned(*(one for one, _, _ in ROWS.values())).changes
    shown = [*as_they_wait(changes, SPECS)]
    assert keys(shown) == [*ROWS]
    for before, after in zip(changes, shown, strict=True):
        _, _, waits = ROWS[before.key]
        assert after.action == ("kept" if waits else before.action)
        if waits:
            assert json.loads(after.cells or "") == {
                **json.loads(before.cells or ""),
                **cell("true", "false", "kept"),
            }
        else:
            assert after == before


def test_without_a_column_that_publishes_nothing_is_looked_through():
    changes = planned(row("book 1", "update", cell("true", "false"))).changes
    plain = {"book": spec("book", "isbn", "public")}
    assert (publishes(SPECS), publishes(plain), publishes({})) == (True, False, False)
    assert to_publish(changes, plain) == []
    assert as_they_wait(changes, plain) is changes
    assert to_publish(changes, {**plain, "shelf": SPECS["book"]}) == []


@pytest.mark.parametrize(
    ("one", "local", "production", "becomes"),
    [
        (TIME, "2024", None, True),
        (TIME, "2024", "2023", False),
        (TIME, None, "2023", False),
        (NAMED, "live", "draft", True),
        (NAMED, "draft", "live", False),
        (NAMED, "live", "shown", False),
        (NAMED, None, "draft", True),
        (NAMED, "live", None, True),
    ],
)
def test_what_makes_a_row_public_depends_on_its_column(one, local, production, becomes):
    changes = planned(row("book 1", "update", cell(local, production))).changes
    assert keys(to_publish(changes, {"book": one})) == ["1"] * becomes
