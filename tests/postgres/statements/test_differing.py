"""Which rows differ from production or from what was last released, and which of these are gone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from maulstick.postgres.sql.bundle_tables import BundleTables
from maulstick.postgres.sql.diff import constant_defaults, differing, edited, gone
from maulstick.postgres.sql.temp_tables import CHANGE, DEFAULTS, DIFFERS, FOUND, KNOWN, RENAMES, keys, stage
from maulstick.postgres.tables.specs import Pointing, Reference
from tests.postgres.statements.conftest import by_key
from tests.postgres.statements.test_decided import SPEC

OWN, OTHER = "shelf poetry", "author Emily"
BOOK = replace(
    SPEC,
    columns=("key", "a", "b"),
    types={"key": "text", "a": "text", "b": "text"},
    theirs=("b",),
    times={"updated_at": "timestamp without time zone"},
)
SHELF = replace(SPEC, name="shelf", key=("code",), columns=("code",), types={"code": "numeric"})
ROOM = replace(SHELF, name="room", types={"code": "text"})
TABLES = """
create table public.shelf (id bigint primary key, code numeric unique);
create table public.room (id bigint primary key, code text unique);
create table public.book (id bigint primary key, key text, a text, b text, updated_at timestamp,
  room_id bigint, shelf_id bigint);
"""
TIME = "2024-01-02 03:04:05"


@pytest.fixture
def books(scratch):
    """Production's tables, and those of staged rows and their keys."""
    scratch.place.run(TABLES)
    return scratch


def staged(scratch, spec, *rows):
    """Stage rows, each with its key, whether production has it, and its id there."""
    columns = ", ".join(f"{column} text" for column in spec.columns)
    scratch.place.run(f"create temp table {stage(spec)} ({columns}, maulstick_matched boolean)")
    scratch.place.run(f'create temp table {keys(spec)} ("row" tid, key text, found boolean, id bigint)')
    for n, (key, found, id_, values) in enumerate(rows, 1):
        scratch.fill(stage(spec), values)
        scratch.fill(keys(spec), {"row": f"(0,{n})", "key": key, "found": found, "id": id_})


def there(scratch, id_, key, a, b="x", **more):
    row = {"id": id_, "key": key, "a": a, "b": b, "updated_at": TIME}
    scratch.fill("public.book", {**row, **more})


def known(scratch, key, a="1", subjects=(OWN,), table="book", **more):
    row = {"key": key, "a": a, **more}
    scratch.fill(KNOWN, {"table_name": table, "key": key, "values": row, "subjects": [*subjects]})


def local(key, a="1", **more):
    return {"key": key, "a": a, **more}


def test_a_row_is_compared_with_production_and_with_what_was_last_released(books):
    """A row is left out only if production, base and subject all say the same."""
    same = ("same", "wider", "theirs differ", "matched", "both")
    found = (*same, "changed", "unknown", "of another", "of several", "edited alike", "lost base", "new name")
    for id_, key in enumerate(found, 1):
        there(books, id_, "old name" if key == "new name" else key, "0" if key == "changed" else "1")
        if key not in ("unknown", "of another", "of several", "edited alike", "lost base", "new name"):
            known(books, key)
    books.place.run(f"delete from {KNOWN} where key in ('wider', 'both')")
    known(books, "wider", z="9")
    known(books, "both", subjects=(OTHER, OWN))
    known(books, "of another", subjects=(OTHER,))
    known(books, "of several", subjects=("other", OTHER))
    known(books, "edited alike", a="0")
    known(books, "removed")
    known(books, "new", table="other")
    known(books, "new name", a="7", subjects=(OTHER,))
    known(books, "old name", a="8")
    books.fill(KNOWN, {"table_name": "book", "key": "lost base", "subjects": [OWN]})
    books.fill(
        RENAMES,
        {"table_name": "other", "old": "stranger", "new": "unknown"},
        {"table_name": "book", "old": "old name", "new": "new name"},
    )
    absent = [("new", False, 91), ("removed", False, 92)]
    rows = [*((key, True, id_) for id_, key in enumerate(found, 1)), *absent]
    differ = {"matched": {"maulstick_matched": True, "a": "5"}, "theirs differ": {"b": "z"}}
    staged(
        books,
        BOOK,
        *((key, is_found, id_, {**local(key, b="y"), **differ.get(key, {})}) for key, is_found, id_ in rows),
    )
    books.place.run(differing(BOOK, {"book": BOOK}, OWN))
    columns = 'key, local, production, base, subjects, was, times, table_name, "row"::text'
    told = by_key(books.rows(f"select {columns} from {DIFFERS}"))
    places = {key: f"(0,{n})" for n, (key, *_) in enumerate(rows, 1)}
    assert {key: row[-2:] for key, row in told.items()} == {key: ("book", places[key]) for key in told}
    times = {"updated_at": TIME}
    assert {key: row[:-2] for key, row in told.items()} == {
        "changed": (local("changed"), local("changed", "0"), local("changed"), [OWN], None, times),
        "unknown": (local("unknown"), local("unknown"), None, [], None, times),
        "of another": (*[local("of another")] * 3, [OTHER], None, times),
        "of several": (*[local("of several")] * 3, ["other", OTHER], None, times),
        "edited alike": (*[local("edited alike")] * 2, local("edited alike", "0"), [OWN], None, times),
        "lost base": (*[local("lost base")] * 2, None, [OWN], None, times),
        "new name": (
            local("new name"),
            local("old name"),
            local("old name", "8"),
            [OWN],
            "old name",
            times,
        ),
        "new": (local("new", b="y"), None, None, [], None, None),
        "removed": (local("removed"), None, local("removed"), [OWN], None, None),
    }


