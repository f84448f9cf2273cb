"""The changes of a plan as data: which there are, which side is which, and why a plan is refused."""

from __future__ import annotations

import pytest

from maulstick.plan.changes import Change, Changes, Obstacle
from tests.plan.in_memory.plans import planned, result, row, spec

UPDATED = {"price": {"action": "update", "local": "1", "production": "2"}}
KEPT = {"price": {"action": "kept", "local": "1", "production": "2"}}
DISPUTED = {
    "price": {"action": "conflict", "base": "0", "local": "1", "production": "2"},
    "title": {"action": "kept", "base": "a", "local": "a", "production": "b"},
}
ROWS = (
    row("book 1", "insert", price="5"),
    row("book 2", "update", UPDATED),
    row("book 3", "gone"),
    row("book 4", "gone"),
    row("shelf 3", "gone"),
    row("book 5", "conflict", DISPUTED),
    row("book 6", "insert", price="6"),
)


def named(changes):
    return [(f"{one.table} {one.key}", one.action) for one in changes]


def test_a_new_row_has_its_values_and_another_what_differs():
    new, updated, gone, *_ = Changes(result(*ROWS))
    assert new.columns == {"price": {"action": "insert", "local": "5"}}
    assert updated.columns == UPDATED
    assert gone.columns == {}


def test_a_pull_names_the_sides_the_other_way_round():
    new, updated, *_ = Changes(result(*ROWS), is_pull=True)
    assert new.columns == {"price": {"action": "insert", "production": "5"}}
    assert updated.columns == {"price": {"action": "update", "production": "1", "local": "2"}}
    assert Change("book", "1", "update", '{"price": {"local": "1"}}').columns == {"price": {"local": "1"}}


def test_rows_that_left_are_not_gone_and_rows_left_out_are_no_part_of_it():
    changes = Changes(
        result(*ROWS), left=[("book", "3"), ("book", "2")], without=[("book", "1"), ("shelf", "3")]
    )
    assert named(changes) == [
        ("book 2", "update"),
        ("book 3", "left"),
        ("book 4", "gone"),
        ("book 5", "conflict"),
        ("book 6", "insert"),
    ]
    assert changes.counted == {"update": 1, "left": 1, "gone": 1, "conflict": 1, "insert": 1}
    assert len(changes) == 5
    left = changes.leaving([("book", "4")])
    assert [action for _, action in named(left)] == ["update", "gone", "left", "conflict", "insert"]
    assert Changes(result(*ROWS), is_pull=True).leaving([]).is_pull
    assert not Changes(result(*ROWS)).leaving([]).is_pull


def test_changes_are_equal_row_by_row():
    others = [*ROWS[:-1], row("book 7", "insert", price="6")]
    assert Changes(result(*ROWS)) == Changes(result(*ROWS))
    assert Changes(result(*ROWS)) != Changes(result(*others))
    assert Changes(result(*ROWS)) != Changes(result(*ROWS[1:]))
    assert Changes() != ()
    assert hash(Changes()) == 0
    assert [*Changes()] == []


def test_a_row_has_the_actions_of_its_columns():
    disputed = [*Changes(result(*ROWS))][5]
    assert [disputed.has_cell(action) for action in ("conflict", "kept", "update")] == [True, True, False]
    assert disputed.conflicts() == ["price"]
    new, *_ = Changes(result(*ROWS))
    assert (new.has_cell("insert"), new.has_cell("update")) == (True, False)


def test_a_plan_counts_the_rows_of_each_action_and_those_that_are_not_listed():
    assert planned(*ROWS, unchanged=7).counts() == {
        **{"insert": 2, "update": 1, "unchanged": 7, "kept": 0, "conflict": 1},
        **{"gone": 3, "left": 0, "removed": 0},
    }
    left = planned(*ROWS, unchanged=7, left=[("book", "3")])
    assert {action: left.counts()[action] for action in ("gone", "left", "unchanged")} == {
        **{"gone": 2, "left": 1, "unchanged": 7},
    }


def test_a_plan_lists_rows_by_what_becomes_of_them():
    plan = planned(*ROWS)
    assert named(plan.with_action("update")) == [("book 2", "update")]
    assert named(plan.with_action("kept")) == []
    assert named(plan.conflicts()) == [("book 5", "conflict")]
    assert named(plan.with_cell("kept")) == [("book 5", "conflict")]
    assert len([*plan.first(None)]) == len(ROWS)
    assert named(plan.first(1)) == [
        ("book 1", "insert"),
        ("book 2", "update"),
        ("book 3", "gone"),
        ("book 5", "conflict"),
    ]
    assert named(plan.first(2))[3:] == [("book 4", "gone"), ("book 5", "conflict"), ("book 6", "insert")]


def test_a_plan_is_printed_with_the_first_rows_of_each_action():
    specs = {"book": spec("book", "isbn", "price"), "shelf": spec("shelf", "slug")}
    printed = planned(*ROWS).to_json(specs, most=1)
    assert (printed["subject"], printed["target"], printed["digest"]) == ("shelf poetry", "production", "d")
    assert [(one["table"], one["key"], one["action"]) for one in printed["changes"]] == [
        ("book", {"isbn": "1"}, "insert"),
        ("book", {"isbn": "2"}, "update"),
        ("book", {"isbn": "3"}, "gone"),
        ("book", {"isbn": "5"}, "conflict"),
    ]
    assert printed["changes"][1]["columns"] == UPDATED
    assert len(planned(*ROWS).to_json(specs)["changes"]) == len(ROWS)


LONG = "verse " * 20


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        (DISPUTED, 'price: base "0", local "1", production "2"'),
        (
            {"a": {"action": "conflict", "local": "1"}, "b": {"action": "conflict", "local": None}},
            'was deleted in production and changed here: a: local "1"; b: local null',
        ),
        (
            {"a": {"action": "conflict", "production": "1"}},
            'was deleted here and changed in production: a: production "1"',
        ),
        (
            {
                "a": {"action": "conflict", "local": LONG, "production": "1"},
                "b": {"action": "conflict", "local": "2", "production": "3"},
            },
            "a\n        local, against production:\n          - 1\n          + "
            f"{LONG[:90]}…\n      b\n        local, against production:\n          - 3\n          + 2",
        ),
    ],
)
def test_a_conflict_is_a_reason_with_each_side(cells, says):
    obstacle = Obstacle("clash", "book", "9\n", "is taken")
    plan = planned(row("book 5", "conflict", cells), row("book 1", "insert"), obstacles=(obstacle,))
    assert plan.reasons() == [f"book 5: {says}", "book 9\\n: is taken"]
