"""What the ledger keeps as last released: by it an edit of production is noticed, row by row."""

from __future__ import annotations

from tests.databases.deciding import base, release_of
from tests.databases.places import a_target, export, perform, release


def keys(production, table="book"):
    return [key for name, key, *_ in base(production) if name == table]


def test_a_row_of_a_later_release_is_known_too(released_once, source, production):
    source.run("insert into book (isbn, title, shelf_id) values ('3', 'New', 1)")
    assert release(source, production).says == "1 inserted"
    assert keys(production) == ["1", "2", "3"]


def test_an_edit_of_production_is_kept_beside_a_row_that_is_updated(released_once, source, production):
    source.run("update book set title = 'New' where isbn = '1'; update book set price = 7 where isbn = '2'")
    production.run("update book set title = 'Theirs' where isbn = '2'")
    assert release(source, production).says == "2 updated"
    rows = production.rows("select title, price from book order by isbn")
    assert (rows[0][0], rows[1]) == ("New", ("Theirs", 7))


def test_a_release_is_recorded_under_the_name_of_its_target(library, source, production):
    progress = release_of(export(source), source, production, target=a_target("studio"))
    perform(progress, "plan")
    perform(progress, "apply")
    assert production.rows("select target from maulstick.release") == [("studio",)]
