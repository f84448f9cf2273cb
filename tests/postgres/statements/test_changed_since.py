"""What has changed since a release that is to be undone, case by case."""

from __future__ import annotations

import pytest

from maulstick.postgres.sql.rollback.changed_since import only_once, since
from maulstick.postgres.sql.temp_tables import CHANGE, DIFFERS, DOOMED, PROBLEM, UNDOING

OWN = ["shelf poetry"]
THEIRS = ["shelf poetry", "work lamp", "author Emily"]
NEW = {
    "as it was": ({"after": {"a": "1", "b": None}}, {"image": {"a": "1", "b": None, "c": "3"}}, ""),
    "edited": (
        {"after": {"b": "1", "a": "2", "c": "3"}},
        {"image": {"b": "9", "a": None, "c": "3"}},
        "was changed since: a, b",
    ),
    "without a column": ({"after": {"a": "1", "b": "2"}}, {"image": {"b": "2"}}, "was changed since: a"),
    "edited beside": (
        {"after": {"a": "1"}, "times": {"z": "1", "at": "2", "gone": "3", "same": "4"}},
        {"image": {"a": "1"}, "times": {"z": "2", "at": "3", "same": "4"}},
        "was changed since: at, z",
    ),
    "edited in both": (
        {"after": {"b": "1"}, "times": {"a": "1"}},
        {"image": {"b": "2"}, "times": {"a": "2"}},
        "was changed since: a, b",
    ),
    "of which no times are known": ({"after": {"a": "1"}}, {"image": {"a": "1"}, "times": {"z": "2"}}, ""),
    "whose times are not there": ({"after": {"a": "1"}, "times": {"z": "1"}}, {"image": {"a": "1"}}, ""),
    "deleted": ({"after": {"a": "1"}}, None, "was deleted since"),
    "deleted and made anew elsewhere": ({"after": {}, "table_name": "other"}, None, "was deleted since"),
}


def undo(scratch, **change):
    """Put a change of release 2 among those to undo."""
    row = {"release": 2, "table_name": "book", "subjects": OWN, **change}
    scratch.fill(UNDOING, row)


@pytest.fixture
def problems(scratch):
    """Begin an undoing of release 2, and return what is said of each row."""
    scratch.place.run(f"create temp table {UNDOING} (like maulstick.change)")
    scratch.release(1, subject="work lamp")
    scratch.release(2)
    scratch.release(3, subject="author Emily")

    def ask():
        scratch.place.run(since(f"{UNDOING} as c"))
        found = scratch.rows(f"select key, says from {PROBLEM} where kind = 'changed' order by key")
        assert len(found) == len(scratch.rows(f"select from {PROBLEM}"))
        return found

    return ask


def test_a_new_row_is_named_where_it_is_not_what_was_written(scratch, problems):
    for key, (change, doomed, _) in NEW.items():
        undo(scratch, key=key, action="insert", **change)
        if doomed:
            scratch.fill(DOOMED, {"table_name": "book", "key": key, **doomed})
    scratch.fill(
        DOOMED, {"table_name": "book", "key": "deleted and made anew elsewhere", "image": {"a": "1"}}
    )
    assert problems() == sorted((key, says) for key, (_, _, says) in NEW.items() if says)


@pytest.mark.parametrize("action", ["update", "delete", "unchanged"])
def test_only_a_row_that_the_release_made_is_compared_whole(scratch, problems, action):
    undo(scratch, key="k", action=action, after={"a": "1"})
    undo(scratch, key="gone", action=action, after={"a": "1"})
    scratch.fill(DOOMED, {"table_name": "book", "key": "k", "image": {"a": "2"}})
    row = {"table_name": "book", "key": "k", "subjects": THEIRS, "release": 3}
    scratch.fill("maulstick.base_row", row)
    assert problems() == []


@pytest.mark.parametrize(
    ("now", "then", "says"),
    [
        (THEIRS, OWN, "belongs to author Emily, work lamp too"),
        (THEIRS, [*OWN, "work lamp"], "belongs to author Emily too"),
        (THEIRS, THEIRS, ""),
        (["work lamp"], [], "belongs to work lamp too"),
        (OWN, [], ""),
        ([], OWN, ""),
        (None, OWN, ""),
    ],
)
def test_a_new_row_that_others_have_by_now_is_named(scratch, problems, now, then, says):
    undo(scratch, key="k", action="insert", after={"a": "1"}, subjects=then)
    scratch.fill(DOOMED, {"table_name": "book", "key": "k", "image": {"a": "1"}})
    if now is not None:
        scratch.fill("maulstick.base_row", {"table_name": "book", "key": "k", "subjects": now, "release": 2})
    other = {"table_name": "other", "key": "k", "subjects": ["film"], "release": 2}
    scratch.fill("maulstick.base_row", other)
    assert problems() == ([("k", says)] if says else [])


def test_a_new_row_that_is_gone_is_named_once_whoever_has_it(scratch, problems):
    undo(scratch, key="k", action="insert", after={"a": "1"})
    row = {"table_name": "book", "key": "k", "subjects": THEIRS, "release": 3}
    scratch.fill("maulstick.base_row", row)
    assert problems() == [("k", "was deleted since")]


COLUMNS = {"p": {"action": "conflict"}, "q": {"action": "kept"}, "o": {"action": "conflict"}}
CHANGED = {
    "changed": ("update", "conflict", {"x": "1"}, "was changed since: o, p", "removed"),
    "deleted": ("update", "conflict", None, "was deleted since", "removed"),
    "made anew": ("delete", "conflict", {"x": "1"}, "was created since", "removed"),
    "made anew as it was": ("delete", "unchanged", {"x": "1"}, "was created since", "unchanged"),
    "still deleted": ("delete", "insert", None, "", "insert"),
    "still as written": ("update", "update", {"x": "1"}, "", "update"),
    "kept": ("update", "kept", {"x": "1"}, "", "kept"),
}


def test_a_changed_row_is_named_where_it_moved_again(scratch, problems):
    for key, (action, now, production, _, _) in CHANGED.items():
        row = {"table_name": "book", "key": key}
        undo(scratch, key=key, action=action)
        scratch.fill(CHANGE, {**row, "action": now, "columns": COLUMNS})
        scratch.fill(DIFFERS, {**row, "production": production})
        scratch.fill(DIFFERS, {**row, "table_name": "other"})
    assert problems() == sorted((key, one[3]) for key, one in CHANGED.items() if one[3])
    assert dict(scratch.rows(f"select key, action from {CHANGE}")) == {
        key: one[4] for key, one in CHANGED.items()
    }


@pytest.mark.parametrize(
    ("others", "says"),
    [
        ([], ""),
        ([(5, 2)], "release 5 has just undone release 2; nothing was changed"),
        ([(5, 4), (6, 2)], "release 6 has just undone release 2; nothing was changed"),
        ([(5, 2), (6, 4)], "release 6 has just undone release 4; nothing was changed"),
        ([(5, 1)], ""),
        ([(5, None)], ""),
        ([(3, 2)], ""),
        ([(4, 3)], ""),
    ],
)
def test_of_two_rollbacks_at_once_the_second_stops(scratch, others, says):
    """Release 2 is to be undone; 4 was the newest when that began."""
    for number in (1, 2):
        scratch.release(number)
    for number in (3, 4):
        of = dict(others).get(number)
        scratch.release(number, of=of, kind="rollback" if of else "release")
    for number, of in others:
        if number > 4:
            scratch.release(number, of=of, kind="rollback" if of else "release")
    assert scratch.run(only_once(2, 4)) == says
