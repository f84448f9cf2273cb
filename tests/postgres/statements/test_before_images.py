"""The rows that a rollback puts back: as they were, found by their keys, and what differs from them."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from maulstick.postgres.quoting import literal
from maulstick.postgres.sql.bundle_tables import changed_of
from maulstick.postgres.sql.rollback.before_images import differing, only_as_left, stage_before_images
from maulstick.postgres.sql.rollback.script import DROP, _take_changes
from maulstick.postgres.sql.temp_tables import DIFFERS, FOUND, PROBLEM, UNDOING, keys, stage
from maulstick.project.declarations import Table
from tests.databases.places import export

TABLES = """
create domain word as text not null; create domain words as word check (value <> '');
create domain kinds as int not null;
create table shelf (id bigserial primary key, slug text not null unique);
create table book (id bigserial primary key, isbn word not null unique, title words, price integer,
  shelf_id bigint references shelf, updated_at timestamp(0));
create table rating (book_id bigint not null references book, kind kinds, says words, stars int,
  primary key (book_id, kind));
create table note (id bigserial primary key, name text not null, deleted_at timestamp(0), n int);
create unique index on note (name) where deleted_at is null;
"""
ROWS = """
insert into shelf (id, slug) values (11, 's1'), (12, 's2'), (13, 'b1');
insert into book (id, isbn, title, price, shelf_id, updated_at) values
  (21, 'b1', 't', 2, 11, '2024-01-01'), (24, 'b4', 't', 4, null, null), (25, 'b5', 't', 5, null, null),
  (26, 'new', 't', 6, 11, null), (29, 'b9', 't', 9, null, null), (30, 's2', 't', 30, null, null),
  (31, 'b7', 't', 7, null, null), (32, 'x', 't', 1, null, null), (33, 'y', 't', 1, null, null);
