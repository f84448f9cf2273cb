"""Rows of production that are looked up by the text of their keys, whatever the keys are made of."""

from __future__ import annotations

from dataclasses import replace

import pytest

from maulstick.postgres.sql.identity.lookup import look_up
from maulstick.postgres.sql.temp_tables import FOUND
from maulstick.project.declarations import Table

TABLES = """
create table room (id bigserial primary key, name text not null unique, n int unique, code varchar(9) unique,
  rate numeric, day date unique, at timestamp unique, tag text, tags text[] unique);
create table seat (id bigserial primary key, room_id bigint not null references room, row int not null,
  kind text unique, note text, unique (room_id, row));
create table ticket (seat_id bigint not null references seat, day date not null, primary key (seat_id, day));
"""
THERE = """
insert into room values (1, 'hall', 7, '07', 1.50, '2024-01-02', '2024-01-02 03:04:05', 'a', '{a,b}'),
  (2, 'attic', 8, '8', 1.5, '2024-01-03', '2024-01-02 03:04:06', 'b', '{}'),
  (3, 'yard', null, null, null, null, null, 'a', null);
insert into seat (id, room_id, row, kind) values (1, 1, 1, 'x'), (2, 1, 2, 'y'), (3, 2, 1, 'z'),
  (4, 3, 1, null), (5, 3, 2, null);
insert into ticket values (2, '2024-01-02'), (3, '2024-01-02'), (3, '2024-01-03');
"""


@pytest.fixture
def theatre(staging):
    """Rooms with seats with tickets in production."""
    tables = (
        Table("room", key="name"),
        Table("seat", key=("room_id", "row"), via="room_id"),
        Table("ticket", key=("seat_id", "day"), via="seat_id"),
    )
    return staging(TABLES, *tables, here="insert into room (name) values ('x')", there=THERE, key="x")


def looked_up(theatre, table, *wanted, **more):
    """Return the keys that were found, each with its row's place."""
    spec, scratch = replace(theatre.specs[table], **more), theatre.scratch
    specs = {**theatre.specs, table: spec}
    theatre.run(look_up(spec, specs, f"select unnest(array{[*wanted]}::text[])"))
    assert (
        scratch.rows(f"select from {FOUND} where table_name <> '{table}' or o <> 'public.{table}'::regclass")
        == []
    )
    found = scratch.rows(f"select key, c::text from {FOUND} order by 1, 2")
    return " ".join(f"{key}={place.split(',')[1][:-1]}" for key, place in found)


@pytest.mark.parametrize(
    ("column", "wanted", "found"),
    [
        ("name", ["hall", "yard", "nowhere", "hall"], "hall=1 yard=3"),
        ("name", ["HALL", ""], ""),
        ("n", ["7", "8", "9"], "7=1 8=2"),
        ("n", ["7", "07", "+8"], "7=1"),
        ("n", ["7", "many"], "7=1"),
        ("code", ["7", "07", "8"], "07=1 8=2"),
        ("rate", ["1.5", "1.500"], "1.5=2"),
        ("rate", ["1.50", "1.5"], "1.5=2 1.50=1"),
        ("day", ["2024-01-02", "2024-1-3", "never"], "2024-01-02=1"),
        ("at", ["2024-01-02 03:04:06", "2024-01-02T03:04:05"], "2024-01-02 03:04:06=2"),
        ("tags", ["{a,b}", "{}", "{b,a}"], "{a,b}=1 {}=2"),
        ("tag", ["a", "b"], "a=1 a=3 b=2"),
    ],
)
def test_a_row_is_found_by_the_text_of_its_value(theatre, column, wanted, found):
    assert looked_up(theatre, "room", *wanted, key=(column,), key_is_value=True) == found