LINKED = replace(
    BOOK,
    columns=("key", "room_id", "shelf_id"),
    types={"key": "text", "room_id": "bigint", "shelf_id": "bigint"},
    references={"room_id": Reference("room"), "shelf_id": Reference("shelf")},
    theirs=(),
    times={},
)
SPELT = {
    # key: (shelf there, shelf here, as released), what production is taken to say, None if it is the same
    "spelt otherwise": ((1, "1.00", "1.00"), None),
    "unknown": ((1, "1.00", "unknown"), "1.00"),
    "spelt otherwise since": ((1, "1.00", "1.0"), "1.0"),
    "on another": ((1, "2.00", "2.00"), "1.0"),
    "on a new one": ((1, "3.00", "3.00"), "1.0"),
    "on none here": ((1, None, None), "1.0"),
    "on none there": ((None, "1.00", "1.00"), None),
}


def test_a_reference_to_the_same_row_is_equal_however_its_key_is_spelt(books):
    books.place.run("insert into public.shelf values (1, 1.0), (2, 2.0), (9, 9)")
    shelves = [("1.00", True, 1), ("2.00", True, 2), ("3.00", False, 7)]
    staged(books, SHELF, *((*shelf, {"code": shelf[0]}) for shelf in shelves))
    staged(books, ROOM)
    specs = {"shelf": SHELF, "room": ROOM, "book": LINKED}
    rows = []
    for id_, (key, ((shelf, here, released), _)) in enumerate(SPELT.items(), 1):
        books.fill("public.book", {"id": id_, "key": key, "shelf_id": shelf})
        values = {"key": key, "shelf_id": here}
        if released != "unknown":
            base = {"key": key, "room_id": None, "shelf_id": released}
            books.fill(KNOWN, {"table_name": "book", "key": key, "values": base, "subjects": [OWN]})
        rows.append((key, True, id_, values))
    staged(books, LINKED, *rows)
    books.place.run(differing(LINKED, specs, OWN))
    told = by_key(books.rows(f"select key, production ->> 'shelf_id' from {DIFFERS}"))
    expected = {key: says for key, (_, says) in SPELT.items() if says is not None}
    assert told == {**expected, "on none there": None}


GONE = {
    # key: (subjects, where it is), what becomes of it
    "gone": ([OWN], "there", "gone"),
    "left": ([OTHER, OWN], "there", "left"),
    "left first": ([OWN, OTHER], "there", "left"),
    "of another": ([OTHER], "there", None),
    "deleted": ([OWN], "nowhere", None),
    "left and deleted": ([OWN, OTHER], "nowhere", None),
    "here": ([OWN], "staged", None),
    "left out": ([OWN], "left out", None),
    "renamed": ([OWN], "renamed", None),
}


@pytest.fixture
def emptied(books):
    """Base of a few rows, of which a bundle brings one, leaves one out and renames one."""
    staged(
        books, BOOK, *((key, True, 1, local(key)) for key, (_, where, _) in GONE.items() if where == "staged")
    )
    staged(books, ROOM)
    for id_, (key, (subjects, where, _)) in enumerate(GONE.items(), 1):
        known(books, key, subjects=subjects)
        if where != "nowhere":
            there(books, id_, key, "1")
    known(books, "gone", table="other")
    known(books, "gone", table="room", subjects=(OTHER,))
    books.set(without='[{"table_name": "book", "key": "left out"}, {"table_name": "other", "key": "gone"}]')
    books.fill(
        RENAMES,
        {"table_name": "book", "old": "renamed", "new": "new"},
        {"table_name": "room", "old": "gone", "new": "new"},
    )
    books.fill(CHANGE, {"table_name": "book", "key": "here", "row": "(0,1)", "action": "update"})
    return books


