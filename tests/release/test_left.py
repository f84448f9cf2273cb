"""Rows that leave one slice and belong to another."""

import pytest

from tests.databases.places import actions, export, plan, release


@pytest.fixture
def two_shelves(released_once, source, production):
    """Both shelves are released, and the author is on both."""
    source.run(
        "insert into shelf (slug, title, inserted_at, updated_at) values ('prose', 'Prose', now(), now())"
    )
    source.run("insert into book (isbn, title, shelf_id, author_id) values ('9', 'Essays', 2, 1)")
    release(source, production, key="prose")


def test_a_row_that_another_subject_still_has_only_left_this_slice(two_shelves, source, production):
    source.run("update book set author_id = null where isbn <> '9'")
    planned = plan(export(source), production)
    assert actions(planned)[("author", "Emily")] == "left"
    release(source, production)
    assert production.value("select subjects from maulstick.base where table_name = 'author'") == [
        "shelf prose"
    ]
    assert ("author", "Emily") not in actions(plan(export(source), production))


def test_a_row_moves_from_one_subject_to_another(two_shelves, source, production):
    source.run("update book set shelf_id = 2 where isbn = '2'")
    assert release(source, production, key="prose").says == "1 updated"
    assert actions(plan(export(source), production)) == {("book", "2"): "left"}
    assert (
        production.value("select slug from book join shelf s on s.id = shelf_id where isbn = '2'") == "prose"
    )


def test_a_row_that_moved_and_is_then_deleted_is_gone(two_shelves, source, production):
    source.run("update book set shelf_id = 2 where isbn = '2'")
    assert release(source, production, key="prose").number
    assert release(source, production).number is None
    assert actions(plan(export(source), production)) == {}
    source.run("delete from book where isbn = '2'")
    assert actions(plan(export(source, key="prose"), production)) == {("book", "2"): "gone"}


def test_a_row_that_left_is_said_once_and_then_nothing_is_written(two_shelves, source, production):
    source.run("update book set shelf_id = 2 where isbn = '2'")
    release(source, production, key="prose")
    release(source, production)
    before = production.dump()
    assert release(source, production).number is None
    assert production.dump() == before


def test_what_left_or_is_gone_stays_in_production(two_shelves, source, production):
    source.run("delete from book where isbn = '1'; update book set shelf_id = 2 where isbn = '2'")
    for key in ("prose", "poetry", "poetry"):
        release(source, production, key=key)
    assert production.rows("select isbn from book order by 1") == [("1",), ("2",), ("9",)]
