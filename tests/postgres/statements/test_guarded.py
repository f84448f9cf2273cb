"""Every reason not to write, raised at once; and whether what a plan showed is still what would change."""

from __future__ import annotations

import pytest

from maulstick.postgres.sql.guard import FINGERPRINT, guard
from maulstick.postgres.sql.temp_tables import CHANGE, DIFFERS, DOOMED, PROBLEM

PLACE = {"table_name": "book", "key": "k", "row": "(0,1)"}


def fingerprint(scratch):
    [(found,)] = scratch.rows(f"select {FINGERPRINT}")
    return found


def refused(scratch):
    said = scratch.run(guard())
    return said.removeprefix("refused, nothing was changed: ").split("; ") if said else []


def test_where_nothing_is_wrong_nothing_is_raised(scratch):
    scratch.fill(CHANGE, {**PLACE, "action": "update"})
    scratch.release(1)
    scratch.release(2, plan="p1")
    scratch.set(plan="p2")
    assert refused(scratch) == []


def test_all_reasons_are_raised_in_their_order(scratch):
    columns = {
        name: {"action": action} for name, action in (("b", "conflict"), ("c", "kept"), ("a", "conflict"))
    }
    scratch.fill(CHANGE, {**PLACE, "key": "2", "action": "conflict", "columns": columns})
    scratch.fill(CHANGE, {**PLACE, "key": "1", "action": "conflict"}, {**PLACE, "action": "update"})
    for key, says in (("0", "z"), ("0", "a")):
        scratch.fill(PROBLEM, {"kind": "x", "table_name": "book", "key": key, "says": says})
    scratch.fill(PROBLEM, {"kind": "x", "table_name": "author", "key": "9", "says": "says"})
    scratch.release(1, plan="p1")
    scratch.set(plan="p1")
    assert refused(scratch) == [
        "author 9: says",
        "book 0: a",
        "book 0: z",
        "book 1: row changed here and there",
        "book 2: a, b changed here and there",
        "plan : was carried out by release 1",
    ]
    assert scratch.run(guard("<%s/%s> %s")).startswith("refused, nothing was changed: <author/9> says; <book")


def test_a_plan_that_is_what_would_change_is_carried_out(scratch):
    scratch.fill(CHANGE, {**PLACE, "action": "update", "after": {"x": "1"}})
    scratch.set(seal=fingerprint(scratch))
    assert refused(scratch) == []
    scratch.set(seal="another")
    assert refused(scratch) == ["plan : is not what this would change now"]


def test_a_plan_of_which_nothing_is_left_is_not_what_would_change(scratch):
    empty = fingerprint(scratch)
    scratch.set(seal="of a change")
    assert refused(scratch) == ["plan : is not what this would change now"]
    scratch.set(seal=empty)
    assert refused(scratch) == []


NEW = {**PLACE, "action": "insert"}
MOVES = {
    "another action": (CHANGE, {**PLACE, "key": "o", "action": "kept"}),
    "another row": (CHANGE, {**PLACE, "key": "z", "action": "removed"}),
    "another table": (CHANGE, {**PLACE, "table_name": "author", "action": "removed"}),
    "other columns": (CHANGE, {**PLACE, "key": "m", "action": "update", "columns": {"x": "2"}}),
    "other sides": (
        CHANGE,
        {**PLACE, "key": "n", "action": "update", "after": {"x": "2"}, "columns": {"x": "3"}},
    ),
    "another value": (CHANGE, {**PLACE, "key": "m", "action": "insert", "after": {"x": "2"}}),
    "a row to delete": (DOOMED, {"table_name": "book", "key": "d", "image": {"x": "1"}}),
    "another image": (DOOMED, {"table_name": "book", "key": "d", "image": {"x": "2"}}),
    "other times": (DOOMED, {"table_name": "book", "key": "d", "image": {"x": "1"}, "times": {"t": "1"}}),
}


def test_whatever_would_change_otherwise_is_another_plan(scratch):
    scratch.fill(CHANGE, NEW)
    scratch.fill(DIFFERS, {**PLACE, "local": {"x": "1"}})
    seen = {fingerprint(scratch)}
    for n, (table, row) in enumerate(MOVES.values(), 2):
        scratch.fill(table, row)
        seen.add(fingerprint(scratch))
        assert len(seen) == n
    scratch.place.run(f"update {CHANGE} set columns = '{{}}' where key = 'n'")
    seen.add(fingerprint(scratch))
    scratch.place.run(f"update {DIFFERS} set local = '{{}}'")
    seen.add(fingerprint(scratch))
    assert len(seen) == len(MOVES) + 3


def test_what_does_not_change_is_no_part_of_a_plan_and_its_order_is_none(scratch):
    rows = [{**PLACE, "key": key, "action": "update", "after": {"x": key}} for key in "ab"]
    doomed = [{"table_name": "book", "key": key, "image": {"x": key}} for key in "cd"]
    found = set()
    for way in (1, -1):
        scratch.place.run(f"truncate {CHANGE}, {DOOMED}")
        scratch.fill(CHANGE, *rows[::way])
        scratch.fill(DOOMED, *doomed[::way])
        found.add(fingerprint(scratch))
    scratch.fill(CHANGE, {**PLACE, "key": "u", "action": "unchanged"})
    found.add(fingerprint(scratch))
    assert len(found) == 1


@pytest.mark.parametrize("change", [{"after": {"x": "1"}}, {"action": "update"}, {"row": "(0,9)"}])
def test_only_a_row_that_is_entirely_new_is_known_by_what_it_brings(scratch, change):
    scratch.fill(CHANGE, {**NEW, **change})
    before = fingerprint(scratch)
    scratch.fill(DIFFERS, {**PLACE, "local": {"y": "1"}})
    assert fingerprint(scratch) == before
