"""Which row of production each staged row is: by its key, by a rename, and in a tree by its way down."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from maulstick.postgres.sql.identity.keys import (
    followed,
    key_map,
    may_be_spelt_apart,
    odd_keys,
    old_keys,
    other_equality,
    read_renames,
    renamed,
)
from maulstick.postgres.sql.identity.lookup import look_up
from maulstick.postgres.sql.temp_tables import RENAMES, keys
from maulstick.postgres.tables.specs import Link, Reference, TableSpec
from maulstick.project.declarations import Pointer, Table

TABLES = """
create table room (id bigserial primary key, name text not null unique, note text);
create table seat (id bigserial primary key, room_id bigint references room, n int, kind text unique);
create table ticket (seat_id bigint references seat, day date, price int, primary key (seat_id, day));
"""
THERE = """
insert into room (id, name) values (11, 'hall'), (12, 'attic'), (13, 'yard');
insert into seat (id, room_id, n) values (21, 11, 1), (22, 11, null), (23, null, 1), (24, null, null),
  (25, 12, 1), (26, 13, 1);
insert into ticket values (21, '2024-01-02'), (25, '2024-01-02'), (26, '2024-01-02');
"""
SEATS = ["hall 1", "hall", " 1", "", "cellar 1", "cellar", "hall 2", "yard 1"]


@pytest.fixture
def theatre(staging):
    """Rooms with seats with tickets in production, and some that are staged."""
    tables = (
        Table("room", key="name"),
        Table("seat", key="kind", via="room_id"),
        Table("ticket", key=("seat_id", "day"), via="seat_id"),
    )
    found = staging(TABLES, *tables, here="insert into room (name) values ('x')", there=THERE, key="x")
    seat = replace(found.specs["seat"], key=("room_id", "n"), key_is_value=False, nullable=("room_id", "n"))
    theatre = replace(found, specs={**found.specs, "seat": seat})
    theatre.stage("room", {"name": "hall"}, {"name": "cellar"}, {"name": "yard"})
    rows = [one.partition(" ") for one in SEATS]
    theatre.stage("seat", *({"room_id": room or None, "n": n or None} for room, _, n in rows))
    tickets = ('["hall","1"]', '["cellar","1"]', '["yard","1"]')
    theatre.stage("ticket", *({"seat_id": seat, "day": "2024-01-02"} for seat in tickets))
    theatre.stage("ticket", {"seat_id": tickets[0], "day": "2024-01-03"})
    return theatre


def mapped(theatre):
    """Find all rows by their keys."""
    theatre.run(*(key_map(spec, theatre.specs) for spec in theatre.specs.values()))


def renames(theatre, *rows):
    for old, new in rows:
        theatre.scratch.fill(RENAMES, {"table_name": "room", "old": old, "new": new})


def left(theatre):
    return theatre.scratch.rows(f"select table_name, old, new from {RENAMES} order by 1, 2")


def test_rows_are_found_by_their_keys(theatre):
    mapped(theatre)
    assert theatre.known("room") == {"hall": (True, 11), "cellar": (False, None), "yard": (True, 13)}
    assert theatre.known("seat") == {
        '["hall","1"]': (True, 21), '["hall",null]': (True, 22), '[null,"1"]': (True, 23),
        "[null,null]": (True, 24), '["cellar","1"]': (False, None), '["cellar",null]': (False, None),
        '["hall","2"]': (False, None), '["yard","1"]': (True, 26),
    }  # fmt: skip
    assert theatre.known("ticket") == {
        '[["hall","1"],"2024-01-02"]': (True, None), '[["cellar","1"],"2024-01-02"]': (False, None),
        '[["yard","1"],"2024-01-02"]': (True, None), '[["hall","1"],"2024-01-03"]': (False, None),
    }  # fmt: skip
    assert theatre.problems() == []


def test_the_renames_that_the_user_typed_are_read(theatre):
    typed = '[{"table_name": "room", "old": "a", "new": "b"}, {"table_name": "seat", "old": "c", "new": "d"}]'
    theatre.scratch.set(rename=typed)
    theatre.run(read_renames(but=["seat", "other"]))
    assert left(theatre) == [("room", "a", "b")]
    theatre.run(read_renames())
    assert left(theatre) == [("room", "a", "b"), ("room", "a", "b"), ("seat", "c", "d")]
    assert theatre.scratch.rows(old_keys(theatre.specs["seat"])) == [("c",)]


def follow(theatre, *rows):
    """Find rooms by their keys and by the user's renames."""
    spec = theatre.specs["room"]
    renames(theatre, *rows)
    theatre.scratch.fill(RENAMES, {"table_name": "seat", "old": "attic", "new": "cellar"})
    theatre.run(key_map(spec, theatre.specs), look_up(spec, theatre.specs, old_keys(spec)))
    theatre.run(renamed(spec, theatre.specs))
    return theatre.known("room"), left(theatre), theatre.problems()


