"""References that leave the slice, and tables that refer to each other."""

import pytest

from maulstick.errors import Exit, Problem
from maulstick.project.declarations import Leave, Match, Table
from tests.databases.deciding import applied, planned
from tests.databases.places import AUTHOR, SHELF, actions, apply, both, export, plan, release

LEFT = Table("book", key="isbn", via="shelf_id", references={"author_id": Leave()})
MATCHED = Table("book", key="isbn", via="shelf_id", references={"author_id": Match(key=("name",))})
TREE = """
create table node (id bigserial primary key, slug text not null unique, parent_id bigint references node);
"""
CIRCLE = """
create table chicken (id bigserial primary key, slug text not null unique, egg_id bigint not null);
create table egg (id bigserial primary key, slug text not null unique,
  chicken_id bigint not null references chicken);
alter table chicken add constraint chicken_egg foreign key (egg_id) references egg
"""


def test_a_reference_that_is_left_does_not_travel(library, source, production):
    production.run("insert into author (name) values ('somebody')")
    release(source, production, SHELF, LEFT)
    assert production.rows("select author_id from book") == [(None,), (None,)]


def test_production_keeps_its_own_value_of_a_reference_that_is_left(library, source, production):
    release(source, production, SHELF, LEFT)
    production.run("insert into author (name) values ('somebody'); update book set author_id = 301")
    source.run("update book set price = 1")
    release(source, production, SHELF, LEFT)
    assert production.rows("select author_id, price from book") == [(301, 1), (301, 1)]


def test_a_match_is_found_by_its_key(library, source, production):
    production.run("insert into author (name) values ('Charlotte'), ('Emily')")
    assert release(source, production, SHELF, MATCHED).says == "3 inserted"
    assert production.rows("select distinct name, born from book join author a on a.id = author_id") == [
        ("Emily", None)
    ]


def test_a_match_that_production_lacks_is_an_obstacle(library, source, production):
    bundle = export(source, SHELF, MATCHED)
    [obstacle] = plan(bundle, production).obstacles
    assert str(obstacle) == "author Emily: is referred to and is not in production"
    with pytest.raises(Problem, match="author Emily: is referred to and is not in production") as caught:
        apply(bundle, production)
    assert caught.value.code == Exit.REFUSED
    assert production.value("select count(*) from shelf") == 0


def test_a_plan_says_what_to_do_about_a_row_that_is_not_there(library, source, production):
    with pytest.raises(Problem) as caught:
        planned(export(source, SHELF, MATCHED), source, production)
    assert caught.value.hint.startswith("release that row first")


def test_a_match_of_rows_that_two_production_rows_answer_is_refused(library, source, production):
    production.run("alter table author drop constraint author_name_key")
    production.run("insert into author (name) values ('Emily'), ('Emily')")
    [obstacle] = plan(export(source, SHELF, MATCHED), production).obstacles
    assert str(obstacle) == "author Emily: 2 rows in production share this key"


def test_a_matched_row_is_never_written(library, source, production):
    production.run("insert into author (name, born) values ('Emily', 1)")
    before = production.dump()["author"]
    release(source, production, SHELF, MATCHED)
    assert production.dump()["author"] == before


def test_a_row_of_a_slice_table_that_does_not_travel_is_matched(source, production):
    both(source, production, TREE)
    source.run("insert into node values (1, 'root', null), (2, 'a', 1), (3, 'b', 2)")
    production.run("insert into node values (70, 'root', null); select setval('node_id_seq', 80)")
    bundle = export(source, Table("node", key="slug", via="parent_id"), key="a")
    assert apply(bundle, production).says == "2 inserted"
    tree = "select n.slug, p.slug from node n join node p on p.id = n.parent_id order by 1"
    assert production.rows(tree) == [("a", "root"), ("b", "a")]


def test_children_sorted_before_their_parents_arrive(source, production):
    both(source, production, TREE)
    source.run("insert into node values (1, 'z', null), (2, 'b', 1), (3, 'a', 2)")
    release(source, production, Table("node", key="slug", via="parent_id"), key="z")
    assert production.rows("select n.slug from node n join node p on p.id = n.parent_id order by 1") == [
        ("a",),
        ("b",),
    ]


def test_a_row_may_refer_to_itself(source, production):
    both(source, production, TREE)
    source.run("insert into node values (1, 'self', 1)")
    release(source, production, Table("node", key="slug", via="parent_id"), key="self")
    assert production.value("select id = parent_id from node")


