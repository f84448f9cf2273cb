"""Which foreign keys of the target stand against a change of what they name, and which rows they hold."""

from __future__ import annotations

import json

import pytest

from maulstick.postgres.sql_files import filled, sql_file
from tests.postgres.catalogue.asking import asked

TABLES = """
create schema other;
create table room (id int primary key, house int, floor int, name text unique, unique (house, floor));
create table rows (id int, house int, floor int, name text);
insert into room values (1, 1, 1, 'a'), (2, 1, 2, 'b'), (3, 2, 1, 'c'), (4, 2, 2, 'd');
insert into rows values (1, 1, 1, 'A'), (2, 1, 9, 'b'), (3, 9, 1, 'c'), (4, 1, 1, 'e');
create table guest (n int, house int, floor int, name text{more});
insert into guest values (10, 1, 1, 'a'), (20, 1, 2, 'b'), (30, 2, 1, 'c'), (40, 2, 2, 'd');
create table stranger (n int references guest);
"""


@pytest.fixture
def rooms(production):
    """Rooms with guests, and rooms as they are to become: the table `rows`."""
    production.run(TABLES.format(more=", primary key (n)"))
    return production


def held(place, *travels):
    """Return each foreign key to a room with what it names, and the guests whose room would change."""
    keys = asked(
        place,
        "select f.name, f.child::text, f.called, f.columns, f.named, f.old, f.new, f.same, f.fresh, f.given"
        f" from (values ('public.room', 'public.rows', array{[*travels]}::text[])) as s(real, ready, travels)"
        f" cross join lateral ({sql_file('referencing_keys')}) as f order by 1",
    )
    found = {}
    for name, child, called, columns, named, old, new, same, fresh, given in keys:
        guests = asked(
            place,
            f"select r.n, row({fresh}) is not distinct from row({old}) from {child} as r"
            " cross join lateral (select r.*) as x"
            f" join public.room as t on {same} join public.rows as w on w.id = t.id"
            f" where row({old}) is distinct from row({new}) and not {given} order by 1",
        )
        assert all(is_still_its_own for _, is_still_its_own in guests)
        found[name] = called, {*columns}, named, [n for n, _ in guests]
    return found


def test_rows_whose_reference_would_lead_nowhere_are_found(rooms):
    rooms.run(
        "alter table guest add constraint by_place foreign key (house, floor) references room (house, floor);"
        "alter table guest add constraint by_name foreign key (name) references room (name)"
    )
    assert held(rooms, "house", "floor", "name") == {
        "by_name": ("guest", {"name"}, "name", [10, 40]),
        "by_place": ("guest", {"house", "floor"}, "house, floor", [20, 30, 40]),
    }


def test_a_column_that_does_not_travel_stays_what_it_is(rooms):
    rooms.run("alter table guest add constraint at foreign key (house, floor) references room (house, floor)")
    assert held(rooms, "house", "name") == {"at": ("guest", {"house", "floor"}, "house, floor", [30, 40])}
    assert held(rooms, "name") == {}


def test_a_value_that_another_row_takes_over_is_not_lost_where_the_key_can_wait(rooms):
    """A key that restricts looks at once; any other at the end, when the value is there again."""
    rooms.run(
        "update rows set name = 'a' where id = 2; alter table guest add constraint at"
        " foreign key (name) references room (name)"
    )
    assert held(rooms, "name")["at"][3] == [20, 40]
    rooms.run(
        "alter table guest drop constraint at; alter table guest add constraint at"
        " foreign key (name) references room (name) on update restrict"
    )
    assert held(rooms, "name")["at"][3] == [10, 20, 40]


@pytest.mark.parametrize("follows", ["cascade", "set null", "set default"])
def test_a_key_that_follows_by_itself_is_not_asked(rooms, follows):
    rooms.run(f"alter table guest add foreign key (name) references room (name) on update {follows}")
    assert held(rooms, "name") == {}


def test_a_key_of_a_partitioned_table_is_asked_once_and_named_with_its_schema(rooms):
    rooms.run(
        "create table other.parted (n int, name text, constraint at foreign key (name)"
        " references room (name)) partition by list (n);"
        "create table other.part partition of other.parted for values in (50);"
        "insert into other.parted values (50, 'a')"
    )
    assert held(rooms, "name") == {"at": ("other.parted", {"name"}, "name", [50])}


@pytest.mark.parametrize("more", ["not enforced", "period"])
def test_keys_that_forbid_nothing_row_by_row_are_left_to_postgresql(rooms, more):
    if rooms.connection.info.server_version < 180000:
        pytest.skip("they came with PostgreSQL 18")
    if more == "period":
        rooms.run(
            "create extension if not exists btree_gist; alter table room add during daterange not null"
            " default '[2020-01-01,2021-01-01)'; alter table room add unique (name, during without overlaps);"
            "alter table guest add during daterange not null default '[2020-02-01,2020-03-01)';"
            "alter table guest add foreign key (name, period during) references room (name, period during)"
        )
    else:
        rooms.run("alter table guest add foreign key (name) references room (name) not enforced")
    assert held(rooms, "name") == {}


def test_every_table_that_refers_to_one_is_found_with_its_columns(rooms):
    rooms.run(
        "alter table guest add foreign key (house, floor) references room (house, floor), add check (n > 0);"
        "alter table guest add foreign key (name) references room (name);"
        "create table other.guest (id int primary key, room int references room);"
        "create table parted (n int, room int references room) partition by list (n);"
        "create table part partition of parted for values in (1);"
        "create table other.room (id int primary key);"
        "create table other.theirs (room int references other.room)"
    )
    tables = json.dumps([{"s": "public", "t": "room"}])
    assert sorted(asked(rooms, filled("referencing_tables", tables=tables))) == [
        ("other", "guest", ["room"]),
        ("public", "guest", ["floor", "house", "name"]),
        ("public", "parted", ["room"]),
    ]