OTHER = ("seat", "attic", "cellar")
KNOWN = {"hall": (True, 11), "cellar": (False, None), "yard": (True, 13)}


def test_a_renamed_row_is_found_by_its_old_key(theatre):
    assert follow(theatre, ("attic", "cellar")) == (
        {**KNOWN, "cellar": (True, 12)}, [("room", "attic", "cellar"), OTHER], []
    )  # fmt: skip


@pytest.mark.parametrize(
    ("rename", "says"),
    [
        (("gone", "cellar"), "gone, its old key, is not in production"),
        (("attic", "hall"), "is in production beside attic, which cannot become it"),
    ],
)
def test_a_rename_that_no_row_can_follow_is_told(theatre, rename, says):
    assert follow(theatre, rename) == (KNOWN, [OTHER], [("room", rename[1], says)])


def test_a_rename_that_has_happened_or_is_of_no_staged_row_is_nothing(theatre):
    assert follow(theatre, ("gone", "hall"), ("attic", "nowhere")) == (KNOWN, [OTHER], [])


def test_each_of_several_rows_is_found_by_its_own_old_key(theatre):
    theatre.scratch.place.run("insert into public.room (id, name) values (14, 'barn')")
    theatre.stage("room", {"name": "loft"})
    found, *_ = follow(theatre, ("barn", "loft"), ("attic", "cellar"))
    assert found == {**KNOWN, "cellar": (True, 12), "loft": (True, 14)}


def test_one_rename_beside_another_that_cannot_be_followed(theatre):
    found, renames_left, problems = follow(theatre, ("attic", "cellar"), ("gone", "yard"), ("attic", "hall"))
    assert found == {**KNOWN, "cellar": (True, 12)}
    assert renames_left == [("room", "attic", "cellar"), OTHER]
    assert [key for _, key, _ in problems] == ["hall"]


def test_a_key_that_holds_a_renamed_one_is_renamed_too(theatre):
    assert renames(theatre, ("attic", "cellar")) is None
    specs = theatre.specs
    room, seat, ticket = specs.values()
    theatre.run(key_map(room, specs), look_up(room, specs, old_keys(room)), renamed(room, specs))
    theatre.run(key_map(seat, specs), renamed(seat, specs), key_map(ticket, specs), renamed(ticket, specs))
    assert theatre.known("seat")['["cellar","1"]'] == (True, 25)
    assert theatre.known("ticket")['[["cellar","1"],"2024-01-02"]'] == (True, None)
    assert left(theatre) == [
        ("room", "attic", "cellar"),
        ("seat", '["attic","1"]', '["cellar","1"]'),
        ("ticket", '[["attic","1"],"2024-01-02"]', '[["cellar","1"],"2024-01-02"]'),
    ]
    matched = replace(room, travels=False)
    assert (renamed(matched, specs), "loop" in renamed(room, specs)) == ("", False)


NUMBERS = """
create table number (id bigserial primary key, n numeric not null unique);
create table part (id bigserial primary key, number_id bigint references number, name text unique, p int);
"""


@pytest.fixture
def numbers(staging):
    """Numbers that production spells in another way than what is staged, and parts of them."""
    tables = (Table("number", key="n"), Table("part", key="name", via="number_id"))
    there = (
        "insert into number values (11, 1.0), (12, 2), (13, 3.00), (14, 4.0);"
        "insert into part (id, number_id, p) values (21, 11, 1), (22, 12, 1), (23, 13, 1)"
    )
    numbers = staging(NUMBERS, *tables, here="insert into number (n) values (7)", there=there, key="7")
    part = replace(numbers.specs["part"], key=("number_id", "p"), key_is_value=False)
    numbers = replace(numbers, specs={**numbers.specs, "part": part})
    numbers.stage("number", *({"n": n} for n in ("1", "2", "3", "4.00", "5")))
    numbers.stage("part", *({"number_id": n, "p": 1} for n in ("1", "2", "3")))
    numbers.run(key_map(numbers.specs["number"], numbers.specs), key_map(part, numbers.specs))
    return numbers


