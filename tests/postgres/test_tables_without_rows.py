"""A declared table of which a bundle has no row: only rows that left it are asked for."""

import pytest

from tests.databases.deciding import applied, planned, undone
from tests.databases.places import actions, export


@pytest.fixture
def without_authors(released_once, source):
    """All authors have left the source since they were released."""
    source.run("update book set author_id = null; delete from author")
    return export(source)


def test_its_statements_are_left_out(without_authors):
    text = (without_authors.folder / "release.sql").read_text()
    assert "maulstick_write_book" in text
    assert "maulstick_write_author" not in text


def test_its_rows_are_gone(without_authors, source, production):
    assert actions(planned(without_authors, source, production))["author", "Emily"] == "gone"


def test_its_rows_are_pruned_and_come_back(without_authors, source, production):
    applied(without_authors, source, production)
    assert "1 deleted" in applied(without_authors, source, production, prune=True).says
    assert production.rows("select from author") == []
    undone(production)
    assert production.rows("select name, born from author") == [("Emily", 1830)]
