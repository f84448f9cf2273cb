"""A side taken: by which words, before which other words, and what is base afterwards."""

from dataclasses import replace

import pytest

from maulstick.errors import Exit, Problem
from maulstick.project.declarations import Match, Table
from tests.databases.deciding import applied, base, planned, release_of, released
from tests.databases.places import actions, both, export, perform, plan, release

BOTH = [("book", "1", "price"), ("book", "1", "title"), ("book", "2", "price"), ("shelf", "poetry", "note")]


@pytest.fixture
def conflicts(released_once, source, production):
    """Both sides changed a price of each book, a title and the shelf's note."""
    for place, says, price in ((source, "here", 1), (production, "there", 2)):
        place.run(f"update book set price = {price}")
        place.run(f"update book set title = '{says}' where isbn = '1'; update shelf set note = '{says}'")
    return export(source)


def sides(production):
    """Return whose value each of the conflicting cells has."""
    found = production.rows(
        "select 'book', isbn, 'price', price::text from book union all"
        " select 'book', isbn, 'title', title from book where isbn = '1' union all"
        " select 'shelf', slug, 'note', note from shelf"
    )
    words = {"1": "local", "here": "local", "2": "production", "there": "production"}
    return {cell: words[value] for *cell, value in found for cell in [tuple(cell)]}


def taken(*cells):
    """Return the sides where local was taken for these cells only."""
    return {cell: "local" if cell in cells else "production" for cell in BOTH}


def test_without_a_take_everything_is_refused(conflicts, source, production):
    with pytest.raises(Problem, match="3 reasons not to release") as caught:
        released(conflicts, source, production)
    assert caught.value.code == Exit.REFUSED
    assert "--take local|production" in caught.value.hint


CLOSEST = [
    (["production"], []),
    (["local"], BOTH),
    (["production", "local:book"], BOTH[:3]),
    (["production", "local:book.1"], BOTH[:2]),
    (["production", "local:book.price"], [BOTH[0], BOTH[2]]),
    (["production", "local:book.1.price"], BOTH[:1]),
    (["local:book", "production"], BOTH[:3]),
    (["local:book", "production:book.1", "local"], BOTH[2:]),
    (["local:book.1", "production:book.price", "production"], BOTH[:2]),
    (["local:book.price", "production:book.1", "production"], BOTH[2:3]),
    (["local", "production:book", "local:book.1", "production:book.1.price"], [BOTH[1], BOTH[3]]),
]


@pytest.mark.parametrize(("take", "local"), CLOSEST, ids=[" ".join(take) for take, _ in CLOSEST])
def test_the_take_that_names_a_cell_most_closely_decides(conflicts, source, production, take, local):
    released(conflicts, source, production, take=tuple(take))
    assert sides(production) == taken(*local)


def test_a_take_of_one_table_leaves_the_conflicts_of_others(conflicts, source, production):
    with pytest.raises(Problem, match="1 reason not to release") as caught:
        planned(conflicts, source, production, take=("local:book",))
    assert "shelf poetry: note" in caught.value.what


@pytest.mark.parametrize("side", ["local", "production"])
def test_taken_values_are_base(conflicts, source, production, side):
    released(conflicts, source, production, take=(side,))
    assert "there" not in str(base(production))
    again = plan(export(source), production)
    assert again.conflicts() == []
    assert set(actions(again).values()) == ({"kept"} if side == "production" else set())


def test_a_later_edit_of_a_taken_column_here_is_a_conflict_again(conflicts, source, production):
    released(conflicts, source, production, take=("production",))
    source.run("update shelf set note = 'later'")
    assert actions(plan(export(source), production))[("shelf", "poetry")] == "conflict"


def test_a_general_take_leaves_what_one_side_alone_changed(released_once, source, production):
    source.run("update book set price = 1")
    production.run("update shelf set note = 'there'")
    says = released(export(source), source, production, take=("production",)).says
    assert says == "2 updated, 1 kept"
    assert production.rows("select note, price from shelf, book") == [("there", 1)] * 2


def test_a_take_that_names_the_column_keeps_what_was_changed_here_alone(released_once, source, production):
    source.run("update book set price = 1")
    released(export(source), source, production, take=("production:book.price",))
    assert production.rows("select distinct price from book") == [(900,)]
    assert actions(plan(export(source), production)) == {("book", "1"): "kept", ("book", "2"): "kept"}


def test_a_take_that_names_the_column_overwrites_what_was_changed_there_alone(
    released_once, source, production
):
    production.run("update book set price = 1")
    assert released(export(source), source, production, take=("local:book.1.price",)).says == (
        "1 updated, 1 kept"
    )
    assert production.rows("select price from book order by isbn") == [(900,), (1,)]


def test_an_edit_after_the_plan_was_shown_is_not_overwritten_by_a_take(conflicts, source, production):
    run = release_of(conflicts, source, production, take=("local",))
    perform(run, "plan")
    production.run("update book set price = 55 where isbn = '1'")
    with pytest.raises(Problem, match="production moved since it was made") as caught:
        perform(run, "apply")
    assert "book 1: update price, title, of which another value is there now: price" in caught.value.what
    assert caught.value.code == Exit.REFUSED
    assert production.rows("select price from book order by isbn") == [(55,), (2,)]


