"""Which base of a row is newer: the ledger's own, or the one that a bundle brings."""

from __future__ import annotations

import json

import pytest

from maulstick.postgres.sql.bases import newer_bases, stage_bases, write_stamps
from maulstick.postgres.sql.temp_tables import KNOWN, RESULT

STAMP = "1 1704164645.000000"
"""Release 1, and when it began."""
OWN, OTHER = "shelf poetry", "author Emily"


def brought(key, stamp=STAMP, target="production", values=None, subjects=(OWN,), table="book"):
    row = {"target": target, "table_name": table, "key": key, "stamp": stamp, "subjects": [*subjects]}
    return {**row, "values": values or {"x": "new"}}


def known(scratch, key, values=None, subjects=(OTHER,)):
    row = {"table_name": "book", "key": key, "values": values or {"x": "old"}, "subjects": [*subjects]}
    scratch.fill(KNOWN, row)


def moved(scratch, key, release=1, table="book"):
    """Let the ledger say which release has moved a row's base."""
    row = {"table_name": table, "key": key, "subjects": [OWN], "release": release}
    scratch.fill("maulstick.base_row", row)


@pytest.fixture
def bases(scratch):
    """Two releases, and a function that brings bases along and tells what is known then."""
    scratch.release(1)
    scratch.release(2, started="2024-01-02 03:04:06Z")

    def ask(*rows, pulled_from=""):
        scratch.place.run(stage_bases(json.dumps(rows)))
        scratch.place.run(newer_bases(pulled_from))
        found = scratch.rows(f"select key, values, subjects from {KNOWN} order by 1, 2")
        return {key: (values, subjects) for key, values, subjects in found}

    return ask


OLD, NEW, BOTH = ({"x": "old"}, [OTHER]), ({"x": "new"}, [OWN]), ({"x": "new"}, [OTHER, OWN])


@pytest.mark.parametrize(
    ("row", "by", "expected"),
    [
        (brought("k"), 1, BOTH),
        (brought("k", subjects=[OTHER, OWN]), 1, BOTH),
        (brought("k", values={"y": "2"}), 1, ({"x": "old", "y": "2"}, [OTHER, OWN])),
        (brought("k"), 2, OLD),
        (brought("k", stamp="1 1704164646.000000"), 1, OLD),
        (brought("k"), None, OLD),
        (brought("k", stamp=None), None, BOTH),
        (brought("k", stamp=None), 1, OLD),
        (brought("k", target="staging"), 1, OLD),
        (brought("other"), 1, OLD),
    ],
)
def test_what_was_pulled_since_the_ledger_moved_is_newer(scratch, bases, row, by, expected):
    known(scratch, "k")
    moved(scratch, "k", 2, table="author")
    if by is not None:
        moved(scratch, "k", by)
    assert bases(row)["k"] == expected


def test_only_the_row_that_was_pulled_is_newer(scratch, bases):
    known(scratch, "k")
    known(scratch, "l")
    assert bases(brought("k", stamp=None)) == {"k": BOTH, "l": OLD}


def test_a_row_that_was_pulled_keeps_no_other(scratch, bases):
    known(scratch, "k")
    known(scratch, "l")
    pulled(scratch, "k")
    assert bases(brought("k"), brought("l"), pulled_from="production") == {"k": OLD, "l": NEW}


def test_a_row_that_the_ledger_does_not_know_is_known_by_what_was_pulled(scratch, bases):
    known(scratch, "k")
    assert bases(brought("new", stamp=None), brought("k", stamp=None)) == {"k": BOTH, "new": NEW}


def test_the_run_and_the_ledger_both_say_which_target_it_is(scratch, bases):
    rows = brought("a", stamp=None), brought("b", stamp=None, target="staging")
    scratch.set(target="staging")
    assert bases(*rows) == {}
    scratch.place.run("update maulstick.ledger set target = null; drop table pg_temp.maulstick_brought")
    assert bases(*rows) == {"b": NEW}
    scratch.place.run(f"drop table pg_temp.maulstick_brought; truncate {KNOWN}")
    scratch.set(target="")
    assert bases(*rows) == {"a": NEW, "b": NEW}


def test_without_a_ledger_only_what_no_release_has_moved_is_taken(scratch, bases):
    scratch.place.run("drop schema maulstick cascade")
    assert bases(brought("a", stamp=None), brought("b")) == {"a": NEW}


def pulled(scratch, key, stamp=STAMP, target="production", table="book"):
    scratch.place.run(
        "create table if not exists maulstick.pulled (target text not null, table_name text not null,"
        " key text not null, stamp text, primary key (table_name, key))"
    )
    scratch.fill("maulstick.pulled", {"target": target, "table_name": table, "key": key, "stamp": stamp})


@pytest.mark.parametrize(
    ("before", "row", "expected"),
    [
        ({}, brought("k"), OLD),
        ({"stamp": None}, brought("k", stamp=None), OLD),
        ({"stamp": None}, brought("other"), OLD),
        ({"stamp": "0 1.0"}, brought("k"), NEW),
        ({"stamp": None}, brought("k"), NEW),
        ({"target": "staging"}, brought("k"), NEW),
        ({"table": "author"}, brought("k"), NEW),
        ({}, brought("other"), None),
    ],
)
def test_what_was_pulled_before_is_kept_until_its_ledger_moves_it(scratch, bases, before, row, expected):
    known(scratch, "k")
    pulled(scratch, "another")
    pulled(scratch, "k", **before)
    assert bases(row, pulled_from="production").get("k") == expected


def test_a_first_pull_knows_what_it_brings_alone(scratch, bases):
    known(scratch, "k")
    assert bases(brought("new"), pulled_from="production") == {"new": NEW}


def test_each_pulled_row_gets_the_stamp_that_it_had_there(scratch, bases):
    pulled(scratch, "again", stamp="0 1.0", target="staging")
    for number, key, action in (
        (2, "again", "update"),
        (2, "new", "insert"),
        (2, "unstamped", "kept"),
        (2, "gone", "delete"),
        (1, "before", "insert"),
    ):
        row = {"release": number, "table_name": "book", "key": key, "action": action, "subjects": []}
        scratch.fill("maulstick.change", row)
    rows = brought("again"), brought("new"), brought("gone"), brought("new", table="author", stamp="x")
    bases(*rows, pulled_from="production")
    scratch.place.run(write_stamps("production"))
    asked = "select key, target, stamp from maulstick.pulled order by 1"
    assert scratch.rows(asked) == [("again", "staging", "0 1.0")]
    scratch.fill(RESULT, {"number": 2})
    scratch.place.run(write_stamps("production"))
    assert scratch.rows(asked) == [
        ("again", "production", STAMP),
        ("new", "production", STAMP),
        ("unstamped", "production", None),
    ]


def test_a_first_pull_makes_the_table_of_its_stamps(scratch, bases):
    row = {"release": 2, "table_name": "book", "key": "k", "action": "insert", "subjects": []}
    scratch.fill("maulstick.change", row)
    bases(brought("k"), pulled_from="production")
    scratch.fill(RESULT, {"number": 2})
    scratch.place.run(write_stamps("production"))
    assert scratch.rows("select key, target, stamp from maulstick.pulled") == [("k", "production", STAMP)]
