"""A row of which another subject, or a later release, declares other columns: base keeps what it knew."""

import pytest

from maulstick.project.declarations import Table
from tests.databases.deciding import released, undone
from tests.databases.places import AUTHOR, SHELF, actions, both, export, plan, release

BY_AUTHOR = (AUTHOR, Table("book", key="isbn", via="author_id", skip=("price", "shelf_id")))
NO_PRICE = (SHELF, Table("book", key="isbn", via="shelf_id", skip=("price",)), AUTHOR)
THEIR_PRICE = (SHELF, Table("book", key="isbn", via="shelf_id", theirs=("price",)), AUTHOR)


def prices(production):
    return [price for (price,) in production.rows("select price from book order by isbn")]


def test_an_edit_of_a_column_that_another_subject_leaves_at_home_is_kept(released_once, source, production):
    release(source, production, *BY_AUTHOR, key="Emily")
    production.run("update book set price = null where isbn = '1'")
    assert actions(plan(export(source), production)) == {("book", "1"): "kept"}
    release(source, production)
    assert prices(production) == [None, 900]


def test_subjects_that_declare_other_columns_of_a_row_come_to_rest(released_once, source, production):
    release(source, production, *BY_AUTHOR, key="Emily")
    release(source, production)
    before = production.dump()
    for tables, key in ((BY_AUTHOR, "Emily"), ((), "poetry")):
        assert release(source, production, *tables, key=key).number is None
    assert production.dump() == before


@pytest.mark.parametrize("tables", [NO_PRICE, THEIR_PRICE], ids=["skipped", "production's own"])
def test_a_column_comes_back_and_production_s_edit_in_between_is_kept(
    released_once, source, production, tables
):
    source.run("update book set title = 'New' where isbn = '1'")
    release(source, production, *tables)
    production.run("update book set price = null where isbn = '1'")
    assert actions(plan(export(source), production)) == {("book", "1"): "kept"}


def test_a_column_that_was_production_s_own_keeps_its_edit(library, source, production):
    release(source, production, *THEIR_PRICE)
    production.run("update book set price = null where isbn = '1'")
    assert actions(plan(export(source), production)) == {("book", "1"): "kept"}


def test_a_column_that_travels_for_the_first_time_is_adopted(library, source, production):
    release(source, production, *NO_PRICE)
    assert prices(production) == [None, None]
    production.run("update book set price = 5 where isbn = '1'")
    source.run("update book set price = 5 where isbn = '1'")
    assert release(source, production).says == "1 updated"
    assert prices(production) == [5, 900]


def test_a_column_that_production_filled_before_it_travelled_is_a_conflict(library, source, production):
    release(source, production, *NO_PRICE)
    production.run("update book set price = 5 where isbn = '1'")
    assert actions(plan(export(source), production))[("book", "1")] == "conflict"


def test_a_new_column_is_offered_again_after_its_release_was_undone(released_once, source, production):
    both(source, production, "alter table book add column pages integer")
    source.run("update book set pages = 90")
    before = production.value("select values::text from maulstick.base where key = '1'")
    assert released(export(source), source, production).says == "2 updated"
    undone(production)
    assert production.value("select values::text from maulstick.base where key = '1'") == before
    assert actions(plan(export(source), production)) == {("book", "1"): "update", ("book", "2"): "update"}
