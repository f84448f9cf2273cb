"""Rows of production that reference another by a column that changes: it cannot change unless they follow."""

from __future__ import annotations

from dataclasses import replace

import pytest

from maulstick.postgres.sql.bundle_tables import BundleTables
from maulstick.postgres.sql.constraints.referenced_keys import left_behind
from maulstick.postgres.sql.temp_tables import DOOMED, PROBLEM, RENAMES, keys, ready
from maulstick.project.declarations import Table

TABLES = """
create table room (id bigserial primary key, name text not null unique, floor int not null, seats int,
  unique (floor, name));
create table guest (id bigserial primary key, slug text not null unique, room text, floor int);
create table hall (name text primary key, floor int unique);
"""
THERE = """
insert into room values (11, 'oak', 1, 5), (12, 'elm', 2, 5), (13, 'ash', 3, 5);
insert into guest values (21, 'ann', 'oak', 1), (22, 'bob', 'elm', 2), (23, 'cid', 'oak', null);
insert into hall values ('east', 1), ('west', 2);
"""
ROOMS = {"oak": 11, "elm": 12, "ash": 13, "fir": 14}
GUESTS = {"ann": 21, "bob": 22, "cid": 23, "dan": 24}
BY_NAME = "alter table public.guest add constraint of_room foreign key (room) references public.room (name)"
BY_BOTH = (
    "alter table public.guest add constraint of_room foreign key (floor, room)"
    " references public.room (floor, name)"
)


@pytest.fixture
def house(staging):
    """Rooms with guests, which reference them by their names."""
    tables = (
        Table("room", key="name", where="%(key)s <> ''"),
        Table("guest", key="slug", where="true"),
        Table("hall", key="name", where="true"),
    )
    here = "insert into room (name, floor) values ('x', 1)"
    return staging(TABLES, *tables, here=here, there=THERE, key="x")


def write(house, table, ids, rows):
    """Say what is written into rows of production, by their keys there."""
    for n, (old, values) in enumerate(rows.items(), 1):
        spec, row = house.specs[table], f"(0,{n})"
        key = values.get(spec.key[0], old)
        number = {"id": ids[old]} if ids else {}
        house.scratch.fill(keys(spec), {"row": row, "key": key, "found": old not in ("fir", "dan"), **number})
        there = house.scratch.rows(
            f"select to_jsonb(t) - 'id' from public.{table} as t where {spec.key[0]} = '{old}'"
        )
        house.scratch.fill(ready(spec), {"maulstick_row": row, **(there[0][0] if there else {}), **values})
        if key != old:
            house.scratch.fill(RENAMES, {"table_name": table, "old": old, "new": key})


def left(house, more, *, rooms=(), guests=(), halls=(), doomed=()):
    """Return which rows are still referenced by what they lose, and by how many."""
    house.scratch.place.run(more)
    write(house, "room", ROOMS, dict(rooms))
    write(house, "guest", GUESTS, dict(guests))
    write(house, "hall", None, dict(halls))
    for slug in doomed:
        house.run(
            f"insert into {DOOMED} select 'guest', slug, id::text, tableoid, ctid from public.guest"
            f" where slug = '{slug}'"
        )
    house.run(left_behind(BundleTables(house.specs, house.specs, house.specs)))
    return [" ".join(one) for one in house.problems()]


ONE = "room {} {} is referred to by {} of guest (of_room)"


@pytest.mark.parametrize(
    ("rooms", "guests", "says"),
    [
        ({"oak": {"name": "fig"}}, {}, [("fig", "name", "2 rows")]),
        ({"elm": {"name": "fig"}}, {}, [("fig", "name", "1 row")]),
        ({"ash": {"name": "fig"}}, {}, []),
        ({"oak": {"seats": 9}}, {}, []),
        ({"oak": {"name": "fig"}}, {"ann": {"room": "fig"}}, [("fig", "name", "1 row")]),
        ({"oak": {"name": "fig"}}, {"ann": {"room": "fig"}, "cid": {"room": "elm"}}, []),
        ({"oak": {"name": "fig"}}, {"ann": {"floor": 9}, "cid": {"room": None}}, [("fig", "name", "1 row")]),
        ({"oak": {"name": "fig"}}, {"dan": {"room": "fig"}}, [("fig", "name", "2 rows")]),
        ({"oak": {"name": "elm"}, "elm": {"name": "oak"}}, {}, []),
        ({"oak": {"name": "fig"}, "elm": {"name": "pine"}}, {},
         [("fig", "name", "2 rows"), ("pine", "name", "1 row")]),
        ({"oak": {"name": "fig"}, "fir": {"name": "oak", "floor": 1}}, {}, []),
    ],
)  # fmt: skip
def test_a_name_cannot_change_while_rows_that_stay_refer_to_it(house, rooms, guests, says):
    assert left(house, BY_NAME, rooms=rooms, guests=guests) == [ONE.format(*one) for one in says]


