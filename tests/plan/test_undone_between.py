"""An older release undone: what newer releases and production said since stays what it is."""

import pytest

from maulstick.errors import Problem
from tests.databases.deciding import base, undone
from tests.databases.places import actions, export, plan, release


@pytest.fixture
def edited_twice(released_once, source, production):
    """Release 2 changed a book's price, release 3 its title."""
    source.run("update book set price = 1 where isbn = '1'")
    release(source, production)
    source.run("update book set title = 'new' where isbn = '1'")
    release(source, production)


def cells(source, production):
    """Return what a plan says of each column of each row."""
    changes = plan(export(source), production).changes
    return {change.key: {name: cell["action"] for name, cell in change.columns.items()} for change in changes}


def known(production):
    return production.value("select values from maulstick.base where (table_name, key) = ('book', '1')")


def test_an_edit_after_a_newer_release_is_still_kept(edited_twice, source, production):
    production.run("update book set title = 'Poems' where isbn = '1'")
    undone(production, 2)
    assert cells(source, production) == {"1": {"price": "update", "title": "kept"}}


@pytest.mark.parametrize("order", [(2, 3), (3, 2)])
def test_two_releases_undone_in_any_order_are_both_offered_again(edited_twice, source, production, order):
    for number in order:
        undone(production, number)
    assert (known(production)["price"], known(production)["title"]) == ("900", "Poems")
    assert cells(source, production) == {"1": {"price": "update", "title": "update"}}


def test_both_brought_back_are_known_again(edited_twice, source, production):
    before = base(production)
    for number in (2, 3, 4, 5):
        undone(production, number)
    assert base(production) == before
    assert actions(plan(export(source), production)) == {}


def test_a_release_whose_undoing_was_brought_back_is_undone(released_once, source, production):
    source.run("update book set price = 1")
    release(source, production)
    for number in (2, 3, 4):
        undone(production, number)
    with pytest.raises(Problem, match="release 2: was undone by release 3"):
        undone(production, 2)
    undone(production, 5)
    undone(production, 2)


def test_what_was_only_adopted_is_forgotten_and_known_again(library, source, production):
    production.run("insert into author (name, born) values ('Emily', 1830)")
    release(source, production)
    before = base(production)
    undone(production, 1)
    assert base(production) == []
    undone(production, 2)
    assert base(production) == before


def test_a_subject_that_shares_a_row_still_knows_it(released_once, source, production):
    source.run("insert into shelf (slug, title, inserted_at, updated_at) values ('b', 'B', now(), now())")
    source.run("insert into book (isbn, title, shelf_id, author_id) values ('9', 'Essays', 2, 1)")
    source.run("update author set born = 1")
    release(source, production)
    release(source, production, key="b")
    undone(production, 2)
    [subjects] = [row[3] for row in base(production) if row[0] == "author"]
    assert subjects == ["shelf b", "shelf poetry"]


def test_a_row_that_left_belongs_to_its_subject_again(released_once, source, production):
    source.run("insert into shelf (slug, title, inserted_at, updated_at) values ('b', 'B', now(), now())")
    source.run("insert into book (isbn, title, shelf_id, author_id) values ('9', 'Essays', 2, 1)")
    release(source, production, key="b")
    before = base(production)
    source.run("update book set author_id = null; update shelf set note = 'new'")
    release(source, production)
    assert base(production) != before
    undone(production)
    assert base(production) == before


def test_a_title_that_somebody_took_since_is_a_reason_not_to_undo(released_once, source, production):
    source.run("update shelf set title = 'Verse'")
    release(source, production)
    production.run("insert into shelf values (1, 'other', 'Poetry', null, 0, now(), now())")
    before = production.dump()
    with pytest.raises(Problem, match="shelf:poetry: title is taken in production by other"):
        undone(production)
    assert production.dump() == before