insert into rating (book_id, kind, says, stars) values (21, 1, 'x', 4), (26, 1, 'x', 4);
"""
DECLARED = (
    Table("shelf", key="slug"),
    Table("book", key="isbn", via="shelf_id"),
    Table("rating", key=("book_id", "kind"), via="book_id"),
    Table("note", key="name", where="true"),
)
CHANGES = [
    # table, key, action, before, after, more
    ("book", "b1", "update", {"price": "1"}, {"price": "2"}),
    ("book", "b2", "delete", {"isbn": "b2", "title": "old", "price": None, "shelf_id": "s1"}, None),
    ("book", "b3", "insert", None, {"isbn": "b3", "title": "t"}),
    ("book", "b4", "update", {"shelf_id": "s2"}, {"shelf_id": None}),
    ("book", "b5", "update", {"shelf_id": "nowhere"}, {"shelf_id": None}),
    ("book", "b9", "unchanged", None, None),
    ("book", "new", "update", {"isbn": "old"}, {"isbn": "new"}, "old"),
    ("rating", '["b1","1"]', "update", {"stars": "3"}, {"stars": "4"}),
    ("rating", '["b1","2"]', "delete", {"book_id": "b1", "kind": "2", "says": "y", "stars": None}, None),
    ("rating", '["new","1"]', "update", {"book_id": "old"}, {"book_id": "new"}),
    ("rating", '["b1","9"]', "update", {"book_id": "b7"}, {"book_id": "b1"}),
    ("book", "away", "update", {"isbn": "past"}, {"isbn": "away"}, "past"),
    ("book", "x", "update", {"isbn": "y"}, {"isbn": "x"}, "y"),
    ("book", "y", "update", {"isbn": "x"}, {"isbn": "y"}, "x"),
    ("shelf", "gone", "insert", None, {"slug": "gone"}, "s2"),
    ("shelf", "b1", "insert", None, {"slug": "b1"}, "s9"),
]


@pytest.fixture
def specs(source, scratch):
    """The tables of the library on both sides, and what release 2 changed there."""
    source.run(TABLES)
    source.run("insert into shelf (slug) values ('s1')")
    found = export(source, *DECLARED, key="s1").manifest.specs
    scratch.place.run("set local search_path = public")
    scratch.place.run(TABLES + ROWS)
    scratch.place.run("set local search_path = pg_catalog, pg_temp")
    scratch.place.run(DROP)
    scratch.set(path="public, pg_temp")
    here = {"title": "public.words", "says": "public.words", "isbn": "public.word", "kind": "public.kinds"}
    return {
        label: replace(spec, types={column: here.get(column, type_) for column, type_ in spec.types.items()})
        for label, spec in found.items()
    }


def record(scratch, *changes, release=2):
    for table, key, action, before, after, *was in changes:
        row = {"release": release, "table_name": table, "key": key, "action": action, "subjects": []}
        scratch.fill("maulstick.change", {**row, "before": before, "after": after, "was": (*was, None)[0]})


def staged(scratch, specs, *tables):
    scratch.place.run(_take_changes(2))
    scratch.place.run("\n".join(stage_before_images(changed_of(specs, tables))))


def problems(scratch):
    return scratch.rows(f"select kind, table_name, key from {PROBLEM} order by 2, 3")


def test_rows_are_staged_as_they_were(scratch, specs):
    record(scratch, *CHANGES)
    record(scratch, ("book", "b1", "update", {"price": "7"}, {"price": "8"}), release=1)
    staged(scratch, specs, "book", "rating")
    columns = "maulstick_key, isbn, title, price, shelf_id"
    assert scratch.rows(f"select {columns} from {stage(specs['book'])} order by 1") == [
        ("away", "past", None, None, None),
        ("b1", None, None, 1, None),
        ("b2", "b2", "old", None, "s1"),
        ("b4", None, None, None, "s2"),
        ("b5", None, None, None, "nowhere"),
        ("new", "old", None, None, None),
        ("x", "y", None, None, None),
        ("y", "x", None, None, None),
    ]
    columns = "maulstick_key, book_id, kind, says, stars"
    assert scratch.rows(f"select {columns} from {stage(specs['rating'])} order by 1") == [
        ('["b1","1"]', "b1", 1, None, 3),
        ('["b1","2"]', "b1", 2, "y", None),
        ('["b1","9"]', "b7", 9, None, None),
        ('["new","1"]', "old", 1, None, None),
    ]
    asked = "select key, found, id from {} where {} order by 1, 3"
    assert scratch.rows(asked.format(keys(specs["book"]), '"row" is not null')) == [
        ("away", False, None),
        ("b1", True, 21),
        ("b2", False, None),
        ("b4", True, 24),
        ("b5", True, 25),
        ("new", True, 26),
        ("x", True, 32),
        ("y", True, 33),
    ]
    assert scratch.rows(asked.format(keys(specs["book"]), '"row" is null')) == [
        ("b7", True, 31),
        ("old", True, 26),
        ("x", True, 33),
        ("y", True, 32),
    ]
    assert scratch.rows(f"select key, found from {keys(specs['rating'])} order by 1") == [
        ('["b1","1"]', True),
        ('["b1","2"]', False),
        ('["b1","9"]', False),
        ('["new","1"]', True),
    ]
    assert scratch.rows(asked.format(keys(specs["shelf"]), "true")) == [("s1", True, 11), ("s2", True, 12)]
    assert problems(scratch) == [("missing", "shelf", "nowhere")]
    types = [(column, "text") for column in ("isbn", "title")]
    assert staged_types(scratch, specs["book"]) == types
    assert staged_types(scratch, specs["rating"]) == [("kind", "kinds"), ("says", "text")]


def staged_types(scratch, spec):
    asked = f"""select attname::text, atttypid::regtype::text from pg_attribute
      where attrelid = {literal(stage(spec))}::regclass and attname in ('isbn', 'title', 'kind', 'says')"""
    return [(column, type_.removeprefix("public.")) for column, type_ in sorted(scratch.rows(asked))]


def test_rows_that_the_person_leaves_out_stay(scratch, specs):
    record(scratch, *CHANGES)
    left = [("book", "b1"), ("rating", "b2"), ("book", '["b1","1"]')]
    scratch.set(left_out=json.dumps([{"table_name": table, "key": key} for table, key in left]))
    scratch.place.run(_take_changes(2))
    found = scratch.rows(f"select table_name, key from {UNDOING}")
    assert sorted(found) == sorted((table, key) for table, key, *_ in CHANGES if (table, key) not in left)


def test_what_differs_is_what_the_release_changed(scratch, specs):
    record(scratch, *CHANGES)
    record(scratch, ("shelf", "b4", "update", {"slug": "x"}, {"slug": "b4"}))
    staged(scratch, specs, "book", "rating")
    for label in ("book", "rating"):
        scratch.place.run(differing(specs[label], specs))
    columns = "key, local, production, base, times"
    rows = scratch.rows(f"select table_name, {columns} from {DIFFERS} order by 1, 2")
    times = {"updated_at": None}
    assert rows == [
        ("book", "away", {"isbn": "past"}, None, {"isbn": "away"}, None),
        ("book", "b1", {"price": "1"}, {"price": "2"}, {"price": "2"}, {"updated_at": "2024-01-01 00:00:00"}),
        ("book", "b2", CHANGES[1][3], None, None, None),
        ("book", "b4", {"shelf_id": "s2"}, {"shelf_id": None}, {"shelf_id": None}, times),
        ("book", "b5", {"shelf_id": "nowhere"}, {"shelf_id": None}, {"shelf_id": None}, times),
        ("book", "new", {"isbn": "old"}, {"isbn": "new"}, {"isbn": "new"}, times),
        ("book", "x", {"isbn": "y"}, {"isbn": "x"}, {"isbn": "x"}, times),
        ("book", "y", {"isbn": "x"}, {"isbn": "y"}, {"isbn": "y"}, times),
        ("rating", '["b1","1"]', {"stars": "3"}, {"stars": "4"}, {"stars": "4"}, {}),
        ("rating", '["b1","2"]', CHANGES[8][3], None, None, None),
        ("rating", '["b1","9"]', {"book_id": "b7"}, None, {"book_id": "b1"}, None),
        ("rating", '["new","1"]', {"book_id": "old"}, {"book_id": "new"}, {"book_id": "new"}, {}),
    ]


NOTES = """
insert into public.note (id, name, deleted_at, n) values
  (1, 'deleted', '2020-01-01', 1), (2, 'deleted', '2024-01-01', 2), (3, 'deleted', '2022-01-01', 3),
  (4, 'twice', '2020-01-01', 4), (5, 'twice', '2020-01-01', 5),
  (6, 'edited', '2020-01-01', 6), (7, 'edited', '2021-01-01', 7),
  (8, 'plain', null, 8);