@pytest.mark.parametrize("ledger", [True, False], ids=["a ledger", "no ledger"])
def test_a_key_that_production_spells_otherwise_is_a_rename_unless_base_knows_it(numbers, ledger):
    numbers.scratch.release(1)
    for table, key in (("number", "3"), ("part", '["3","1"]'), ("part", "1"), ("other", "1")):
        row = {"table_name": table, "key": key, "subjects": "{}", "release": 1, "values": {}}
        numbers.scratch.fill("maulstick.base_row", row)
    if not ledger:
        numbers.scratch.place.run("drop table maulstick.base_row cascade")
    numbers.scratch.fill(RENAMES, {"table_name": "number", "old": "4", "new": "4.00"})
    numbers.run(*(followed(spec, numbers.specs) for spec in numbers.specs.values()))
    threes = [] if ledger else [("number", "3.00", "3"), ("part", '["3.00","1"]', '["3","1"]')]
    assert left(numbers) == sorted([
        ("number", "1.0", "1"), ("number", "4", "4.00"), ("part", '["1.0","1"]', '["1","1"]'), *threes
    ])  # fmt: skip


def test_a_key_of_one_spelling_is_looked_at_only_where_something_was_renamed(numbers):
    number, part = numbers.specs.values()
    plain = replace(number, types={**number.types, "n": "bigint"})
    numbers.run(followed(plain, numbers.specs), followed(part, numbers.specs))
    assert left(numbers) == []
    numbers.scratch.fill(RENAMES, {"table_name": "other", "old": "a", "new": "b"})
    numbers.run(followed(plain, numbers.specs))
    assert ("number", "1.0", "1") in left(numbers)


@pytest.mark.parametrize(
    ("type_", "held", "apart"),
    [
        ("text", "text", False), ("numeric", "text", True), ("text", "numeric", True),
        ("text", "", False), ("citext", "", True), ("character varying(9)", "timestamp(0) without time zone",
        False), ("character(9)", "", True), ("text[]", "", True),
    ],
)  # fmt: skip
def test_which_keys_may_be_spelt_in_several_ways_is_known(type_, held, apart):
    inner = TableSpec("public", "inner", ("a",), True, ("a",), {"a": held}, (), {}, (), (), (), "id", {})
    references = {"in": Reference("inner")} if held else {}
    outer = replace(inner, name="outer", key=("b", *references), types={"b": type_}, references=references)
    assert may_be_spelt_apart(outer, {"inner": inner, "outer": outer}) is apart
    tree = replace(outer, key=("up", "b"), references={"up": Reference("outer")}, types={"b": type_})
    assert may_be_spelt_apart(tree, {"outer": tree}) is (
        type_ in ("numeric", "citext", "character(9)", "text[]")
    )


def test_a_column_that_finds_rows_has_the_same_equality_there(staging):
    tables = """
    create table far (a text primary key);
    create table room (id bigserial primary key, same text not null unique, kind text, folded text, list text,
      made text, many text[], link text, note text);
    """
    there = """
    create schema site; create extension citext schema site; set local search_path = public, site;
    create domain site.own as text; create domain own as int; create type kinds as enum ('a');
    create table other (same site.citext, kind site.citext);
    alter table room alter folded type site.citext, alter made type site.own, alter list type site.citext[]
      using null, alter kind type kinds using null, alter note type site.citext, alter link type site.citext;
    """
    rooms = staging(tables, Table("room", key="same"), here="insert into room (same) values ('x')", there="",
                    key="x")  # fmt: skip
    rooms.scratch.place.run(there)
    rooms.scratch.place.run("set local search_path = pg_catalog, pg_temp")
    key = ("same", "kind", "folded", "list", "made", "many")
    spec = replace(rooms.specs["room"], key=key, links=(Link(("link",), "far", ("a",)),))
    rooms.run(other_equality(spec))
    assert rooms.problems() == [
        ("room", "folded", "is site.citext in production and text here"),
        ("room", "link", "is site.citext in production and text here"),
        ("room", "made", "is site.own in production and text here"),
    ]
    followed_link = replace(spec, references={"link": Reference("far"), "folded": Reference("far")})
    rooms.scratch.place.run("delete from pg_temp.maulstick_problem")
    rooms.run(other_equality(followed_link))
    assert [key for _, key, _ in rooms.problems()] == ["made"]
    only = replace(spec, key=("folded",), types={**spec.types, "folded": "citext"}, links=())
    assert other_equality(only) == ""


