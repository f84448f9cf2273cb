"""Columns that do not travel: noted of new rows, and restored in rows that return."""

from __future__ import annotations

from dataclasses import replace

import pytest

from maulstick.postgres.sql.columns.unreleased_columns import remember_unreleased, restore_unreleased
from maulstick.postgres.sql.temp_tables import CHANGE, DIFFERS, UNDOING, keys, ready
from tests.postgres.statements.test_decided import SPEC

BOOK = replace(SPEC, columns=("isbn", "title"), key=("isbn",), types={"id": "bigint"})
TABLE = """
create table public.book (id bigint, isbn text, title text, note text default 'none', n int default 1,
  twice int generated always as (n * 2) stored);
"""


@pytest.fixture
def books(scratch):
    """A table with columns that do not travel, and a function that puts rows into it and the release."""
    scratch.place.run(
        f'{TABLE} create temp table {keys(BOOK)} ("row" tid, key text, found boolean, id bigint);'
        f"create temp table {ready(BOOK)} (maulstick_row tid);"
        f"create temp table {UNDOING} (like maulstick.change)"
    )
    scratch.set(path="public, pg_temp")

    def add(key, *, found=False, is_written=True, note="here"):
        [(n,)] = scratch.rows("select count(*) + 1 from public.book")
        place = f"(0,{n})"
        scratch.place.run("insert into public.book (id, isbn, note) values (%s, %s, %s)", n, key, note)
        scratch.fill(keys(BOOK), {"row": place, "key": key, "found": found, "id": n})
        if is_written:
            scratch.fill(ready(BOOK), {"maulstick_row": place})
        for table in ("book", "other"):
            scratch.fill(DIFFERS, {"table_name": table, "key": key, "row": place, "times": {"as": "before"}})

    return scratch, add


def remembered(scratch, spec=BOOK):
    assert scratch.run(remember_unreleased(spec)) == ""
    rows = scratch.rows(f"select table_name, key, times from {DIFFERS} order by 2")
    assert {str(times) for table, _, times in rows if table == "other"} <= {"{'as': 'before'}"}
    return {key: times for table, key, times in rows if table == "book"}


def changed(scratch, action, table="book"):
    scratch.fill(CHANGE, {"table_name": table, "key": "x", "action": action})


def test_what_a_new_row_holds_beside_what_was_written_is_noted(books):
    scratch, add = books
    add("new", note="made")
    add("also", note=None)
    add("there", found=True)
    add("not written", is_written=False)
    changed(scratch, "insert")
    before = {"as": "before"}
    assert remembered(scratch) == {
        "new": {"n": "1", "note": "made"},
        "also": {"n": "1", "note": None},
        "there": before,
        "not written": before,
    }


@pytest.mark.parametrize("change", [("update", "book"), ("insert", "other"), None])
def test_nothing_is_noted_where_no_row_is_new(books, change):
    scratch, add = books
    add("new")
    if change:
        changed(scratch, *change)
    assert remembered(scratch) == {"new": {"as": "before"}}


def test_nothing_is_noted_where_every_column_travels(books):
    scratch, add = books
    add("new")
    changed(scratch, "insert")
    assert remembered(scratch, replace(BOOK, columns=("isbn", "title", "note", "n"))) == {
        "new": {"as": "before"}
    }


def undoing(scratch, key, times, action="delete", table="book"):
    row = {"release": 2, "table_name": table, "key": key, "action": action, "subjects": [], "times": times}
    scratch.fill(UNDOING, row)


def restored(scratch):
    assert scratch.run(restore_unreleased(BOOK, f"{UNDOING} as c")) == ""
    [(is_asked,)] = scratch.rows("select to_regclass('pg_temp.maulstick_back_book') is not null")
    rows = scratch.rows("select isbn, title, note, n from public.book order by id")
    return is_asked, {isbn: rest for isbn, *rest in rows}


def test_a_row_that_returns_gets_back_what_it_held(books):
    scratch, add = books
    for key in ("whole", "note alone", "n alone", "changed", "new"):
        add(key)
    add("not written", is_written=False)
    undoing(scratch, "whole", {"note": None, "n": "5", "title": "no", "id": "9", "gone": "x", "twice": "4"})
    undoing(scratch, "note alone", {"note": "back"})
    undoing(scratch, "n alone", {"n": "7"})
    undoing(scratch, "n alone", {"note": "of another"}, table="other")
    undoing(scratch, "changed", {"note": "no"}, action="update")
    undoing(scratch, "not written", {"note": "no"})
    assert restored(scratch) == (
        True,
        {
            "whole": [None, None, 5],
            "note alone": [None, "back", 1],
            "n alone": [None, "here", 7],
            "changed": [None, "here", 1],
            "new": [None, "here", 1],
            "not written": [None, "here", 1],
        },
    )


@pytest.mark.parametrize(
    ("times", "action", "table"),
    [
        ({"note": "x"}, "update", "book"),
        ({"note": "x"}, "delete", "other"),
        ({"gone": "x"}, "delete", "book"),
        (None, "delete", "book"),
    ],
)
def test_no_row_is_written_for_what_no_row_lost(books, times, action, table):
    scratch, add = books
    add("k")
    undoing(scratch, "k", times, action, table)
    assert restored(scratch) == (False, {"k": [None, "here", 1]})
