"""What a plan asks behind its diff: every row that is not unchanged, and what stands in the way."""

from __future__ import annotations

from maulstick.plan.planner import ANSWERS
from maulstick.postgres.sql.temp_tables import CHANGE, DIFFERS, PROBLEM


def answers(scratch, place):
    """Return the rows of one of the questions."""
    return scratch.rows(ANSWERS.text.split(";\n")[place])


def change(scratch, n, key, action, table="book", local=None, **more):
    row = {"table_name": table, "key": key, "row": None if n is None else f"(0,{n})"}
    scratch.fill(CHANGE, {**row, "action": action, **more})
    if local is not None:
        scratch.fill(DIFFERS, {**row, "local": local})


def test_each_row_is_told_with_its_columns_or_with_what_it_holds(scratch):
    cells = {"a": {"action": "update"}}
    change(scratch, 1, "b", "update", columns=cells, after={"a": "9"}, local={"a": "8"})
    change(scratch, 2, "a", "insert", local={"a": "1"})
    change(scratch, 3, "c", "insert", local={"a": "1"}, after={"a": "2"})
    change(scratch, 4, "d", "unchanged", local={"a": "1"})
    change(scratch, 5, "e", "removed")
    change(scratch, 2, "z", "insert", table="author", local={"a": "7"})
    assert answers(scratch, 0) == [
        ("author", "z", "insert", None, '{"a": "7"}'),
        ("book", "a", "insert", None, '{"a": "1"}'),
        ("book", "b", "update", '{"a": {"action": "update"}}', None),
        ("book", "c", "insert", None, '{"a": "2"}'),
        ("book", "e", "removed", None, None),
    ]


def test_what_stands_in_the_way_is_told_by_table_and_key(scratch):
    for kind, table, key, says in (
        ("z", "author", "b", "2"),
        ("a", "book", "a", "1"),
        ("y", "author", "b", "1"),
        ("x", "author", "a", "3"),
    ):
        scratch.fill(PROBLEM, {"kind": kind, "table_name": table, "key": key, "says": says})
    assert [kind for kind, *_ in answers(scratch, 1)] == ["x", "y", "z", "a"]
