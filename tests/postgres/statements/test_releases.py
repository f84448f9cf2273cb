"""Which releases are listed, and what is told of each."""

from __future__ import annotations

import pytest

from maulstick.postgres.sql_files import sql_file

NOBODY = {"number": None, "first": None, "since": None, "subjects": None, "limit": None}


def listed(scratch, **wanted):
    asked = scratch.place.connection.execute(sql_file("releases").encode(), {**NOBODY, **wanted})
    names = [column.name for column in asked.description or ()]
    return [dict(zip(names, row, strict=True)) for row in asked.fetchall()]


@pytest.fixture
def ledger(scratch):
    scratch.release(1, commit="0123456789abcdef", plan="p")
    scratch.release(2, subject="author Emily", verified=True, finished="2024-01-03 00:00:00+02")
    scratch.release(3, verified=False, finished="2024-01-04 00:00:00Z", commit=None)
    scratch.release(4, kind="rollback", of=3, verified=True, finished="2024-01-05 00:00:00Z")
    actions = ("insert", "update", "delete", "kept", "left", "unchanged")
    for number, count in ((1, 6), (3, 2)):
        for action in actions[:count]:
            row = {"release": number, "table_name": "book", "key": action, "action": action, "subjects": []}
            scratch.fill("maulstick.change", row)
    return scratch


def test_each_release_is_told_newest_first(ledger):
    found = listed(ledger)
    names = ("number", "kind", "of", "rows", "proof", "commit")
    assert [tuple(one[name] for name in names) for one in found] == [
        (4, "rollback", 3, 0, "-", "abc"),
        (3, "release", None, 2, "wrong", None),
        (2, "release", None, 0, "verified", "abc"),
        (1, "release", None, 3, "not verified", "0123456"),
    ]
    assert (found[3]["whole_commit"], found[3]["plan"]) == ("0123456789abcdef", "p")
    assert (found[2]["at"], found[2]["started"]) == ("2024-01-02 22:00:00", "2024-01-02 03:04:05")
    assert {one["who"] for one in found} == {None}


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        ({"number": 2}, [2]),
        ({"first": 2}, [4, 3, 2]),
        ({"since": "2024-01-04 00:00:00Z"}, [4, 3]),
        ({"subjects": ["author Emily"]}, [2]),
        ({"subjects": ["author Emily", "shelf poetry"], "limit": 3}, [4, 3, 2]),
        ({"limit": 1}, [4]),
        ({"number": 2, "first": 3}, []),
        ({"subjects": ["shelf poetry"], "first": 2, "since": "2024-01-05 00:00:00Z"}, [4]),
    ],
)
def test_releases_are_picked_by_all_that_is_asked(ledger, wanted, numbers):
    assert [one["number"] for one in listed(ledger, **wanted)] == numbers


def test_each_release_is_told_with_who_made_it_where_that_was_recorded(ledger):
    ledger.place.run("alter table maulstick.release add who jsonb")
    ledger.place.run("""update maulstick.release set who = '{"host": "h"}' where number = 2""")
    assert [one["who"] for one in listed(ledger)] == [None, None, {"host": "h"}, None]