def test_a_key_of_several_rows_and_a_row_of_several_keys_are_told(numbers):
    scratch, number = numbers.scratch, numbers.specs["number"]
    scratch.place.run("alter table public.number drop constraint number_n_key cascade")
    scratch.place.run("insert into public.number values (15, 2.0), (16, 2), (17, 5), (18, 5)")
    scratch.place.run("delete from pg_temp.maulstick_key_number")
    numbers.stage("number", {"n": "1.00"}, {"n": "3.0"}, {"n": "4"}, {"n": "9"}, {"n": "9.0"})
    without = [{"table_name": "number", "key": "3.0"}, {"table_name": "part", "key": "4"}]
    scratch.set(without=json.dumps(without))
    numbers.run(key_map(number, numbers.specs), odd_keys(number))
    assert numbers.problems("kind, table_name, key, says") == [
        ("ambiguous", "number", "1, 1.00", "are one row in production"),
        ("ambiguous", "number", "2", "3 rows in production share this key"),
        ("ambiguous", "number", "4, 4.00", "are one row in production"),
        ("ambiguous", "number", "5", "2 rows in production share this key"),
    ]


PIECES = """
create table work (id bigserial primary key, name text not null unique);
create table piece (id bigserial primary key, of_id bigint, name text, unique (of_id, name));
"""


def test_a_row_is_found_by_an_id_in_its_key_that_no_foreign_key_shows(staging):
    piece = Table(
        "piece", key=("of_id", "name"), where="true", pointers=[Pointer("of_id", "work", where="name <> ''")]
    )
    here = "insert into work values (1, 'x'); insert into piece (of_id, name) values (1, 'x')"
    there = (
        "insert into work values (11, 'lamp'), (12, 'desk');"
        "insert into piece (id, of_id, name) values (21, 11, 'a'), (22, 12, 'a'), (23, null, 'a')"
    )
    pieces = staging(PIECES, Table("work", key="name"), piece, here=here, there=there, key="x")
    specs = {**pieces.specs, "piece": replace(pieces.specs["piece"], nullable=("of_id",))}
    pieces.stage("work", {"name": "lamp"}, {"name": "desk"}, {"name": "new"})
    rows = [("lamp", "a"), ("desk", "a"), ("new", "a"), (None, "a"), ("lamp", "b")]
    pieces.stage("piece", *(
        {"of_id": of and json.dumps({"work": of}), "name": name} for of, name in rows
    ))  # fmt: skip
    pieces.run(*(key_map(specs[one], specs) for one in ("work", "piece")))
    assert pieces.known("piece") == {
        '[{"work": "lamp"},"a"]': (True, 21), '[{"work": "desk"},"a"]': (True, 22), '[null,"a"]': (True, 23),
        '[{"work": "new"},"a"]': (False, None), '[{"work": "lamp"},"b"]': (False, None),
    }  # fmt: skip


@pytest.mark.parametrize("folding", [True, False], ids=["a folding collation", "none"])
def test_a_text_may_be_spelt_otherwise_where_its_collation_folds(theatre, folding):
    column = "name" if folding else "note"
    theatre.scratch.place.run(
        "create collation public.folding (locale = 'C');"
        "update pg_collation set collisdeterministic = false where collname = 'folding';"
        "alter table public.seat add column name text collate public.folding;"
        f"alter table public.room alter {column} type text collate public.folding;"
        "update public.room set name = 'Hall' where id = 11"
    )
    mapped(theatre)
    theatre.run(f"update {keys(theatre.specs['room'])} set found = true, id = 11 where key = 'hall'")
    theatre.run(*(followed(spec, theatre.specs) for spec in theatre.specs.values()))
    assert left(theatre)[:1] == [("room", "Hall", "hall")] * folding