@pytest.mark.parametrize(
    ("rooms", "guests", "says"),
    [
        ({"oak": {"floor": 9}}, {}, [("oak", "floor, name", "1 row")]),
        ({"elm": {"name": "fig"}}, {}, [("fig", "floor, name", "1 row")]),
        ({"elm": {"name": "fig", "floor": 8}}, {"bob": {"room": "fig"}}, []),
        ({"oak": {"floor": 9}, "fir": {"name": "oak", "floor": 2}}, {}, [("oak", "floor, name", "1 row")]),
        ({"oak": {"seats": 3}}, {}, []),
    ],
)
def test_a_row_that_is_referred_to_by_two_columns_keeps_both(house, rooms, guests, says):
    assert left(house, BY_BOTH, rooms=rooms, guests=guests) == [ONE.format(*one) for one in says]


@pytest.mark.parametrize(
    ("doomed", "says"),
    [(["ann"], ["1 row"]), (["ann", "cid"], []), (["bob"], ["2 rows"])],
)
def test_rows_that_will_be_deleted_do_not_count(house, doomed, says):
    found = left(house, BY_NAME, rooms={"oak": {"name": "fig"}}, doomed=doomed)
    assert found == [ONE.format("fig", "name", one) for one in says]


@pytest.mark.parametrize(
    ("more", "rooms", "says"),
    [
        (f"{BY_NAME} on update cascade", {"oak": {"name": "fig"}}, []),
        (f"{BY_NAME} on update set null", {"oak": {"name": "fig"}}, []),
        (f"{BY_NAME} on update restrict", {"oak": {"name": "fig"}}, ["fig"]),
        (f"{BY_NAME} on update restrict", {"oak": {"name": "elm"}, "elm": {"name": "oak"}}, ["elm", "oak"]),
        (f"{BY_NAME} on update restrict", {"oak": {"seats": 9}}, []),
        ("", {"oak": {"name": "fig"}}, []),
    ],
)
def test_a_foreign_key_that_follows_by_itself_is_not_asked(house, more, rooms, says):
    assert [one.split()[1] for one in left(house, more, rooms=rooms)] == says


def test_a_row_that_will_be_deleted_elsewhere_is_another(house):
    house.run(f"insert into {DOOMED} select 'room', name, id::text, tableoid, ctid from public.room")
    assert left(house, BY_NAME, rooms={"oak": {"name": "fig"}}) == [ONE.format("fig", "name", "2 rows")]


def test_rows_that_are_not_written_or_not_by_that_column_never_follow(house):
    for n, (slug, number) in enumerate(GUESTS.items(), 1):
        house.scratch.fill(
            keys(house.specs["guest"]), {"row": f"(0,{n})", "key": slug, "found": True, "id": number}
        )
    assert left(house, BY_NAME, rooms={"oak": {"name": "fig"}}) == [ONE.format("fig", "name", "2 rows")]
    house.run(f"delete from {PROBLEM}")
    columns = tuple(column for column in house.specs["guest"].columns if column != "room")
    house.specs["guest"] = replace(house.specs["guest"], columns=columns)
    house.run(f"alter table {ready(house.specs['guest'])} drop column room")
    house.run(left_behind(BundleTables(house.specs, house.specs, house.specs)))
    assert len(house.problems()) == 1


def test_rows_of_a_table_that_does_not_travel_never_follow(house):
    more = (
        "create table public.note (room text); insert into public.note values ('oak'), ('elm'), (null);"
        "alter table public.note add constraint of_note foreign key (room) references public.room (name)"
    )
    found = left(house, more, rooms={"oak": {"name": "fig"}}, guests={"ann": {"room": "fig"}})
    assert found == ["room fig name is referred to by 1 row of note (of_note)"]


@pytest.mark.parametrize(
    ("halls", "says"),
    [
        ({"east": {"floor": 7}}, ["east"]),
        ({"west": {"floor": 7}}, []),
        ({"east": {"name": "south", "floor": 7}}, ["south"]),
        ({"east": {"name": "south"}}, []),
    ],
)
def test_rows_without_an_id_are_told_by_their_keys(house, halls, says):
    door = "create table public.door (floor int references public.hall (floor))"
    more = f"{door}; insert into public.door values (1)"
    assert [one.split()[1] for one in left(house, more, halls=halls)] == says


def test_rows_without_an_id_follow_too(house):
    more = "alter table public.room add constraint of_hall foreign key (floor) references public.hall (floor)"
    house.scratch.place.run("delete from public.room where id = 13")
    halls = {"east": {"floor": 7}, "west": {"floor": 8}}
    found = left(house, more, halls=halls, rooms={"oak": {"floor": 7}})
    assert found == ["hall west floor is referred to by 1 row of room (of_hall)"]