def test_tables_that_refer_to_each_other_not_null_arrive_together(source, production):
    both(source, production, CIRCLE)
    source.run("alter table chicken drop constraint chicken_egg")
    source.run("insert into chicken values (7, 'henny', 9); insert into egg values (9, 'white', 7)")
    source.run("alter table chicken add foreign key (egg_id) references egg")
    tables = (Table("chicken", key="slug"), Table("egg", key="slug", via="chicken_id"))
    assert release(source, production, *tables, key="henny").says == "2 inserted"
    assert release(source, production, *tables, key="henny").word == "unchanged"
    assert (
        production.value("select e.slug from chicken c join egg e on e.id = egg_id and c.id = chicken_id")
        == "white"
    )


def test_a_key_through_a_reference_inside_a_circle_is_found(library, source, production):
    both(source, production, "alter table shelf add best_id bigint references book")
    source.run("update shelf set best_id = 2")
    book = Table("book", key=("shelf_id", "isbn"), via="shelf_id")
    for says in ("4 inserted", "4 rows equal"):
        assert release(source, production, SHELF, book, AUTHOR).says == says
    assert production.value("select isbn from shelf join book on book.id = best_id") == "2"


def test_a_row_that_moves_to_another_parent_is_updated(released_once, source, production):
    source.run(
        "insert into author (name) values ('Charlotte'); update book set author_id = 2 where isbn = '2'"
    )
    planned = plan(export(source), production)
    assert actions(planned) == {("author", "Charlotte"): "insert", ("book", "2"): "update"}
    release(source, production)
    assert (
        production.value("select name from book join author a on a.id = author_id where isbn = '2'")
        == "Charlotte"
    )


def test_a_reference_becomes_null_when_local_is(released_once, source, production):
    source.run("update book set author_id = null where isbn = '2'")
    release(source, production)
    assert production.value("select author_id from book where isbn = '2'") is None


def test_parents_without_a_surrogate_come_before_their_children(source, production):
    both(
        source,
        production,
        "create table zone (code text primary key, name text);"
        "create table area (id serial primary key, slug text not null unique, zone text references zone)",
    )
    source.run("insert into zone values ('eu', 'Europe'); insert into area (slug, zone) values ('a', 'eu')")
    tables = (Table("area", key="slug"), Table("zone", key="code"))
    assert release(source, production, *tables, key="a").says == "2 inserted"
    assert production.rows("select slug, name from area join zone on code = zone") == [("a", "Europe")]


HALLS = (Table("door", key="slug"), Table("hall", key=("town", "number")))


@pytest.fixture
def door(source, production):
    """A door of a hall, which is known by its town and number."""
    both(
        source,
        production,
        "create table hall (town text, number integer, name text, primary key (town, number));"
        "create table door (id serial primary key, slug text not null unique, town text, number integer,"
        "  foreign key (town, number) references hall)",
    )
    source.run("insert into hall values ('York', 3, 'Red')")
    source.run("insert into door (slug, town, number) values ('d', 'York', 3)")


def test_a_composite_reference_travels_as_its_values(door, source, production):
    assert release(source, production, *HALLS, key="d").says == "2 inserted"
    assert release(source, production, *HALLS, key="d").word == "unchanged"


def test_a_composite_reference_is_never_half_of_each_side(door, source, production):
    release(source, production, *HALLS, key="d")
    both(source, production, "insert into hall values ('Leeds', 3), ('York', 4), ('Leeds', 4)")
    source.run("update door set town = 'Leeds'")
    production.run("update door set number = 4")
    bundle = export(source, *HALLS, key="d")
    with pytest.raises(Problem, match="door d: number, town changed here and there"):
        apply(bundle, production)
    applied(bundle, source, production, take=("local",))
    assert production.rows("select town, number from door") == [("Leeds", 3)]


def test_a_match_of_a_table_without_a_surrogate_is_found(source, production):
    both(
        source,
        production,
        "create table zone (code text primary key, name text); insert into zone values ('eu', 'Europe');"
        "create table area (id serial primary key, slug text not null unique, zone text references zone)",
    )
    source.run("insert into area (slug, zone) values ('a', 'eu')")
    area = Table("area", key="slug", references={"zone": Match(key=("code",))})
    assert release(source, production, area, key="a").says == "1 inserted"


def test_deferred_constraints_are_checked_before_the_commit(source, production):
    both(source, production, "create table t (id serial primary key, slug text not null unique, n integer)")
    production.run("alter table t add unique (n) deferrable initially deferred")
    production.run("insert into t (slug, n) values ('other', 1)")
    source.run("insert into t (slug, n) values ('a', 1)")
    with pytest.raises(Problem):
        release(source, production, Table("t", key="slug"), key="a")
    assert production.rows("select slug from t") == [("other",)]