@pytest.mark.parametrize(
    ("table", "wanted", "found"),
    [
        ("seat", ['["hall","1"]', '["attic","1"]', '["yard","9"]'], '["attic","1"]=3 ["hall","1"]=1'),
        ("seat", ['["yard","2"]', '["hall"]', "hall"], '["yard","2"]=5'),
        ("seat", ['["hall","x"]', '["hall","2"]'], '["hall","2"]=2'),
        (
            "ticket",
            ['[["attic","1"],"2024-01-02"]', '[["hall","1"],"2024-01-02"]', '[["hall","2"],"2024-01-02"]'],
            '[["attic","1"],"2024-01-02"]=2 [["hall","2"],"2024-01-02"]=1',
        ),
    ],
)
def test_a_row_is_found_by_the_keys_inside_its_own(theatre, table, wanted, found):
    assert looked_up(theatre, table, *wanted) == found


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (['["yard",null]'], '["yard",null]=4 ["yard",null]=5'),
        (['["hall","y"]', '["yard","y"]'], '["hall","y"]=2'),
        (['["hall","x"]', '["yard",null]', '["hall",null]'],
         '["hall","x"]=1 ["yard",null]=4 ["yard",null]=5'),
    ],
)  # fmt: skip
@pytest.mark.parametrize("nullable", [("kind",), ()])
def test_a_part_of_a_key_may_be_null(theatre, wanted, found, nullable):
    assert looked_up(theatre, "seat", *wanted, key=("room_id", "kind"), nullable=nullable) == found


def test_references_that_are_not_in_the_key_find_nothing(theatre):
    assert looked_up(theatre, "seat", "x", "z", key=("kind",), key_is_value=True, nullable=()) == "x=1 z=3"


def test_a_row_is_found_by_all_texts_of_its_key(theatre):
    wanted = ('["hall","a"]', '["yard","a"]', '["attic","a"]')
    found = '["hall","a"]=1 ["yard","a"]=3'
    assert looked_up(theatre, "room", *wanted, key=("name", "tag"), key_is_value=False, nullable=()) == found


def test_a_way_up_that_may_be_null_leaves_the_rest_of_the_key(theatre):
    theatre.scratch.place.run(
        "alter table public.seat alter room_id drop not null;"
        "insert into public.seat (id, room_id, row) values (6, null, 1), (7, null, 9)"
    )
    found = looked_up(theatre, "seat", '[null,"1"]', '["attic","1"]', '[null,"7"]', nullable=("room_id",))
    assert found == '["attic","1"]=3 [null,"1"]=6'


MANY = """
insert into public.room (id, name, n, code, day, tags)
  select i, 'r' || i, 100 + i, i, '2000-01-01'::date + i, array[i::text] from generate_series(100, 400) as i;
insert into public.seat (id, room_id, row, kind) select id, id, id, 'k' || id from public.room where id > 99;
insert into public.ticket select id, '2024-01-05' from public.seat;
create index on public.seat (kind);
analyze public.room, public.seat, public.ticket; set local enable_seqscan = off;
"""
READ = """
select sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)) from pg_stat_xact_user_tables
where schemaname = 'public'
"""


@pytest.mark.parametrize(
    ("table", "key", "wanted", "reads_all"),
    [
        ("room", ("name",), ["hall", "nowhere"], False),
        ("room", ("n",), ["7", "9"], False),
        ("room", ("n",), ["seven"], True),
        ("room", ("code",), ["7"], False),
        ("room", ("day",), ["2024-01-02"], False),
        ("room", ("tags",), ["{a}"], False),
        ("seat", ("room_id", "row"), ['["hall","1"]', '["nowhere","1"]'], False),
        ("seat", ("row", "room_id"), ['["1","hall"]'], False),
        ("seat", ("room_id", "row"), ['["hall",null]'], True),
        ("ticket", ("seat_id", "day"), ['[["hall","2"],"2024-01-02"]'], False),
        ("seat", ("kind", "room_id"), ['["x","hall"]'], False),
    ],
)
def test_a_table_is_not_read_whole_where_an_index_leads_to_the_row(theatre, table, key, wanted, reads_all):
    theatre.scratch.place.run(MANY)
    [(before,)] = theatre.scratch.rows(READ)
    looked_up(theatre, table, *wanted, key=key, key_is_value=len(key) == 1, nullable=())
    [(after,)] = theatre.scratch.rows(READ)
    assert (after - before > 100) is reads_all


def test_whoever_asks_for_nothing_gets_nothing(theatre):
    assert looked_up(theatre, "room") == ""
    assert looked_up(theatre, "seat", '["hall","1"]') == '["hall","1"]=1'