insert into public.shelf (id, slug) values (1, 'deleted')
"""


def test_of_rows_that_were_deleted_softly_the_one_as_the_release_left_it_is_meant(scratch, specs):
    scratch.place.run(NOTES)
    at = {"deleted_at": "2024-01-01 00:00:00"}
    record(
        scratch,
        ("note", "deleted", "update", {"deleted_at": None}, at),
        ("note", "twice", "update", {"n": "1"}, {"n": "2"}),
        ("note", "edited", "update", {"deleted_at": None}, at),
        ("note", "plain", "update", {"n": "1"}, {"n": "8"}),
        ("shelf", "edited", "update", {"n": "1"}, {"n": "8"}),
    )
    staged(scratch, specs, "note")
    asked = f"select key, found, id from {keys(specs['note'])} order by 1, 3"
    assert scratch.rows(asked) == [
        ("deleted", True, 2),
        ("edited", True, 6),
        ("edited", True, 7),
        ("plain", True, 8),
        ("twice", False, None),
    ]


def test_only_rows_of_the_table_are_forgotten(scratch, specs):
    scratch.place.run(NOTES)
    record(
        scratch, ("note", "deleted", "update", {"deleted_at": None}, {"deleted_at": "2024-01-01 00:00:00"})
    )
    staged(scratch, specs)
    for table, key, place in (
        *(("note", "deleted", f"(0,{n})") for n in (1, 2, 3)),
        ("note", "twice", "(0,4)"),
        ("shelf", "deleted", "(0,4)"),
        ("shelf", "note", "(0,2)"),
    ):
        scratch.place.run(
            f"insert into {FOUND} select %s, %s, %s::regclass, %s::tid", table, key, f"public.{table}", place
        )
    scratch.place.run(only_as_left(specs["note"]) or "select 1")
    assert scratch.rows(f"select table_name, key, c::text from {FOUND} order by 1, 2") == [
        ("note", "deleted", "(0,2)"),
        ("note", "twice", "(0,4)"),
        ("shelf", "deleted", "(0,4)"),
        ("shelf", "note", "(0,2)"),
    ]
    assert only_as_left(specs["book"]) == ""


def test_what_another_rollback_in_the_transaction_made_is_dropped_and_nothing_else(scratch):
    scratch.place.run(
        "create temp table maulstick_own (a int); create temp table maulstickx (a int);"
        "create temp table site_own (a int); create table public.maulstick_there (a int);"
        "create index maulstick_index on pg_temp.site_own (a)"
    )
    scratch.place.run(DROP)
    names = ("maulstick_own", "maulstick_change", "maulstickx", "site_own", "maulstick_index")
    asked = ", ".join(f"to_regclass('pg_temp.{name}') is not null" for name in names)
    assert scratch.rows(f"select {asked}, to_regclass('public.maulstick_there') is not null") == [
        (False, False, True, True, True, True)
    ]