ALL = BundleTables({"book": BOOK, "room": ROOM}, {"book": BOOK, "room": ROOM}, {"book": BOOK})


def test_what_was_released_and_is_not_in_the_bundle_is_gone_or_left_its_slice(emptied):
    emptied.place.run(gone(OWN, ALL))
    told = emptied.rows(f'select table_name, key, action, "row"::text from {CHANGE} order by key')
    expected = [("book", key, action, None) for key, (*_, action) in GONE.items() if action]
    assert told == sorted([*expected, ("book", "here", "update", "(0,1)")], key=lambda row: row[1])
    assert {key for (key,) in emptied.rows(f"select key from {FOUND}")} == {"gone", "left", "left first"}


def test_only_tables_that_travel_have_rows_that_are_gone(emptied):
    emptied.place.run("insert into public.room values (1, 'r')")
    known(emptied, "r", table="room")
    there(emptied, 99, "r", "1")
    matched = replace(ROOM, travels=False)
    specs = {"book": BOOK, "room": matched}
    emptied.place.run(gone(OWN, BundleTables(specs, specs, {"book": BOOK})))
    assert emptied.rows(f"select from {CHANGE} where table_name = 'room'") == []
    emptied.place.run(gone(OWN, ALL))
    assert emptied.rows(f"select key, action from {CHANGE} where table_name = 'room'") == [("r", "gone")]
    assert emptied.rows(f"select table_name from {FOUND} where key = 'r'") == [("room",)]


def test_what_was_edited_in_a_row_that_is_gone_is_told(books):
    """Of a row that only left its slice nothing is told."""
    for id_, key in enumerate(("same", "edited", "emptied", "filled", "left", "unknown"), 1):
        there(books, id_, key, None if key == "emptied" else "2" if key in ("edited", "left") else "1")
        if key != "unknown":
            known(books, key, a=None if key == "filled" else "1", z="9")
        known(books, key, a="7", table="other")
        action = "left" if key == "left" else "gone"
        books.fill(CHANGE, {"table_name": "book", "key": key, "action": action})
        books.fill(CHANGE, {"table_name": "other", "key": key, "action": "gone"})
        books.place.run(
            f"insert into {FOUND} select 'book', '{key}', tableoid, ctid from public.book where id = {id_}"
        )
    books.place.run("insert into public.book (id, key, a) values (99, 'else', '9')")
    books.place.run(
        f"insert into {FOUND} select 'other', 'edited', tableoid, ctid from public.book where id = 99"
    )
    books.place.run(edited(BOOK, {"book": BOOK}))

    def cell(base, now):
        return {"a": {"action": "gone", "base": base, "production": now}}

    asked = "select key, columns from {} where table_name = '{}' and columns is not null order by 1"
    assert books.rows(asked.format(CHANGE, "book")) == [
        ("edited", cell("1", "2")),
        ("emptied", cell("1", None)),
        ("filled", cell(None, "1")),
    ]
    assert books.rows(asked.format(CHANGE, "other")) == []


def test_where_no_row_of_a_table_is_gone_it_is_not_read(books):
    """Who may not read it has nothing to ask of it."""
    books.fill(CHANGE, {"table_name": "other", "key": "k", "action": "gone"})
    books.fill(CHANGE, {"table_name": "book", "key": "k", "action": "left"})
    books.place.run("drop table public.book")
    assert books.run(edited(BOOK, {"book": BOOK})) == ""


def test_constant_defaults_are_read_as_the_text_of_their_values(books):
    books.place.run(
        "create table public.page (a text default 'x', b numeric(5,2) default 1.5, c bigint[] default '{}',"
        " d bigint default length('x'), e text, f date default '2024-01-02', g text default '{}',"
        " h bigint default 7, i bigint[] default '{1}');"
        "create table public.away (h bigint, a text, e text default 'away', b numeric default 9)"
    )
    page = replace(
        SPEC,
        name="page",
        columns=("a", "b", "c", "d", "e", "f", "g", "i"),
        pointers=(
            Pointing("c", "book", is_array=True),
            Pointing("g", "book"),
            Pointing("i", "book", is_array=True),
        ),
    )
    books.fill(DEFAULTS, {"table_name": "other", "column_name": "c", "value": "{}"})
    books.place.run(constant_defaults(page))
    rows = books.rows(f"select table_name, column_name, value from {DEFAULTS} order by 1 desc, 2")
    assert rows == [
        ("page", "a", "x"),
        ("page", "b", "1.50"),
        ("page", "c", "[]"),
        ("page", "f", "2024-01-02"),
        ("page", "g", "{}"),
        ("page", "i", "{1}"),
        ("other", "c", "{}"),
    ]
