"""What a rollback writes into the ledger: its own changes, and what was last released before."""

from __future__ import annotations

import pytest

from maulstick.postgres.sql.rollback.ledger import write_rollback
from maulstick.postgres.sql.temp_tables import CHANGE, DIFFERS, DOOMED, RESULT, UNDOING
from maulstick.postgres.sql.trust.own_ledger import own_ledger

OWN, OTHER = "shelf poetry", "author Emily"


@pytest.fixture
def ledger(scratch):
    """Releases 1 to 4, the second of which is to be undone; each has its own subject but the first."""
    scratch.release(1, digest="first")
    scratch.release(2, digest="second", commit="abc", shapes={"book": {}})
    scratch.release(3, subject=OTHER, digest="third")
    return scratch


def changed(scratch, key, release, base, subjects=(), *, table="book", action="update", was=None, **more):
    row = {"release": release, "table_name": table, "key": key, "action": action, "base": base, "was": was}
    scratch.fill("maulstick.change", {**row, "subjects": [*subjects], **more})


def known(scratch, key, values, subjects=(OWN,), release=3):
    row = {"table_name": "book", "key": key, "values": values, "subjects": [*subjects], "release": release}
    scratch.fill("maulstick.base_row", row)


def written(scratch):
    """Undo release 2, and return its number."""
    scratch.place.run(f"create temp table {UNDOING} as select * from maulstick.change where release = 2")
    scratch.place.run(write_rollback(2))
    [(number,)] = scratch.rows(f"select number from {RESULT}")
    return number


def base(scratch):
    rows = scratch.rows("select key, values, subjects, release from maulstick.base_row order by key")
    return {key: (values, subjects, release) for key, values, subjects, release in rows}