def test_an_edit_after_the_plan_was_shown_is_not_passed_over_by_a_restore(released_once, source, production):
    production.run("delete from book where isbn = '2'")
    run = release_of(export(source), source, production, restore=("book:2",))
    perform(run, "plan")
    production.run("update book set price = 55 where isbn = '1'")
    with pytest.raises(Problem, match="production moved since it was made") as caught:
        perform(run, "apply")
    assert "book 1: was unchanged, is kept price" in caught.value.what
    assert production.rows("select isbn from book") == [("1",)]


def test_takes_of_subjects_that_share_a_row_hold_for_both(released_once, source, production):
    source.run("insert into shelf (slug, title, inserted_at, updated_at) values ('b', 'B', now(), now())")
    source.run("insert into book (isbn, title, shelf_id, author_id) values ('9', 'Essays', 2, 1)")
    source.run("update author set born = 1831")
    production.run("update author set born = 1")
    bundles = export(source), export(source, key="b")
    runs = [release_of(one, source, production, take=("local",)) for one in bundles]
    for run in runs:
        perform(run, "plan")
    assert perform(runs[0], "apply").word == "done"
    runs[1].earlier = replace(runs[1].earlier, carried=(runs[0].plan,))
    assert perform(runs[1], "apply").word == "done"


PLACES = """
create table place (a text, b text, primary key (a, b));
create table stall (id bigserial primary key, slug text unique not null, a text, b text,
  foreign key (a, b) references place);
insert into place select x, y from generate_series(1, 3) as x, generate_series(1, 3) as y;
"""
STALL = Table("stall", key="slug", references={"a": Match(key=("a", "b"))})


@pytest.mark.parametrize("take", [("local:stall.a", "production:stall.b"), ("production", "local:stall.a")])
def test_a_reference_of_several_columns_is_never_taken_from_both_sides(source, production, take):
    both(source, production, PLACES)
    source.run("insert into stall (slug, a, b) values ('fish', '1', '1')")
    release(source, production, STALL, key="fish")
    source.run("update stall set a = '2', b = '2'")
    production.run("update stall set a = '3', b = '3'")
    bundle = export(source, STALL, key="fish")
    with pytest.raises(
        Problem, match="stall fish: a and b are one reference to place: take them from one side"
    ):
        released(bundle, source, production, take=take)
    released(bundle, source, production, take=("local:stall.a", "local:stall.b"))
    assert production.rows("select a, b from stall") == [("2", "2")]


@pytest.fixture
def deleted_there(released_once, source, production):
    """A book was edited here and deleted in production."""
    source.run("update book set price = 1 where isbn = '1'")
    production.run("delete from book where isbn = '1'")
    return export(source)


def test_a_row_edited_here_and_deleted_there_is_a_conflict(deleted_there, source, production):
    with pytest.raises(Problem, match="book 1: was deleted in production and changed here: price: "):
        planned(deleted_there, source, production)


def test_a_row_deleted_in_production_comes_back_whole_by_local(deleted_there, source, production):
    assert released(deleted_there, source, production, take=("local:book.1",)).says == "1 inserted"
    rows = production.rows("select title, price, name from book join author a on a.id = author_id order by 1")
    assert rows == [("Letters", 900, "Emily"), ("Poems", 1, "Emily")]
    assert actions(plan(export(source), production)) == {}


def test_a_row_deleted_in_production_stays_deleted_by_production(deleted_there, source, production):
    released(deleted_there, source, production, take=("production",))
    assert production.rows("select isbn from book") == [("2",)]
    assert actions(plan(export(source), production)) == {("book", "1"): "removed"}


def test_a_take_is_asked_for_again_only_after_a_new_edit_here(deleted_there, source, production):
    released(deleted_there, source, production, take=("production",))
    source.run("update book set price = 2 where isbn = '1'")
    assert actions(plan(export(source), production)) == {("book", "1"): "conflict"}


def test_adopted_rows_are_taken_too(library, source, production):
    production.run("insert into author (name, born) values ('Emily', 1800)")
    released(export(source), source, production, take=("production:author.Emily",))
    assert production.rows("select born from author") == [(1800,)]
    assert actions(plan(export(source), production)) == {("author", "Emily"): "kept"}


def test_an_older_bundle_is_refused_and_allowed(released_once, source, production):
    old = "2020-01-01 00:00:00"
    source.run(f"update shelf set updated_at = '{old}', note = 'from a backup'")
    bundle = export(source)
    with pytest.raises(Problem, match=f"was made from newer content .* than this bundle .{old}") as caught:
        planned(bundle, source, production)
    assert caught.value.code == Exit.REFUSED
    assert released(bundle, source, production, older=True).says == "1 updated"


def test_an_older_bundle_is_refused_by_apply_alone(released_once, source, production):
    source.run("update shelf set updated_at = '2020-01-01', note = 'from a backup'")
    before = production.dump()
    with pytest.raises(Problem, match="newer content"):
        applied(export(source), source, production)
    assert production.dump() == before