BOTH, THREE = [OTHER, OWN], [OTHER, OWN, "work lamp"]
CASES = {
    # key: (base and subjects before release 2, before a later release or None, now), what base is then
    "as before": (({"x": "1"}, [OWN]), None, ({"x": "2"}, [OWN]), ({"x": "1"}, [OWN])),
    "columns of before": (({"x": "1"}, [OWN]), None, ({"y": "2"}, [OWN]), ({"x": "1"}, [OWN])),
    "was not there": ((None, []), None, ({"x": "2"}, [OWN]), None),
    "moved later in another column": (
        ({"x": "1", "y": "1"}, [OWN]),
        ({"x": "2", "y": "1"}, [OWN]),
        ({"x": "2", "y": "5"}, BOTH),
        ({"x": "1", "y": "5"}, BOTH),
    ),
    "moved later in the same column": (
        ({"x": "1", "y": "1"}, [OWN]),
        ({"x": "2", "y": "2"}, [OWN]),
        ({"x": "3", "y": "2"}, [OWN]),
        ({"x": "3", "y": "1"}, [OWN]),
    ),
    "got a column later": (
        ({"x": "1"}, [OWN]),
        ({"x": "2"}, [OWN]),
        ({"x": "2", "n": None, "z": "7"}, [OWN]),
        ({"x": "1", "n": None, "z": "7"}, [OWN]),
    ),
    "got a column that nobody moved": (
        ({"x": "1"}, [OWN]),
        ({"x": "2", "n": "5"}, [OWN]),
        ({"x": "2", "n": "5"}, [OWN]),
        ({"x": "1"}, [OWN]),
    ),
    "moved by a later release alone": (
        ({"x": "1"}, [OWN]),
        ({"x": "1"}, [OWN]),
        ({"x": "4"}, BOTH),
        ({"x": "4"}, BOTH),
    ),
    "only its subject moved": (
        ({"x": "1"}, [OTHER]),
        ({"x": "1"}, BOTH),
        ({"x": "1"}, BOTH),
        ({"x": "1"}, [OTHER]),
    ),
    "new, and found by a later one": ((None, []), ({"x": "1"}, [OWN]), ({"x": "1"}, BOTH), None),
    "new to a later one alone": ((None, []), (None, []), ({"x": "1"}, [OTHER]), ({"x": "1"}, [OTHER])),
    "forgotten since": (({"x": "1"}, [OWN]), ({"x": "2"}, [OWN]), None, ({"x": "1"}, [OWN])),
    "found anew by a later one": (
        ({"x": "1"}, [OWN]),
        (None, []),
        ({"x": "7"}, [OTHER]),
        ({"x": "1"}, [OWN]),
    ),
    "joined by its subject": (({"x": "1"}, [OTHER]), None, ({"x": "2"}, BOTH), ({"x": "1"}, [OTHER])),
    "left by its subject": (({"x": "1"}, BOTH), None, ({"x": "2"}, [OTHER]), ({"x": "1"}, BOTH)),
    "left by nobody": (
        ({"x": "1"}, BOTH),
        ({"x": "2"}, BOTH),
        ({"x": "2"}, THREE),
        ({"x": "1"}, THREE),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_base_is_what_it_was_but_for_what_moved_later(ledger, case):
    before, later, now, expected = CASES[case]
    changed(ledger, "k", 2, *before)
    if later is not None:
        changed(ledger, "k", 3, *later)
    if now is not None:
        known(ledger, "k", *now)
    known(ledger, "other", {"x": "1"})
    changed(ledger, "k", 3, {"x": "9"}, table="other")
    changed(ledger, "k", 1, {"x": "8"}, [OWN])
    assert written(ledger) == 4
    found = base(ledger)
    assert found.pop("other") == ({"x": "1"}, [OWN], 3)
    assert found == ({} if expected is None else {"k": (*expected, 4)})


def test_of_several_later_releases_the_first_counts(ledger):
    ledger.release(4, subject=OTHER)
    changed(ledger, "k", 2, {"x": "1", "y": "1"}, [OWN])
    changed(ledger, "k", 3, {"x": "2", "y": "1"}, [OWN])
    changed(ledger, "k", 4, {"x": "2", "y": "3"}, [OWN])
    known(ledger, "k", {"x": "2", "y": "4"})
    assert written(ledger) == 5
    assert base(ledger)["k"][0] == {"x": "1", "y": "4"}


def test_the_first_release_after_it_that_knew_nothing_of_the_row_is_none(ledger):
    changed(ledger, "k", 2, {"x": "1"}, [OWN])
    known(ledger, "k", {"x": "2"}, release=2)
    assert written(ledger) == 4
    assert base(ledger) == {"k": ({"x": "1"}, [OWN], 4)}


def test_a_row_that_was_renamed_is_known_by_its_old_key_again(ledger):
    changed(ledger, "new", 2, {"x": "1"}, [OWN], was="old")
    known(ledger, "new", {"x": "2"})
    written(ledger)
    assert base(ledger) == {"old": ({"x": "1"}, [OWN], 4)}
    assert ledger.rows("select key, was from maulstick.change where release = 4") == [("old", "new")]


CHANGES = {
    # key: (action of the rollback, more of it, what differs), (action, before, after, times) in the ledger
    "back": (
        ("insert", {}, {"local": {"x": "1"}, "times": {"t": "1"}}),
        ("insert", None, {"x": "1"}, {"t": "1"}),
    ),
    "back as decided": (
        ("insert", {"after": {"x": "2"}}, {"local": {"x": "1"}}),
        ("insert", None, {"x": "2"}, None),
    ),
    "restored": (
        ("update", {"before": {"x": "2"}, "after": {"x": "1"}}, {"local": {"x": "1", "y": "1"}}),
        ("update", {"x": "2"}, {"x": "1"}, None),
    ),
    "kept": (("kept", {"before": {"x": "9"}}, {"local": {"x": "1"}}), ("unchanged", None, None, None)),
    "removed": (("removed", {}, {"local": {"x": "1"}}), ("unchanged", None, None, None)),
    "untouched": (None, ("unchanged", None, None, None)),
}


def test_each_change_of_the_rollback_is_recorded_with_the_base_that_it_found(ledger):
    for key, (own, _) in CHANGES.items():
        changed(ledger, key, 2, {"x": "0"}, [OWN])
        known(ledger, key, {"now": key}, BOTH)
        row = {"table_name": "book", "key": key}
        if own is not None:
            action, more, differs = own
            ledger.fill(CHANGE, {**row, "action": action, **more})
            ledger.fill(DIFFERS, {**row, **differs})
    changed(ledger, "gone", 2, None, action="insert")
    known(ledger, "gone", {"now": "gone"}, BOTH)
    for key in ("gone", "unknown"):
        ledger.fill(DOOMED, {"table_name": "book", "key": key, "image": {"x": "3"}, "times": {"t": "4"}})
    written(ledger)
    columns = "key, action, before, after, times, base, subjects, was"
    asked = f"select {columns} from maulstick.change where release = 4"
    rows = {key: (rest[:4], rest[4:]) for key, *rest in ledger.rows(asked)}
    expected = {key: ([*told], [{"now": key}, BOTH, None]) for key, (_, told) in CHANGES.items()}
    expected["gone"] = ["delete", {"x": "3"}, None, {"t": "4"}], [{"now": "gone"}, BOTH, None]
    expected["unknown"] = ["delete", {"x": "3"}, None, {"t": "4"}], [None, [], None]
    assert rows == expected


def test_changes_of_rows_that_nobody_knows_are_recorded_too(ledger):
    changed(ledger, "new", 2, {"x": "1"}, was="old")
    changed(ledger, "other", 2, {"x": "1"}, was="older")
    ledger.fill(CHANGE, {"table_name": "book", "key": "new", "action": "update", "after": {"x": "1"}})
    ledger.fill(DIFFERS, {"table_name": "book", "key": "new", "local": {"x": "1"}})
    written(ledger)
    asked = "select key, action, base, subjects, was from maulstick.change where release = 4 order by key"
    assert ledger.rows(asked) == [
        ("old", "update", None, [], "new"),
        ("older", "unchanged", None, [], "other"),
    ]


def test_a_rollback_is_recorded_as_a_release_of_what_is_there_again(ledger):
    ledger.release(4, digest="fourth", operator="whoever")
    ledger.set(operator="somebody else")
    assert written(ledger) == 5
    asked = "select subject, digest, kind, of, operator, commit, target, as_of, shapes, plan, verified from"
    [row] = ledger.rows(f"{asked} maulstick.release where number = 5")
    told = (OWN, "first", "rollback", 2, "somebody else", "abc", "production", "", {"book": {}}, None, None)
    assert row == told


def test_where_the_subject_was_never_released_before_nothing_of_it_is_there(scratch):
    scratch.release(1, subject=OTHER, digest="theirs")
    scratch.release(2, digest="second")
    scratch.release(3, digest="third")
    assert written(scratch) == 4
    [(digest, operator)] = scratch.rows("select digest, operator from maulstick.release where number = 4")
    assert (digest, operator) == ("", "postgres")


def test_the_ledger_is_proven_to_be_our_own_while_it_is_written():
    assert own_ledger(is_written=True) in write_rollback(2)


def test_the_digest_is_that_of_the_release_right_before_it(scratch):
    scratch.release(1, digest="first")
    scratch.release(2, digest="between")
    scratch.release(3, digest="third")
    scratch.place.run(f"create temp table {UNDOING} as select * from maulstick.change where release = 3")
    scratch.place.run(write_rollback(3))
    assert scratch.rows("select digest from maulstick.release where number = 4") == [("between",)]


def test_each_row_has_the_base_that_its_own_later_release_found(ledger):
    for key, value in (("k", "2"), ("l", "5")):
        changed(ledger, key, 2, {"x": "1", "y": "1"}, [OWN])
        changed(ledger, key, 3, {"x": value, "y": "1"}, [OWN])
        known(ledger, key, {"x": value, "y": "9"})
    changed(ledger, "never again", 2, {"x": "1", "y": "1"}, [OWN])
    known(ledger, "never again", {"x": "7", "y": "7"}, release=2)
    written(ledger)
    assert {key: values for key, (values, *_) in base(ledger).items()} == {
        "k": {"x": "1", "y": "9"},
        "l": {"x": "1", "y": "9"},
        "never again": {"x": "1", "y": "1"},
    }


def test_subjects_are_known_once_and_a_base_without_columns_is_one(ledger):
    changed(ledger, "k", 2, {}, [OWN])
    changed(ledger, "k", 3, {"x": "1"}, [OWN])
    known(ledger, "k", {"x": "2"}, [OTHER, OTHER, OWN])
    written(ledger)
    assert base(ledger)["k"] == ({"x": "2"}, [OTHER, OWN], 4)


def test_what_was_decided_about_rows_of_no_change_is_not_recorded(ledger):
    for key in ("not compared", "not of the release"):
        ledger.fill(CHANGE, {"table_name": "book", "key": key, "action": "update", "after": {"x": "1"}})
    changed(ledger, "not compared", 2, {"x": "1"}, [OWN])
    ledger.fill(DIFFERS, {"table_name": "book", "key": "not of the release", "local": {"x": "1"}})
    written(ledger)
    assert ledger.rows("select key, action from maulstick.change where release = 4") == []
